# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``xtrabackup_s3`` with a real server and mariabackup, which stands where XtraBackup stands in production."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.servers import ROOT_PASSWORD, DatabaseServer, mariadb_server

from .conftest import BUCKET, MIB, PREFIX, Place
from .faults import (
    CORRUPT,
    LOSE_ANSWER,
    RESET,
    Fault,
    Matches,
    Refuse,
    Request,
    Wait,
    anything,
    first_time,
    is_data,
    renewed,
    sometimes,
    stalled,
)

LONG = 120
PART = 10 * MIB


def sql(server: DatabaseServer, statements: str) -> str:
    return subprocess.run(
        ["mariadb", f"--socket={server.socket}", "--user=root", "--batch", "--skip-column-names"],
        input=statements,
        env={**os.environ, "MYSQL_PWD": ROOT_PASSWORD},
        text=True,
        check=True,
        capture_output=True,
    ).stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """A server with some 40 MB of rows."""
    with mariadb_server(tmp_path_factory.mktemp("source")) as running:
        sql(
            running,
            "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note TEXT);"
            "INSERT INTO shop.orders (note) SELECT REPEAT(MD5(seq), 60) FROM shop.seq_1_to_16000;",
        )
        yield running


KEY_ID = "arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000000"


class Source:
    """The module's options for one server, and what must be left on it."""

    def __init__(self, place: Place, server: DatabaseServer, work: Path) -> None:
        self.place = place
        self.server = server
        self.work = work

    def start(self, **options: Any) -> subprocess.Popen[str]:
        arguments = {
            "work_dir": str(self.work),
            "datadir": str(self.server.datadir),
            "executable": "mariabackup",
            "login_host": self.server.host,
            "login_port": self.server.port,
            "login_user": "root",
            "login_password": ROOT_PASSWORD,
            "allow_mariadb": True,
            "part_size": str(PART),
            "senders": 2,
            "lock_timeout": 60,
            **options,
        }
        return self.place.start_module("xtrabackup_s3", **arguments)

    def run(self, **options: Any) -> dict[str, Any]:
        result = self.place.finish(self.start(**options))
        assert not result.get("failed"), result
        return result

    def fail(self, **options: Any) -> dict[str, Any]:
        result = self.place.finish(self.start(**options))
        assert result.get("failed"), result
        return result

    def restored(self, name: str, target: Path) -> Path:
        """A backup's objects unpacked, in the order of their names."""
        target.mkdir()
        found = self.place.contents(f"{PREFIX}{name}/")
        stream = b"".join(found[key] for key in sorted(found))
        subprocess.run(["mbstream", "-x", "-C", str(target)], input=stream, check=True)
        return target

    def is_clean(self) -> bool:
        """Nothing under the prefix, no upload open, no lock on the server."""
        locks = sql(self.server, "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%BACKUP STAGE%'")
        # A lock that somebody still held would make this wait.
        sql(self.server, "SET lock_wait_timeout=5; BACKUP STAGE START; BACKUP STAGE END")
        return self.place.keys("") == [] and self.place.open_uploads() == [] and locks.strip() in ("0", "1")


@pytest.fixture
def source(place: Place, server: DatabaseServer, tmp_path: Path) -> Source:
    return Source(place, server, tmp_path / "work")


def test_settings_of_new_objects_reach_s3(source: Source) -> None:
    source.run(
        sse="aws:kms",
        sse_kms_key_id=KEY_ID,
        storage_class="ONEZONE_IA",
        tags={"team": "shop: a=b"},
        expected_bucket_owner="1" * 12,
        proxy_url=source.place.proxy.endpoint_url,
        endpoint_url="http://127.0.0.2:9",
    )
    for key in source.place.keys(PREFIX):
        stored = source.place.s3.head_object(Bucket=BUCKET, Key=key)
        assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", KEY_ID)
        assert stored["StorageClass"] == "ONEZONE_IA"
        tags = source.place.s3.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
        assert tags == [{"Key": "team", "Value": "shop: a=b"}]
    objects = [request for request in source.place.proxy.requests if "/shop/" in request.path]
    assert {request.headers["x-amz-expected-bucket-owner"] for request in objects} == {"1" * 12}


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"team": "shop & co"}, "letters, digits"),
        ({"k" * 129: "v"}, "128 characters"),
        ({f"k{number}": "v" for number in range(11)}, "Leave some out"),
    ],
)
def test_tags_that_s3_refuses_are_told_before_the_tool_starts(source: Source, tags: dict[str, str], words: str) -> None:
    failure = source.fail(tags=tags)
    assert failure["error_id"] == "objectstore.tags"
    assert words in failure["remedy"]
    assert not (source.work / "full.log").exists()
    assert source.is_clean()


