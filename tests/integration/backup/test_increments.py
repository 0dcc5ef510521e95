# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains of increments, as directories and as streams, of a real MariaDB with the real mariabackup."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.argv import BackupOptions
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.option_file import Login
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.request import BackupRequest
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.runner import take_backup
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.staging import Staging
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.store import DirectoryStore
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import Stop

from .conftest import BACKUP_PASSWORD, BACKUP_USER, Site, finish_module, run_module, sql
from .test_full_backup import SLOWEST, tools_running, wait_for

Start = Callable[..., "subprocess.Popen[str]"]


def change_something(site: Site) -> None:
    """New rows, and a checkpoint after them, so that the increment has pages."""
    sql(
        site.server,
        "CREATE DATABASE IF NOT EXISTS grows; CREATE TABLE IF NOT EXISTS grows.rows (n INT) ENGINE=InnoDB;"
        "INSERT INTO grows.rows VALUES (1); SET GLOBAL innodb_log_checkpoint_now = 1;",
    )


def increment(site: Site, name: str, **changes: Any) -> dict[str, Any]:
    return run_module(site.arguments(target_dir=str(site.target.parent / name), type="incremental", **changes))


def succeeded(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("failed"), result["msg"]
    backup: dict[str, Any] = result["backup"]
    return backup


def unpack(site: Site, name: str, where: Path) -> Path:
    """The backup as a directory that can be prepared: a copy of the tree, or what mbstream makes of the parts."""
    source, into = site.target.parent / name, where / name
    if not list(source.glob("backup.xbstream*")):
        shutil.copytree(source, into)
        return into
    into.mkdir(parents=True)
    joined = b"".join(part.read_bytes() for part in sorted(source.iterdir()))
    subprocess.run(["mbstream", "-x", "-C", str(into)], input=joined, check=True)
    return into


def test_an_increment_of_another_server_is_refused_before_the_tool_starts(site: Site) -> None:
    # Where MySQL keeps its UUID; MariaDB has none, and leaves such a file alone.
    identity = site.server.datadir / "auto.cnf"
    identity.write_text("[auto]\nserver-uuid=11111111-0000-11e1-9e33-c80aa9429562\n")
    try:
        full = succeeded(run_module(site.arguments()))
        assert full["chain"][0]["server_uuid"] == "11111111-0000-11e1-9e33-c80aa9429562"
        change_something(site)
        identity.write_text("[auto]\nserver-uuid=22222222-0000-11e1-9e33-c80aa9429562\n")
        failure = increment(site, "inc0001", record=full)
        assert failure["error_id"] == "chain.other_server"
        assert "22222222-0000-11e1-9e33-c80aa9429562" in failure["msg"]
        assert not (site.target.parent / "inc0001").exists()
        identity.write_text("[auto]\nserver-uuid=11111111-0000-11e1-9e33-c80aa9429562\n")
        assert [each["name"] for each in succeeded(increment(site, "inc0001", record=full))["chain"]] == [
            "full",
            "inc0001",
        ]
    finally:
        identity.unlink()


@pytest.mark.parametrize("form", ["directory", "xbstream"])
def test_a_chain_that_can_be_prepared(site: Site, tmp_path: Path, form: str) -> None:
    succeeded(run_module(site.arguments(format=form, part_size="5MiB")))
    names = ["inc0001", "inc0002"]
    for name in names:
        change_something(site)
        result = increment(site, name, part_size="5MiB")
        backup = succeeded(result)
        assert result["changed"] is True
    chain = backup["chain"]
    assert [entry["name"] for entry in chain] == ["full", *names]
    assert [entry["type"] for entry in chain] == ["full", "incremental", "incremental"]
    assert all(later["from_lsn"] == earlier["to_lsn"] for earlier, later in zip(chain, chain[1:]))
    assert chain[2]["to_lsn"] > chain[0]["to_lsn"]
    assert backup["format"] == form
    assert backup["backup_id"] == chain[-1]["backup_id"]
    assert backup["binlog"] == chain[-1]["binlog"]
    found = [path for path in site.target.parent.rglob("*") if path.is_file()]
    assert backup["files"] == len(found)
    assert backup["bytes"] == sum(path.stat().st_size for path in found)

    full = unpack(site, "full", tmp_path)
    subprocess.run(["mariabackup", "--prepare", f"--target-dir={full}"], check=True, capture_output=True)
    for name in names:
        subprocess.run(
            [
                *("mariabackup", "--prepare", f"--target-dir={full}"),
                f"--incremental-dir={unpack(site, name, tmp_path)}",
            ],
            check=True,
            capture_output=True,
        )
    assert (full / "grows" / "rows.ibd").stat().st_size > 0


def test_streams_are_parts_of_one_size_and_nothing_else(site: Site) -> None:
    backup = succeeded(run_module(site.arguments(format="xbstream", part_size="5MiB")))
    parts = sorted(site.target.iterdir())
    assert [part.name for part in parts] == [f"backup.xbstream{number:05d}" for number in range(len(parts))]
    assert len(parts) > 5
    assert {part.stat().st_size for part in parts[:-1]} == {5 * 1024 * 1024}
    assert (backup["format"], backup["format_reason"]) == ("xbstream", "")
    assert {entry.name for entry in (site.work / "full.lsn").iterdir()} == {"xtrabackup_checkpoints", "xtrabackup_info"}
    again = run_module(site.arguments(format="xbstream", part_size="5MiB"))
    assert (again["changed"], again["backup"]) == (False, backup)
    parts[1].unlink()
    assert run_module(site.arguments())["error_id"] == "backup.target_exists"


def test_an_increment_is_taken_once_for_each_name(site: Site) -> None:
    full = succeeded(run_module(site.arguments()))
    first = increment(site, "inc0001")
    again = increment(site, "inc0001")
    assert (first["changed"], again["changed"]) == (True, False)
    # What it has read, which is about all there is, and not the little that it has written.
    assert first["backup"]["progress"][-1]["done"] > 0.5 * full["bytes"] > first["backup"]["chain"][1]["bytes"]
    assert first["backup"] == again["backup"]
    # The full backup is found with what follows from it.
    assert run_module(site.arguments())["backup"] == first["backup"]
    assert full["chain"][0] == first["backup"]["chain"][0]


def test_what_would_break_the_chain_is_refused_unless_forced(site: Site) -> None:
    full = succeeded(run_module(site.arguments()))["chain"][0]
    gone = succeeded(increment(site, "inc0001"))["chain"][1]
    fork = increment(site, "other", base="full")
    assert fork["error_id"] == "chain.followed"
    assert "inc0001" in fork["msg"]
    assert (site.target.parent / "inc0001").exists()
    arguments = {"type": "incremental", "base": "full", "force": True, "target_dir": str(site.target.parent / "other")}
    told = run_module(site.arguments(**arguments), check_mode=True)
    assert (site.target.parent / "inc0001").exists()
    done = run_module(site.arguments(**arguments))
    assert (
        told["diff"]
        == done["diff"]
        == {
            "before": f"incremental backup in {site.target.parent}/inc0001, taken by {gone['end_time']}\n",
            "after": f"incremental backup in {site.target.parent}/other\n",
        }
    )
    forced = succeeded(done)
    assert [entry["name"] for entry in forced["chain"]] == ["full", "other"]
    assert not (site.target.parent / "inc0001").exists()
    assert not (site.work / "inc0001.lsn").exists()
    told = run_module(site.arguments(force=True), check_mode=True)
    anew = run_module(site.arguments(force=True))
    assert told["changed"] is anew["changed"] is True
    assert (
        told["diff"]
        == anew["diff"]
        == {
            "before": f"full backup in {site.target}, taken by {full['end_time']}\n"
            f"incremental backup in {site.target.parent}/other, taken by {forced['chain'][1]['end_time']}\n",
            "after": f"full backup in {site.target}\n",
        }
    )
    assert [entry["name"] for entry in anew["backup"]["chain"]] == ["full"]
    assert [path.name for path in site.target.parent.iterdir()] == ["full"]


def test_what_a_killed_run_left_of_a_backup_that_made_way_is_removed(site: Site) -> None:
    succeeded(run_module(site.arguments()))
    succeeded(increment(site, "inc0001"))
    # As such a run leaves it: both have lost their names, and one has lost its files.
    store = DirectoryStore(str(site.target.parent), 10**7)
    for name in ("inc0001", "full"):
        staging = Staging(name, str(site.work))
        staging.begin()
        store.withdraw(name, staging.data_dir)
    (site.work / "full.partial" / "data" / "ibdata1").unlink()
    backup = succeeded(run_module(site.arguments()))
    assert [entry["name"] for entry in backup["chain"]] == ["full"]
    assert not list(site.work.glob("*.partial"))


def test_an_increment_with_more_files_than_aurora_reads_is_refused_before_the_tool_starts(site: Site) -> None:
    full = succeeded(run_module(site.arguments()))
    request = BackupRequest(
        name="inc0001",
        work_dir=str(site.work),
        datadir=str(site.server.datadir),
        login=Login(site.server.host, site.server.port, BACKUP_USER, BACKUP_PASSWORD),
        options=BackupOptions(parallel=1),
        incremental=True,
        executable="mariabackup",
        allow_mariadb=True,
        most_files=full["files"] + 10,
    )
    store = DirectoryStore(str(site.target.parent), 10**7)
    with pytest.raises(DbferryError, match=r"format\.too_many_files"):
        take_backup(request, store, ProgressFile(None), Stop())
    assert not (site.work / "inc0001.log").exists()


def test_nothing_to_go_on_from(site: Site) -> None:
    assert increment(site, "inc0001")["error_id"] == "chain.base_missing"
    succeeded(run_module(site.arguments()))
    assert "the chain is: full" in increment(site, "inc0001", base="nonsense")["msg"]


def test_check_mode_of_an_increment(site: Site) -> None:
    succeeded(run_module(site.arguments()))
    arguments = site.arguments(target_dir=str(site.target.parent / "inc0001"), type="incremental")
    before = sorted(path.name for path in site.work.iterdir())
    assert run_module(arguments, check_mode=True)["changed"] is True
    assert sorted(path.name for path in site.work.iterdir()) == before
    assert run_module({**arguments, "base": "nonsense"}, check_mode=True)["error_id"] == "chain.base_missing"
    assert run_module({**arguments, "format": "xbstream"}, check_mode=True)["error_id"] == "chain.mixed_formats"


def test_an_increment_goes_on_from_the_record_when_the_host_has_lost_everything(site: Site) -> None:
    record = succeeded(run_module(site.arguments(format="xbstream", part_size="5MiB")))
    shutil.rmtree(site.staging)
    change_something(site)
    backup = succeeded(increment(site, "inc0001", record=record))
    assert [entry["name"] for entry in backup["chain"]] == ["full", "inc0001"]
    assert backup["chain"][0] == record["chain"][0]
    assert backup["chain"][1]["from_lsn"] == record["chain"][0]["to_lsn"]
    assert backup["format"] == "xbstream"
    # Noted, and emptied again: there is nothing to do.
    shutil.rmtree(site.staging)
    again = increment(site, "inc0001", record=backup)
    assert (again["changed"], again["backup"]) == (False, backup)


def test_a_record_of_another_chain_than_the_hosts(site: Site) -> None:
    record = succeeded(run_module(site.arguments()))
    succeeded(run_module(site.arguments(force=True)))
    assert increment(site, "inc0001", record=record)["error_id"] == "chain.record_differs"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_increment_is_never_a_base(site: Site, started: Start, number: signal.Signals) -> None:
    record = succeeded(run_module(site.arguments(format="xbstream", part_size="5MiB")))
    change_something(site)
    target = site.target.parent / "inc0001"
    process = started(site.arguments(target_dir=str(target), type="incremental", part_size="5MiB", **SLOWEST))
    wait_for(lambda: (site.work / "inc0001.partial" / "data").exists() and tools_running(site), "the increment")
    process.send_signal(number)
    if number == signal.SIGTERM:
        assert finish_module(process)["error_id"] == "backup.interrupted"
        assert not (site.work / "inc0001.partial").exists()
    else:
        process.wait()
    wait_for(lambda: not tools_running(site), "the end of the tool")
    assert not target.exists()
    assert not (site.work / "inc0001.lsn").exists()
    after = succeeded(increment(site, "inc0002", part_size="5MiB"))
    assert [entry["name"] for entry in after["chain"]] == ["full", "inc0002"]
    assert after["chain"][1]["from_lsn"] == record["chain"][0]["to_lsn"]
