# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variable mandatory_roles, as servers and people write it."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.mandatory_roles import (
    not_mandatory,
    parse_mandatory_roles,
)


@pytest.mark.parametrize(
    ("value", "roles"),
    [
        ("", []),
        ("reader", [("reader", "%")]),
        ("reader@%,writer@localhost", [("reader", "%"), ("writer", "localhost")]),
        ("`reader`@`%`, 'wri,ter'@'10.%'", [("reader", "%"), ("wri,ter", "10.%")]),
        ("`a``b`@`H`", [("a`b", "h")]),
    ],
)
def test_roles_of_the_variable(value: str, roles: list[tuple[str, str]]) -> None:
    assert list(parse_mandatory_roles(value)) == [AccountName(*role) for role in roles]


def test_only_what_the_target_lacks_is_said() -> None:
    reader, writer = AccountName("reader"), AccountName("writer")
    assert [entry.what for entry in not_mandatory([reader, writer], [writer])] == ["mandatory role reader@%"]
