# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the source's tables and their files are like."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Optional

from .._mysql.connection import Connection
from .._mysql.errors import MysqlError
from . import table_queries as queries
from .model import NAMED, NotKnownError, Objects
from .server_facts import ServerFacts
from .table_names import TableName, decode, innodb_name
from .unread import why_unread

# Classes that the dictionary's rows fall into; those of InnoDB are in table_queries. An engine's class is its name in
# lower case behind ENGINE.
ENGINE = "engine:"
IN_MYSQL = "in_mysql"
SEQUENCE = "sequence"
VERSIONED = "versioned"
ENCRYPTED = "encrypted"
OLD_NAME = "old_name"

_PROCESS = "GRANT PROCESS ON *.* to the account that reads."
_AUXILIARY = re.compile("(^|/)FTS_[0-9a-f]{16}_", re.IGNORECASE)
_OURS = ("mysql/", "sys/", "performance_schema/", "information_schema/")


class Largest(NamedTuple):
    """A file, or a table, and its bytes."""

    name: str = ""
    bytes: int = 0


class TableFacts(NamedTuple):
    """What the source's tables and their files are like. ``None`` is not known, and ``unknown`` says why."""

    engines: Optional[Mapping[str, int]] = None
    """Tables of each engine, by its name in lower case; without those of the server's own schemas."""
    collations: Mapping[str, int] = {}
    """Tables of each default collation."""
    objects: Mapping[str, Objects] = {}
    """Tables and tablespaces by class; a class that is not in ``unknown`` and has none is absent."""
    data_bytes: Optional[int] = None
    """Of InnoDB, with its indexes; of the files where the server tells their size."""
    files: Optional[int] = None
    """Tablespaces of InnoDB."""
    largest: Largest = Largest()
    largest_tables: tuple[Largest, ...] = ()
    """With all their partitions; the largest first."""
    unknown: Mapping[str, str] = {}
    """Name of a member or class to the reason why it is not known."""

    @property
    def count(self) -> int:  # type: ignore[override]
        """How many tables there are.

        :raises NotKnownError: it is not known.
        """
        if self.engines is None:
            raise NotKnownError(self.unknown.get("engines", "The server did not tell its tables."))
        return sum(self.engines.values())

    def of(self, group: str) -> Objects:
        """The objects of a class.

        :raises NotKnownError: they are not known.
        """
        if group in self.unknown:
            raise NotKnownError(self.unknown[group])
        if group.startswith(ENGINE) and "dictionary" in self.unknown:
            raise NotKnownError(self.unknown["dictionary"])
        return self.objects.get(group, Objects())


_DICTIONARY_CLASSES = (
    "dictionary",
    IN_MYSQL,
    SEQUENCE,
    VERSIONED,
    queries.PAGE_COMPRESSED,
    ENCRYPTED,
    OLD_NAME,
)


