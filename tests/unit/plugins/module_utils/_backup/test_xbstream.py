# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the chunks of an xbstream end, however it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.xbstream import (
    CHUNK,
    MAGIC,
    PAYLOAD,
    SPARSE,
    SPARSE_ENTRY_BYTES,
    ChunkCursor,
)


def chunk(kind: bytes, path: bytes, payload: bytes = b"", mapped: int = 0) -> bytes:
    made = CHUNK.pack(MAGIC, 0, kind, len(path)) + path
    if kind == b"E":
        return made
    if kind == b"S":
        made += SPARSE.pack(mapped)
    made += PAYLOAD.pack(len(payload), 0, 0)
    return made + (b"\0" * SPARSE_ENTRY_BYTES * mapped if kind == b"S" else b"") + payload


chunks = st.builds(
    chunk,
    st.sampled_from([b"P", b"S", b"E"]),
    st.binary(min_size=1, max_size=40),
    st.binary(max_size=3000),
    st.integers(0, 4),
)


@given(st.lists(chunks, max_size=6), st.integers(1, 700))
def test_the_ends_of_chunks_are_found_whatever_a_read_brings(made: list[bytes], piece: int) -> None:
    cursor, stream, position = ChunkCursor(), b"".join(made), 0
    ends = []
    while position < len(stream):
        data = stream[position : position + min(piece, cursor.wanted)]
        cursor.advance(memoryview(data))
        position += len(data)
        if not cursor.inside:
            ends.append(position)
    assert ends == [sum(map(len, made[: number + 1])) for number in range(len(made))]


@given(st.lists(chunks, min_size=1, max_size=3), st.data())
def test_a_cut_stream_stands_inside_a_chunk(made: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(made)
    cut = data.draw(st.integers(len(stream) - len(made[-1]) + 1, len(stream) - 1))
    cursor, position = ChunkCursor(), 0
    while position < cut:
        piece = stream[position : min(cut, position + cursor.wanted)]
        cursor.advance(memoryview(piece))
        position += len(piece)
    assert cursor.inside


@pytest.mark.parametrize("head", [CHUNK.pack(b"XBSTCK99", 0, b"P", 3), CHUNK.pack(MAGIC, 0, b"P", 0), b"\x1f\x8b" * 7])
def test_what_is_no_chunk_is_refused(head: bytes) -> None:
    with pytest.raises(ValueError, match="chunk"):
        ChunkCursor().advance(memoryview(head))
