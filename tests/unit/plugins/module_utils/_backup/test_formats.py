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
    check_files,
    check_format,
    check_parts,
    choose_format,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.tool import Tool
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError

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


@pytest.mark.parametrize(
    ("form", "incremental", "before", "fits"),
    [
        ("directory", False, 0, True),
        ("directory", True, 600_000, True),
        # The increment has its 100,000 tablespaces twice.
        ("directory", True, 600_001, False),
        ("xbstream", True, 99, True),
    ],
)
def test_a_chain_of_more_files_than_aurora_reads_is_refused_before(
    form: str, incremental: bool, before: int, fits: bool
) -> None:
    measure = Measure(300_000, 10**9, 10**8, 100_000)
    if fits:
        check_files(form, measure, incremental, before)
        return
    with pytest.raises(DbferryError, match=r"format\.too_many_files.*400000 files.*1000001"):
        check_files(form, measure, incremental, before)


def test_a_full_directory_of_too_many_files_is_refused_though_it_was_named() -> None:
    with pytest.raises(DbferryError, match=r"format\.too_many_files"):
        check_files("directory", Measure(1_000_001, 10**9, 10**8, 1_000_000), False, 0)


def test_parts_that_would_be_too_many_are_refused_before() -> None:
    measure = Measure(10, 600 * 10**9, 10**8)
    with pytest.raises(DbferryError, match=r"parts\.too_many"):
        check_parts("xbstream", measure, False, 5 * 1024**2)
    check_parts("xbstream", measure, False, 500 * 10**6)
    for form, incremental in (("directory", False), ("tar_gz", False), ("xbstream", True)):
        check_parts(form, measure, incremental, 5 * 1024**2)
