# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""SIGINT and SIGTERM, as a wish that a long wait can see."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from types import FrameType, TracebackType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignal:
    """Holds the first signal until somebody looks; a context manager.

    An exception raised out of the handler would surface inside botocore, which turns it into a connection error of its
    own and retries. A pipe wakes the sleep instead.
    """

    def __init__(self) -> None:
        self._requested = False
        self._previous: dict[signal.Signals, Any] = {}
        self._reader = -1
        self._writer = -1

    def __enter__(self) -> StopSignal:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        for number in _SIGNALS:
            self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def requested(self) -> bool:
        """Whether a signal has come."""
        return self._requested

    def sleep(self, seconds: float) -> None:
        """Sleep; less than ``seconds`` once a signal comes."""
        select.select([self._reader], [], [], max(0.0, seconds))

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._requested = True
        with contextlib.suppress(BlockingIOError):  # full of wishes already
            os.write(self._writer, b"\0")
