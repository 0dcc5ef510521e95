# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assessment of the lab's source, as a user starts it: alone, again, in check mode, from a survey, and refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .needed import needed
from .playbook import Outcome
from .recorder import recording

HOST = "source"
MIGRATION = "looked-at"
OPTIONS = ("--limit", HOST)
SURVEY = {
    "migration_id": MIGRATION,
    "migration_allow_mariadb": "true",
    "migration_cluster_identifier": "",
    "assess_way": "physical",
    "assess_fail_on": "",
    "assess_ignore": "",
    "assess_host": "true",
    "assess_once": "true",
    "assess_save": "true",
    "assess_rate": "50000000",
    "assess_prices": '{"put_per_1000": "0.02"}',
    "assess_days_kept": "",
    "assess_statement_timeout": "30",
    "restore_instances": "2",
    "restore_cluster_parameters": '{"binlog_format": "ROW"}',
    "backup_min_free_percent": "1",
    "backup_staging": "",
    "bucket_create": "false",
    "upload_part_size_mib": "32",
}

FIRST_OF_ALL = {
    **SURVEY,
    "migration_id": "first-of-all",
    "migration_bucket": "made-on-the-way",
    "bucket_create": "true",
    # The lab's S3 has no TLS.
    "bucket_require_tls": "false",
}


@pytest.fixture(scope="module")
def assessed(generation, lab, tmp_path_factory) -> tuple[Outcome, dict[str, Any]]:
    """The first assessment, and the document that it left."""
    from .playbook import PlaybookRunner

    run = PlaybookRunner(generation.environment(), generation.playbook, lab.inventory, tmp_path_factory.mktemp("home"))
    outcome = run("assess", *OPTIONS, **SURVEY).succeeded()
    return outcome, lab.document(MIGRATION, "assessment")


def test_the_lab_s_source_may_go(assessed):
    _outcome, document = assessed
    assert document["verdict"]["way"] == "physical"
    assert [finding["id"] for finding in document["findings"] if finding["severity"] == "blocker"] == []
    assert document["engine_versions"]["live"] is True
    assert document["estimate"]["rate_origin"] == "given"
    assert document["estimate"]["cost"]["days_kept"] == 7
    prices = document["estimate"]["cost"]["prices"]
    assert prices["put_per_1000"] == 0.02 and prices["storage_gib_month"] > 0
    assert document["estimate"]["backup_bytes"] > 1_000_000


def test_what_the_source_has_is_found(assessed):
    _outcome, document = assessed
    found = {finding["id"]: finding for finding in document["findings"]}
    assert "tool.stands_in" in found
    assert found["source.time_zone"]["seen"]
    assert all(finding["link"].startswith("https://") and finding["remedy"] for finding in document["findings"])


def test_it_is_said_on_the_screen_in_few_lines(assessed):
    outcome, document = assessed
    assert document["verdict"]["sentence"] in outcome.output
    assert len(outcome.output) < 60_000


def test_its_page_is_beside_it(assessed, lab):
    page = lab.client("s3").get_object(Bucket=lab.bucket, Key=f"{MIGRATION}/record/report.html")
    assert page["ContentType"].startswith("text/html")
    assert assessed[1]["verdict"]["sentence"].split(";")[0] in page["Body"].read().decode()


def test_of_several_sources_there_is_a_page_of_all_though_each_is_stopped(lab, playbook):
    """Also of those that their findings stop: these are the ones to read about."""
    names = {"migration_id": "looked-at-{{ inventory_hostname }}", "report_fleet_id": "looked-at-all"}
    outcome = playbook("assess", **{**SURVEY, **names, "assess_fail_on": "warning"}).failed_with("[assess.stopped]")
    assert "looked-at-all/record/fleet.html" in outcome.output
    fleet = json.loads(
        lab.client("s3").get_object(Bucket=lab.bucket, Key="looked-at-all/record/fleet.json")["Body"].read()
    )
    assert {row["source"]: (row["state"], row["failed"]) for row in fleet["rows"]} == {
        "source": ("assessed", False),
        "source2": ("assessed", False),
    }
    for row in fleet["rows"]:
        assert lab.client("s3").head_object(Bucket=lab.bucket, Key=f"{row['migration_id']}/record/report.html")
        assert row["page"] == f"../../{row['migration_id']}/record/report.html"


def test_again_changes_nothing_but_the_page_s_figures(playbook, assessed):
    assert assessed
    again = playbook("assess", *OPTIONS, "--diff", **SURVEY).succeeded()
    assert again.changed_tasks() <= {"Put them into the bucket where they are different"}
    without_page = playbook("assess", *OPTIONS, "--skip-tags", "report", **SURVEY).succeeded()
    assert without_page.recap(HOST)["changed"] == 0


def test_check_mode_tells_the_same(assessed, playbook):
    checked = playbook("assess", *OPTIONS, "--check", **{**SURVEY, "migration_id": "not-yet"}).succeeded()
    assert assessed[1]["verdict"]["sentence"] in checked.output


def test_a_bucket_that_is_not_there_is_no_obstacle_to_looking(playbook):
    missing = {**SURVEY, "migration_bucket": "no-such-bucket-anywhere", "assess_way": "auto"}
    outcome = playbook("assess", *OPTIONS, **missing).failed_with("[assess.stopped]")
    assert "bucket.missing" in outcome.output
    playbook("assess", *OPTIONS, **{**missing, "bucket_create": "true"}).succeeded()


