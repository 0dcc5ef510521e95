# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the source server says of itself: version and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._mysql.connection import Connection
from .._mysql.server import ServerVersion, parse_version

_VALUE_LIMIT = 1000


class ServerFacts(NamedTuple):
    """What the source server says of itself: version and settings."""

    version: ServerVersion
    version_text: str
    """As the server writes it, such as ``8.0.36-28``."""
    variables: Mapping[str, str] = {}
    """Global values of all variables, names in lower case; what the server does not know is absent."""

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

    :raises MysqlError: when the server refuses a query or its version cannot be read.
    """
    variables = {
        row["Variable_name"].lower(): str(row["Value"])[:_VALUE_LIMIT]
        for row in connection.stream("SHOW GLOBAL VARIABLES")
    }
    return ServerFacts(
        version=parse_version(variables.get("version", ""), variables.get("version_comment", ""), variables),
        version_text=variables.get("version", ""),
        variables=variables,
    )
