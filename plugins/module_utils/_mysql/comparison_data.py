# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Reads the rows of tables on both sides at once and says where they differ.

Each worker has a connection to either side. A table is read in a consistent snapshot of its own, so that the server
need not keep old row versions for longer than one table takes, and in chunks of its primary key, so that neither a
temporary table nor a lock on a table without snapshots (MyISAM) grows with the data. Only sums come back.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable

from .._counted import counted
from . import comparison_checksum as sql
from .comparison_model import EXPECTED, Difference, TableData, TableResult
from .connection import Connection, MysqlError, connect

NONE, COUNTS, CHECKSUM = "none", "counts", "checksum"

_SHOWN_RANGES = 3
# Tables that wait for a worker; bounds what a server with very many tables costs in memory.
_QUEUED_TABLES = 256
# Engines whose rows are elsewhere or nowhere.
_UNREAD_ENGINES = ("BLACKHOLE", "CONNECT", "FEDERATED", "SPIDER")
# Statements of their own, because no server knows both and neither is worth failing for.
_SESSION = (
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "SET SESSION wait_timeout = 86400",
    "SET SESSION max_execution_time = 0",
    "SET SESSION max_statement_time = 0",
)

Found = Callable[[TableResult, Sequence[Difference]], None]


class TablePair:
    """The same table on both sides."""

    def __init__(self, source: TableData, target: TableData) -> None:
        self.source = source
        self.target = target
        self.name = f"{source.schema}.{source.name}"


