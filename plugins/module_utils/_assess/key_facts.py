# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The KMS keys that encrypt the backup and the cluster."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Optional

from .._aws.errors import AwsError, aws_errors
from .._aws.keys import describe_key, is_key_arn, region_of_key
from .bucket_facts import BucketFacts
from .wanted import Wanted

BACKUP = "the backup"
CLUSTER = "the cluster"
ROLE = "the role that reads it"
# S3's own key, which everybody who may read the object may use ("Using server-side encryption with AWS KMS keys").
_OF_S3 = "alias/aws/s3"
_DECRYPT = {"*", "kms:*", "kms:d*", "kms:decrypt"}


class KeyFacts(NamedTuple):
    """A key that encrypts something of the migration."""

    use: str
    """``BACKUP``, ``CLUSTER`` or ``ROLE``."""
    name: str
    """As it is written in the bucket's encryption or in the options: an ARN, an id or an alias."""
    there: Optional[bool] = None
    """``None`` where KMS did not say."""
    arn: str = ""
    state: str = ""
    """Such as ``Enabled``, ``Disabled``, ``PendingDeletion``."""
    spec: str = ""
    """Such as ``SYMMETRIC_DEFAULT``, ``RSA_2048``."""
    of_aws: bool = False
    """Whether it is a key that AWS made in the account for one of its services."""
    statements: Optional[tuple[Mapping[str, Any], ...]] = None
    """Of the key's policy; ``None`` where KMS did not say."""
    why: str = ""
    """Why something of it is not known."""

    @property
    def region(self) -> str:
        """The Region that its name tells; "" where it tells none."""
        return region_of_key(self.arn or self.name)


def read_key_facts(kms: Any, wanted: Wanted, bucket: Optional[BucketFacts]) -> tuple[KeyFacts, ...]:
    """Ask KMS about the keys that are named; two requests a key, none of which changes anything.

    :param kms: a boto3 client of KMS.
    :param bucket: without it, nothing is known of the bucket's default key.
    :returns: a key for each use; none where S3's or RDS' own key is taken, and for the role none that is told by its
        ARN or as the backup's.
    """
    found = []
    name = _backup_key(wanted, bucket)
    if name is None:
        found.append(KeyFacts(BACKUP, "", why="The bucket's default encryption is not known."))
    elif name and not name.endswith(_OF_S3):
        found.append(_read(kms, BACKUP, name))
    if wanted.kms_key_id:
        found.append(_read(kms, CLUSTER, wanted.kms_key_id))
    told = wanted.role_kms_key_arn
    # Whether it is the backup's key under another name. The same name, an ARN and * say that by themselves.
    if told not in ("", "*", name) and not is_key_arn(told) and not told.endswith(_OF_S3):
        found.append(_read(kms, ROLE, told))
    return tuple(found)


def backup_key_arn(keys: Optional[Iterable[KeyFacts]], role: str) -> str:
    """The ARN of the key on which a role needs a right of its own to read the backup. Pure.

    "" where the key is AWS' own, none, or unknown, and where its policy lets the role decrypt by name.
    """
    for key in keys or ():
        if key.use == BACKUP and not key.of_aws and not lets_decrypt(key.statements or (), ("*", role)):
            return key.arn
    return ""


def lets_decrypt(statements: Iterable[Mapping[str, Any]], principals: Iterable[str]) -> bool:
    """Whether a key's policy lets one of the principals decrypt. Conditions are not weighed. Pure."""
    trusted = set(principals)
    for statement in statements:
        principal = statement.get("Principal")
        named = principal.get("AWS") if isinstance(principal, Mapping) else principal
        actions = {each.lower() for each in _listed(statement.get("Action"))}
        if statement.get("Effect") == "Allow" and trusted & set(_listed(named)) and actions & _DECRYPT:
            return True
    return False


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []


def _backup_key(wanted: Wanted, bucket: Optional[BucketFacts]) -> Optional[str]:
    """The name of the key that the backup is going to be encrypted with; "" for S3's own, ``None`` where unknown."""
    if wanted.upload_sse:
        return wanted.upload_kms_key_id if wanted.upload_sse == "aws:kms" else ""
    if bucket is None:
        return None
    if not bucket.there:
        return wanted.bucket_kms_key_arn
    if bucket.encryption is None:
        return None
    return bucket.kms_key if bucket.encryption.startswith("aws:kms") else ""


def _read(kms: Any, use: str, name: str) -> KeyFacts:
    region = region_of_key(name)
    if region and region != kms.meta.region_name:
        return KeyFacts(use, name, why=f"It is a key of {region}, which is not asked.")
    try:
        shown = describe_key(kms, name)
    except AwsError as error:
        return KeyFacts(use, name, why=error.message)
    if shown is None:
        return KeyFacts(use, name, False)
    key = KeyFacts(
        use=use,
        name=name,
        there=True,
        arn=str(shown["Arn"]),
        state=str(shown.get("KeyState") or ""),
        spec=str(shown.get("KeySpec") or shown.get("CustomerMasterKeySpec") or ""),
        of_aws=shown.get("KeyManager") == "AWS",
    )
    try:
        with aws_errors(f"reading the policy of key {name} (right kms:GetKeyPolicy)"):
            policy = kms.get_key_policy(KeyId=key.arn, PolicyName="default")["Policy"]
    except AwsError as error:
        return key._replace(why=error.message)
    listed = json.loads(policy).get("Statement") or []
    return key._replace(statements=tuple(listed if isinstance(listed, list) else [listed]))
