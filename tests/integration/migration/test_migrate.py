# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way: two sources in one run, looked at by means that are not the collection's."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

from ..browser import SCHEMES
from .dumps import SYSTEM_SCHEMAS, column, rows_of_both
from .lab import Lab
from .playbook import Outcome, PlaybookRunner
from .secrets import ProcessWatch, in_files, in_text

HOSTS = ("source", "source2")
OF_EACH_SESSION = "of-each-session-7391"
"""A secret in the statement that the first source runs for each connection."""
SCHEMAS = Path(__file__).resolve().parents[3] / "roles/report/files"
STATIONS = ("source", "backup", "upload", "iam", "restore", "objects", "verification")


class Migrated(NamedTuple):
    """A run of the main playbook, and what was seen meanwhile."""

    outcome: Outcome
    runner: PlaybookRunner
    watch: ProcessWatch
    passwords: list[str]


def lab_secrets(lab: Lab) -> list[str]:
    """The passwords of both sides, AWS' secret key, and the credentials that are minted for the hosts."""
    # moto gives everybody the same ones.
    minted = lab.client("sts").get_federation_token(Name="test", Policy="{}")["Credentials"]
    found = [minted["SecretAccessKey"], minted["SessionToken"]]
    for host in HOSTS:
        variables = lab.host_variables(host)
        found += [value for name, value in variables.items() if name.endswith(("_password", "_secret_key"))]
    return sorted(set(found))


@pytest.fixture(scope="module")
def migrated(generation, lab, tmp_path_factory) -> Iterator[Migrated]:
    """Both sources, moved in one run whose verbosity shows the arguments of every module."""
    home = tmp_path_factory.mktemp("controller")
    runner = PlaybookRunner(generation.environment(), generation.playbook, lab.inventory, home)
    secrets = [*lab_secrets(lab), OF_EACH_SESSION]
    with lab.source(HOSTS[0]) as root:
        root.cursor().execute("SET GLOBAL init_connect = %s", [f"SET @key = '{OF_EACH_SESSION}'"])
    with ProcessWatch(secrets) as watch:
        outcome = runner("migrate", "-vvv", migration_progress_interval="1", report_dir=str(home / "reports"))
    yield Migrated(outcome, runner, watch, secrets)
    with lab.source(HOSTS[0]) as root:
        root.cursor().execute("SET GLOBAL init_connect = ''")


def test_both_sources_arrive_in_one_run(migrated, lab):
    migrated.outcome.succeeded()
    for host in HOSTS:
        assert migrated.outcome.recap(host)["failed"] == 0
        documents = {station: lab.document(host, station) for station in STATIONS}
        assert documents["verification"]["equal"] is True
        assert documents["restore"]["backup_id"] == documents["backup"]["backup_id"]
        assert documents["upload"]["progress"][-1]["done"] == documents["upload"]["bytes"]
    assert lab.document("source", "restore")["port"] != lab.document("source2", "restore")["port"]


def test_aws_is_asked_once_what_the_region_has_and_what_the_caller_may_do(migrated):
    assert migrated.outcome.output.count("TASK [dbferry.aurora_mysql.restore : Find the Aurora version") == 1
    # The assessment has seen what the caller needs for a backup; role iam asks about what comes then.
    assert migrated.outcome.output.count("TASK [dbferry.aurora_mysql.iam : Ask IAM whether the caller has it") == 1


@pytest.mark.usefixtures("migrated")
@pytest.mark.parametrize("host", HOSTS)
def test_every_row_arrives(lab, host):
    source, target = rows_of_both(lab, host)
    assert sum(line.startswith("INSERT") for line in source) > 5
    assert source == target


@pytest.mark.usefixtures("migrated")
@pytest.mark.parametrize("host", HOSTS)
def test_every_routine_trigger_view_and_event_arrives(lab, host):
    stored = {
        "routines": "routine_schema, routine_name, routine_type, definer, security_type, sql_mode, routine_comment, "
        "routine_definition",
        "triggers": "trigger_schema, trigger_name, definer, action_statement",
        "events": "event_schema, event_name, definer, status, event_definition",
        "views": "table_schema, table_name, definer, view_definition",
    }
    with lab.source(host) as source, lab.target(host) as target:
        for kind, members in stored.items():
            schema = members.split(",", 1)[0]
            query = (
                f"SELECT CONCAT_WS('|', {members}) FROM information_schema.{kind} "
                f"WHERE {schema} NOT IN {SYSTEM_SCHEMAS} ORDER BY 1"
            )
            # The source's root does not travel; what it defined belongs to the master user.
            wanted = sorted(line.replace("root@localhost", "dbadmin@%") for line in column(source, query))
            assert wanted, kind
            assert wanted == sorted(column(target, query))


