# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of a real replica, with its position in its source's binary log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..servers import DatabaseServer, mariadb_server
from .conftest import BACKUP_PASSWORD, BACKUP_USER, Site, run_module, sql

ADOPT = "ansible_collections.dbferry.aurora_mysql.plugins.modules.xtrabackup_info"
PATIENCE = 60
PASSWORD = BACKUP_PASSWORD.replace("\\", "\\\\").replace("'", "''")
# MariaDB shows the replication's state to REPLICA MONITOR alone; MySQL to REPLICATION CLIENT.
BACKUP_ACCOUNT = f"""
    CREATE USER '{BACKUP_USER}'@'%' IDENTIFIED BY '{PASSWORD}';
    GRANT RELOAD, PROCESS, LOCK TABLES, REPLICATION CLIENT, REPLICA MONITOR ON *.* TO '{BACKUP_USER}'@'%';
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with mariadb_server(tmp_path_factory.mktemp("source_of_replica")) as running:
        sql(
            running,
            f"""
            {BACKUP_ACCOUNT}
            CREATE USER 'replica'@'%' IDENTIFIED BY 'replica';
            GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';
            """,
        )
        yield running


@pytest.fixture(scope="module")
def replica(source: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """It executes what its source does, and has a binary log of its own, in which nothing of that is."""
    file, position = sql(source, "SHOW MASTER STATUS").split()[:2]
    with mariadb_server(tmp_path_factory.mktemp("replica"), server_args=["--server-id=2"]) as running:
        sql(
            running,
            f"""
            {BACKUP_ACCOUNT}
            CHANGE MASTER TO MASTER_HOST = '{source.host}', MASTER_PORT = {source.port}, MASTER_USER = 'replica',
                MASTER_PASSWORD = 'replica', MASTER_LOG_FILE = '{file}', MASTER_LOG_POS = {position};
            START SLAVE;
            """,
        )
        yield running


def catch_up(source: DatabaseServer, replica: DatabaseServer, schema: str) -> tuple[str, int]:
    """Let the source do something more; its position once the replica has done it too."""
    sql(source, f"CREATE DATABASE {schema}")
    file, position = sql(source, "SHOW MASTER STATUS").split()[:2]
    gtid = sql(source, "SELECT @@gtid_binlog_pos").strip()
    assert sql(replica, f"SELECT MASTER_GTID_WAIT('{gtid}', {PATIENCE})").strip() == "0"
    # the GTID is taken at the commit, the position right after it
    deadline = time.monotonic() + PATIENCE
    while position not in sql(replica, "SHOW SLAVE STATUS").split("\t"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return file, int(position)


@pytest.mark.parametrize("form", ["directory", "xbstream"])
def test_the_position_in_the_source_is_returned_and_read_from_what_is_there(
    source: DatabaseServer, replica: DatabaseServer, tmp_path: Path, form: str
) -> None:
    site = Site(replica, tmp_path / "staging")
    file, position = catch_up(source, replica, f"for_{form}")
    taken = run_module(site.arguments(slave_info=True, format=form))["backup"]
    expected = [{"channel": "", "file": file, "position": position, "gtid": ""}]
    assert taken["slave_info"] == taken["chain"][0]["slave_info"] == expected
    # its own binary log is another one
    assert taken["binlog"]["position"] != position
    assert run_module(site.arguments(slave_info=True, format=form))["backup"] == taken

    found = run_module({"directory": taken["directory"]}, module=ADOPT)["backup"]
    assert found["slave_info"] == found["chain"][0]["slave_info"] == expected


def test_a_replica_that_goes_by_gtids(source: DatabaseServer, replica: DatabaseServer, tmp_path: Path) -> None:
    site = Site(replica, tmp_path / "staging")
    sql(replica, "STOP SLAVE; CHANGE MASTER TO MASTER_USE_GTID = slave_pos; START SLAVE")
    try:
        catch_up(source, replica, "for_gtids")
        gtid = sql(source, "SELECT @@gtid_binlog_pos").strip()
        taken = run_module(site.arguments(slave_info=True, format="xbstream"))["backup"]
        assert taken["slave_info"] == [{"channel": "", "file": "", "position": 0, "gtid": gtid}]
    finally:
        sql(replica, "STOP SLAVE; CHANGE MASTER TO MASTER_USE_GTID = no; START SLAVE")


def test_without_the_option_and_of_no_replica_there_is_none(
    source: DatabaseServer, replica: DatabaseServer, tmp_path: Path
) -> None:
    unasked = run_module(Site(replica, tmp_path / "unasked").arguments())["backup"]
    assert unasked["slave_info"] == unasked["chain"][0]["slave_info"] == []
    assert run_module(Site(source, tmp_path / "source").arguments(slave_info=True))["backup"]["slave_info"] == []
