# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows say: medians, a straight line through points, and whether a target is met. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Callable, Iterable, Sequence

from rows import Row

GIB = 2**30


@dataclass(frozen=True)
class Median:
    """The medians over the runs of one tool with one size in one case."""

    case: str
    tool: str
    version: str
    size: int
    runs: int
    wall_s: float
    cpu_s: float
    max_rss_kib: float
    bytes: float
    requests: float
    server_cpu_s: float
    disk_bytes: float

    @property
    def cpu_s_per_gib(self) -> float:
        """Processor seconds of the client for each GiB that was to be sent."""
        return self.cpu_s * GIB / self.size


@dataclass(frozen=True)
class Line:
    """A straight line: y = intercept + slope * x.

    :ivar r_squared: how much of the points' variance it explains; 1 for points on the line.
    """

    slope: float
    intercept: float
    r_squared: float

    def at(self, x: float) -> float:
        """Return y at *x*."""
        return self.intercept + self.slope * x


@dataclass(frozen=True)
class Verdict:
    """A target, what was measured, and whether that meets it."""

    target: str
    measured: str
    met: bool


def medians(rows: Iterable[Row]) -> list[Median]:
    """Return the medians, in the order in which tools and sizes first appear."""
    groups: dict[tuple[str, str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.case, row.tool, row.size), []).append(row)
    return [_median(group) for group in groups.values()]


def fit(points: Sequence[tuple[float, float]]) -> Line:
    """Return the least-squares line through *points*, which have two different x at least. Raises ValueError."""
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    mean_x, mean_y = statistics.fmean(xs), statistics.fmean(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    if not spread:
        raise ValueError("a line needs two points that lie apart")
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    line = Line(slope, mean_y - slope * mean_x, 1.0)
    total = sum((y - mean_y) ** 2 for y in ys)
    left = sum((y - line.at(x)) ** 2 for x, y in points)
    return Line(line.slope, line.intercept, 1 - left / total if total else 1.0)


def at_most(target: str, value: float, limit: float, unit: str) -> Verdict:
    """Judge a figure that is good when small; a limit that came of a measurement is shown."""
    return Verdict(target, f"{value:.2f} {unit}, limit {limit:.2f} {unit}".replace(" ,", ","), value <= limit)


def _median(group: list[Row]) -> Median:
    def middle(value: Callable[[Row], float]) -> float:
        return statistics.median(value(row) for row in group)

    first = group[0]
    return Median(
        case=first.case,
        tool=first.tool,
        version=first.version,
        size=first.size,
        runs=len(group),
        wall_s=middle(lambda row: row.wall_s),
        cpu_s=middle(lambda row: row.cpu_s),
        max_rss_kib=middle(lambda row: row.max_rss_kib),
        bytes=middle(lambda row: row.bytes),
        requests=middle(lambda row: row.requests),
        server_cpu_s=middle(lambda row: row.server_cpu_s),
        disk_bytes=middle(lambda row: row.disk_bytes),
    )