@pytest.mark.usefixtures("migrated")
@pytest.mark.parametrize("host", HOSTS)
def test_an_account_logs_in_with_its_old_password_and_has_its_rights(lab, host):
    password = lab.endpoints["sources"][host]["sample_password"]
    grants = {}
    for side in (lab.source, lab.target):
        with side(host, user="shop_app", password=password) as connection:
            grants[side] = sorted(re.sub(r" IDENTIFIED BY .*", "", line) for line in column(connection, "SHOW GRANTS"))
    assert grants[lab.source] and grants[lab.source] == grants[lab.target]


@pytest.mark.usefixtures("migrated")
@pytest.mark.parametrize("host", HOSTS)
def test_the_target_keeps_the_source_s_time(lab, host):
    with lab.source(host) as source, lab.target(host) as target:
        zones = [column(side, "SELECT @@session.time_zone")[0] for side in (source, target)]
    assert zones[0] == zones[1] != "SYSTEM"


@pytest.mark.usefixtures("migrated")
@pytest.mark.parametrize("host", HOSTS)
def test_the_zones_of_both_sides_are_compared(lab, host):
    zones = lab.document(host, "objects")["time_zone"]["zones"]
    assert zones["compared"] is True and zones["summary"]["objects_searched"] > 5
    assert zones["summary"]["source"] == zones["summary"]["same"] > 500
    assert zones["missing"] == zones["different"] == []


def test_progress_shows_itself_while_the_tasks_run(migrated):
    for host in HOSTS:
        for module in ("xtrabackup", "s3_tree", "aurora_cluster_restore"):
            assert re.search(rf"\[{host}: {module}\] \w+", migrated.outcome.output), module
        assert re.search(
            rf"\[{host}: s3_tree\] uploading \| \d+ % \| [\d.]+ \w+ of [\d.]+ MiB", migrated.outcome.output
        )


def test_no_secret_is_seen_anywhere(migrated, lab):
    assert migrated.watch.looks > 20
    assert {"mariabackup"} <= migrated.watch.commands
    assert migrated.watch.seen == set()
    assert in_text(migrated.passwords, migrated.outcome.output) == []
    work = [Path(lab.host_variables(host)["migration_work_dir"]) for host in HOSTS]
    assert all(path.is_dir() for path in work)
    assert in_files(migrated.passwords, migrated.runner.home, *work) == []
    # They are gone when a run ends.
    assert {name.rsplit("-", 1)[0] for name in migrated.watch.files} >= {".dbferry-progress", "dbferry-objects"}
    client = lab.client("s3")
    small = [key for host in HOSTS for key, size in lab.objects(f"{host}/").items() if size < 1_000_000]
    assert any(key.endswith("xtrabackup_info") for key in small)
    for key in small:
        body = client.get_object(Bucket=lab.bucket, Key=key)["Body"].read()
        assert not [secret for secret in migrated.passwords if secret.encode() in body], key


def test_a_statement_that_lost_a_literal_is_left_with_what_to_do(migrated, lab):
    assert lab.document("source", "source")["variables"]["init_connect"] == "SET @key = '***'"
    left = {each["name"]: each for each in lab.document("source", "restore")["parameters"]["left"]}
    assert "restore_cluster_parameters" in left["init_connect"]["reason"]
    assert "init_connect" in migrated.outcome.output


def test_the_record_holds_no_password_hash(migrated, lab):
    with lab.source("source") as source:
        hashes = [value for value in column(source, "SELECT authentication_string FROM mysql.user") if value]
    assert hashes
    assert in_text(hashes, migrated.outcome.output) == []
    client = lab.client("s3")
    for key in lab.objects("source/record/"):
        body = client.get_object(Bucket=lab.bucket, Key=key)["Body"].read()
        text = gzip.decompress(body).decode() if key.endswith(".gz") else body.decode()
        assert in_text(hashes, text) == [], key