def test_the_stream_arrives_in_named_parts_and_is_a_backup(source: Source, tmp_path: Path) -> None:
    result = source.run()
    upload = result["upload"]
    assert result["changed"] is True
    here = f"full backup in s3://{BUCKET}/{PREFIX}full/\n"
    assert result["diff"] == {"before": "", "after": here}
    assert upload["objects"] >= 4
    names = [f"full/backup.xbstream{number:05d}" for number in range(upload["objects"])]
    sizes = {key[len(PREFIX) :]: size_of(source, key) for key in source.place.keys(PREFIX)}
    assert sorted(sizes) == names
    assert [sizes[name] for name in names[:-1]] == [PART] * (len(names) - 1)
    assert sum(sizes.values()) == upload["bytes"] == result["backup"]["bytes"]
    assert (result["backup"]["staged"], result["backup"]["directory"]) == (False, "")
    assert result["backup"]["format"] == "xbstream"
    assert "No disk takes the backup" in result["backup"]["format_reason"]
    assert [each["done"] for each in upload["progress"]] == sorted(each["done"] for each in upload["progress"])
    assert 0 < upload["progress"][-1]["done"] <= 1.1 * upload["bytes"]
    assert source.place.open_uploads() == []
    unpacked = source.restored("full", tmp_path / "unpacked")
    subprocess.run(["mariabackup", "--prepare", f"--target-dir={unpacked}"], check=True, capture_output=True)
    assert (unpacked / "shop" / "orders.ibd").stat().st_size == (
        source.server.datadir / "shop" / "orders.ibd"
    ).stat().st_size
    checksums = {
        request.headers.get("x-amz-checksum-" + upload["checksum_algorithm"].lower()) for request in sent(source)
    }
    assert None not in checksums

    source.place.proxy.requests.clear()
    again = source.run()
    assert again["changed"] is False
    assert again["diff"] == {"before": here, "after": here}
    assert again["upload"]["progress"] == []
    assert {name: again["upload"][name] for name in ("objects", "bytes", "fingerprint")} == {
        name: upload[name] for name in ("objects", "bytes", "fingerprint")
    }
    assert {request.method for request in source.place.proxy.requests} <= {"GET", "HEAD"}


