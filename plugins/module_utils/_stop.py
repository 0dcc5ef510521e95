# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""SIGTERM, SIGINT and SIGHUP as a wish that long work sees when it looks, instead of an end in the middle of it."""

import os
import select
import signal
from contextlib import contextmanager
from typing import Any, Iterator, Optional

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stop:
    """Holds the first wish to stop until somebody looks.

    An exception raised out of a signal's handler would surface inside botocore or a lock of the standard library, where
    it is retried, swallowed, or leaves a thread behind.
    """

    def __init__(self) -> None:
        self._number: Optional[int] = None
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        # The interpreter itself writes there when a signal comes. A handler would be too late where the signal comes
        # right before the sleep's system call: handlers run after it, hours later.
        self._wakeup_before = signal.set_wakeup_fd(self._writer)

    def requested(self) -> bool:
        """Whether a signal has come."""
        return self._number is not None

    def signal_name(self) -> str:
        """The first signal's name, such as SIGTERM; "" while none has come."""
        return "" if self._number is None else signal.Signals(self._number).name

    def sleep(self, seconds: float) -> None:
        """Sleep; less than ``seconds`` once a signal has come."""
        select.select([self._reader], [], [], max(0.0, seconds))

    def request(self, number: int) -> None:
        """Note a signal, by its number."""
        if self._number is None:
            self._number = number

    def close(self) -> None:
        """Give the pipe back."""
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reader)
        os.close(self._writer)


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Within the block, which the main thread has to enter, the signals set the ``Stop`` and end nothing."""
    stop = Stop()

    def note(number: int, _frame: Any) -> None:
        stop.request(number)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()
