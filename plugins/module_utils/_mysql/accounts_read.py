# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""All accounts of a server, whichever member of the family it is, from its grant tables or else from SHOW."""

from __future__ import annotations

from . import accounts_read_mariadb, accounts_read_mysql, accounts_read_show
from .accounts_read_show import Reading
from .connection import Connection
from .errors import MysqlError
from .server import ServerVersion


def read_accounts(connection: Connection, version: ServerVersion) -> Reading:
    """Every account of the server, sorted by name: in a constant number of queries from the grant tables.

    Where the server refuses one of these (a right is missing, a table is damaged), SHOW statements tell the same, many
    of them in one round trip; what they do not tell is said.

    :param connection: made with ``multi_statements=True``, or it can read grant tables only.
    :raises MysqlError: the server could not be asked.
    """
    try:
        if version.mariadb:
            found = accounts_read_mariadb.read_accounts(connection, version)
        else:
            found = accounts_read_mysql.read_accounts(connection)
    except MysqlError as refusal:
        if refusal.error_id == "mysql.connection_lost":
            raise
        return accounts_read_show.read_accounts(connection, version, refusal)
    return Reading(sorted(found.accounts, key=lambda account: account.name), ownerless=found.ownerless)
