# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""A prefix as the place of backups that were streamed to it; what takes a backup asks it as it asks a directory.

A stream's objects are completed when all of it has arrived. A run that dies in the middle of completing them leaves a
note in the work directory, by which the next one knows that what stands there is nobody's backup.
"""

import contextlib
import os
from typing import Any, Callable, Dict, List, Optional, Sequence

from .._stop import Stop
from .bucket import S3Prefix
from .compare import NAMED, name_some
from .errors import ObjectStoreError
from .stream import PartInfo, S3Sink

_NOTE = ".completing"


class S3Store:
    """Keeps one chain's backups, each below its name.

    :param prefix_store: the chain's prefix.
    :param work_dir: where notes are kept; made by who takes the backup.
    :param name_of: (format, number) -> the name of a part.
    :param part_size: bytes of every part but the last.
    :param senders: blocks that are sent at the same time.
    :param alone: whether nothing may stand under the prefix but the backup that is taken now, because it is a full one.
    :param stop: ends all waiting.
    """

    directory = ""

    def __init__(
        self,
        prefix_store: S3Prefix,
        work_dir: str,
        name_of: Callable[[str, int], str],
        part_size: int,
        senders: int,
        alone: bool,
        stop: Stop,
    ) -> None:
        self._store = prefix_store
        self._work_dir = work_dir
        self._name_of = name_of
        self._part_size = part_size
        self._senders = senders
        self._alone = alone
        self._stop = stop
        self._sink: Optional[S3Sink] = None
        self._parts: Sequence[PartInfo] = ()

    @property
    def parts(self) -> Sequence[PartInfo]:
        """The parts of the backup that was taken or found last."""
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

    def remove(self, name: str) -> None:
        """Delete a backup's objects, and nothing else."""
        below = self._store.below(name + "/")
        below.delete([each.path for each in below.objects()])

    def room(self, min_free_percent: int) -> None:
        """No disk takes the backup."""

    def open_sink(self, name: str, form: str, data_dir: str) -> S3Sink:  # noqa: ARG002
        """Where the stream goes.

        :raises DbferryError: no upload can be opened, or ``objectstore.strangers``.
        """
        below = self._store.below(name + "/")
        if os.path.exists(self._note(name)):
            self.remove(name)
        below.abort_open_uploads()
        if self._alone:
            self._refuse_strangers()
        sink = _NotedSink(self, name, below, lambda number: self._name_of(form, number))
        self._sink = sink
        return sink

    def publish(self, name: str, data_dir: str) -> None:  # noqa: ARG002
        """Everything has its name already; the note that it might be nobody's goes."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._note(name))

    def _note(self, name: str) -> str:
        return os.path.join(self._work_dir, name + _NOTE)

    def _refuse_strangers(self) -> None:
        names: List[str] = []
        count = 0
        for each in self._store.objects():
            count += 1
            if len(names) < NAMED:
                names.append(repr(each.path))
        if count:
            raise ObjectStoreError(
                "Under {0} there are {1} objects that are not of this backup: {2}. Aurora would read them too.".format(
                    self._store.where, count, name_some(names, count)
                ),
                error_id="objectstore.strangers",
                remedy="Choose another prefix, or delete these objects. Nothing was sent.",
                details={"count": count, "keys": names},
            )


class _NotedSink(S3Sink):
    """Leaves the note while objects are being completed."""

    def __init__(self, owner: S3Store, name: str, below: S3Prefix, name_of: Callable[[int], str]) -> None:
        super().__init__(below, name_of, owner._part_size, owner._senders, owner._stop)
        self._owner = owner
        self._path = owner._note(name)

    def finish(self) -> List[PartInfo]:
        with open(self._path, "w", encoding="ascii") as note:
            os.fsync(note.fileno())
        parts = super().finish()
        self._owner._parts = parts
        return parts

    def abort(self) -> None:
        super().abort()
        if self.clean:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
