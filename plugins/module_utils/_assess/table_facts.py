# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the source's tables and their files are like."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Optional

from .._mysql.connection import Connection
from .._mysql.errors import MysqlError
from .._mysql.privileges import Rights
from .._mysql.server import ServerVersion
from . import table_queries as queries
from .late_questions import LateQuestions
from .model import NAMED, NotKnownError, Objects
from .server_facts import ServerFacts
from .table_names import TableName, codes_of, decode, decoding, innodb_name
from .unread import why_unread

# Classes that the dictionary's rows fall into; those of InnoDB are in table_queries. An engine's class is its name in
# lower case behind ENGINE.
ENGINE = "engine:"
IN_MYSQL = "in_mysql"
SEQUENCE = "sequence"
VERSIONED = "versioned"
ENCRYPTED = "encrypted"
OLD_NAME = "old_name"

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


class _Query(NamedTuple):
    sql: str
    members: tuple[str, ...]
    """What is unknown where it is refused."""
    needs: str = ""
    """The privilege that it takes, or the table; "" where it takes none."""

    def allowed(self, rights: Optional[Rights]) -> bool:
        schema, _dot, table = self.needs.partition(".")
        return rights is None or not self.needs or (rights.may_select(schema, table) if table else rights.has(schema))

    @property
    def remedy(self) -> str:
        right = f"SELECT ON {self.needs}" if "." in self.needs else f"{self.needs} ON *.*"
        return f"GRANT {right} to the account that reads." if self.needs else ""


class _Reading:
    """What the rows of the queries come to."""

    def __init__(self, version: ServerVersion) -> None:
        self._encoded = queries.encoded_files(version)
        self.unknown: dict[str, str] = {}
        self.gathering = _Gathering()
        self.sizes = _Sizes()
        self.engines: Counter[str] = Counter()
        self.collations: Counter[str] = Counter()

    def take(self, row: Mapping[str, Any]) -> None:
        group, schema, name = row["class"], row["table_schema"], row["name"]
        if group == queries.FILE:
            self.sizes.add(name, int(row["number"] or 0), self._encoded)
        elif group == queries.ENGINES:
            self._count(name, row["detail"], int(row["number"]))
        elif group == queries.ODD:
            told = queries.odd_table(row["detail"])
            in_mysql = schema.lower() == "mysql"
            if not in_mysql:
                self._count(told.engine, told.collation, 1)
            for each in (IN_MYSQL,) if in_mysql else _classes(schema, name, told):
                self.gathering.add(each, TableName(schema, name))
        elif schema:
            self.gathering.add(group, TableName(schema, name))
        elif not _server_own(name):
            self.gathering.add(group, innodb_name(name, bool(row["number"])))

    def _count(self, engine: str, collation: str, tables: int) -> None:
        self.engines[engine.lower()] += tables
        self.collations[collation.lower()] += tables

    def names(self) -> set[TableName]:
        """Those that are going to be named."""
        of_sizes = (self.sizes.largest_file[1], *(table for _size, table in self.sizes.largest()))
        return {*self.gathering.names(), *of_sizes}

    def facts(self, names: Mapping[TableName, TableName]) -> TableFacts:
        """
        :param names: all that are named, as statements have them.
        """
        sizes, known = self.sizes, "data_bytes" not in self.unknown
        return TableFacts(
            engines=None if "engines" in self.unknown else dict(self.engines),
            collations=dict(self.collations),
            objects=self.gathering.objects(names),
            data_bytes=sizes.bytes if known else None,
            files=sizes.files if known else None,
            largest=Largest(names[sizes.largest_file[1]].label, sizes.largest_file[0]) if known else Largest(),
            largest_tables=tuple(Largest(names[table].label, size) for size, table in sizes.largest()) if known else (),
            unknown=self.unknown,
        )


def read_table_facts(
    connection: Connection, server: ServerFacts, rights: Optional[Rights], late: LateQuestions
) -> Callable[[], TableFacts]:
    """What tables and files are like, in one query; names that are encoded are a late question.

    What the account may not read is not asked for. A server that refuses the query all the same is asked for tables,
    for InnoDB's classes and for sizes, each by itself, and what it refuses again is unknown.

    :param rights: of the account; ``None`` where they are not known.
    :returns: what tells them, once no question is to be added any more.
    :raises MysqlError: ``mysql.connection_lost``.
    """
    version = server.version
    unknown: dict[str, str] = {}
    innodb = queries.innodb_query(version)
    if not innodb:
        unknown.update(dict.fromkeys(queries.INNODB_CLASSES, "MySQL 5.5 does not tell it."))
    each = [
        _Query(queries.tables_query(version), ("engines", *_DICTIONARY_CLASSES)),
        _Query(queries.size_query(version), ("data_bytes", "files"), queries.read_for_sizes(version)),
        *([_Query(innodb, queries.INNODB_CLASSES, queries.PROCESS)] if innodb else ()),
    ]
    for query in each:
        if not query.allowed(rights):
            unknown.update(dict.fromkeys(query.members, f"{query.needs} is not granted. {query.remedy}"))
    each = [query for query in each if query.allowed(rights)]
    reading = _read(connection, version, [_Query(" UNION ALL ".join(query.sql for query in each), ("all",))])
    if reading.unknown:
        reading = _read(connection, version, each)
    reading.unknown.update(unknown)
    codes = codes_of(reading.names())
    decoded = late.add([decoding(code, connection) for code in codes]) if codes else None

    def finish() -> TableFacts:
        return reading.facts(decode(reading.names(), _letters(codes, decoded) if decoded else {}))

    return finish


def _read(connection: Connection, version: ServerVersion, each: Sequence[_Query]) -> _Reading:
    reading = _Reading(version)
    for query in each:
        try:
            for row in connection.stream(query.sql):
                reading.take(row)
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                raise
            reading.unknown.update(dict.fromkeys(query.members, why_unread(error, query.remedy)))
    return reading


def _letters(codes: Sequence[str], decoded: Callable[[], list[Any]]) -> dict[str, str]:
    try:
        return {code: str(text) for code, text in zip(codes, decoded()) if text is not None}
    except MysqlError as error:
        if error.error_id == "mysql.connection_lost":
            raise
        return {}


def _server_own(name: str) -> bool:
    return name.lower().startswith(_OURS) or _AUXILIARY.search(name) is not None


def _classes(schema: str, name: str, told: queries.OddTable) -> Iterator[str]:
    if told.kind == "SEQUENCE":
        yield SEQUENCE
        return
    if told.kind == "SYSTEM VERSIONED":
        yield VERSIONED
    engine = told.engine.lower()
    if engine != "innodb":
        yield f"{ENGINE}{engine}"
    options = told.options.lower()
    if "page_compressed" in options or re.search("(?<!key_)compression=.(zlib|lz4)", options):
        yield queries.PAGE_COMPRESSED
    if re.search("encrypt(ed|ion).?=.?(y|yes)\\b", options):
        yield ENCRYPTED
    # ARCHIVE and packed MyISAM are of another kind of Compressed.
    if engine == "innodb" and told.row_format == "Compressed":
        yield queries.COMPRESSED_ROWS
    if any(each.lower().startswith(queries.OLD_NAME) for each in (schema, name)):
        yield OLD_NAME
