# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of each series, word for word, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.argv import (
    BackupOptions,
    Base,
    Destination,
    backup_command,
    course_of,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.tool import Tool, parse_server
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError

SERIES = {
    "2.3": (Tool("/usr/bin/xtrabackup", "2.3.10", (2, 3, 10), "2.3", "xtrabackup"), "5.6.51"),
    "2.4": (Tool("/usr/bin/innobackupex", "2.4.29", (2, 4, 29), "2.4", "xtrabackup"), "5.7.44"),
    "8.0": (Tool("/opt/pxb/bin/xtrabackup", "8.0.35-33", (8, 0, 35), "8.0", "xtrabackup"), "8.0.36"),
    "8.4": (Tool("/usr/bin/xtrabackup", "8.4.0-1", (8, 4, 0), "8.4", "xtrabackup"), "8.4.3"),
    "mariabackup": (
        Tool("/usr/bin/mariabackup", "10.11.19-MariaDB", (10, 11, 19), "10.11", "mariabackup"),
        "10.11.19-MariaDB",
    ),
}
FULL = "/backup/work/full.partial/data"
LSN = "/backup/work/full.partial/lsn"
BASE = Base(44878, "/backup/work/full.lsn")
ONE = BackupOptions(parallel=1)


def build(name: str, options: BackupOptions = ONE, form: str = "directory", base: Base | None = None) -> list[str]:
    tool, server = SERIES[name]
    return backup_command(tool, parse_server(server), "/dev/fd/5", Destination(FULL, form, LSN), options, base)


# What is started, series by series, as Percona's and MariaDB's own examples have it.
FULL_BACKUPS = {
    "2.3": f"/usr/bin/innobackupex --defaults-file=/dev/fd/5 --no-timestamp --loose-no-version-check --parallel=1 "
    f"--extra-lsndir={LSN} {FULL}",
    "2.4": f"/usr/bin/innobackupex --defaults-file=/dev/fd/5 --no-timestamp --loose-no-version-check --parallel=1 "
    f"--extra-lsndir={LSN} {FULL}",
    "8.0": f"/opt/pxb/bin/xtrabackup --defaults-file=/dev/fd/5 --backup --strict --loose-no-version-check --parallel=1 "
    f"--extra-lsndir={LSN} --target-dir={FULL}",
    "8.4": f"/usr/bin/xtrabackup --defaults-file=/dev/fd/5 --backup --strict --loose-no-version-check --parallel=1 "
    f"--extra-lsndir={LSN} --target-dir={FULL}",
    "mariabackup": f"/usr/bin/mariabackup --defaults-file=/dev/fd/5 --backup --parallel=1 --extra-lsndir={LSN} "
    f"--target-dir={FULL}",
}

STREAMED_INCREMENTS = {
    "2.3": f"/usr/bin/innobackupex --defaults-file=/dev/fd/5 --no-timestamp --loose-no-version-check --parallel=1 "
    f"--extra-lsndir={LSN} --incremental --incremental-basedir=/backup/work/full.lsn --stream=xbstream {FULL}",
    "2.4": f"/usr/bin/innobackupex --defaults-file=/dev/fd/5 --no-timestamp --loose-no-version-check --parallel=1 "
    f"--extra-lsndir={LSN} --incremental --incremental-basedir=/backup/work/full.lsn --stream=xbstream {FULL}",
    "8.0": f"/opt/pxb/bin/xtrabackup --defaults-file=/dev/fd/5 --backup --strict --loose-no-version-check --parallel=1 "
    f"--extra-lsndir={LSN} --incremental-basedir=/backup/work/full.lsn --stream=xbstream --target-dir={FULL}",
    "8.4": f"/usr/bin/xtrabackup --defaults-file=/dev/fd/5 --backup --strict --loose-no-version-check --parallel=1 "
    f"--extra-lsndir={LSN} --incremental-basedir=/backup/work/full.lsn --stream=xbstream --target-dir={FULL}",
    "mariabackup": f"/usr/bin/mariabackup --defaults-file=/dev/fd/5 --backup --parallel=1 --extra-lsndir={LSN} "
    f"--incremental-basedir=/backup/work/full.lsn --stream=xbstream --target-dir={FULL}",
}


@pytest.mark.parametrize("name", sorted(SERIES))
def test_a_full_backup_into_a_directory(name: str) -> None:
    assert build(name) == FULL_BACKUPS[name].split()


@pytest.mark.parametrize("name", sorted(SERIES))
def test_a_streamed_increment(name: str) -> None:
    assert build(name, form="xbstream", base=BASE) == STREAMED_INCREMENTS[name].split()


@pytest.mark.parametrize("name", sorted(SERIES))
def test_an_increment_of_a_base_that_is_not_on_the_host(name: str) -> None:
    argv = build(name, base=Base(44878))
    assert "--incremental-lsn=44878" in argv
    assert not any(argument.startswith("--incremental-basedir") for argument in argv)
    assert ("--incremental" in argv) is name.startswith("2.")


def test_pipes_are_in_a_directory_that_is_named() -> None:
    tool, server = SERIES["8.4"]
    to = Destination("/b", "xbstream", LSN, "/backup/work/full.partial/fifo")
    argv = backup_command(tool, server, "/dev/fd/5", to, BackupOptions(parallel=4, fifo_streams=3))
    assert argv[argv.index("--stream=xbstream") + 1 :][:2] == [
        "--fifo-streams=3",
        "--fifo-dir=/backup/work/full.partial/fifo",
    ]
    assert not any("fifo" in argument for argument in build("8.4", form="xbstream"))


