# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``s3_tree`` when the network, S3, the credentials, the source or the process itself fail."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from .conftest import BUCKET, MIB, PREFIX, Place, Tree
from .faults import (
    CORRUPT,
    LOSE_ANSWER,
    RESET,
    Fault,
    Refuse,
    Request,
    anything,
    changes_something,
    first_time,
    is_data,
    renewed,
    sometimes,
    stalled,
)

LONG = 120


@pytest.mark.parametrize(
    ("fault", "matches"),
    [
        (Refuse(503, "SlowDown"), anything),
        (Refuse(500, "InternalError"), changes_something),
        (Refuse(400, "RequestTimeout"), is_data),
        (RESET, anything),
        (LOSE_ANSWER, anything),
        (CORRUPT, is_data),
    ],
    ids=["slow-down", "internal-error", "request-timeout", "reset", "lost-answer", "corrupt"],
)
def test_a_passing_fault_of_each_request_is_retried_from_memory(
    place: Place, tree: Tree, fault: Fault, matches: object
) -> None:
    place.proxy.fault = first_time(fault, matches)  # type: ignore[assignment]
    result = place.run(tree.root)
    place.proxy.fault = lambda _request: None
    assert result["objects_uploaded"] == 4
    assert place.contents() == tree.contents()
    assert place.open_uploads() == []


def test_a_byte_that_changes_on_the_way_each_time_is_told_and_leaves_nothing_half(place: Place, tree: Tree) -> None:
    place.proxy.fault = lambda request: CORRUPT if request.size == 5 * MIB else None
    failure = place.fail(tree.root)
    assert failure["error_id"] == "objectstore.corrupted_in_transit"
    assert "'shop/backup/ibdata1'" in failure["msg"]
    assert place.proxy.refused_bodies >= 3
    assert place.open_uploads() == []
    assert PREFIX + "ibdata1" not in place.keys(PREFIX)


@pytest.mark.parametrize(
    ("refusal", "error_id"),
    [
        (Refuse(400, "ExpiredToken"), "aws.ExpiredToken"),
        (Refuse(403, "AccessDenied"), "aws.AccessDenied"),
        (Refuse(403, "RequestTimeTooSkewed"), "aws.RequestTimeTooSkewed"),
        (Refuse(403, "SignatureDoesNotMatch"), "aws.SignatureDoesNotMatch"),
    ],
)
@pytest.mark.parametrize("since", [0, 8], ids=["from-the-start", "in-mid-run"])
def test_a_lasting_refusal_is_told_with_its_remedy_and_the_next_run_ends_well(
    place: Place, tree: Tree, refusal: Refuse, error_id: str, since: int
) -> None:
    place.proxy.fault = lambda request: refusal if request.number >= since else None
    failure = place.fail(tree.root)
    assert failure["error_id"] == error_id
    assert failure["remedy"]
    assert refusal.code in failure["msg"]
    place.proxy.fault = lambda _request: None
    place.run(tree.root)
    assert place.contents() == tree.contents()
    assert place.open_uploads() == []


def test_a_missing_right_is_named(place: Place, tree: Tree) -> None:
    place.proxy.fault = lambda request: Refuse(403, "AccessDenied") if request.method == "PUT" else None
    assert "s3:PutObject" in place.fail(tree.root)["msg"]
    assert place.open_uploads() == []
    place.proxy.fault = lambda request: Refuse(403, "AccessDenied") if "uploads" in request.query else None
    assert "s3:ListBucketMultipartUploads" in place.fail(tree.root)["msg"]


def test_a_file_that_grows_while_it_is_sent_is_noticed(place: Place, tree: Tree) -> None:
    grown = threading.Event()

    def grow(request: Request) -> Fault:
        if "partNumber" in request.query and not grown.is_set():
            grown.set()
            with (tree.root / "ibdata1").open("ab") as stream:
                stream.write(b"more")
        return None

    place.proxy.fault = grow
    failure = place.fail(tree.root, parallel=1)
    assert failure["error_id"] == "objectstore.file_changed"
    assert failure["details"] == {"path": "ibdata1"}
    assert place.open_uploads() == []
    assert PREFIX + "ibdata1" not in place.keys(PREFIX)
    assert place.run(tree.root)["objects"] == 4
    assert place.contents() == tree.contents()


