# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tools write beside the data."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.checkpoints import (
    NO_BINLOG,
    BinlogPosition,
    parse_binlog_info,
    parse_checkpoints,
    parse_info,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError

MARIABACKUP = Path(__file__).parent / "recorded" / "mariabackup_10.11"

INFO_8_0 = """uuid = d6ab1d07-a5f3-11f1-8407-d00dc21b3e49
name =
tool_name = xtrabackup
tool_command = --defaults-file=/dev/fd/5 --backup --strict --target-dir=/backup/full
tool_version = 8.0.35-35
ibbackup_version = 8.0.35-35
server_version = 8.0.43-34
start_time = 2026-09-01 10:56:27
end_time = 2026-09-01 10:56:52
lock_time = 2
binlog_pos = filename 'bin.000406', position '197', GTID of the last change '3f6cd603-8d0b-11f1-8432-d00dc21b3e49:1-9,
fee9c8e2-6bef-11e8-b64a-525400486aa0:1-2128'
innodb_from_lsn = 0
innodb_to_lsn = 3186294961
partial = N
incremental = N
format = file
compressed = N
encrypted = N
"""

INFO_2_4_WITHOUT_BINLOG = """uuid = 694e5590-1828-11e7-81d2-000c291bd2a1
name = 
tool_name = innobackupex
tool_command = --defaults-file=/etc/my.cnf --user=root --password=... /backup/
tool_version = 2.4.6
ibbackup_version = 2.4.6
server_version = 5.7.17
start_time = 2017-04-03 21:34:09
end_time = 2017-04-03 21:34:13
lock_time = 0
binlog_pos = 
innodb_from_lsn = 0
innodb_to_lsn = 9692219
partial = N
incremental = N
format = file
compact = N
compressed = N
encrypted = N
"""  # noqa: W291 (the tool writes the spaces)


INFO_2_3 = """uuid = 5b7de0a6-21c4-11e7-9d0b-52540012ab01
name = 
tool_name = innobackupex
tool_command = --defaults-file=/dev/fd/5 --no-timestamp --parallel=4 /backup/full
tool_version = 2.3.10
ibbackup_version = 2.3.10
server_version = 5.6.51-log
start_time = 2017-04-15 08:01:02
end_time = 2017-04-15 08:20:41
lock_time = 1
binlog_pos = filename 'b.000119', position '4802', GTID of the last change '5cc28f3c-6a8d-11e4-beff-52540012ab01:1-491'
innodb_from_lsn = 0
innodb_to_lsn = 51876396130
partial = N
incremental = N
format = xbstream
compact = N
compressed = N
encrypted = N
"""  # noqa: W291 (the tool writes the space)

INFO_8_4 = """uuid = 7c3a8f10-48b0-11f1-9d76-52540012ab04
name =
tool_name = xtrabackup
tool_command = --defaults-file=/dev/fd/5 --backup --strict --target-dir=/backup/full --extra-lsndir=/backup/lsn
tool_version = 8.4.0-6
ibbackup_version = 8.4.0-6
server_version = 8.4.8
server_flavor = MySQL Community Server - GPL
start_time = 2026-05-05 19:27:26
end_time = 2026-05-05 19:27:28
lock_time = 0
binlog_pos = filename 'binlog.000002', position '158'
innodb_from_lsn = 0
innodb_to_lsn = 24785178
partial = N
incremental = N
format = file
compressed = N
encrypted = N
lock_ddl_type = ON
backup_size = 88689086
"""

CHECKPOINTS = """backup_type = incremental
from_lsn = 2566100
to_lsn = 2588592
last_lsn = 2588601
"""
# What each series writes behind these.
SERIES = {
    "2.3": "compact = 0\nrecover_binlog_info = 0\n",
    "2.4": "compact = 0\nrecover_binlog_info = 0\nflushed_lsn = 2588601\n",
    "8.0": "flushed_lsn = 2588592\nredo_memory = 0\nredo_frames = 0\n",
    "8.4": "flushed_lsn = 2588592\nredo_memory = 0\nredo_frames = 0\n",
}


