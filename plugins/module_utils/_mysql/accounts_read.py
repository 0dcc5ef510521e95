# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""All accounts of a server, whichever member of the family it is."""

from __future__ import annotations

from . import accounts_read_mariadb, accounts_read_mysql
from .accounts_model import Account
from .connection import Connection
from .errors import MysqlError
from .server import ServerVersion


def read_accounts(connection: Connection, version: ServerVersion) -> list[Account]:
    """Every account of the server, in a constant number of queries, sorted by name.

    :raises MysqlError: ``accounts.unreadable`` when the grant tables may not be read.
    """
    try:
        if version.mariadb:
            accounts = accounts_read_mariadb.read_accounts(connection, version)
        else:
            accounts = accounts_read_mysql.read_accounts(connection)
    except MysqlError as error:
        if error.error_id != "mysql.privilege_missing":
            raise
        raise MysqlError(  # pylint: disable=bad-exception-cause  # it cannot follow the class into its base
            f"The accounts of {connection.where} cannot be read: {error.server_text}.",
            "accounts.unreadable",
            "Grant the account that logs in SELECT on mysql.* (the master user of an Aurora cluster has it).",
            error.details,
            error.errno,
            error.server_text,
        ) from error
    return sorted(accounts, key=lambda account: account.name)
