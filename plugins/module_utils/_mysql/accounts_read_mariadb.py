# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Accounts and roles of MariaDB, from its grant tables, set by set."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from . import accounts_read_mysql
from .accounts_model import (
    GLOBAL,
    Account,
    AccountName,
    Authentication,
    Grant,
    Limits,
    PasswordRules,
    Scope,
    Tls,
)
from .connection import Connection
from .grant_tables import FromTables, account_name, ownerless_grants, read_grants
from .server import ServerVersion

# From 10.4 on, mysql.global_priv holds a JSON object an account; privileges are bits of its member "access".
JSON_SINCE = (10, 4, 0)
_GRANT_BIT = 10
_BITS = {
    0: "SELECT",
    1: "INSERT",
    2: "UPDATE",
    3: "DELETE",
    4: "CREATE",
    5: "DROP",
    6: "RELOAD",
    7: "SHUTDOWN",
    8: "PROCESS",
    9: "FILE",
    11: "REFERENCES",
    12: "INDEX",
    13: "ALTER",
    14: "SHOW DATABASES",
    15: "SUPER",
    16: "CREATE TEMPORARY TABLES",
    17: "LOCK TABLES",
    18: "EXECUTE",
    19: "REPLICATION SLAVE",
    20: "REPLICATION CLIENT",
    21: "CREATE VIEW",
    22: "SHOW VIEW",
    23: "CREATE ROUTINE",
    24: "ALTER ROUTINE",
    25: "CREATE USER",
    26: "EVENT",
    27: "TRIGGER",
    28: "CREATE TABLESPACE",
    29: "DELETE HISTORY",
    30: "SET USER",
    31: "FEDERATED ADMIN",
    32: "CONNECTION ADMIN",
    33: "READ_ONLY ADMIN",
    34: "REPLICATION SLAVE ADMIN",
    35: "REPLICATION MASTER ADMIN",
    36: "BINLOG ADMIN",
    37: "BINLOG REPLAY",
    38: "SLAVE MONITOR",
    39: "SHOW CREATE ROUTINE",
}
GLOBAL_PRIVILEGES = frozenset(_BITS.values())
_TLS = {1: "any", 2: "x509", 3: "specified"}


def read_accounts(connection: Connection, version: ServerVersion) -> FromTables:
    """Every account and role of the server with all that the grant tables say of it, in at most nine queries.

    :raises MysqlError: when the grant tables may not be read.
    """
    mapping = connection.rows("SELECT Host, User, Role, Admin_option FROM mysql.roles_mapping")
    if version.number >= JSON_SINCE:
        objects = _read_objects(connection)
        grants = read_grants(connection, {account_name(row) for row in objects}, literal_schemas=False)
        accounts = accounts_from_rows(objects, grants, mapping)
        return FromTables(accounts, ownerless_grants(grants, accounts))
    found = accounts_read_mysql.read_accounts(connection)
    return found._replace(accounts=_with_flags(connection, found.accounts, _memberships(mapping)))


def read_definitions(connection: Connection, version: ServerVersion, columns: Sequence[str] = ()) -> list[Account]:
    """The accounts and roles with what the table of accounts alone says of them, in at most three queries.

    :param columns: as for ``accounts_read_mysql.read_definitions``, which serves servers before 10.4.
    :raises MysqlError: when it may not be read whole.
    """
    if version.number >= JSON_SINCE:
        return accounts_from_rows(_read_objects(connection), {}, [])
    return _with_flags(connection, accounts_read_mysql.read_definitions(connection, columns), {})


def _read_objects(connection: Connection) -> list[dict[str, Any]]:
    return connection.rows("SELECT Host, User, Priv FROM mysql.global_priv")


