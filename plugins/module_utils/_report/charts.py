# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The charts of a source's page: each a specification for the chart library, with a table that says the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from .._counted import counted
from .chart_form import BARS, SPANS, chart
from .charts_progress import progress_chart, statuses_chart, throughput_chart
from .form import bytes_scale, duration, moment, seconds_scale, size, table
from .stations import ASSESSMENT, parse_time

_LARGEST = 15


def source_charts(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The charts that the report has data for.

    :returns: of each ``id``, ``title``, ``kind`` (``bars``, ``spans``, ``lines``), ``text`` (what it shows, in a
        sentence), ``unit`` of the values, ``labels``, ``series`` (``name``, ``tone``, ``values``) and ``table``.
    """
    record = report["record"]
    found = (
        _time_line(report["stations"]),
        progress_chart(record),
        statuses_chart(record),
        throughput_chart(record),
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
        f"{counted(len(counting), 'finding')} in {counted(len(areas), 'area')}.",
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


def _between(first: str, second: str) -> float:
    begin, end = parse_time(first), parse_time(second)
    return (end - begin).total_seconds() if begin and end else 0.0
