# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What format auto means, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.formats import (
    Measure,
    check_format,
    choose_format,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.tool import Tool

XB24 = Tool("/usr/bin/innobackupex", "2.4.29", (2, 4, 29), "2.4", "xtrabackup")
XB80 = Tool("/usr/bin/xtrabackup", "8.0.35-33", (8, 0, 35), "8.0", "xtrabackup")
SMALL = Measure(1000, 10**9, 10**8)
ROOM = 10**12


@pytest.mark.parametrize(
    ("tool", "measure", "room", "gzip", "form", "reason"),
    [
        (XB80, SMALL, ROOM, False, "directory", "1000 files"),
        (XB24, SMALL, ROOM, True, "directory", "1000 files"),
        (XB80, Measure(400_000, 10**9, 10**8), ROOM, False, "xbstream", "1200000 with one increment"),
        (XB24, Measure(400_000, 10**9, 10**8), ROOM, True, "xbstream", "1000000 files at most"),
        (XB80, Measure(10, 7 * 10**12, 6 * 10**12), 10**14, False, "xbstream", "5 TB of an object"),
        (XB24, SMALL, 10**8, True, "tar_gz", "XtraBackup 2.4 can write tar"),
        (XB24, SMALL, 10**8, False, "directory", "1000 files"),
        (XB80, SMALL, 10**8, True, "directory", "1000 files"),
    ],
)
def test_auto(tool: Tool, measure: Measure, room: int, gzip: bool, form: str, reason: str) -> None:
    choice = choose_format(tool, measure, room, gzip)
    assert choice.form == form
    assert reason in choice.reason


@given(
    st.sampled_from([XB24, XB80]),
    st.integers(0, 10**7),
    st.integers(0, 10**14),
    st.integers(0, 10**14),
    st.booleans(),
)
def test_what_auto_chooses_the_tool_can_write_and_aurora_can_read(
    tool: Tool, files: int, size: int, room: int, gzip: bool
) -> None:
    choice = choose_format(tool, Measure(files, size, size), room, gzip)
    check_format(choice.form, tool, incremental=False)
    assert choice.reason
    assert choice.form != "tar_gz" or gzip
    assert choice.form != "directory" or (files <= 1_000_000 and size <= 5 * 10**12)
