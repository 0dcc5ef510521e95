# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role report run by ansible: what it leaves where, twice, in check mode, by a survey's strings; and no secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.catalogue import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_facts import (
    ContentFacts,
    read_replica,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.finding import Finding
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ServerFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.parameter_mapping import plan_parameters
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.parameter_values import FamilyParameter
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from . import records
from .conftest import BUCKET, HOSTS, LOOKED_AT, SECRET, record_of

FILES = Path(__file__).resolve().parents[3] / "roles/report/files"
PUBLISHED = Path(__file__).resolve().parents[3] / "build/npm/node_modules"
PAGES = ("assessed", "moved", "different", "hostile", "new", LOOKED_AT)


def stored(moto):
    """Key to ETag of all that lies in the bucket."""
    listed = moto.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {each["Key"]: each["ETag"] for each in listed}


def recap(told, host):
    found = re.search(
        rf"^{host}\s*: ok=\d+\s+changed=(\d+)\s+unreachable=\d+\s+failed=(\d+)", told.output, re.MULTILINE
    )
    assert found, told.output[-3000:]
    return {"changed": int(found.group(1)), "failed": int(found.group(2))}


@pytest.mark.usefixtures("told")
def test_pages_lie_beside_the_records_and_on_the_controller(told, moto):
    assert told.status == 2, told.output[-3000:]
    assert [host for host in HOSTS if recap(told, host)["failed"]] == ["broken"]
    assert set(stored(moto)) == {
        *(f"{host}/record/report.{kind}" for host in PAGES for kind in ("html", "json")),
        "fleet/record/fleet.html",
        "fleet/record/fleet.json",
    }
    body = moto.client("s3").get_object(Bucket=BUCKET, Key="moved/record/report.html")
    assert body["ContentType"] == "text/html; charset=utf-8"
    assert body["Body"].read() == told.page("moved").read_bytes()
    # Only the links to the sources' pages differ.
    fleet = moto.client("s3").get_object(Bucket=BUCKET, Key="fleet/record/fleet.html")["Body"].read().decode()
    assert '"../../moved/record/report.html"' in fleet
    assert fleet.replace("../../moved/record/report.html", "moved.html") != fleet


@pytest.mark.parametrize("name", PAGES)
def test_a_document_is_as_its_published_schema_says(told, name):
    jsonschema.validate(told.document(name), json.loads((FILES / "report.schema.json").read_text()))


def test_the_fleet_s_document_is_as_its_published_schema_says(told):
    document = told.document("fleet")
    jsonschema.validate(document, json.loads((FILES / "fleet.schema.json").read_text()))
    rows = {row["source"]: row for row in document["rows"]}
    assert {name: (row["state"], row["failed"]) for name, row in rows.items()} == {
        "assessed": ("assessed", False),
        "moved": ("equal", False),
        "different": ("different", False),
        "hostile": ("different", False),
        "new": ("not begun", False),
        "broken": ("under way", True),
        LOOKED_AT: ("assessed", False),
    }
    assert rows["assessed"]["blockers"] == 2
    assert rows["moved"]["page"] == "moved.html" and rows["broken"]["page"] is None


def test_the_summary_says_what_matters_and_stays_short(told):
    assert (
        "A physical copy into 8.0.mysql_aurora.3.10.0 is the way, and 2 blockers stand in it. (assessed)" in told.output
    )
    assert "Blocker source.row_versions: " in told.output
    assert "Source and cluster are equal. (moved)" in told.output
    assert "Look at: event shop.nightly: the source is a replica" in told.output
    assert "Look at: event shop.local: it runs in SYSTEM" in told.output
    assert f"Report of the run: s3://{BUCKET}/fleet/record/fleet.html" in told.output
    assert "broken: failed" in told.output


def test_what_controllers_keep_of_the_output_has_no_page_in_it(told):
    assert "<!DOCTYPE html>" not in told.output
    assert len(told.output) < 40_000 * len(HOSTS)


@pytest.mark.usefixtures("told")
def test_a_second_run_changes_nothing(tell, moto):
    before = stored(moto)
    given = {host: record_of(host) for host in ("assessed", "moved")}
    again = tell(given, "--diff", report_fleet=False)
    assert again.status == 0, again.output[-3000:]
    assert {host: recap(again, host)["changed"] for host in given} == {"assessed": 0, "moved": 0}
    assert stored(moto) == before


