# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stays on the source whatever the target is."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_left import former_passwords
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    Account,
    AccountName,
    PasswordRules,
)


@pytest.mark.parametrize(
    ("rules", "defaults", "told"),
    [
        (PasswordRules(), {}, False),
        (PasswordRules(), {"password_history": "5"}, True),
        (PasswordRules(history=0), {"password_history": "5", "password_reuse_interval": "0"}, False),
        (PasswordRules(history=3), {}, True),
        (PasswordRules(reuse_days=30), {}, True),
        (PasswordRules(history=0, reuse_days=0), {"password_history": "5"}, False),
    ],
)
def test_former_passwords_are_told_where_they_count(rules: PasswordRules, defaults: dict[str, str], told: bool) -> None:
    accounts = [Account(AccountName("app"), password=rules), Account(AccountName("role", ""), is_role=True)]
    assert [(one.account, one.what) for one in former_passwords(accounts, defaults)] == (
        [("*", "former passwords")] if told else []
    )


def test_rules_of_the_sources_variables_are_not_said_to_count_on_the_target() -> None:
    accounts = [Account(AccountName("a")), Account(AccountName("b"), password=PasswordRules(history=3))]
    (both,) = former_passwords(accounts, {"password_history": "5"})
    assert "2 accounts" in both.reason and "1 of them have only the rules of the source's variables" in both.reason
    assert "whatever password_history and password_reuse_interval say on the target" in both.remedy
    (own,) = former_passwords(accounts[1:], {})
    assert "variables" not in own.reason + own.remedy
