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