def test_without_aws_no_bucket_is_needed_and_nothing_of_aws_is_asked(playbook, tmp_path):
    alone = {**SURVEY, "migration_bucket": "", "assess_way": "auto", "report_dir": str(tmp_path)}
    nowhere = {"migration_aws_endpoint_url": "http://127.0.0.1:9", "migration_id": "by-itself"}
    outcome = playbook("assess", *OPTIONS, **{**alone, **nowhere, "assess_aws": "false"}).succeeded()
    assert f"Report: {tmp_path}/by-itself.html" in outcome.output
    document = json.loads((tmp_path / "by-itself.json").read_text())
    assert document["record"]["assessment"]["verdict"]["sentence"] in outcome.output
    assert {found["area"] for found in document["record"]["assessment"]["findings"]} <= {"source", "host", "tool"}
    for asked in ("", "true"):
        playbook("assess", *OPTIONS, **{**alone, "assess_aws": asked}).failed_with("[migration.no_bucket]")
    playbook("migrate", *OPTIONS, **{**alone, "assess_aws": "false"}).failed_with("[migration.no_bucket]")


def test_a_warning_stops_where_that_is_wanted_and_a_reason_lets_it_pass(assessed, playbook):
    warned = [f["id"] for f in assessed[1]["findings"] if f["severity"] == "warning" and "physical" in f["ways"]]
    assert warned
    stopped = playbook("assess", *OPTIONS, **{**SURVEY, "assess_fail_on": "warning"})
    stopped.failed_with("[assess.stopped]").failed_with(warned[0])
    # as a survey's field has them, with a comma in each reason
    passed_over = "\n".join(f"{name}: we know, says Ann" for name in warned)
    passing = playbook("assess", *OPTIONS, **{**SURVEY, "assess_fail_on": "warning", "assess_ignore": passed_over})
    assert f"PASSED OVER [{warned[0]}] we know, says Ann" in passing.succeeded().output


def test_nonsense_is_refused_with_what_was_meant(assessed, playbook):
    assert assessed
    outcome = playbook("assess", *OPTIONS, **{**SURVEY, "assess_ignore": "source.time_zon: a typing error"})
    outcome.failed_with("source.time_zone")


MEANINGLESS = [
    ("assess_prices", '{"put_per_1000": "dear"}', "The price put_per_1000 is 'dear'"),
    ("assess_rate", "fast", "assess_rate"),
]
MORE = [
    ("assess_prices", "5", "assess_prices"),
    ("assess_prices", '{"puts": 5}', "puts is no price"),
    ("assess_statement_timeout", "true", "assess_statement_timeout"),
    ("assess_once", "5", "assess_once"),
]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [*MEANINGLESS, *(pytest.param(*each, marks=pytest.mark.thorough("two other options")) for each in MORE)],
)
def test_a_text_of_another_kind_is_refused_by_the_option_s_name(playbook, name, text, words):
    outcome = playbook("assess", *OPTIONS, **{**SURVEY, "assess_host": "false", "assess_aws": "false", name: text})
    outcome.failed_with(words)


def binlog(lab) -> tuple[str, int]:
    """Where the source's binary log ends: nothing is written to the server that it does not have."""
    with lab.source(HOST) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW MASTER STATUS")
        name, position = cursor.fetchone()[:2]
    return str(name), int(position)


def test_migrate_stops_at_a_blocker_before_it_touches_anything(lab, playbook, tmp_path):
    """Neither the server nor its host nor anything of AWS; the test below goes on with the same options."""
    work = tmp_path / "work"
    with lab.source(HOST) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE half_done")
        cursor.execute("CREATE TABLE half_done.t (id INT PRIMARY KEY) ENGINE=Aria")
    try:
        before = binlog(lab)
        with recording(lab.endpoints["aws"]["endpoint_url"]) as recorder:
            own = {"migration_aws_endpoint_url": recorder.endpoint_url, "migration_work_dir": str(work)}
            outcome = playbook("migrate", *OPTIONS, **{**FIRST_OF_ALL, **own}).failed_with("[assess.stopped]")
        assert "1 finding stops the run (assess_fail_on is blocker): source.engines_not_copied." in outcome.output
        what_to_do = "(half_done.t) What to do: Convert them to InnoDB before the backup."
        assert f"BLOCKER [source.engines_not_copied] 1 table not of InnoDB: ARIA (1). {what_to_do}" in outcome.output
        assert outcome.recap(HOST)["changed"] == 0
        asked = {each.action.partition(":")[2] for seen in recorder.take() for each in needed(seen)}
        assert "DescribeDBClusters" in asked
        assert [action for action in asked if not action.startswith(("Get", "List", "Describe", "Simulate"))] == []
        assert binlog(lab) == before
        assert not work.exists()
    finally:
        with lab.source(HOST) as connection, connection.cursor() as cursor:
            cursor.execute("DROP DATABASE half_done")


def test_migrate_keeps_the_assessment_once_it_has_made_the_bucket(lab, playbook):
    # Without the tag of the backup there is none to restore.
    outcome = playbook("migrate", *OPTIONS, "--tags", "assess,bucket", **FIRST_OF_ALL)
    outcome.failed_with("[restore.station_missing]")
    assert lab.document("first-of-all", "assessment", "made-on-the-way")["verdict"]["way"] == "physical"
