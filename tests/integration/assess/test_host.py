# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the source host, over what the module on the host saw of real directories, links, clocks and ports."""

from __future__ import annotations

import os
import shutil
import socket
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_size
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.checks_host import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.host_facts import read_host_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import WARNING, NotKnownError, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.formats import (
    FILES_WITH_ONE_INCREMENT,
    MOST_FILES,
)
from tests.integration.module_process import ModuleProcess

FIRED = {"host.datadir_unreadable", "source.too_many_files", "tool.missing", "tool.stands_in", "tool.unfit"}
"""Those that tests of their own fire, beside ``CASES``."""
FITS = {
    "name": "xtrabackup",
    "version": "8.0.35-33",
    "executable": "/usr/bin/xtrabackup",
    "flavour": "xtrabackup",
    "reason": "",
    "error_id": "",
}


class Case(NamedTuple):
    """A host in a bad state."""

    check_id: str
    make: Callable[[Path], dict[str, Any]]
    """Puts a sound host's directory into the state, and returns options of the module that differ."""
    words: str


def _closed_port(_datadir: Path) -> dict[str, Any]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return {"s3_endpoint": f"127.0.0.1:{listener.getsockname()[1]}"}


def _link_out(datadir: Path) -> dict[str, Any]:
    elsewhere = datadir.parent / "elsewhere"
    elsewhere.mkdir()
    (datadir / "shop").symlink_to(elsewhere)
    return {}


def _larger_than_the_disk(datadir: Path) -> dict[str, Any]:
    disk = os.statvfs(datadir)
    # A sparse file: large to whom it is copied for, and nothing to the disk.
    with (datadir / "huge.ibd").open("wb") as stream:
        stream.truncate(min(disk.f_bavail * disk.f_frsize, 8 << 40))
    return {}


CASES = [
    Case("host.datadir_missing", lambda datadir: {"datadir": str(datadir / "nowhere")}, "nowhere"),
    Case("host.datadir_links", _link_out, "1 symbolic link"),
    Case("host.disk_too_small", _larger_than_the_disk, "The backup takes about"),
    Case("host.clock_wrong", lambda _datadir: {"controller_time": time.time() - 1000}, "ahead of"),
    Case("host.clock_wrong", lambda _datadir: {"controller_time": time.time() + 2000}, "behind"),
    Case("host.s3_unreachable", _closed_port, "refused"),
]


@pytest.fixture
def datadir(tmp_path) -> Path:
    """What a module takes for a data directory."""
    made = tmp_path / "data"
    made.mkdir()
    (made / "ibdata1").write_bytes(b"x" * 100)
    return made


@pytest.fixture
def look(generation, datadir) -> Callable[..., Facts]:
    """Runs the module on the host, and returns the facts."""

    def run(tools: tuple[dict[str, Any], ...] = (FITS,), package: str = "", **options: Any) -> Facts:
        module = ModuleProcess("xtrabackup_host_info", str(generation.bin / "python"), str(generation.collections))
        told = module.finish(module.start({"datadir": str(datadir), "work_dir": str(datadir.parent), **options}))
        joined = {**told["host"], "tools": list(tools), "recommended": {"package": package}}
        return Facts(Wanted(), host=read_host_facts(joined))

    return run


def _find(facts: Facts, check_id: str) -> Seen | None:
    return next(check for check in CHECKS if check.id == check_id).find(facts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check_id)
def test_a_bad_host_is_seen(case, datadir, look):
    seen = _find(look(**case.make(datadir)), case.check_id)
    assert seen is not None
    assert case.words in seen.text


@pytest.mark.parametrize(
    ("wanted", "severity"),
    [
        ({}, ""),
        ({"backup_format": "tar_gz"}, "warning"),
        ({"backup_mode": "incremental"}, "warning"),
        ({"backup_mode": "existing"}, None),
        ({"staging": False}, None),
        ({"backup_mode": "incremental", "min_free_percent": 100}, ""),
    ],
)
def test_the_room_is_that_of_the_backup_that_is_wanted(datadir, look, wanted, severity):
    facts = look(**_larger_than_the_disk(datadir))._replace(wanted=Wanted(**wanted))
    seen = _find(facts, "host.disk_too_small")
    assert (seen.severity if seen else None) == severity


def test_what_the_disk_has_to_keep_free_is_the_user_s_choice(look):
    facts = look()
    assert _find(facts, "host.disk_too_small") is None
    whole = _find(facts._replace(wanted=Wanted(min_free_percent=100)), "host.disk_too_small")
    assert whole is not None


def test_an_old_xtrabackup_may_write_less_than_there_is(datadir, look):
    old = {**FITS, "version": "2.4.29"}
    assert _find(look(tools=(old,), **_larger_than_the_disk(datadir)), "host.disk_too_small").severity == "warning"


def test_files_are_counted_where_they_are(look):
    facts = look()
    assert facts.host is not None and facts.host.files == 1
    many = facts._replace(host=facts.host._replace(files=1_000_001), wanted=Wanted(backup_format="directory"))
    check = next(check for check in checks_size.CHECKS if check.id == "source.too_many_files")
    assert check.find(facts) is None
    assert "The data directory has 1,000,001 files" in check.find(many).text


def test_tools_that_nobody_looked_for_are_not_missing(datadir, generation):
    module = ModuleProcess("xtrabackup_host_info", str(generation.bin / "python"), str(generation.collections))
    told = module.finish(module.start({"datadir": str(datadir), "work_dir": str(datadir.parent)}))
    facts = Facts(Wanted(), host=read_host_facts({**told["host"], "tools": [], "tools_problem": "sudo asked"}))
    for check_id in ("tool.missing", "tool.unfit", "tool.stands_in"):
        with pytest.raises(NotKnownError, match="sudo asked"):
            _find(facts, check_id)


