# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""A stream of bytes that becomes objects while it is made: no disk, bounded memory, nothing there before the end."""

import queue
import threading
from typing import Any, Callable, List, NamedTuple, Optional

from .._errors import DbferryError
from .._stop import Stop
from .block_notes import BlockNotes
from .blocks import block_bytes_for
from .body import HeldBody
from .bucket import S3Prefix, SentPart
from .checksums import combine, encode
from .client import Abandoned
from .errors import interrupted
from .waiting import Waiting

_LOOK_SECONDS = 0.2


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
    :param senders: blocks that are sent at the same time, as ``senders_for`` allows.
    :param stop: ends all waiting.
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
        self._senders = senders
        self._to_make = self._senders + 1
        self._lock = threading.Lock()
        self._waiting = Waiting()
        self._objects: List[_Object] = []
        self._block: Optional[bytearray] = None
        self._filled = 0
        self._error: Optional[BaseException] = None
        # Whether abort has left nothing.
        self.clean = False
        self._threads: List[threading.Thread] = []
        self._start_senders(self._send)

    finishing = "making the objects and verifying them"

    @property
    def retries(self) -> int:
        """How many requests were repeated."""
        return self._store.client.retries

    @property
    def detail(self) -> str:
        """How long S3 has taken nothing, where that is long, and how many requests were repeated."""
        return self._waiting.words(self.retries)

    def has_room(self) -> bool:
        """Whether there is a block to fill; waits a moment for a sender where none is free.

        :raises DbferryError: a block could not be sent; ``objectstore.interrupted``.
        """
        self._raise_error()
        if self._block is None:
            self._block = self._take_block()
            self._filled = 0
        return self._block is not None

    def space(self) -> memoryview:
        """The rest of the block that is being filled; waits for a sender where none is free.

        :raises DbferryError: as ``has_room``.
        """
        while self._block is None:
            self.has_room()
        return memoryview(self._block)[self._filled : self._room()]

    def advance(self, count: int) -> None:
        """Take ``count`` bytes of the last ``space`` as filled.

        :raises DbferryError: the backup has more parts than there are names.
        """
        self._filled += count
        if self._filled == self._room():
            self._hand_over()

    def finish(self, look: Callable[[], None] = lambda: None) -> List[PartInfo]:
        """Send what is left, make the objects, and verify each.

        :param look: called several times a second meanwhile.
        :returns: the objects in order.
        :raises DbferryError: a block could not be sent, or S3 has another checksum than the stream.
        """
        if self._filled:
            self._hand_over()
        self._end_senders(look)
        self._raise_error()
        self._abort_strays()
        for each in self._objects:
            self._put(_Block(each, 0, bytearray(0), 0))
        self._start_senders(self._complete)
        self._end_senders(look)
        self._raise_error()
        if self._stop.requested():
            raise interrupted(self._stop.signal_name())
        return [PartInfo(each.name, each.size, each.checksum) for each in self._objects]

    def abort(self, error: BaseException) -> None:
        """Abort every upload, and delete what was completed; never raises.

        :param error: what led here; it is told along what could not be aborted or deleted.
        """
        self._aborted = True
        self._end_senders()
        aborted = self._cleaner.abort_after(error)
        self.clean = self._delete_completed(error) and aborted

    def _delete_completed(self, error: BaseException) -> bool:
        try:
            self._cleaner.delete([each.name for each in self._objects if each.completing])
        except DbferryError as failure:
            if isinstance(error, DbferryError):
                error.add(
                    "Objects under {0} are those of no whole backup, and could not be deleted: {1}".format(
                        self._cleaner.where, failure.message
                    ),
                    "The next run deletes them.",
                )
            return False
        return True

    def _abort_strays(self) -> None:
        """Abort uploads that nobody here knows: a request to open one that was repeated after a lost answer."""
        known = {each.upload_id for each in self._objects}
        for upload in self._cleaner.open_uploads():
            if upload.upload_id not in known:
                self._cleaner.abort(upload.path, upload.upload_id)

    def _wanted(self) -> bool:
        return not self._aborted and not self._stop.requested()

    def _room(self) -> int:
        """Where the block ends that is being filled: at its end, or at the object's."""
        begun = self._objects[-1].size % self._object_size if self._objects else 0
        return min(self._block_bytes, self._object_size - begun)

    def _take_block(self) -> Optional[bytearray]:
        if self._to_make and self._free.empty():
            self._to_make -= 1
            return bytearray(min(self._block_bytes, self._object_size))
        try:
            return self._free.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            self._raise_error()
            if self._stop.requested():
                raise interrupted(self._stop.signal_name()) from None
            return None

    def _hand_over(self) -> None:
        if not self._objects or self._objects[-1].size == self._object_size:
            self._objects.append(_Object(self._name_of(len(self._objects))))
        last = self._objects[-1]
        with self._lock:
            number = last.blocks.begin()
        last.size += self._filled
        block, self._block = self._block, None
        self._put(_Block(last, number, block or bytearray(0), self._filled))
        self._filled = 0

    def _put(self, job: "_Block") -> None:
        self._waiting.began()
        self._jobs.put(job)

    def _start_senders(self, work: Callable[["_Block"], None]) -> None:
        for _sender in range(self._senders):
            thread = threading.Thread(target=self._each_job, args=(work,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _end_senders(self, look: Callable[[], None] = lambda: None) -> None:
        for _thread in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_LOOK_SECONDS)
                look()
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
            finally:
                self._waiting.ended()

    def _send(self, block: "_Block") -> None:
        what = block.of
        with what.opening:
            if not what.upload_id:
                what.upload_id = self._store.create_upload(what.name)
        data = memoryview(block.data)[: block.length]
        crc = self._store.algorithm.update(data, 0)
        etag = self._store.put_part(what.name, what.upload_id, block.number, HeldBody(self._store.algorithm, data, crc))
        with self._lock:
            what.blocks.end(block.number, etag, crc)
        self._free.put(block.data)

    def _complete(self, block: "_Block") -> None:
        what = block.of
        crc = 0
        parts = []
        for index, (etag, part_crc) in enumerate(what.blocks):
            # All blocks of an object are full but its last.
            length = min(self._block_bytes, what.size - index * self._block_bytes)
            crc = combine(self._store.algorithm, crc, part_crc, length)
            parts.append(SentPart(index + 1, etag, encode(self._store.algorithm, part_crc)))
        what.completing = True
        verified = self._store.complete_upload(
            what.name, what.upload_id, parts, what.size, encode(self._store.algorithm, crc)
        )
        what.checksum = verified.checksum


class _Object:
    """An object that is on its way."""

    __slots__ = ("blocks", "checksum", "completing", "name", "opening", "size", "upload_id")

    def __init__(self, name: str) -> None:
        self.name = name
        self.opening = threading.Lock()
        self.upload_id = ""
        self.size = 0
        self.blocks = BlockNotes()
        self.completing = False
        self.checksum = ""


class _Block(NamedTuple):
    of: Any
    number: int
    data: bytearray
    length: int