def test_the_report_tells_the_story(migrated, lab):
    for host in HOSTS:
        assert f"{host}/record/report.html" in lab.objects(f"{host}/record/")
        page = (migrated.runner.home / "reports" / f"{host}.html").read_text()
        assert lab.document(host, "restore")["cluster_identifier"] in page


@pytest.mark.parametrize("name", [*HOSTS, "fleet"])
def test_its_documents_are_as_their_published_schemas_say(migrated, lab, name):
    document = json.loads((migrated.runner.home / "reports" / f"{name}.json").read_text())
    kind = "fleet" if name == "fleet" else "report"
    jsonschema.validate(document, json.loads((SCHEMAS / f"{kind}.schema.json").read_text()))
    if name != "fleet":
        # A page names those of the settings that matter, and no server by its UUID.
        of_the_record_alone = {"source.server_uuid", "source.variables", "backup.chain.server_uuid"}
        written = {station: lab.document(name, station) for station in ("assessment", *STATIONS)}
        assert set(left_out(written, document["record"])) == of_the_record_alone


def left_out(written, shown, path: str = "") -> Iterator[str]:
    """Paths of members that are not shown; lists are cut, and what is left of them is compared."""
    if isinstance(written, dict):
        for name, value in written.items():
            if name in shown:
                yield from left_out(value, shown[name], f"{path}.{name}".lstrip("."))
            else:
                yield f"{path}.{name}".lstrip(".")
    elif isinstance(written, list):
        for value, kept in zip(written, shown):
            yield from left_out(value, kept, path)


@pytest.mark.parametrize("name", [*HOSTS, "fleet"])
def test_its_pages_open_in_a_browser(migrated, browser, name):
    for scheme in SCHEMES:
        browser.show(migrated.runner.home / "reports" / f"{name}.html", scheme)
        assert browser.shown("h1") != []
        browser.unfold()
        assert (browser.requests(), browser.console(), browser.violations()) == ([], [], [])
    drawn = browser.drawn()
    assert drawn and all(drawn)


def test_a_second_run_changes_nothing(migrated, lab):
    before = {host: lab.objects(f"{host}/") for host in HOSTS}
    outcome = migrated.runner("migrate").succeeded()
    for host in HOSTS:
        assert outcome.recap(host)["changed"] == 0, outcome.output[-6000:]
    assert before == {host: lab.objects(f"{host}/") for host in HOSTS}


@pytest.mark.thorough("verify/test_roles.py lets a difference fail a run, and report/ has pages of failed runs")
@pytest.mark.usefixtures("migrated")
def test_a_source_that_fails_to_be_proved_gets_its_page(playbook, lab):
    with lab.target("source2") as target, target.cursor() as cursor:
        cursor.execute("CREATE DATABASE stray")
        cursor.execute("CREATE TABLE stray.t (n INT PRIMARY KEY)")
    outcome = playbook("migrate", "--tags", "verify,report").failed_with("[verify.different]")
    assert [outcome.recap(host)["failed"] for host in HOSTS] == [0, 1]
    assert [lab.document(host, "report")["state"] for host in HOSTS] == ["equal", "different"]
    rows = {row["source"]: (row["state"], row["failed"]) for row in lab.document("fleet", "fleet")["rows"]}
    assert rows == {"source": ("equal", False), "source2": ("different", True)}
    with lab.target("source2") as target, target.cursor() as cursor:
        cursor.execute("DROP DATABASE stray")
    playbook("migrate", "--tags", "verify,report").succeeded()


@pytest.mark.usefixtures("migrated")
def test_check_mode_of_a_finished_migration_finds_nothing_to_change(playbook):
    outcome = playbook("migrate", "--check", "--diff", "--limit", "source2").succeeded()
    assert outcome.recap("source2")["changed"] == 0, outcome.output[-6000:]


def test_check_mode_of_a_new_migration_touches_nothing(lab, playbook):
    playbook("migrate", "--check", "--limit", "source", migration_id="only-looked").succeeded()
    assert lab.objects("only-looked/") == {}
    identifiers = [cluster["DBClusterIdentifier"] for cluster in lab.client("rds").describe_db_clusters()["DBClusters"]]
    assert "only-looked" not in identifiers
