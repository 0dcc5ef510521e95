# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The grant tables that all servers of the family have in common, read whole: one query a table."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from .accounts_model import Account, AccountName, Grant, Scope
from .connection import Connection
from .grants import privilege_name
from .quoting import escape_pattern, quote_name

GrantsByAccount = dict[AccountName, dict[Scope, Grant]]

FLAGS = "flags"
# mysql.user and mysql.db name a column for each privilege; most are the privilege's own name.
_COLUMN_NAMES = {
    "Create_tmp_table_priv": "CREATE TEMPORARY TABLES",
    "Repl_client_priv": "REPLICATION CLIENT",
    "Repl_slave_priv": "REPLICATION SLAVE",
    "Show_db_priv": "SHOW DATABASES",
}


class FromTables(NamedTuple):
    """What the grant tables of a server say."""

    accounts: list[Account]
    ownerless: Mapping[AccountName, tuple[Scope, ...]]
    """Scopes of grants whose account is not in the table of accounts."""


def account_name(row: Mapping[str, Any]) -> AccountName:
    """The account that a row of a grant table is about. Servers compare hosts without regard to case."""
    return AccountName(row["User"], row["Host"].lower())


class Flags(NamedTuple):
    """The ``..._priv`` columns of ``mysql.user`` or ``mysql.db``, read as one column.

    Of thirty columns that are mostly N, a driver written in Python makes thirty strings a row.
    """

    columns: tuple[str, ...]

    @property
    def sql(self) -> str:
        """The column of a SELECT that ``grant`` understands; its name is FLAGS."""
        return f"CONCAT({', '.join(map(quote_name, self.columns))}) AS {FLAGS}"

    def grant(self, flags: str) -> Grant:
        """The grant that a row's flags make."""
        return _grant_of_flags(self.columns, flags)


@functools.lru_cache(maxsize=4096)
def _grant_of_flags(columns: tuple[str, ...], flags: str) -> Grant:
    privileges, grantable = set(), False
    for column, flag in zip(columns, flags):
        if flag != "Y":
            continue
        if column == "Grant_priv":
            grantable = True
        else:
            plain = column[: -len("_priv")].replace("_", " ")
            privileges.add(_COLUMN_NAMES.get(column) or privilege_name(plain))
    return Grant(frozenset(privileges), grantable)


def columns_of(connection: Connection, table: str) -> list[str]:
    """The columns of a grant table, which differ from version to version. One query.

    :raises MysqlError: when it may not be read.
    """
    return [row["Field"] for row in connection.rows(f"SHOW COLUMNS FROM mysql.{table}")]


def flags_among(columns: Iterable[str]) -> Flags:
    """Those of a table's columns that are privileges."""
    return Flags(tuple(name for name in columns if name.endswith("_priv")))


@functools.lru_cache(maxsize=4096)
def grant_of_set(value: str) -> Grant:
    """The grant that a SET column such as ``Table_priv`` makes."""
    names = {privilege_name(name) for name in value.split(",") if name}
    return Grant(frozenset(names - {"GRANT"}), "GRANT" in names)


def read_grants(connection: Connection, names: Collection[AccountName], literal_schemas: bool) -> GrantsByAccount:
    """All schema, table, column, routine and proxy grants of a server, in six queries.

    :param names: of the accounts that there are.
    :param literal_schemas: the server has partial_revokes on and reads schema names of grants as they stand.
    :raises MysqlError: when the grant tables may not be read.
    """
    found: GrantsByAccount = defaultdict(dict)
    flags = flags_among(columns_of(connection, "db"))
    for row in connection.rows(f"SELECT Host, User, Db, {flags.sql} FROM mysql.db"):
        pattern = escape_pattern(row["Db"]) if literal_schemas else row["Db"]
        _put(found, row, Scope("schema", pattern), flags.grant(row[FLAGS]))
    for row in connection.rows("SELECT Host, User, Db, Table_name, Table_priv FROM mysql.tables_priv"):
        _put(found, row, Scope("table", row["Db"], row["Table_name"]), grant_of_set(_set(row["Table_priv"])))
    for row in connection.rows("SELECT Host, User, Db, Table_name, Column_name, Column_priv FROM mysql.columns_priv"):
        scope = Scope("column", row["Db"], row["Table_name"], row["Column_name"].lower())
        _put(found, row, scope, grant_of_set(_set(row["Column_priv"])))
    for row in connection.rows("SELECT Host, User, Db, Routine_name, Routine_type, Proc_priv FROM mysql.procs_priv"):
        name = mended_text(row["Routine_name"]).lower()
        scope = Scope("routine", mended_text(row["Db"]), name, str(row["Routine_type"]).upper())
        found[mended_account(account_name(row), names)][scope] = grant_of_set(_set(row["Proc_priv"]))
    for row in connection.rows("SELECT Host, User, Proxied_host, Proxied_user, With_grant FROM mysql.proxies_priv"):
        scope = Scope("proxy", "", row["Proxied_user"], row["Proxied_host"].lower())
        _put(found, row, scope, Grant(frozenset({"PROXY"}), bool(int(row["With_grant"]))))
    return found


def mended_text(text: str) -> str:
    """The name that ``mysql.procs_priv`` means: every server writes its names as if their UTF-8 were latin1.

    A row that came by INSERT holds the name itself, which is hardly ever UTF-8 in bytes of latin1.
    """
    if text.isascii():
        return text
    try:
        return b"".join(map(_latin1_byte, text)).decode("utf-8")
    except UnicodeError:
        return text


def mended_account(name: AccountName, names: Collection[AccountName]) -> AccountName:
    """The account that a row of ``mysql.procs_priv`` means.

    :param names: of the accounts that there are.
    """
    mended = name._replace(user=mended_text(name.user))
    return mended if name not in names and mended in names else name


def _latin1_byte(character: str) -> bytes:
    """The byte that MySQL's latin1 has for a character: it is cp1252, with nothing left undefined."""
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def ownerless_grants(
    grants: Mapping[AccountName, Mapping[Scope, Grant]], accounts: Iterable[Account]
) -> dict[AccountName, tuple[Scope, ...]]:
    """The scopes of grants whose account does not exist, by its name. Pure."""
    names = {account.name for account in accounts}
    return {name: tuple(sorted(held)) for name, held in grants.items() if name not in names}


def _set(value: Any) -> str:
    """A SET column's value: drivers give text or a set of names."""
    return ",".join(value) if isinstance(value, Iterable) and not isinstance(value, str) else value or ""


def _put(found: GrantsByAccount, row: Mapping[str, Any], scope: Scope, grant: Grant) -> None:
    if grant.privileges or grant.grantable:
        found[account_name(row)][scope] = grant
