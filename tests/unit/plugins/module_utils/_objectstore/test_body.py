# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that travel with their checksum behind them, taken apart as a server does."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.body import (
    HeldBody,
    ReadBody,
    buffer_length,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.checksums import known_algorithms

CRC32 = known_algorithms()["CRC32"]


def reading(data: bytes, block: int) -> ReadBody:
    """A body that is read from ``data``, block by block."""

    def read(view: memoryview) -> Iterator[memoryview]:
        for begin in range(0, len(data), len(view)):
            piece = data[begin : begin + len(view)]
            view[: len(piece)] = piece
            yield view[: len(piece)]

    return ReadBody(CRC32, len(data), read, bytearray(buffer_length(block)))


def sent(body: ReadBody) -> bytes:
    """All that goes over the line; a block is gone when the next one is asked for."""
    return b"".join(bytes(block) for block in body.payload.blocks())


def decoded(stream: bytes) -> tuple[bytes, dict[str, str]]:
    """The bytes and the trailer of the content encoding aws-chunked."""
    source, data = io.BytesIO(stream), b""
    while True:
        length = int(source.readline(), 16)
        if not length:
            break
        data += source.read(length)
        assert source.read(2) == b"\r\n"
    lines = source.read().decode("ascii").split("\r\n")
    assert lines[-2:] == ["", ""], "the trailer ends in an empty line"
    return data, dict(line.split(":", 1) for line in lines[:-2])


@given(data=st.binary(min_size=1, max_size=500), block=st.integers(min_value=1, max_value=600))
def test_what_was_read_arrives_with_its_checksum(data: bytes, block: int) -> None:
    body = reading(data, block)
    # A request that is repeated reads again.
    for _attempt in range(2):
        stream = sent(body)
        assert len(stream) == body.payload.length
        found, trailer = decoded(stream)
        assert found == data
        assert trailer == {"x-amz-checksum-crc32": body.checksum}
        assert base64.b64decode(body.checksum) == zlib.crc32(data).to_bytes(4, "big")
        assert body.crc == zlib.crc32(data)
    assert body.headers()["x-amz-decoded-content-length"] == str(len(data))


def test_the_longest_lines_fit_around_a_block() -> None:
    for algorithm in known_algorithms().values():
        block = 16 * 1024**2
        body = ReadBody(algorithm, block, lambda view: [view], bytearray(buffer_length(block)))
        assert len(sent(body)) == body.payload.length
        assert body.headers()["x-amz-trailer"] == algorithm.header


@pytest.mark.parametrize("data", [b"", b"in memory"])
def test_what_is_in_memory_carries_its_checksum_in_front(data: bytes) -> None:
    body = HeldBody(CRC32, data, zlib.crc32(data))
    assert b"".join(body.payload.blocks()) == data
    assert body.payload.length == len(data)
    assert body.headers()["x-amz-checksum-crc32"] == body.checksum
    assert "content-encoding" not in body.headers()
