# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Accounts from SHOW statements, where the server refuses a grant table.

Servers answer SHOW GRANTS from memory, and all but MySQL 8 and later SHOW CREATE USER, too: a missing or damaged grant
table does not matter to them. Who lacks the right to read the grant tables may at least see its own account.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar, Union

from . import accounts_read_mariadb, accounts_read_mysql
from .accounts_document import Skipped
from .accounts_model import Account, AccountName, Scope
from .accounts_show import GrantLines, account_of_create_user, account_of_grants, grant_lines, with_grants
from .connection import Connection
from .errors import MysqlError
from .grant_tables import account_name
from .grants import parse_grants
from .quoting import quote_name, quote_text
from .server import ServerVersion
from .show_batches import answers

ALL = "*"
"""The account of entries that are about the whole server."""
_GRANT_REMEDY = "Grant the account that logs in SELECT on mysql.*, and run it again."
_TABLE_REMEDY = (
    "Have the server's administrator repair its grant tables (CHECK TABLE, mysql_upgrade), and run it again."
)
_NO_TABLE = 1146
_PUBLIC = AccountName("PUBLIC", "")

_T = TypeVar("_T")
Lines = Union["list[str]", MysqlError]


class Reading(NamedTuple):
    """The accounts of a server, and what could not be read of them."""

    accounts: list[Account]
    hidden: Mapping[AccountName, str] = {}
    """Accounts that are there and cannot be read, and why."""
    notes: tuple[Skipped, ...] = ()
    """What has to be said of the whole; their account is ``*``."""
    complete: bool = True
    """Whether the server has no accounts but these and the hidden ones."""
    ownerless: Mapping[AccountName, tuple[Scope, ...]] = {}
    """Scopes of grants whose account does not exist; only the grant tables tell of them."""


@dataclass
class _Names:
    """Who is there, and how that became known."""

    names: list[AccountName] = field(default_factory=list)
    known: dict[AccountName, Account] = field(default_factory=dict)
    """Accounts of which the server's table of accounts told everything that stands in it."""
    doubt: str = ""
    """Why there may be others; "" where there are none."""


def read_accounts(connection: Connection, version: ServerVersion, refusal: MysqlError) -> Reading:
    """Every account that can be seen, sorted by name, and what cannot.

    :param connection: made with ``multi_statements=True``.
    :param refusal: why the grant tables were not read.
    :raises MysqlError: the server could not be asked.
    """
    me = current_user(connection)
    found = _find_names(connection, version, me)
    reading = show_accounts(connection, version, found.names, me, found.known)
    lacks_right = refusal.error_id == "mysql.privilege_missing"
    notes = [
        Skipped(
            ALL,
            "grant tables",
            f"they cannot be read ({refusal.server_text}, error {refusal.errno}), so that SHOW statements were asked",
            _GRANT_REMEDY if lacks_right else _TABLE_REMEDY,
        )
    ]
    if found.doubt:
        notes.append(Skipped(ALL, "list of accounts", found.doubt, _GRANT_REMEDY if lacks_right else _TABLE_REMEDY))
    return reading._replace(notes=(*notes, *reading.notes), complete=not found.doubt)


def show_accounts(
    connection: Connection,
    version: ServerVersion,
    names: Collection[AccountName],
    me: AccountName,
    known: Mapping[AccountName, Account],
) -> Reading:
    """The accounts of these names as SHOW statements tell them, in two round trips a batch.

    :param connection: made with ``multi_statements=True``.
    :param me: the account that is logged in; a server may show it and no other.
    :param known: accounts of which only grants and default roles have to be asked.
    :raises MysqlError: the server could not be asked.
    """
    asked = sorted(names, key=lambda name: (name != me, name))
    grants = _ask(connection, "SHOW GRANTS FOR", asked, me, version)
    if version.mariadb:
        _follow_roles(connection, grants, me, version)
    unknown = [name for name in grants if _is_asked_for(name, version, known)]
    # MySQL 8.0.17 and later, for hashes that cannot be printed; others show them as they are.
    _unless_refused(lambda: connection.rows("SET SESSION print_identified_with_as_hex = ON"))
    definitions = _ask(connection, "SHOW CREATE USER", unknown, me, version)
    literal_schemas = not version.mariadb and accounts_read_mysql.has_literal_schemas(connection)
    accounts: list[Account] = []
    hidden: dict[AccountName, str] = {}
    for name, lines in grants.items():
        try:
            shown = grant_lines(name, _told(lines))
            account = _definition(name, shown, known.get(name), definitions.get(name), version)
            accounts.append(with_grants(account, shown, version, literal_schemas))
        except MysqlError as error:
            hidden[name] = f"{error.server_text} (error {error.errno})" if error.errno else error.message
        except ValueError as error:
            hidden[name] = str(error)
    notes = _not_told(version, [account.name for account in accounts], known, definitions)
    return Reading(sorted(accounts, key=lambda account: account.name), hidden, notes)


def current_user(connection: Connection) -> AccountName:
    """The account that we are logged in as, as the grant tables name it."""
    user, _at, host = str(connection.value("SELECT CURRENT_USER()")).rpartition("@")
    return AccountName(user, host.lower())


