# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Accounts of MySQL 5.5 to 9, of Percona Server and of Aurora, from their grant tables, set by set."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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
from .grant_tables import (
    FLAGS,
    Flags,
    FromTables,
    account_name,
    columns_of,
    flags_among,
    ownerless_grants,
    read_grants,
)
from .server import read_variables

_OLD_HASH_DIGITS = 16
_SECRET_COLUMNS = ("authentication_string", "Password")
_TIMES = ("password_last_changed",)


class Users(NamedTuple):
    """What ``mysql.user`` says.

    :ivar rows: the columns with hashes as hexadecimal digits, and those with privileges in one.
    """

    rows: list[dict[str, Any]]
    flags: Flags


def read_accounts(connection: Connection) -> FromTables:
    """Every account of the server with all that the grant tables say of it, in thirteen queries at most.

    :raises MysqlError: when the grant tables may not be read.
    """
    users = _read_users(connection)
    names = {account_name(row) for row in users.rows}
    grants = read_grants(connection, names, literal_schemas=has_literal_schemas(connection))
    if "Create_role_priv" not in users.flags.columns:
        accounts = accounts_from_rows(users, grants, [], [], [])
        return FromTables(accounts, ownerless_grants(grants, accounts))
    dynamic = connection.rows("SELECT USER AS User, HOST AS Host, PRIV, WITH_GRANT_OPTION FROM mysql.global_grants")
    edges = connection.rows("SELECT FROM_USER, FROM_HOST, TO_USER, TO_HOST, WITH_ADMIN_OPTION FROM mysql.role_edges")
    defaults = connection.rows(
        "SELECT USER AS User, HOST AS Host, DEFAULT_ROLE_USER, DEFAULT_ROLE_HOST FROM mysql.default_roles"
    )
    accounts = accounts_from_rows(users, grants, dynamic, edges, defaults)
    return FromTables(accounts, ownerless_grants(grants, accounts))


def read_definitions(connection: Connection, columns: Sequence[str] = ()) -> list[Account]:
    """The accounts with what ``mysql.user`` alone says of them, in two queries; in one where its columns are known.

    :param columns: those of ``mysql.user``; none where they are not known.
    :raises MysqlError: when it may not be read whole.
    """
    return accounts_from_rows(_read_users(connection, columns), {}, [], [], [])


def has_literal_schemas(connection: Connection) -> bool:
    """Whether the server reads schema names of grants as they stand: it does with partial_revokes on."""
    return read_variables(connection, ("partial_revokes",)).get("partial_revokes") == "ON"


def _read_users(connection: Connection, columns: Sequence[str] = ()) -> Users:
    columns = columns or columns_of(connection, "user")
    flags = flags_among(columns)
    wanted = [f"`{name}`" for name in columns if name not in (*_SECRET_COLUMNS, *_TIMES, *flags.columns)]
    wanted += [f"HEX(`{name}`) AS `{name}`" for name in columns if name in _SECRET_COLUMNS]
    return Users(connection.rows(f"SELECT {', '.join(wanted)}, {flags.sql} FROM mysql.user"), flags)