def test_someone_else_who_writes_under_the_prefix_meanwhile_is_noticed(place: Place, tree: Tree) -> None:
    once = threading.Event()

    def intrude(request: Request) -> Fault:
        if request.path.endswith("/db.opt") and request.method == "PUT" and not once.is_set():
            once.set()
            place.s3.put_object(Bucket="migrations", Key=PREFIX + "stranger", Body=b"x")
        return None

    place.proxy.fault = intrude
    failure = place.fail(tree.root)
    assert failure["error_id"] == "objectstore.verification_failed"
    assert "'stranger' is not in the tree" in failure["msg"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_killed_in_the_middle_ends_well_when_it_is_run_again(
    place: Place, tree: Tree, number: signal.Signals
) -> None:
    tree.write("last", b"small files are sent after large ones")
    first_part_arrived = threading.Event()
    killed = threading.Event()

    def hold_the_second_part(request: Request) -> Fault:
        if request.query.get("partNumber") == "2":
            first_part_arrived.set()
            killed.wait(LONG)
        return None

    place.proxy.fault = hold_the_second_part
    process = place.start(tree.root, parallel=1)
    assert first_part_arrived.wait(LONG)
    process.send_signal(number)
    if number == signal.SIGKILL:
        process.wait(LONG)
        killed.set()
        assert process.communicate()[0] == ""
        assert place.open_uploads() == [PREFIX + "ibdata1"]
    else:
        killed.set()
        failure = place.finish(process)
        assert failure["error_id"] == "objectstore.interrupted"
        assert place.open_uploads() == []
    assert PREFIX + "ibdata1" not in place.keys(PREFIX)
    place.proxy.fault = lambda _request: None
    again = place.run(tree.root)
    assert again["uploads_aborted"] == (1 if number == signal.SIGKILL else 0)
    assert place.contents() == tree.contents()
    assert place.open_uploads() == []
    assert place.run(tree.root)["changed"] is False


def test_what_arrived_before_the_kill_is_not_sent_again(place: Place, tree: Tree) -> None:
    def stop_at_the_small_files(request: Request) -> Fault:
        return Refuse(403, "AccessDenied") if request.sends_data and request.size < MIB else None

    place.proxy.fault = stop_at_the_small_files
    place.fail(tree.root, parallel=1)
    assert place.keys(PREFIX) == [PREFIX + "ibdata1"]
    place.proxy.fault = lambda _request: None
    assert place.run(tree.root)["bytes_uploaded"] == sum(map(len, tree.contents().values())) - 12 * MIB - 345


def test_a_stall_of_s3_is_said_while_it_lasts(place: Place, tree: Tree, tmp_path: Path) -> None:
    go_on = threading.Event()
    place.proxy.fault = stalled(is_data, go_on)
    file = tmp_path / "progress"
    process = place.start(tree.root, progress_file=str(file))
    try:
        said = place.wait_for_progress(process, file, r"S3 has taken nothing for 1\d s")
    finally:
        go_on.set()
    assert said["phase"] == "uploading"
    assert not place.finish(process).get("failed")
    assert place.contents() == tree.contents()


def test_five_requests_of_a_hundred_fail_and_all_of_it_arrives(place: Place, tree: Tree) -> None:
    for number in range(150):
        tree.write(f"shop/t{number:03d}.ibd", 2000)
    tree.write("large", 40 * MIB)
    place.proxy.fault = sometimes()
    result = place.run(tree.root)
    place.proxy.fault = lambda _request: None
    assert result["retries"] > 0
    assert place.contents() == tree.contents()
    assert place.open_uploads() == []


def test_a_large_file_is_gone_on_with_after_a_kill_and_less_than_half_is_sent_again(
    place: Place, tree: Tree, tmp_path: Path
) -> None:
    tree.write("large", 60 * MIB)
    state_dir = str(tmp_path / "state")
    half_arrived = threading.Event()
    killed = threading.Event()
    lock = threading.Lock()
    arrived = 0

    def hold_the_second_half(request: Request) -> Fault:
        nonlocal arrived
        if not request.sends_data:
            return None
        with lock:
            # the requests that wait here are those that the kill cuts
            if arrived >= 36 * MIB:
                half_arrived.set()
            else:
                arrived += request.size
                return None
        killed.wait(LONG)
        return RESET

    place.proxy.fault = hold_the_second_half
    process = place.start(tree.root, parallel=1, state_dir=state_dir)
    assert half_arrived.wait(LONG)
    process.kill()
    process.wait(LONG)
    killed.set()
    assert process.communicate()[0] == ""
    assert place.keys(PREFIX) == []
    place.proxy.fault = lambda _request: None
    place.proxy.requests.clear()

    told = place.run(tree.root, state_dir=state_dir, _ansible_check_mode=True)
    again = place.run(tree.root, state_dir=state_dir)
    total = sum(map(len, tree.contents().values()))
    sent = sum(request.size for request in place.proxy.sent())
    assert sent <= 0.55 * total
    assert again["bytes_resumed"] == told["bytes_resumed"] == arrived
    assert 0 < again["uploading_seconds"] < again["elapsed_seconds"]
    assert told["uploading_seconds"] == 0
    assert sent + arrived == total
    assert again["uploads_aborted"] == 0
    assert place.contents() == tree.contents()
    assert place.open_uploads() == []
    assert place.run(tree.root, state_dir=state_dir)["changed"] is False


@pytest.mark.parametrize("changed", ["file", "settings"])
def test_what_changed_after_the_kill_is_sent_anew(place: Place, tree: Tree, tmp_path: Path, changed: str) -> None:
    state_dir = str(tmp_path / "state")
    second = threading.Event()
    killed = threading.Event()

    def hold(request: Request) -> Fault:
        if request.query.get("partNumber") == "3":
            second.set()
            killed.wait(LONG)
            return RESET
        return None

    place.proxy.fault = hold
    process = place.start(tree.root, parallel=1, state_dir=state_dir, tags={"team": "old"})
    assert second.wait(LONG)
    process.kill()
    process.wait(LONG)
    killed.set()
    process.communicate()
    settings: dict[str, Any] = {"tags": {"team": "old"}}
    if changed == "file":
        tree.write("ibdata1", 12 * MIB + 345)
    else:
        settings = {"tags": {"team": "new"}, "sse": "AES256"}
    place.proxy.fault = lambda _request: None
    again = place.run(tree.root, state_dir=state_dir, **settings)
    assert (again["uploads_aborted"], again["bytes_resumed"]) == (1, 0)
    if changed == "settings":
        tags = place.s3.get_object_tagging(Bucket=BUCKET, Key=PREFIX + "ibdata1")["TagSet"]
        assert tags == [{"Key": "team", "Value": "new"}]
        assert place.s3.head_object(Bucket=BUCKET, Key=PREFIX + "ibdata1")["ServerSideEncryption"] == "AES256"
    assert place.contents() == tree.contents()
    assert place.open_uploads() == []


def test_a_file_that_shrinks_while_it_is_sent_is_noticed(place: Place, tree: Tree) -> None:
    def shrink(request: Request) -> Fault:
        if request.query.get("partNumber") == "1":
            os.truncate(tree.root / "ibdata1", 7 * MIB)
        return None

    place.proxy.fault = shrink
    failure = place.fail(tree.root, parallel=1)
    assert failure["error_id"] == "objectstore.file_changed"
    assert place.open_uploads() == []
    assert PREFIX + "ibdata1" not in place.keys(PREFIX)


def test_state_that_cannot_be_kept_is_a_warning(place: Place, tree: Tree) -> None:
    result = place.run(tree.root, state_dir="/proc/no/such/place")
    assert "cannot be kept in /proc/no/such/place" in str(result["warnings"])
    assert place.contents() == tree.contents()


def test_credentials_that_expire_in_mid_run_are_taken_anew(place: Place, tree: Tree, tmp_path: Path) -> None:
    place.proxy.fault, credentials = renewed(tmp_path / "credentials" / "socket")
    result = place.run(tree.root, **credentials)
    assert result["objects_uploaded"] == 4
    assert place.contents() == tree.contents()
    assert {request.headers["x-amz-security-token"] for request in place.proxy.sent()[-3:]} == {"t2"}
