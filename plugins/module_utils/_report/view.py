# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What a source's page shows beside its report as it is: facts, tables and charts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from .._counted import counted
from .charts import findings_chart, source_charts
from .form import BAD, GOOD, WAIT, Cell, duration, facts, moment, number, size, table, toned
from .source import ASSESSED, DIFFERENT, EQUAL, left_behind, to_look_at
from .station_facts import station_facts

_REASONED = ["Name", "What", "Why", "What to do"]
_SEVERITIES = (("blocker", "Blockers"), ("warning", "Warnings"), ("note", "Notes"))


def source_view(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates put out.

    :param report: as ``source.source_report`` makes it.
    """
    record = report["record"]
    assessment = _assessment(record["assessment"]) if record.get("assessment") else None
    charts = source_charts(report)
    return {
        "tone": _tone(report),
        "headline": _headline(report),
        "assessment": assessment,
        "stations": [
            {**station, "facts": station_facts(station["name"], record.get(station["name"], {}))}
            for station in report["stations"]
            if station["name"] != "assessment"
        ],
        "charts": charts,
        "drawn": [*charts, *([assessment["chart"]] if assessment and assessment["chart"] else [])],
        "connections": _connections(record.get("restore", {})),
        "tables": [each for each in _tables(record) if each],
    }


def _tone(report: Mapping[str, Any]) -> str:
    if report["state"] == ASSESSED:
        verdict = report["record"]["assessment"].get("verdict", {})
        if verdict.get("blockers") or verdict.get("way") in ("none", "physical after an upgrade"):
            return BAD
        return WAIT if verdict.get("counts", {}).get("warning") else GOOD
    return {EQUAL: GOOD, DIFFERENT: BAD}.get(report["state"], WAIT)


def _headline(report: Mapping[str, Any]) -> list[dict[str, str]]:
    record = report["record"]
    assessment, restore = record.get("assessment", {}), record.get("restore", {})
    server = record.get("source") or assessment.get("source", {})
    work = sum(each["elapsed_seconds"] or 0 for each in report["stations"] if each["name"] != "assessment")
    done = sum(1 for each in report["stations"] if each["state"] == "done" and each["name"] != "assessment")
    total = sum(1 for each in report["stations"] if each["name"] != "assessment")
    return facts(
        ("Source", _address(server)),
        ("Server", " ".join(filter(None, (server.get("flavour"), server.get("version_number"))))),
        ("Data", size(server.get("data_bytes"))),
        ("Way", assessment.get("verdict", {}).get("way")),
        ("Engine version", restore.get("engine_version") or assessment.get("engine_versions", {}).get("recommended")),
        ("Cluster", restore.get("cluster_identifier")),
        ("Stations", "" if report["state"] == ASSESSED else f"{done} of {total}"),
        ("Work", duration(work) if work else ""),
    )


def _assessment(assessment: Mapping[str, Any]) -> dict[str, Any]:
    # What is about the way that is not taken comes last.
    found = sorted(assessment.get("findings", []), key=lambda each: not each.get("concerns", True))
    counting = [each for each in found if not each.get("ignored")]
    estimate = assessment.get("estimate", {})
    cost = estimate.get("cost", {})
    engine = assessment.get("engine_versions", {})
    rate = estimate.get("rate_bytes_per_second")
    return {
        "areas": sorted({each["area"] for each in assessment.get("findings", []) if "area" in each}),
        "groups": [
            {
                "severity": severity,
                "title": title,
                "findings": [each for each in counting if each.get("severity") == severity],
            }
            for severity, title in _SEVERITIES
        ],
        "ignored": [each for each in found if each.get("ignored")],
        "engine": facts(
            ("Recommended engine version", engine.get("recommended") or "none"),
            ("Why", engine.get("reason")),
            (
                "Asked",
                {True: "the Region itself", False: "a table of the collection; the Region was not asked"}.get(
                    engine.get("live")
                ),
            ),
            ("All that fit", ", ".join(each.get("version", "") for each in engine.get("fitting", []))),
        ),
        "estimate": facts(
            ("Backup", size(estimate.get("backup_bytes"))),
            ("Reckoned from", estimate.get("backup_origin")),
            ("Objects in S3", number(estimate.get("objects"))),
            ("Requests to S3", number(estimate.get("requests"))),
            ("Rate", f"{size(rate)} a second ({estimate.get('rate_origin', '')})" if rate else ""),
            ("Transfer", duration(estimate.get("transfer_seconds"))),
            ("Cost of S3", _money(cost.get("total"), cost)),
            ("of this, requests", _money(cost.get("requests"), cost)),
            ("Storage a month", _money(cost.get("storage_month"), cost)),
            ("Kept for", counted(cost["days_kept"], "day") if cost.get("days_kept") is not None else ""),
        ),
        "run": facts(
            ("Assessed", moment(assessment.get("written_at"))),
            ("Queries to the source", number(assessment.get("queries"))),
        ),
        "chart": findings_chart(assessment),
    }


def _money(amount: Optional[float], cost: Mapping[str, Any]) -> str:
    if amount is None:
        return ""
    shown = f"{amount:.2f}" if amount >= 0.01 or amount == 0 else "below 0.01"
    return f"{shown} {cost.get('currency', '')}".strip()


def _address(server: Mapping[str, Any]) -> str:
    return f"{server['host']}:{server.get('port', 3306)}" if server.get("host") else ""


def _connections(restore: Mapping[str, Any]) -> list[dict[str, str]]:
    strings = restore.get("connections", {})
    port = restore.get("port", 3306)
    return facts(
        ("Writer", f"{restore['endpoint']}:{port}" if restore.get("endpoint") else ""),
        ("Readers", f"{restore['reader_endpoint']}:{port}" if restore.get("reader_endpoint") else ""),
        ("mysql", strings.get("mysql")),
        ("JDBC", strings.get("jdbc")),
        ("ODBC", strings.get("odbc")),
    )


def _tables(record: Mapping[str, Any]) -> list[Any]:
    compared, restore = record.get("verification"), record.get("restore", {})
    accounts, routines = left_behind(record)
    redefined = record.get("objects", {}).get("routines", {}).get("redefined", [])
    return [
        _skipped_table(accounts, routines),
        _to_look_at_table(to_look_at(record)),
        _redefined_table(redefined),
        _zones_table(record.get("objects", {}).get("time_zone", {}).get("zones", {})),
        _differences_table(compared),
        _rows_table(compared),
        _chain_table(record.get("backup", {}).get("chain", [])),
        _parameters_table(restore.get("parameters", {})),
        _events_table(restore.get("events", [])),
    ]


def _section(name: str, title: str, shown: Any, empty: str = "") -> dict[str, Any]:
    return {"id": name, "title": title, "table": shown if shown["rows"] else None, "empty": empty}


def _skipped_table(accounts: list[Mapping[str, Any]], routines: list[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    if not accounts and not routines:
        return None
    rows: list[list[Cell]] = [
        [each.get("account", ""), each.get("what", ""), each.get("reason", ""), each.get("remedy", "")]
        for each in accounts
    ]
    rows += _stored_rows(routines)
    caption = "Accounts, privileges and stored programs that were left behind, and why"
    return _section("skipped", "What did not travel", table(caption, _REASONED, rows))


def _to_look_at_table(looked_at: list[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    if not looked_at:
        return None
    caption = "Stored programs that are on the cluster, but not quite as they are on the source"
    shown = table(caption, _REASONED, _stored_rows(looked_at))
    return _section("to-look-at", "What has come and is to be looked at", shown)


def _stored_rows(entries: list[Mapping[str, Any]]) -> list[list[Cell]]:
    return [[_object_name(each), *(each.get(name, "") for name in ("kind", "reason", "remedy"))] for each in entries]


def _redefined_table(redefined: list[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    if not redefined:
        return None
    rows = [
        [_object_name(each), each.get("kind", ""), each.get("definer_source", ""), each.get("definer_target", "")]
        for each in redefined
    ]
    caption = "Stored programs whose definer is not on the cluster"
    columns = ["Name", "What", "Definer on the source", "Definer on the cluster"]
    return _section("redefined", "What changed its definer", table(caption, columns, rows))


def _zones_table(zones: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    rows: list[list[Cell]] = [
        [each.get("zone", ""), "The cluster does not know it.", ", ".join(each.get("mentioned_by", []))]
        for each in zones.get("missing", [])
    ]
    for each in zones.get("different", []):
        said = (
            f"{each.get('offset_source', '')} on the source and {each.get('offset_target', '')} on the cluster from "
            f"{moment(each.get('first_difference'))} on; {number(round(each.get('days', 0)))} "
            f"{'day' if round(each.get('days', 0)) == 1 else 'days'} in all."
        )
        rows.append([each.get("zone", ""), said, ", ".join(each.get("mentioned_by", []))])
    if not rows:
        return None
    caption = "Zones by whose names the cluster does something else; left_behind_zones.json of the record has all"
    return _section("zones", "Named time zones that differ", table(caption, ["Zone", "How", "Mentioned by"], rows))


def _differences_table(compared: Optional[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    if compared is None:
        return None
    summary, listed = compared.get("summary", {}), compared.get("differences", [])
    rows = [
        [
            each.get("object", ""),
            toned(each.get("severity", ""), BAD if each.get("severity") == "error" else ""),
            each.get("kind", ""),
            each.get("source", ""),
            each.get("target", ""),
            each.get("note", ""),
        ]
        for each in listed
    ]
    caption = (
        f"{counted(summary.get('errors', 0), 'difference')} and {counted(summary.get('expected', 0), 'expected one')}; "
        f"{len(listed)} are listed"
    )
    columns = ["Object", "Severity", "What", "Source", "Cluster", "Note"]
    return _section("differences", "Differences", table(caption, columns, rows), "None.")


def _rows_table(compared: Optional[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    if compared is None or not compared.get("tables"):
        return None
    said = {True: toned("equal", GOOD), False: toned("different", BAD)}
    rows: list[list[Cell]] = [
        [
            f"{each.get('schema', '')}.{each.get('table', '')}",
            size(each.get("bytes")),
            number(each.get("rows_source")),
            number(each.get("rows_target")),
            said.get(each.get("equal"), toned("not read", "")),
        ]
        for each in compared["tables"]
    ]
    caption = "The largest tables, and those whose rows differ"
    columns = ["Table", "Size, estimated", "Rows on the source", "Rows on the cluster", "Rows"]
    return _section("tables", "Tables", table(caption, columns, rows, (1, 2, 3)))


def _chain_table(chain: list[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    if not chain:
        return None
    rows = [
        [
            each.get("name", ""),
            each.get("type", ""),
            str(each.get("from_lsn", "")),
            str(each.get("to_lsn", "")),
            str(each.get("last_lsn", "")),
            f"{each.get('binlog', {}).get('file', '')}:{each.get('binlog', {}).get('position', '')}".strip(":"),
            moment(each.get("end_time")),
            number(each.get("files")),
            size(each.get("bytes")),
        ]
        for each in chain
    ]
    columns = ["Backup", "Type", "From LSN", "To LSN", "Last LSN", "Binlog", "End", "Files", "Size"]
    caption = (
        "The backups from the full one to the last increment; each goes on from the LSN to which the one before it goes"
    )
    return _section("chain", "Chain of backups", table(caption, columns, rows, (2, 3, 4, 7, 8)))


def _parameters_table(parameters: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    said = (("changed", WAIT), ("left", WAIT), ("taken", ""))
    rows = [
        [
            each.get("name", ""),
            toned(what, tone),
            each.get("source_value", ""),
            each.get("value", ""),
            each.get("reason", ""),
        ]
        for what, tone in said
        for each in parameters.get(what, [])
    ]
    if not rows:
        return None
    caption = "Settings of the source that are not Aurora's default, and what became of them"
    columns = ["Parameter", "What became of it", "Source", "Cluster", "Why"]
    return _section("parameters", "Parameters", table(caption, columns, rows))


def _events_table(events: list[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    rows = [[moment(each.get("date")), each.get("event_id", ""), each.get("message", "")] for each in events]
    if not rows:
        return None
    return _section(
        "events", "What RDS said during the restore", table("Events of the cluster", ["When", "Event", "Message"], rows)
    )


def _object_name(each: Mapping[str, Any]) -> str:
    return ".".join(filter(None, (each.get("schema"), each.get("name"))))
