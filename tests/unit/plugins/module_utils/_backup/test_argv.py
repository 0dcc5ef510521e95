# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of each series."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.argv import BackupOptions, full_backup
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.tool import Tool, parse_server

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


def build(name: str, options: BackupOptions) -> list[str]:
    tool, server = SERIES[name]
    return full_backup(tool, parse_server(server), "/dev/fd/5", "/backup/full", options)


@pytest.mark.parametrize("name", ["2.3", "2.4"])
def test_two_point_x_uses_innobackupex(name: str) -> None:
    assert build(name, BackupOptions(parallel=4)) == [
        "/usr/bin/innobackupex",
        "--defaults-file=/dev/fd/5",
        "--no-timestamp",
        "--loose-no-version-check",
        "--parallel=4",
        "/backup/full",
    ]


def test_eight_uses_xtrabackup() -> None:
    assert build("8.0", BackupOptions(parallel=2, throttle=100)) == [
        "/opt/pxb/bin/xtrabackup",
        "--defaults-file=/dev/fd/5",
        "--backup",
        "--strict",
        "--loose-no-version-check",
        "--parallel=2",
        "--throttle=100",
        "--target-dir=/backup/full",
    ]


def test_mariabackup() -> None:
    assert build("mariabackup", BackupOptions(parallel=1)) == [
        "/usr/bin/mariabackup",
        "--defaults-file=/dev/fd/5",
        "--backup",
        "--parallel=1",
        "--target-dir=/backup/full",
    ]


@pytest.mark.parametrize("name", sorted(SERIES))
def test_the_option_file_comes_first_and_the_version_check_never_runs(name: str) -> None:
    argv = build(name, BackupOptions(parallel=1))
    assert argv[1] == "--defaults-file=/dev/fd/5"
    assert ("--loose-no-version-check" in argv) is (name != "mariabackup")


def test_an_old_server_gets_its_lock_from_the_newest_tool() -> None:
    tool = SERIES["8.0"][0]
    argv = full_backup(tool, parse_server("8.0.28"), "/dev/fd/5", "/b", BackupOptions(parallel=1))
    assert "--lock-ddl=ON" in argv
