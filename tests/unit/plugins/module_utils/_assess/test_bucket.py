# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the bucket where no bucket here can be put into the state, and what lifecycle rules come to."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_bucket, checks_bucket_policy
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.bucket_facts import (
    BucketFacts,
    LifecycleRule,
    Lying,
    lifecycle_rules,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted

from .content_cases import Case, assert_fires, assert_quiet

CHECKS = (*checks_bucket.CHECKS, *checks_bucket_policy.CHECKS)

GOOD = BucketFacts(
    name="example",
    there=True,
    readable=True,
    region="eu-central-1",
    encryption="AES256",
    versioning="",
    blocks={},
    statements=(),
    everybody=False,
    object_lock="",
    requester_pays=False,
    rules=(),
    backup=Lying(0, 0, False),
    record=Lying(0, 0, False),
)
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def _facts(**more: Any) -> Facts:
    return Facts(Wanted(migration_id="orders", bucket="example", region="eu-central-1"), bucket=GOOD._replace(**more))


def _deny(**more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*", **more}


OPEN = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    "case",
    [
        Case("bucket.not_readable", _facts(readable=False), "403"),
        Case("bucket.requester_pays", _facts(requester_pays=True), "pays"),
        Case("bucket.object_lock", _facts(object_lock="enabled"), "without a default", severity="note"),
        Case("bucket.prefix_taken", _facts(backup=Lying(1000, 5, True)), "More than 1,000 objects"),
        Case("bucket.policy_denies", _facts(statements=(_deny(Action="s3:Get*"),)), severity="blocker"),
        Case("bucket.policy_denies", _facts(statements=(_deny(Principal={"AWS": "arn:aws:iam::1:role/x"}),))),
        Case(
            "bucket.policy_denies",
            _facts(statements=(_deny(Sid="Key", Condition={"Null": {"s3:x-amz-server-side-encryption": "true"}}),)),
            names=("Key: s3:* to everybody by s3:x-amz-server-side-encryption",),
        ),
    ],
    ids=lambda case: case.check_id,
)
def test_fires(case: Case) -> None:
    assert_fires(CHECKS, case)


@pytest.mark.parametrize(
    "facts",
    [
        _facts(),
        _facts(encryption="aws:kms", kms_key=""),
        _facts(encryption="aws:kms", kms_key="arn:aws:kms:eu-central-1:1:alias/aws/s3"),
        _facts(statements=(_deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),)),
        _facts(statements=(_deny(Action="s3:DeleteBucket"), _deny(Resource="arn:aws:s3:::example/logs/*"))),
        _facts(statements=(OPEN,), blocks={"RestrictPublicBuckets": True}),
        _facts(everybody=True, blocks={"IgnorePublicAcls": True}),
        _facts(rules=(LifecycleRule("old", 365, 730),)),
    ],
)
def test_quiet(facts: Facts) -> None:
    assert_quiet(CHECKS, facts)


def test_a_fact_that_was_refused_is_not_known() -> None:
    facts = _facts(versioning=None, unknown={"versioning": "right s3:GetBucketVersioning"})
    check = next(check for check in CHECKS if check.id == "bucket.versioning")
    with pytest.raises(NotKnownError, match="GetBucketVersioning"):
        check.find(facts)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Prefix": "orders/", "Expiration": {"Days": 3}}, (None, 3)),
        ({"Filter": {"Prefix": "orders/backup/full/"}, "Expiration": {"Days": 3}}, (None, 3)),
        ({"Filter": {}, "Transitions": [{"Days": 9, "StorageClass": "GLACIER"}]}, (9, None)),
        ({"Filter": {}, "Expiration": {"Date": datetime(2026, 1, 11, tzinfo=timezone.utc)}}, (None, 10)),
        ({"Filter": {}, "Expiration": {"Date": datetime(2025, 1, 1, tzinfo=timezone.utc)}}, (None, 0)),
        ({"Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}}, None),
        ({"Filter": {}, "Transitions": [{"Days": 9, "StorageClass": "STANDARD_IA"}]}, None),
        ({"Filter": {"Prefix": "orders2/"}, "Expiration": {"Days": 3}}, None),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}, "Expiration": {"Days": 3}}, None),
        ({"Filter": {}, "Status": "Disabled", "Expiration": {"Days": 3}}, None),
    ],
)
def test_lifecycle_rules(rule: dict[str, Any], expected: Any) -> None:
    found = lifecycle_rules([{"ID": "one", "Status": "Enabled", **rule}], "orders/backup/", NOW)
    assert found == (() if expected is None else (LifecycleRule("one", *expected),))
