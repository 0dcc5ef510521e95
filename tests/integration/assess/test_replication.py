# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The binary log and replication of real servers, as checks see them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.checks_replication import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

from ..mysql_servers import mysql_server
from ..servers import ROOT_PASSWORD, ROOT_USER, DatabaseServer
from .content_states import (
    AURORA_2,
    AURORA_3,
    MARIADB,
    MYSQL_56,
    MYSQL_97,
    ContentCase,
    execute,
    find,
    prove,
    read,
    running,
)

LOGGING = "9.7 with a binary log"
GROUP = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
CHANGE_MASTER = "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody'"

CASES = [
    ContentCase("source.replication_pair", MYSQL_56, good_engine=AURORA_2, text="replicates from 5.7 and 8.0"),
    ContentCase(
        "source.binlog_format",
        MARIADB,
        ("SET GLOBAL binlog_format = 'MIXED'",),
        ("SET GLOBAL binlog_format = 'ROW'",),
        good=("SET GLOBAL binlog_format = 'ROW'",),
    ),
    ContentCase(
        "source.binlog_row_image",
        LOGGING,
        ("SET GLOBAL binlog_row_image = 'MINIMAL'",),
        ("SET GLOBAL binlog_row_image = 'FULL'",),
    ),
    *(
        ContentCase(
            "source.binlog_retention",
            server,
            ("SET GLOBAL binlog_expire_logs_seconds = 7200",),
            ("SET GLOBAL binlog_expire_logs_seconds = 0",),
            text="2.0 hours",
        )
        for server in (MARIADB, LOGGING)
    ),
    ContentCase("source.server_id", MYSQL_56, ("SET GLOBAL server_id = 0",), ("SET GLOBAL server_id = 1",)),
    ContentCase(
        "source.gtid_mode",
        LOGGING,
        ("SET GLOBAL gtid_mode = ON_PERMISSIVE",),
        ("SET GLOBAL gtid_mode = ON",),
        text="ON_PERMISSIVE",
    ),
    *(
        ContentCase("source.replica", server, (change,), (reset,), names=("127.0.0.1:1",), text="has stopped")
        for server, change, reset in (
            (MARIADB, CHANGE_MASTER, "RESET SLAVE ALL"),
            (MYSQL_56, CHANGE_MASTER, "RESET SLAVE ALL"),
            (
                LOGGING,
                CHANGE_MASTER.replace("MASTER", "SOURCE").replace("CHANGE ", "CHANGE REPLICATION "),
                "RESET REPLICA ALL",
            ),
        )
    ),
    ContentCase("source.replica_updates_unlogged", MARIADB, (CHANGE_MASTER,), ("RESET SLAVE ALL",)),
    ContentCase(
        "source.cluster_member",
        LOGGING,
        (
            "INSTALL PLUGIN group_replication SONAME 'group_replication.so'",
            f"SET GLOBAL group_replication_group_name = '{GROUP}'",
        ),
        ("UNINSTALL PLUGIN group_replication",),
    ),
    # by the options with which the servers were started
    ContentCase("source.binlog_off", MYSQL_97),
    ContentCase("source.binlog_filters", LOGGING),
    ContentCase("source.tls_not_offered", MARIADB),
]
NOT_FIRED_FOR_REAL: dict[str, str] = {}
# a server of the other kind, where the bad state is one of options
GOOD = {"source.binlog_off": LOGGING, "source.binlog_filters": MARIADB, "source.tls_not_offered": MYSQL_97}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """Servers of each kind that a case names."""
    with running(tmp_path_factory, MARIADB, MYSQL_97, MYSQL_56) as started:
        yield started


@pytest.fixture(scope="module")
def both(
    servers: dict[str, DatabaseServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, DatabaseServer]]:
    """The servers of all, and one with a binary log, GTIDs and a filter."""
    arguments = [
        "--log-bin=binlog",
        "--gtid-mode=ON",
        "--enforce-gtid-consistency=ON",
        "--binlog-ignore-db=scratch",
        "--binlog-expire-logs-seconds=0",
    ]
    with mysql_server(tmp_path_factory.mktemp("logging"), "9.7", server_args=arguments) as server:
        yield {**servers, LOGGING: server}


@pytest.mark.parametrize("case", [case for case in CASES if case.check_id not in GOOD], ids=lambda case: case.label)
def test_fires(case: ContentCase, both: dict[str, DatabaseServer]) -> None:
    prove(CHECKS, case, both[case.server])


@pytest.mark.parametrize("case", [case for case in CASES if case.check_id in GOOD], ids=lambda case: case.label)
def test_fires_by_options(case: ContentCase, both: dict[str, DatabaseServer]) -> None:
    def facts(server: str) -> Facts:
        return Facts(Wanted(), engine=parse_engine_version(AURORA_3), content=read(both[server]))

    assert find(CHECKS, case.check_id, facts(case.server)) is not None
    assert find(CHECKS, case.check_id, facts(GOOD[case.check_id])) is None


def test_every_check_fires_for_real() -> None:
    assert {case.check_id for case in CASES} | set(NOT_FIRED_FOR_REAL) == {check.id for check in CHECKS}


def test_a_filter_is_read(both: dict[str, DatabaseServer]) -> None:
    found = read(both[LOGGING]).binlog_filter
    assert found is not None
    assert (found.do_db, found.ignore_db) == ("", "scratch")


def test_a_stopped_replica_tells_no_word_of_the_statement_that_stopped_it(
    servers: dict[str, DatabaseServer], tmp_path: Path
) -> None:
    replica, create = servers[MYSQL_56], "CREATE USER ann@localhost IDENTIFIED BY 'password'"
    try:
        with mysql_server(tmp_path, "5.6", server_args=["--log-bin=binlog", "--server-id=2"]) as upstream:
            change = (
                f"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {upstream.port},"
                f" MASTER_USER = '{ROOT_USER}', MASTER_PASSWORD = '{ROOT_PASSWORD}'"
            )
            with connect(upstream.login()) as root:
                at = root.rows("SHOW MASTER STATUS")[0]
                root.execute(create)
            place = f"MASTER_LOG_FILE = '{at['File']}', MASTER_LOG_POS = {at['Position']}"
            execute(replica, [create, f"{change}, {place}", "START SLAVE"])
            with connect(replica.login()) as root:
                for _look in range(600):
                    told = root.rows("SHOW SLAVE STATUS")[0]
                    if told["Last_SQL_Errno"]:
                        break
                    time.sleep(0.1)
            assert "PASSWORD '*2470C0C0" in told["Last_SQL_Error"], told
            facts = Facts(Wanted(), engine=parse_engine_version(AURORA_3), content=read(replica))
        seen = find(CHECKS, "source.replica", facts)
        assert seen is not None
        assert seen.text == "The source is a replica, and has stopped to receive or to apply: error 1396."
    finally:
        execute(replica, ["STOP SLAVE", "RESET SLAVE ALL", "DROP USER ann@localhost"])
