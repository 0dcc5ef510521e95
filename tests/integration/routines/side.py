# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server of a test: how its stored objects are seen, and how it is emptied."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import (
    Inventory,
    Selection,
    StoredObject,
    to_bytes,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_read import read_inventory

from ..servers import DatabaseServer
from ..statement_log import statements_during

EVERYTHING = Selection()


class Side(NamedTuple):
    """A server and an open connection to it as root."""

    server: DatabaseServer
    connection: Connection

    def run(self, *statements: str | bytes) -> None:
        """Run statements one by one; bytes are sent as they are."""
        for statement in statements:
            self.connection.execute(statement)  # type: ignore[arg-type]

    def inventory(self, selection: Selection = EVERYTHING) -> Inventory:
        """What is stored there."""
        return read_inventory(self.connection, selection)

    def stored(self, name: str) -> StoredObject:
        """The one object of this name."""
        (found,) = [each for each in self.inventory().objects if each.name == name]
        return found

    def body(self, name: str) -> bytes:
        """The body of the one object of this name."""
        return to_bytes(self.stored(name).body)

    def grants(self, account: str) -> list[str]:
        """What SHOW GRANTS says of an account, which stands here as in a statement."""
        return sorted(next(iter(row.values())) for row in self.connection.rows(f"SHOW GRANTS FOR {account}"))

    def log_of(self, action: Callable[[], Any]) -> list[bytes]:
        """The statements that reach the server while ``action`` runs, by its general log."""
        return statements_during(self.connection, action)


def empty(side: Side) -> None:
    side.run("SET SESSION sql_mode = ''", "SET NAMES utf8mb4", "SET GLOBAL log_bin_trust_function_creators = 1")
    for row in side.connection.rows(
        "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA "
        "WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')"
    ):
        side.run("DROP DATABASE `{}`".format(row["name"].replace("`", "``")))
    for row in side.connection.rows(
        "SELECT User AS user, Host AS host FROM mysql.user "
        "WHERE User NOT IN ('root', 'mariadb.sys') AND User NOT LIKE 'mysql.%'"
    ):
        user, host = (side.connection.literal(row[part]) for part in ("user", "host"))
        side.run(f"DROP USER {user}@{host}" if row["host"] else f"DROP ROLE {user}")
