# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a status, an event and a set of tags mean."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora import events, status

PREDICATES = (status.is_ready, status.is_stopped, status.is_failed, status.is_deleting)


# Amazon Aurora user guide, "Viewing DB cluster status".
DOCUMENTED = [
    "available",
    "backing-up",
    "backtracking",
    "cloning-failed",
    "creating",
    "deleting",
    "failing-over",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "maintenance",
    "migrating",
    "migration-failed",
    "modifying",
    "preparing-data-migration",
    "promoting",
    "renaming",
    "resetting-master-credentials",
    "starting",
    "stopped",
    "stopping",
    "storage-optimization",
    "update-iam-db-auth",
    "upgrading",
]


def test_every_status_of_the_user_guide_is_known():
    assert [name for name in DOCUMENTED if not status.is_known({"Status": name})] == []


@pytest.mark.parametrize(
    "name",
    [
        "creating",
        "preparing-data-migration",
        "migrating",
        "modifying",
        "backing-up",
        "rebooting",
        "resetting-master-credentials",
        "configuring-iam-database-auth",
        "scaling-storage",
    ],
)
def test_on_its_way(name):
    cluster = {"Status": name}
    assert status.is_known(cluster)
    assert not any(holds(cluster) for holds in PREDICATES)


@pytest.mark.parametrize(
    ("name", "predicate"),
    [
        ("available", status.is_ready),
        ("migration-failed", status.is_failed),
        ("inaccessible-encryption-credentials", status.is_failed),
        ("incompatible-parameters", status.is_failed),
        ("stopped", status.is_stopped),
        ("deleting", status.is_deleting),
    ],
)
def test_each_end_is_one_end_only(name, predicate):
    cluster = {"Status": name}
    assert status.is_known(cluster)
    assert [holds for holds in PREDICATES if holds(cluster)] == [predicate]


@pytest.mark.parametrize(
    ("name", "told", "percent"),
    [
        ("migrating", "0", 0),
        ("migrating", "42", 42),
        ("creating", "100", 0),
        ("migrating", None, 0),
        ("migrating", "soon", 0),
        ("migrating", "-1", 0),
        ("migrating", "\u0664", 0),
        ("available", None, 100),
        ("available", "100", 100),
    ],
)
def test_per_cent_are_those_of_the_restore(name, told, percent):
    assert status.percent_of({"Status": name, "PercentProgress": told}) == percent


def test_no_status_is_in_two_groups():
    groups = [status.READY, status.STOPPED, status.PENDING, status.FAILED, {status.DELETING}]
    assert sum(map(len, groups)) == len(frozenset().union(*groups))


@pytest.mark.parametrize("cluster", [{"Status": "polishing"}, {}, {"Status": None}])
def test_an_unknown_status_is_neither_ready_nor_failed(cluster):
    assert not status.is_known(cluster)
    assert not any(holds(cluster) for holds in PREDICATES)


def event(message):
    return events.Event("2026-01-01T00:00:00Z", message, ())


def test_an_event_from_the_api():
    described = {
        "Message": "DB cluster created",
        "Date": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
        "EventCategories": ["creation"],
    }
    assert events.parse_event(described).as_result() == {
        "date": "2026-01-02T03:04:05Z",
        "message": "DB cluster created",
        "categories": ["creation"],
    }


def test_the_reason_is_aurora_s_own():
    told = [
        event("DB cluster created"),
        event("Failed to migrate from mysql 8.0.36 to aurora-mysql 8.0.mysql_aurora.3.10.0. Reason: It broke.\nTwice."),
    ]
    assert events.failure_reason(told) == "It broke.\nTwice."


def test_missing_rights_are_a_reason_only_where_there_is_no_better():
    rights = event("Unable to download files from the specified Amazon S3 bucket.")
    assert events.failure_reason([rights]) == rights.message
    assert events.failure_reason([event("Failed to migrate from a to b. Reason: x"), rights]) == "x"
    assert events.failure_reason([event("DB cluster created")]) == ""


# The events' texts are those of the Aurora user guide's "Amazon RDS event categories and event messages for Aurora".
@pytest.mark.parametrize(
    "message",
    [
        "Amazon RDS has been unable to create credentials to access your Amazon S3 Bucket for your DB cluster orders. "
        "This is due to the S3 snapshot ingestion IAM role not being configured correctly in your account or the "
        "specified Amazon S3 bucket cannot be found. Please refer to the troubleshooting section in the Amazon RDS "
        "documentation for further details.",
        "You can't create the DB cluster because of incompatible resources. The subnet group has one zone.",
        "The DB cluster can't be created because of insufficient resource limits. Quota.",
    ],
)
def test_an_event_that_there_can_be_no_cluster_is_the_reason(message):
    assert events.failure_reason([event("DB cluster created"), event(message)]) == message


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Binlog position from crash recovery is mysql-bin.000003 4278", ("mysql-bin.000003", 4278)),
        ("Recovered from Binary log filename 'binlog.000010', position 532", ("binlog.000010", 532)),
        ("Recovered from Binary log filename binlog.000010 position 532.", ("binlog.000010", 532)),
        ("DB cluster created", None),
    ],
)
def test_binlog_position(message, expected):
    assert events.binlog_position([event(message)]) == expected


def test_tables_that_were_not_converted():
    told = [
        event("Failed to convert shop.old to InnoDB. Reason: Too long."),
        event("Failed to convert shop. log to InnoDB. Reason: Too long."),
        event("Failed to convert the table `shop`.`a table` to InnoDB."),
        event("Failed to migrate from a to b. Reason: x"),
    ]
    assert events.tables_not_converted(told) == ["`shop`.`a table`", "shop.log", "shop.old"]
