# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a lane does with one task: compare a file with its object, or send it or a part of it."""

import threading
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from .body import Body, HeldBody, ReadBody, buffer_length
from .bucket import S3Prefix, SentPart
from .checksums import encode
from .lanes import WorkerFactory
from .plan import PlannedObject, part_range
from .tree import read_blocks

# What a lane keeps of a file: a checksum is computed over bytes that the processor's cache still holds from being
# read, and they are sent while it does.
_BLOCK = 256 * 1024


class Worker:
    """Does tasks of one tree and one prefix, from several threads.

    :param store: where to.
    :param root: the tree's directory.
    :param plan: what tasks name by its index.
    """

    def __init__(self, store: S3Prefix, root: str, plan: List[PlannedObject]) -> None:
        self._store = store
        self._root = root
        self._plan = plan
        self._local = threading.local()
        self._kinds: Dict[str, Callable[..., Any]] = {
            "compare": self._compare,
            "put": self._put,
            "first": self._first,
            "part": self._part,
            "complete": self._complete,
        }

    def __call__(self, task: List[Any]) -> Tuple[Any, int]:
        """Do a task, and say how many requests were repeated since the last."""
        result = self._kinds[task[0]](*task[1:])
        retries, self._store.client.retries = self._store.client.retries, 0
        return result, retries

    def _compare(self, indices: List[int]) -> List[Optional[Tuple[str, str]]]:
        return [self._compare_one(self._plan[index]) for index in indices]

    def _compare_one(self, planned: PlannedObject) -> Optional[Tuple[str, str]]:
        reported = self._store.reported(planned.path)
        if reported is None:
            return None
        crc = self._crc(self._blocks(planned, 0, planned.size))
        return tuple(reported) if reported.checksum == encode(self._store.algorithm, crc) else None  # type: ignore[return-value]

    def _put(self, indices: List[int]) -> List[Tuple[str, str]]:
        answers = []
        for index in indices:
            planned = self._plan[index]
            answers.append(tuple(self._store.put(planned.path, self._body(planned, 0, planned.size))))
        return answers  # type: ignore[return-value]

    def _first(self, index: int) -> Tuple[str, str, int]:
        upload_id = self._store.create_upload(self._plan[index].path)
        etag, crc, _sent = self._part(index, upload_id, 1)
        return upload_id, etag, crc

    def _part(
        self, index: int, upload_id: str, number: int, known_etag: str = "", known_checksum: str = ""
    ) -> Tuple[str, int, bool]:
        planned = self._plan[index]
        offset, length = part_range(planned, number)
        if known_checksum:
            crc = self._crc(self._blocks(planned, offset, length))
            if encode(self._store.algorithm, crc) == known_checksum:
                return known_etag, crc, False
        body = self._body(planned, offset, length)
        etag = self._store.put_part(planned.path, upload_id, number, body)
        return etag, body.crc, True

    def _complete(self, index: int, upload_id: str, parts: List[List[Any]], crc: int) -> Tuple[str, str]:
        planned = self._plan[index]
        checksum = encode(self._store.algorithm, crc)
        sent = [SentPart(*part) for part in parts]
        return tuple(self._store.complete_upload(planned.path, upload_id, sent, planned.size, checksum))  # type: ignore[return-value]

    def _body(self, planned: PlannedObject, offset: int, length: int) -> Body:
        """A range of a file, read once: what is small before it is sent, the rest on the way."""
        algorithm, buffer = self._store.algorithm, self._buffer()
        if length > _BLOCK:
            return ReadBody(
                algorithm, length, lambda view: read_blocks(self._root, planned, offset, length, view), buffer
            )
        whole = memoryview(buffer)[:length]
        crc = self._crc(read_blocks(self._root, planned, offset, length, whole))
        return HeldBody(algorithm, whole, crc)

    def _blocks(self, planned: PlannedObject, offset: int, length: int) -> Iterable[memoryview]:
        return read_blocks(self._root, planned, offset, length, memoryview(self._buffer())[:_BLOCK])

    def _crc(self, blocks: Iterable[memoryview]) -> int:
        crc = 0
        for block in blocks:
            crc = self._store.algorithm.update(block, crc)
        return crc

    def _buffer(self) -> bytearray:
        buffer: Optional[bytearray] = getattr(self._local, "buffer", None)
        if buffer is None:
            buffer = self._local.buffer = bytearray(buffer_length(_BLOCK))
        return buffer


def worker_factory(store: S3Prefix, root: str, plan: List[PlannedObject]) -> WorkerFactory:
    """What makes a ``Worker`` in a lane's process."""

    def make(wanted: Callable[[], bool]) -> Callable[[List[Any]], Tuple[Any, int]]:
        return Worker(store.through(store.client.for_worker(wanted)), root, plan)

    return make
