# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores as an AWS client asks for them, and what became of them."""

from __future__ import annotations

import json
import ssl
import time
from typing import Any

import pymysql
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


def column(connection: Any, sql: str) -> list[Any]:
    """The first column of all rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def writer(lab: dict[str, Any], aws: Aws, identifier: str) -> Any:
    """Give a restored cluster an instance; returns a connection of the master user."""
    aws.rds.create_db_instance(
        DBInstanceIdentifier=f"{identifier}-1",
        DBClusterIdentifier=identifier,
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )
    aws.rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier=f"{identifier}-1", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    cluster = aws.rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"][0]
    target = json.loads((lab["state_dir"] / "endpoints.json").read_text(encoding="utf-8"))["targets"][identifier]
    return connect(cluster["Endpoint"], cluster["Port"], "dbadmin", PASSWORD, target["ca_cert"])


def failure(aws: Aws, identifier: str) -> str:
    """The reason of a cluster in migration-failed; an empty text when there is no event for it."""
    assert statuses(aws, identifier)[-1] == "migration-failed", messages(aws, identifier)
    beginning = "Failed to migrate from mysql 8.0.36 to aurora-mysql 8.0.mysql_aurora.3.10.0. Reason: "
    return "".join(text[len(beginning) :] for text in messages(aws, identifier) if text.startswith(beginning))