def accounts_from_rows(
    users: Users,
    grants: Mapping[AccountName, Mapping[Scope, Grant]],
    dynamic: list[dict[str, Any]],
    edges: list[dict[str, Any]],
    defaults: list[dict[str, Any]],
) -> list[Account]:
    """The accounts that rows of the grant tables make. Pure.

    :param users: ``mysql.user``.
    :param grants: what ``grant_tables.read_grants`` gave, under the names of the accounts.
    :param dynamic: ``mysql.global_grants``; :param edges: ``mysql.role_edges``; :param defaults:
        ``mysql.default_roles``. Servers before 8.0 have none of these.
    """
    by_account: dict[AccountName, dict[Scope, Grant]] = defaultdict(dict)
    for name, held in grants.items():
        by_account[name].update(held)
    for row in dynamic:
        scope = Scope("dynamic", "", row["PRIV"])
        by_account[account_name(row)][scope] = Grant(frozenset({row["PRIV"]}), row["WITH_GRANT_OPTION"] == "Y")
    roles: dict[AccountName, dict[AccountName, bool]] = defaultdict(dict)
    for row in edges:
        member = AccountName(row["TO_USER"], row["TO_HOST"].lower())
        roles[member][AccountName(row["FROM_USER"], row["FROM_HOST"].lower())] = row["WITH_ADMIN_OPTION"] == "Y"
    default_roles: dict[AccountName, set[AccountName]] = defaultdict(set)
    for row in defaults:
        default_roles[account_name(row)].add(AccountName(row["DEFAULT_ROLE_USER"], row["DEFAULT_ROLE_HOST"].lower()))
    out = []
    for row in users.rows:
        name = account_name(row)
        held = dict(by_account.get(name, {}))
        flags = users.flags.grant(row[FLAGS])
        if flags.privileges or flags.grantable:
            held[GLOBAL] = flags
        out.append(_account(name, row, held, roles.get(name, {}), frozenset(default_roles.get(name, ()))))
    return out


def _account(
    name: AccountName,
    row: Mapping[str, Any],
    grants: Mapping[Scope, Grant],
    roles: Mapping[AccountName, bool],
    default_roles: frozenset[AccountName],
) -> Account:
    attributes = json.loads(row.get("User_attributes") or "{}")
    locking = attributes.get("Password_locking", {})
    metadata = attributes.get("metadata")
    second = str(attributes.get("additional_password", ""))
    return Account(
        name=name,
        authentication=(authentication(row),),
        further_factors=tuple(
            str(factor.get("plugin", "")) for factor in attributes.get("multi_factor_authentication", ())
        ),
        second_password_hex=second.encode("utf-8").hex().upper(),
        tls=Tls(
            str(row.get("ssl_type") or "none").lower(),
            _text(row.get("ssl_cipher")),
            _text(row.get("x509_issuer")),
            _text(row.get("x509_subject")),
        ),
        limits=Limits(
            int(row.get("max_questions") or 0),
            int(row.get("max_updates") or 0),
            int(row.get("max_connections") or 0),
            int(row.get("max_user_connections") or 0),
            float(row.get("max_statement_time") or 0),
        ),
        password=PasswordRules(
            expired=row.get("password_expired") == "Y",
            lifetime_days=_optional(row.get("password_lifetime")),
            history=_optional(row.get("Password_reuse_history")),
            reuse_days=_optional(row.get("Password_reuse_time")),
            require_current={"Y": True, "N": False}.get(str(row.get("Password_require_current"))),
            failed_attempts=int(locking.get("failed_login_attempts", 0)),
            lock_days=int(locking.get("password_lock_time_days", 0)),
        ),
        locked=row.get("account_locked") == "Y",
        attributes_json=json.dumps(metadata, sort_keys=True, ensure_ascii=False) if metadata else "",
        roles=dict(roles),
        default_roles=default_roles,
        grants=grants,
        restrictions={
            entry["Database"]: frozenset(entry["Privileges"]) for entry in attributes.get("Restrictions", ())
        },
    )


def authentication(row: Mapping[str, Any]) -> Authentication:
    """Plug-in and hash of a row of ``mysql.user``, whose hash columns are hexadecimal digits.

    Servers before 5.7 leave the plug-in empty for accounts whose hash stands in ``Password``: 41 characters are
    mysql_native_password, 16 are mysql_old_password (MySQL, "Password Hashing in MySQL").
    """
    data = _text(row.get("authentication_string")) or _text(row.get("Password"))
    plugin = _text(row.get("plugin"))
    if not plugin:
        plugin = "mysql_old_password" if len(data) == 2 * _OLD_HASH_DIGITS else "mysql_native_password"
    return Authentication(plugin, data.upper())


def _optional(value: Any) -> int | None:
    return None if value is None else int(value)


def _text(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value or "")
