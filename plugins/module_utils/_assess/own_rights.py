# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the account that assesses may do in its session."""

from __future__ import annotations

from typing import NamedTuple, Optional

from .._mysql.connection import Connection
from .._mysql.current_rights import read_current_rights
from .._mysql.errors import MysqlError
from .._mysql.privileges import Rights
from .._mysql.server import ServerVersion
from .unread import why_unread


class OwnRights(NamedTuple):
    """Rights, or why they are not known."""

    rights: Optional[Rights]
    why_not: str = ""


def read_own_rights(connection: Connection, version: ServerVersion) -> OwnRights:
    """In one query.

    :raises MysqlError: ``mysql.connection_lost``.
    """
    try:
        return OwnRights(read_current_rights(connection, version))
    except MysqlError as error:
        if error.error_id == "mysql.connection_lost":
            raise
        return OwnRights(None, why_unread(error, ""))
