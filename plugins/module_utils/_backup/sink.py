# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Where a backup's stream of bytes goes: cut into parts, back-pressure on the tool, whole or not there."""

import os
from contextlib import suppress
from typing import Callable, List, NamedTuple, Optional

from .parts import part_name

# What a pipe holds at most for an ordinary user (/proc/sys/fs/pipe-max-size).
_BUFFER_BYTES = 1024**2


class PartInfo(NamedTuple):
    """A part that is durable."""

    name: str
    bytes: int
    checksum: str
    """In the form that the sink's store reports it; "" where the store keeps none."""


def _nothing() -> None:
    """What is done by who does not look."""


class Sink:
    """Takes a stream of bytes.

    The pump reads the stream straight into ``space()`` and says by ``advance`` how much it read. It ends with
    ``finish`` when every stage of the stream has succeeded, else with ``abort``.
    """

    finishing = "bringing the parts to the disk"
    """What ``finish`` does, as a phase of the progress."""

    @property
    def detail(self) -> str:
        """What is to be said beside the progress; "" for nothing."""
        return ""

    def has_room(self) -> bool:
        """Whether ``space`` returns at once. Waits a moment for room where there is none, which is back-pressure."""
        return True

    def space(self) -> memoryview:
        """A writable view, not empty, to be filled next. Blocks until there is room."""
        raise NotImplementedError

    def advance(self, count: int) -> None:
        """The first ``count`` bytes of the last ``space()`` are filled."""
        raise NotImplementedError

    def finish(self, look: Callable[[], None] = _nothing) -> List[PartInfo]:
        """Make everything durable, verify it, and name the parts in order.

        :param look: called now and then while that takes its time, so that somebody can say how it goes.
        """
        raise NotImplementedError

    def abort(self, error: BaseException) -> None:
        """Leave nothing behind, and never raise.

        :param error: what led here; it is told along what could not be removed, where the next run alone cannot see it.
        """
        raise NotImplementedError


class FileSink(Sink):
    """Writes the parts as files.

    :param directory: an existing one, without parts.
    :param form: the stream's format, which names the parts.
    :param part_size: bytes of every part but the last.
    """

    def __init__(self, directory: str, form: str, part_size: int) -> None:
        self._directory = directory
        self._form = form
        self._part_size = part_size
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._parts: List[PartInfo] = []
        self._descriptor: Optional[int] = None
        self._written = 0

    def space(self) -> memoryview:
        """The one buffer; the files are written before ``advance`` returns."""
        return self._buffer

    def advance(self, count: int) -> None:
        """Write to the current part, and begin the next where it is full.

        :raises OSError: the disk is full or broken.
        :raises DbferryError: ``parts.too_many``.
        """
        rest = self._buffer[:count]
        while rest:
            if self._descriptor is None:
                self._descriptor = self._open_next()
            written = os.write(self._descriptor, rest[: self._part_size - self._written])
            self._written += written
            rest = rest[written:]
            if self._written == self._part_size:
                self._close()

    def finish(self, look: Callable[[], None] = _nothing) -> List[PartInfo]:
        """Bring the parts to the disk.

        :raises OSError: the disk is full or broken, or a part has not the length that was written.
        """
        self._close()
        for part in self._parts:
            look()
            descriptor = os.open(self._path(part.name), os.O_RDONLY | os.O_NOFOLLOW)
            try:
                os.fsync(descriptor)
                found = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
            if found != part.bytes:
                raise OSError(0, "it has {0} bytes and not {1}".format(found, part.bytes), self._path(part.name))
        self._sync_directory()
        return list(self._parts)

    def abort(self, error: BaseException) -> None:  # noqa: ARG002 (other sinks need it)
        """Remove the parts."""
        with suppress(OSError):
            self._close()
        for part in self._parts:
            with suppress(OSError):
                os.unlink(self._path(part.name))

    def _open_next(self) -> int:
        name = part_name(self._form, len(self._parts))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._path(name), flags, 0o600)
        self._parts.append(PartInfo(name, 0, ""))
        self._written = 0
        return descriptor

    def _close(self) -> None:
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        self._parts[-1] = self._parts[-1]._replace(bytes=self._written)
        os.close(descriptor)

    def _sync_directory(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _path(self, name: str) -> str:
        return os.path.join(self._directory, name)
