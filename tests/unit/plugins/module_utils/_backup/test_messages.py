# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tools' messages mean: recorded runs of mariabackup, and lines that XtraBackup is known to print."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.messages import explain, is_complete, scrub

RECORDED = Path(__file__).parent / "recorded"
NOTE = "2026-09-01T10:56:27.000000-00:00 0 [Note] [MY-011825] [Xtrabackup] "
ERROR = "2026-09-01T10:56:27.000000-00:00 0 [ERROR] [MY-011825] [Xtrabackup] "

XTRABACKUP = [
    (
        ERROR + "Failed to connect to MySQL server: Access denied for user 'b'@'localhost' (using password: YES).",
        "source.access_denied",
    ),
    (
        "Failed to connect to MySQL server: DBI connect(';mysql_read_default_group=xtrabackup','root',...) failed: "
        "Can't connect to local MySQL server through socket '/tmp/mysql.sock' (2)",
        "source.unreachable",
    ),
    (
        "Failed to connect to MySQL server: Authentication plugin 'caching_sha2_password' cannot be loaded: "
        "/usr/lib/plugin/caching_sha2_password.so: cannot open shared object file: No such file or directory.",
        "source.authentication_plugin",
    ),
    (
        "Error: MySQL 8.0 and Percona Server 8.0 are not supported by Percona Xtrabackup 2.4.x series. "
        "Please use Percona Xtrabackup 8.0.x for backups and restores.",
        "tool.unsupported_server",
    ),
    (
        "Error: Unsupported server version: '10.3.28-MariaDB'.\nThis version of Percona XtraBackup can only perform "
        "backups and restores against MySQL 8.0 and Percona Server 8.0",
        "tool.unsupported_server",
    ),
    (ERROR + "Unsupported server version: '5.7.44'.", "tool.unsupported_server"),
    (
        ERROR
        + "Found tables with row versions due to INSTANT ADD/DROP columns\n"
        + ERROR
        + "This feature is not stable and will cause backup corruption.",
        "source.row_versions",
    ),
    (
        "xtrabackup: error: log block numbers mismatch:\n"
        "xtrabackup: error: expected log block no. 201901064, but got no. 208192508 from the log file.\n"
        "xtrabackup: error: it looks like InnoDB log has wrapped around before xtrabackup could process all records "
        "due to either log copying being too slow, or log files being too small.",
        "source.redo_log_overwritten",
    ),
    (ERROR + "log block numbers mismatch:", "source.redo_log_overwritten"),
    (
        "xtrabackup: Error writing file '/backup/full/ibdata1' (Errcode: 28 - No space left on device)",
        "host.disk_full",
    ),
    ("InnoDB: Operating system error number 24 in a file operation.\nErrcode: 24", "host.too_many_open_files"),
    (
        "InnoDB: The error means mysqld does not have the access rights to the directory.",
        "host.datadir_unreadable",
    ),
    (NOTE + "Unable to obtain lock. Please try again later.", "source.lock_timeout"),
    ("xtrabackup: unknown variable 'default-character-set=utf8mb4'", "tool.option_unknown"),
    ("Killed by something nobody has seen before", "backup.tool_failed"),
]


@pytest.mark.parametrize(
    ("name", "error_id"),
    [
        ("access_denied", "source.access_denied"),
        ("connection_refused", "source.unreachable"),
        ("no_socket", "source.unreachable"),
        ("not_mysql", "source.not_mysql"),
        ("missing_privileges", "source.missing_privileges"),
        ("disk_full", "host.disk_full"),
        ("datadir_unreadable", "host.datadir_unreadable"),
        ("too_many_open_files", "host.too_many_open_files"),
        ("unknown_option", "tool.option_unknown"),
    ],
)
def test_recorded_failures_of_mariabackup(name: str, error_id: str) -> None:
    tail = (RECORDED / f"mariabackup_{name}.txt").read_text().splitlines()
    error = explain(1, tail, "/srv/full.log")
    assert error.error_id == error_id
    assert "/srv/full.log" in error.remedy
    assert error.details["tail"]


@pytest.mark.parametrize(("text", "error_id"), XTRABACKUP)
def test_known_lines_of_xtrabackup(text: str, error_id: str) -> None:
    error = explain(1, text.splitlines(), "/srv/full.log")
    assert error.error_id == error_id


def test_the_tool_is_quoted() -> None:
    error = explain(1, (RECORDED / "mariabackup_access_denied.txt").read_text().splitlines(), "log")
    assert "Access denied for user 'b'@'localhost' (using password: YES)" in error.message


def test_a_signal_is_named() -> None:
    assert "by signal 9" in explain(-9, [], "log").message


def test_success_without_the_last_words_is_a_failure() -> None:
    assert "completed OK" in explain(0, ["something"], "log").message


@pytest.mark.parametrize(
    ("exit_status", "last_line", "complete"),
    [
        (0, "[00] 2026-11-22 13:06:10 completed OK!", True),
        # innobackupex of 2.3 and 2.4.
        (0, "261122 13:06:10 completed OK!", True),
        # xtrabackup of 8.0 and 8.4.
        (0, NOTE + "completed OK!\n", True),
        (0, "261122 13:06:10 completed OK! but then", False),
        (0, "", False),
        (1, "completed OK!", False),
        (-9, "completed OK!", False),
    ],
)
def test_both_signs_of_success_are_needed(exit_status: int, last_line: str, complete: bool) -> None:
    assert is_complete(exit_status, last_line) is complete


def test_a_recorded_success() -> None:
    assert is_complete(0, (RECORDED / "mariabackup_completed.txt").read_text().splitlines()[-1])


def test_password_hashes_of_show_grants_are_taken_out() -> None:
    lines = (RECORDED / "mariabackup_missing_privileges.txt").read_text().splitlines()
    assert any("*B69027D44F6E5EDC07F1AEAD1477967B16F28227" in line for line in lines)
    cleaned = "\n".join(scrub(line, "") for line in lines)
    assert "B69027D44F6E5EDC07F1AEAD1477967B16F28227" not in cleaned
    assert "missing required privilege RELOAD" in cleaned


@pytest.mark.parametrize(
    "line",
    [
        "GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED VIA mysql_native_password USING '*ABCDEF0123456789'",
        "CREATE USER `u`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 0x244124303035ABCDEF0123456789",
        "CREATE USER `u`@`%` IDENTIFIED WITH caching_sha2_password AS '$A$005$ABCDEF0123456789'",
    ],
)
def test_every_form_of_a_hash_is_taken_out(line: str) -> None:
    assert "ABCDEF0123456789" not in scrub(line, "")


@given(st.text(min_size=6).filter(lambda secret: "*" not in secret), st.text(), st.text())
def test_the_secret_never_gets_through(secret: str, before: str, after: str) -> None:
    assert secret not in scrub(before + secret + after, secret)


@given(st.integers(-64, 255), st.lists(st.text(), max_size=80))
def test_any_failure_gets_an_error_of_bounded_size(exit_status: int, tail: list[str]) -> None:
    error = explain(exit_status, tail, "log")
    assert error.error_id
    assert error.remedy
    assert len(error.details["tail"]) <= 20
