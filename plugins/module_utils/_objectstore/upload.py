# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Sending planned objects: parallel across files and inside files, within a bounded memory."""

import contextlib
import functools
import threading
from typing import Any, Callable, Dict, Iterator, List, Optional, cast

from .._errors import DbferryError
from .bucket import S3Prefix
from .checksums import combine, encode
from .compare import VerifiedObject
from .parallel import BufferPool, run_all
from .plan import PlannedObject, part_ranges
from .tree import read_range

# Bytes read at once where a file is only compared.
_HASH_BLOCK = 1024 * 1024


class Counter:
    """Adds up what the workers move, and tells a listener.

    :param listener: called with the sum after each step, by one thread at a time.
    """

    def __init__(self, listener: Callable[[int], None]) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._sum = 0

    def add(self, count: int) -> None:
        """Count ``count`` more."""
        with self._lock:
            self._sum += count
            self._listener(self._sum)


class Uploader:
    """Sends files of a tree to a prefix.

    :param store: where to.
    :param root: the tree's directory.
    :param parallel: requests at the same time.
    :param part_size: the usual part size in bytes; ``parallel`` times this is the memory for data.
    """

    def __init__(self, store: S3Prefix, root: str, parallel: int, part_size: int) -> None:
        self._store = store
        self._root = root
        self._parallel = parallel
        self._buffers = BufferPool(parallel * part_size, part_size)

    def find_equal(self, candidates: List[PlannedObject], listener: Callable[[int], None]) -> Dict[str, VerifiedObject]:
        """Those whose checksum in S3 is the file's, by path; nothing is sent.

        :param candidates: objects that are there in the same size.
        :param listener: called with the bytes that are compared.
        """
        equal: Dict[str, VerifiedObject] = {}
        counter = Counter(listener)

        def look(planned: PlannedObject) -> None:
            reported = self._store.reported(planned.path)
            if reported is not None and reported.checksum == self._checksum_of_file(planned, counter):
                equal[planned.path] = reported

        run_all((functools.partial(look, planned) for planned in candidates), self._parallel)
        return equal

    def send(self, planned: List[PlannedObject], listener: Callable[[int], None]) -> Dict[str, VerifiedObject]:
        """Send objects, and return what S3 reports of each, by path.

        Whatever ends it early, no multipart upload stays open, unless S3 cannot be reached any more.

        :param listener: called with the bytes that S3 has taken.
        :raises AwsError: S3 refused, or retries were used up.
        :raises ObjectStoreError: a file changed, or S3 has other bytes than the file.
        """
        verified: Dict[str, VerifiedObject] = {}
        counter = Counter(listener)
        # The largest first: a large one begun last would keep a single worker busy at the end.
        ordered = sorted(planned, key=lambda each: -each.size)
        try:
            run_all(self._tasks(ordered, verified, counter), self._parallel)
        except BaseException:
            self._clean_up()
            raise
        return verified

    def _tasks(
        self, ordered: List[PlannedObject], verified: Dict[str, VerifiedObject], counter: Counter
    ) -> Iterator[Callable[[], None]]:
        for planned in ordered:
            if planned.parts == 1:
                yield functools.partial(self._send_whole, planned, verified, counter)
            else:
                upload = _Multipart(self._store, planned)
                for number, offset, length in part_ranges(planned):
                    yield functools.partial(self._send_part, upload, number, offset, length, verified, counter)

    def _send_whole(self, planned: PlannedObject, verified: Dict[str, VerifiedObject], counter: Counter) -> None:
        def send(buffer: bytearray, crc: int) -> None:
            verified[planned.path] = self._store.put(planned.path, buffer, encode(self._store.algorithm, crc))

        self._with_bytes(planned, 0, planned.size, send)
        counter.add(planned.size)

    def _send_part(
        self,
        upload: Any,
        number: int,
        offset: int,
        length: int,
        verified: Dict[str, VerifiedObject],
        counter: Counter,
    ) -> None:
        last: List[bool] = []
        self._with_bytes(
            upload.planned, offset, length, lambda buffer, crc: last.append(upload.send(number, buffer, crc))
        )
        counter.add(length)
        if last[0]:
            verified[upload.planned.path] = upload.complete()

    def _with_bytes(
        self, planned: PlannedObject, offset: int, length: int, use: Callable[[bytearray, int], None]
    ) -> None:
        buffer = self._buffers.take(length)
        try:
            read_range(self._root, planned, offset, buffer)
            use(buffer, self._store.algorithm.update(buffer, 0))
        finally:
            self._buffers.give_back(buffer)

    def _checksum_of_file(self, planned: PlannedObject, counter: Counter) -> str:
        crc = 0
        block = bytearray(min(_HASH_BLOCK, planned.size))
        for offset in range(0, max(1, planned.size), _HASH_BLOCK):
            view = memoryview(block)[: planned.size - offset]
            read_range(self._root, planned, offset, view)
            crc = self._store.algorithm.update(view, crc)
            counter.add(len(view))
        return encode(self._store.algorithm, crc)

    def _clean_up(self) -> None:
        """Abort what is open; what cannot be aborted now, the next run aborts before it begins."""
        # The error that led here is the one to tell.
        with contextlib.suppress(DbferryError):
            self._store.abort_open_uploads()


class _Multipart:
    """The multipart upload of one object, opened by the first of its parts and completed by the last."""

    def __init__(self, store: S3Prefix, planned: PlannedObject) -> None:
        self.planned = planned
        self._store = store
        self._lock = threading.Lock()
        self._upload_id: Optional[str] = None
        self._etags: Dict[int, str] = {}
        self._crcs: Dict[int, int] = {}

    def send(self, number: int, buffer: bytearray, crc: int) -> bool:
        """Send one part; True when every part has arrived with this one."""
        with self._lock:
            if self._upload_id is None:
                self._upload_id = self._store.create_upload(self.planned.path)
        checksum = encode(self._store.algorithm, crc)
        etag = self._store.put_part(self.planned.path, self._upload_id, number, buffer, checksum)
        with self._lock:
            self._etags[number] = etag
            self._crcs[number] = crc
            return len(self._etags) == self.planned.parts

    def complete(self) -> VerifiedObject:
        crc = 0
        for number, _offset, length in part_ranges(self.planned):
            crc = combine(self._store.algorithm, crc, self._crcs[number], length)
        etags = [self._etags[number] for number in sorted(self._etags)]
        return self._store.complete_upload(
            self.planned.path, cast(str, self._upload_id), etags, self.planned.size, encode(self._store.algorithm, crc)
        )
