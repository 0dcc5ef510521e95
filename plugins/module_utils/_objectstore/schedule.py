# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Which task comes next, and what is known when one is done; pure."""

from collections import deque
from typing import Any, Deque, Dict, Iterable, List, NamedTuple, Optional

from .checksums import Algorithm, combine, encode
from .compare import VerifiedObject
from .plan import MIB, PlannedObject, part_range
from .resume import Resumed

# Small files travel by the dozen, so that a lane does not wait for its next task after each.
_BATCH_FILES = 32
_BATCH_BYTES = 2 * MIB


class Listener:
    """Told what S3 has taken; a state file is one."""

    def upload_opened(self, planned: PlannedObject, upload_id: str) -> None:
        """A multipart upload of this object was begun."""

    def part_arrived(self, upload_id: str, number: int, crc: int, etag: str) -> None:
        """S3 has this part."""

    def object_verified(self, planned: PlannedObject, verified: VerifiedObject) -> None:
        """S3 has this object, with this checksum."""


class Moved(NamedTuple):
    """Bytes so far.

    :ivar sent: that travelled in this run.
    :ivar resumed: that an earlier run had sent as parts of objects that this one completes.
    """

    sent: int
    resumed: int


class SendSchedule:
    """The tasks that send objects: small ones in batches, large ones part by part, the largest first.

    A large one that was begun last would keep a single lane busy at the end.

    :param plan: what tasks name by its index.
    :param wanted: indices of the objects to send.
    :param resumed: what is known of uploads that an earlier run left, by index.
    :param lanes: tasks at the same time.
    """

    def __init__(
        self,
        plan: List[PlannedObject],
        wanted: Iterable[int],
        resumed: Dict[int, Resumed],
        algorithm: Algorithm,
        lanes: int,
        listener: Listener,
    ) -> None:
        self._plan = plan
        self._algorithm = algorithm
        self._lanes = lanes
        self._listener = listener
        ordered = sorted(wanted, key=lambda index: -plan[index].size)
        self._waiting: Deque[int] = deque(index for index in ordered if index not in resumed)
        self._ready: Deque[List[Any]] = deque()
        self._uploads: Dict[int, _Upload] = {}
        self._sent = 0
        self._resumed = 0
        self.retries = 0
        self.verified: Dict[str, VerifiedObject] = {}
        for index in ordered:
            if index in resumed:
                self._take_up(index, resumed[index])

    @property
    def moved(self) -> Moved:
        """What has been sent so far."""
        return Moved(self._sent, self._resumed)

    def next_task(self) -> Optional[List[Any]]:
        """A task for a lane that is free; None where there is none now."""
        if self._ready:
            return self._ready.popleft()
        if not self._waiting:
            return None
        if self._plan[self._waiting[0]].parts > 1:
            return ["first", self._waiting.popleft()]
        most = max(1, min(_BATCH_FILES, len(self._waiting) // (2 * self._lanes)))
        return ["put", take_batch(self._plan, self._waiting, most)]

    def done(self, task: List[Any], result: Any, retries: int) -> None:
        """Note a task's result."""
        self.retries += retries
        kind, which = task[0], task[1]
        if kind == "put":
            for index, answer in zip(which, result):
                self._sent += self._plan[index].size
                self._verified(index, answer)
        elif kind == "first":
            upload_id, etag, crc = result
            upload = self._uploads[which] = _Upload(upload_id)
            self._listener.upload_opened(self._plan[which], upload_id)
            for number in range(2, self._plan[which].parts + 1):
                self._ready.append(["part", which, upload_id, number])
            self._arrived(which, upload, 1, etag, crc, True)
        elif kind == "part":
            etag, crc, sent = result
            self._arrived(which, self._uploads[which], task[3], etag, crc, sent)
        else:
            del self._uploads[which]
            self._verified(which, result)

    def _take_up(self, index: int, resumed: Resumed) -> None:
        upload = self._uploads[index] = _Upload(resumed.upload_id)
        planned = self._plan[index]
        for number in range(1, planned.parts + 1):
            if number in resumed.offered:
                part = resumed.offered[number]
                self._ready.append(["part", index, resumed.upload_id, number, part.etag, part.checksum])
            elif number not in resumed.trusted:
                self._ready.append(["part", index, resumed.upload_id, number])
        for number, (crc, etag) in resumed.trusted.items():
            self._arrived(index, upload, number, etag, crc, False)

    def _arrived(self, index: int, upload: "_Upload", number: int, etag: str, crc: int, sent: bool) -> None:
        planned = self._plan[index]
        length = part_range(planned, number)[1]
        if sent:
            self._sent += length
            self._listener.part_arrived(upload.upload_id, number, crc, etag)
        else:
            self._resumed += length
        upload.etags[number] = etag
        upload.crcs[number] = crc
        if len(upload.etags) < planned.parts:
            return
        whole = 0
        parts = []
        for each in range(1, planned.parts + 1):
            part_crc = upload.crcs[each]
            whole = combine(self._algorithm, whole, part_crc, part_range(planned, each)[1])
            parts.append([each, upload.etags[each], encode(self._algorithm, part_crc)])
        self._ready.appendleft(["complete", index, upload.upload_id, parts, whole])

    def _verified(self, index: int, answer: List[str]) -> None:
        verified = VerifiedObject(*answer)
        self.verified[self._plan[index].path] = verified
        self._listener.object_verified(self._plan[index], verified)


class CompareSchedule:
    """The tasks that compare files with objects of the same size.

    :param plan: what tasks name by its index.
    :param candidates: indices of the objects to compare.
    """

    def __init__(self, plan: List[PlannedObject], candidates: Iterable[int]) -> None:
        self._plan = plan
        self._waiting: Deque[int] = deque(sorted(candidates, key=lambda index: -plan[index].size))
        self.equal: Dict[str, VerifiedObject] = {}
        self.bytes = 0

    def next_task(self) -> Optional[List[Any]]:
        """A task for a lane that is free; None where there is none now."""
        return ["compare", take_batch(self._plan, self._waiting, _BATCH_FILES)] if self._waiting else None

    def done(self, task: List[Any], result: Any, _retries: int) -> None:
        """Note a task's result."""
        for index, answer in zip(task[1], result):
            self.bytes += self._plan[index].size
            if answer is not None:
                self.equal[self._plan[index].path] = VerifiedObject(*answer)


def take_batch(plan: List[PlannedObject], waiting: Deque[int], most: int) -> List[int]:
    """Take the next of the waiting ones: one, or several that are small together."""
    batch = [waiting.popleft()]
    size = plan[batch[0]].size
    while waiting and len(batch) < most and size + plan[waiting[0]].size <= _BATCH_BYTES:
        size += plan[waiting[0]].size
        batch.append(waiting.popleft())
    return batch


class _Upload:
    def __init__(self, upload_id: str) -> None:
        self.upload_id = upload_id
        self.etags: Dict[int, str] = {}
        self.crcs: Dict[int, int] = {}