def _find_names(connection: Connection, version: ServerVersion, me: AccountName) -> _Names:
    """Who is there, from the best source that answers."""

    def definitions() -> list[Account]:
        if version.mariadb:
            return accounts_read_mariadb.read_definitions(connection, version)
        return accounts_read_mysql.read_definitions(connection)

    known = _unless_refused(definitions)
    if known:
        return _Names([account.name for account in known], {account.name: account for account in known})
    rows = _unless_refused(lambda: connection.rows("SELECT User, Host FROM mysql.user"))
    if rows:
        return _Names([account_name(row) for row in rows])
    # Held in memory. Who may not read the grant tables sees only itself here; MariaDB's roles are never among them.
    rows = _unless_refused(lambda: connection.rows("SELECT DISTINCT GRANTEE FROM information_schema.USER_PRIVILEGES"))
    named = {_grantee(row["GRANTEE"]) for row in rows or ()} | {me}
    if len(named) > 1:
        doubt = "roles that no account is a member of are not among those that the server names"
        return _Names(sorted(named), doubt=doubt if version.mariadb else "")
    # MySQL 8.0.21 and later; accounts with SYSTEM_USER are hidden from those without.
    rows = _unless_refused(
        lambda: connection.rows("SELECT USER AS User, HOST AS Host FROM information_schema.USER_ATTRIBUTES")
    )
    named |= {account_name(row) for row in rows or ()}
    return _Names(sorted(named), doubt=f"the server names only {len(named)} to {me.label}, and there may be others")


def _unless_refused(read: Callable[[], list[_T]]) -> list[_T] | None:
    try:
        return read()
    except MysqlError as error:
        if error.error_id == "mysql.connection_lost":
            raise
        return None


def _grantee(text: str) -> AccountName:
    """The account of a GRANTEE column: its parts stand between quotes without escapes."""
    user, _middle, host = text[1:-1].rpartition("'@'")
    return AccountName(user, host.lower())


def _ask(
    connection: Connection, statement: str, names: Sequence[AccountName], me: AccountName, version: ServerVersion
) -> dict[AccountName, Lines]:
    """What the server shows of each account: lines of text, or its refusal."""
    told: dict[AccountName, Lines] = {}
    statements = [f"{statement} {_quoted(name, version)}" for name in names]
    with contextlib.closing(answers(connection, statements)) as answered:
        for name, answer in zip(names, answered):
            if not isinstance(answer, MysqlError):
                told[name] = [row[0].decode("utf-8", "surrogateescape") for row in answer]
                continue
            told[name] = answer
            if name != me and (answer.error_id == "mysql.privilege_missing" or answer.errno == _NO_TABLE):
                # the same right, or the same table, is missing for all others
                return {**dict.fromkeys(names, answer), **told}
    return told


def _quoted(name: AccountName, version: ServerVersion) -> str:
    if _is_role(name, version):
        return name.user if name == _PUBLIC else quote_name(name.user)
    return f"{quote_text(name.user)}@{quote_text(name.host)}"


def _is_role(name: AccountName, version: ServerVersion) -> bool:
    return version.mariadb and not name.host


def _follow_roles(
    connection: Connection, grants: dict[AccountName, Lines], me: AccountName, version: ServerVersion
) -> None:
    """Ask for the roles, too, that MariaDB's accounts are members of, and for the roles of these."""
    while True:
        lines = (line for told in grants.values() if isinstance(told, list) for line in told)
        roles = parse_grants(line for line in lines if re.match("GRANT [`']", line)).roles
        missing = sorted(set(roles) - set(grants))
        if not missing:
            return
        grants.update(_ask(connection, "SHOW GRANTS FOR", missing, me, version))


def _is_asked_for(name: AccountName, version: ServerVersion, known: Mapping[AccountName, Account]) -> bool:
    """Whether SHOW CREATE USER is needed, and there, for an account. In MySQL, it alone tells default roles."""
    if version.mariadb:
        return bool(name.host) and name not in known and version.number >= (10, 2, 0)
    return version.number >= (8, 0, 0) or (name not in known and version.number >= (5, 7, 0))


def _definition(
    name: AccountName,
    shown: GrantLines,
    known: Account | None,
    told: Lines | None,
    version: ServerVersion,
) -> Account:
    """An account without its grants, from what says most of it."""
    if known:
        if told is None or isinstance(told, MysqlError):
            return known
        return replace(known, default_roles=account_of_create_user(name, told, version).default_roles)
    if _is_role(name, version):
        return Account(name, is_role=True)
    if told is None:
        return account_of_grants(name, shown.tail)
    return account_of_create_user(name, _told(told), version)


def _told(lines: Lines) -> list[str]:
    if isinstance(lines, MysqlError):
        raise lines
    return lines


def _not_told(
    version: ServerVersion,
    read: Collection[AccountName],
    known: Mapping[AccountName, Account],
    definitions: Mapping[AccountName, Lines],
) -> tuple[Skipped, ...]:
    """What these accounts may have that no SHOW statement tells."""
    missing = []
    if any(name not in known for name in read) and not version.mariadb:
        if version.number >= (8, 0, 0):
            missing.append("second passwords")
        if version.number >= (5, 7, 0):
            missing.append("the lifetime of passwords that have expired")
        else:
            missing.append("whether passwords have expired")
    if any(isinstance(definitions.get(name), MysqlError) for name in read):
        missing.append("default roles")
    if not missing:
        return ()
    reason = "SHOW statements do not tell them to the account that reads"
    return (Skipped(ALL, ", ".join(missing), reason, "Look after them by hand, or mend what is said of grant tables."),)
