# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of plug-ins and components, each with facts that make it fire and with some that do not."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.checks_plugins import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_inventory import Entry

from .content_cases import Case, assert_fires, assert_quiet, facts_of


def _plugin(name: str, kind: str = "AUDIT", library: str = "some.so") -> Entry:
    return Entry(name, f"{kind}:{library}")


CASES = [
    Case("source.audit_log", facts_of(plugins=(_plugin("SERVER_AUDIT"),)), "SERVER_AUDIT", ("SERVER_AUDIT",)),
    Case(
        "source.password_validation",
        facts_of(components=("file://component_validate_password",)),
        names=("component_validate_password",),
    ),
    Case("source.password_validation", facts_of(plugins=(_plugin("cracklib_password_check", "PASSWORD VALIDATION"),))),
    Case("source.keyring", facts_of(plugins=(_plugin("keyring_file", "KEYRING"),)), "keyring_file"),
    Case("source.keyring", facts_of(keyring=("component_keyring_kms",)), names=("component_keyring_kms",)),
    Case(
        "source.plugins_lost",
        facts_of(plugins=(_plugin("CONNECTION_CONTROL"), _plugin("home_made", "DAEMON"), _plugin("clone", "CLONE"))),
        "CONNECTION_CONTROL (there: nothing; delay guesses at passwords before the cluster, by security groups and IAM)"
        "; home_made; clone (there: clones and snapshots of the cluster)",
        ("CONNECTION_CONTROL", "home_made", "clone"),
    ),
    Case("source.x_protocol", facts_of(status={"mysqlx_sessions_accepted": "12"}), "12 sessions"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check_id)
def test_fires(case: Case) -> None:
    assert_fires(CHECKS, case)


@pytest.mark.parametrize(
    "facts",
    [
        facts_of(),
        facts_of(plugins=(_plugin("InnoDB", "STORAGE ENGINE", ""), _plugin("mysqlx", "DAEMON", ""))),
        facts_of(plugins=(_plugin("ROCKSDB", "STORAGE ENGINE"), _plugin("ed25519", "AUTHENTICATION"))),
        facts_of(status={"mysqlx_sessions_accepted": "0"}),
    ],
)
def test_quiet(facts: object) -> None:
    assert_quiet(CHECKS, facts)  # type: ignore[arg-type]


def test_every_check_has_a_case() -> None:
    assert {case.check_id for case in CASES} == {check.id for check in CHECKS}
