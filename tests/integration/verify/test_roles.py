# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles verify and report, run by ansible against real servers, with moto in S3's place."""

from __future__ import annotations

import datetime
import json
import subprocess

import pytest

from ..servers import moto_server

SECRET = "secret-of-the-login-7391"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  vars: {ansible_pipelining: true, ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  roles:
    - dbferry.aurora_mysql.verify
    - dbferry.aurora_mysql.report
"""
BARE_PLAYBOOK = """
- hosts: all
  gather_facts: false
  vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  roles:
    - dbferry.aurora_mysql.verify
"""


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with moto_server(tmp_path_factory.mktemp("moto")) as server:
        server.client("s3").create_bucket(
            Bucket="records", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        yield server


@pytest.fixture
def play(pair, moto, generation, tmp_path, request):
    """Run both roles for a migration of the test's own."""
    for side in (pair.source, pair.target):
        pair.run(side, f"CREATE USER verifier@'%' IDENTIFIED BY '{SECRET}'", "GRANT ALL ON *.* TO verifier@'%'")
    aws = moto.aws_options()
    variables = {
        "migration_id": request.node.name.replace("_", "-"),
        "migration_bucket": "records",
        "migration_region": aws["region"],
        "migration_aws_endpoint_url": aws["endpoint_url"],
        "migration_aws_access_key": aws["access_key"],
        "migration_aws_secret_key": aws["secret_key"],
        "report_dir": str(tmp_path / "reports"),
    }
    for name, side in (("source", pair.source), ("target", pair.target)):
        variables.update(
            {
                f"migration_{name}_login_host": side.host,
                f"migration_{name}_login_port": side.port,
                f"migration_{name}_login_user": "verifier",
                f"migration_{name}_login_password": SECRET,
            }
        )
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    (tmp_path / "variables.json").write_text(json.dumps(variables))

    def run(*arguments, environment=(), **more):
        done = subprocess.run(
            [str(generation.playbook), "-i", "db1,", str(tmp_path / "play.yml"), "-vv"]
            + ["-e", f"@{tmp_path / 'variables.json'}", "-e", json.dumps(more), *arguments],
            env={**generation.environment(), **dict(environment)},
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        assert SECRET not in output
        assert aws["secret_key"] not in output
        return done.returncode, output

    run.playbook = tmp_path / "play.yml"
    run.page = tmp_path / "reports" / f"{variables['migration_id']}.html"
    run.key = f"{variables['migration_id']}/record/"
    return run


def later(moment):
    """A second after a moment of the record."""
    following = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")) + datetime.timedelta(seconds=1)
    return following.isoformat().replace("+00:00", "Z")


def stored(moto, key):
    client = moto.client("s3")
    return client.get_object(Bucket="records", Key=key)["Body"].read().decode()


@pytest.mark.thorough("migration/test_stations.py runs the playbook by a survey's strings, twice")
def test_equal_servers_are_told_equal_and_a_second_run_changes_nothing(play, moto):
    code, output = play()
    assert code == 0, output[-3000:]
    assert "EQUAL: " in output
    report = json.loads(stored(moto, play.key + "report.json"))
    assert (report["state"], report["record"]["verification"]["equal"]) == ("equal", True)
    assert stored(moto, play.key + "report.html") == play.page.read_text()
    assert SECRET not in play.page.read_text() + json.dumps(report)
    code, output = play()
    assert code == 0, output[-3000:]
    assert " changed=0 " in output


def test_no_secret_rests_in_a_module_s_file_in_a_play_that_does_not_pipeline(play):
    play.playbook.write_text(BARE_PLAYBOOK)
    # A module that would not come over standard input finds no place for its file.
    code, output = play(environment={"ANSIBLE_PIPELINING": "0", "ANSIBLE_REMOTE_TMP": "/dev/null/nowhere"})
    assert code == 0, output[-3000:]
    assert "Write the document into the record" in output


def test_a_difference_fails_the_run_unless_it_is_accepted(play, pair, moto):
    pair.run(pair.target, "UPDATE shop.customer SET name = 'Ade' WHERE id = 1")
    code, output = play()
    assert code == 2
    assert "[verify.different]" in output
    assert "data.content shop.customer" in output
    # As a survey hands it over.
    code, output = play(verify_fail_on_difference="false")
    assert code == 0, output[-3000:]
    assert json.loads(stored(moto, play.key + "report.json"))["state"] == "different"
    # Objects were brought since: the same finding is a new one.
    before = json.loads(stored(moto, play.key + "verification.json"))["written_at"]
    brought = {"schema_version": 2, "station": "objects", "accounts": {}, "routines": {}, "time_zone": {}}
    moved = later(before)
    moto.client("s3").put_object(
        Bucket="records", Key=play.key + "objects.json", Body=json.dumps({**brought, "written_at": moved})
    )
    code, output = play(verify_fail_on_difference="false")
    assert code == 0, output[-3000:]
    compared = json.loads(stored(moto, play.key + "verification.json"))
    assert compared["written_at"] > before
    # A page that was the same would not have been written, and would be taken for one of before.
    assert compared["summary"]["compared_after"] == moved
    assert json.loads(stored(moto, play.key + "report.json"))["state"] == "different"


@pytest.mark.thorough("migration/test_migrate.py runs all of them in check mode")
def test_check_mode_compares_and_writes_nothing(play, moto):
    code, output = play("--check")
    assert code == 0, output[-3000:]
    assert "EQUAL: " in output
    assert moto.client("s3").list_objects_v2(Bucket="records", Prefix=play.key)["KeyCount"] == 0
    assert not play.page.exists()
