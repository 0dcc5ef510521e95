# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Percona's xbstream format: chunks, each of which says of which file and which bytes of it it is. Pure."""

import struct

# Magic, flags, type and the path's length; the path; unless it is the end of a file, the payload's length, offset and
# checksum; the payload. A sparse chunk has a map before the payload, whose length stands before all three.
MAGIC = b"XBSTCK01"
CHUNK = struct.Struct("<8sBcI")
SPARSE = struct.Struct("<I")
PAYLOAD = struct.Struct("<QQI")
SPARSE_ENTRY_BYTES = 8
LONGEST_PATH = 4096

END_OF_FILE = b"E"
SPARSE_CHUNK = b"S"


class ChunkCursor:
    """Follows a stream through its chunks, to know where one ends, without keeping their payload.

    Who reads never reads past ``wanted`` bytes, and hands over what it read.
    """

    def __init__(self) -> None:
        self._step = self._header
        self._needed = CHUNK.size
        self._head = b""
        self._kind = b""
        self._skip = 0
        self._mapped = 0

    @property
    def wanted(self) -> int:
        """How many bytes may be read before the cursor has to look again; never 0."""
        return self._skip or self._needed - len(self._head)

    @property
    def inside(self) -> bool:
        """Whether the stream stands within a chunk."""
        return bool(self._skip or self._head or self._step != self._header)

    def advance(self, data: "memoryview") -> None:
        """Take in what was read, at most ``wanted`` bytes.

        :raises ValueError: the stream is not in this format.
        """
        if self._skip:
            self._skip -= len(data)
            return
        self._head += bytes(data)
        if len(self._head) == self._needed:
            head, self._head = self._head, b""
            self._step(head)

    def _expect(self, step: "object", count: int) -> None:
        self._step = step  # type: ignore[assignment]
        self._needed = count

    def _header(self, head: bytes) -> None:
        magic, _flags, self._kind, length = CHUNK.unpack(head)
        if magic != MAGIC or not 0 < length <= LONGEST_PATH:
            raise ValueError("no chunk of xbstream where one should begin")
        self._expect(self._path, length)

    def _path(self, _head: bytes) -> None:
        self._mapped = 0
        if self._kind == END_OF_FILE:
            self._expect(self._header, CHUNK.size)
        elif self._kind == SPARSE_CHUNK:
            self._expect(self._sparse, SPARSE.size)
        else:
            self._expect(self._payload, PAYLOAD.size)

    def _sparse(self, head: bytes) -> None:
        (self._mapped,) = SPARSE.unpack(head)
        self._expect(self._payload, PAYLOAD.size)

    def _payload(self, head: bytes) -> None:
        size, _offset, _checksum = PAYLOAD.unpack(head)
        self._skip = self._mapped * SPARSE_ENTRY_BYTES + size
        self._expect(self._header, CHUNK.size)