class DataComparison:
    """Compares tables as they are handed over, on several pairs of connections.

    It is a context manager: a block that fails stops the workers after the chunk that they are at.

    :param source: login options of the source, ``target`` of the target.
    :param mode: ``counts`` or ``checksum``.
    :param parallel: how many connections to each side.
    :param found: called with each table's result, from one thread at a time.
    """

    def __init__(
        self, source: Mapping[str, Any], target: Mapping[str, Any], mode: str, parallel: int, found: Found
    ) -> None:
        self._logins = (source, target)
        self._mode = mode
        self._found = found
        self._found_lock = threading.Lock()
        self._tables: queue.Queue[TablePair | None] = queue.Queue(_QUEUED_TABLES)
        self._failure: BaseException | None = None
        self._threads = [threading.Thread(target=self._work, daemon=True) for _number in range(parallel)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> DataComparison:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            self._failure = self._failure or error
        for thread in self._threads:
            thread.join()

    def add(self, pair: TablePair) -> None:
        """Hand a table over; waits while many are waiting already.

        :raises MysqlError: a worker has lost its connection.
        """
        while self._failure is None:
            try:
                self._tables.put(pair, timeout=1)
                return
            except queue.Full:
                continue
        raise self._failure

    def finish(self) -> None:
        """Wait until every table is read.

        :raises MysqlError: a worker has lost its connection.
        """
        for _thread in self._threads:
            self._put_end()
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            raise self._failure

    def _put_end(self) -> None:
        while self._failure is None:
            try:
                self._tables.put(None, timeout=1)
                return
            except queue.Full:
                continue

    def _work(self) -> None:
        try:
            with connect(self._logins[0]) as source, connect(self._logins[1]) as target:
                with ThreadPoolExecutor(max_workers=1) as beside:
                    self._read_tables(_BothSides(source, target, beside))
        except BaseException as error:  # told to the thread that waits
            self._failure = self._failure or error

    def _read_tables(self, sides: _BothSides) -> None:
        for connection in (sides.source, sides.target):
            _set_up(connection)
        while self._failure is None:
            try:
                pair = self._tables.get(timeout=1)
            except queue.Empty:
                continue
            if pair is None:
                return
            result, differences = _compare_table(sides, pair, self._mode, lambda: self._failure is not None)
            with self._found_lock:
                self._found(result, differences)


class _BothSides:
    """A connection to either side, and a thread that lets them work at the same time."""

    def __init__(self, source: Connection, target: Connection, beside: ThreadPoolExecutor) -> None:
        self.source = source
        self.target = target
        self._beside = beside

    def rows(self, source_query: str, target_query: str) -> tuple[list[Any], list[Any]]:
        theirs: Future[list[Any]] = self._beside.submit(self.target.rows, target_query)
        try:
            ours = self.source.rows(source_query)
        finally:
            # The connection must be free again before anyone else uses it, whatever became of the source.
            theirs.exception()
        return ours, theirs.result()

    def execute(self, statement: str) -> None:
        self.source.execute(statement)
        self.target.execute(statement)


def _set_up(connection: Connection) -> None:
    for statement in _SESSION:
        try:
            connection.execute(statement)
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                raise


def _compare_table(
    sides: _BothSides, pair: TablePair, mode: str, stopped: Callable[[], bool]
) -> tuple[TableResult, list[Difference]]:
    result = TableResult(pair.source.schema, pair.source.name, bytes=pair.source.bytes)
    for side, table in (("source", pair.source), ("target", pair.target)):
        if table.engine.upper() in _UNREAD_ENGINES:
            note = f"Tables of engine {table.engine} hold no rows of their own; none were read on the {side}."
            return result, [
                Difference("data.not_read", pair.name, pair.source.engine, pair.target.engine, EXPECTED, note)
            ]
    try:
        sides.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        try:
            if mode == COUNTS:
                return result, _compare_counts(sides, pair, result)
            return result, _compare_checksums(sides, pair, result, stopped)
        finally:
            sides.execute("COMMIT")
    except MysqlError as error:
        if error.error_id == "mysql.connection_lost":
            raise
        result.equal = False
        return result, [Difference("data.unreadable", pair.name, "", "", note=error.message)]


def _compare_counts(sides: _BothSides, pair: TablePair, result: TableResult) -> list[Difference]:
    ours, theirs = sides.rows(
        *(sql.count_query(sql.table_name(one.schema, one.name)) for one in (pair.source, pair.target))
    )
    result.rows_source, result.rows_target = int(ours[0]["n"]), int(theirs[0]["n"])
    result.equal = result.rows_source == result.rows_target
    return [] if result.equal else [_rows_differ(pair, result, "")]


def _compare_checksums(
    sides: _BothSides, pair: TablePair, result: TableResult, stopped: Callable[[], bool]
) -> list[Difference]:
    plan = sql.make_plan(pair.source, pair.target)
    result.rows_source = result.rows_target = 0
    sums = [0, 0]
    ranges: list[str] = []
    chunks = unlike = 0
    for after, upto in _chunks(sides.source, pair, plan):
        if stopped():
            break
        condition = sql.range_condition(plan, after, upto)
        queries = [
            sql.checksum_query(sql.table_name(table.schema, table.name), row, condition)
            for table, row in ((pair.source, plan.source_row), (pair.target, plan.target_row))
        ]
        answers = [answer[0] for answer in sides.rows(*queries)]
        result.rows_source += int(answers[0]["n"])
        result.rows_target += int(answers[1]["n"])
        parts = [sql.split_sum(answer["sum"]) for answer in answers]
        if parts[0][1] or parts[1][1]:
            raise _unhashed(pair, parts[0][1], parts[1][1])
        sums = [total + part[0] for total, part in zip(sums, parts)]
        chunks += 1
        if parts[0][0] != parts[1][0] or answers[0]["n"] != answers[1]["n"]:
            unlike += 1
            described = sql.describe_range(plan, after, upto)
            if described and len(ranges) < _SHOWN_RANGES:
                ranges.append(described)
    where = _where(chunks, unlike, ranges)
    differences = []
    if result.rows_source != result.rows_target:
        differences.append(_rows_differ(pair, result, where))
    elif unlike:
        checksums = [f"checksum {total:x}" for total in sums]
        differences.append(Difference("data.content", pair.name, checksums[0], checksums[1], note=where))
    if plan.uncompared:
        names = ", ".join(plan.uncompared)
        note = "Their types on the two sides have no common form, so that their values were not compared."
        differences.append(Difference("data.not_compared", pair.name, names, names, note=note))
    result.equal = not differences
    return [_of_memory_engine(one) if pair.source.engine == "MEMORY" else one for one in differences]


def _chunks(
    source: Connection, pair: TablePair, plan: sql.ChecksumPlan
) -> Iterator[tuple[Sequence[str] | None, Sequence[str] | None]]:
    """Bounds (after, up to) of consecutive key ranges that together hold every row, whatever the target has."""
    after: Sequence[str] | None = None
    if plan.key:
        table = sql.table_name(pair.source.schema, pair.source.name)
        while True:
            rows = source.rows(sql.boundary_query(plan, table, after))
            if not rows:
                break
            upto = [_text(rows[0][f"k{number}"]) for number in range(len(plan.key))]
            yield after, upto
            after = upto
    yield after, None


def _text(value: Any) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)


def _rows_differ(pair: TablePair, result: TableResult, where: str) -> Difference:
    source, target = (counted(rows or 0, "row") for rows in (result.rows_source, result.rows_target))
    return Difference("data.rows", pair.name, source, target, note=where)


def _of_memory_engine(difference: Difference) -> Difference:
    note = "A MEMORY table is empty after every restart of its server."
    return Difference(difference.kind, difference.object, difference.source, difference.target, EXPECTED, note)


def _where(chunks: int, unlike: int, ranges: Sequence[str]) -> str:
    if not unlike:
        return ""
    text = f"In {unlike} of {chunks} ranges of rows" if chunks > 1 else ""
    if ranges:
        text += (": " if text else "Rows with ") + "; ".join(ranges) + ("; ..." if unlike > len(ranges) else "")
    return text + "." if text else ""


def _unhashed(pair: TablePair, on_source: int, on_target: int) -> MysqlError:
    return MysqlError(
        f"Rows of {pair.name} are longer than max_allowed_packet lets a server take their checksum: "
        f"{on_source} on the source, {on_target} on the target. Raise max_allowed_packet there and compare again.",
        "verify.row_too_long",
    )
