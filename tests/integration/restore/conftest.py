# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripted RDS, the lab's Aurora, and ``aurora_cluster_restore`` as a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.migration.lab import Lab
from tests.integration.module_process import ModuleProcess
from tests.integration.servers import MotoServer, free_port

from .aurora import PASSWORD, STRANGER_TRUST, Aurora, Backups, description

HERE = Path(__file__).parent
START_SECONDS = 120


class Account:
    """An AWS account where restores play the part that their prefix names."""

    def __init__(self, moto: MotoServer, python: str, import_path: str) -> None:
        self.rds = moto.client("rds")
        self.aws_options = moto.aws_options()
        self._program = ("aurora_cluster_restore", python, import_path)

    def options(self, part: str, name: str, **more: Any) -> dict[str, Any]:
        """The module's options for a restore of cluster ``name``."""
        return {
            "db_cluster_identifier": name,
            "s3_bucket_name": "bucket",
            "s3_prefix": f"{part}/",
            "s3_ingestion_role_arn": "arn:aws:iam::123456789012:role/reader",
            "source_engine_version": "8.0.36",
            "engine_version": "8.0.mysql_aurora.3.10.1",
            "master_username": "admin",
            "master_user_password": PASSWORD,
            "migration_id": name,
            "backup_id": "backup-1",
            "poll_interval": 0,
            "iam_propagation_timeout": 0,
            **more,
        }

    def start(self, options: dict[str, Any]) -> subprocess.Popen[str]:
        """Start the module with the environment of this moment; its result is on standard output."""
        return ModuleProcess(*self._program).start({**self.aws_options, **options})

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """The module's result; the master user's password is nowhere in it."""
        result = ModuleProcess(*self._program).finish(process)
        invocation = result.pop("invocation", {})
        assert PASSWORD not in json.dumps([result, invocation])
        return result

    def restore(self, part: str, name: str, **more: Any) -> dict[str, Any]:
        """Run the module, which has to succeed."""
        return self.run(self.options(part, name, **more))

    def run(self, options: dict[str, Any]) -> dict[str, Any]:
        """Run the module, which has to succeed."""
        result = self.finish(self.start(options))
        assert not result.get("failed"), result
        return result

    def fail(self, part: str, name: str, **more: Any) -> dict[str, Any]:
        """Run the module, which has to fail."""
        result = self.finish(self.start(self.options(part, name, **more)))
        assert result.get("failed"), result
        return result

    def names(self) -> set[str]:
        """The clusters that are there."""
        return {cluster["DBClusterIdentifier"] for cluster in self.rds.describe_db_clusters()["DBClusters"]}

    def status(self, name: str) -> str:
        """The status of a cluster, without a step of its part; "" where there is none."""
        found = self.rds.describe_db_clusters()["DBClusters"]
        return next((one["Status"] for one in found if one["DBClusterIdentifier"] == name), "")

    def wait_for(self, name: str, process: subprocess.Popen[str]) -> None:
        """Wait until the module has made the cluster."""
        while name not in self.names():
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory, generation: Any) -> Iterator[Account]:
    """One server for all tests; each test has clusters of its own names."""
    port = free_port()
    log = tmp_path_factory.mktemp("rds") / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, str(HERE / "scripted_rds.py"), str(port)], stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert server.poll() is None, log.read_text()[-3000:]
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(0.1)
        moto = MotoServer(f"http://127.0.0.1:{port}", server.pid)
        yield Account(moto, str(generation.bin / "python"), str(generation.collections))
    finally:
        server.terminate()
        server.wait()


class Restorer:
    """Runs ``aurora_cluster_restore`` against the lab's Aurora."""

    def __init__(self, aurora: Aurora, backups: Backups, module: ModuleProcess) -> None:
        self.backups = backups
        self._aurora = aurora
        self._module = module

    def backups_under(self, prefix: str) -> None:
        """Put a whole backup under a prefix."""
        self._aurora.put(prefix, self.backups.parts())

    def options(self, name: str, prefix: str, role: str, **more: Any) -> dict[str, Any]:
        """The module's options for a restore of what is under ``prefix`` into cluster ``name``."""
        return {
            **self._aurora.aws_options(),
            "db_cluster_identifier": name,
            "s3_bucket_name": self._aurora.bucket,
            "s3_prefix": prefix,
            "s3_ingestion_role_arn": f"arn:aws:iam::123456789012:role/{role}",
            "source_engine_version": "8.0.36",
            "engine_version": "8.0.mysql_aurora.3.10.0",
            "master_username": "dbadmin",
            "master_user_password": PASSWORD,
            "migration_id": name,
            "poll_interval": 1,
            "iam_propagation_timeout": 0,
            **more,
        }

    def start(self, name: str, prefix: str, role: str, **more: Any) -> subprocess.Popen[str]:
        """Start the module."""
        return self._module.start(self.options(name, prefix, role, **more))

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """The module's result; the master user's password is nowhere in it."""
        result = self._module.finish(process)
        assert PASSWORD not in json.dumps(result)
        return result

    def restore(self, name: str, prefix: str, role: str, **more: Any) -> dict[str, Any]:
        """Run the module, which has to succeed."""
        result = self.finish(self.start(name, prefix, role, **more))
        assert not result.get("failed"), result
        return result

    def fail(self, name: str, prefix: str, role: str, **more: Any) -> dict[str, Any]:
        """Run the module, which has to fail."""
        result = self.finish(self.start(name, prefix, role, **more))
        assert result.get("failed"), result
        return result


@pytest.fixture(scope="session")
def aurora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aurora]:
    """A lab with one small source, for all tests; each test has prefixes and clusters of its own names."""
    base = tmp_path_factory.mktemp("aurora")
    lab = Lab(base / "state")
    try:
        lab.up("--fast", "--lab", str(description(base / "lab.yml")))
        yield Aurora(lab, base)
    finally:
        lab.down()


@pytest.fixture(scope="session")
def kms_key(aurora: Aurora) -> str:
    """The ARN of a KMS key."""
    return str(aurora.kms.create_key()["KeyMetadata"]["Arn"])


@pytest.fixture(scope="session")
def restorer(aurora: Aurora, kms_key: str, generation: Any) -> Restorer:
    """The module, with backups and with roles that have settled: ``whole`` has all rights, others lack one.

    ``other-...`` have the rights, on something else.
    """
    for role in ("whole", "leaving"):
        aurora.make_role(role)
    for role, right in (("list", "s3:ListBucket"), ("location", "s3:GetBucketLocation"), ("get", "s3:GetObject")):
        aurora.make_role(f"no-{role}", lacks=right)
    aurora.make_role("with-key", key=kms_key)
    aurora.make_role("other-key", key=str(aurora.kms.create_key()["KeyMetadata"]["Arn"]))
    aurora.make_role("other-bucket", bucket="somebody-elses-bucket")
    aurora.make_role("other-prefix", prefix="elsewhere/")
    aurora.make_role("no-trust", trust=STRANGER_TRUST)
    backups = Backups(aurora)
    aurora.let_roles_settle()
    module = ModuleProcess("aurora_cluster_restore", str(generation.bin / "python"), str(generation.collections))
    return Restorer(aurora, backups, module)


@pytest.fixture(scope="session")
def backups(restorer: Restorer) -> Backups:
    """Real backups of the lab's source."""
    return restorer.backups
