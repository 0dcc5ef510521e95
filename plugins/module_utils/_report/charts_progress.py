# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The charts of a station's course, from the samples that it left in the record. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from .._counted import counted
from .chart_form import LINES, SPANS, chart
from .form import bytes_scale, duration, seconds_scale, size, table
from .stations import STATIONS

_WITH_PROGRESS = ("backup", "upload", "restore")
_TITLES = {station.name: station.title for station in STATIONS}


def progress_chart(record: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """How much of its work each station had done by when."""
    samples = _samples(record)
    if not any(0 < each["done"] < 100 for each in samples.get("restore", [])):
        # AWS need not tell how far a restore is.
        samples.pop("restore", None)
    if not samples:
        return None
    scale = seconds_scale(each["at"] for each in _flat(samples))
    series, rows = [], []
    for name, points in samples.items():
        whole = _whole(name, record[name], points)
        values = []
        for point in points:
            share = min(round(100 * point["done"] / whole, 1), 100.0)
            values.append({"x": scale.of(point["at"]), "y": share})
            rows.append([_TITLES[name], duration(point["at"]), point.get("phase", ""), f"{share} %"])
        series.append({"name": _TITLES[name], "tone": "", "values": values})
    return chart(
        "progress",
        "Progress",
        LINES,
        "How much of each station's work was done, from its own begin.",
        "%",
        [],
        series,
        table("Progress of the stations", ["Station", "After", "Phase", "Done"], rows, (1, 3)),
        f"{scale.unit} since the station's begin",
    )


def statuses_chart(record: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """Which status the cluster had when, while it was restored."""
    samples = [each for each in _samples(record).get("restore", []) if each.get("phase")]
    # A status lasts until the first look that finds another one.
    begins = [next(group) for _phase, group in itertools.groupby(samples, key=lambda each: each["phase"])]
    if len(begins) < 2:
        return None
    ends = [*(each["at"] for each in begins[1:]), samples[-1]["at"]]
    scale = seconds_scale(ends)
    statuses = [each["phase"] for each in begins]
    return chart(
        "statuses",
        "What Aurora was doing",
        SPANS,
        f"The cluster was {', then '.join(statuses)}; looked at {counted(len(samples), 'time')}.",
        f"{scale.unit} since the restore's begin",
        statuses,
        [
            {
                "name": "Had this status",
                "tone": "plain",
                "values": [[scale.of(each["at"]), scale.of(end)] for each, end in zip(begins, ends)],
            }
        ],
        table(
            "The cluster's statuses during the restore",
            ["Status", "After", "For"],
            [[each["phase"], duration(each["at"]), duration(end - each["at"])] for each, end in zip(begins, ends)],
            (1, 2),
        ),
    )


def throughput_chart(record: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """How many bytes a second each station moved by when."""
    rates = {
        name: [
            (second["at"], max(second["done"] - first["done"], 0) / (second["at"] - first["at"]))
            for first, second in zip(points, points[1:])
            if second["at"] > first["at"]
        ]
        for name, points in _samples(record).items()
        # A restore tells per cent.
        if name != "restore"
    }
    rates = {name: points for name, points in rates.items() if points}
    if not rates:
        return None
    across = seconds_scale(at for points in rates.values() for at, _rate in points)
    up = bytes_scale(rate for points in rates.values() for _at, rate in points)
    return chart(
        "throughput",
        "Throughput",
        LINES,
        "; ".join(f"{_TITLES[name]}: {_mean_rate(name, record[name])}" for name in rates) + ".",
        f"{up.unit}/s",
        [],
        [
            {
                "name": _TITLES[name],
                "tone": "",
                "values": [{"x": across.of(at), "y": up.of(rate)} for at, rate in points],
            }
            for name, points in rates.items()
        ],
        table(
            "Bytes a second, from one sample to the next",
            ["Station", "After", "A second"],
            [[_TITLES[name], duration(at), size(rate)] for name, points in rates.items() for at, rate in points],
            (1, 2),
        ),
        f"{across.unit} since the station's begin",
    )


def _samples(record: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The samples of each station that has some, by time."""
    found = {}
    for name in _WITH_PROGRESS:
        points = [each for each in record.get(name, {}).get("progress", []) if "at" in each and "done" in each]
        if points:
            found[name] = sorted(points, key=lambda each: float(each["at"]))
    return found


def _flat(samples: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
    return [point for points in samples.values() for point in points]


def _whole(name: str, document: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> float:
    """What the last of a station's samples would be at its end."""
    most = float(max(point["done"] for point in points))
    if name == "upload":
        # Its samples are of what one run had to send, and the page is written when all of it is there.
        return most or 1.0
    # Of a backup, the samples are those of the chain's last one.
    measured = (document.get("chain") or [document])[-1]
    whole = 100.0 if name == "restore" else float(measured.get("bytes") or 0)
    return max(most, whole) or 1.0


def _mean_rate(name: str, document: Mapping[str, Any]) -> str:
    # Of what an upload vouches for, an earlier run may have sent the most.
    members = ("sent_bytes", "sent_seconds") if name == "upload" else ("bytes", "elapsed_seconds")
    moved, seconds = (document.get(member) for member in members)
    if not moved or not seconds:
        return "not known"
    return f"{size(moved)} in {duration(seconds)}, {size(moved / seconds)} a second"
