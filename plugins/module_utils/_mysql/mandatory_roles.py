# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Roles that a server gives to everybody by its variable ``mandatory_roles``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .accounts_document import Skipped
from .accounts_model import AccountName
from .accounts_read_show import ALL
from .connection import Connection
from .server import read_variables

_PART = r"(?:`(?:[^`]|``)*`|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[^\s,@'`\"]+)"
_ROLE = re.compile(rf"\s*({_PART})(?:@({_PART}))?\s*(?:,|$)")


def read_mandatory_roles(connection: Connection) -> tuple[AccountName, ...]:
    """The roles that the variable names; none on servers that do not know it. One query.

    :raises MysqlError: the server refuses the query.
    """
    return parse_mandatory_roles(read_variables(connection, ("mandatory_roles",)).get("mandatory_roles", ""))


def parse_mandatory_roles(value: str) -> tuple[AccountName, ...]:
    """The roles in the variable's value, such as "`reader`@`%`,writer" (MySQL, "Using Roles"). Pure."""
    return tuple(
        AccountName(_unquoted(user), _unquoted(host).lower() if host else "%") for user, host in _ROLE.findall(value)
    )


def not_mandatory(wanted: Iterable[AccountName], actual: Iterable[AccountName]) -> list[Skipped]:
    """What to say of roles that everybody has on the source and not on the target. Pure."""
    there = set(actual)
    return [
        Skipped(
            ALL,
            f"mandatory role {role.label}",
            "on the source everybody has this role by the variable mandatory_roles, on the target not",
            "Set mandatory_roles in the target's parameter group, if its family has it, or grant the role to those who "
            "need it.",
        )
        for role in wanted
        if role not in there
    ]


def _unquoted(part: str) -> str:
    quote = part[0]
    return part[1:-1].replace(quote * 2, quote) if quote in "`'\"" else part
