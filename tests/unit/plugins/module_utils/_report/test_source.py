# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record comes to: state, verdict, next steps, times and charts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.source import source_report
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.view import source_view

SCHEMA = json.loads((Path(__file__).resolve().parents[5] / "roles/report/files/report.schema.json").read_text())
NOON = "2026-01-01T12:00:00Z"
SOURCE = {"written_at": "2026-01-01T09:00:00Z", "host": "db1", "port": 3306}
RESTORE = {"written_at": "2026-01-01T11:00:00Z", "endpoint": "shop.example.com", "port": 3306}
BACKUP = {"written_at": "2026-01-01T10:00:00Z", "elapsed_seconds": 1800.0, "bytes": 1000}


def compared(equal=True, at=NOON, **summary):
    return {"written_at": at, "equal": equal, "summary": summary, "tables": [], "differences": []}


def assessed(way="physical", blockers=(), warnings=0):
    counts = {"blocker": len(blockers), "warning": warnings}
    return {
        "verdict": {"way": way, "sentence": "A sentence.", "reasons": [], "counts": counts, "blockers": list(blockers)}
    }


def report(**record):
    return source_report(record, "shop", SCHEMA)


@pytest.mark.parametrize(
    ("record", "state", "tone"),
    [
        ({}, "not begun", "wait"),
        ({"assessment": assessed()}, "assessed", "good"),
        ({"assessment": assessed(), "source": SOURCE}, "assessed", "good"),
        ({"assessment": assessed(warnings=1)}, "assessed", "wait"),
        ({"assessment": assessed(blockers=["a.b"])}, "assessed", "bad"),
        ({"assessment": assessed("none")}, "assessed", "bad"),
        ({"source": SOURCE}, "under way", "wait"),
        ({"assessment": assessed(), "source": SOURCE, "backup": BACKUP}, "under way", "wait"),
        ({"restore": RESTORE, "verification": compared()}, "equal", "good"),
        ({"restore": RESTORE, "verification": compared(at="2026-01-01T10:59:59Z")}, "outdated", "wait"),
        ({"restore": RESTORE, "verification": compared(equal=False)}, "different", "bad"),
        (
            {"restore": RESTORE, "verification": compared(equal=False, source_written_since_backup=True)},
            "source moved on",
            "wait",
        ),
    ],
)
def test_how_far_a_migration_is(record, state, tone):
    made = report(**record)
    assert (made["state"], source_view(made)["tone"]) == (state, tone)


@pytest.mark.parametrize(
    ("record", "step"),
    [
        ({}, "Run the playbook dbferry.aurora_mysql.backup."),
        ({"assessment": assessed()}, "Run the playbook dbferry.aurora_mysql.backup."),
        ({"assessment": assessed(blockers=["a.b"])}, "Put right what stands in the way (1 in all), then assess again"),
        ({"assessment": assessed("physical after an upgrade")}, "Upgrade the source"),
        ({"assessment": assessed("logical")}, "Move this server by a logical copy"),
        ({"assessment": assessed("none")}, "Read the blockers below"),
        ({"source": SOURCE, "restore": RESTORE}, "Run the playbook dbferry.aurora_mysql.backup."),
        ({"verification": compared(equal=False)}, "Read the differences below"),
        ({"restore": RESTORE, "verification": compared(at=NOON)}, "Point the applications to shop.example.com:3306."),
    ],
)
def test_what_is_to_be_done_next(record, step):
    assert any(each.startswith(step) for each in report(**record)["next_steps"])


def test_a_closed_physical_way_sends_to_the_open_one():
    ways = [{"way": "physical", "open": False, "passable": False}, {"way": "logical", "open": True, "passable": True}]
    (step,) = report(assessment={**assessed("none", ["a.b"]), "ways": ways})["next_steps"]
    assert step.startswith("Move this server by a logical copy;")


@pytest.mark.parametrize(
    ("passable", "words"), [(True, "the physical way is not closed"), (False, "files cannot be restored as they are")]
)
def test_a_logical_copy_is_said_to_be_the_only_way_where_it_is(passable, words):
    ways = [{"way": "physical", "passable": passable}, {"way": "logical", "passable": True}]
    (step,) = report(assessment={**assessed("logical"), "ways": ways})["next_steps"]
    assert words in step


