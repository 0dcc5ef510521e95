# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups that somebody else has taken, in any layout: real ones of mariabackup, as a cron job would leave them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ..servers import ROOT_PASSWORD, DatabaseServer, mariadb_server
from .conftest import run_module, sql
from .test_full_backup import BUILD

INFO = "ansible_collections.dbferry.aurora_mysql.plugins.modules.xtrabackup_info"


def look(directory: Path, **options: Any) -> dict[str, Any]:
    return run_module({"directory": str(directory), **options}, module=INFO)


class Taken(NamedTuple):
    """A full backup and two increments, as trees and as streams of the same moments."""

    trees: Path
    streams: Path
    server: DatabaseServer


NAMES = ("2026-01-01_00-00-00", "later/2026-01-02_00-00-00/inc", "later/2026-01-03_00-00-00/inc")


def take(server: DatabaseServer, target: Path, base: Path | None, *more: str, output: Path | None = None) -> None:
    argv = ["mariabackup", "--no-defaults", "--backup", f"--datadir={server.datadir}", f"--socket={server.socket}"]
    argv += ["--user=root", f"--password={ROOT_PASSWORD}", f"--target-dir={target}", *more]
    argv += [f"--incremental-basedir={base}"] if base else []
    with open(output or "/dev/null", "wb") as stream:
        subprocess.run(argv, check=True, stdout=stream, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    home = tmp_path_factory.mktemp("taken")
    with mariadb_server(home) as server:
        made = Taken(home / "trees", home / "streams", server)
        base: dict[str, Path | None] = {"trees": None, "streams": None}
        for number, name in enumerate(NAMES):
            sql(
                server,
                f"CREATE DATABASE db{number}; CREATE TABLE db{number}.t (n INT) ENGINE=InnoDB;"
                f"INSERT INTO db{number}.t VALUES (1); SET GLOBAL innodb_log_checkpoint_now = 1;",
            )
            tree, folder, lsn = made.trees / name, made.streams / name, home / "lsn" / str(number)
            for path in (tree.parent, folder, lsn, home / "scratch"):
                path.mkdir(parents=True, exist_ok=True)
            take(server, tree, base["trees"])
            whole = home / "whole"
            options = ("--stream=xbstream", f"--extra-lsndir={lsn}")
            take(server, home / "scratch", base["streams"], *options, output=whole)
            # As AWS' guide has it; two digits are enough here.
            subprocess.run(["split", "-d", "--bytes=5MB", whole, f"{folder}/nightly.xbstream"], check=True)
            base = {"trees": tree, "streams": lsn}
        yield made


@pytest.fixture
def trees(taken: Taken, tmp_path: Path) -> Path:
    return Path(shutil.copytree(taken.trees, tmp_path / "trees"))


@pytest.fixture
def streams(taken: Taken, tmp_path: Path) -> Path:
    return Path(shutil.copytree(taken.streams, tmp_path / "streams"))


@pytest.mark.parametrize("kind", ["trees", "streams"])
def test_a_chain_is_found_and_put_in_order(taken: Taken, kind: str) -> None:
    directory: Path = getattr(taken, kind)
    result = look(directory)
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is False
    backup = result["backup"]
    assert [entry["name"] for entry in backup["chain"]] == list(NAMES)
    assert [entry["type"] for entry in backup["chain"]] == ["full", "incremental", "incremental"]
    assert all(later["from_lsn"] == earlier["to_lsn"] for earlier, later in zip(backup["chain"], backup["chain"][1:]))
    assert backup["format"] == {"trees": "directory", "streams": "xbstream"}[kind]
    assert backup["binlog"]["file"].startswith("binlog.")
    assert backup["tool"]["name"] == "mariabackup"
    assert all(entry["end_time"].endswith("Z") for entry in backup["chain"])
    found = [path for path in directory.rglob("*") if path.is_file()]
    assert (backup["files"], backup["bytes"]) == (len(found), sum(path.stat().st_size for path in found))
    assert result["others"] == {"files": 0, "bytes": 0, "names": []}
    assert not result.get("warnings")
    assert result["tarballs"] is False


@pytest.mark.parametrize("kind", ["trees", "streams"])
def test_on_the_oldest_python_that_a_database_host_has(taken: Taken, kind: str) -> None:
    python = BUILD / "venvs" / "host" / "bin" / "python"
    if not python.exists():
        pytest.skip("there is no Python 3.6 on this machine")
    # ansible-core 2.16 is the newest whose modules run on Python 3.6.
    libraries = [str(path) for path in (BUILD / "venvs" / "oldest" / "lib").glob("python*/site-packages")]
    arguments = {"directory": str(getattr(taken, kind))}
    old = run_module(arguments, module=INFO, python=str(python), path=libraries)
    assert old["backup"] == look(getattr(taken, kind))["backup"]


@pytest.mark.parametrize("form", ["tar", "tar.gz"])
def test_a_full_backup_in_tar(taken: Taken, tmp_path: Path, form: str) -> None:
    (tmp_path / "backups").mkdir()
    whole = tmp_path / f"whole.{form}"
    subprocess.run(["tar", "-C", taken.trees / NAMES[0], "-caf", whole, "."], check=True)
    subprocess.run(["split", "-d", "--bytes=300K", whole, f"{tmp_path}/backups/backup.{form}"], check=True)
    assert len(list((tmp_path / "backups").iterdir())) > 1
    result = look(tmp_path / "backups")
    assert not result.get("failed"), result["msg"]
    [entry] = result["backup"]["chain"]
    assert entry["name"] == "."
    assert entry["backup_id"] == look(taken.trees / NAMES[0])["backup"]["backup_id"]
    # The last part carries the end of the archive, so that its loss is noticed only where gzip says so.
    if form == "tar.gz":
        sorted((tmp_path / "backups").iterdir())[-1].unlink()
        assert look(tmp_path / "backups")["error_id"] == "chain.incomplete"


def test_too_many_files_become_tarballs(taken: Taken) -> None:
    files = look(taken.trees)["backup"]["files"]
    assert look(taken.trees, most_files=files)["tarballs"] is False
    over = look(taken.trees, most_files=files - 1)
    assert over["tarballs"] is True
    assert str(files) in over["tarballs_reason"]


def test_a_missing_increment(trees: Path) -> None:
    shutil.rmtree(trees / NAMES[1])
    result = look(trees)
    assert result["error_id"] == "chain.gap"
    assert NAMES[2] in result["msg"]


def test_a_prepared_one(trees: Path) -> None:
    subprocess.run(["mariabackup", "--prepare", f"--target-dir={trees / NAMES[0]}"], check=True, capture_output=True)
    result = look(trees)
    assert result["error_id"] == "chain.prepared"
    assert NAMES[0] in result["msg"]


@pytest.mark.parametrize("form", ["directory", "xbstream"])
def test_a_compressed_one(taken: Taken, form: str, tmp_path: Path) -> None:
    home = tmp_path / "full"
    home.mkdir()
    if form == "directory":
        take(taken.server, home, None, "--compress")
    else:
        options = ("--compress", "--stream=xbstream")
        take(taken.server, tmp_path / "scratch", None, *options, output=home / "backup.xbstream")
    result = look(tmp_path, allow_compress=True)
    assert result["error_id"] == "chain.compressed"
    assert f"{home} is compressed by the tool (xtrabackup_info.qp)" in result["msg"]


def test_a_copy_in_another_place(trees: Path) -> None:
    shutil.copytree(trees / NAMES[1], trees / "copy")
    assert look(trees)["error_id"] == "chain.duplicate"


@pytest.mark.parametrize("lost", ["xtrabackup_checkpoints", "xtrabackup_info"])
def test_a_half_backup_is_named(trees: Path, lost: str) -> None:
    (trees / NAMES[0] / lost).unlink()
    result = look(trees)
    assert result["error_id"] == "chain.incomplete"
    assert str(trees / NAMES[0]) in result["msg"]


def test_a_recorded_password(trees: Path) -> None:
    info = trees / NAMES[0] / "xtrabackup_info"
    assert "--password=..." in info.read_text()
    info.write_text(info.read_text().replace("--password=...", "--password=hunter2"))
    result = look(trees)
    assert result["error_id"] == "chain.secret_recorded"
    assert "hunter2" not in str(result)


def test_a_part_that_is_missing(streams: Path) -> None:
    (streams / NAMES[0] / "nightly.xbstream01").unlink()
    result = look(streams)
    assert result["error_id"] == "chain.part_missing"
    assert "nightly.xbstream02" in result["msg"]


def test_a_stream_that_lost_its_end(streams: Path) -> None:
    parts = sorted((streams / NAMES[0]).iterdir())
    with open(parts[-1], "r+b") as part:
        part.truncate(parts[-1].stat().st_size - 100)
    result = look(streams)
    assert result["error_id"] == "chain.incomplete"
    assert str(streams / NAMES[0]) in result["msg"]


def test_what_lies_beside_a_stream(streams: Path) -> None:
    (streams / NAMES[0] / "backup.log").write_text("completed OK!")
    assert look(streams)["error_id"] == "chain.mixed_formats"
    (streams / NAMES[0] / "backup.log").rename(streams / "backup.log")
    assert look(streams)["error_id"] == "chain.mixed_formats"


def test_two_streams_in_one_directory(streams: Path) -> None:
    (streams / NAMES[0] / "other.xbstream00").write_bytes(b"")
    assert look(streams)["error_id"] == "chain.several_streams"


def test_trees_and_streams_together(taken: Taken, trees: Path) -> None:
    shutil.rmtree(trees / NAMES[2])
    shutil.copytree(taken.streams / NAMES[2], trees / NAMES[2])
    assert look(trees)["error_id"] == "chain.mixed_formats"


def test_what_belongs_to_no_backup_is_counted(trees: Path) -> None:
    (trees / "cron.log").write_text("12345")
    result = look(trees)
    assert result["others"] == {"files": 1, "bytes": 5, "names": ["cron.log"]}
    assert "cron.log" in str(result["warnings"])
    assert result["backup"]["files"] == len([path for path in trees.rglob("*") if path.is_file()])


def test_nothing_there(tmp_path: Path) -> None:
    assert look(tmp_path)["error_id"] == "chain.empty"
    assert look(tmp_path / "nowhere")["error_id"] == "chain.not_found"


TARBALLS = "ansible_collections.dbferry.aurora_mysql.plugins.modules.xtrabackup_tarballs"


class Archived(NamedTuple):
    """Where tarballs are made, and how the module is asked for them."""

    arguments: dict[str, Any]
    root: Path
    work: Path


@pytest.fixture
def archived(trees: Path, tmp_path: Path) -> Archived:
    root, work = tmp_path / "staging" / "backup", tmp_path / "staging" / "work"
    arguments = {
        "backup": look(trees)["backup"],
        "reason": "too many files",
        "target_dir": str(root),
        "work_dir": str(work),
        "part_size": "5MiB",
        "min_free_percent": 1,
    }
    return Archived(arguments, root, work)


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("form", "unpack"), [("tar", ["cat"]), ("tar_gz", ["gunzip", "-c"])])
def test_tarballs_hold_what_the_directories_hold(
    trees: Path, archived: Archived, tmp_path: Path, form: str, unpack: list[str]
) -> None:
    if form == "tar_gz" and not (shutil.which("igzip") or shutil.which("pigz")):
        pytest.skip("this machine has neither igzip nor pigz")
    before = contents(trees)
    told = run_module({**archived.arguments, "format": form}, module=TARBALLS, check_mode=True)
    assert told["changed"] is True
    assert not archived.root.exists()
    result = run_module({**archived.arguments, "format": form}, module=TARBALLS)
    assert result["changed"] is True, result
    lines = [f"tarball of {name} in {archived.root / name}\n" for name in NAMES]
    assert told["diff"] == result["diff"] == {"before": "", "after": "".join(lines)}
    assert contents(trees) == before
    backup = result["backup"]
    assert (backup["format"], backup["format_reason"]) == (form, "too many files")
    assert backup["directory"] == str(archived.root)
    assert [entry["name"] for entry in backup["chain"]] == list(NAMES)
    made = contents(archived.root)
    assert (backup["files"], backup["bytes"]) == (len(made), sum(map(len, made.values())))
    for name in NAMES:
        whole = b"".join(part.read_bytes() for part in sorted((archived.root / name).iterdir()))
        into = tmp_path / "unpacked" / name
        into.mkdir(parents=True)
        plain = subprocess.run(unpack, input=whole, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-xC", str(into)], input=plain, check=True)
    assert contents(tmp_path / "unpacked") == before

    again = run_module(archived.arguments, module=TARBALLS)
    assert (again["changed"], again["backup"]) == (False, backup)
    assert again["diff"] == {"before": "".join(lines), "after": "".join(lines)}
    # What Aurora is going to find, found by the module that looks at backups.
    seen = look(archived.root)["backup"]
    assert [entry["to_lsn"] for entry in seen["chain"]] == [entry["to_lsn"] for entry in backup["chain"]]
    assert seen["format"] == form


def test_a_tarball_that_somebody_has_put_there_stays(archived: Archived) -> None:
    stranger = archived.root / NAMES[1] / "backup.tar00000"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("mine")
    result = run_module({**archived.arguments, "format": "tar"}, module=TARBALLS)
    assert result["error_id"] == "backup.target_exists"
    assert stranger.read_text() == "mine"


def test_a_file_that_cannot_be_read_leaves_nothing_half(archived: Archived, tmp_path: Path) -> None:
    # A tar that finds fault, as with a file that changes while it is read; root may read everything.
    fake = tmp_path / "bin" / "tar"
    fake.parent.mkdir()
    fake.write_text('#!/bin/bash\n/bin/tar "$@"\necho "tar: ./ibdata1: file changed as we read it" >&2\nexit 1\n')
    fake.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(fake.parent), prepend=":")
        result = run_module({**archived.arguments, "format": "tar"}, module=TARBALLS)
    assert result["error_id"] == "backup.archive_failed"
    assert "file changed as we read it" in result["msg"]
    assert contents(archived.root) == {}
    assert [path.name for path in archived.work.iterdir() if path.name.endswith(".partial")] == []
    assert run_module({**archived.arguments, "format": "tar"}, module=TARBALLS)["changed"] is True


def test_backups_within_each_other_are_no_tarballs(trees: Path, archived: Archived) -> None:
    (trees / NAMES[1]).rename(trees / NAMES[0] / "inc")
    result = run_module({**archived.arguments, "backup": look(trees)["backup"]}, module=TARBALLS)
    assert result["error_id"] == "chain.nested"
