# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stream cut into files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.sink import FileSink


def fill(sink: FileSink, blocks: list[bytes]) -> None:
    for block in blocks:
        sink.space()[: len(block)] = block
        sink.advance(len(block))


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=20), st.integers(min_value=1, max_value=40))
def test_the_parts_are_the_stream_and_all_but_the_last_are_full(blocks: list[bytes], part_size: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        sink = FileSink(directory, "xbstream", part_size)
        fill(sink, blocks)
        parts = sink.finish()
        contents = [(Path(directory) / part.name).read_bytes() for part in parts]
        assert b"".join(contents) == b"".join(blocks)
        assert [part.bytes for part in parts] == [len(content) for content in contents]
        assert all(part.bytes == part_size for part in parts[:-1])
        assert all(part.bytes for part in parts)
        assert sorted(path.name for path in Path(directory).iterdir()) == [part.name for part in parts]


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=20), st.integers(min_value=1, max_value=40))
def test_nothing_is_left_of_an_aborted_stream(blocks: list[bytes], part_size: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        sink = FileSink(directory, "tar", part_size)
        fill(sink, blocks)
        sink.abort(Exception())
        assert list(Path(directory).iterdir()) == []
        sink.abort(Exception())


def test_parts_are_for_their_owner_only(tmp_path: Path) -> None:
    sink = FileSink(str(tmp_path), "tar_gz", 10)
    fill(sink, [b"secret data"])
    sink.finish()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_part_that_lost_bytes_is_noticed(tmp_path: Path) -> None:
    sink = FileSink(str(tmp_path), "tar", 10)
    fill(sink, [b"0123456789", b"rest"])
    (tmp_path / "backup.tar00000").write_bytes(b"012")
    with pytest.raises(OSError, match="it has 3 bytes and not 10"):
        sink.finish()


def test_a_strangers_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "backup.tar00000").write_text("mine")
    sink = FileSink(str(tmp_path), "tar", 10)
    with pytest.raises(FileExistsError):
        fill(sink, [b"0123"])
    sink.abort(Exception())
    assert (tmp_path / "backup.tar00000").read_text() == "mine"
