# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What is kept of each block of a stream until all objects are made: 24 bytes, because a TiB has 65,536 blocks."""

import re
from array import array
from typing import Dict, Iterator, Tuple

# S3's entity tag of a part is 128 bits in hexadecimal digits, whatever encrypts it.
_PACKED = re.compile(r'"[0-9a-f]{32}"')
_TAG_BYTES = 16


class BlockNotes:
    """Entity tag and CRC of each block of one object, by the block's number, from 1. Not locked."""

    __slots__ = ("_crcs", "_odd", "_tags")

    def __init__(self) -> None:
        self._tags = bytearray()
        self._crcs = array("Q")
        # Tags in another form, which no Amazon S3 gives.
        self._odd: Dict[int, str] = {}

    def begin(self) -> int:
        """Make room for the next block and return its number."""
        self._tags.extend(bytes(_TAG_BYTES))
        self._crcs.append(0)
        return len(self._crcs)

    def end(self, number: int, etag: str, crc: int) -> None:
        """Note that a block arrived."""
        start = (number - 1) * _TAG_BYTES
        if _PACKED.fullmatch(etag):
            self._tags[start : start + _TAG_BYTES] = bytes.fromhex(etag[1:-1])
        else:
            self._odd[number] = etag
        self._crcs[number - 1] = crc

    def __len__(self) -> int:
        return len(self._crcs)

    def __iter__(self) -> Iterator[Tuple[str, int]]:
        """The entity tag and the CRC of each block, in order."""
        for index, crc in enumerate(self._crcs):
            start = index * _TAG_BYTES
            packed = '"{0}"'.format(bytes(self._tags[start : start + _TAG_BYTES]).hex())
            yield self._odd.get(index + 1, packed), crc
