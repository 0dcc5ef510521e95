# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of caller and role where no caller here can be so, and how trust policies are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_caller, checks_role
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.access_facts import (
    AccessFacts,
    RoleFacts,
    role_arn,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.minting import Caller
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session_policy import Place
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.simulation import Denied
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.trust import Trust

from .content_cases import Case, assert_fires, assert_quiet

CHECKS = (*checks_caller.CHECKS, *checks_role.CHECKS)
ME = Caller("arn:aws:iam::123456789012:user/me", "user", Place("aws", "eu-central-1", "123456789012"), False)
ROLE = RoleFacts(
    "arn:aws:iam::123456789012:role/reader", True, Trust(True, True, True, ("123456789012",)), denied=(), too_wide=()
)
PUT = Denied("s3:PutObject", "arn:aws:s3:::example/orders/record/*", "implicit")
RESTORE = Denied("rds:RestoreDBClusterFromS3", "*", "organization")


def _facts(role: Any = ROLE, denied: Any = None, **more: Any) -> Facts:
    access = AccessFacts(ME, {} if denied is None else denied, role=role)
    return Facts(Wanted(migration_id="orders"), access=access._replace(**more))


@pytest.mark.parametrize(
    "case",
    [
        Case("caller.root_user", _facts(caller=ME._replace(kind="root", arn="arn:aws:iam::1:root")), "root"),
        Case("caller.rights_missing", _facts(denied={"restore": (RESTORE, PUT), "report": (PUT,)}), "lacks 1 right,"),
        Case("caller.shared_rights_missing", _facts(denied={"restore": (PUT,), "report": (PUT,)}), "report (1)"),
        Case("role.trust", _facts(ROLE._replace(trust=Trust(False, False, False, ()))), "does not let"),
    ],
    ids=lambda case: case.check_id,
)
def test_fires(case: Case) -> None:
    assert_fires(CHECKS, case)


@pytest.mark.parametrize("facts", [_facts(), _facts(None)])
def test_quiet(facts: Facts) -> None:
    assert_quiet(CHECKS, facts)


def test_a_right_of_both_ways_is_said_once() -> None:
    check = next(check for check in CHECKS if check.id == "caller.rights_missing")
    assert check.find(_facts(denied={"restore": (PUT,), "report": (PUT,)})) is None


@pytest.mark.parametrize("check_id", ["role.trust", "role.rights_missing", "role.missing"])
def test_a_role_that_iam_does_not_show_is_not_known(check_id: str) -> None:
    check = next(check for check in CHECKS if check.id == check_id)
    with pytest.raises(NotKnownError, match="iam:GetRole"):
        check.find(_facts(RoleFacts(ROLE.arn, why="right iam:GetRole")))


def test_each_role_may_be_passed_to_the_service_that_gets_it() -> None:
    reader, monitor = (f"arn:aws:iam::123456789012:role/{name}" for name in ("dbferry-orders", "monitor"))
    denied = tuple(Denied("iam:PassRole", role, "implicit") for role in (reader, monitor))
    facts = _facts(denied={"restore": denied})
    check = next(check for check in CHECKS if check.id == "caller.pass_role")
    seen = check.find(facts._replace(wanted=Wanted(migration_id="orders", monitoring_role_arn=monitor)))
    assert seen is not None
    statements = json.loads(f"[{seen.statement}]")
    assert {one["Resource"]: one["Condition"]["StringEquals"]["iam:PassedToService"] for one in statements} == {
        reader: "rds.amazonaws.com",
        monitor: "monitoring.rds.amazonaws.com",
    }


def test_the_role_that_is_made_has_its_path_and_name() -> None:
    assert role_arn(ME, Wanted(migration_id="orders")).endswith(":role/dbferry-orders")
    assert role_arn(ME, Wanted(migration_id="orders", role_path="/dba/")).endswith(":role/dba/dbferry-orders")
    assert role_arn(ME, Wanted(migration_id="orders", role_name="reader")).endswith(":role/reader")
