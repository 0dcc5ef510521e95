# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run killed by SIGKILL, and started again: it ends well, nothing twice, nothing half."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.integration.credentials.gate import iam as evaluation

from ..process_tree import command_lines, kill_tree
from .needed import needed
from .recorder import Seen, recording
from .secrets import in_files, passing
from .test_migrate import lab_secrets

HOST = "source"
T = TypeVar("T")


def kill_controller(process: int) -> None:
    """End ansible-playbook alone: what it has started on the host does not hear of it, and goes on."""
    os.kill(process, signal.SIGKILL)


SHORT = "test_while_uploading ends the controller alone"
WAYS = pytest.mark.parametrize("kill", [kill_tree, pytest.param(kill_controller, marks=pytest.mark.thorough(SHORT))])


def wait_until_gone(*words: str) -> None:
    """Wait until no process has all the words in its command line."""
    deadline = time.monotonic() + 60
    while command_lines(*words):
        assert time.monotonic() < deadline, command_lines(*words)
        time.sleep(0.1)


def outside_of_their_policy(requests: list[Seen]) -> list[Seen]:
    """The requests with minted credentials that IAM would refuse; the lab's S3 looks at no session policy."""
    minted = [json.loads(each.query["Policy"]) for each in requests if "Policy" in each.query]
    # The caller has a long-term key, without a token.
    with_them = [each for each in requests if each.service == "s3" and "x-amz-security-token" in each.headers]
    assert minted and with_them
    return [
        each
        for each in with_them
        if not all(
            evaluation.is_allowed(minted, evaluation.Request(asked.action, asked.resource, context=dict(asked.context)))
            for asked in needed(each)
        )
    ]


@pytest.fixture
def killed(playbook, lab, tmp_path):
    """Kills a station when something is seen, starts it again, and looks for what may not be left.

    On wish a run in check mode comes first, and has to foretell what changes.
    """

    def run(migration_id: str, station: str, seen, kill, check: bool = False) -> None:
        work = tmp_path / "work"
        options = {"migration_id": migration_id, "migration_work_dir": str(work)}
        playbook.kill_when(seen, kill, station, "--limit", HOST, **options)
        assert in_files(lab_secrets(lab), playbook.home, *passing()) == []
        foretold = look(migration_id, station, options) if check else None
        done = playbook(station, "--limit", HOST, **options).succeeded()
        assert foretold in (None, done.changed_tasks())
        assert in_files(lab_secrets(lab), playbook.home, *passing()) == []
        again = playbook(station, "--limit", HOST, **options).succeeded()
        assert again.recap(HOST)["changed"] == 0

    def look(migration_id: str, station: str, options) -> set[str]:
        there = at_rest(lambda: (lab.objects(f"{migration_id}/"), open_uploads(lab)))
        with recording(lab.endpoints["aws"]["endpoint_url"]) as recorder:
            elsewhere = {**options, "migration_aws_endpoint_url": recorder.endpoint_url}
            foretold = playbook(station, "--check", "--limit", HOST, **elsewhere).succeeded()
            assert outside_of_their_policy(recorder.take()) == []
        assert (lab.objects(f"{migration_id}/"), open_uploads(lab)) == there
        return foretold.changed_tasks()

    return run


def at_rest(look: Callable[[], T]) -> T:
    """What *look* shows once it shows it twice: S3 may still be at a request of a client that is no more."""
    before = look()
    while True:
        time.sleep(2)
        after = look()
        if after == before:
            return after
        before = after


def open_uploads(lab) -> list[str]:
    """The keys of uploads that were begun and neither completed nor aborted."""
    return [each["Key"] for each in lab.client("s3").list_multipart_uploads(Bucket=lab.bucket).get("Uploads", [])]


@WAYS
def test_while_backing_up(killed, kill, lab, tmp_path):
    migration_id = f"backup-{kill.__name__}".replace("_", "-")
    staging = tmp_path / "work" / migration_id
    partial = staging / "work" / "full.partial"
    killed(migration_id, "backup", lambda: bool(command_lines("mariabackup", "--backup", str(partial))), kill)
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

    def half_sent() -> bool:
        return len(lab.objects(f"{migration_id}/backup/")) >= 3

    # Where the controller alone is ended, the upload goes on, and what is left of it is another thing at every look.
    killed(migration_id, "backup", half_sent, kill, check=kill is kill_tree)
    page = lab.document(migration_id, "upload")
    assert len(lab.objects(f"{migration_id}/backup/")) == page["objects"]
    # The rate is that of the run that ended it: a part of the bytes went before.
    assert page["sent_bytes"] < page["bytes"]
    assert page["sent_seconds"] < page["elapsed_seconds"]
    assert open_uploads(lab) == []


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
