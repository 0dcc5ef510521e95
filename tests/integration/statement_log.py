# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements that reach a real server, by its own general log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection


def statements_during(connection: Connection, action: Callable[[], Any]) -> list[bytes]:
    """The statements that reach the server while ``action`` runs, those that open a session among them.

    :param connection: of an administrator.
    """
    for statement in ("TRUNCATE TABLE mysql.general_log", "SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON"):
        connection.execute(statement)
    try:
        action()
    finally:
        connection.execute("SET GLOBAL general_log = OFF")
    rows = connection.rows(
        "SELECT CAST(argument AS BINARY) AS argument FROM mysql.general_log"
        " WHERE command_type IN ('Query', 'Execute') AND argument NOT LIKE 'SET GLOBAL %general_log%'"
        " ORDER BY event_time"
    )
    return [bytes(row["argument"]) for row in rows]