def test_what_is_about_the_way_that_is_not_taken_comes_last():
    findings = [
        {"id": f"source.{name}", "severity": "blocker", "concerns": concerns}
        for name, concerns in (("other", False), ("own", True))
    ]
    view = source_view(report(assessment={**assessed("logical"), "findings": findings}))
    (blockers, *_others) = view["assessment"]["groups"]
    assert [each["id"] for each in blockers["findings"]] == ["source.own", "source.other"]
    assert view["assessment"]["estimate"] == []


def test_nobody_is_sent_to_a_cluster_that_differs():
    steps = report(restore=RESTORE, verification=compared(equal=False))["next_steps"]
    assert not [step for step in steps if step.startswith("Point the applications")]


def test_a_station_begins_before_it_has_written_its_page():
    rows = {row["name"]: row for row in report(source=SOURCE, backup=BACKUP)["stations"]}
    assert rows["backup"]["started_at"] == "2026-01-01T09:30:00Z"
    assert rows["upload"] == {
        "name": "upload",
        "title": "Upload",
        "state": "missing",
        "started_at": None,
        "written_at": None,
        "elapsed_seconds": None,
    }


def test_progress_and_throughput_come_from_the_samples():
    progress = [{"at": 0, "done": 0}, {"at": 60, "done": 600}, {"at": 60, "done": 600}, {"at": 160, "done": 1000}]
    restore = {**RESTORE, "progress": [{"at": 0, "done": 0}, {"at": 10, "done": 50}]}
    charts = {
        chart["id"]: chart
        for chart in source_view(report(backup={**BACKUP, "progress": progress}, restore=restore))["charts"]
    }
    backup, restored = charts["progress"]["series"]
    assert [point["y"] for point in backup["values"]] == [0.0, 60.0, 60.0, 100.0]
    assert [point["y"] for point in restored["values"]] == [0.0, 50.0]
    (rates,) = charts["throughput"]["series"]
    assert [(point["x"], point["y"]) for point in rates["values"]] == [(1.0, 10.0), (2.667, 4.0)]
    assert charts["throughput"]["unit"] == "B/s" and charts["throughput"]["across"].startswith("min ")


def test_the_rate_of_an_upload_is_that_of_what_the_last_run_sent():
    """After a run that was killed, or for an increment, most of the bytes have been there before."""
    progress = [{"at": 1, "done": 900}, {"at": 11, "done": 1000}]
    upload = {"bytes": 5000, "sent_bytes": 100, "sent_seconds": 10.0, "elapsed_seconds": 60.0, "progress": progress}
    charts = {chart["id"]: chart for chart in source_view(report(upload=upload))["charts"]}
    assert charts["throughput"]["text"] == "Upload: 100 B in 10 s, 10 B a second."
    assert [point["y"] for point in charts["progress"]["series"][0]["values"]] == [90.0, 100.0]


def test_the_rate_of_an_upload_whose_record_does_not_say_what_was_sent_is_not_known():
    upload = {"bytes": 5000, "elapsed_seconds": 60.0, "progress": [{"at": 1, "done": 900}, {"at": 11, "done": 1000}]}
    charts = {chart["id"]: chart for chart in source_view(report(upload=upload))["charts"]}
    assert charts["throughput"]["text"] == "Upload: not known."


def test_a_restore_shows_its_statuses_and_no_per_cent_that_nobody_told():
    phases = ["creating", "creating", "migrating", "available"]
    samples = [{"at": 60 * at, "phase": phase, "done": 0} for at, phase in enumerate(phases)]
    samples[-1]["done"] = 100
    charts = {chart["id"]: chart for chart in source_view(report(restore={**RESTORE, "progress": samples}))["charts"]}
    assert "progress" not in charts
    assert charts["statuses"]["labels"] == ["creating", "migrating", "available"]
    assert charts["statuses"]["series"][0]["values"] == [[0.0, 2.0], [2.0, 3.0], [3.0, 3.0]]
    assert [cell["text"] for cell in charts["statuses"]["table"]["rows"][0]] == ["creating", "0.0 s", "2 min 00 s"]


def test_a_restore_seen_in_one_status_only_has_no_chart_of_statuses():
    progress = [{"at": 0, "phase": "available", "done": 100}]
    charts = source_view(report(restore={**RESTORE, "progress": progress}))["charts"]
    assert "statuses" not in {chart["id"] for chart in charts}


def test_the_time_line_lays_each_station_where_it_was():
    charts = {chart["id"]: chart for chart in source_view(report(source=SOURCE, backup=BACKUP))["charts"]}
    assert charts["time-line"]["labels"] == ["Source", "Backup"]
    assert charts["time-line"]["series"][0]["values"] == [[0.0, 0.0], [30.0, 60.0]]
    assert "progress" not in charts and "throughput" not in charts


