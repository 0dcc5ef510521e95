# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accounts have from their server's variables, where the two servers differ."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_defaults import other_defaults
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    Account,
    AccountName,
    PasswordRules,
)

READER = AccountName("reader")
ON, OFF = {"activate_all_roles_on_login": "ON"}, {"activate_all_roles_on_login": "OFF"}


def app(**members: object) -> Account:
    return Account(AccountName("app"), **members)


@pytest.mark.parametrize(
    ("account", "everybodys", "told"),
    [
        (app(), [], False),
        (app(), [READER], True),
        (app(roles={READER: False}), [], True),
        (app(roles={READER: False}, default_roles=frozenset({READER})), [READER], False),
        (app(roles={READER: False}, locked=True), [], False),
    ],
)
@pytest.mark.parametrize(
    ("source", "target", "remedy"), [(ON, {}, "SET DEFAULT ROLE ALL"), (ON, OFF, "to 1"), ({}, ON, "to 0")]
)
def test_roles_that_no_default_role_activates(account, everybodys, told, source, target, remedy) -> None:
    entries = other_defaults([account], everybodys, source, target)
    assert [entry.what for entry in entries] == (["activate_all_roles_on_login"] if told else [])
    assert all(remedy in entry.remedy for entry in entries)
    assert other_defaults([account], everybodys, source, source) == []


def test_roles_themselves_have_no_passwords_that_age() -> None:
    roles = [
        Account(AccountName("role", ""), is_role=True),
        app(locked=True, password=PasswordRules(expired=True)),
    ]
    assert other_defaults(roles, [], {"default_password_lifetime": "90"}, {"default_password_lifetime": "0"}) == []


def test_a_remedy_is_one_that_the_servers_can_do() -> None:
    name = "password_require_current"
    (unknown,) = other_defaults([app()], [], {name: "ON"}, {})
    assert "the target does not know it" in unknown.remedy
    (stricter,) = other_defaults([app()], [], {}, {name: "ON"})
    assert f"Set {name} to OFF" in stricter.remedy and "ALTER USER" not in stricter.remedy
    (looser,) = other_defaults([app()], [], {name: "ON"}, {name: "OFF"})
    assert "Aurora MySQL 8.4" in looser.remedy and "ALTER USER ... PASSWORD REQUIRE CURRENT)" in looser.remedy