@pytest.mark.parametrize("series", SERIES)
def test_checkpoints_of_each_series(series: str) -> None:
    assert parse_checkpoints(CHECKPOINTS + SERIES[series]) == ("incremental", 2566100, 2588592, 2588601)


@pytest.mark.parametrize(
    ("text", "tool", "version", "server", "binlog"),
    [
        (
            INFO_2_3,
            "innobackupex",
            "2.3.10",
            "5.6.51-log",
            BinlogPosition("b.000119", 4802, "5cc28f3c-6a8d-11e4-beff-52540012ab01:1-491"),
        ),
        (INFO_8_4, "xtrabackup", "8.4.0-6", "8.4.8", BinlogPosition("binlog.000002", 158, "")),
    ],
    ids=["2.3", "8.4"],
)
def test_info_of_the_oldest_and_of_the_newest_series(
    text: str, tool: str, version: str, server: str, binlog: BinlogPosition
) -> None:
    info = parse_info(text)
    assert (info.tool_name, info.tool_version, info.server_version) == (tool, version, server)
    assert info.binlog == binlog
    assert not (info.partial or info.incremental or info.compressed or info.encrypted)


def test_mariabackup_checkpoints() -> None:
    found = parse_checkpoints((MARIABACKUP / "xtrabackup_checkpoints").read_text())
    assert found == ("full-backuped", 0, 44878, 44894)


def test_mariabackup_info() -> None:
    info = parse_info((MARIABACKUP / "xtrabackup_info").read_text())
    assert info.uuid == "2724060c-e679-11f1-a9ce-02fc00000001"
    assert info.tool_command == "--defaults-file=/srv/o1.cnf --backup --target-dir=/srv/q"
    assert info.tool_version == "10.11.19-MariaDB"
    assert info.server_version == "10.11.19-MariaDB-0+deb12u1-log"
    assert info.binlog == BinlogPosition("binlog.000001", 1947, "0-1-10")
    assert not (info.partial or info.incremental or info.compressed or info.encrypted)


def test_a_gtid_set_of_two_servers_spans_lines() -> None:
    info = parse_info(INFO_8_0)
    assert info.binlog == BinlogPosition(
        "bin.000406",
        197,
        "3f6cd603-8d0b-11f1-8432-d00dc21b3e49:1-9,fee9c8e2-6bef-11e8-b64a-525400486aa0:1-2128",
    )


def test_a_server_without_binary_log() -> None:
    assert parse_info(INFO_2_4_WITHOUT_BINLOG).binlog == NO_BINLOG


@pytest.mark.parametrize("member", ["partial", "incremental", "compressed", "encrypted"])
def test_what_aurora_does_not_read_is_seen(member: str) -> None:
    info = parse_info(INFO_8_0.replace(f"{member} = N", f"{member} = Y"))
    assert getattr(info, member) is True


def test_mariabackup_binlog_info() -> None:
    found = parse_binlog_info((MARIABACKUP / "xtrabackup_binlog_info").read_text())
    assert found == BinlogPosition("binlog.000001", 1947, "0-1-10")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NO_BINLOG),
        ("mysql-bin.000001\t801\n", BinlogPosition("mysql-bin.000001", 801, "")),
        ("b.1\t4\tuuid1:1-6,\nuuid2:1-3\n", BinlogPosition("b.1", 4, "uuid1:1-6,uuid2:1-3")),
    ],
)
def test_binlog_info_forms(text: str, expected: BinlogPosition) -> None:
    assert parse_binlog_info(text) == expected


@pytest.mark.parametrize("parse", [parse_checkpoints, parse_info])
@given(text=st.text())
def test_nonsense_is_a_clear_error(parse: object, text: str) -> None:
    assert callable(parse)
    with pytest.raises(DbferryError, match=r"backup\.(checkpoints|info)_unreadable"):
        parse(text)
