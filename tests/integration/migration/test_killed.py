# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run killed by SIGKILL, and started again: it ends well, nothing twice, nothing half."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from ..process_tree import kill_tree
from .secrets import in_files
from .test_migrate import lab_secrets

HOST = "source"


def kill_controller(process: int) -> None:
    """End ansible-playbook alone: what it has started on the host does not hear of it, and goes on."""
    os.kill(process, signal.SIGKILL)


SHORT = "test_while_uploading ends the controller alone"
WAYS = pytest.mark.parametrize("kill", [kill_tree, pytest.param(kill_controller, marks=pytest.mark.thorough(SHORT))])


def processes(*words: str) -> list[str]:
    """The command lines, among those of all processes, that hold all the words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if all(word in command for word in words):
            found.append(command)
    return found


def wait_until_gone(*words: str) -> None:
    """Wait until no process has all the words in its command line."""
    deadline = time.monotonic() + 60
    while processes(*words):
        assert time.monotonic() < deadline, processes(*words)
        time.sleep(0.1)


@pytest.fixture
def killed(playbook, lab, tmp_path):
    """Kills a station when something is seen, starts it again, and looks for what may not be left."""

    def run(migration_id: str, station: str, seen, kill) -> None:
        work = tmp_path / "work"
        options = {"migration_id": migration_id, "migration_work_dir": str(work)}
        playbook.kill_when(seen, kill, station, "--limit", HOST, **options)
        assert in_files(lab_secrets(lab), playbook.home) == []
        playbook(station, "--limit", HOST, **options).succeeded()
        assert in_files(lab_secrets(lab), playbook.home) == []
        again = playbook(station, "--limit", HOST, **options).succeeded()
        assert again.recap(HOST)["changed"] == 0

    return run


@WAYS
def test_while_backing_up(killed, kill, lab, tmp_path):
    migration_id = f"backup-{kill.__name__}".replace("_", "-")
    staging = tmp_path / "work" / migration_id
    partial = staging / "work" / "full.partial"
    killed(migration_id, "backup", lambda: bool(processes("mariabackup", "--backup", str(partial))), kill)
    wait_until_gone("mariabackup", str(partial))
    assert not partial.exists()
    backup = lab.document(migration_id, "backup")
    files = [path for path in (staging / "backup" / "full").rglob("*") if path.is_file()]
    sent = lab.objects(f"{migration_id}/backup/")
    assert len(sent) == len(files)
    assert sum(sent.values()) == sum(path.stat().st_size for path in files) == backup["bytes"]


@pytest.mark.parametrize("kill", [kill_tree, kill_controller])
def test_while_uploading(killed, kill, lab):
    migration_id = f"upload-{kill.__name__}".replace("_", "-")
    killed(migration_id, "backup", lambda: len(lab.objects(f"{migration_id}/backup/")) >= 3, kill)
    assert len(lab.objects(f"{migration_id}/backup/")) == lab.document(migration_id, "upload")["objects"]
    assert "Uploads" not in lab.client("s3").list_multipart_uploads(Bucket=lab.bucket)


@WAYS
def test_while_restoring(killed, kill, playbook, lab):
    migration_id = f"restore-{kill.__name__}".replace("_", "-")
    playbook("backup", "--limit", HOST, migration_id=migration_id).succeeded()

    def restoring() -> bool:
        clusters = lab.client("rds").describe_db_clusters()["DBClusters"]
        return any(one["DBClusterIdentifier"] == migration_id and one["Status"] != "available" for one in clusters)

    killed(migration_id, "restore", restoring, kill)
    clusters = [one["DBClusterIdentifier"] for one in lab.client("rds").describe_db_clusters()["DBClusters"]]
    assert clusters.count(migration_id) == 1
    assert lab.document(migration_id, "restore")["cluster_identifier"] == migration_id
