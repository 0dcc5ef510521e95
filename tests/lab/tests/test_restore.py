# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a backup through the lab: taken with the real tool, uploaded, restored, looked at; and the faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pymysql
import pytest
from botocore.exceptions import ClientError
from lab_client import Aws
from restores import PASSWORD, PREFIX, call, connect, failure, make_role, messages, one, settled, statements, statuses


def test_a_backup_becomes_a_cluster_without_people_and_code(lab: dict[str, Any], aws: Aws, role: str) -> None:
    aws.rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="mover", DBParameterGroupFamily="aurora-mysql8.0", Description="of the test"
    )
    aws.rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="mover",
        Parameters=[
            {"ParameterName": "sql_mode", "ParameterValue": "ANSI_QUOTES", "ApplyMethod": "pending-reboot"},
            {"ParameterName": "lower_case_table_names", "ParameterValue": "0", "ApplyMethod": "pending-reboot"},
            {"ParameterName": "aurora_enable_zdr", "ParameterValue": "1", "ApplyMethod": "immediate"},
        ],
    )
    of_aurora_2 = {"ParameterName": "aurora_load_from_s3_role", "ParameterValue": role, "ApplyMethod": "immediate"}
    with pytest.raises(ClientError, match="Could not find parameter with name: aurora_load_from_s3_role"):
        aws.rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="mover", Parameters=[of_aurora_2])
    made = settled(
        aws,
        "mover",
        role,
        DBClusterParameterGroupName="mover",
        Tags=[{"Key": "k", "Value": "v"}],
        BackupRetentionPeriod=3,
    )
    assert (made["Status"], made["DBClusterParameterGroup"], made["BackupRetentionPeriod"]) == ("creating", "mover", 3)
    assert made["TagList"] == [{"Key": "k", "Value": "v"}]
    with pytest.raises(ClientError) as taken:
        call(aws, "mover", role)
    assert taken.value.response["Error"]["Code"] == "DBClusterAlreadyExistsFault"
    seen = statuses(aws, "mover")
    assert seen[-1] == "available", messages(aws, "mover")
    # A slow machine may miss a short status, but never see them in another order.
    walk = ["creating", "preparing-data-migration", "migrating", "available"]
    assert seen == [status for status in walk if status in seen]
    beginnings = ["DB cluster created", "Preparing the migration", "Migrating from", "Binlog position", "Migrated from"]
    assert [text[:12] for text in messages(aws, "mover")] == [beginning[:12] for beginning in beginnings]
    assert any("Binlog position from crash recovery is mysql-bin.0" in text for text in messages(aws, "mover"))

    aws.rds.create_db_instance(
        DBInstanceIdentifier="mover-1",
        DBClusterIdentifier="mover",
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )
    aws.rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier="mover-1", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    cluster = aws.rds.describe_db_clusters(DBClusterIdentifier="mover")["DBClusters"][0]
    instance = aws.rds.describe_db_instances(DBInstanceIdentifier="mover-1")["DBInstances"][0]
    assert instance["Endpoint"]["Address"] == cluster["Endpoint"] == "127.0.0.1"
    assert instance["Endpoint"]["Port"] == cluster["Port"]
    target = json.loads((lab["state_dir"] / "endpoints.json").read_text(encoding="utf-8"))["targets"]["mover"]
    source = lab["sources"]["source"]
    master = connect(cluster["Endpoint"], cluster["Port"], "dbadmin", PASSWORD, target["ca_cert"])
    before = connect(source["host"], source["port"], source["root_user"], source["root_password"], source["ca_cert"])
    for table in ("shop.customer", "shop.order_line", "shop.page_view", "`shop-archive`.`naïve#1`", "shop.search_log"):
        assert one(master, f"SELECT COUNT(*) FROM {table}") == one(before, f"SELECT COUNT(*) FROM {table}") > 0
    assert (
        one(
            before, "SELECT COUNT(*) FROM information_schema.tables WHERE engine='MyISAM' AND table_schema LIKE 'shop%'"
        )
        == 2
    )
    assert (
        one(
            master, "SELECT COUNT(*) FROM information_schema.tables WHERE engine='MyISAM' AND table_schema LIKE 'shop%'"
        )
        == 0
    )
    accounts = "SELECT GROUP_CONCAT(User ORDER BY User) FROM mysql.user WHERE User NOT IN ('mariadb.sys', 'PUBLIC')"
    assert one(master, accounts) == "dbadmin,rdsadmin"
    routines = "SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema LIKE 'shop%'"
    assert (one(before, routines), one(master, routines)) == (7, 0)
    assert one(master, "SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = 'shop'") == 2
    assert one(before, "SELECT @@global.time_zone") == "Europe/Amsterdam"
    assert (
        one(master, "SELECT CONCAT(@@time_zone, ' ', CONVERT_TZ('2024-07-01 12:00:00', 'UTC', 'Asia/Tokyo'))")
        == "UTC 2024-07-01 21:00:00"
    )
    assert "ANSI_QUOTES" in one(master, "SELECT @@sql_mode")
    for forbidden in ("SUPER", "FILE", "SHUTDOWN"):
        assert forbidden not in one(master, "SHOW GRANTS").replace("SUPERUSER", "")
        with pytest.raises(pymysql.err.OperationalError):
            one(master, f"GRANT {forbidden} ON *.* TO dbadmin")

    aws.rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="mover",
        Parameters=[{"ParameterName": "time_zone", "ParameterValue": "Europe/Amsterdam", "ApplyMethod": "immediate"}],
    )
    after = connect(cluster["Endpoint"], cluster["Port"], "dbadmin", PASSWORD, target["ca_cert"])
    assert one(after, "SELECT @@time_zone") == "Europe/Amsterdam"

    with pytest.raises(ClientError):
        aws.rds.delete_db_cluster(DBClusterIdentifier="mover", SkipFinalSnapshot=True)
    aws.rds.delete_db_instance(DBInstanceIdentifier="mover-1", SkipFinalSnapshot=True)
    aws.rds.delete_db_cluster(DBClusterIdentifier="mover", SkipFinalSnapshot=True)
    assert not Path(target["datadir"]).exists()
    with pytest.raises(pymysql.err.OperationalError):
        connect(cluster["Endpoint"], cluster["Port"], "dbadmin", PASSWORD, target["ca_cert"])


