# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the measurement of accounts and routines, and their medians. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Iterable, NamedTuple


@dataclass(frozen=True)
class Row:
    """One run of one tool.

    :ivar statements: those that the server it was about was sent, by whoever.
    :ivar count: how many accounts or routines there were to carry.
    :ivar arrived: what became of them, in a few words.
    :ivar scale: 1 for the number of the case, less for a trial.
    """

    case: str
    tool: str
    version: str
    run: int
    wall_s: float
    cpu_s: float
    max_rss_kib: int
    statements: int
    count: int
    arrived: str
    scale: float


class Median(NamedTuple):
    """The medians over the runs of one tool in one case."""

    case: str
    tool: str
    version: str
    runs: int
    wall_s: float
    cpu_s: float
    max_rss_kib: float
    statements: float
    count: int
    arrived: str


def medians(rows: Iterable[Row]) -> list[Median]:
    """Return the medians, in the order in which tools first appear. What arrived is that of the last run."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.case, row.tool), []).append(row)
    return [
        Median(
            case,
            tool,
            group[0].version,
            len(group),
            statistics.median(row.wall_s for row in group),
            statistics.median(row.cpu_s for row in group),
            statistics.median(row.max_rss_kib for row in group),
            statistics.median(row.statements for row in group),
            group[0].count,
            group[-1].arrived,
        )
        for (case, tool), group in groups.items()
    ]
