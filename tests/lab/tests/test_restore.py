# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a backup through the lab: taken with the real tool, uploaded, restored, looked at; and the faults."""

from __future__ import annotations

import json
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pymysql
import pytest
from botocore.exceptions import ClientError
from lab_client import Aws

PASSWORD = "Correct-Horse1'#"
PREFIX = "mover/backup/"
TRUST = {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}


def statements(bucket: str, prefix: str = PREFIX) -> list[dict[str, Any]]:
    """The smallest role policy for one prefix."""
    arn = f"arn:aws:s3:::{bucket}"
    return [
        {"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": arn},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": arn,
            "Condition": {"StringLike": {"s3:prefix": f"{prefix}*"}},
        },
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": f"{arn}/{prefix}*"},
    ]


def make_role(aws: Aws, name: str, policy: list[dict[str, Any]], **trust: Any) -> str:
    """Make a role; returns its ARN."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**TRUST, **trust}]})
    arn = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy_document = json.dumps({"Version": "2012-10-17", "Statement": policy})
    aws.iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=policy_document)
    return str(arn)


def call(aws: Aws, identifier: str, role: str, **members: Any) -> dict[str, Any]:
    """One RestoreDBClusterFromS3 call."""
    arguments = {
        "DBClusterIdentifier": identifier,
        "Engine": "aurora-mysql",
        "MasterUsername": "dbadmin",
        "MasterUserPassword": PASSWORD,
        "SourceEngine": "mysql",
        "SourceEngineVersion": "8.0.36",
        "S3BucketName": aws.bucket,
        "S3Prefix": PREFIX,
        "S3IngestionRoleArn": role,
    }
    return dict(aws.rds.restore_db_cluster_from_s3(**{**arguments, **members})["DBCluster"])


def settled(aws: Aws, identifier: str, role: str, **members: Any) -> dict[str, Any]:
    """The same call, again while the role is too new."""
    for _attempt in range(60):
        try:
            return call(aws, identifier, role, **members)
        except ClientError as exc:
            if "S3_SNAPSHOT_INGESTION" not in exc.response["Error"]["Message"]:
                raise
            time.sleep(0.25)
    raise AssertionError("the role never settled")


def statuses(aws: Aws, identifier: str) -> list[str]:
    """The statuses of a cluster in their order, up to the first that lasts."""
    seen: list[str] = []
    for _poll in range(1200):
        status = aws.rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"][0]["Status"]
        if not seen or seen[-1] != status:
            seen.append(status)
        if status in ("available", "migration-failed"):
            return seen
        time.sleep(0.05)
    raise AssertionError(f"no end: {seen}")


def messages(aws: Aws, identifier: str) -> list[str]:
    """The texts of a cluster's events."""
    pages = aws.rds.get_paginator("describe_events").paginate(SourceIdentifier=identifier, SourceType="db-cluster")
    return [event["Message"] for page in pages for event in page["Events"]]


def connect(host: str, port: int, user: str, password: str, ca: str) -> Any:
    """A connection over TCP with a verified certificate."""
    return pymysql.connect(
        host=host, port=port, user=user, password=password, ssl=ssl.create_default_context(cafile=ca), autocommit=True
    )


def one(connection: Any, sql: str) -> Any:
    """The first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def take_backup(lab: dict[str, Any], directory: Path, *extra: str) -> Path:
    """A backup with the described tool as the migrator account."""
    source = lab["sources"]["source"]
    options = directory.parent / "backup.cnf"
    options.write_text(f'[mariabackup]\nuser={source["user"]}\npassword="{source["password"]}"\n', encoding="utf-8")
    options.chmod(0o600)
    command = [
        lab["tools"]["backup"], f"--defaults-file={source['config_file']}", f"--defaults-extra-file={options}",
        "--backup", f"--socket={source['unix_socket']}", f"--target-dir={directory}", *extra,
    ]  # fmt: skip
    # The tool takes one option file: the server's own for its paths, and the account's by inclusion.
    command.remove(f"--defaults-extra-file={options}")
    config = directory.parent / "both.cnf"
    config.write_text(f"!include {source['config_file']}\n" + options.read_text(encoding="utf-8"), encoding="utf-8")
    config.chmod(0o600)
    command[1] = f"--defaults-file={config}"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return directory


def upload(aws: Aws, directory: Path, prefix: str) -> None:
    """Every file of a tree under a prefix."""
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            aws.s3.upload_file(str(path), aws.bucket, prefix + path.relative_to(directory).as_posix())


@pytest.fixture(scope="session")
def full_backup(lab: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full backup on disk."""
    return take_backup(lab, tmp_path_factory.mktemp("backup") / "full")


@pytest.fixture(scope="session")
def role(aws: Aws, full_backup: Path) -> str:
    """A role with the smallest rights, and the full backup under PREFIX."""
    upload(aws, full_backup, PREFIX)
    condition = {"StringEquals": {"aws:SourceAccount": aws.account}}
    return make_role(aws, "restore", statements(aws.bucket), Condition=condition)


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


def test_a_streamed_increment_arrives(lab: dict[str, Any], aws: Aws, full_backup: Path, tmp_path: Path) -> None:
    source = lab["sources"]["source"]
    root = connect(source["host"], source["port"], source["root_user"], source["root_password"], source["ca_cert"])
    with root.cursor() as cursor:
        cursor.execute("CREATE TABLE shop.later (id INT PRIMARY KEY) ENGINE=InnoDB")
        cursor.execute("INSERT INTO shop.later VALUES (42)")
    increment = take_backup(lab, tmp_path / "increment", f"--incremental-basedir={full_backup}")
    for name, directory in (("a-full", full_backup), ("b-increment", increment)):
        packed = tmp_path / f"{name}.tar"
        subprocess.run(["tar", "--create", f"--file={packed}", f"--directory={directory}", "."], check=True)
        half = packed.stat().st_size // 2
        data = packed.read_bytes()
        # Part 10 sorts before part 9 as a text, and after it as a number.
        aws.s3.put_object(Bucket=aws.bucket, Key=f"{PREFIX[:-1]}-tar/{name}.tar9", Body=data[:half])
        aws.s3.put_object(Bucket=aws.bucket, Key=f"{PREFIX[:-1]}-tar/{name}.tar10", Body=data[half:])
    wide = make_role(aws, "wide", statements(aws.bucket, "mover/"))
    settled(aws, "stream", wide, S3Prefix=f"{PREFIX[:-1]}-tar/")
    assert statuses(aws, "stream")[-1] == "available", messages(aws, "stream")
    aws.rds.create_db_instance(
        DBInstanceIdentifier="stream-1",
        DBClusterIdentifier="stream",
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )
    waiter = aws.rds.get_waiter("db_instance_available")
    waiter.wait(DBInstanceIdentifier="stream-1", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    cluster = aws.rds.describe_db_clusters(DBClusterIdentifier="stream")["DBClusters"][0]
    target = json.loads((lab["state_dir"] / "endpoints.json").read_text(encoding="utf-8"))["targets"]["stream"]
    master = connect("127.0.0.1", cluster["Port"], "dbadmin", PASSWORD, target["ca_cert"])
    assert one(master, "SELECT id FROM shop.later") == 42


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