def test_a_backup_with_a_lost_file_fails_with_an_event(aws: Aws, role: str, full_backup: Path) -> None:
    for path in sorted(full_backup.rglob("*")):
        if path.is_file() and path.name != "xtrabackup_checkpoints":
            aws.s3.upload_file(str(path), aws.bucket, PREFIX + "lost/" + path.relative_to(full_backup).as_posix())
    settled(aws, "lost", role, S3Prefix=PREFIX + "lost/")
    assert statuses(aws, "lost")[-1] == "migration-failed"
    expected = "Failed to migrate from mysql 8.0.36 to aurora-mysql 8.0.mysql_aurora.3.10.0. Reason: "
    assert [text for text in messages(aws, "lost") if text.startswith(expected) and "xtrabackup_checkpoints" in text]
    with pytest.raises(ClientError) as early:
        aws.rds.create_db_instance(
            DBInstanceIdentifier="lost-1",
            DBClusterIdentifier="lost",
            Engine="aurora-mysql",
            DBInstanceClass="db.r6g.large",
        )
    assert early.value.response["Error"]["Code"] == "InvalidDBClusterStateFault"
    aws.rds.delete_db_cluster(DBClusterIdentifier="lost", SkipFinalSnapshot=True)


def test_an_object_that_was_deleted_is_not_part_of_a_backup(aws: Aws) -> None:
    bucket = "of-versions"
    location = {"LocationConstraint": aws.endpoints["aws"]["region"]}
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    aws.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    aws.s3.put_object(Bucket=bucket, Key=PREFIX + "xtrabackup_checkpoints", Body=b"backup_type = full-backuped")
    aws.s3.delete_object(Bucket=bucket, Key=PREFIX + "xtrabackup_checkpoints")
    settled(aws, "deleted", make_role(aws, "of-versions", statements(bucket)), S3BucketName=bucket)
    assert "No backup files were found" in failure(aws, "deleted")
    aws.rds.delete_db_cluster(DBClusterIdentifier="deleted", SkipFinalSnapshot=True)


@pytest.mark.parametrize("missing", [0, 1, 2])
@pytest.mark.usefixtures("role")
def test_a_role_that_lacks_a_right_is_refused(aws: Aws, missing: int) -> None:
    rights = statements(aws.bucket)
    del rights[missing]
    arn = make_role(aws, f"lacks-{missing}", rights)
    with pytest.raises(ClientError) as refused:
        settled(aws, "never", arn)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"
    assert "cannot be downloaded" in refused.value.response["Error"]["Message"]
