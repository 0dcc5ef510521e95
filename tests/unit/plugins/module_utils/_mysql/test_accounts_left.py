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
    ("rules", "by_default", "told"),
    [
        (PasswordRules(), False, False),
        (PasswordRules(), True, True),
        (PasswordRules(history=3), False, True),
        (PasswordRules(reuse_days=30), False, True),
        (PasswordRules(history=0, reuse_days=0), True, False),
    ],
)
def test_former_passwords_are_told_where_they_count(rules: PasswordRules, by_default: bool, told: bool) -> None:
    accounts = [Account(AccountName("app"), password=rules), Account(AccountName("role", ""), is_role=True)]
    assert [(one.account, one.what) for one in former_passwords(accounts, by_default)] == (
        [("*", "former passwords")] if told else []
    )
