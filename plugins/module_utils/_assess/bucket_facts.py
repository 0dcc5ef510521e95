# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the bucket is like."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple, Optional, TypeVar

try:
    from botocore.exceptions import ClientError
except ImportError:  # make_client says so

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._aws.errors import AwsError, aws_errors, error_code
from .._bucket.lifecycle import read_rules
from .._bucket.look import locate_bucket
from .._counted import counted
from .._errors import DbferryError
from .wanted import Wanted

_T = TypeVar("_T")

# Objects in these classes cannot be read before they are restored ("Understanding S3 storage classes").
_ARCHIVES = frozenset(("GLACIER", "DEEP_ARCHIVE"))
_EVERYBODY = frozenset(f"http://acs.amazonaws.com/groups/global/{name}" for name in ("AllUsers", "AuthenticatedUsers"))
_LISTED = 1000


class LifecycleRule(NamedTuple):
    """A rule that reaches the backup's keys, whatever their tags and sizes."""

    rule_id: str
    archive_days: Optional[int]
    """After so many days it moves objects to a class that Aurora cannot read; ``None`` where it does not."""
    expire_days: Optional[int]
    """After so many days it deletes objects; ``None`` where it does not."""


class Lying(NamedTuple):
    """What lies under a prefix, as far as the first 1,000 objects."""

    objects: int
    bytes: int
    more: bool


class BucketFacts(NamedTuple):
    """What the bucket is like; a member that is ``None`` could not be read, and ``unknown`` says why."""

    name: str
    there: bool
    readable: bool = False
    region: str = ""
    encryption: Optional[str] = None
    """``AES256``, ``aws:kms`` or ``aws:kms:dsse``; "" for none."""
    kms_key: str = ""
    """Of the default encryption, as it is written there; "" is S3's own."""
    versioning: Optional[str] = None
    """``Enabled``, ``Suspended`` or ""."""
    blocks: Optional[Mapping[str, bool]] = None
    """The switches of the public access block; empty where there is none."""
    statements: Optional[tuple[Mapping[str, Any], ...]] = None
    """Of the bucket's policy."""
    everybody: Optional[bool] = None
    """Whether the access control list gives something to everybody."""
    object_lock: Optional[str] = None
    """The default retention such as ``COMPLIANCE for 30 days``, ``enabled`` without one, or ""."""
    requester_pays: Optional[bool] = None
    rules: Optional[tuple[LifecycleRule, ...]] = None
    backup: Optional[Lying] = None
    """Under ``<migration_id>/backup/``."""
    record: Optional[Lying] = None
    """Under ``<migration_id>/record/``."""
    unknown: Mapping[str, str] = {}


def read_bucket_facts(s3: Any, wanted: Wanted) -> BucketFacts:
    """Look at the bucket that is wanted; some ten requests, none of which changes anything.

    :param s3: a boto3 client of S3.
    :raises DbferryError: no bucket is named.
    :raises AwsError: S3 could not be reached.
    """
    name = wanted.bucket
    if not name:
        raise DbferryError("No bucket is named.", "assess.no_bucket", "Give migration_bucket.")
    unknown: dict[str, str] = {}

    def ask(fact: str, read: Callable[[], _T]) -> Optional[_T]:
        try:
            return read()
        except AwsError as error:
            unknown[fact] = error.message
            return None

    place = locate_bucket(s3, name)
    if place is None:
        return BucketFacts(name, False)
    if not place.readable:
        return BucketFacts(name, True, False, place.region)
    encryption = ask("encryption", lambda: _encryption(s3, name))
    backup = f"{wanted.migration_id}/backup/"
    return BucketFacts(
        name=name,
        there=True,
        readable=True,
        region=place.region,
        encryption=encryption[0] if encryption else None,
        kms_key=encryption[1] if encryption else "",
        versioning=ask("versioning", lambda: _versioning(s3, name)),
        blocks=ask("blocks", lambda: _blocks(s3, name)),
        statements=ask("statements", lambda: _statements(s3, name)),
        everybody=ask("everybody", lambda: _everybody(s3, name)),
        object_lock=ask("object_lock", lambda: _object_lock(s3, name)),
        requester_pays=ask("requester_pays", lambda: _requester_pays(s3, name)),
        rules=ask("rules", lambda: lifecycle_rules(read_rules(s3, name), backup, datetime.now(timezone.utc))),
        backup=ask("backup", lambda: _lying(s3, name, backup)) if wanted.migration_id else None,
        record=ask("record", lambda: _lying(s3, name, f"{wanted.migration_id}/record/"))
        if wanted.migration_id
        else None,
        unknown=unknown,
    )


