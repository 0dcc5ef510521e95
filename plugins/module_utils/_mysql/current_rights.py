# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the account that is logged in may do in this session, active roles included."""

from __future__ import annotations

from .connection import Connection
from .grants import parse_grants
from .privileges import Rights, rights_of
from .server import ServerVersion


def show_current_grants(connection: Connection) -> list[str]:
    """The lines of SHOW GRANTS for this session.

    MySQL 8.0 tells what roles give only when it is told which; MariaDB tells it by itself.

    :raises MysqlError: the server could not be asked.
    """
    query = "SHOW GRANTS"
    if "mariadb" not in connection.server_version.lower() and int(connection.server_version.split(".")[0]) >= 8:
        roles = str(connection.value("SELECT CURRENT_ROLE()"))
        if roles != "NONE":
            query = f"SHOW GRANTS FOR CURRENT_USER() USING {roles}"
    return [str(next(iter(row.values()))) for row in connection.rows(query)]


def read_current_rights(connection: Connection, version: ServerVersion) -> Rights:
    """What this session may do.

    :raises MysqlError: the server could not be asked.
    """
    return rights_of(parse_grants(show_current_grants(connection)), version)
