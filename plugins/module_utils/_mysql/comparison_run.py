# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Compares two servers: catalogue, accounts, variables, rows. The service behind the module ``mysql_verify``."""

from __future__ import annotations

import fnmatch
import glob
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import DbferryError
from .._progress.file import ProgressFile
from . import comparison as compare
from .comparison_accounts_run import account_differences
from .comparison_catalogue import ServerFacts, read_schema, read_schemas, read_server_facts
from .comparison_data import NONE, DataComparison, TablePair
from .comparison_model import (
    ERROR,
    CatalogueObject,
    Difference,
    DifferenceList,
    LeftBehind,
    SchemaCatalogue,
    TableResult,
)
from .comparison_stored import stored_objects, unread_objects
from .connection import Connection, MysqlError, connect
from .routines import Selection
from .routines_read import read_inventory

Position = tuple[str, int]

_LARGEST = 20
_POSITION_STATEMENTS = ("SHOW BINARY LOG STATUS", "SHOW MASTER STATUS")


class Request(NamedTuple):
    """What to compare and how.

    :ivar schemas: names or patterns of schemas to compare; empty for all. ``exclude_schemas`` leaves some of them out.
    :ivar data: ``none``, ``counts`` or ``checksum``.
    :ivar parallel: connections to each side that read rows.
    :ivar max_differences: how many differences the result may list.
    :ivar backup_binlog: the source's (file, position) when the backup was taken.
    :ivar left_behind: what was left behind on purpose or made otherwise.
    """

    source: Mapping[str, Any]
    target: Mapping[str, Any]
    schemas: Sequence[str]
    exclude_schemas: Sequence[str]
    data: str
    parallel: int
    max_differences: int
    backup_binlog: Position | None
    left_behind: LeftBehind


def compare_servers(request: Request, progress: ProgressFile) -> dict[str, Any]:
    """Compare a source with a target.

    :returns: the members of the module's result: ``equal``, ``summary``, ``tables``, ``differences``,
        ``differences_total``, ``source_moved``, ``source_written_since_backup``, ``elapsed_seconds``.
    :raises MysqlError: a server cannot be reached or was lost.
    :raises DbferryError: ``verify.no_schema`` when the patterns fit no schema of the source.
    """
    started = time.monotonic()
    with (
        connect(request.source, multi_statements=True) as source,
        connect(request.target, multi_statements=True) as target,
    ):
        comparison = _Comparison(request, source, target, progress)
        comparison.run()
        return dict(comparison.result(), elapsed_seconds=round(time.monotonic() - started, 1))


