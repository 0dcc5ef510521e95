# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a request sends to S3, with its checksum: in a header before bytes that are in memory, or behind bytes that are
read on the way.
"""

from typing import Any, Callable, Dict, Iterable, Iterator

from .checksums import Algorithm, encode
from .sigv4 import TRAILED_PAYLOAD
from .wire import Payload

# Room in a buffer for what the encoding puts around a chunk: its length in hexadecimal digits, line ends, the trailer.
_BEFORE = 16
_BEHIND = 112


class Body:
    """Bytes with a checksum."""

    payload: Payload

    def __init__(self, algorithm: Algorithm, crc: int) -> None:
        self._algorithm = algorithm
        self.crc = crc
        """Their CRC; of bytes that are read on the way, once they were sent."""

    @property
    def checksum(self) -> str:
        """The CRC as S3 writes it."""
        return encode(self._algorithm, self.crc)

    def headers(self) -> Dict[str, str]:
        """What the request says of them."""
        raise NotImplementedError


class HeldBody(Body):
    """Bytes that are in memory.

    :param data: anything with a length that a socket takes.
    :param crc: their CRC.
    """

    def __init__(self, algorithm: Algorithm, data: Any, crc: int) -> None:
        super().__init__(algorithm, crc)
        self.payload = Payload(len(data), lambda: [data])

    def headers(self) -> Dict[str, str]:
        """The checksum among them."""
        return {self._algorithm.header: self.checksum, "x-amz-sdk-checksum-algorithm": self._algorithm.name}


class ReadBody(Body):
    """Bytes that are read, summed up and sent a block at a time, each while the processor's cache still holds it.

    They travel in S3's content encoding ``aws-chunked``, whose trailer has the checksum ("Checking object integrity for
    data uploads in Amazon S3", S3 User Guide). A request that is repeated reads them again.

    :param length: how many; not 0.
    :param read: fills the view that it gets from its beginning, again and again, and yields what it filled.
    :param buffer: as long as ``buffer_length`` says.
    """

    def __init__(
        self, algorithm: Algorithm, length: int, read: Callable[[memoryview], Iterable[memoryview]], buffer: bytearray
    ) -> None:
        super().__init__(algorithm, 0)
        self._length = length
        self._read = read
        self._buffer = memoryview(buffer)
        self._block = len(buffer) - _BEFORE - _BEHIND
        self.payload = Payload(self._encoded_length(), self._chunks, TRAILED_PAYLOAD)

    def headers(self) -> Dict[str, str]:
        """What comes behind the bytes among them."""
        return {
            "content-encoding": "aws-chunked",
            "x-amz-decoded-content-length": str(self._length),
            "x-amz-sdk-checksum-algorithm": self._algorithm.name,
            "x-amz-trailer": self._algorithm.header,
        }

    def _chunks(self) -> Iterator[memoryview]:
        crc = 0
        left = self._length
        for block in self._read(self._buffer[_BEFORE : _BEFORE + self._block]):
            crc = self._algorithm.update(block, crc)
            left -= len(block)
            first = b"%x\r\n" % len(block)
            last = b"\r\n" if left else b"\r\n" + self._trailer(crc)
            begin, end = _BEFORE - len(first), _BEFORE + len(block)
            self._buffer[begin:_BEFORE] = first
            self._buffer[end : end + len(last)] = last
            yield self._buffer[begin : end + len(last)]
        self.crc = crc

    def _trailer(self, crc: int) -> bytes:
        line = "0\r\n{0}:{1}\r\n\r\n".format(self._algorithm.header, encode(self._algorithm, crc))
        return line.encode("ascii")

    def _encoded_length(self) -> int:
        whole, rest = divmod(self._length, self._block)
        around = len(b"\r\n\r\n")
        chunks = whole * (len(b"%x" % self._block) + around) + ((len(b"%x" % rest) + around) if rest else 0)
        return self._length + chunks + len(self._trailer(0))


def buffer_length(block: int) -> int:
    """Bytes of a ``ReadBody``'s buffer that reads blocks of so many bytes."""
    return _BEFORE + block + _BEHIND
