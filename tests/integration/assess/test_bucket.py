# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the bucket, over buckets of the lab's AWS that are in each bad state. moto keeps buckets there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Callable, NamedTuple

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_bucket, checks_bucket_policy
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.bucket_facts import read_bucket_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from tests.integration.access.lab_aws import REGION, LabAws, lab_aws, policy

CHECKS = (*checks_bucket.CHECKS, *checks_bucket_policy.CHECKS)

NOT_FIRED_FOR_REAL = {
    "bucket.not_readable": "moto shows every bucket of an account to everybody who asks",
}


def _lifecycle(**action: Any) -> Callable[[Any, str], None]:
    rule = {"ID": "tidy", "Filter": {"Prefix": ""}, "Status": "Enabled", **action}
    return lambda s3, name: s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})


def _encrypted(algorithm: str) -> Callable[[Any, str], None]:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    return lambda s3, name: s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _policy(**statement: Any) -> Callable[[Any, str], None]:
    return lambda s3, name: s3.put_bucket_policy(
        Bucket=name, Policy=policy({"Principal": "*", "Resource": f"arn:aws:s3:::{name}/*", **statement})
    )


def _locked(s3: Any, name: str) -> None:
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )


class Case(NamedTuple):
    """A bucket in a bad state."""

    check_id: str
    make: Callable[[Any, str], Any]
    words: str
    severity: str = ""
    options: Mapping[str, Any] = MappingProxyType({})
    """For CreateBucket."""
    wanted: Mapping[str, Any] = MappingProxyType({})


def _nothing(_s3: Any, _name: str) -> None:
    """The bucket itself is the state."""


CASES = [
    Case("bucket.missing", lambda s3, name: s3.delete_bucket(Bucket=name), "There is no bucket"),
    Case(
        "bucket.missing",
        lambda s3, name: s3.delete_bucket(Bucket=name),
        "role bucket will make it",
        "note",
        wanted={"bucket_create": True},
    ),
    Case("bucket.other_region", _nothing, f"is in {REGION}", wanted={"region": "us-east-1"}),
    Case("bucket.archive_lifecycle", _lifecycle(Transitions=[{"Days": 7, "StorageClass": "GLACIER"}]), "after 7 days"),
    Case(
        "bucket.archive_lifecycle",
        _lifecycle(Transitions=[{"Days": 0, "StorageClass": "DEEP_ARCHIVE"}]),
        "after 0 days",
        "blocker",
    ),
    Case("bucket.expiry_lifecycle", _lifecycle(Expiration={"Days": 14}), "after 14 days"),
    Case("bucket.expiry_lifecycle", _lifecycle(Expiration={"Days": 1}), "after 1 day.", "blocker"),
    Case(
        "bucket.policy_denies",
        _policy(
            Effect="Deny", Action="s3:*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, Sid="OnlyHere"
        ),
        "by 1 statement of",
    ),
    Case("bucket.policy_denies", _policy(Effect="Deny", Action="s3:PutObject"), "by 1 statement of", "blocker"),
    Case("bucket.public", _policy(Effect="Allow", Action="s3:GetObject"), "by its policy"),
    Case(
        "bucket.public",
        lambda s3, name: s3.put_bucket_acl(Bucket=name, ACL="public-read"),
        "by its access control list",
    ),
    Case(
        "bucket.prefix_taken",
        lambda s3, name: s3.put_object(Bucket=name, Key="orders/backup/full/ibdata1", Body=b"12345"),
        "1 object (5 B) lies under",
    ),
    Case("bucket.dual_layer_encryption", _encrypted("aws:kms:dsse"), "aws:kms:dsse"),
    Case(
        "bucket.requester_pays",
        lambda s3, name: s3.put_bucket_request_payment(Bucket=name, RequestPaymentConfiguration={"Payer": "Requester"}),
        "Whoever reads from bucket example-",
    ),
    Case(
        "bucket.versioning",
        lambda s3, name: s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"}),
        "enabled",
    ),
    Case(
        "bucket.object_lock",
        _locked,
        "COMPLIANCE for 30 days",
        options={"ObjectLockEnabledForBucket": True},
    ),
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabAws]:
    """An AWS account that the file's tests share."""
    with lab_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


def _facts(aws: LabAws, name: str, wanted: Mapping[str, Any], keys: Any = None) -> Facts:
    whole = Wanted(**{"migration_id": "orders", "bucket": name, "region": REGION, **wanted})
    return Facts(whole, bucket=read_bucket_facts(aws.client("s3", keys), whole))


def _make(aws: LabAws, name: str, **options: Any) -> Any:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, **options)
    return s3


def _found(facts: Facts) -> dict[str, Seen]:
    found = {}
    for check in CHECKS:
        try:
            seen = check.find(facts)
        except NotKnownError:
            continue
        if seen:
            found[check.id] = seen
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number].check_id}-{number}")
def test_fires(aws: LabAws, number: int) -> None:
    case, name = CASES[number], f"example-{number}"
    case.make(_make(aws, name, **case.options), name)
    seen = _found(_facts(aws, name, case.wanted))[case.check_id]
    assert case.words in seen.text
    assert seen.severity == case.severity


def test_a_sound_bucket_is_quiet(aws: LabAws) -> None:
    name = "example-sound"
    s3 = _make(aws, name)
    _policy(Effect="Deny", Action="s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})(s3, name)
    _lifecycle(Expiration={"Days": 1}, Filter={"Prefix": "logs/"})(s3, name)
    facts = _facts(aws, name, {})
    assert _found(facts) == {}
    assert facts.bucket is not None
    assert not facts.bucket.unknown


def test_objects_of_a_migration_with_a_record_are_a_note(aws: LabAws) -> None:
    name = "example-taken-up"
    s3 = _make(aws, name)
    for key in ("orders/backup/full/ibdata1", "orders/record/backup.json", "orders2/backup/full/ibdata1"):
        s3.put_object(Bucket=name, Key=key, Body=b"{}")
    seen = _found(_facts(aws, name, {}))["bucket.prefix_taken"]
    assert (seen.severity, seen.text.split(" ")[0]) == ("note", "1")


@pytest.mark.parametrize(
    ("algorithm", "wanted"), [("aws:kms", {}), ("AES256", {}), ("aws:kms:dsse", {"upload_sse": "aws:kms"})]
)
def test_an_encryption_that_is_known_to_be_read_is_quiet(aws: LabAws, algorithm: str, wanted: dict[str, Any]) -> None:
    name = f"example-{algorithm.replace(':', '-').lower()}"
    _encrypted(algorithm)(_make(aws, name), name)
    assert _found(_facts(aws, name, wanted)) == {}
