# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the source server says of itself: version and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._mysql.connection import Connection
from .._mysql.server import VARIABLES, ServerVersion, parse_version, read_server

ASSESSED = (
    *VARIABLES,
    "binlog_expire_logs_seconds",
    "expire_logs_days",
    "group_replication_group_name",
    "have_ssl",
    "innodb_checksum_algorithm",
    "innodb_encrypt_log",
    "innodb_force_recovery",
    "innodb_log_file_size",
    "innodb_log_files_in_group",
    "innodb_redo_log_capacity",
    "log_replica_updates",
    "log_slave_updates",
    "mandatory_roles",
    "tls_version",
    "wsrep_on",
)
"""The variables that an assessment looks at."""


class ServerFacts(NamedTuple):
    """What the source server says of itself: version and settings."""

    version: ServerVersion
    version_text: str
    """As the server writes it, such as ``8.0.36-28``."""
    variables: Mapping[str, str] = {}
    """Global values of the variables of ``ASSESSED``; what the server does not know is absent."""

    @property
    def series(self) -> tuple[int, int]:
        """The version's first two numbers."""
        return self.version.number[:2]

    @property
    def mysql(self) -> bool:
        """Whether it is MySQL itself, and not one of the servers that came of it."""
        return self.version.flavour == "mysql"

    def on(self, name: str) -> bool:
        """Whether a variable that the server knows is on."""
        return self.variables.get(name, "").upper() in ("ON", "1", "YES")


def read_server_facts(connection: Connection) -> ServerFacts:
    """What a server says of itself, in one query.

    :raises MysqlError: when the server refuses the query or its version cannot be read.
    """
    return server_facts(read_server(connection, sizes=False, names=ASSESSED))


def server_facts(told: Mapping[str, Any]) -> ServerFacts:
    """The same of what ``read_server`` gave before, asked for ``ASSESSED``. Pure.

    :raises MysqlError: its version cannot be read.
    """
    text = str(told.get("version", ""))
    version = ServerVersion(str(told.get("flavour", "")), parse_version(text, "", {}).number)
    return ServerFacts(version, text, told.get("variables") or {})
