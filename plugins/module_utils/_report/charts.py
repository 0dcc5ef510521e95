# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The charts of a source's page: each a specification for the chart library, with a table that says the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from .form import bytes_scale, duration, moment, seconds_scale, size, table
from .stations import ASSESSMENT, STATIONS, parse_time

BARS, SPANS, LINES = "bars", "spans", "lines"
_LARGEST = 15
_WITH_PROGRESS = ("backup", "upload", "restore")
_TITLES = {station.name: station.title for station in (ASSESSMENT, *STATIONS)}


def source_charts(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The charts that the report has data for.

    :returns: of each ``id``, ``title``, ``kind`` (``bars``, ``spans``, ``lines``), ``text`` (what it shows, in a
        sentence), ``unit`` of the values, ``labels``, ``series`` (``name``, ``tone``, ``values``) and ``table``.
    """
    record = report["record"]
    found = (
        _time_line(report["stations"]),
        _progress(record),
        _throughput(record),
        _largest_tables(record),
    )
    return [chart for chart in found if chart]


def findings_chart(assessment: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """How many findings each area has, by severity."""
    counting = [finding for finding in assessment.get("findings", []) if not finding.get("ignored")]
    areas = list(dict.fromkeys(finding["area"] for finding in counting if "area" in finding))
    if not areas:
        return None
    severities = (("blocker", "Blockers"), ("warning", "Warnings"), ("note", "Notes"))
    series = [
        {
            "name": title,
            "tone": severity,
            "values": [
                sum(1 for each in counting if each.get("area") == area and each.get("severity") == severity)
                for area in areas
            ],
        }
        for severity, title in severities
    ]
    return chart(
        "findings",
        "Findings by area",
        BARS,
        f"{len(counting)} findings in {len(areas)} areas.",
        "findings",
        areas,
        series,
        table(
            "Findings by area and severity",
            ["Area", *(title for _severity, title in severities)],
            [[area, *(str(each["values"][row]) for each in series)] for row, area in enumerate(areas)],
            (1, 2, 3),
        ),
    )


def chart(
    name: str,
    title: str,
    kind: str,
    text: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[Mapping[str, Any]],
    same: Mapping[str, Any],
    across: str = "",
) -> dict[str, Any]:
    """A chart's specification.

    :param name: its id in the page.
    :param text: what it shows, for who does not see it.
    :param unit: of the values.
    :param same: the table that says the same.
    :param across: of a ``lines`` chart the unit of what goes across.
    """
    return {
        "id": name,
        "title": title,
        "kind": kind,
        "text": text,
        "unit": unit,
        "across": across,
        "labels": list(labels),
        "series": list(series),
        "table": same,
    }


def _time_line(stations: Sequence[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    # An assessment may be weeks older and would make everything else a stroke.
    done = [each for each in stations if each["written_at"] and each["name"] != ASSESSMENT.name]
    if not done:
        return None
    begun = min(each["started_at"] for each in done)
    ended = max(each["written_at"] for each in done)
    total = _between(begun, ended)
    scale = seconds_scale([total])
    spans = [
        [scale.of(_between(begun, each["started_at"])), scale.of(_between(begun, each["written_at"]))] for each in done
    ]
    rows = [
        [
            each["title"],
            moment(each["started_at"]) if each["written_at"] else "",
            moment(each["written_at"]) if each["written_at"] else "not yet",
            duration(each["elapsed_seconds"]),
        ]
        for each in stations
    ]
    return chart(
        "time-line",
        "When each station was at work",
        SPANS,
        f"From {moment(begun)} to {moment(ended)}: {duration(total)} from the first begin to the last end.",
        f"{scale.unit} since {moment(begun)}",
        [each["title"] for each in done],
        [{"name": "At work", "tone": "plain", "values": spans}],
        table("The stations and their times", ["Station", "Begin", "End", "Took"], rows, (3,)),
    )


def _progress(record: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    samples = _samples(record)
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


def _throughput(record: Mapping[str, Any]) -> Optional[dict[str, Any]]:
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
        "; ".join(f"{_TITLES[name]}: {_mean_rate(record[name])}" for name in rates) + ".",
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


def _largest_tables(record: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    compared = record.get("verification", {}).get("tables", [])
    named = [(f"{each.get('schema', '')}.{each.get('table', '')}", each.get("bytes")) for each in compared]
    if not named:
        assessed = record.get("assessment", {}).get("source", {}).get("largest_tables", [])
        named = [(each.get("name", ""), each.get("bytes")) for each in assessed]
    largest = sorted(((name, count) for name, count in named if count), key=lambda each: (-each[1], each[0]))[:_LARGEST]
    if not largest:
        return None
    scale = bytes_scale([largest[0][1]])
    return chart(
        "largest-tables",
        "The largest tables",
        BARS,
        f"The largest is {largest[0][0]} with {size(largest[0][1])}.",
        scale.unit,
        [name for name, _count in largest],
        [{"name": "Size, estimated", "tone": "plain", "values": [scale.of(count) for _name, count in largest]}],
        table(
            "The largest tables, as the source estimates them",
            ["Table", "Size"],
            [[name, size(count)] for name, count in largest],
            (1,),
        ),
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
    # Of a backup, the samples are those of the chain's last one.
    measured = (document.get("chain") or [document])[-1]
    whole = 100.0 if name == "restore" else float(measured.get("bytes") or 0)
    return max(most, whole) or 1.0


def _mean_rate(document: Mapping[str, Any]) -> str:
    seconds = document.get("elapsed_seconds")
    if not seconds or "bytes" not in document:
        return "not known"
    return f"{size(document['bytes'])} in {duration(seconds)}, {size(document['bytes'] / seconds)} a second"


def _between(first: str, second: str) -> float:
    begin, end = parse_time(first), parse_time(second)
    return (end - begin).total_seconds() if begin and end else 0.0
