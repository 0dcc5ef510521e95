# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns that choose accounts, as people write them."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.reserved_accounts import matches


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("monitor", True),
        ("monitor@%", True),
        ("'monitor'@'%'", True),
        ("`monitor`@`%`", True),
        ("mon*@*", True),
        ("'mon*'@'*'", True),
        ("monitor@10.%", False),
        ("'monitor'", True),
        ("'", False),
        ("Monitor", False),
    ],
)
def test_patterns(pattern: str, fits: bool) -> None:
    assert matches(AccountName("monitor", "%"), ["nobody", pattern]) is fits


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("app@Web1.corp", True),
        ("'app'@'WEB1.*'", True),
        ("app@Web[0-9].CORP", True),
        ("App@web1.corp", False),
    ],
)
def test_hosts_have_no_case_and_users_have(pattern: str, fits: bool) -> None:
    assert matches(AccountName("app", "web1.corp"), [pattern]) is fits
