# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role's trust policy means for RDS, and what the role needs besides."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.service_role import rights_of_service_role
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.trust import read_trust

STATEMENT = {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
CLUSTER = "arn:aws:rds:eu-central-1:123456789012:cluster:orders"


@pytest.mark.parametrize(
    ("change", "trusts"),
    [
        ({}, True),
        ({"Principal": {"Service": ["ec2.amazonaws.com", "rds.amazonaws.com"]}}, True),
        ({"Action": ["sts:TagSession", "sts:*"]}, True),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
        ({"Action": "sts:TagSession"}, False),
    ],
)
def test_trust(change: dict[str, Any], trusts: bool) -> None:
    trust = read_trust({"Statement": {**STATEMENT, **change}}, "123456789012", CLUSTER)
    assert (trust.trusting, trust.admits, trust.limited) == (trusts, trusts, False)


@pytest.mark.parametrize(
    ("condition", "admits"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringEquals": {"aws:SourceAccount": ["1", "2"]}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:rds:*:123456789012:cluster:*"}}, True),
        ({"ArnEquals": {"AWS:SourceArn": f"{CLUSTER}s"}}, False),
        ({"StringEquals": {"aws:SourceArn": "arn:aws:rds:*:123456789012:cluster:*"}}, False),
        (
            {"StringEquals": {"aws:SourceAccount": "123456789012"}, "ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
            False,
        ),
    ],
)
def test_whom_rds_may_act_for(condition: dict[str, Any], admits: bool) -> None:
    statement = {**STATEMENT, "Condition": condition}
    trust = read_trust({"Statement": [statement]}, "123456789012", CLUSTER)
    assert (trust.trusting, trust.admits, trust.limited) == (True, admits, True)
    assert trust.only
    # another statement that admits is enough
    assert read_trust({"Statement": [statement, STATEMENT]}, "123456789012", CLUSTER).admits


@pytest.mark.parametrize(
    ("condition", "admits"),
    [
        ({}, False),
        ({"StringNotEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringNotEqualsIfExists": {"aws:SourceAccount": "999999999999"}}, False),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:rds:*:*:cluster:o*"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
    ],
)
def test_a_statement_that_denies_leads(condition: dict[str, Any], admits: bool) -> None:
    deny = {**STATEMENT, "Effect": "Deny", "Principal": "*", "Condition": condition}
    assert read_trust({"Statement": [STATEMENT, deny]}, "123456789012", CLUSTER).admits is admits


def test_a_cluster_without_a_name_is_not_held_against_the_role() -> None:
    statement = {**STATEMENT, "Condition": {"ArnLike": {"aws:SourceArn": CLUSTER}}}
    assert read_trust({"Statement": [statement]}, "123456789012", "").admits


def test_the_role_needs_a_key_only_where_there_is_one():
    bucket = "arn:aws:s3:::example"
    without = rights_of_service_role(bucket, "orders/backup/", "")
    assert [action for right in without for action in right["actions"]] == [
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:GetObject",
        "s3:GetObjectVersion",
    ]
    assert without[2]["resources"] == [f"{bucket}/orders/backup/*"]
    decrypt = {"actions": ["kms:Decrypt"], "resources": ["arn:aws:kms:::key/1"]}
    assert rights_of_service_role(bucket, "orders/backup/", "arn:aws:kms:::key/1") == [*without, decrypt]