def test_rows_that_were_not_read_are_not_called_equal():
    table = {"schema": "s", "table": "t", "equal": None, "bytes": 1}
    view = source_view(report(verification={**compared(), "tables": [table]}))
    (rows,) = (section["table"]["rows"] for section in view["tables"] if section["id"] == "tables")
    assert rows[0][-1] == {"text": "not read", "tone": ""}


def test_what_is_not_listed_is_counted_and_named():
    entry = {"account": "app@%", "what": "account", "reason": "why", "remedy": ""}
    accounts = {"summary": {"left_behind_total": 900}, "left_behind": [entry] * 500, "failed": []}
    routines = {
        "summary": {"skipped": 1, "failed": 1},
        "left_behind": [{"kind": "event"}],
        "failed": [{"kind": "view"}],
    }

    def step(**objects):
        (found,) = [each for each in report(objects=objects)["next_steps"] if "did not travel" in each]
        return found

    whole = step(accounts=accounts, routines=routines)
    assert "(902 entries; 502 are listed here" in whole
    assert "left_behind_accounts.json" in whole
    assert step(routines=routines) == "Look after what did not travel (2 entries)."


def test_what_has_come_in_another_way_is_a_next_step_and_stands_in_a_table():
    names = ("disabled_on_replica", "left_in_system_zone", "without_definer", "compared_loosely")
    entries = {
        name: {"kind": "event", "schema": "shop", "name": name, "reason": "why", "remedy": "do"} for name in names
    }
    lists = {name: [entry] for name, entry in entries.items()}
    whole = report(objects={"routines": lists})
    what = "Look at the stored objects that have come, but not quite as they are on the source"
    assert f"{what} (4 entries)." in whole["next_steps"]
    (rows,) = (each["table"]["rows"] for each in source_view(whole)["tables"] if each["id"] == "to-look-at")
    assert [[cell["text"] for cell in row] for row in rows] == [
        [f"shop.{name}", "event", "why", "do"] for name in names
    ]

    cut = report(objects={"routines": {**lists, "summary": {"disabled_on_replica": 300}}})
    told = f"{what} (303 entries; 4 are listed here, left_behind_objects.json of the record has all)."
    assert told in cut["next_steps"]
    none = report(objects={"routines": {"redefined": []}})
    assert not any("quite" in step for step in none["next_steps"])
    assert "to-look-at" not in {each["id"] for each in source_view(none)["tables"]}


def test_a_time_zone_that_was_refused_is_a_next_step():
    refused = {
        "id": "aurora.time_zone_refused",
        "reason": "No allowed zone is like America/Caracas.",
        "remedy": "Set objects_time_zone_name.",
        "nearest": [{"zone": "America/Manaus", "days": 12}],
    }
    steps = report(objects={"time_zone": {"source": "America/Caracas", "refused": refused}})["next_steps"]
    told = "Give the cluster its time zone: No allowed zone is like America/Caracas. Set objects_time_zone_name."
    assert told in steps
    assert not any("time zone" in step for step in report(objects={"time_zone": {"refused": {}}})["next_steps"])


def test_zones_that_differ_are_named():
    different = {"zone": "Europe/Istanbul", "mentions": 0, "mentioned_by": [], "offset_source": "+03:00"}
    different.update(offset_target="+02:00", first_difference="2016-10-30T01:00:00Z", seconds=268722000, days=3110.21)
    missing = {"zone": "America/Coyhaique", "mentions": 1, "mentioned_by": ["event shop.nightly"]}
    zones = {"compared": True, "missing": [missing], "different": [different]}
    whole = report(objects={"time_zone": {"zones": zones}})
    assert whole["record"]["objects"]["time_zone"]["zones"] == zones
    (rows,) = (each["table"]["rows"] for each in source_view(whole)["tables"] if each["id"] == "zones")
    assert [[cell["text"] for cell in row] for row in rows] == [
        ["America/Coyhaique", "The cluster does not know it.", "event shop.nightly"],
        [
            "Europe/Istanbul",
            "+03:00 on the source and +02:00 on the cluster from 2016-10-30 01:00:00 UTC on; 3\u202f110 days in all.",
            "",
        ],
    ]
    none = report(objects={"time_zone": {"zones": {"compared": True, "missing": [], "different": []}}})
    assert "zones" not in {each["id"] for each in source_view(none)["tables"]}
