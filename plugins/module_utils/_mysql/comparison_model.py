# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What a comparison of two servers works with: objects of the catalogue, tables to read, differences found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Callable

ERROR = "error"
EXPECTED = "expected"

Key = tuple[str, ...]
"""An object's identity within its kind: schema, table, column and so on, folded where names ignore case."""

LeftBehind = Mapping[tuple[str, str], str]
"""The reason by an object's name and a part of it: "" for all of it, ``definer`` with the one that it has got instead,
``definition`` of one that was made as it is on the source, and what an account lost."""


@dataclass(frozen=True)
class CatalogueObject:
    """One named thing of a server, with its attributes in a form that is the same on every flavour.

    :ivar kind: ``schema``, ``table``, ``column``, ``index``, ``foreign_key``, ``check``, ``view``, ``trigger``,
        ``event``, ``function`` or ``procedure``.
    :ivar key: its identity; its parent's key begins it.
    :ivar attributes: what is compared.
    """

    kind: str
    key: Key
    attributes: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name as a person reads it: ``schema.table.column``."""
        return ".".join(self.key)


@dataclass(frozen=True)
class DataColumn:
    """A column as reading its data needs it; the character set and collation are empty where it has none."""

    name: str
    data_type: str
    charset: str = ""
    collation: str = ""
    octets: int = 0


@dataclass(frozen=True)
class DataKey:
    """A unique key without NULL, prefix or expression: one row per value."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TableData:
    """A table as reading its data needs it; ``rows`` and ``bytes`` are the server's estimates."""

    schema: str
    name: str
    engine: str
    rows: int
    bytes: int
    columns: tuple[DataColumn, ...]
    keys: tuple[DataKey, ...]


@dataclass(frozen=True)
class SchemaCatalogue:
    """One schema of one server. ``tables`` has the folded name of a table as its key."""

    objects: Mapping[tuple[str, Key], CatalogueObject]
    tables: Mapping[str, TableData]


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same on both sides.

    :ivar kind: a stable id such as ``column.type`` or ``data.content``.
    :ivar severity: ``error``, or ``expected`` where the way into Aurora brings it about.
    """

    kind: str
    object: str
    source: str
    target: str
    severity: str = ERROR
    note: str = ""


@dataclass
class TableResult:
    """What reading one table on both sides gave. Row counts are None where no data was read."""

    schema: str
    table: str
    rows_source: int | None = None
    rows_target: int | None = None
    equal: bool | None = None
    bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The members, for a module's result."""
        return asdict(self)


@dataclass
class DifferenceList:
    """Counts every difference and keeps as many as fit, errors before expected ones.

    :ivar bound: how many are kept.
    """

    bound: int
    errors: int = 0
    expected: int = 0
    _kept: dict[str, list[Difference]] = field(default_factory=lambda: {ERROR: [], EXPECTED: []})

    def add(self, difference: Difference) -> None:
        """Take one difference in."""
        if difference.severity == ERROR:
            self.errors += 1
        else:
            self.expected += 1
        kept = self._kept[difference.severity]
        if len(kept) < self.bound:
            kept.append(difference)

    def take(self, other: DifferenceList, explain: Callable[[Difference], Difference]) -> None:
        """Take in what another list of the same bound holds.

        :param explain: applied to each difference that is kept.
        """
        self.errors += other.errors
        self.expected += other.expected
        for severity, kept in self._kept.items():
            room = self.bound - len(kept)
            kept.extend(explain(one) for one in other._kept[severity][:room])

    def as_dicts(self) -> list[dict[str, str]]:
        """The kept ones, at most ``bound``, in a stable order."""
        ordered = [
            difference
            for severity in (ERROR, EXPECTED)
            for difference in sorted(self._kept[severity], key=lambda one: (one.kind, one.object))
        ]
        return [asdict(difference) for difference in ordered[: self.bound]]
