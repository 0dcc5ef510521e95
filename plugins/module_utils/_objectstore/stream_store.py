# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""A prefix as the place of backups that were streamed to it; what takes a backup asks it as it asks a directory.

A stream's objects are completed when all of it has arrived. A run that dies in the middle of completing or of deleting
them leaves a note in the work directory, by which the next one knows that what stands there is nobody's backup.
"""

import contextlib
import os
from typing import Any, Callable, Dict, List, Optional, Sequence

from .._counted import counted
from .._errors import DbferryError
from .._stop import Stop
from .bucket import S3Prefix
from .client import Abandoned
from .compare import NAMED, name_some
from .errors import ObjectStoreError, interrupted
from .stream import PartInfo, S3Sink

_NOTE = ".not-whole"


class S3Store:
    """Keeps one chain's backups, each below its name.

    :param prefix_store: the chain's prefix.
    :param work_dir: where notes are kept; made by who takes the backup.
    :param name_of: (format, number) -> the name of a part.
    :param part_size: bytes of every part but the last.
    :param senders: blocks that are sent at the same time.
    :param alone: whether nothing may stand under the prefix but the backup that is taken now, because it is a full one.
    :param purges: whether what is in the backup's way is deleted.
    :param stop: ends all waiting.
    """

    directory = ""
    remedy = (
        "Let purge delete what is there, if nobody needs it, or choose another prefix; nothing is overwritten that "
        "this module did not make."
    )

    def __init__(
        self,
        prefix_store: S3Prefix,
        work_dir: str,
        name_of: Callable[[str, int], str],
        part_size: int,
        senders: int,
        alone: bool,
        purges: bool,
        stop: Stop,
    ) -> None:
        self._store = prefix_store
        self._work_dir = work_dir
        self._name_of = name_of
        self.part_size = part_size
        self._senders = senders
        self._alone = alone
        self.purges = purges
        self._stop = stop
        self._sink: Optional[S3Sink] = None
        self._parts: Sequence[PartInfo] = ()
        # Whether what stood under the prefix is as it was: nothing was withdrawn, deleted or begun.
        self.untouched = True

    def parts_of(self, name: str) -> Sequence[PartInfo]:
        """The parts of a backup that was taken or found."""
        if not self._parts:
            # By the record alone: of its checksums S3 knows.
            below = self._store.below(name + "/")
            found = [(each, below.reported(each.path)) for each in below.objects()]
            self._parts = [PartInfo(each.path, each.size, seen.checksum if seen else "") for each, seen in found]
        return self._parts

    @property
    def retries(self) -> int:
        """How many requests were repeated."""
        return self._store.client.retries + (self._sink.retries if self._sink is not None else 0)

    def places(self) -> Sequence[str]:
        """No directory of this host."""
        return ()

    def prepare(self, work_dir: str) -> None:
        """Nothing has to be made before."""

    def place_of(self, name: str) -> str:
        """The prefix of its objects."""
        return self._store.below(name + "/").where

    def occupied(self, name: str) -> bool:
        """Whether there is an object below a backup's name that a dead run did not leave."""
        if os.path.exists(self._note(name)):
            return False
        return next(self._store.below(name + "/").objects(), None) is not None

    def difference(self, entry: Dict[str, Any], form: str, parts: Sequence[Any]) -> str:  # noqa: ARG002
        """How what is kept differs from the parts that were written; "" when it does not."""
        below = self._store.below(entry["name"] + "/")
        found = [(each.path, each.size) for each in below.objects()]
        if sorted(found) != sorted((part.name, part.bytes) for part in parts):
            return "its objects are not those that were written"
        for part in parts:
            reported = below.reported(part.name)
            if reported is None or reported.checksum != part.checksum:
                return "{0} has another checksum than what was written".format(part.name)
        self._parts = [PartInfo(*part) for part in parts]
        return ""

    def lacks(self, entry: Dict[str, Any]) -> str:
        """How many objects and bytes there are in place of those that were written; "" where it is all of them."""
        noted = os.path.exists(self._note(entry["name"]))
        sizes = [] if noted else [each.size for each in self._store.below(entry["name"] + "/").objects()]
        if (len(sizes), sum(sizes)) == (entry["files"], entry["bytes"]):
            return ""
        return "{0} with {1} bytes instead of {2} with {3}".format(
            counted(len(sizes), "object"), sum(sizes), entry["files"], entry["bytes"]
        )

    def withdraw(self, name: str, data_dir: str) -> None:  # noqa: ARG002
        """Note that it is nobody's from now on."""
        self.untouched = False
        self._write_note(name)

    def remove(self, name: str) -> None:
        """Delete a backup's objects, and nothing else."""
        self.untouched = False
        below = self._store.below(name + "/")
        below.delete([each.path for each in below.objects()])
        self._remove_note(name)

    def remove_leftovers(self) -> None:
        """Delete what dead runs were completing or deleting."""
        for name in self._noted():
            self._store.below(name + "/").abort_open_uploads()
            self.remove(name)

    def purge(self, name: str) -> None:
        """Delete everything under the prefix for a full backup, and for an increment what stands below its name."""
        if self.purges:
            self.untouched = False
            place = self._place(name)
            place.delete(each.path for each in place.objects())

    def purged(self, name: str) -> str:
        """The prefix of all that ``purge`` deletes."""
        return self._place(name).where

    def room(self, min_free_percent: int) -> None:
        """No disk takes the backup."""

    def check_place(self, name: str, giving_way: Sequence[str]) -> int:
        """Refuse, or where they are purged count, other objects where the backup is to stand.

        Others may stand beside an increment, and what is below its name has been looked at.

        :raises ObjectStoreError: ``objectstore.strangers``.
        """
        own = [each + "/" for each in [*giving_way, *self._noted()]]
        if not self._alone and (not self.purges or name + "/" in own):
            return 0
        names: List[str] = []
        count = 0
        for each in self._place(name).objects():
            if self._alone and each.path.startswith(tuple(own)):
                continue
            count += 1
            if len(names) < NAMED:
                names.append(repr(each.path))
        if count and not self.purges:
            raise ObjectStoreError(
                "Under {0} there {3} {1} that {3} not of this backup: {2}. Aurora would read {4} too.".format(
                    self._store.where,
                    counted(count, "object"),
                    name_some(names, count),
                    *(("is", "it") if count == 1 else ("are", "them")),
                ),
                error_id="objectstore.strangers",
                remedy="Choose another prefix, or set purge to true to delete exactly these objects. Nothing was sent.",
                details={"count": count, "keys": names},
            )
        return count

    def try_out(self, name: str, form: str) -> None:
        """Open a multipart upload as a backup's first part would, and abort it.

        :raises DbferryError: no upload can be opened.
        """
        below = self._store.below(name + "/")
        asking = below.through(below.client.for_worker(lambda: not self._stop.requested()))
        try:
            asking.create_upload(self._name_of(form, 0))
        except (Abandoned, DbferryError) as error:
            failure = interrupted(self._stop.signal_name()) if isinstance(error, Abandoned) else error
            # A request that was repeated after a lost answer may have left one.
            below.abort_after(failure)
            raise failure from None
        # This one, and what a dead run left.
        below.abort_open_uploads()

    def open_sink(self, name: str, form: str, data_dir: str) -> S3Sink:  # noqa: ARG002
        """Where the stream goes."""
        self.untouched = False
        below = self._store.below(name + "/")
        sink = _NotedSink(self, name, below, lambda number: self._name_of(form, number))
        self._sink = sink
        return sink

    def publish(self, name: str, data_dir: str) -> None:  # noqa: ARG002
        """Everything has its name already; the note that it might be nobody's goes."""
        self._remove_note(name)

    def _noted(self) -> List[str]:
        try:
            return sorted(name[: -len(_NOTE)] for name in os.listdir(self._work_dir) if name.endswith(_NOTE))
        except FileNotFoundError:
            return []

    def _write_note(self, name: str) -> None:
        with open(self._note(name), "w", encoding="ascii") as note:
            os.fsync(note.fileno())

    def _remove_note(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._note(name))

    def _place(self, name: str) -> S3Prefix:
        """Where nothing but the backup may stand."""
        return self._store if self._alone else self._store.below(name + "/")

    def _note(self, name: str) -> str:
        return os.path.join(self._work_dir, name + _NOTE)


class _NotedSink(S3Sink):
    """Leaves the note while objects are being completed."""

    def __init__(self, owner: S3Store, name: str, below: S3Prefix, name_of: Callable[[int], str]) -> None:
        super().__init__(below, name_of, owner.part_size, owner._senders, owner._stop)
        self._owner = owner
        self._name = name

    def finish(self, look: Callable[[], None] = lambda: None) -> List[PartInfo]:
        self._owner._write_note(self._name)
        parts = super().finish(look)
        self._owner._parts = parts
        return parts

    def abort(self, error: BaseException) -> None:
        super().abort(error)
        if self.clean:
            with contextlib.suppress(OSError):
                self._owner._remove_note(self._name)