@pytest.mark.parametrize(
    ("name", "form"), [("2.4", "xbstream"), ("mariabackup", "xbstream"), ("8.4", "directory"), ("2.4", "tar")]
)
def test_pipes_are_refused_where_there_are_none(name: str, form: str) -> None:
    with pytest.raises(DbferryError, match=r"backup\.option_unsupported"):
        build(name, BackupOptions(parallel=1, fifo_streams=2), form=form)


@pytest.mark.parametrize("form", ["tar", "tar_gz"])
def test_tar_is_two_point_xs(form: str) -> None:
    for name in ("2.3", "2.4"):
        assert "--stream=tar" in build(name, form=form)
        with pytest.raises(DbferryError, match=r"format\.no_increments"):
            build(name, form=form, base=BASE)
    for name in ("8.0", "8.4", "mariabackup"):
        with pytest.raises(DbferryError, match=rf"format\.unsupported.*format {form}"):
            build(name, form=form)


@pytest.mark.parametrize("name", ["2.3", "2.4"])
@pytest.mark.parametrize("form", ["directory", "xbstream", "tar", "tar_gz"])
def test_a_tar_streams_redo_log_waits_in_the_runs_own_directory(name: str, form: str) -> None:
    assert (f"--tmpdir={FULL}" in build(name, form=form)) is form.startswith("tar")


@pytest.mark.parametrize("name", sorted(SERIES))
def test_the_option_file_comes_first_and_the_version_check_never_runs(name: str) -> None:
    argv = build(name)
    assert argv[1] == "--defaults-file=/dev/fd/5"
    assert ("--loose-no-version-check" in argv) is (name != "mariabackup")


def test_an_old_server_gets_its_lock_from_the_newest_tool() -> None:
    tool = SERIES["8.0"][0]
    argv = backup_command(tool, parse_server("8.0.28"), "/dev/fd/5", Destination("/b", "directory", LSN), ONE)
    assert "--lock-ddl=ON" in argv


@pytest.mark.parametrize("name", sorted(SERIES))
def test_nothing_is_set_that_was_not_asked_for(name: str) -> None:
    for word in ("rsync", "slave", "throttle", "lock-ddl", "ftwrl", "kill", "incremental", "stream"):
        assert not any(word in argument for argument in build(name)), word


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("8.0", {"throttle": 100}, ["--throttle=100"]),
        ("8.0", {"rsync": True}, ["--rsync"]),
        ("2.4", {"slave_info": True, "safe_slave_backup": True}, ["--slave-info", "--safe-slave-backup"]),
        ("8.4", {"slave_info": True}, ["--slave-info"]),
        ("8.0", {"lock_ddl": "off"}, ["--lock-ddl=OFF"]),
        ("8.4", {"lock_ddl": "reduced"}, ["--lock-ddl=REDUCED"]),
        ("2.4", {"lock_ddl": "on", "lock_ddl_timeout": 9}, ["--lock-ddl", "--lock-ddl-timeout=9"]),
        ("2.4", {"lock_ddl": "off"}, ["--skip-lock-ddl"]),
        (
            "mariabackup",
            {"ftwrl_wait_timeout": 60, "kill_long_queries_timeout": 20},
            ["--ftwrl-wait-timeout=60", "--kill-long-queries-timeout=20"],
        ),
        ("8.0", {"extra_arguments": ["--history=nightly"]}, ["--history=nightly"]),
        ("8.0", {"extra_arguments": ["--compress=zstd"], "allow_compress": True}, ["--compress=zstd"]),
    ],
)
def test_what_an_engineer_asks_for(name: str, options: dict[str, Any], expected: list[str]) -> None:
    plain = build(name)
    argv = build(name, BackupOptions(parallel=1, **options))
    assert [argument for argument in argv if argument not in plain] == expected


@pytest.mark.parametrize(
    ("name", "form", "options"),
    [
        ("8.0", "xbstream", {"rsync": True}),
        ("mariabackup", "directory", {"rsync": True}),
        ("2.3", "directory", {"lock_ddl": "on"}),
        ("mariabackup", "directory", {"lock_ddl_timeout": 5}),
        ("8.0", "directory", {"lock_ddl": "reduced"}),
    ],
)
def test_what_a_series_does_not_know(name: str, form: str, options: dict[str, Any]) -> None:
    with pytest.raises(DbferryError, match=r"backup\.option_unsupported"):
        build(name, BackupOptions(parallel=1, **options), form)


def test_the_lock_on_ddl_is_younger_than_its_series() -> None:
    tool = Tool("/usr/bin/innobackupex", "2.4.7", (2, 4, 7), "2.4", "xtrabackup")
    to = Destination(FULL, "directory", LSN)
    with pytest.raises(DbferryError, match=r"backup\.option_unsupported.*2\.4\.8"):
        backup_command(tool, parse_server("5.7.17"), "/dev/fd/5", to, BackupOptions(parallel=1, lock_ddl="on"))


@pytest.mark.parametrize(
    ("options", "incremental", "expected"),
    [
        ({}, False, (False, 1000)),
        ({}, True, (True, 1000)),
        ({"allow_compress": True, "extra_arguments": ["--compress"]}, False, (True, 1000)),
        # Only what the server has noted as changed is read, and how much that is nobody says.
        ({"extra_arguments": ["--page-tracking"]}, True, (True, 0)),
        ({"extra_arguments": ["--page-tracking"]}, False, (False, 1000)),
    ],
)
def test_by_what_the_progress_is_told(options: dict[str, Any], incremental: bool, expected: tuple[bool, int]) -> None:
    assert course_of(BackupOptions(parallel=1, **options), incremental, 1000) == expected
