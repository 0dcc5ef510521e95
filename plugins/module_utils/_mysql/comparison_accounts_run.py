# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Compares the accounts of two servers that are logged in to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .accounts import read_target
from .accounts_model import GLOBAL, AccountName, Grant, Scope
from .accounts_read import read_accounts
from .accounts_read_show import Reading, current_user
from .comparison_accounts import SourceAccounts, compare_accounts
from .comparison_model import ERROR, Difference, LeftBehind
from .connection import Connection
from .privileges import Rights
from .reserved_accounts import system_reason
from .server import read_version


def account_differences(source: Connection, target: Connection, left_behind: LeftBehind) -> Iterator[Difference]:
    """The differences between the accounts of two servers.

    Where the target's login can make accounts, its rights decide what can have come; any other login cannot know, so
    that all that the target knows is asked for.

    :param source: and ``target``: made with ``multi_statements=True``.
    :raises MysqlError: a server cannot be asked.
    """
    ours = read_accounts(source, read_version(source))
    there = read_target(target)
    theirs = read_accounts(target, there.version)
    there = replace(there, hidden=frozenset([*theirs.hidden, *ours.hidden]))
    if not there.rights.has("CREATE USER"):
        there = replace(there, rights=_all_rights(target, ours, there.rights))
    for side, reading in (("source", ours), ("target", theirs)):
        yield from _not_read(side, reading)
    if ours.complete and theirs.complete:
        accounts = SourceAccounts(read_version(source), ours.accounts, current_user(source))
        yield from compare_accounts(accounts, theirs.accounts, there, left_behind)


def _not_read(side: str, reading: Reading) -> Iterator[Difference]:
    for note in reading.notes:
        text = f"On the {side}: {note.reason}. {note.remedy}"
        if not reading.complete:
            text = f"The accounts were not compared. {text}"
        yield Difference("account.not_readable", note.what, "", "", ERROR, text)
    for name, reason in sorted(reading.hidden.items()):
        if not system_reason(name):
            yield Difference(
                "account.not_compared", name.label, "", "", ERROR, f"The {side} does not show it: {reason}."
            )


def _all_rights(target: Connection, ours: Reading, held: Rights) -> Rights:
    """Rights to give everything that the server knows (``SHOW PRIVILEGES``), and every role of the source."""
    names = frozenset(str(row["Privilege"]).upper() for row in target.rows("SHOW PRIVILEGES"))
    dynamic = {Scope("dynamic", "", name): Grant(frozenset({name}), True) for name in names if "_" in name}
    roles = {role: True for account in ours.accounts for role in account.roles}
    named = {AccountName(role.user): True for role in roles}
    return Rights(
        {GLOBAL: Grant(names, True), Scope("proxy"): Grant(frozenset({"PROXY"}), True), **dynamic},
        {**named, **roles},
        {},
        held.mariadb,
    )
