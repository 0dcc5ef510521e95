# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: a clear error, before anything is touched."""

from __future__ import annotations

import json
import os
import socketserver
import stat
import subprocess
import threading
from pathlib import Path
from typing import Iterator

import pytest

from ..servers import free_port
from .lab import Lab

HOST = "source"
# What the role xtrabackup is told where it shall not ask the source.
MYSQL_80 = {"xtrabackup_server_version": "8.0.36", "xtrabackup_server_flavour": "mysql"}


@pytest.fixture
def refused(playbook, lab, tmp_path):
    """Runs a station under a name of its own, which has to fail with an error id and leave nothing in S3."""

    def run(station: str, error_id: str, **variables):
        migration_id = tmp_path.name.replace("_", "-")
        variables = {"migration_id": migration_id, "migration_work_dir": str(tmp_path / "work"), **variables}
        # access/test_role_iam.py proves that the caller's rights are looked at; here it would only cost time.
        variables["iam_check_caller"] = station != "backup"
        outcome = playbook(station, "--limit", HOST, **variables).failed_with(f"[{error_id}]")
        assert "What to do:" in outcome.output
        assert lab.objects(f"{migration_id}/backup/") == {}
        return outcome

    return run


def test_source_unreachable(refused):
    port = free_port()
    outcome = refused("backup", "mysql.unreachable", migration_source_login_port=port)
    assert str(port) in outcome.output


def test_wrong_password(refused):
    outcome = refused("backup", "mysql.access_denied", migration_source_login_password="it-was-a-guess-81723")
    assert "it-was-a-guess-81723" not in outcome.output
    assert "migrator" in outcome.output


def test_wrong_password_of_the_backup_alone(refused):
    outcome = refused("backup", "source.access_denied", backup_login_password="it-was-a-guess-81723")
    assert "it-was-a-guess-81723" not in outcome.output


class _Greeting(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")


def test_not_a_mysql(refused):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Greeting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        refused("backup", "mysql.not_mysql", migration_source_login_port=server.server_address[1])
        server.shutdown()


def test_no_xtrabackup_on_the_host(refused):
    refused("backup", "tool.missing", xtrabackup_executable="/opt/nowhere/bin/xtrabackup")


@pytest.fixture
def stand_in(tmp_path):
    """Makes an executable that says of itself what a tool of another version says."""

    def make(version_line: str) -> str:
        path = tmp_path / "xtrabackup"
        path.write_text(f"#!/bin/sh\necho '{version_line}' >&2\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make


def test_an_xtrabackup_older_than_2_3(refused, stand_in):
    old = stand_in("xtrabackup version 2.2.13 based on MySQL server 5.6.24 Linux (x86_64) (revision id: 70f4be3)")
    outcome = refused("backup", "tool.too_old", xtrabackup_executable=old, **MYSQL_80)
    assert "2.2.13" in outcome.output


def test_an_xtrabackup_of_another_series(refused, stand_in):
    other = stand_in("xtrabackup version 2.4.29 based on MySQL server 5.7.44 Linux (x86_64) (revision id: 2e6c0951)")
    outcome = refused("backup", "tool.wrong_series", xtrabackup_executable=other, **MYSQL_80)
    assert "2.4.29" in outcome.output


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    path = tmp_path / "small"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(path)], check=True)
    yield path
    subprocess.run(["umount", str(path)], check=True)


def test_too_little_disk(refused, small_disk):
    outcome = refused("backup", "host.disk_too_small", migration_work_dir=str(small_disk))
    assert str(small_disk) in outcome.output


def test_bucket_missing(refused):
    outcome = refused("backup", "aws.NoSuchBucket", migration_bucket="a-bucket-nobody-made")
    assert "a-bucket-nobody-made" in outcome.output


def test_bucket_in_another_region(playbook, lab, tmp_path):
    lab.client("s3", "ap-southeast-2").create_bucket(
        Bucket="far-away-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"}
    )
    outcome = playbook(
        "backup",
        "--limit",
        HOST,
        migration_bucket="far-away-bucket",
        migration_id="far",
        migration_work_dir=str(tmp_path / "work"),
    )
    outcome.failed_with("[objectstore.bucket_region]").failed_with("ap-southeast-2")
    assert not (tmp_path / "work").exists()


