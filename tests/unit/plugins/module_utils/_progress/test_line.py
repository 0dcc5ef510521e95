# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The line that a person reads while a module works."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.line import (
    Snapshot,
    format_bytes,
    format_duration,
    parse_snapshot,
    progress_line,
)


def snapshot(**members):
    base = {"phase": "uploading", "done": 0, "total": 0, "unit": "bytes", "detail": "", "at": 100.0}
    return Snapshot(**{**base, **members})


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (5 * 1024**3, "5.0 GiB"),
        (3 * 1024**5, "3072.0 TiB"),
    ],
)
def test_bytes(count, text):
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (185, "3 min 05 s"), (3600, "1 h 00 min"), (7800, "2 h 10 min")],
)
def test_durations(seconds, text):
    assert format_duration(seconds) == text


def test_a_line_tells_share_amount_rate_and_what_is_left():
    first = snapshot(done=0, total=400 * 1024**2, at=100.0)
    line = progress_line(snapshot(done=100 * 1024**2, total=400 * 1024**2, at=110.0), first, elapsed=12)
    assert line == "uploading | 25 % | 100.0 MiB of 400.0 MiB | 10.0 MiB/s | about 30 s left | after 12 s"


def test_a_line_without_a_total_makes_up_no_share():
    line = progress_line(snapshot(phase="migrating", unit="", detail="RDS-EVENT-0170"), None, elapsed=61)
    assert line == "migrating | after 1 min 01 s | RDS-EVENT-0170"


def test_counts_have_their_unit():
    assert "3 files of 9 files" in progress_line(snapshot(done=3, total=9, unit="files"), None, 1)


@given(
    st.integers(0, 2**60),
    st.integers(0, 2**60),
    st.floats(0, 1e9),
    st.floats(0, 1e9),
    st.sampled_from(["bytes", "files", ""]),
)
def test_no_snapshot_breaks_the_line(done, total, at, elapsed, unit):
    line = progress_line(snapshot(done=done, total=total, at=at, unit=unit), snapshot(at=0.0), elapsed)
    assert line.startswith("uploading") and "\n" not in line
    assert "101 %" not in line


@pytest.mark.parametrize(
    "members", [{}, {"phase": "x"}, {"phase": "x", "done": "y", "total": 1, "unit": "", "detail": "", "at": 1}]
)
def test_what_is_no_snapshot_is_refused(members):
    with pytest.raises(ValueError, match=r"snapshot|invalid literal"):
        parse_snapshot(members)
