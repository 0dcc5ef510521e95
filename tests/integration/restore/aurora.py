# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab whose Aurora reads real backups, with roles and backups that lack one thing each."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.integration.migration.lab import Lab

PASSWORD = "not-to-be-shown-anywhere"
ROLE_SETTLE_SECONDS = 10
PARTS = 4
TRUST = {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
STRANGER_TRUST = {**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}}
DESCRIPTION = """
based_on: {lab}
aurora:
  status_seconds: {{creating: 0.2, preparing-data-migration: 0.2, migrating: 0.2}}
  role_settle_seconds: {settle}
"""


class Aurora:
    """What stands for AWS, and the means to put good and bad backups and roles there."""

    def __init__(self, lab: Lab, work: Path) -> None:
        self._lab = lab
        self._work = work
        self._faults = lab.state_dir / "run" / "faults.json"
        self.bucket = lab.bucket
        self.s3, self.iam, self.kms, self.rds = (lab.client(name) for name in ("s3", "iam", "kms", "rds"))
        self.roles_made_at = time.monotonic()

    def aws_options(self) -> dict[str, Any]:
        """AWS options as the modules take them."""
        aws = self._lab.endpoints["aws"]
        return {name: aws[name] for name in ("endpoint_url", "region", "access_key", "secret_key")}

    def make_role(
        self,
        name: str,
        lacks: str = "",
        trust: dict[str, Any] | None = None,
        key: str = "",
        bucket: str = "",
        prefix: str = "",
    ) -> str:
        """Make a role with all rights under ``prefix`` but ``lacks``, and with kms:Decrypt on ``key``; its ARN."""
        arn = f"arn:aws:s3:::{bucket or self.bucket}"
        rights = {
            "s3:GetBucketLocation": arn,
            "s3:ListBucket": arn,
            "s3:GetObject": f"{arn}/{prefix}*",
            **({"kms:Decrypt": key} if key else {}),
        }
        allowed = [
            {"Effect": "Allow", "Action": action, "Resource": resource}
            for action, resource in rights.items()
            if action != lacks
        ]
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy([trust or TRUST]))
        self.iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=_policy(allowed))
        self.roles_made_at = time.monotonic()
        return str(made["Role"]["Arn"])

    def stop_trusting(self, role: str) -> None:
        """Let nobody of RDS assume a role any more."""
        self.iam.update_assume_role_policy(RoleName=role, PolicyDocument=_policy([STRANGER_TRUST]))

    def let_roles_settle(self) -> None:
        """Wait until the last role that was made is old enough to be assumed."""
        time.sleep(max(0.0, self.roles_made_at + ROLE_SETTLE_SECONDS + 0.5 - time.monotonic()))

    def put(self, prefix: str, objects: dict[str, bytes], **more: Any) -> None:
        """Put objects under a prefix."""
        for name, data in objects.items():
            self.s3.put_object(Bucket=self.bucket, Key=prefix + name, Body=data, **more)

    @contextlib.contextmanager
    def faults(self, **members: Any) -> Iterator[None]:
        """Let the lab's Aurora fail by itself within the block."""
        self.set_faults(**members)
        try:
            yield
        finally:
            self._faults.unlink()

    def set_faults(self, **members: Any) -> None:
        """Let other faults take the place of a block's."""
        fresh = self._faults.with_suffix(".new")
        fresh.write_text(json.dumps(members))
        fresh.rename(self._faults)

    def throttled(self) -> list[str]:
        """The actions of the calls that were throttled so far."""
        told = self._faults.with_name("throttled")
        return told.read_text().splitlines() if told.exists() else []

    def status(self, name: str) -> str:
        """The status of a cluster; "" where there is none."""
        try:
            return str(self.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"])
        except ClientError:
            return ""

    def count(self, beginning: str, status: str) -> int:
        """How many clusters whose names begin so have a status."""
        pages = self.rds.get_paginator("describe_db_clusters").paginate()
        found = [cluster for page in pages for cluster in page["DBClusters"]]
        return sum(one["DBClusterIdentifier"].startswith(beginning) and one["Status"] == status for one in found)

    def execute(self, *statements: str) -> None:
        """Run statements on the source."""
        with self._lab.source("source") as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def stream(self, name: str, *options: str) -> bytes:
        """A backup of the source as an xbstream; increments build on ``lsn_directory(name)``."""
        lsn = self.lsn_directory(name)
        lsn.mkdir()
        return _run(self._backup_command(lsn, "--stream=xbstream", f"--extra-lsndir={lsn}", *options))

    def lsn_directory(self, name: str) -> Path:
        """Where ``stream`` leaves the LSNs of a backup."""
        return self._work / name

    def unpacked(self, stream: bytes) -> Path:
        """A directory with what a stream holds."""
        directory = self._work / "unpacked"
        directory.mkdir()
        unpack = self._lab.endpoints["tools"]["unpack_stream"]
        _run([word.replace("{directory}", str(directory)) for word in unpack], stream)
        return directory

    def _backup_command(self, directory: Path, *options: str) -> list[str]:
        source = self._lab.endpoints["sources"]["source"]
        # The tool takes one option file: the server's own, by inclusion, and the account.
        config = self._work / "backup.cnf"
        config.touch(mode=0o600)
        account = f'user={source["user"]}\npassword="{source["password"]}"'
        config.write_text(f"!include {source['config_file']}\n[mariabackup]\n{account}\n")
        tool = self._lab.endpoints["tools"]["backup"]
        return [
            *(tool, f"--defaults-file={config}", "--backup", f"--socket={source['unix_socket']}"),
            *(f"--target-dir={directory}", *options),
        ]


class Backups:
    """Real backups of one server.

    :ivar chain: a full backup and two increments, as streams.
    """

    def __init__(self, aurora: Aurora) -> None:
        aurora.execute("CREATE TABLE shop.steps (id INT PRIMARY KEY) ENGINE=InnoDB")
        self.chain: list[bytes] = []
        for step in range(3):
            # A checkpoint moves the LSN on, as time does on a busy server.
            aurora.execute(f"INSERT INTO shop.steps VALUES ({step})", "SET GLOBAL innodb_log_checkpoint_now = ON")
            before = [f"--incremental-basedir={aurora.lsn_directory(f'b{step - 1}')}"] if step else []
            self.chain.append(aurora.stream(f"b{step}", *before))
        self._tree = aurora.unpacked(self.chain[0])

    def tree(self) -> dict[str, bytes]:
        """The files of the full backup."""
        files = (path for path in self._tree.rglob("*") if path.is_file())
        return {path.relative_to(self._tree).as_posix(): path.read_bytes() for path in files}

    def parts(self, extension: str = "xbstream") -> dict[str, bytes]:
        """The full backup as a stream in parts."""
        stream = self.chain[0]
        size = -(-len(stream) // PARTS)
        return {
            f"backup.{extension}{number:05}": stream[number * size : (number + 1) * size] for number in range(PARTS)
        }


def description(path: Path) -> Path:
    """Write a description of a lab that restores in seconds, and whose IAM needs ten."""
    lab = Path(__file__).parents[2] / "lab" / "lab.yml"
    path.write_text(DESCRIPTION.format(lab=lab, settle=ROLE_SETTLE_SECONDS))
    return path


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _run(command: list[str], data: bytes = b"") -> bytes:
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
