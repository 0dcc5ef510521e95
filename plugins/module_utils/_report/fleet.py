# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The report of a run over several sources. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional

from .chart_form import BARS, chart
from .form import bytes_scale, duration, seconds_scale, size, table
from .source import ASSESSED, DIFFERENT, EQUAL, MOVED_ON, NOT_BEGUN, OUTDATED, UNDER_WAY, source_report
from .stations import ASSESSMENT, DONE, STATIONS

SCHEMA_VERSION = 1
UNKNOWN = "unknown"
_SHOWN = 20
_STATES = (
    (EQUAL, "Equal", "good"),
    (UNDER_WAY, "Under way", "plain"),
    (ASSESSED, "Assessed", "note"),
    (NOT_BEGUN, "Not begun", "none"),
    (OUTDATED, "Comparison outdated", "warning"),
    (MOVED_ON, "Source moved on", "warning"),
    (DIFFERENT, "Different", "blocker"),
    (UNKNOWN, "Not known", "none"),
)
_NOTHING_KNOWN: dict[str, Any] = {
    "state": UNKNOWN,
    "verdict": "The run ended for this source before anything of it was known; the run's output says why.",
    "way": None,
    "blockers": None,
    "warnings": None,
    "engine_version": None,
    "bytes": None,
    "elapsed_seconds": None,
    "stations": {},
}