def _with_flags(
    connection: Connection, accounts: list[Account], memberships: Mapping[AccountName, Mapping[AccountName, bool]]
) -> list[Account]:
    """Accounts of a server before 10.4 with what ``mysql.user`` says of roles."""
    flags = connection.rows("SELECT Host, User, is_role, default_role FROM mysql.user")
    roles = {account_name(row) for row in flags if row["is_role"] == "Y"}
    defaults = {account_name(row): row["default_role"] for row in flags}
    return [
        _with_roles(account, account.name in roles, defaults.get(account.name, ""), memberships) for account in accounts
    ]


def accounts_from_rows(
    rows: list[dict[str, Any]],
    grants: Mapping[AccountName, Mapping[Scope, Grant]],
    mapping: list[dict[str, Any]],
) -> list[Account]:
    """The accounts that rows of the grant tables make. Pure.

    :param rows: ``mysql.global_priv``.
    :param grants: what ``grant_tables.read_grants`` gave.
    :param mapping: ``mysql.roles_mapping``.
    """
    memberships = _memberships(mapping)
    out = []
    for row in rows:
        told = json.loads(row["Priv"])
        name = account_name(row)
        held = dict(grants.get(name, {}))
        access = int(told.get("access", 0))
        privileges = frozenset(privilege for bit, privilege in _BITS.items() if access >> bit & 1)
        grantable = bool(access >> _GRANT_BIT & 1)
        if privileges or grantable:
            held[GLOBAL] = Grant(privileges, grantable)
        is_role = bool(told.get("is_role"))
        account = Account(name=name, grants=held) if is_role else _account(name, told, held)
        out.append(_with_roles(account, is_role, str(told.get("default_role", "")), memberships))
    return out


def _account(name: AccountName, told: Mapping[str, Any], grants: Mapping[Scope, Grant]) -> Account:
    lifetime = int(told.get("password_lifetime", -1))
    return Account(
        name=name,
        authentication=_authentication(told),
        tls=Tls(
            _TLS.get(int(told.get("ssl_type", 0)), "none"),
            told.get("ssl_cipher", ""),
            told.get("x509_issuer", ""),
            told.get("x509_subject", ""),
        ),
        limits=Limits(
            int(told.get("max_questions", 0)),
            int(told.get("max_updates", 0)),
            int(told.get("max_connections", 0)),
            int(told.get("max_user_connections", 0)),
            float(told.get("max_statement_time", 0)),
        ),
        # an expired password is one that was last changed at the beginning of time
        password=PasswordRules(
            expired=int(told.get("password_last_changed", -1)) == 0,
            lifetime_days=None if lifetime < 0 else lifetime,
        ),
        locked=bool(told.get("account_locked")),
        grants=grants,
    )


def _authentication(told: Mapping[str, Any]) -> tuple[Authentication, ...]:
    """The ways to log in, the first first. ``auth_or`` lists all but the one that stands in the object itself."""

    def way(part: Mapping[str, Any]) -> Authentication:
        data = str(part.get("authentication_string", ""))
        return Authentication(str(part.get("plugin") or "mysql_native_password"), data.encode("utf-8").hex().upper())

    if "auth_or" in told:
        # an empty object marks the place of the object's own plug-in in the order
        return tuple(way(part or told) for part in told["auth_or"])
    return (way(told),)


def _memberships(mapping: list[dict[str, Any]]) -> dict[AccountName, dict[AccountName, bool]]:
    out: dict[AccountName, dict[AccountName, bool]] = defaultdict(dict)
    for row in mapping:
        out[account_name(row)][AccountName(row["Role"], "")] = row["Admin_option"] == "Y"
    return out


def _with_roles(
    account: Account, is_role: bool, default_role: str, memberships: Mapping[AccountName, Mapping[AccountName, bool]]
) -> Account:
    return Account(
        **{
            **account.__dict__,
            "is_role": is_role,
            "authentication": () if is_role else account.authentication,
            "roles": dict(memberships.get(account.name, {})),
            "default_roles": frozenset({AccountName(default_role, "")}) if default_role else frozenset(),
        }
    )
