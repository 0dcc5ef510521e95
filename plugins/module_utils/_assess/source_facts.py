# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the source itself tells, in at most ten queries, where it refuses none that its grants allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Optional, TypeVar

from .._errors import DbferryError
from .._mysql.connection import Connection
from .content_facts import ContentFacts, read_content_facts
from .late_questions import LateQuestions
from .own_rights import OwnRights, read_own_rights
from .server_facts import ServerFacts, read_server_facts, server_facts
from .table_facts import TableFacts, read_table_facts
from .wanted import Wanted

_Part = TypeVar("_Part")


class SourceFacts(NamedTuple):
    """What the source tells. A part that could not be read is ``None``, and ``missing`` says why."""

    server: ServerFacts
    tables: Optional[TableFacts]
    content: Optional[ContentFacts]
    missing: Mapping[str, str]


def read_source_facts(connection: Connection, wanted: Wanted, told: Mapping[str, Any]) -> SourceFacts:
    """Ask the source for all that can be read.

    :param told: what the server said of itself just before (``server_facts``); empty asks it, in one query more.
    :raises MysqlError: the source's version cannot be read.
    """
    missing: dict[str, str] = {}

    def part(name: str, read: Callable[[], _Part]) -> Optional[_Part]:
        if name in missing:
            return None
        try:
            return read()
        except DbferryError as error:
            missing[name] = error.message
            return None

    server = server_facts(told) if told else read_server_facts(connection)
    try:
        own = read_own_rights(connection, server.version)
    except DbferryError as error:
        own = OwnRights(None, error.message)
    late = LateQuestions(connection)
    tables = part("tables", lambda: read_table_facts(connection, server, own.rights, late))
    content = part("content", lambda: read_content_facts(connection, server, own, wanted, late))
    return SourceFacts(
        server,
        part("tables", tables) if tables else None,
        part("content", content) if content else None,
        missing,
    )