def fleet_report(sources: Iterable[Mapping[str, Any]], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The document that page and JSON of a run are made from.

    :param sources: of each ``source`` (its name in the inventory), ``migration_id``, ``record`` (``None`` where it is
        not known), ``failed`` (whether the run failed for it) and ``page`` (the address of its own page, or ``None``).
    :param schema: of a source's report, which is also the list of what it may hold.
    """
    rows = [_row(each, schema) for each in sources]
    totals = {
        "sources": len(rows),
        "failed": sum(1 for row in rows if row["failed"]),
        "blocked": sum(1 for row in rows if _blocked(row)),
        "equal": sum(1 for row in rows if row["state"] == EQUAL),
        "bytes": sum(row["bytes"] or 0 for row in rows),
        "elapsed_seconds": round(sum(row["elapsed_seconds"] or 0 for row in rows), 1),
    }
    return {"schema_version": SCHEMA_VERSION, "verdict": _verdict(totals, rows), "totals": totals, "rows": rows}


def fleet_view(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the fleet's template puts out beside the report."""
    rows, totals = report["rows"], report["totals"]
    # Of sources that were only assessed, the state says all.
    begun = any(row["stations"].get(station.name) == DONE for row in rows for station in STATIONS)
    stations = [
        station for station in (ASSESSMENT, *STATIONS) if begun and any(station.name in row["stations"] for row in rows)
    ]
    titles = {state: title for state, title, _tone in _STATES}
    return {
        "tone": "bad" if totals["failed"] or totals["blocked"] else "good" if totals["equal"] == len(rows) else "wait",
        "stations": [{"name": station.name, "title": station.title} for station in stations],
        "ways": sorted({row["way"] for row in rows if row["way"]}),
        "states": [state for state, _title, _tone in _STATES if any(row["state"] == state for row in rows)],
        "rows": [
            {
                **row,
                "state_title": titles[row["state"]],
                "size": size(row["bytes"]),
                "time": duration(row["elapsed_seconds"]) if row["elapsed_seconds"] else "",
                "tone": _tone(row),
            }
            for row in rows
        ],
        "size": size(totals["bytes"]),
        "time": duration(totals["elapsed_seconds"]),
        "charts": [each for each in (_states_chart(rows), _size_chart(rows), _time_chart(rows)) if each],
    }


def _row(given: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    row = {
        "source": str(given["source"]),
        "migration_id": str(given["migration_id"]),
        "failed": bool(given["failed"]),
        "page": str(given["page"]) if given.get("page") else None,
    }
    if given.get("record") is None:
        return {**row, **_NOTHING_KNOWN}
    report = source_report(given["record"], str(row["migration_id"]), schema)
    assessment = report["record"].get("assessment", {})
    verdict = assessment.get("verdict", {})
    server = report["record"].get("source") or assessment.get("source", {})
    restored = report["record"].get("restore", {}).get("engine_version")
    work = [each["elapsed_seconds"] or 0 for each in report["stations"] if each["name"] != ASSESSMENT.name]
    return {
        **row,
        "state": report["state"],
        "verdict": report["verdict"],
        "way": verdict.get("way"),
        "blockers": verdict.get("counts", {}).get("blocker"),
        "warnings": verdict.get("counts", {}).get("warning"),
        "engine_version": restored or assessment.get("engine_versions", {}).get("recommended") or None,
        "bytes": server.get("data_bytes"),
        "elapsed_seconds": round(sum(work), 1),
        "stations": {each["name"]: each["state"] for each in report["stations"]},
    }


def _blocked(row: Mapping[str, Any]) -> bool:
    return row["state"] == ASSESSED and bool(row["blockers"])


def _tone(row: Mapping[str, Any]) -> str:
    if row["failed"] or row["state"] == DIFFERENT or _blocked(row):
        return "bad"
    return "good" if row["state"] == EQUAL else "wait"


def _verdict(totals: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    of = f"of {totals['sources']} {'source' if totals['sources'] == 1 else 'sources'}"
    parts = []
    if totals["failed"]:
        parts.append(f"the run failed for {totals['failed']}")
    if totals["blocked"]:
        parts.append(f"{totals['blocked']} {'has' if totals['blocked'] == 1 else 'have'} blockers")
    for state, words in (
        (EQUAL, "equal to the cluster"),
        (DIFFERENT, "different from the cluster"),
        (MOVED_ON, "written to since the backup"),
        (OUTDATED, "to be compared again"),
        (UNDER_WAY, "under way"),
        (NOT_BEGUN, "not begun"),
    ):
        count = sum(1 for row in rows if row["state"] == state)
        if count:
            parts.append(f"{count} {'is' if count == 1 else 'are'} {words}")
    clear = sum(1 for row in rows if row["state"] == ASSESSED and not row["blockers"] and not row["failed"])
    if clear:
        parts.append(f"{clear} {'is' if clear == 1 else 'are'} assessed without blockers")
    return f"{of[0].upper()}{of[1:]}: {', '.join(parts) or 'nothing is known'}."


def _states_chart(rows: Sequence[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    counted = [(title, tone, sum(1 for row in rows if row["state"] == state)) for state, title, tone in _STATES]
    counted = [each for each in counted if each[2]]
    if not counted:
        return None
    return chart(
        "states",
        "How far the sources are",
        BARS,
        "; ".join(f"{title}: {count}" for title, _tone, count in counted) + ".",
        "sources",
        ["Sources"],
        [{"name": title, "tone": tone, "values": [count]} for title, tone, count in counted],
        table("Sources by state", ["State", "Sources"], [[title, str(count)] for title, _t, count in counted], (1,)),
    )


def _size_chart(rows: Sequence[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    return _top_chart(rows, "bytes", "sizes", "The largest sources", "Data", bytes_scale, size)


def _time_chart(rows: Sequence[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    return _top_chart(rows, "elapsed_seconds", "times", "Where the time went", "Work", seconds_scale, duration)


def _top_chart(
    rows: Sequence[Mapping[str, Any]], member: str, name: str, title: str, series: str, scale_of: Any, shown: Any
) -> Optional[dict[str, Any]]:
    top = sorted((row for row in rows if row[member]), key=lambda row: (-row[member], row["source"]))[:_SHOWN]
    if not top:
        return None
    scale = scale_of([top[0][member]])
    return chart(
        name,
        title,
        BARS,
        f"First is {top[0]['source']} with {shown(top[0][member])}.",
        scale.unit,
        [row["source"] for row in top],
        [{"name": series, "tone": "plain", "values": [scale.of(row[member]) for row in top]}],
        table(
            f"{title}, the first {len(top)}",
            ["Source", series],
            [[row["source"], shown(row[member])] for row in top],
            (1,),
        ),
    )
