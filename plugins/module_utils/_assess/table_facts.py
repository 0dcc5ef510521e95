# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the source's tables and their files are like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Optional

from .._mysql.connection import Connection
from .._mysql.errors import MysqlError
from . import table_queries as queries
from .model import NAMED, NotKnownError, Objects
from .server_facts import ServerFacts

# Classes that the dictionary's rows fall into; those of InnoDB are in table_queries. An engine's class is its name in
# lower case behind ENGINE.
ENGINE = "engine:"
IN_MYSQL = "in_mysql"
SEQUENCE = "sequence"
VERSIONED = "versioned"
ENCRYPTED = "encrypted"
OLD_NAME = "old_name"

_PROCESS = "GRANT PROCESS ON *.* to the account that reads."
_ENCODED = re.compile("@([0-9a-f]{4})")
_PARTITION = re.compile("#p#.*", re.IGNORECASE | re.DOTALL)
_AUXILIARY = re.compile("(^|/)FTS_[0-9a-f]{16}_", re.IGNORECASE)
_OURS = ("mysql/", "sys/", "performance_schema/", "information_schema/")


class Largest(NamedTuple):
    """The largest file, or table where files are not known."""

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
        self._names: dict[str, list[str]] = {}
        self._last: dict[str, str] = {}

    def add(self, group: str, name: str) -> None:
        # the partitions of a table follow each other
        if self._last.get(group) == name:
            return
        self._last[group] = name
        self._counts[group] = self._counts.get(group, 0) + 1
        names = self._names.setdefault(group, [])
        if len(names) < NAMED:
            names.append(name)

    def objects(self) -> dict[str, Objects]:
        return {group: Objects(count, tuple(self._names[group])) for group, count in self._counts.items()}


def read_table_facts(connection: Connection, server: ServerFacts) -> TableFacts:
    """What tables and files are like, in three queries; a query that is refused makes its facts unknown.

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
            unknown.update(dict.fromkeys(members, f"{error.server_text.rstrip('.')}. {help_text}".strip()))

    engines: Counter[str] = Counter()
    collations: Counter[str] = Counter()
    for row in attempt(queries.tables_query(server.version), ("engines", *_DICTIONARY_CLASSES), ""):
        if row["tables"] is not None:
            engines[row["engine"].lower()] += int(row["tables"])
            collations[row["collation"].lower()] += int(row["tables"])
            continue
        name = f"{row['table_schema']}.{row['table_name']}"
        for group in _classes(row):
            gathering.add(group, name)
    sql = queries.innodb_query(server.version)
    if not sql:
        unknown.update(dict.fromkeys(queries.INNODB_CLASSES, "MySQL 5.5 does not tell it."))
    for row in attempt(sql, queries.INNODB_CLASSES, _PROCESS) if sql else ():
        name = _text(row["name"])
        if not _server_own(name):
            gathering.add(row["class"], table_name(name))
    size: dict[str, Any] = {}
    for row in attempt(queries.size_query(server.version), ("data_bytes", "files"), _PROCESS):
        size = row
    digits, _colon, name = _text(size.get("largest", "")).partition(":")
    return TableFacts(
        engines=None if "engines" in unknown else dict(engines),
        collations=dict(collations),
        objects=gathering.objects(),
        data_bytes=int(size["bytes"]) if size else None,
        files=int(size["files"]) if size else None,
        largest=Largest(table_name(name), int(digits)) if digits else Largest(),
        unknown=unknown,
    )


def table_name(name: str) -> str:
    """A table's name as a person writes it, of InnoDB's: ``shop/a@002db#p#p0`` is ``shop.a-b``; paths stay."""
    if name.startswith("/"):
        return name
    plain = _ENCODED.sub(lambda found: chr(int(found[1], 16)), _PARTITION.sub("", name))
    return plain.replace("/", ".", 1)


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
    if row["row_format"] == "Compressed":
        yield queries.COMPRESSED_ROWS
    if row["table_name"].lower().startswith("#mysql50#"):
        yield OLD_NAME
