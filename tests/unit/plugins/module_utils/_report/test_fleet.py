# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run over several sources comes to."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.fleet import fleet_report, fleet_view

FILES = Path(__file__).resolve().parents[5] / "roles/report/files"
SCHEMA = json.loads((FILES / "report.schema.json").read_text())
FLEET_SCHEMA = json.loads((FILES / "fleet.schema.json").read_text())
EQUAL = {
    "source": {"host": "a", "data_bytes": 5 * 1024**3},
    "backup": {"elapsed_seconds": 60.0},
    "verification": {"equal": True, "summary": {}},
}
BLOCKED = {"assessment": {"verdict": {"way": "logical", "sentence": "No.", "counts": {"blocker": 2, "warning": 1}}}}


def source(name, record, failed=False):
    return {"source": name, "migration_id": f"{name}-1", "record": record, "failed": failed, "page": f"{name}.html"}


def made(*sources):
    report = fleet_report(sources, SCHEMA)
    jsonschema.validate(report, FLEET_SCHEMA)
    return report


def test_rows_totals_and_verdict():
    report = made(source("a", EQUAL), source("b", BLOCKED), source("c", None, failed=True), source("d", {}))
    assert (
        report["verdict"]
        == "Of 4 sources: the run failed for 1, 1 has blockers, 1 is equal to the cluster, 1 is not begun."
    )
    assert report["totals"] == {
        "sources": 4,
        "failed": 1,
        "blocked": 1,
        "equal": 1,
        "bytes": 5 * 1024**3,
        "elapsed_seconds": 60.0,
    }
    assert [row["state"] for row in report["rows"]] == ["equal", "assessed", "unknown", "not begun"]
    assert [row["way"] for row in report["rows"]] == [None, "logical", None, None]
    assert report["rows"][1]["blockers"] == 2


@pytest.mark.parametrize(
    ("sources", "tone"),
    [
        ([source("a", EQUAL), source("b", EQUAL)], "good"),
        ([source("a", EQUAL), source("b", {})], "wait"),
        ([source("a", EQUAL), source("b", BLOCKED)], "bad"),
        ([source("a", EQUAL), source("b", EQUAL, failed=True)], "bad"),
    ],
)
def test_the_whole_is_as_good_as_the_worst_of_it(sources, tone):
    assert fleet_view(made(*sources))["tone"] == tone


def test_stations_are_shown_once_one_of_them_is_done():
    assert fleet_view(made(source("a", BLOCKED), source("b", {})))["stations"] == []
    shown = fleet_view(made(source("a", EQUAL), source("b", BLOCKED)))["stations"]
    assert [each["name"] for each in shown][:2] == ["assessment", "source"]


def test_charts_of_a_large_fleet_show_the_first_and_count_all():
    many = [source(f"s{n}", {**EQUAL, "source": {"data_bytes": n * 1024**3}}) for n in range(1, 201)]
    charts = {chart["id"]: chart for chart in fleet_view(made(*many))["charts"]}
    assert charts["sizes"]["labels"][0] == "s200" and len(charts["sizes"]["labels"]) == 20
    assert charts["states"]["series"] == [{"name": "Equal", "tone": "good", "values": [200]}]
