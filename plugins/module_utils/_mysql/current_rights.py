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
    """The lines of SHOW GRANTS for this session. One query.

    With no account named, MySQL adds what active roles give (``Sql_cmd_show_grants::execute`` in all of 8.0), and so
    does MariaDB.

    :raises MysqlError: the server could not be asked.
    """
    return [str(next(iter(row.values()))) for row in connection.rows("SHOW GRANTS")]


def read_current_rights(connection: Connection, version: ServerVersion) -> Rights:
    """What this session may do.

    :raises MysqlError: the server could not be asked.
    """
    return rights_of(parse_grants(show_current_grants(connection)), version)
