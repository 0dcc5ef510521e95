# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Small tables of a server that tell what it has besides data, read together."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

from .._mysql.connection import Connection
from .._mysql.errors import MysqlError
from .._mysql.privileges import Rights
from .._mysql.quoting import in_one_collation
from .._mysql.server import SYSTEM_SCHEMAS, ServerVersion
from .unread import why_unread

_STATUS = (
    "Innodb_os_log_written",
    "Mysqlx_sessions_accepted",
    "Rpl_semi_sync_master_clients",
    "Rpl_semi_sync_source_clients",
    "Uptime",
)
CHANGING = (
    *("ALTER", "ALTER ROUTINE", "CREATE", "CREATE ROUTINE", "CREATE VIEW", "DELETE"),
    *("DROP", "EVENT", "INDEX", "INSERT", "TRIGGER", "UPDATE"),
)
"""Privileges that change a schema or what is in it."""
_SYSTEM = ", ".join(f"'{schema}'" for schema in SYSTEM_SCHEMAS)
_ACCOUNT = "CONCAT(User, '@', LOWER(Host))"


class Entry(NamedTuple):
    """A row of one of the tables."""

    name: str
    detail: str = ""


Inventory = dict[str, tuple[Entry, ...]]


class _Part(NamedTuple):
    query: str
    tables: tuple[str, ...] = ()
    """What it reads that an account may be kept from; the other tables are everybody's."""

    @property
    def remedy(self) -> str:
        """What helps where it may not be read."""
        place = ", ".join(dict.fromkeys("mysql.*" if name.startswith("mysql.") else name for name in self.tables))
        return f"GRANT SELECT ON {place} to the account that reads." if place else ""


def read_inventory(
    connection: Connection,
    version: ServerVersion,
    rights: Optional[Rights],
    backup_user: str = "",
    expressions: Sequence[str] = (),
) -> tuple[Inventory, dict[str, str]]:
    """What the tables hold by the name of a part, and why a part is not known, where one may not be read.

    One query of what the account may read; where the server refuses it all the same, one for each table.

    :param rights: of the session; all is asked for where they are not known.
    :param backup_user: whose roles are asked for, too, as part ``roles``.
    :param expressions: whose values, whole numbers, are asked for, too: part ``values`` has them in one entry, with
        commas between.
    :raises MysqlError: ``mysql.connection_lost``.
    """
    parts = _parts(version)
    if backup_user and not version.mariadb and version.number >= (8, 0, 0):
        member, role = "CONCAT(TO_USER, '@', LOWER(TO_HOST))", "CONCAT(FROM_USER, '@', LOWER(FROM_HOST))"
        of_user = f"TO_USER = {connection.literal(backup_user)}"
        parts["roles"] = _guarded("roles", member, role, "mysql.role_edges", of_user)
    if expressions:
        parts["values"] = _open("values", f"CONCAT_WS(',', {', '.join(expressions)})", "''", "DUAL")
    unknown: dict[str, str] = {}
    if rights is not None:
        for name, part in parts.items():
            hidden = [table for table in part.tables if not rights.may_select(*table.split("."))]
            if hidden:
                unknown[name] = f"SELECT is not granted on {', '.join(hidden)}. {part.remedy}"
    parts = {name: part for name, part in parts.items() if name not in unknown}
    try:
        return _rows(connection, parts), unknown
    except MysqlError as error:
        if error.error_id == "mysql.connection_lost":
            raise
    found: Inventory = {}
    for name, part in parts.items():
        try:
            found.update(_rows(connection, {name: part}))
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                raise
            unknown[name] = why_unread(error, part.remedy)
    return found, unknown


def _rows(connection: Connection, parts: Mapping[str, _Part]) -> Inventory:
    found: dict[str, list[Entry]] = {name: [] for name in parts}
    for row in connection.stream(" UNION ALL ".join(part.query for part in parts.values())):
        found[row["part"]].append(Entry(str(row["name"]), sys.intern(str(row["detail"]))))
    return {name: tuple(entries) for name, entries in found.items()}


