# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a lane does with one task: compare a file with its object, or send it or a part of it."""

import threading
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from .bucket import S3Prefix, SentPart
from .checksums import encode
from .lanes import WorkerFactory
from .plan import MIB, PlannedObject, part_range
from .tree import read_blocks
from .wire import Payload

# Memory for data, of all lanes together. A part that does not fit into its lane's share is read twice, once for its
# checksum and once to be sent, block by block.
DATA_MEMORY = 128 * MIB
_BLOCK = MIB
# A checksum is computed over bytes that the processor's cache still holds from being read.
_HOT = 256 * 1024


class Worker:
    """Does tasks of one tree and one prefix, from several threads.

    :param store: where to.
    :param root: the tree's directory.
    :param plan: what tasks name by its index.
    :param held: bytes of a part that a thread keeps in memory.
    """

    def __init__(self, store: S3Prefix, root: str, plan: List[PlannedObject], held: int) -> None:
        self._store = store
        self._root = root
        self._plan = plan
        self._held = held
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
            payload, crc = self._load(planned, 0, planned.size)
            answers.append(tuple(self._store.put(planned.path, payload, encode(self._store.algorithm, crc))))
        return answers  # type: ignore[return-value]

    def _first(self, index: int) -> Tuple[str, str, int]:
        upload_id = self._store.create_upload(self._plan[index].path)
        etag, crc, _sent = self._part(index, upload_id, 1)
        return upload_id, etag, crc

    def _part(
        self, index: int, upload_id: str, number: int, known_etag: str = "", known_checksum: str = ""
    ) -> Tuple[str, int, bool]:
        planned = self._plan[index]
        payload, crc = self._load(planned, *part_range(planned, number))
        checksum = encode(self._store.algorithm, crc)
        if checksum == known_checksum:
            return known_etag, crc, False
        return self._store.put_part(planned.path, upload_id, number, payload, checksum), crc, True

    def _complete(self, index: int, upload_id: str, parts: List[List[Any]], crc: int) -> Tuple[str, str]:
        planned = self._plan[index]
        checksum = encode(self._store.algorithm, crc)
        sent = [SentPart(*part) for part in parts]
        return tuple(self._store.complete_upload(planned.path, upload_id, sent, planned.size, checksum))  # type: ignore[return-value]

    def _load(self, planned: PlannedObject, offset: int, length: int) -> Tuple[Payload, int]:
        """A range of a file as a body, and its CRC, both of the same reading where it fits into memory."""
        if length > self._held:
            crc = self._crc(self._blocks(planned, offset, length))
            return Payload(length, lambda: self._blocks(planned, offset, length)), crc
        whole = memoryview(self._buffer(length))[:length]
        crc = 0
        for block in read_blocks(self._root, planned, offset, length, whole, _HOT):
            crc = self._store.algorithm.update(block, crc)
        return Payload(length, lambda: [whole]), crc

    def _blocks(self, planned: PlannedObject, offset: int, length: int) -> Iterable[memoryview]:
        return read_blocks(self._root, planned, offset, length, memoryview(self._buffer(_BLOCK))[:_BLOCK])

    def _crc(self, blocks: Iterable[memoryview]) -> int:
        crc = 0
        for block in blocks:
            crc = self._store.algorithm.update(block, crc)
        return crc

    def _buffer(self, length: int) -> bytearray:
        buffer: bytearray = getattr(self._local, "buffer", None) or bytearray(0)
        if len(buffer) < length:
            # Two sizes only, so that growing does not go through many.
            buffer = self._local.buffer = bytearray(_BLOCK if length <= _BLOCK else self._held)
        return buffer


def worker_factory(store: S3Prefix, root: str, plan: List[PlannedObject], parallel: int) -> WorkerFactory:
    """What makes a ``Worker`` in a lane's process."""
    held = max(_BLOCK, DATA_MEMORY // parallel)

    def make(wanted: Callable[[], bool]) -> Callable[[List[Any]], Tuple[Any, int]]:
        return Worker(store.through(store.client.for_worker(wanted)), root, plan, held)

    return make
