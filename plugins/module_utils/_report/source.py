# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The report of one source: what its record comes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._counted import counted
from .allowed import keep_allowed
from .stations import done_stations, missing_stations, station_rows

SCHEMA_VERSION = 2

NOT_BEGUN, ASSESSED, UNDER_WAY = "not begun", "assessed", "under way"
OUTDATED, EQUAL, MOVED_ON, DIFFERENT = "outdated", "equal", "source moved on", "different"
# Lists of the page of station objects that do not say what was left behind.
_TO_LOOK_AT = ("disabled_on_replica", "left_in_system_zone", "without_definer", "compared_loosely")
_SENTENCES = {
    NOT_BEGUN: "Nothing has been done yet.",
    ASSESSED: "The source has been assessed.",
    UNDER_WAY: "The migration is under way.",
    OUTDATED: "The comparison is older than the restore or than what was brought after it.",
    EQUAL: "Source and cluster are equal.",
    MOVED_ON: "Source and cluster differ, and the source has been written to since the backup.",
    DIFFERENT: "Source and cluster differ.",
}


def source_report(record: Mapping[str, Any], migration_id: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The document that page, JSON and console text are made from.

    :param record: the documents of the migration record by station; those of stations that have not been passed are
        absent.
    :param migration_id: whose record it is.
    :param schema: the report's JSON Schema, which is also the list of what it may hold.
    """
    known = keep_allowed(record, schema["properties"]["record"], schema)
    state = _state(known)
    return {
        "schema_version": SCHEMA_VERSION,
        "migration_id": migration_id,
        "state": state,
        "verdict": _verdict(known, state),
        "next_steps": _next_steps(known, state),
        "stations": station_rows(known),
        "record": known,
    }


def left_behind(record: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The accounts, and the stored objects, that did not travel or were not taken; an entry for each right."""
    accounts, routines = (record.get("objects", {}).get(name, {}) for name in ("accounts", "routines"))
    return (
        [*accounts.get("failed", []), *accounts.get("left_behind", [])],
        [*routines.get("failed", []), *routines.get("left_behind", [])],
    )


def left_behind_total(record: Mapping[str, Any]) -> int:
    """How many entries there were before the record's lists were cut."""
    accounts, routines = (
        record.get("objects", {}).get(name, {}).get("summary", {}) for name in ("accounts", "routines")
    )
    counted = int(accounts.get("left_behind_total", 0)), int(routines.get("skipped", 0) + routines.get("failed", 0))
    return sum(max(len(entries), count) for entries, count in zip(left_behind(record), counted))


def to_look_at(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The stored objects that have come, but not quite as they are on the source."""
    routines = record.get("objects", {}).get("routines", {})
    return [each for name in _TO_LOOK_AT for each in routines.get(name, [])]


def to_look_at_total(record: Mapping[str, Any]) -> int:
    """How many of these there were before the record's lists were cut."""
    routines = record.get("objects", {}).get("routines", {})
    counts = routines.get("summary", {})
    return sum(max(len(routines.get(name, [])), int(counts.get(name) or 0)) for name in _TO_LOOK_AT)


def _state(record: Mapping[str, Any]) -> str:
    if not done_stations(record):
        return ASSESSED if record.get("assessment") else NOT_BEGUN
    compared = record.get("verification")
    if not compared:
        # What a failed assessment leaves is the source's own page at most.
        only_source = [station.name for station in done_stations(record)] == ["source"]
        return ASSESSED if only_source and record.get("assessment") else UNDER_WAY
    # Times are UTC in one form, so that they sort as text.
    newest = max(record.get(station, {}).get("written_at", "") for station in ("restore", "objects"))
    if compared.get("written_at", "9") < newest:
        return OUTDATED
    if compared.get("equal"):
        return EQUAL
    return MOVED_ON if compared.get("summary", {}).get("source_written_since_backup") else DIFFERENT


def _verdict(record: Mapping[str, Any], state: str) -> str:
    if state == ASSESSED:
        return str(record["assessment"].get("verdict", {}).get("sentence") or _SENTENCES[state])
    return _SENTENCES[state]


def _next_steps(record: Mapping[str, Any], state: str) -> list[str]:
    steps: list[str] = []
    missing = missing_stations(record)
    if state == ASSESSED:
        steps += _steps_after_assessment(record["assessment"], missing[0].playbook)
    elif missing:
        steps.append(f"Run the playbook dbferry.aurora_mysql.{missing[0].playbook}.")
    if state == OUTDATED:
        steps.append("Run dbferry.aurora_mysql.verify again.")
    if state == MOVED_ON:
        steps.append(
            "Stop the writers on the source, take a new backup and compare again, or let the cluster catch up by "
            "replication."
        )
    if state == DIFFERENT:
        steps.append("Read the differences below before anything is switched to the cluster.")
    refused = record.get("objects", {}).get("time_zone", {}).get("refused", {})
    if refused:
        steps.append(
            f"Give the cluster its time zone: {refused.get('reason', '')} {refused.get('remedy', '')}".rstrip()
        )
    skipped, listed = left_behind_total(record), sum(map(len, left_behind(record)))
    whole = "left_behind_accounts.json and left_behind_objects.json of the record have all"
    steps += _step_over("Look after what did not travel", skipped, listed, whole)
    steps += _step_over(
        "Look at the stored objects that have come, but not quite as they are on the source",
        to_look_at_total(record),
        len(to_look_at(record)),
        "left_behind_objects.json of the record has all",
    )
    restore = record.get("restore", {})
    if state == EQUAL and restore.get("endpoint"):
        steps.append(f"Point the applications to {restore['endpoint']}:{restore.get('port', 3306)}.")
    return steps


def _step_over(what: str, count: int, listed: int, whole: str) -> list[str]:
    if count > listed:
        return [f"{what} ({counted(count, 'entry', 'entries')}; {counted(listed, 'is', 'are')} listed here, {whole})."]
    return [f"{what} ({counted(count, 'entry', 'entries')})."] if count else []


def _steps_after_assessment(assessment: Mapping[str, Any], playbook: str) -> list[str]:
    verdict = assessment.get("verdict", {})
    counts, way = verdict.get("counts", {}), verdict.get("way")
    again = "then assess again with dbferry.aurora_mysql.assess."
    steps = []
    passable = {each.get("way") for each in assessment.get("ways", []) if each.get("passable")}
    if way == "none" and "logical" in passable:
        return ["Move this server by a logical copy; the physical way, which was asked for, is closed to it."]
    if way == "none":
        return ["Read the blockers below: none of the ways is open, and nothing here opens one."]
    if way == "physical after an upgrade":
        return [f"Upgrade the source as the blockers below say, {again}"]
    if verdict.get("blockers"):
        steps.append(f"Put right what stands in the way ({len(verdict['blockers'])} in all), {again}")
    if counts.get("warning"):
        steps.append(f"Decide about the warnings ({counts['warning']} in all).")
    if way == "logical" and "physical" in passable:
        steps.append("Move this server by a logical copy, as was asked for; the physical way is not closed to it.")
    elif way == "logical":
        steps.append("Move this server by a logical copy; its files cannot be restored as they are.")
    elif not verdict.get("blockers"):
        steps.append(f"Run the playbook dbferry.aurora_mysql.{playbook}.")
    return steps
