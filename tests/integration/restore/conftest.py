# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripted RDS, and ``aurora_cluster_restore`` as a process of its own."""

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

from tests.integration.module_process import ModuleProcess
from tests.integration.servers import MotoServer, free_port

HERE = Path(__file__).parent
PASSWORD = "not-to-be-shown-anywhere"
START_SECONDS = 120


class Account:
    """An AWS account where restores play the part that their prefix names."""

    def __init__(self, moto: MotoServer, python: str, import_path: str) -> None:
        self.rds = moto.client("rds")
        self._aws = moto.aws_options()
        self._module = ModuleProcess("aurora_cluster_restore", python, import_path)

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
        """Start the module; its result is on standard output."""
        return self._module.start({**self._aws, **options})

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """The module's result; the master user's password is nowhere in it."""
        result = self._module.finish(process)
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