def lifecycle_rules(rules: Sequence[Mapping[str, Any]], prefix: str, now: datetime) -> tuple[LifecycleRule, ...]:
    """The enabled rules that archive or delete objects under the prefix. Pure.

    A rule that asks for tags is left out: the upload's objects have the tags that the user gives them.

    :param rules: as GetBucketLifecycleConfiguration shows them.
    """
    found = []
    for rule in rules:
        chosen = rule.get("Filter") or {}
        both = chosen.get("And") or {}
        begins = str(rule.get("Prefix") or chosen.get("Prefix") or both.get("Prefix") or "")
        if rule.get("Status") != "Enabled" or chosen.get("Tag") or both.get("Tags"):
            continue
        if not (prefix.startswith(begins) or begins.startswith(prefix)):
            continue
        archives = [_days(each, now) for each in rule.get("Transitions") or () if each.get("StorageClass") in _ARCHIVES]
        archive = min((days for days in archives if days is not None), default=None)
        expire = _days(rule.get("Expiration") or {}, now)
        if archive is not None or expire is not None:
            found.append(LifecycleRule(str(rule.get("ID") or begins), archive, expire))
    return tuple(found)


def _days(action: Mapping[str, Any], now: datetime) -> Optional[int]:
    if action.get("Days") is not None:
        return int(action["Days"])
    return max((action["Date"] - now).days, 0) if action.get("Date") else None


def _or_none(doing: str, ask: Callable[[], dict[str, Any]], absent: str) -> dict[str, Any]:
    """What S3 answers; empty where it says ``absent``."""
    with aws_errors(doing):
        try:
            return ask()
        except ClientError as error:
            if error_code(error) == absent:
                return {}
            raise


def _encryption(s3: Any, name: str) -> tuple[str, str]:
    answer = _or_none(
        f"reading the encryption of bucket {name} (right s3:GetEncryptionConfiguration)",
        lambda: s3.get_bucket_encryption(Bucket=name),
        "ServerSideEncryptionConfigurationNotFoundError",
    )
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules") or [{}]
    default = rules[0].get("ApplyServerSideEncryptionByDefault") or {}
    return str(default.get("SSEAlgorithm") or ""), str(default.get("KMSMasterKeyID") or "")


def _versioning(s3: Any, name: str) -> str:
    with aws_errors(f"reading the versioning of bucket {name} (right s3:GetBucketVersioning)"):
        return str(s3.get_bucket_versioning(Bucket=name).get("Status") or "")


def _blocks(s3: Any, name: str) -> dict[str, bool]:
    answer = _or_none(
        f"reading the public access block of bucket {name} (right s3:GetBucketPublicAccessBlock)",
        lambda: s3.get_public_access_block(Bucket=name),
        "NoSuchPublicAccessBlockConfiguration",
    )
    return {key: bool(value) for key, value in (answer.get("PublicAccessBlockConfiguration") or {}).items()}


def _statements(s3: Any, name: str) -> tuple[Mapping[str, Any], ...]:
    answer = _or_none(
        f"reading the policy of bucket {name} (right s3:GetBucketPolicy)",
        lambda: s3.get_bucket_policy(Bucket=name),
        "NoSuchBucketPolicy",
    )
    found = json.loads(answer.get("Policy") or "{}").get("Statement") or []
    return tuple(found if isinstance(found, list) else [found])


def _everybody(s3: Any, name: str) -> bool:
    with aws_errors(f"reading the access control list of bucket {name} (right s3:GetBucketAcl)"):
        grants = s3.get_bucket_acl(Bucket=name).get("Grants") or ()
    return any((grant.get("Grantee") or {}).get("URI") in _EVERYBODY for grant in grants)


def _object_lock(s3: Any, name: str) -> str:
    answer = _or_none(
        f"reading the object lock of bucket {name} (right s3:GetBucketObjectLockConfiguration)",
        lambda: s3.get_object_lock_configuration(Bucket=name),
        "ObjectLockConfigurationNotFoundError",
    ).get("ObjectLockConfiguration", {})
    if answer.get("ObjectLockEnabled") != "Enabled":
        return ""
    default = (answer.get("Rule") or {}).get("DefaultRetention") or {}
    if not default:
        return "enabled"
    length = counted(default["Days"], "day") if default.get("Days") else counted(default.get("Years", 0), "year")
    return f"{default.get('Mode')} for {length}"


def _requester_pays(s3: Any, name: str) -> bool:
    with aws_errors(f"asking who pays for bucket {name} (right s3:GetBucketRequestPayment)"):
        return bool(s3.get_bucket_request_payment(Bucket=name).get("Payer") == "Requester")


def _lying(s3: Any, name: str, prefix: str) -> Lying:
    with aws_errors(f"listing s3://{name}/{prefix} (right s3:ListBucket)"):
        answer = s3.list_objects_v2(Bucket=name, Prefix=prefix, MaxKeys=_LISTED)
    found = answer.get("Contents") or ()
    return Lying(len(found), sum(int(each["Size"]) for each in found), bool(answer.get("IsTruncated")))
