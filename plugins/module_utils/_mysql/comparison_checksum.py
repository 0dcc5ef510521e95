# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The SQL that makes a table's checksum: the same number on every flavour, version and row format.

A row is rendered as one string, its SHA-256 taken, and the first 64 bits of all rows are added up exactly. A sum does
not depend on the order of rows and, other than XOR, counts rows that occur twice; a cryptographic hash, other than
CRC32, which is linear, notices values swapped between rows. SHA2() is there from MySQL 5.5 on, while MD5() is gone
from MySQL 9.6 on.

A row's string is its columns in the source's order, each so that no two rows have the same string:

=================================== ====================================================================
integer, BIT, YEAR                  the number
ENUM, SET                           as text: the member's name, not its number
DECIMAL                             its text
FLOAT, DOUBLE                       as DOUBLE, in the shortest digits that give the same number back
date and time types                 their text; the session is at UTC
text                                the stored bytes, or UTF-8 where the two sides' character sets differ
BINARY, BLOB, geometry              the stored bytes
JSON                                the server's own text of it, where both sides have the type JSON
UUID, INET4, INET6                  their text
NULL                                ``N``, which no value looks like
=================================== ====================================================================
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from .comparison_model import DataColumn, DataKey, TableData

_CLASSES = {
    "integer": ("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year", "bit"),
    "decimal": ("decimal", "numeric"),
    "float": ("float", "double", "real"),
    "temporal": ("date", "datetime", "timestamp", "time"),
    "text": ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"),
    "bytes": ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector"),
    "geometry": (
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "geomcollection",
    ),
    "json": ("json",),
    "address": ("uuid", "inet4", "inet6"),
}
_CLASS_OF_TYPE = {name: group for group, names in _CLASSES.items() for name in names}
# Types whose values can bound a chunk: they compare with a literal exactly as they sort.
_KEY_TYPES = {
    "number": ("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "decimal", "numeric"),
    "temporal": ("date", "datetime", "timestamp"),
    "text": ("char", "varchar"),
    "bytes": ("binary", "varbinary"),
}
_KEY_KIND_OF_TYPE = {name: kind for kind, names in _KEY_TYPES.items() for name in names}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_INSTANT = re.compile(r"[0-9 :.-]+")
# Longer values go in as their own SHA-256, so that a row's string stays far below max_allowed_packet.
_SHORT_OCTETS = 255
# Stands for the hash that a row has not got: far above any sum of 64-bit numbers, so that it can be told from them.
_NO_HASH = 10**40
_CHUNK_BYTES = 32 * 1024 * 1024
_CHUNK_ROWS = (1_000, 200_000)
_CHUNK_ROWS_UNKNOWN = 20_000


class ChecksumPlan(NamedTuple):
    """How one table is read on both sides.

    :ivar source_row: SQL of a row's string on the source; ``target_row`` on the target.
    :ivar key: the columns that bound chunks, with their kinds; empty where the table is read in one piece.
    :ivar uncompared: names of columns whose types on the two sides have no common form.
    """

    source_row: str
    target_row: str
    key_name: str
    key: tuple[tuple[str, str], ...]
    chunk_rows: int
    uncompared: tuple[str, ...]


def quote(name: str) -> str:
    """An identifier in back-quotes."""
    return "`{}`".format(name.replace("`", "``"))


def table_name(schema: str, table: str) -> str:
    """A table's name as SQL."""
    return f"{quote(schema)}.{quote(table)}"


def make_plan(source: TableData, target: TableData) -> ChecksumPlan:
    """Decide how a table is read; only columns that both sides have are."""
    there = {column.name: column for column in target.columns}
    source_fields, target_fields, uncompared = [], [], []
    for column in source.columns:
        other = there.get(column.name)
        if other is None:
            continue
        if value_class(column) != value_class(other):
            uncompared.append(column.name)
            continue
        convert = column.charset != other.charset
        # Both sides must choose alike, whatever each one's column can hold.
        long = max(column.octets, other.octets) > _SHORT_OCTETS
        source_fields.append(_field(column, convert, long))
        target_fields.append(_field(other, convert, long))
    key_name, key = _chunk_key(source, there)
    return ChecksumPlan(
        source_row=_concatenated(source_fields),
        target_row=_concatenated(target_fields),
        key_name=key_name,
        key=key,
        chunk_rows=chunk_rows(source.rows, source.bytes),
        uncompared=tuple(uncompared),
    )


def value_class(column: DataColumn) -> str:
    """The group of types whose values have one common form; a type that nobody knows is taken as bytes."""
    return _CLASS_OF_TYPE.get(column.data_type, "bytes")


def chunk_rows(rows: int, size: int) -> int:
    """How many rows a chunk has, so that it holds about 32 MiB; from the server's estimates."""
    if rows <= 0 or size <= 0:
        return _CHUNK_ROWS_UNKNOWN
    low, high = _CHUNK_ROWS
    return max(low, min(high, _CHUNK_BYTES * rows // size))


def count_query(table: str) -> str:
    """SQL that counts a table's rows, as ``n``."""
    return f"SELECT COUNT(*) AS n FROM {table}"


def checksum_query(table: str, row: str, condition: str) -> str:
    """SQL that gives the number of rows as ``n`` and their checksum as ``sum``, to be read by ``split_sum``."""
    value = f"CAST(CONV(LEFT(SHA2({row}, 256), 16), 16, 10) AS UNSIGNED)"
    where = f" WHERE {condition}" if condition else ""
    return f"SELECT COUNT(*) AS n, COALESCE(SUM(IFNULL({value}, {_NO_HASH})), 0) AS sum FROM {table}{where}"


def split_sum(value: Any) -> tuple[int, int]:
    """The checksum of a chunk, and how many of its rows the server could make no hash of.

    It can make none where a row's string is longer than max_allowed_packet.
    """
    unhashed, checksum = divmod(int(value), _NO_HASH)
    return checksum, unhashed


def boundary_query(plan: ChecksumPlan, table: str, after: Sequence[str] | None) -> str:
    """SQL for the key of the last row of the next chunk, as ``k0``, ``k1``...; no row where fewer rows are left."""
    columns = ", ".join(f"{_key_text(name, kind)} AS k{i}" for i, (name, kind) in enumerate(plan.key))
    order = ", ".join(quote(name) for name, _kind in plan.key)
    condition = f" WHERE {range_condition(plan, after, None)}" if after is not None else ""
    index = quote(plan.key_name)
    skip = plan.chunk_rows - 1
    return f"SELECT {columns} FROM {table} FORCE INDEX ({index}){condition} ORDER BY {order} LIMIT {skip}, 1"


def range_condition(plan: ChecksumPlan, after: Sequence[str] | None, upto: Sequence[str] | None) -> str:
    """The condition for the rows with ``after`` < key <= ``upto``; None is open.

    :param after: key values as ``boundary_query`` gave them.
    :raises ValueError: a value is not what its kind looks like.
    """
    parts = []
    if after is not None:
        parts.append(_bound(plan, after, ">", last=">"))
    if upto is not None:
        parts.append(_bound(plan, upto, "<", last="<="))
    return " AND ".join(parts)


def describe_range(plan: ChecksumPlan, after: Sequence[str] | None, upto: Sequence[str] | None) -> str:
    """A chunk in words; only numbers and instants are shown, because other keys may be personal data."""
    if not plan.key or plan.key[0][1] not in ("number", "temporal"):
        return ""
    name = plan.key[0][0]
    low = f"from {after[0]}" if after is not None else "from the first"
    high = f"to {upto[0]}" if upto is not None else "to the last"
    return f"{name} {low} {high}"


def _field(column: DataColumn, convert: bool, long: bool) -> str:
    name = quote(column.name)
    group = value_class(column)
    if group == "integer":
        return f"IFNULL(CONCAT({name} + 0, '|'), 'N')"
    if group == "float":
        return f"IFNULL(CONCAT({name} + 0E0, '|'), 'N')"
    if group in ("decimal", "temporal", "address"):
        return f"IFNULL(CONCAT(CAST({name} AS CHAR), '|'), 'N')"
    if group == "geometry":
        return f"IFNULL(SHA2({name}, 256), 'N')"
    if group == "json":
        return f"IFNULL(SHA2(CAST({name} AS CHAR), 256), 'N')"
    value = "CONVERT({} USING {})".format(name, "utf8mb4" if convert else "binary")
    plain = f"CONCAT(LENGTH({value}), ':', {value})"
    if long:
        plain = f"IF(LENGTH({value}) <= {_SHORT_OCTETS}, {plain}, SHA2({value}, 256))"
    return f"IFNULL({plain}, 'N')"


def _concatenated(fields: Sequence[str]) -> str:
    return "CONCAT({})".format(", ".join(fields)) if fields else "''"


def _chunk_key(source: TableData, there: dict[str, DataColumn]) -> tuple[str, tuple[tuple[str, str], ...]]:
    columns = {column.name: column for column in source.columns}
    for key in source.keys:
        kinds = _key_kinds(key, columns, there)
        if kinds:
            return key.name, tuple(zip(key.columns, kinds))
    return "", ()


def _key_kinds(key: DataKey, here: dict[str, DataColumn], there: dict[str, DataColumn]) -> list[str]:
    kinds = []
    for name in key.columns:
        ours, theirs = here.get(name), there.get(name)
        if ours is None or theirs is None or ours.data_type != theirs.data_type or ours.collation != theirs.collation:
            return []
        if ours.data_type not in _KEY_KIND_OF_TYPE:
            return []
        kinds.append(_KEY_KIND_OF_TYPE[ours.data_type])
    return kinds


def _key_text(name: str, kind: str) -> str:
    if kind == "text":
        return f"HEX(CONVERT({quote(name)} USING utf8mb4))"
    if kind == "bytes":
        return f"HEX({quote(name)})"
    return f"CAST({quote(name)} AS CHAR)"


def _literal(value: str, kind: str) -> str:
    pattern = {"number": _NUMBER, "temporal": _INSTANT}.get(kind)
    if pattern is None:
        bytes.fromhex(value)
        return "{}X'{}'".format("_utf8mb4 " if kind == "text" else "", value)
    if not pattern.fullmatch(value):
        raise ValueError(f"not a {kind} key: {value!r}")
    return value if kind == "number" else f"'{value}'"


def _bound(plan: ChecksumPlan, values: Sequence[str], strict: str, last: str) -> str:
    """``(a, b) < (x, y)`` written out, with a first condition by which the server finds the range in the index."""
    names = [quote(name) for name, _kind in plan.key]
    literals = [_literal(value, kind) for value, (_name, kind) in zip(values, plan.key)]
    alternatives = []
    for position in range(len(names)):
        equal = [f"{names[i]} = {literals[i]}" for i in range(position)]
        operator = last if position == len(names) - 1 else strict
        alternatives.append(" AND ".join([*equal, f"{names[position]} {operator} {literals[position]}"]))
    if len(alternatives) == 1:
        return alternatives[0]
    leading = f"{names[0]} {strict}= {literals[0]}"
    return "{} AND (({}))".format(leading, ") OR (".join(alternatives))
