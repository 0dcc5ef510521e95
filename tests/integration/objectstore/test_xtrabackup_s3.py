# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``xtrabackup_s3`` with a real server and mariabackup, which stands where XtraBackup stands in production."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.servers import ROOT_PASSWORD, DatabaseServer, mariadb_server

from .conftest import BUCKET, MIB, PREFIX, Place
from .faults import CORRUPT, LOSE_ANSWER, RESET, Fault, Refuse, Request

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


def test_the_stream_arrives_in_named_parts_and_is_a_backup(source: Source, tmp_path: Path) -> None:
    result = source.run()
    upload = result["upload"]
    assert result["changed"] is True
    assert upload["objects"] >= 4
    names = [f"full/backup.xbstream{number:05d}" for number in range(upload["objects"])]
    sizes = {key[len(PREFIX) :]: size_of(source, key) for key in source.place.keys(PREFIX)}
    assert sorted(sizes) == names
    assert [sizes[name] for name in names[:-1]] == [PART] * (len(names) - 1)
    assert sum(sizes.values()) == upload["bytes"] == result["backup"]["bytes"]
    assert (result["backup"]["staged"], result["backup"]["directory"]) == (False, "")
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
    assert {request.method for request in source.place.proxy.requests} <= {"GET", "HEAD"}


@pytest.mark.parametrize(
    "fault",
    [Refuse(503, "SlowDown"), RESET, LOSE_ANSWER, CORRUPT],
    ids=["slow-down", "reset", "lost-answer", "corrupt"],
)
def test_a_block_that_fails_is_sent_again_from_memory(source: Source, tmp_path: Path, fault: Fault) -> None:
    seen: set[str] = set()

    def once(request: Request) -> Fault:
        what = f"{request.method} {request.path} {request.query.get('partNumber')}"
        if not request.sends_data or what in seen:
            return None
        seen.add(what)
        return fault

    source.place.proxy.fault = once
    result = source.run()
    source.place.proxy.fault = lambda _request: None
    assert result["upload"]["retries"] >= len(seen) > 3
    source.restored("full", tmp_path / "unpacked")
    assert source.place.open_uploads() == []


def test_a_bucket_that_takes_no_upload_is_told_before_the_tool_starts(source: Source) -> None:
    source.place.proxy.fault = lambda request: Refuse(403, "AccessDenied") if request.method == "POST" else None
    failure = source.fail()
    assert failure["error_id"] == "aws.AccessDenied"
    assert "s3:PutObject" in failure["msg"]
    assert not any("log" in path.name and path.stat().st_size for path in source.work.iterdir())
    assert source.is_clean()


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


def test_other_objects_under_the_prefix_of_a_full_backup_are_refused(source: Source) -> None:
    source.place.put(PREFIX + "old/x")
    failure = source.fail()
    assert failure["error_id"] == "objectstore.strangers"
    assert source.place.keys("") == [PREFIX + "old/x"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"type": "incremental"}, "an increment needs one"),
        ({"senders": 9}, "give 1 to 8"),
        ({"part_size": "6TB"}, "A part cannot have"),
    ],
)
def test_options_that_make_no_sense_are_refused(source: Source, options: dict[str, Any], words: str) -> None:
    assert words in source.fail(**options)["msg"]
