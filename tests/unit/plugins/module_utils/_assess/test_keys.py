# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a key's policy lets decrypt, and which Region a key's name tells."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.key_facts import (
    BACKUP,
    CLUSTER,
    KeyFacts,
    backup_key_arn,
    lets_decrypt,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.keys import region_of_key

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dba/dbferry-orders"
ALLOWED = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}


@pytest.mark.parametrize(
    ("change", "lets"),
    [
        ({}, True),
        ({"Principal": {"AWS": ["arn:aws:iam::1:root", ROLE]}}, True),
        ({"Principal": "*"}, True),
        ({"Action": ["kms:Encrypt", "KMS:*"]}, True),
        ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
        ({"Principal": {"Service": "rds.amazonaws.com"}}, False),
        ({"Action": "kms:Encrypt"}, False),
        ({"Effect": "Deny"}, False),
        ({"Principal": None}, False),
    ],
)
def test_a_policy_s_statement(change: dict[str, Any], lets: bool) -> None:
    assert lets_decrypt([{**ALLOWED, **change}], ("*", ROLE)) is lets


def test_a_policy_without_statements_lets_nobody() -> None:
    assert lets_decrypt([], ("*", ROLE)) is False


def test_a_role_needs_a_right_on_the_key_unless_the_key_s_policy_names_it() -> None:
    key = KeyFacts(BACKUP, "1234", True, arn="arn:aws:kms:eu-west-1:1:key/1234", statements=(ALLOWED,))
    assert backup_key_arn([key], ROLE) == ""
    assert backup_key_arn([key], f"{ROLE}-2") == key.arn
    assert backup_key_arn([key._replace(statements=None)], ROLE) == key.arn
    assert backup_key_arn([key._replace(of_aws=True)], f"{ROLE}-2") == ""
    assert backup_key_arn([key._replace(use=CLUSTER)], f"{ROLE}-2") == ""
    assert backup_key_arn(None, ROLE) == ""


@pytest.mark.parametrize(
    ("name", "region"),
    [
        (f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234", "eu-west-1"),
        (f"arn:aws-cn:kms:cn-north-1:{ACCOUNT}:alias/backups", "cn-north-1"),
        ("alias/backups", ""),
        ("arn:aws:kms", ""),
        ("1234", ""),
    ],
)
def test_region_of_a_key(name: str, region: str) -> None:
    assert region_of_key(name) == region
