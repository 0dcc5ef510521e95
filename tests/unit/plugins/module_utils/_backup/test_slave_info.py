# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a replica was with its sources, as the tools' files and logs tell it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.slave_info import (
    SlaveInfoMessage,
    SourcePosition,
    parse_slave_info,
)

UUIDS = (
    "145e508e-ae54-11e9-8ce6-46824dd1815e:1-3",
    "1e51f8be-ae54-11e9-a7c6-4280a041109b:1-3",
    "599ef589-ae55-11e9-9688-ca1f44501925:1-14857169",
)
SET = ",".join(UUIDS)
# XtraBackup's are what its sources and its own tests say, mariabackup's are recorded.
FILES = {
    "2.3": ("CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000007', MASTER_LOG_POS=48112\n", [("", 48112)]),
    "2.3 by GTID": (
        f"SET GLOBAL gtid_purged='{', '.join(UUIDS)}';\nCHANGE MASTER TO MASTER_AUTO_POSITION=1\n",
        [("", SET)],
    ),
    "2.4": ("CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000007', MASTER_LOG_POS=48112;\n", [("", 48112)]),
    "2.4 and 8.0 of two channels": (
        "CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000007', MASTER_LOG_POS=48112 FOR CHANNEL 'eu';\n"
        "CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000007', MASTER_LOG_POS=154 FOR CHANNEL 'us';\n",
        [("eu", 48112), ("us", 154)],
    ),
    "8.0 by GTID": (
        f"SET GLOBAL gtid_purged='{SET}';\nCHANGE MASTER TO MASTER_AUTO_POSITION=1 FOR CHANNEL 'eu';\n"
        "CHANGE MASTER TO MASTER_AUTO_POSITION=1 FOR CHANNEL 'us';\n",
        [("eu", SET), ("us", SET)],
    ),
    "8.4": (
        "CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='mysql-bin.000007', SOURCE_LOG_POS=48112;\n",
        [("", 48112)],
    ),
    "8.4 by GTID": (
        "SET GLOBAL gtid_purged='{}';\nCHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION=1;\n".format(
            ",\n".join(UUIDS)
        ),
        [("", SET)],
    ),
    "mariabackup": ("CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000007', MASTER_LOG_POS=1189;\n", [("", 1189)]),
    "mariabackup of two connections": (
        "SET GLOBAL gtid_slave_pos = '0-1-4,3-1-7';\n"
        "CHANGE MASTER 'eu' TO MASTER_LOG_FILE='mysql-bin.000007', MASTER_LOG_POS=1058;\n"
        "CHANGE MASTER 'us' TO master_use_gtid = slave_pos;\n",
        [("eu", 1058), ("us", "0-1-4,3-1-7")],
    ),
}
LOGS = {
    "2.3": (
        ["MySQL slave binlog position: master host '10.0.0.7', filename 'mysql-bin.000007', position '48112"],
        [("", 48112)],
    ),
    "2.3 by GTID": (
        [f"MySQL slave binlog position: master host '10.0.0.7', purge list '{', '.join(UUIDS)}'"],
        [("", SET)],
    ),
    "2.4 and 8.0 of two channels": (
        [
            "MySQL slave binlog position: master host '10.0.0.7', filename 'mysql-bin.000007', position '48112', "
            "channel name: 'eu'",
            "master host '10.0.0.8', filename 'mysql-bin.000007', position '154', channel name: 'us'",
            "",
        ],
        [("eu", 48112), ("us", 154)],
    ),
    "8.0 by GTID": (
        [
            "2023-06-21T10:29:45.897948+08:00 0 [Note] [MY-011825] [Xtrabackup] MySQL slave binlog position: "
            f"master host '172.16.121.234', purge list '{UUIDS[0]},",
            f"{UUIDS[1]},",
            f"{UUIDS[2]}', channel name: ''",
        ],
        [("", SET)],
    ),
    "mariabackup": (
        ["[00] 2026-11-30 19:50:41 MySQL slave binlog position: master '' filename 'mysql-bin.000007' position '1189'"],
        [("", 1189)],
    ),
    "mariabackup by GTID": (
        [
            "[00] 2026-11-30 19:50:43 MySQL slave binlog position: gtid_slave_pos '0-1-7'; master '' "
            "master_use_gtid = slave_pos"
        ],
        [("", "0-1-7")],
    ),
    "mariabackup of two connections": (
        [
            "[00] 2026-11-30 19:50:56 MySQL slave binlog position: gtid_slave_pos '0-1-4,3-1-7'; master 'eu' "
            "filename 'mysql-bin.000007' position '1058'; master 'us' master_use_gtid = slave_pos"
        ],
        [("eu", 1058), ("us", "0-1-4,3-1-7")],
    ),
}


def positions(short: list[tuple[str, int | str]]) -> tuple[SourcePosition, ...]:
    """Each by its channel and by what it goes on from: a position in the one file of these tests, or a GTID set."""
    return tuple(
        SourcePosition(channel, "mysql-bin.000007", at, "")
        if isinstance(at, int)
        else SourcePosition(channel, "", 0, at)
        for channel, at in short
    )


@pytest.mark.parametrize("form", FILES)
def test_the_file_of_each_series(form: str) -> None:
    text, expected = FILES[form]
    assert parse_slave_info(text) == positions(expected)


@pytest.mark.parametrize("form", LOGS)
def test_the_log_of_each_series(form: str) -> None:
    lines, expected = LOGS[form]
    message = SlaveInfoMessage()
    before = "[00] 2026-11-30 19:50:41 MySQL binlog position: filename 'own.000001', position '325'"
    for line in [before, *lines, "[00] 2026-11-30 19:50:41 Streaming backup-my.cnf", "master host 'of later lines',"]:
        message.hear(line)
    assert message.positions() == positions(expected)


def test_a_server_that_is_no_replica() -> None:
    message = SlaveInfoMessage()
    message.hear("Failed to get master binlog coordinates from SHOW SLAVE STATUS.This means that the server is not a")
    assert message.positions() == ()
    assert parse_slave_info("") == ()


def test_a_set_that_was_cut_is_not_half_told() -> None:
    message = SlaveInfoMessage()
    message.hear(f"MySQL slave binlog position: master host '10.0.0.7', purge list '{SET[:60]}")
    message.hear("[00] 2026-11-30 19:50:41 Streaming backup-my.cnf")
    assert message.positions() == ()


@given(text=st.text())
def test_no_text_is_an_error(text: str) -> None:
    parse_slave_info(text)
    message = SlaveInfoMessage()
    message.hear(f"MySQL slave binlog position: {text}")
    message.positions()
