# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The stored objects of a server in one query: who and what they are, and what their texts mention."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import NamedTuple

from .._mysql.accounts_model import AccountName
from .._mysql.connection import Connection
from .._mysql.quoting import in_one_collation
from .._mysql.server import SYSTEM_SCHEMAS, ServerVersion
from .content_statements import administers, uses_system_tables

FILES = 1
"""The text writes or reads files of the server's host."""
ADMINISTRATION = 2
"""The text does what a managed server keeps for itself."""
ZONES = 4
"""The text names time zones."""
UNSEEN = 8
"""The account that reads may not see the text."""
UNDECLARED = 16
"""A function that is not declared deterministic, nor without changes."""
SYSTEM_TABLES = 32
"""The text mentions tables of schema mysql."""
BROKEN = 64
"""A view that the server cannot open."""
_BROKEN_VIEW = "broken view"

# Words of a text, as LIKE patterns ("!" escapes). LOAD DATA is no statement of stored code, so that OUTFILE, DUMPFILE
# and LOAD_FILE are all its ways to files (MySQL, "Restrictions on Stored Programs").
_WORDS = {
    FILES: ("%OUTFILE%", "%DUMPFILE%", "%LOAD!_FILE%"),
    ZONES: ("%CONVERT!_TZ%", "%TIME!_ZONE%"),
}
_NO_TEXT = "''"
_MARIADB_OWN = ("AddGeometry", "DropGeometry", "AddGeometryColumn", "DropGeometryColumn")
_OTHERS = ", ".join(f"'{name}'" for name in SYSTEM_SCHEMAS if name != "mysql")
# MariaDB keeps its accounts in global_priv, and shows them by a view.
_MARIADB_OWN_VIEW = "user"
_ALL_SYSTEM = ", ".join(f"'{name}'" for name in SYSTEM_SCHEMAS)


class Code(NamedTuple):
    """A stored object."""

    kind: str
    """``function``, ``procedure``, ``package``, ``package body``, ``trigger``, ``event`` or ``view``."""
    schema: str
    name: str
    definer: str = ""
    """``user@host``."""
    sql_mode: str = ""
    language: str = "SQL"
    status: str = ""
    """An event's: ``ENABLED``, ``DISABLED`` or ``SLAVESIDE_DISABLED``, from MySQL 8.4 on ``REPLICA_SIDE_DISABLED``."""
    time_zone: str = ""
    """An event's."""
    traits: int = 0
    """Of ``FILES``, ``ADMINISTRATION`` and so on."""

    @property
    def label(self) -> str:
        """The object as a person names it: ``procedure shop.bill``."""
        return f"{self.kind} {self.schema}.{self.name}"

    @property
    def account(self) -> AccountName:
        """The definer; servers compare hosts without regard to case."""
        user, _at, host = self.definer.rpartition("@")
        return AccountName(user, host.lower())

    def has(self, trait: int) -> bool:
        """Whether the object has a trait."""
        return bool(self.traits & trait)


def read_code(connection: Connection, version: ServerVersion) -> tuple[Code, ...]:
    """All stored objects that the account may see, those of the server itself left out. One query, row by row.

    Texts stay on the server, which searches them for words; a word in a comment counts, too.

    :raises MysqlError: the server could not be asked.
    """
    return code_from_rows(connection.stream(_query(version)))


def code_from_rows(rows: Iterable[dict[str, object]]) -> tuple[Code, ...]:
    """The objects that the query's rows tell. Thousands of them share a few definers and modes. Pure."""
    found: list[Code] = []
    broken: set[tuple[str, str]] = set()
    for row in rows:
        kind, schema, name = str(row["kind"]).lower(), str(row["schema_name"]), str(row["name"])
        if kind == _BROKEN_VIEW:
            broken.add((schema, name))
            continue
        found.append(
            Code(
                kind=sys.intern(kind),
                schema=sys.intern(schema),
                name=name,
                definer=sys.intern(str(row["definer"])),
                sql_mode=sys.intern(str(row["sql_mode"])),
                language=sys.intern(str(row["language"] or "SQL").upper()),
                status=sys.intern(str(row["status"])),
                time_zone=sys.intern(str(row["time_zone"])),
                traits=int(str(row["traits"])),
            )
        )
    return tuple(
        one._replace(traits=one.traits | BROKEN) if one.kind == "view" and (one.schema, one.name) in broken else one
        for one in found
    )