class _Gathering:
    """Counts the objects of each class, and keeps the names of the first."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._names: dict[str, list[TableName]] = {}
        self._last: dict[str, TableName] = {}

    def add(self, group: str, name: TableName) -> None:
        # the partitions of a table follow each other
        if self._last.get(group) == name:
            return
        self._last[group] = name
        self._counts[group] = self._counts.get(group, 0) + 1
        names = self._names.setdefault(group, [])
        if len(names) < NAMED:
            names.append(name)

    def names(self) -> set[TableName]:
        return {name for names in self._names.values() for name in names}

    def objects(self, decoded: Mapping[TableName, TableName]) -> dict[str, Objects]:
        found = {}
        for group, count in self._counts.items():
            names = [decoded[name] for name in self._names[group]]
            first = tuple(names[0][:2]) if names[0].schema else ()
            found[group] = Objects(count, tuple(name.label for name in names), first)
        return found


class _Sizes:
    """Adds up the sizes of files, and keeps the largest tables: a table of many partitions has many files."""

    def __init__(self) -> None:
        self.files = 0
        self.bytes = 0
        self.largest_file: tuple[int, TableName] = (0, TableName("", ""))
        self._partitioned: Counter[TableName] = Counter()
        self._whole: list[tuple[int, TableName]] = []

    def add(self, name: str, size: int, encoded: bool) -> None:
        self.files += 1
        self.bytes += size
        table = innodb_name(name, encoded)
        # The tablespace of the server's own dictionary is nobody's table.
        if name != "mysql":
            self.largest_file = max(self.largest_file, (size, table))
        if not table.schema or _server_own(name):
            return
        if name.endswith(f"/{table.table}"):
            heapq.heappush(self._whole, (size, table))
            if len(self._whole) > NAMED:
                heapq.heappop(self._whole)
        else:
            self._partitioned[table] += size

    def largest(self) -> list[tuple[int, TableName]]:
        return heapq.nlargest(NAMED, [*self._whole, *((size, table) for table, size in self._partitioned.items())])


def read_table_facts(connection: Connection, server: ServerFacts) -> TableFacts:
    """What tables and files are like, in three queries, or four where names are encoded; one that is refused makes its
    facts unknown.

    :raises MysqlError: ``mysql.connection_lost``.
    """
    unknown: dict[str, str] = {}
    gathering = _Gathering()

    def attempt(sql: str, members: tuple[str, ...], help_text: str) -> Iterator[dict[str, Any]]:
        try:
            yield from connection.stream(sql)
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                raise
            unknown.update(dict.fromkeys(members, why_unread(error, help_text)))

    engines: Counter[str] = Counter()
    collations: Counter[str] = Counter()
    for row in attempt(queries.tables_query(server.version), ("engines", *_DICTIONARY_CLASSES), ""):
        if row["tables"] is not None:
            engines[row["engine"].lower()] += int(row["tables"])
            collations[row["collation"].lower()] += int(row["tables"])
            continue
        name = TableName(row["table_schema"], row["table_name"])
        for group in _classes(row):
            gathering.add(group, name)
    sql = queries.innodb_query(server.version)
    if not sql:
        unknown.update(dict.fromkeys(queries.INNODB_CLASSES, "MySQL 5.5 does not tell it."))
    for row in attempt(sql, queries.INNODB_CLASSES, _PROCESS) if sql else ():
        schema, text = _text(row["table_schema"]), _text(row["name"])
        if schema:
            gathering.add(row["class"], TableName(schema, text))
        elif not _server_own(text):
            gathering.add(row["class"], innodb_name(text, bool(row["encoded"])))
    sizes, encoded = _Sizes(), queries.encoded_files(server.version)
    for row in attempt(queries.size_query(server.version), ("data_bytes", "files"), _PROCESS):
        sizes.add(_text(row["name"]), int(row["bytes"] or 0), encoded)
    known, largest = "data_bytes" not in unknown, sizes.largest()
    names = decode({*gathering.names(), sizes.largest_file[1], *(table for _size, table in largest)}, connection)
    return TableFacts(
        engines=None if "engines" in unknown else dict(engines),
        collations=dict(collations),
        objects=gathering.objects(names),
        data_bytes=sizes.bytes if known else None,
        files=sizes.files if known else None,
        largest=Largest(names[sizes.largest_file[1]].label, sizes.largest_file[0]) if known else Largest(),
        largest_tables=tuple(Largest(names[table].label, size) for size, table in largest) if known else (),
        unknown=unknown,
    )


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _server_own(name: str) -> bool:
    return name.lower().startswith(_OURS) or _AUXILIARY.search(name) is not None


def _classes(row: Mapping[str, Any]) -> Iterator[str]:
    if row["table_schema"].lower() == "mysql":
        yield IN_MYSQL
        return
    if row["table_type"] == "SEQUENCE":
        yield SEQUENCE
        return
    if row["table_type"] == "SYSTEM VERSIONED":
        yield VERSIONED
    engine = row["engine"].lower()
    if engine != "innodb":
        yield f"{ENGINE}{engine}"
    options = row["create_options"].lower()
    if "page_compressed" in options or re.search("(?<!key_)compression=.(zlib|lz4)", options):
        yield queries.PAGE_COMPRESSED
    if re.search("encrypt(ed|ion).?=.?(y|yes)\\b", options):
        yield ENCRYPTED
    # ARCHIVE and packed MyISAM are of another kind of Compressed.
    if engine == "innodb" and row["row_format"] == "Compressed":
        yield queries.COMPRESSED_ROWS
    if any(row[name].lower().startswith(queries.OLD_NAME) for name in ("table_schema", "table_name")):
        yield OLD_NAME