def _parts(version: ServerVersion) -> dict[str, _Part]:
    modern = not version.mariadb and version.number >= (5, 7, 0)
    status = "performance_schema.global_status" if modern else "information_schema.GLOBAL_STATUS"
    encryption = "DEFAULT_ENCRYPTION" if not version.mariadb and version.number >= (8, 0, 16) else "''"
    parts = {
        "me": _open("me", "CURRENT_USER()", "''", "DUAL"),
        "status": _open("status", "LOWER(VARIABLE_NAME)", "VARIABLE_VALUE", status, _named(_STATUS)),
        "schemas": _open(
            "schemas",
            "SCHEMA_NAME",
            encryption,
            "information_schema.SCHEMATA",
            f"LOWER(SCHEMA_NAME) NOT IN ({_SYSTEM})",
        ),
        "account_columns": _open(
            "account_columns",
            "COLUMN_NAME",
            "''",
            "information_schema.COLUMNS",
            "TABLE_SCHEMA = 'mysql' AND TABLE_NAME = 'user'",
        ),
        "plugins": _open(
            "plugins",
            "PLUGIN_NAME",
            "CONCAT(PLUGIN_TYPE, ':', COALESCE(PLUGIN_LIBRARY, ''))",
            "information_schema.PLUGINS",
            "PLUGIN_STATUS = 'ACTIVE'",
        ),
        "functions": _guarded("functions", "name", "dl", "mysql.func"),
        "servers": _guarded("servers", "Server_name", "Wrapper", "mysql.servers"),
        "changes_in_mysql": _Part(" UNION ALL ".join(_changes_in_mysql()), ("mysql.db", "mysql.tables_priv")),
        "proxies": _guarded(
            "proxies",
            _ACCOUNT,
            "CONCAT(Proxied_user, '@', LOWER(Proxied_host))",
            "mysql.proxies_priv",
        ),
        "zones": _guarded("zones", "COUNT(*)", "''", "mysql.time_zone_name"),
    }
    if not version.mariadb and version.number >= (8, 0, 0):
        parts["components"] = _guarded("components", "component_urn", "''", "mysql.component")
        # those of the server's own accounts are many, and stay where they are
        others = "USER NOT IN ('root', 'mysql.infoschema', 'mysql.session', 'mysql.sys')"
        parts["dynamic"] = _guarded("dynamic", _ACCOUNT, "PRIV", "mysql.global_grants", others)
    if not version.mariadb and version.number >= (8, 0, 24):
        # keyring components come by a manifest file, and are not in mysql.component
        keyring = "performance_schema.keyring_component_status"
        parts["keyring"] = _guarded("keyring", "STATUS_VALUE", "''", keyring, "STATUS_KEY = 'Component_name'")
    return parts


def _open(part: str, name: str, detail: str, table: str, where: str = "1") -> _Part:
    return _Part(_select(part, name, detail, table, where))


def _guarded(part: str, name: str, detail: str, table: str, where: str = "1") -> _Part:
    return _Part(_select(part, name, detail, table, where), (table,))


def _changes_in_mysql() -> tuple[str, str]:
    """Grants on schema mysql and on its tables, each as ``PRIVILEGE,PRIVILEGE ON mysql.TABLE``; of the schema's those
    that change it."""
    columns = {name: f"{name.capitalize().replace(' ', '_')}_priv" for name in CHANGING}
    held = ", ".join(f"IF({column} = 'Y', '{name}', NULL)" for name, column in columns.items())
    of_schema = f"CONCAT(CONCAT_WS(',', {held}), ' ON mysql.*')"
    of_table = "CONCAT(Table_priv, ',', Column_priv, ' ON mysql.', Table_name)"
    part, ours = "changes_in_mysql", "Db = 'mysql'"
    return (
        _select(part, _ACCOUNT, of_schema, "mysql.db", ours),
        _select(part, _ACCOUNT, of_table, "mysql.tables_priv", ours),
    )


def _named(names: tuple[str, ...]) -> str:
    return "VARIABLE_NAME IN ({})".format(", ".join(f"'{name}'" for name in names))


def _select(part: str, name: str, detail: str, table: str, where: str = "1") -> str:
    return (
        f"SELECT {in_one_collation(repr(part))} AS part, {in_one_collation(name)} AS name,"
        f" {in_one_collation(detail)} AS detail FROM {table} WHERE {where}"
    )