def tells_broken_views(version: ServerVersion) -> bool:
    """Whether the server knows which views it cannot open. MySQL 8.0 and later note it down; others would have to open
    all their tables for it."""
    return not version.mariadb and version.number >= (8, 0, 0)


def _query(version: ServerVersion) -> str:
    undeclared = (
        f"IF(ROUTINE_TYPE = 'FUNCTION' AND IS_DETERMINISTIC = 'NO' AND SQL_DATA_ACCESS IN"
        f" ('CONTAINS SQL', 'MODIFIES SQL DATA'), {UNDECLARED}, 0)"
    )
    own = ", ".join(f"'{name}'" for name in _MARIADB_OWN)
    parts = [
        _part(
            "ROUTINE_TYPE",
            "ROUTINE_SCHEMA",
            "ROUTINE_NAME",
            "ROUTINE_DEFINITION",
            f"information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ({_OTHERS})"
            f" AND NOT (ROUTINE_SCHEMA = 'mysql' AND ROUTINE_NAME IN ({own}))",
            sql_mode="SQL_MODE",
            # a language that is not SQL has its name there, and ROUTINE_BODY says EXTERNAL
            language="COALESCE(EXTERNAL_LANGUAGE, ROUTINE_BODY)",
            more=undeclared,
        ),
        _part(
            "'trigger'",
            "TRIGGER_SCHEMA",
            "TRIGGER_NAME",
            "ACTION_STATEMENT",
            f"information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN ({_ALL_SYSTEM})",
            sql_mode="SQL_MODE",
        ),
        _part(
            "'event'",
            "EVENT_SCHEMA",
            "EVENT_NAME",
            "EVENT_DEFINITION",
            f"information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN ({_OTHERS})",
            sql_mode="SQL_MODE",
            status="STATUS",
            time_zone="TIME_ZONE",
        ),
        _part(
            "'view'",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "VIEW_DEFINITION",
            f"information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN ({_OTHERS})"
            f" AND NOT (TABLE_SCHEMA = 'mysql' AND TABLE_NAME = '{_MARIADB_OWN_VIEW}')",
        ),
    ]
    if tells_broken_views(version):
        # The comment is why a view cannot be opened.
        parts.append(
            _part(
                f"'{_BROKEN_VIEW}'",
                "TABLE_SCHEMA",
                "TABLE_NAME",
                _NO_TEXT,
                f"information_schema.TABLES WHERE TABLE_TYPE = 'VIEW' AND TABLE_COMMENT <> 'VIEW'"
                f" AND TABLE_SCHEMA NOT IN ({_ALL_SYSTEM})",
                definer="''",
            )
        )
    return " UNION ALL ".join(parts)


def _part(
    kind: str,
    schema: str,
    name: str,
    text: str,
    source: str,
    definer: str = "DEFINER",
    sql_mode: str = "''",
    language: str = "'SQL'",
    status: str = "''",
    time_zone: str = "''",
    more: str = "0",
) -> str:
    columns = {
        "kind": kind,
        "schema_name": schema,
        "name": name,
        "definer": definer,
        "sql_mode": sql_mode,
        "language": language,
        "status": status,
        "time_zone": time_zone,
    }
    chosen = ", ".join(f"{in_one_collation(column)} AS {alias}" for alias, column in columns.items())
    return f"SELECT {chosen}, {_traits(text, more)} AS traits FROM {source}"


def _traits(text: str, more: str) -> str:
    folded = f"UPPER({in_one_collation(text)})"
    # servers before 8.0 give an empty text instead of NULL where it may not be shown
    found = ["0" if text == _NO_TEXT else f"IF(COALESCE({text}, '') = '', {UNSEEN}, 0)"]
    for trait, words in _WORDS.items():
        likes = " OR ".join(f"{folded} LIKE '{word}' ESCAPE '!'" for word in words)
        found.append(f"IF({likes}, {trait}, 0)")
    if text != _NO_TEXT:
        found.append(f"IF({administers(folded)}, {ADMINISTRATION}, 0)")
        found.append(f"IF({uses_system_tables(folded)}, {SYSTEM_TABLES}, 0)")
    return " + ".join([*found, more])