class _Comparison:
    """One comparison under way."""

    def __init__(self, request: Request, source: Connection, target: Connection, progress: ProgressFile) -> None:
        self._request = request
        self._source = source
        self._target = target
        self._progress = progress
        self._differences = DifferenceList(request.max_differences)
        self._of_data = DifferenceList(request.max_differences)
        self._largest: list[TableResult] = []
        self._unlike: list[TableResult] = []
        self._counts = dict.fromkeys(
            ("schemas", "tables", "objects", "checked", "different", "rows_source", "rows_target", "bytes"), 0
        )
        self._written: dict[str, bool | None] = {}

    def run(self) -> None:
        self._progress.update("reading the catalogues")
        before = binlog_position(self._source)
        ours, theirs = read_server_facts(self._source), read_server_facts(self._target)
        context = compare.Context(theirs.login_user, self._request.left_behind)
        for difference in compare.compare_variables(
            ours.variables, theirs.variables, ours.utc_offset, theirs.utc_offset
        ):
            self._differences.add(difference)
        self._progress.update("comparing accounts")
        for difference in account_differences(self._source, self._target, self._request.left_behind):
            self._differences.add(difference)
        pairs = self._compare_schemas(ours, theirs, context)
        if self._request.data == NONE:
            for _pair in pairs:
                pass
        else:
            with self._reader() as data:
                for pair in pairs:
                    data.add(pair)
                data.finish()
        after = binlog_position(self._source)
        self._written = {
            "source_moved": compare.moved_since(before, after),
            "source_written_since_backup": compare.moved_since(self._request.backup_binlog, after),
        }
        self._explain(after)

    def result(self) -> dict[str, Any]:
        listed = {(one.schema, one.table): one for one in self._largest + self._unlike}
        tables = sorted(listed.values(), key=lambda one: (one.equal is not False, -one.bytes, one.schema, one.table))
        summary: dict[str, Any] = dict(
            self._counts, data=self._request.data, errors=self._differences.errors, expected=self._differences.expected
        )
        if self._request.data == NONE:
            summary.update(rows_source=None, rows_target=None)
        return {
            "equal": self._differences.errors == 0,
            "summary": summary,
            "tables": [one.as_dict() for one in tables],
            "differences": self._differences.as_dicts(),
            "differences_total": self._differences.errors + self._differences.expected,
            **self._written,
        }

    def _reader(self) -> DataComparison:
        request = self._request
        return DataComparison(request.source, request.target, request.data, request.parallel, self._take_table)

    def _compare_schemas(self, ours: ServerFacts, theirs: ServerFacts, context: compare.Context) -> Iterator[TablePair]:
        """Compare the catalogues schema by schema, and give out the tables that both sides have on the way."""
        fold = ours.folds_names or theirs.folds_names
        here, there = (self._chosen(read_schemas(side), fold) for side in (self._source, self._target))
        if not here and self._request.schemas:
            raise DbferryError(
                "No schema of the source fits {}.".format(", ".join(self._request.schemas)),
                "verify.no_schema",
                "Correct the names or patterns in schemas and exclude_schemas.",
            )
        filled = {name for name in set(there) - set(here) if self._holds_tables(there[name].name)}
        for difference in compare.compare_schemas(here, there, filled, context):
            self._differences.add(difference)
        self._counts["schemas"] = len(here)
        self._compare_stored(here, there, fold, context)
        for number, name in enumerate(sorted(set(here) & set(there))):
            self._progress.update("comparing schemas", number, len(here), "schemas", name)
            source = read_schema(self._source, ours, here[name].name, fold)
            target = read_schema(self._target, theirs, there[name].name, fold)
            for difference in compare.compare_objects(source.objects, target.objects, context):
                self._differences.add(difference)
            self._counts["objects"] += len(source.objects)
            self._counts["tables"] += len(source.tables)
            yield from _pairs(source, target)

    def _compare_stored(
        self,
        here: Mapping[str, CatalogueObject],
        there: Mapping[str, CatalogueObject],
        fold: bool,
        context: compare.Context,
    ) -> None:
        both = set(here) & set(there)
        inventories = [
            read_inventory(connection, Selection(schemas=[glob.escape(chosen[name].name) for name in sorted(both)]))
            for connection, chosen in ((self._source, here), (self._target, there))
            if both
        ]
        if not inventories:
            return
        loose = inventories[0].family != inventories[1].family
        ours, theirs = (stored_objects(inventory, loose, fold) for inventory in inventories)
        for difference in (
            *compare.compare_objects(ours, theirs, context),
            *unread_objects(inventories[0], self._request.left_behind),
        ):
            self._differences.add(difference)
        self._counts["objects"] += len(ours)

    def _chosen(self, schemas: Mapping[str, CatalogueObject], fold: bool) -> dict[str, CatalogueObject]:
        def fits(name: str, patterns: Sequence[str]) -> bool:
            return any(fnmatch.fnmatchcase(name, pattern.lower() if fold else pattern) for pattern in patterns)

        folded = {(name.lower() if fold else name): schema for name, schema in schemas.items()}
        return {
            name: schema
            for name, schema in folded.items()
            if (not self._request.schemas or fits(name, self._request.schemas))
            and not fits(name, self._request.exclude_schemas)
        }

    def _holds_tables(self, schema: str) -> bool:
        query = "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s LIMIT 1"
        return self._target.value(query, (schema,)) is not None

    def _take_table(self, result: TableResult, differences: Sequence[Difference]) -> None:
        self._counts["checked"] += result.equal is not None
        self._counts["rows_source"] += result.rows_source or 0
        self._counts["rows_target"] += result.rows_target or 0
        self._counts["bytes"] += result.bytes
        self._largest = sorted([*self._largest, result], key=lambda one: -one.bytes)[:_LARGEST]
        if result.equal is False:
            self._counts["different"] += 1
            if len(self._unlike) < self._request.max_differences:
                self._unlike.append(result)
        for difference in differences:
            self._of_data.add(difference)
        detail = f"{result.schema}.{result.table}"
        self._progress.update("comparing rows", self._counts["checked"], self._counts["tables"], "tables", detail)

    def _explain(self, position: Position | None) -> None:
        why = ""
        backup = self._request.backup_binlog
        if self._written["source_written_since_backup"] and backup is not None and position is not None:
            why = "The source has been written to since the backup (binlog {}:{}, now {}:{}).".format(
                *backup, *position
            )
        elif self._written["source_moved"]:
            why = "The source was written to during the comparison."
        self._differences.take(self._of_data, lambda one: compare.explained(one, why) if one.severity == ERROR else one)


def binlog_position(connection: Connection) -> Position | None:
    """Where a server's binlog stands; None where it has none or the account may not see it."""
    for statement in _POSITION_STATEMENTS:
        try:
            rows = connection.rows(statement)
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                raise
            continue
        if rows:
            return str(rows[0]["File"]), int(rows[0]["Position"])
    return None


def _pairs(source: SchemaCatalogue, target: SchemaCatalogue) -> list[TablePair]:
    """Tables that both sides have, the largest first, so that no worker is left with a large one at the end."""
    pairs = [TablePair(table, target.tables[name]) for name, table in source.tables.items() if name in target.tables]
    return sorted(pairs, key=lambda pair: -pair.source.bytes)