def size_of(source: Source, key: str) -> int:
    return int(source.place.s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"])


def sent(source: Source) -> list[Request]:
    return source.place.proxy.sent()


def test_an_increment_follows_and_stands_beside_it(source: Source, tmp_path: Path) -> None:
    full = source.run()
    sql(source.server, "INSERT INTO shop.orders (note) VALUES ('since')")
    second = source.run(type="incremental", name="inc0001")
    assert [each["name"] for each in second["backup"]["chain"]] == ["full", "inc0001"]
    assert second["backup"]["chain"][1]["from_lsn"] == full["backup"]["chain"][0]["to_lsn"]
    assert (source.restored("inc0001", tmp_path / "inc") / "shop" / "orders.ibd.delta").exists()
    assert {key.split("/")[2] for key in source.place.keys(PREFIX)} == {"full", "inc0001"}


def test_check_mode_takes_no_backup_and_no_upload(source: Source) -> None:
    told = source.run(_ansible_check_mode=True)
    assert (told["changed"], told["backup"], told["upload"]) == (True, {}, {})
    assert told["diff"] == {"before": "", "after": f"full backup in s3://{BUCKET}/{PREFIX}full/\n"}
    assert {request.method for request in source.place.proxy.requests} <= {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("fault", "matches"),
    [
        (Refuse(503, "SlowDown"), anything),
        (RESET, anything),
        (LOSE_ANSWER, anything),
        (CORRUPT, is_data),
    ],
    ids=["slow-down", "reset", "lost-answer", "corrupt"],
)
def test_a_passing_fault_of_each_request_is_retried_and_leaves_no_upload(
    source: Source, tmp_path: Path, fault: Fault, matches: Matches
) -> None:
    source.place.proxy.fault = first_time(fault, matches)
    result = source.run()
    source.place.proxy.fault = lambda _request: None
    assert result["upload"]["retries"] > 3
    source.restored("full", tmp_path / "unpacked")
    assert source.place.open_uploads() == []


def test_a_connection_that_stalls_holds_the_tool_back_and_is_given_up(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def data_or_completing(request: Request) -> bool:
        completing = request.method == "POST" and "uploadId" in request.query
        return completing if "xbstream00000" in request.path else request.sends_data and "xbstream00001" in request.path

    monkeypatch.setenv("TESTS_READ_SECONDS", "2")
    source.place.proxy.fault = first_time(Wait(8), data_or_completing)
    # One sender: nothing is taken from the tool while its connection stalls.
    result = source.run(senders=1)
    assert result["upload"]["retries"] >= 2
    unpacked = source.restored("full", tmp_path / "unpacked")
    subprocess.run(["mariabackup", "--prepare", f"--target-dir={unpacked}"], check=True, capture_output=True)
    assert source.place.open_uploads() == []
    # A lock that the tool still held would make this wait.
    sql(source.server, "SET lock_wait_timeout=5; BACKUP STAGE START; BACKUP STAGE END")


@pytest.mark.parametrize(
    "at", ["data", pytest.param("completing", marks=pytest.mark.thorough("a stall in the middle of the stream"))]
)
def test_a_stall_of_s3_is_said_while_it_lasts(source: Source, tmp_path: Path, at: str) -> None:
    def matches(request: Request) -> bool:
        return request.sends_data if at == "data" else request.method == "POST" and "uploadId" in request.query

    go_on = threading.Event()
    source.place.proxy.fault = stalled(matches, go_on)
    file = tmp_path / "progress"
    process = source.start(senders=2, progress_file=str(file))
    try:
        said = source.place.wait_for_progress(process, file, r"S3 has taken nothing for 1\d s, [1-9]\d* retries")
    finally:
        go_on.set()
    # the stream's blocks are what the tool waits for, the objects what is made at the end
    assert said["phase"].startswith("making the objects") == (at == "completing")
    assert not source.place.finish(process).get("failed")
    source.restored("full", tmp_path / "unpacked")


def test_five_requests_of_a_hundred_fail_and_all_of_it_arrives(source: Source, tmp_path: Path) -> None:
    source.place.proxy.fault = sometimes()
    result = source.run(part_size=str(5 * MIB))
    source.place.proxy.fault = lambda _request: None
    assert result["upload"]["retries"] > 0
    source.restored("full", tmp_path / "unpacked")
    assert source.place.open_uploads() == []


def test_credentials_that_expire_in_mid_run_are_taken_anew(source: Source, tmp_path: Path) -> None:
    source.place.proxy.fault, credentials = renewed(tmp_path / "credentials" / "socket")
    source.run(**credentials)
    source.place.proxy.fault = lambda _request: None
    assert {request.headers["x-amz-security-token"] for request in sent(source)[-3:]} == {"t2"}
    source.restored("full", tmp_path / "unpacked")


def test_credentials_that_expire_for_good_end_the_tool_and_leave_what_the_next_run_removes(source: Source) -> None:
    source.place.proxy.fault = lambda _request: (
        Refuse(400, "ExpiredToken") if any(each.sends_data for each in source.place.proxy.requests) else None
    )
    failure = source.fail()
    assert failure["error_id"] == "aws.ExpiredToken"
    assert "may be left open" in failure["msg"]
    assert "The next run aborts them" in failure["msg"]
    source.place.proxy.fault = lambda _request: None
    assert source.place.keys("") == []
    assert source.run()["changed"] is True
    assert source.place.open_uploads() == []


def deny_uploads(request: Request) -> Fault:
    return Refuse(403, "AccessDenied") if request.method == "POST" and "uploads" in request.query else None


def test_a_bucket_that_takes_no_upload_is_told_before_the_tool_starts(source: Source) -> None:
    source.place.proxy.fault = deny_uploads
    failure = source.fail()
    assert failure["error_id"] == "aws.AccessDenied"
    assert "s3:PutObject" in failure["msg"]
    assert not any("log" in path.name and path.stat().st_size for path in source.work.iterdir())
    assert source.is_clean()


def test_an_earlier_chain_stays_and_is_vouched_for_where_a_new_one_fails_beforehand(
    source: Source, tmp_path: Path
) -> None:
    source.run()
    increment = {"type": "incremental", "name": "inc0001"}
    chain = source.run(**increment)["backup"]
    before = source.place.contents()
    source.place.proxy.fault = deny_uploads
    for options in ({}, {**increment, "base": "full"}):
        failure = source.fail(force=True, **options)
        assert (failure["error_id"], failure["details"]["untouched"]) == ("aws.AccessDenied", True)
    source.place.proxy.fault = lambda _request: None
    # What fails without a look at the bucket has not touched it either.
    assert source.fail(force=True, tags={"team": "shop & co"})["details"]["untouched"] is True
    assert source.place.contents() == before
    for options in ({}, increment):
        again = source.run(**options)
        assert (again["changed"], again["backup"]) == (False, chain)
    # The increment has made way, and none has come.
    broken = tool(tmp_path / "tool", "exit 1")
    assert source.fail(force=True, base="full", executable=broken, **increment)["details"]["untouched"] is False
    taken = source.run(force=True)
    assert [each["name"] for each in taken["backup"]["chain"]] == ["full"]
    assert len(source.place.keys(PREFIX)) == taken["upload"]["objects"]


def test_a_refusal_in_mid_stream_leaves_nothing(source: Source) -> None:
    source.place.proxy.fault = lambda request: (
        Refuse(403, "AccessDenied") if request.sends_data and "xbstream00002" in request.path else None
    )
    failure = source.fail()
    assert failure["error_id"] == "aws.AccessDenied"
    source.place.proxy.fault = lambda _request: None
    assert source.is_clean()
    assert source.run()["changed"] is True


def test_a_refusal_while_objects_are_made_leaves_nothing(source: Source) -> None:
    source.place.proxy.fault = lambda request: (
        Refuse(403, "AccessDenied")
        if "uploadId" in request.query and request.method == "POST" and "00002" in request.path
        else None
    )
    assert source.fail()["error_id"] == "aws.AccessDenied"
    source.place.proxy.fault = lambda _request: None
    assert source.is_clean()


def test_a_tool_that_fails_leaves_nothing(source: Source) -> None:
    failure = source.fail(login_password="wrong")
    assert failure["error_id"] == "source.access_denied"
    assert source.is_clean()


def tool(path: Path, script: str) -> str:
    """mariabackup, with a script's lines in place of a backup."""
    path.write_text(f'#!/bin/bash\nif [[ $* == *--version* ]]; then exec mariabackup "$@"; fi\n{script}\n')
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 1", "exit 0"])
def test_a_tool_that_ends_in_mid_stream_leaves_nothing(source: Source, tmp_path: Path, end: str) -> None:
    # Two parts and a half are on their way or there when it ends.
    script = f'exec 3>&1; mariabackup "$@" | head -c {2 * PART + PART // 2} >&3; {end}'
    failure = source.fail(executable=tool(tmp_path / "tool", script))
    assert failure["error_id"].startswith(("backup.", "source."))
    assert sent(source)
    assert source.is_clean()
    assert source.run()["changed"] is True


def test_a_disk_that_is_full_leaves_nothing(source: Source, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=True)
    try:
        # What others write fills the disk once the tool runs.
        script = f'head -c 5000000 /dev/zero > "{disk}/eaten" 2> /dev/null; exec -a mariabackup mariabackup "$@"'
        failure = source.fail(work_dir=str(disk / "work"), executable=tool(tmp_path / "tool", script))
        assert failure["error_id"] == "host.disk_full"
        assert source.is_clean()
        (disk / "eaten").unlink()
        assert source.run(work_dir=str(disk / "work"))["changed"] is True
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_ends_in_mid_stream_leaves_no_object_and_the_next_one_ends_well(
    source: Source, number: signal.Signals
) -> None:
    arrived = threading.Event()
    go_on = threading.Event()

    def hold(request: Request) -> Fault:
        if request.sends_data and "xbstream00001" in request.path:
            arrived.set()
            go_on.wait(LONG)
        return None

    source.place.proxy.fault = hold
    process = source.start(senders=1)
    assert arrived.wait(LONG)
    process.send_signal(number)
    if number == signal.SIGKILL:
        process.wait(LONG)
        go_on.set()
        process.communicate()
        assert source.place.keys("") == []
    else:
        go_on.set()
        assert source.place.finish(process)["failed"] is True
        assert source.is_clean()
    source.place.proxy.fault = lambda _request: None
    assert source.run()["upload"]["objects"] >= 4
    assert source.place.open_uploads() == []


def test_a_run_that_is_killed_while_objects_are_made_is_not_taken_for_a_backup(source: Source) -> None:
    arrived = threading.Event()
    go_on = threading.Event()

    def hold(request: Request) -> Fault:
        if request.method == "POST" and "uploadId" in request.query and "xbstream00001" in request.path:
            arrived.set()
            go_on.wait(LONG)
        return None

    source.place.proxy.fault = hold
    process = source.start(senders=1)
    assert arrived.wait(LONG)
    process.kill()
    process.wait(LONG)
    go_on.set()
    process.communicate()
    assert PREFIX + "full/backup.xbstream00000" in source.place.keys("")
    source.place.proxy.fault = lambda _request: None
    result = source.run()
    assert result["changed"] is True
    assert len(source.place.keys("")) == result["upload"]["objects"]


def test_a_run_that_is_killed_while_an_earlier_backup_makes_way_is_gone_on_with(source: Source) -> None:
    source.run()
    source.run(type="incremental", name="inc0001")
    arrived = threading.Event()
    go_on = threading.Event()

    def hold(request: Request) -> Fault:
        if "delete" in request.query:
            arrived.set()
            go_on.wait(LONG)
        return None

    source.place.proxy.fault = hold
    process = source.start(force=True)
    assert arrived.wait(LONG)
    process.kill()
    process.wait(LONG)
    go_on.set()
    process.communicate()
    source.place.proxy.fault = lambda _request: None
    result = source.run()
    assert result["changed"] is True
    assert [each["name"] for each in result["backup"]["chain"]] == ["full"]
    assert len(source.place.keys("")) == result["upload"]["objects"]
    assert source.run()["changed"] is False


def test_a_chain_whose_objects_are_gone_is_not_taken_for_one_that_is_there(source: Source, tmp_path: Path) -> None:
    source.run()
    record = source.run(type="incremental", name="inc0001")["backup"]
    broken = tool(tmp_path / "tool", "exit 1")
    source.fail(type="incremental", name="inc0001", base="full", force=True, record=record, executable=broken)
    for name in ("inc0001", "inc0002"):
        failure = source.fail(type="incremental", name=name, record=record)
        assert failure["error_id"] == "chain.gone"
        assert "inc0001: 0 objects with 0 bytes instead of" in failure["msg"]
    again = source.run(type="incremental", name="inc0001", base="full", force=True, record=record)
    assert [each["name"] for each in again["backup"]["chain"]] == ["full", "inc0001"]
    source.place.s3.delete_object(Bucket=BUCKET, Key=PREFIX + "full/backup.xbstream00001")
    failure = source.fail(type="incremental", name="inc0002", record=again["backup"])
    assert failure["error_id"] == "chain.gone"
    assert "full: " in failure["msg"]


def test_an_increment_is_known_by_the_record_where_the_host_has_lost_its_own(source: Source) -> None:
    source.run()
    increment = {"type": "incremental", "name": "inc0001"}
    first = source.run(**increment)
    shutil.rmtree(source.work)
    assert source.fail(**increment)["error_id"] == "backup.target_exists"
    again = source.run(record=first["backup"], **increment)
    assert (again["changed"], again["backup"]) == (False, first["backup"])
    members = ("objects", "bytes", "fingerprint")
    assert [again["upload"][name] for name in members] == [first["upload"][name] for name in members]


def test_what_nobody_vouches_for_makes_way_by_purge_alone(source: Source) -> None:
    source.run()
    shutil.rmtree(source.work)
    source.place.put(PREFIX + "old/x")
    before = source.place.contents()
    for force in (False, True):
        failure = source.fail(force=force)
        assert failure["error_id"] == "backup.target_exists"
        assert f"s3://{BUCKET}/{PREFIX}full/ exists" in failure["msg"]
        assert "purge" in failure["remedy"]
    source.place.proxy.fault = deny_uploads
    assert source.fail(purge=True)["error_id"] == "aws.AccessDenied"
    source.place.proxy.fault = lambda _request: None
    assert source.place.contents() == before
    source.place.put("shop/backup2/neighbour")
    told = source.run(purge=True, _ansible_check_mode=True)
    assert source.place.contents() == before
    taken = source.run(purge=True)
    assert (taken["changed"], len(source.place.keys(PREFIX))) == (True, taken["upload"]["objects"])
    assert (
        told["diff"]
        == taken["diff"]
        == {
            "before": f"{len(before)} objects in s3://{BUCKET}/{PREFIX} that are of no known backup\n",
            "after": f"full backup in s3://{BUCKET}/{PREFIX}full/\n",
        }
    )
    assert source.run(purge=True)["changed"] is False
    source.place.put(PREFIX + "inc0001/x")
    increment = {"type": "incremental", "name": "inc0001"}
    assert source.fail(**increment)["error_id"] == "backup.target_exists"
    told = source.run(purge=True, _ansible_check_mode=True, **increment)
    added = source.run(purge=True, **increment)
    assert len(source.place.keys(PREFIX)) == added["backup"]["files"]
    assert (
        told["diff"]
        == added["diff"]
        == {
            "before": f"1 object in s3://{BUCKET}/{PREFIX}inc0001/ that is of no known backup\n",
            "after": f"incremental backup in s3://{BUCKET}/{PREFIX}inc0001/\n",
        }
    )
    source.place.put(PREFIX + "old/x")
    told = source.run(purge=True, force=True, _ansible_check_mode=True)
    anew = source.run(purge=True, force=True)
    assert told["diff"] == anew["diff"]
    assert [line.split(",")[0] for line in anew["diff"]["before"].splitlines()] == [
        f"full backup in s3://{BUCKET}/{PREFIX}full/",
        f"incremental backup in s3://{BUCKET}/{PREFIX}inc0001/",
        f"1 object in s3://{BUCKET}/{PREFIX} that is of no known backup",
    ]
    assert source.place.keys("shop/backup2/") == ["shop/backup2/neighbour"]


def test_other_objects_under_the_prefix_of_a_full_backup_are_refused(source: Source) -> None:
    source.place.put(PREFIX + "old/x")
    failure = source.fail()
    assert failure["error_id"] == "objectstore.strangers"
    assert source.place.keys("") == [PREFIX + "old/x"]


def test_strangers_are_refused_before_an_earlier_backup_makes_way(source: Source) -> None:
    source.run()
    source.place.put(PREFIX + "old/x")
    before = source.place.contents()
    assert source.fail(force=True)["error_id"] == "objectstore.strangers"
    assert source.fail(force=True, _ansible_check_mode=True)["error_id"] == "objectstore.strangers"
    assert source.place.contents() == before
    source.place.s3.delete_object(Bucket=BUCKET, Key=PREFIX + "old/x")
    assert source.run()["changed"] is False


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"type": "incremental"}, "an increment needs one"),
        ({"senders": 9}, "give 1 to 8"),
        ({"part_size": "6TB"}, "A part cannot have"),
        ({"part_size": "1TB"}, "[objectstore.block_too_large]"),
        ({"part_size": "5TB", "block_memory_mib": 953}, "let block_memory_mib be 954"),
        ({"block_memory_mib": 31}, "give 32 at least"),
    ],
)
def test_options_that_make_no_sense_are_refused(source: Source, options: dict[str, Any], words: str) -> None:
    assert words in source.fail(**options)["msg"]
    assert not source.work.exists()