def test_the_prefix_of_a_new_migration_holds_something(playbook, lab, tmp_path):
    client = lab.client("s3")
    client.put_object(Bucket=lab.bucket, Key="occupied/backup/beach.jpg", Body=b"sand")
    variables = {"migration_id": "occupied", "migration_work_dir": str(tmp_path / "work")}
    outcome = playbook("backup", "--limit", HOST, **variables)
    outcome.failed_with("[objectstore.strangers]").failed_with("beach.jpg")
    assert not (tmp_path / "work").exists()
    playbook("backup", "--limit", HOST, **variables, upload_purge=True).succeeded()
    assert "occupied/backup/beach.jpg" not in lab.objects("occupied/backup/")


class TestWithABackup:
    """Faults that show only once a backup is in S3."""

    ID = "bad-input"

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def backed_up(cls, generation, lab, tmp_path_factory):
        """A backup of the source under this class' own name."""
        from .playbook import PlaybookRunner

        home = tmp_path_factory.mktemp("controller")
        runner = PlaybookRunner(generation.environment(), generation.playbook, lab.inventory, home)
        runner("backup", "--limit", HOST, migration_id=cls.ID).succeeded()

    def test_the_prefix_holds_something_else(self, playbook, lab: Lab):
        client = lab.client("s3")
        stranger = f"{self.ID}/backup/holiday photos/beach.jpg"
        client.put_object(Bucket=lab.bucket, Key=stranger, Body=b"sand")
        # The record says that this backup is in S3; without it the station looks again.
        upload = f"{self.ID}/record/upload.json"
        body = client.get_object(Bucket=lab.bucket, Key=upload)["Body"].read()
        client.delete_object(Bucket=lab.bucket, Key=upload)
        try:
            outcome = playbook("backup", "--limit", HOST, migration_id=self.ID)
            outcome.failed_with("[objectstore.strangers]").failed_with("beach.jpg")
            assert client.get_object(Bucket=lab.bucket, Key=stranger)["Body"].read() == b"sand"
        finally:
            client.delete_object(Bucket=lab.bucket, Key=stranger)
            client.put_object(Bucket=lab.bucket, Key=upload, Body=body)

    def test_a_backup_in_another_region_than_the_cluster_s(self, playbook):
        outcome = playbook("restore", "--limit", HOST, migration_id=self.ID, migration_region="ap-southeast-2")
        outcome.failed_with("[objectstore.bucket_region]").failed_with("ap-southeast-2")
        assert outcome.recap(HOST)["changed"] == 0

    def test_another_server_under_the_same_name(self, playbook, lab: Lab):
        before = lab.objects(f"{self.ID}/")
        # A target's address alone is enough for a comparison.
        other = {"migration_id": self.ID, "migration_target_login_host": "127.0.0.1"}
        for station in ("backup", "verify"):
            outcome = playbook(station, "--limit", "source2", **other).failed_with("[migration.other_server]")
            assert outcome.recap("source2")["changed"] == 0
        gone_on = playbook("verify", "--limit", "source2", **other, migration_allow_other_server="true")
        gone_on.failed_with("[mysql.unreachable]").failed_with("3306")
        assert lab.objects(f"{self.ID}/") == before

    def test_the_cluster_s_name_is_taken(self, playbook, lab: Lab):
        lab.client("rds").create_db_cluster(
            DBClusterIdentifier="somebody-elses",
            Engine="aurora-mysql",
            MasterUsername="boss",
            MasterUserPassword="not-yours-1",
        )
        outcome = playbook(
            "restore", "--limit", HOST, migration_id=self.ID, migration_cluster_identifier="somebody-elses"
        )
        outcome.failed_with("[restore.name_taken]")
        lab.client("rds").delete_db_cluster(DBClusterIdentifier="somebody-elses", SkipFinalSnapshot=True)

    def test_a_role_without_rights(self, playbook, lab: Lab):
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
        iam = lab.client("iam")
        arn = iam.create_role(RoleName="may-nothing", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        looked_at = playbook("restore", "--limit", HOST, migration_id=self.ID, iam_role_arn=arn)
        looked_at.failed_with("[iam.role_rights]")
        looked_at.failed_with("s3:GetObject")
        tried = playbook(
            "restore",
            "--limit",
            HOST,
            migration_id=self.ID,
            iam_role_arn=arn,
            iam_check_role="false",
            restore_iam_propagation_timeout=3,
        )
        # AWS' own words
        tried.failed_with("Files from the specified Amazon S3 bucket cannot be downloaded")
        iam.delete_role(RoleName="may-nothing")


@pytest.mark.parametrize("station", ["migrate", "restore"])
def test_no_master_password_is_noticed_before_anything_is_touched(playbook, station):
    outcome = playbook(station, "--limit", HOST, migration_id="unsaid", migration_target_login_password="")
    outcome.failed_with("[restore.master_user]")
    assert outcome.recap(HOST)["changed"] == 0