@pytest.mark.parametrize(
    ("check_id", "server", "words"),
    [
        ("tool.unfit", {"server_version": "8.0.36", "server_flavour": "mysql"}, "can back up this server"),
        (
            "tool.stands_in",
            {"server_version": "10.11.14-MariaDB", "server_flavour": "mariadb", "allow_mariadb": True},
            "is mariabackup",
        ),
        (
            "tool.missing",
            {"server_version": "8.0.36", "executable": "/nowhere/xtrabackup"},
            "will install percona-xtrabackup-80",
        ),
    ],
)
def test_what_the_host_itself_says_of_its_tools(datadir, generation, check_id, server, words):
    """The machine of the tests has MariaDB's tool, and no other."""
    tools, host = (
        ModuleProcess(f"xtrabackup_{what}_info", str(generation.bin / "python"), str(generation.collections))
        for what in ("tool", "host")
    )
    found = tools.finish(tools.start(server))
    told = host.finish(host.start({"datadir": str(datadir), "work_dir": str(datadir.parent)}))
    joined = {**told["host"], "tools": found["tools"], "recommended": found["recommended"]}
    facts = Facts(Wanted(), host=read_host_facts(joined))
    seen = {check: _find(facts, check) for check in ("tool.missing", "tool.unfit", "tool.stands_in")}
    assert [check for check in seen if seen[check]] == [check_id]
    assert words in seen[check_id].text


def test_a_sound_host_passes(look):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = f"127.0.0.1:{listener.getsockname()[1]}"
        facts = look(controller_time=time.time(), s3_endpoint=endpoint)
    assert [check.id for check in CHECKS if check.find(facts) is not None] == []


def test_links_inside_are_no_matter(datadir, look):
    (datadir / "shop").mkdir()
    (datadir / "alias").symlink_to(datadir / "shop")
    assert _find(look(), "host.datadir_links") is None


def test_links_to_what_no_backup_copies_are_no_matter(datadir, look):
    elsewhere = datadir.parent / "run"
    elsewhere.mkdir()
    for name in ("mysql.sock", "ca.pem", "db1.err", "ib_logfile0", "binlog.000001"):
        (elsewhere / name).touch()
        (datadir / name).symlink_to(elsewhere / name)
    (datadir / "#innodb_redo").symlink_to(elsewhere)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(elsewhere / "s"))
        (datadir / "clients").symlink_to(elsewhere / "s")
        assert _find(look(), "host.datadir_links") is None
    (datadir / "ibdata2").symlink_to(elsewhere / "ibdata2")
    assert _find(look(), "host.datadir_links").objects.names == ("ibdata2",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up the right to read")
def test_a_directory_that_may_not_be_read(datadir):
    """The module as another user."""
    datadir.chmod(0o700)
    datadir.parent.chmod(0o755)
    told = look_as_nobody(datadir)
    facts = Facts(Wanted(), host=read_host_facts({**told, "tools": [FITS], "recommended": None}))
    seen = _find(facts, "host.datadir_unreadable")
    assert seen is not None
    assert "uid 65534" in seen.text
    with pytest.raises(NotKnownError):
        _find(facts, "host.disk_too_small")


def look_as_nobody(datadir: Path) -> dict[str, Any]:
    """What the service sees as user nobody, in a process of its own."""
    import json

    from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.host import look_at_host

    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.setuid(65534)
        told = look_at_host(str(datadir), "/tmp", 0.0, "", 1.0)
        os.write(writer, json.dumps(told).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        told = json.loads(stream.read())
    os.waitpid(child, 0)
    return told


def test_no_tool_is_a_note_where_it_can_be_installed_and_a_blocker_where_none_exists(look):
    assert _find(look(tools=(), package="percona-xtrabackup-80"), "tool.missing").severity == "note"
    assert _find(look(tools=()), "tool.missing").severity == ""


def test_a_tool_of_another_series_does_not_do(look):
    old = {**FITS, "version": "2.2.13", "reason": "2.2.13 is older than 2.3.", "error_id": "tool.too_old"}
    assert _find(look(tools=(old,)), "tool.unfit").objects.names[0].endswith("tool.too_old")
    assert _find(look(tools=(old,), package="percona-xtrabackup-80"), "tool.unfit").severity == "warning"
    assert _find(look(tools=(old, FITS)), "tool.unfit") is None


def test_mariabackup_is_named_as_what_it_is(look):
    stands_in = {**FITS, "flavour": "mariabackup", "version": "10.11.14"}
    assert "mariabackup 10.11.14" in _find(look(tools=(stands_in,)), "tool.stands_in").text


@pytest.mark.thorough("the limit of files is tested on figures")
def test_too_many_files_are_seen(datadir, look):
    many = datadir / "shop"
    many.mkdir()
    try:
        for number in range(MOST_FILES // FILES_WITH_ONE_INCREMENT):
            (many / f"t{number}.ibd").touch()
        facts = look()._replace(wanted=Wanted(backup_format="directory"))
    finally:
        shutil.rmtree(many)
    (check,) = (check for check in checks_size.CHECKS if check.id == "source.too_many_files")
    seen = check.find(facts)
    assert seen is not None and seen.severity == WARNING
    assert "has 333,334 files, of which a backup with one increment makes 1,000,002" in seen.text
    assert check.find(look()) is None
