# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data directory, staging directory and finished backup, on a real file system."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.datadir import (
    Room,
    check_room,
    existing_parent,
    look_at_disk,
    measure_backup,
    measure_tree,
    server_uuid,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.finished import secret_recorded
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.staging import Staging, sync_tree
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.store import DirectoryStore
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import Stop

SILENT = ProgressFile(None)


@pytest.fixture
def datadir(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    for name, size in {
        "ibdata1": 1000,
        "undo_001": 100,
        "shop/orders.ibd": 10,
        "shop/binlog.000001": 1,
        "binlog.000001": 5000,
        "relay-bin.1000000": 5000,
        "binlog.index": 5000,
        "ib_logfile0": 5000,
        "#innodb_redo/#ib_redo5": 5000,
        "#innodb_temp/temp_1.ibt": 5000,
        "ibtmp1": 5000,
        "db1.err": 5000,
    }.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    return directory


def test_logs_do_not_count_and_tables_do(datadir: Path) -> None:
    assert measure_backup(str(datadir)) == (4, 1111, 1000, 3)


def test_a_directory_without_a_server(tmp_path: Path) -> None:
    with pytest.raises(DbferryError, match=r"host\.datadir_missing"):
        measure_backup(str(tmp_path))


def test_the_servers_uuid(tmp_path: Path) -> None:
    assert server_uuid(str(tmp_path)) == ""
    (tmp_path / "auto.cnf").write_text("[auto]\nserver-uuid=0d586fde-7c73-11e8-a890-525400486aa0\n")
    assert server_uuid(str(tmp_path)) == "0d586fde-7c73-11e8-a890-525400486aa0"


def test_room(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    room = look_at_disk(str(tmp_path), 100)
    assert (room.total, room.reserve) == (disk.f_blocks * disk.f_frsize,) * 2
    assert room.usable == 0
    room = Room("/backup", total=100, free=50, reserve=20)
    assert room.usable == 30
    check_room(room, 30)
    with pytest.raises(DbferryError, match=r"host\.disk_too_small") as caught:
        check_room(room, 31)
    assert caught.value.details == {"needed_bytes": 31, "free_bytes": 50, "total_bytes": 100, "reserve_bytes": 20}


def test_the_nearest_directory_that_exists(tmp_path: Path) -> None:
    assert existing_parent(str(tmp_path / "a" / "b")) == str(tmp_path)


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging("full", str(tmp_path))


def test_a_backup_gets_its_name_at_the_end(staging: Staging, tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path / "root"), 10**7)
    store.prepare(str(tmp_path))
    staging.begin()
    (Path(staging.data_dir) / "shop").mkdir(parents=True)
    (Path(staging.data_dir) / "shop" / "a").write_bytes(b"12345")
    assert staging.leftover_bytes() == 5
    assert sync_tree(staging.data_dir, SILENT, Stop()) == (1, 5)
    assert not store.occupied("full")
    store.publish("full", staging.data_dir)
    staging.remove_unfinished()
    assert store.occupied("full")
    assert measure_tree(str(tmp_path / "root" / "full")) == (1, 5)
    assert not Path(staging.partial_dir).exists()


def test_a_backup_that_makes_way_is_unfinished_again_in_one_step(staging: Staging, tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path / "root"), 10**7)
    store.prepare(str(tmp_path))
    (tmp_path / "root" / "full").mkdir()
    (tmp_path / "root" / "full" / "a").write_bytes(b"12345")
    (tmp_path / "theirs.partial").mkdir()
    (tmp_path / "theirs.partial" / "file").write_text("kept")
    staging.begin()
    store.withdraw("full", staging.data_dir)
    assert not store.occupied("full")
    other = staging.beside("inc0001")
    assert other.leftover_bytes() == 5
    # Whatever the next run takes, it removes the rest.
    other.remove_leftovers()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root", "theirs.partial"]
    assert (tmp_path / "theirs.partial" / "file").read_text() == "kept"


def test_the_lsn_directory_is_kept_and_replaced(staging: Staging) -> None:
    for text in ("first", "second"):
        staging.begin()
        (Path(staging.lsn_dir) / "xtrabackup_checkpoints").write_text(text)
        staging.keep_lsn_dir()
        staging.remove_unfinished()
        assert (Path(staging.kept_lsn_dir) / "xtrabackup_checkpoints").read_text() == text
    staging.write_page({"entry": {}})
    staging.forget()
    assert not Path(staging.kept_lsn_dir).exists()
    assert staging.read_pages() == {}
    staging.forget()


