# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the binary log and of replication, each with facts that make it fire and with some that do not."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.checks_replication import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_facts import BinlogFilter, Replica
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import WARNING, NotKnownError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from .content_cases import AURORA_2, AURORA_84, MARIADB, MYSQL_56, Case, assert_fires, assert_quiet, facts_of

RUNNING = Replica("", "db0:3306", True, True, "")
STOPPED = Replica("", "db0:3306", True, False, "error 1062")
NO_LOG = {"log_bin": "OFF"}

CASES = [
    Case("source.replication_pair", facts_of(version=MYSQL_56), "replicates from 5.7 and 8.0"),
    Case("source.replication_pair", facts_of(version=MARIADB), "MariaDB 10.11.14"),
    Case("source.binlog_off", facts_of(NO_LOG), "log_bin is OFF"),
    Case("source.binlog_format", facts_of({"binlog_format": "MIXED"}), statement="SET GLOBAL binlog_format = 'ROW';"),
    Case("source.binlog_row_image", facts_of({"binlog_row_image": "MINIMAL"}), "MINIMAL"),
    Case(
        "source.binlog_retention",
        facts_of({"binlog_expire_logs_seconds": "7200"}),
        "2.0 hours",
        statement="SET GLOBAL binlog_expire_logs_seconds = 604800;",
    ),
    Case(
        "source.binlog_retention",
        facts_of({"binlog_expire_logs_seconds": "172800"})._replace(transfer_seconds=90 * 3600),
        "48.0 hours, and the backup alone travels for 90.",
        statement="SET GLOBAL binlog_expire_logs_seconds = 820800;",
    ),
    Case("source.server_id", facts_of({"server_id": "0"}), statement=""),
    Case("source.gtid_mode", facts_of({"gtid_mode": "OFF"}), "file and position"),
    Case("source.gtid_mode", facts_of({"gtid_mode": "ON_PERMISSIVE"}), "some have none", severity=WARNING),
    Case("source.binlog_filters", facts_of(binlog_filter=BinlogFilter("shop", "")), "binlog_do_db is shop."),
    Case("source.tls_not_offered", facts_of({"have_ssl": "DISABLED"}, encrypted=False)),
    Case("source.replica", facts_of(replicas=(RUNNING,)), "running replica", ("db0:3306",)),
    Case("source.replica", facts_of(replicas=(STOPPED,)), "to apply: error 1062.", severity=WARNING),
    Case("source.replica_updates_unlogged", facts_of({"log_replica_updates": "OFF"}, replicas=(RUNNING,))),
    Case("source.cluster_member", facts_of({"wsrep_on": "ON"}), "Galera"),
    Case("source.cluster_member", facts_of({"group_replication_group_name": "aaaa"}), "replication group"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check_id)
def test_fires(case: Case) -> None:
    assert_fires(CHECKS, case)


@pytest.mark.parametrize(
    "facts",
    [
        facts_of(),
        facts_of(version=MYSQL_56, engine=AURORA_2),
        facts_of(engine=AURORA_84),
        facts_of(version=ServerVersion("percona", (5, 7, 44)), engine=None),
        # 0 keeps binary logs for good
        facts_of({"binlog_expire_logs_seconds": "0"}),
        facts_of({"have_ssl": "YES"}, encrypted=False),
        facts_of({"wsrep_on": "OFF", "group_replication_group_name": ""}),
        facts_of({"binlog_row_image": "FULL_NODUP"}),
    ],
)
def test_quiet(facts: object) -> None:
    assert_quiet(CHECKS, facts)  # type: ignore[arg-type]


def test_without_a_binary_log_only_that_is_said_of_it() -> None:
    facts = facts_of({**NO_LOG, "binlog_format": "MIXED", "gtid_mode": "OFF"}, binlog_filter=None)
    assert [check.id for check in CHECKS if check.find(facts)] == ["source.binlog_off"]


@pytest.mark.parametrize(
    ("version", "reset"),
    [
        (MYSQL_56, "RESET SLAVE ALL"),
        (ServerVersion("mysql", (8, 0, 21)), "RESET SLAVE ALL"),
        (ServerVersion("mysql", (8, 0, 22)), "RESET REPLICA ALL"),
        (MARIADB, "RESET SLAVE ALL"),
    ],
)
def test_a_replica_is_reset_in_words_that_the_server_knows(version: ServerVersion, reset: str) -> None:
    (check,) = (each for each in CHECKS if each.id == "source.replica")
    seen = check.find(facts_of(version=version, replicas=(STOPPED,)))
    assert seen is not None and f"or {reset} if" in seen.remedy


def test_every_check_has_a_case() -> None:
    assert {case.check_id for case in CASES} == {check.id for check in CHECKS}


def test_an_unreadable_status_is_not_known() -> None:
    facts = facts_of(replicas=None, unknown={"replicas": "Access denied. GRANT REPLICATION CLIENT."})
    check = next(check for check in CHECKS if check.id == "source.replica")
    with pytest.raises(NotKnownError, match="REPLICATION CLIENT"):
        check.find(facts)
