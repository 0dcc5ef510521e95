# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Where the stream of the backup tool comes out: its standard output, or several named pipes at once."""

import fcntl
import os
from contextlib import suppress
from typing import Dict, Optional, Sequence

from .._errors import DbferryError
from .sink import Sink
from .xbstream import ChunkCursor

# Linux' F_SETPIPE_SZ; module fcntl has no name for it before Python 3.10. What an ordinary user may have at most.
_F_SETPIPE_SZ = 1031
_PIPE_BYTES = 1024**2


class Intake:
    """Gives the stream's bytes to a sink."""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to come."""
        raise NotImplementedError

    def watched(self) -> Sequence[int]:
        """Descriptors on which something may come next."""
        raise NotImplementedError

    def due(self, ready: Sequence[int], tool_is_gone: bool) -> Sequence[int]:
        """Those of them to read now.

        :param ready: descriptors that can be read at once.
        :param tool_is_gone: the tool writes no more.
        """
        raise NotImplementedError

    def take(self, descriptor: int, sink: Sink) -> None:
        """Read once, straight into the sink.

        :raises OSError: the sink cannot write.
        :raises DbferryError: the stream is not what it should be.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what this has opened itself."""


class StandardOutput(Intake):
    """One stream, the standard output of a program."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: Optional[int] = descriptor

    @property
    def ended(self) -> bool:
        return self._descriptor is None

    def watched(self) -> Sequence[int]:
        return [] if self._descriptor is None else [self._descriptor]

    def due(self, ready: Sequence[int], tool_is_gone: bool) -> Sequence[int]:  # noqa: ARG002 (a later stage may go on)
        return [descriptor for descriptor in self.watched() if descriptor in ready]

    def take(self, descriptor: int, sink: Sink) -> None:
        count = os.readv(descriptor, [sink.space()])
        if count:
            sink.advance(count)
        else:
            self._descriptor = None


class FifoStreams(Intake):
    """Several streams of xbstream in named pipes, woven into one at the borders of their chunks.

    xbstream tells of every chunk to which file it belongs, and a file's chunks come through one pipe, in order. So the
    one stream is what the tool would have written to its standard output. (Percona: "FIFO data sink".)

    :param directory: an existing one, in which the tool makes the pipes ``thread_0`` and so on.
    :param count: how many.
    """

    def __init__(self, directory: str, count: int) -> None:
        self._missing = [os.path.join(directory, "thread_{0}".format(number)) for number in range(count)]
        self._cursors: Dict[int, ChunkCursor] = {}
        self._current: Optional[int] = None
        self._gone = False
        self._cut = False

    @property
    def ended(self) -> bool:
        return not self._cursors and (self._gone or not self._missing)

    def watched(self) -> Sequence[int]:
        self._missing = [path for path in self._missing if not self._open(path)]
        return list(self._cursors) if self._current is None else [self._current]

    def due(self, ready: Sequence[int], tool_is_gone: bool) -> Sequence[int]:
        self._gone = tool_is_gone
        # Of a pipe that nobody has opened for writing the end never shows.
        return list(self._cursors) if tool_is_gone else [one for one in self._cursors if one in ready]

    def take(self, descriptor: int, sink: Sink) -> None:
        # A chunk is never torn apart.
        if self._current not in (None, descriptor):
            return
        cursor = self._cursors[descriptor]
        space = sink.space()[: cursor.wanted]
        try:
            count = os.readv(descriptor, [space])
        except BlockingIOError:
            return
        if not count:
            self._end(descriptor, cursor)
            return
        try:
            cursor.advance(space[:count])
        except ValueError as error:
            raise DbferryError(
                "What the tool wrote into its pipes is not xbstream: {0}.".format(error),
                "backup.stream_broken",
                "Run it again with fifo_streams 1, and tell which version of the tool it is.",
            ) from error
        sink.advance(count)
        self._current = descriptor if cursor.inside else None

    def check_whole(self) -> None:
        """Refuse streams that were not opened, or end within a chunk.

        :raises DbferryError: ``backup.stream_broken``.
        """
        if self._missing or self._cut:
            what = "{0} of them were never opened".format(len(self._missing)) if self._missing else "one ends too early"
            raise DbferryError(
                "The tool's pipes did not bring a whole backup: {0}.".format(what),
                "backup.stream_broken",
                "Run it again with fifo_streams 1.",
            )

    def close(self) -> None:
        for descriptor in self._cursors:
            os.close(descriptor)
        self._cursors.clear()

    def _open(self, path: str) -> bool:
        try:
            # Without waiting for the tool, which opens them one after the other.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        widen_pipe(descriptor)
        self._cursors[descriptor] = ChunkCursor()
        return True

    def _end(self, descriptor: int, cursor: ChunkCursor) -> None:
        self._cut = self._cut or cursor.inside
        os.close(descriptor)
        del self._cursors[descriptor]
        self._current = None


def widen_pipe(descriptor: int) -> None:
    """Let a pipe hold as much as it may. Where the user's limit is used up it stays as small as it is."""
    with suppress(OSError):
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE_BYTES)