def test_all_pages_of_a_chain(staging: Staging, tmp_path: Path) -> None:
    assert Staging("full", str(tmp_path / "nowhere")).read_pages() == {}
    staging.write_page({"number": 1})
    staging.beside("inc0001").write_page({"number": 2})
    (tmp_path / "inc0002.json").write_text("{half")
    assert staging.read_pages() == {"full": {"number": 1}, "inc0001": {"number": 2}}


@pytest.mark.parametrize("stage", ["directory", "marker", "data"])
def test_what_a_dead_run_left_at_any_moment_is_removed(staging: Staging, stage: str) -> None:
    if stage == "directory":
        os.mkdir(staging.partial_dir)
    else:
        staging.begin()
    if stage == "data":
        os.mkdir(staging.data_dir)
    staging.remove_unfinished()
    assert not os.path.lexists(staging.partial_dir)
    staging.remove_unfinished()


def test_what_is_not_ours_stays(staging: Staging, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("kept")
    os.symlink(tmp_path / "elsewhere", staging.partial_dir)
    with pytest.raises(DbferryError, match=r"backup\.partial_not_ours"):
        staging.remove_unfinished()
    assert (tmp_path / "elsewhere" / "file").read_text() == "kept"


def test_the_page_is_private_and_survives_nonsense(staging: Staging, tmp_path: Path) -> None:
    assert staging.read_page() is None
    staging.write_page({"backup": {"backup_id": "x"}})
    assert staging.read_page() == {"backup": {"backup_id": "x"}}
    page = tmp_path / "full.json"
    assert page.stat().st_mode & 0o777 == 0o600
    page.write_text("{half")
    assert staging.read_page() is None
    page.write_text(json.dumps(["a list"]))
    assert staging.read_page() is None


def test_the_log_does_not_follow_a_link(staging: Staging, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("kept")
    os.symlink(tmp_path / "victim", staging.log_file)
    with pytest.raises(OSError, match="symbolic links"), staging.open_log():
        raise AssertionError("the link was followed")
    assert (tmp_path / "victim").read_text() == "kept"


def test_a_second_lock_waits_no_longer_than_told(staging: Staging) -> None:
    with staging.lock(0, SILENT, Stop()):
        with pytest.raises(DbferryError, match=r"backup\.running"), staging.lock(0, SILENT, Stop()):
            raise AssertionError("two held the lock")
    with staging.lock(0, SILENT, Stop()):
        pass


def test_waiting_ends_with_a_signal(staging: Staging) -> None:
    stop = Stop()
    stop.request(15)
    with staging.lock(0, SILENT, Stop()):
        with pytest.raises(DbferryError, match=r"backup\.interrupted.*SIGTERM"), staging.lock(60, SILENT, stop):
            raise AssertionError("two held the lock")


@pytest.mark.parametrize(
    ("recorded", "secret", "leaks"),
    [
        ("--defaults-file=/dev/fd/5 --backup --target-dir=/b", "s3cret", False),
        ("--defaults-file=/dev/fd/5 --backup --target-dir=/b", "b", False),
        ("--defaults-file=/dev/fd/5 --password=s3cret --backup --target-dir=/b", "s3cret", True),
        ("--defaults-file=/dev/fd/5 --password=... --backup --target-dir=/b", "s3cret", False),
        ("--backup -pb --target-dir=/b", "b", True),
        ("anything", "", False),
    ],
)
def test_a_recorded_secret_is_told_from_our_own_words(recorded: str, secret: str, leaks: bool) -> None:
    argv = ["/usr/bin/xtrabackup", "--defaults-file=/dev/fd/5", "--backup", "--target-dir=/b"]
    assert secret_recorded(recorded, argv, secret) is leaks


@given(st.text(min_size=1).filter(lambda secret: secret.strip() == secret and "--backup" not in secret))
def test_a_secret_put_into_the_command_is_always_found(secret: str) -> None:
    argv = ["/usr/bin/xtrabackup", "--backup"]
    assert secret_recorded(f"--password={secret}", argv, secret)
