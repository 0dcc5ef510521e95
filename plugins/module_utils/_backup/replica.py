# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a backup with ``--safe-slave-backup`` may leave behind on a replica."""

from contextlib import contextmanager
from typing import Iterator

from .._errors import DbferryError
from .tool import Server

# The tool did not get as far as the replica then.
_BEFORE = (
    *("source.access_denied", "source.authentication_plugin", "source.not_mysql", "source.unreachable"),
    *("tool.not_started", "tool.option_unknown", "tool.unsupported_server"),
)


@contextmanager
def sql_thread_told(stopped_by_tool: bool, server: Server) -> Iterator[None]:
    """Add to an error raised within the block that the tool may not have started the SQL thread again.

    It does that at its end, which a tool that fails or is stopped does not reach.

    :param stopped_by_tool: whether the tool was asked to stop it.
    """
    try:
        yield
    except DbferryError as error:
        if stopped_by_tool and error.error_id not in _BEFORE:
            error.add(
                "It ran with safe_slave_backup, so that the replica's SQL thread may be stopped.",
                "Look whether it runs, and start it by {0}.".format(_start_statement(server)),
            )
        raise


def _start_statement(server: Server) -> str:
    new = server.flavour != "mariadb" and server.numbers >= (8, 0, 22)
    return "START {0} SQL_THREAD".format("REPLICA" if new else "SLAVE")
