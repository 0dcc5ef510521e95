# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""SHOW CREATE USER and SHOW GRANTS as an account of the neutral model. Pure.

The grammar is that of MySQL's pages "SHOW CREATE USER Statement", "CREATE USER Statement" and "SHOW GRANTS Statement",
and of their MariaDB namesakes; what servers escape and what not was seen at MySQL 5.6, 9.7 and MariaDB 10.11.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from .accounts_model import Account, AccountName, Grant, Scope
from .accounts_show_clauses import NAME, NATIVE, SHA256, authentication_of, native_plugin, plain_name, read_clauses
from .grants import Granted, parse_grants
from .privileges import rights_of
from .quoting import escape_pattern, quote_name, quote_text
from .server import ServerVersion

# The text after the account's name in a line of SHOW GRANTS of servers before 5.7: the hash stands there, or its place.
_OLD_PASSWORD_CLAUSE = re.compile(r" IDENTIFIED BY PASSWORD(?: '(?P<hash>\$5\$.{20}\$.{43}|[^']*)')?(?= |$)", re.DOTALL)
_OLD_COLUMNS = re.compile(r"(?<=\w) \((?P<names>[^`].*?)\)(?=, [A-Z]|$)", re.DOTALL)
_GRANT_OPTION = re.compile(r" WITH (GRANT|ADMIN) OPTION(?= |$)")


class GrantLines(NamedTuple):
    """What SHOW GRANTS says of one account, in the form that ``parse_grants`` reads."""

    lines: list[str]
    default_roles: frozenset[AccountName]
    tail: str
    """What follows the account's name in the line of the global privileges, but for GRANT OPTION."""


def grant_lines(name: AccountName, shown: Iterable[str]) -> GrantLines:
    """The lines of SHOW GRANTS that are about an account itself; MariaDB adds those of the roles that a role has.

    Servers before MySQL 8 and MariaDB 10.4 write names as they are, between single quotes without escapes, and columns
    without quotes.

    :raises ValueError: a line is not about the account.
    """
    lines, roles, tail = [], set(), ""
    for line in shown:
        if line.startswith("SET DEFAULT ROLE "):
            found = re.match(rf"SET DEFAULT ROLE ({NAME})", line)
            if not found:
                raise ValueError("the default role is missing")
            roles.add(AccountName(plain_name(found[1]), ""))
            continue
        parts = _at_grantee(line, name)
        if parts is None:
            if name.host:
                raise ValueError("a line of SHOW GRANTS does not name it as the one who has the right")
            continue
        head, rest = parts
        if " ON *.* " in head:
            tail = _GRANT_OPTION.sub(" WITH", rest) or tail
        option = _GRANT_OPTION.search(rest)
        lines.append(head + quote_name(name.user) + (option[0] if option else ""))
    return GrantLines(lines, frozenset(roles), tail)


def _at_grantee(line: str, name: AccountName) -> tuple[str, str] | None:
    """A line before and after its grantee; None where that is somebody else."""
    for spelling, old_style in _spellings(name):
        for verb in (" TO ", " FROM "):
            start = line.find(verb + spelling)
            end = start + len(verb + spelling)
            if start < 0 or line[end : end + 1] not in ("", " "):
                continue
            head = line[:start]
            if old_style:
                privileges, on, target = head.rpartition(" ON ")
                head = _OLD_COLUMNS.sub(_with_quoted_names, privileges) + on + target
            return head + verb, line[end:]
    return None


def _spellings(name: AccountName) -> list[tuple[str, bool]]:
    """How servers write an account's name, and whether that is the way of old servers."""
    out = [
        (f"{quote_name(name.user)}@{quote_name(name.host)}", False),
        (f"'{name.user}'@'{name.host}'", True),
        (f"{quote_text(name.user)}@{quote_text(name.host)}", True),
    ]
    if not name.host:
        # a role of MariaDB
        out += [(spelling, False) for spelling in (quote_name(name.user), f"'{name.user}'", name.user)]
    return out


def _with_quoted_names(found: re.Match[str]) -> str:
    return " (" + ", ".join(quote_name(name) for name in found["names"].split(", ")) + ")"


def with_grants(account: Account, shown: GrantLines, version: ServerVersion, literal_schemas: bool) -> Account:
    """The account with all that SHOW GRANTS says of it.

    :param literal_schemas: the server has partial_revokes on and reads schema names of grants as they stand.
    :raises MysqlError: ``grants.unreadable`` for a line that does not follow the grammar.
    """
    granted = parse_grants(shown.lines)
    return replace(
        account,
        grants=_scopes(granted, version, literal_schemas),
        roles=granted.roles,
        default_roles=shown.default_roles or account.default_roles,
        restrictions=granted.restrictions,
    )


def _scopes(granted: Granted, version: ServerVersion, literal_schemas: bool) -> dict[Scope, Grant]:
    held = rights_of(granted, version).grants
    if not literal_schemas:
        return dict(held)
    return {
        scope._replace(schema=escape_pattern(scope.schema)) if scope.level == "schema" else scope: grant
        for scope, grant in held.items()
    }


def account_of_grants(name: AccountName, tail: str) -> Account:
    """The account that SHOW GRANTS of servers without SHOW CREATE USER describes; its grants are left out.

    :param tail: as ``grant_lines`` gave it.
    :raises ValueError: it does not say how the account logs in. The password's hash is shown to administrators only,
        and a plug-in that keeps none is not shown at all.
    """
    found = _OLD_PASSWORD_CLAUSE.match(tail)
    if not found:
        raise ValueError("SHOW GRANTS of this server does not tell an account without password from one with a plug-in")
    if not found["hash"]:
        raise ValueError("the server hides its password's hash from the account that reads")
    stored = found["hash"]
    plugin = SHA256 if stored.startswith("$5$") else native_plugin(stored)
    account = Account(name, authentication=(authentication_of(plugin, stored),))
    return read_clauses(tail[found.end() :], account, escaped=False)


def account_of_create_user(name: AccountName, shown: Sequence[str], version: ServerVersion) -> Account:
    """The account that SHOW CREATE USER describes; its grants and MariaDB's default role are left out.

    :param shown: its rows. MariaDB adds an ALTER USER for what does not fit into one statement.
    :raises ValueError: it follows another grammar, or says less than is needed to make the account again.
    """
    account = Account(name)
    for line in shown:
        text = re.sub(r"^(?:CREATE|ALTER) USER ", "", line)
        for spelling, _old_style in _spellings(name):
            clauses = text[len(spelling) :]
            if text.startswith(spelling) and clauses[:1] in ("", " "):
                break
        else:
            raise ValueError("it does not name the account")
        account = read_clauses(clauses, account, escaped=version.mariadb)
    if version.mariadb and not account.authentication:
        account = replace(account, authentication=(authentication_of(NATIVE, ""),))
    if not account.authentication:
        raise ValueError("it does not say how the account logs in")
    return account
