# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""A stream of bytes that becomes objects while it is made: no disk, bounded memory, nothing there before the end."""

import queue
import threading
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from .._stop import Stop
from .bucket import S3Prefix, SentPart, held
from .checksums import combine, encode
from .client import Abandoned
from .errors import interrupted
from .plan import MIB, part_size_for

# Bytes of an upload's part; as many of them as there are senders, and one that is being filled, are the memory.
_BLOCK_BYTES = 16 * MIB
_LOOK_SECONDS = 0.2


def block_bytes_for(object_size: int) -> int:
    """Bytes of a block of an object that may have ``object_size`` bytes, of which S3 takes 10,000."""
    return part_size_for(object_size, _BLOCK_BYTES)


class PartInfo(NamedTuple):
    """An object that is whole and verified; ``checksum`` is its full-object checksum as S3 reports it."""

    name: str
    bytes: int
    checksum: str


class S3Sink:
    """Cuts a stream into objects, and sends each as a multipart upload in blocks while the next block is filled.

    No upload is completed before ``finish``, so that nothing stands under the prefix of a stream that did not end well,
    not even after SIGKILL. A block whose request fails is sent again from memory.

    :param store: the prefix of the objects, which nobody else writes to.
    :param name_of: the key below the prefix of the object with a number, from 0.
    :param object_size: bytes of every object but the last.
    :param senders: blocks that are sent at the same time.
    :param stop: ends all waiting.
    :raises DbferryError: no multipart upload can be opened.
    """

    def __init__(
        self,
        store: S3Prefix,
        name_of: Callable[[int], str],
        object_size: int,
        senders: int,
        stop: Stop,
    ) -> None:
        self._stop = stop
        self._aborted = False
        self._store = store.through(store.client.for_worker(self._wanted))
        self._cleaner = store
        self._name_of = name_of
        self._object_size = object_size
        self._block_bytes = block_bytes_for(object_size)
        self._free: "queue.Queue[bytearray]" = queue.Queue()
        self._jobs: "queue.Queue[Optional[_Block]]" = queue.Queue()
        self._to_make = senders + 1
        self._objects: List[_Object] = []
        self._block: Optional[bytearray] = None
        self._filled = 0
        self._error: Optional[BaseException] = None
        # Whether abort has left nothing.
        self.clean = False
        self._try_to_open()
        self._senders = senders
        self._threads: List[threading.Thread] = []
        self._start_senders(self._send)

    @property
    def retries(self) -> int:
        """How many requests were repeated."""
        return self._store.client.retries

    def space(self) -> memoryview:
        """The rest of the block that is being filled; waits for a sender where none is free.

        :raises DbferryError: a block could not be sent; ``objectstore.interrupted``.
        """
        self._raise_error()
        if self._block is None:
            self._block = self._take_block()
            self._filled = 0
        return memoryview(self._block)[self._filled : self._room()]

    def advance(self, count: int) -> None:
        """Take ``count`` bytes of the last ``space`` as filled.

        :raises DbferryError: the backup has more parts than there are names.
        """
        self._filled += count
        if self._filled == self._room():
            self._hand_over()

    def finish(self) -> List[PartInfo]:
        """Send what is left, make the objects, and verify each.

        :returns: the objects in order.
        :raises DbferryError: a block could not be sent, or S3 has another checksum than the stream.
        """
        if self._filled:
            self._hand_over()
        self._end_senders()
        self._raise_error()
        for each in self._objects:
            self._jobs.put(_Block(each, 0, bytearray(0), 0))
        self._start_senders(self._complete)
        self._end_senders()
        self._raise_error()
        if self._stop.requested():
            raise interrupted(self._stop.signal_name())
        return [PartInfo(each.name, each.size, each.checksum) for each in self._objects]

    def abort(self) -> None:
        """Abort every upload, and delete what was completed; never raises."""
        self._aborted = True
        self._end_senders()
        try:
            # As S3 lists them: an answer that was lost leaves an upload that nobody here knows.
            self._cleaner.abort_open_uploads()
            self._cleaner.delete([each.name for each in self._objects if each.completing])
            self.clean = True
        except Exception as error:  # the error that led here is the one to tell
            self._error = self._error or error

    def _try_to_open(self) -> None:
        """Open an upload and abort it, before anything is locked anywhere for the stream."""
        name = self._name_of(0)
        try:
            self._store.abort(name, self._store.create_upload(name))
        except Abandoned:
            raise interrupted(self._stop.signal_name()) from None

    def _wanted(self) -> bool:
        return not self._aborted and not self._stop.requested()

    def _room(self) -> int:
        """Where the block ends that is being filled: at its end, or at the object's."""
        begun = self._objects[-1].size % self._object_size if self._objects else 0
        return min(self._block_bytes, self._object_size - begun)

    def _take_block(self) -> bytearray:
        if self._to_make and self._free.empty():
            self._to_make -= 1
            return bytearray(min(self._block_bytes, self._object_size))
        while True:
            try:
                return self._free.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                self._raise_error()
                if self._stop.requested():
                    raise interrupted(self._stop.signal_name()) from None

    def _hand_over(self) -> None:
        if not self._objects or self._objects[-1].size == self._object_size:
            self._objects.append(_Object(self._name_of(len(self._objects))))
        last = self._objects[-1]
        last.size += self._filled
        last.blocks += 1
        block, self._block = self._block, None
        self._jobs.put(_Block(last, last.blocks, block or bytearray(0), self._filled))
        self._filled = 0

    def _start_senders(self, work: Callable[["_Block"], None]) -> None:
        for _sender in range(self._senders):
            thread = threading.Thread(target=self._each_job, args=(work,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _end_senders(self) -> None:
        for _thread in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _raise_error(self) -> None:
        if isinstance(self._error, Abandoned):
            raise interrupted(self._stop.signal_name())
        if self._error is not None:
            raise self._error

    def _each_job(self, work: Callable[["_Block"], None]) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            try:
                # After an error the queue is only emptied.
                if self._error is None and self._wanted():
                    work(job)
            except BaseException as error:  # raised in the thread that fills
                self._error = self._error or error

    def _send(self, block: "_Block") -> None:
        what = block.of
        with what.lock:
            if what.upload_id is None:
                what.upload_id = self._store.create_upload(what.name)
        data = memoryview(block.data)[: block.length]
        crc = self._store.algorithm.update(data, 0)
        checksum = encode(self._store.algorithm, crc)
        etag = self._store.put_part(what.name, what.upload_id, block.number, held(data), checksum)
        with what.lock:
            what.sent[block.number] = _Sent(etag, crc, block.length)
        self._free.put(block.data)

    def _complete(self, block: "_Block") -> None:
        what = block.of
        crc = 0
        parts = []
        for number in range(1, what.blocks + 1):
            sent = what.sent[number]
            crc = combine(self._store.algorithm, crc, sent.crc, sent.length)
            parts.append(SentPart(number, sent.etag, encode(self._store.algorithm, sent.crc)))
        what.completing = True
        verified = self._store.complete_upload(
            what.name, what.upload_id or "", parts, what.size, encode(self._store.algorithm, crc)
        )
        what.checksum = verified.checksum


class _Sent(NamedTuple):
    etag: str
    crc: int
    length: int


class _Object:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()
        self.upload_id: Optional[str] = None
        self.size = 0
        self.blocks = 0
        self.sent: Dict[int, _Sent] = {}
        self.completing = False
        self.checksum = ""


class _Block(NamedTuple):
    of: Any
    number: int
    data: bytearray
    length: int
