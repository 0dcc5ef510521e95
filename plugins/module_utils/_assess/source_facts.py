# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the source itself tells, in at most ten queries, where it refuses none that its grants allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from .._errors import DbferryError
from .._mysql.connection import Connection
from .content_facts import ContentFacts, read_content_facts
from .late_questions import LateQuestions
from .own_rights import OwnRights, read_own_rights
from .parts import Parts
from .server_facts import ServerFacts, read_server_facts, server_facts
from .table_facts import TableFacts, read_table_facts
from .wanted import Wanted


class SourceFacts(NamedTuple):
    """What the source tells. A part that could not be read is ``None``."""

    server: ServerFacts
    tables: Optional[TableFacts]
    content: Optional[ContentFacts]


def read_source_facts(connection: Connection, wanted: Wanted, told: Mapping[str, Any], parts: Parts) -> SourceFacts:
    """Ask the source for all that can be read.

    :param told: what the server said of itself just before (``server_facts``); empty asks it, in one query more.
    :param parts: learns why a part could not be read.
    :raises MysqlError: the source's version cannot be read.
    """
    server = server_facts(told) if told else read_server_facts(connection)
    try:
        own = read_own_rights(connection, server.version)
    except DbferryError as error:
        own = OwnRights(None, error.message)
    late = LateQuestions(connection)
    tables = parts.read("tables", lambda: read_table_facts(connection, server, own.rights, late))
    content = parts.read("content", lambda: read_content_facts(connection, server, own, wanted, late))
    return SourceFacts(
        server,
        parts.read("tables", tables) if tables else None,
        parts.read("content", content) if content else None,
    )