def test_check_mode_writes_nothing_and_says_what_it_would(tell, moto, told):
    before = stored(moto)
    looked = tell({"only-looked": {}}, "--check", "--diff", report_dir=str(told.pages.parent / "looked"))
    assert looked.status == 0, looked.output[-3000:]
    assert recap(looked, "only-looked")["changed"] > 0
    assert stored(moto) == before
    assert not (told.pages.parent / "looked").exists()
    assert "chart" not in looked.output.lower(), "the diff shows a page"


def test_the_strings_of_a_survey_mean_what_they_say(tell, moto, told):
    home = told.pages.parent / "survey"
    said = tell(
        {"first": {}, "second": {}},
        report_dir=str(home),
        report_to_bucket="false",
        report_fleet="",
        report_fleet_id="",
    )
    assert said.status == 0, said.output[-3000:]
    assert sorted(path.name for path in home.iterdir()) == sorted(
        f"{name}.{kind}" for name in ("first", "second", "fleet") for kind in ("html", "json")
    )
    assert not any(key.startswith(("first", "second")) for key in stored(moto))


def test_no_secret_of_record_or_play_is_told(tell, told):
    record = planted(records.migrated())
    statement = f"SET @key = '{SECRET}'"
    record["assessment"]["findings"] += [finding_of_a_stopped_replica(), finding_of_init_connect(statement)]
    record["source"]["variables"]["init_connect"] = statement
    record["restore"]["parameters"]["taken"] = taken_over(statement)
    given = tell({"planted": record}, "-v", report_fleet=False)
    assert given.status == 0, given.output[-3000:]
    for path in (given.page("planted"), given.pages / "planted.json"):
        text = path.read_text(encoding="utf-8")
        assert SECRET not in text, path
        assert "init_connect is SET @key" in text, path
    told_by_role = given.output.split("PLAY [all]")[-1]
    assert SECRET not in told_by_role
    everything = [path.read_text(encoding="utf-8") for path in told.pages.iterdir()] + [told.output]
    assert not any(SECRET in text for text in everything)


def finding_of_a_stopped_replica():
    """What an assessment says of a replica that a statement with a secret in it has stopped."""
    text = f"Error 'Operation CREATE USER failed' on query. Query: 'CREATE USER ann IDENTIFIED BY '{SECRET}''"
    replica = read_replica({"Source_Host": "db0", "Source_Port": 3306, "Last_SQL_Errno": 1396, "Last_SQL_Error": text})
    version = ServerVersion("mysql", (8, 0, 36))
    content = ContentFacts(version, AccountName("ferry"), replicas=(replica,))
    check = next(check for check in CHECKS if check.id == "source.replica")
    return Finding(check, check.find(Facts(Wanted(), content=content))).document("physical")


def finding_of_init_connect(statement):
    """What an assessment says of a statement for each connection."""
    check = next(check for check in CHECKS if check.id == "source.init_connect")
    server = ServerFacts(ServerVersion("mysql", (8, 0, 36)), "8.0.36", {"init_connect": statement})
    return Finding(check, check.find(Facts(Wanted(), server=server))).document("physical")


def taken_over(statement):
    """What a restore says of the same, as the record holds it."""
    offered = {"init_connect": FamilyParameter("init_connect", None, "", "string", True)}
    plan = plan_parameters({"init_connect": statement}, "aurora-mysql8.0", offered, {})
    return [each._asdict() for each in plan.taken]


def planted(value):
    """The same, with a secret in a member more of every mapping, however deep."""
    if isinstance(value, dict):
        members = {name: planted(member) for name, member in value.items()}
        return {**members, "master_user_password": SECRET, "hash": SECRET, "extra": {"deep": [SECRET]}}
    if isinstance(value, list):
        return [planted(member) for member in value]
    return value


def test_the_chart_library_is_what_its_makers_published():
    told = json.loads((FILES / "chart.umd.min.js.json").read_text())
    package = PUBLISHED / told["package"]
    assert json.loads((package / "package.json").read_text())["version"] == told["version"]
    assert (package / told["path"]).read_bytes() == (FILES / "chart.umd.min.js").read_bytes()
    assert (package / "LICENSE.md").read_text() == (FILES / "chart.umd.min.js.LICENSE.md").read_text()
