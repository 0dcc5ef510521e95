# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_key_info``: which key is meant, whatever it is called by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3

from tests.integration.servers import MotoServer, moto_server

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoServer]:
    with moto_server() as server:
        yield server


def test_a_key_is_found_by_whatever_names_it(moto: MotoServer, run_module: Callable[..., Any]) -> None:
    kms = moto.client("kms")
    key = kms.create_key()["KeyMetadata"]
    arn, stem = key["Arn"], key["Arn"].rpartition(":")[0]
    kms.create_alias(AliasName="alias/backups", TargetKeyId=key["KeyId"])
    names = ["alias/backups", f"{stem}:alias/backups", key["KeyId"], arn]
    missing = ["alias/of-nothing", f"{stem}:alias/of-nothing", NOBODY]
    elsewhere = stem.replace("eu-west-1", "us-east-1") + ":alias/backups"
    found = run_module("kms_key_info", **moto.aws_options(), names=[*names, *missing, elsewhere, "alias/backups"])
    assert found["changed"] is False
    assert found["arns"] == dict.fromkeys(names, arn)
    assert found["missing"] == missing
    assert found["unread"] == [{"name": elsewhere, "why": "It is in us-east-1, and eu-west-1 is asked."}]


def test_who_may_not_look_is_told_so_and_an_arn_needs_no_look(moto: MotoServer, run_module: Callable[..., Any]) -> None:
    kms, iam = moto.client("kms"), moto.client("iam")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/hidden", TargetKeyId=arn)
    iam.create_user(UserName="blind")
    made = iam.create_access_key(UserName="blind")["AccessKey"]
    keys = {"access_key": made["AccessKeyId"], "secret_key": made["SecretAccessKey"]}

    def weigh_rights_after(requests: str) -> None:
        place = f"{moto.endpoint_url}/moto-api/reset-auth"
        urllib3.request("POST", place, body=requests)

    weigh_rights_after("0")
    try:
        found = run_module("kms_key_info", **{**moto.aws_options(), **keys}, names=["alias/hidden", arn])
    finally:
        weigh_rights_after("inf")
    assert (found["arns"], found["missing"]) == ({arn: arn}, [])
    (unread,) = found["unread"]
    assert unread["name"] == "alias/hidden"
    assert "right kms:DescribeKey" in unread["why"] and "AccessDenied" in unread["why"]
