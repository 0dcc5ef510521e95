# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of KMS keys, over keys of the lab's AWS that are in each bad state. moto keeps the keys there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Callable, NamedTuple

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.access_facts import read_access_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.bucket_facts import read_bucket_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.checks_keys import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.key_facts import (
    backup_key_arn,
    read_key_facts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from tests.integration.access.lab_aws import ACCOUNT, REGION, LabAws, allow, lab_aws, policy
from tests.integration.servers import free_port

NOBODY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
ELSEWHERE = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dbferry-orders"


def _sound(_kms: Any, _key: str) -> None:
    """The key is as KMS makes it."""


def _with_policy(principal: str, *actions: str) -> Callable[[Any, str], None]:
    statement = {**allow(*actions), "Principal": {"AWS": principal}}
    return lambda kms, key: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(statement))


class Case(NamedTuple):
    """A key in a bad state, or a name that fits none. ``KEY`` in an option stands for the key that is made."""

    check_id: str
    words: str
    make: Callable[[Any, str], Any] = _sound
    wanted: Mapping[str, str] = MappingProxyType({"kms_key_id": "KEY"})
    options: Mapping[str, Any] = MappingProxyType({})
    """For CreateKey."""
    statement: str = ""


_UPLOADED = {"upload_sse": "aws:kms", "upload_kms_key_id": "KEY", "role_kms_key_arn": "KEY"}
CASES = [
    Case("key.missing", "for the cluster", wanted={"kms_key_id": NOBODY}),
    Case("key.missing", "for the backup", wanted={**_UPLOADED, "upload_kms_key_id": "alias/of-nothing"}),
    Case(
        "key.not_enabled", "state Disabled", lambda kms, key: kms.disable_key(KeyId=key), statement="aws kms enable-key"
    ),
    Case(
        "key.not_enabled",
        "The key of the backup",
        lambda kms, key: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7),
        _UPLOADED,
        statement="cancel-key-deletion",
    ),
    Case("key.not_symmetric", "RSA_2048", options={"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}),
    Case("key.other_region", "one of us-east-1", wanted={"kms_key_id": ELSEWHERE}),
    Case("key.policy", f"lets {ROLE}", _with_policy(f"arn:aws:iam::{ACCOUNT}:role/other", "kms:*"), _UPLOADED),
    Case("key.policy", f"lets {ROLE}", _with_policy(f"arn:aws:iam::{ACCOUNT}:root", "kms:Describe*"), _UPLOADED),
    Case("key.not_named", "is empty", wanted={**_UPLOADED, "role_kms_key_arn": ""}, statement="iam_kms_key_arn: arn:"),
    Case("key.not_named", NOBODY, wanted={**_UPLOADED, "role_kms_key_arn": NOBODY}),
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabAws]:
    """An AWS account that the file's tests share."""
    with lab_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


def _facts(aws: LabAws, wanted: Mapping[str, str], kms: Any = None) -> Facts:
    whole = Wanted(**{"migration_id": "orders", "region": REGION, "bucket": "no-such-bucket", **wanted})
    bucket = read_bucket_facts(aws.client("s3"), whole)
    found = read_key_facts(kms or aws.client("kms"), whole, bucket)
    access = read_access_facts(aws.client("sts"), aws.client("iam"), whole, backup_key_arn(found, whole.role_arn))
    return Facts(whole, bucket=bucket, keys=found, access=access)


def _made(aws: LabAws, case: Case) -> dict[str, str]:
    kms = aws.client("kms")
    made = kms.create_key(**case.options)["KeyMetadata"]
    arn = made["Arn"]
    case.make(kms, made["KeyId"])
    return {name: arn if value == "KEY" else value for name, value in case.wanted.items()}


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
def test_fires_alone(aws: LabAws, number: int) -> None:
    case = CASES[number]
    found = _found(_facts(aws, _made(aws, case)))
    assert list(found) == [case.check_id]
    assert case.words in found[case.check_id].text
    assert case.statement in found[case.check_id].statement


@pytest.mark.parametrize(
    "make",
    [_sound, _with_policy(ROLE, "kms:Decrypt"), _with_policy(f"arn:aws:iam::{ACCOUNT}:root", "kms:*")],
    ids=["as made", "for the role", "left to IAM"],
)
def test_sound_keys_are_quiet(aws: LabAws, make: Callable[[Any, str], None]) -> None:
    facts = _facts(aws, _made(aws, Case("", "", make, {**_UPLOADED, "kms_key_id": "KEY"})))
    assert _found(facts) == {}
    assert facts.keys is not None
    assert [key.there for key in facts.keys] == [True, True]


@pytest.mark.parametrize(
    "wanted",
    [{}, {"upload_sse": "AES256", "upload_kms_key_id": NOBODY}, {"upload_sse": "aws:kms"}],
    ids=["nothing", "S3's encryption", "S3's key"],
)
def test_where_no_key_is_named_there_is_none_to_judge(aws: LabAws, wanted: Mapping[str, str]) -> None:
    facts = _facts(aws, wanted)
    assert (facts.keys, _found(facts)) == ((), {})


def test_the_bucket_s_key_is_the_backup_s_and_an_alias_is_followed(aws: LabAws) -> None:
    s3, kms = aws.client("s3"), aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/backups", TargetKeyId=key)
    s3.create_bucket(Bucket="encrypts", CreateBucketConfiguration={"LocationConstraint": REGION})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/backups"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket="encrypts", ServerSideEncryptionConfiguration=rules)
    assert list(_found(_facts(aws, {"bucket": "encrypts"}))) == ["key.not_named"]
    kms.create_alias(AliasName="alias/same", TargetKeyId=key)
    kms.create_alias(AliasName="alias/other", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    for same in (key, key.rpartition("/")[2], "alias/backups", "alias/same", key.rpartition(":")[0] + ":alias/same"):
        assert _found(_facts(aws, {"bucket": "encrypts", "role_kms_key_arn": same})) == {}, same
    assert list(_found(_facts(aws, {"bucket": "encrypts", "role_kms_key_arn": "alias/other"}))) == ["key.not_named"]
    assert list(_found(_facts(aws, {"bucket": "encrypts", "role_kms_key_arn": "alias/of-nothing"}))) == [
        "key.missing",
        "key.not_named",
    ]
    # What the upload asks for leads.
    assert _found(_facts(aws, {"bucket": "encrypts", "upload_sse": "AES256"})) == {}


def test_a_bucket_that_is_made_has_the_key_that_it_is_to_have(aws: LabAws) -> None:
    assert list(_found(_facts(aws, {"bucket_kms_key_arn": NOBODY}))) == ["key.missing"]


def test_a_key_that_kms_does_not_show_is_not_judged(aws: LabAws) -> None:
    # The lab weighs no rights on keys; nobody listens at this address.
    unreached = LabAws(f"http://127.0.0.1:{free_port()}").client("kms")
    facts = _facts(aws, _made(aws, Case("", "", wanted=_UPLOADED)), unreached)
    assert facts.keys is not None
    assert [key.there for key in facts.keys] == [None]
    for check in CHECKS:
        if check.id != "key.other_region":
            with pytest.raises(NotKnownError, match="kms:DescribeKey"):
                check.find(facts)


def test_a_bucket_that_hides_its_encryption_leaves_the_key_unknown(aws: LabAws) -> None:
    facts = _facts(aws, {})
    hidden = facts._replace(keys=read_key_facts(aws.client("kms"), facts.wanted, None))
    with pytest.raises(NotKnownError, match="default encryption"):
        CHECKS[0].find(hidden)
