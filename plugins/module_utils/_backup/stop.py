# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Stopping on purpose: signals become a question that long loops ask."""

import signal
from contextlib import contextmanager
from typing import Any, Iterator, Optional

from .._errors import DbferryError

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stop:
    """Whether a signal has asked to stop. The loops that ask wait at most half a second between two questions."""

    def __init__(self) -> None:
        self.signal_number: Optional[int] = None

    def check(self) -> None:
        """Raise when a signal has come.

        :raises DbferryError: ``backup.interrupted``.
        """
        if self.signal_number is not None:
            raise DbferryError(
                "The backup was stopped by {0}; the tool has ended and nothing half is left.".format(
                    signal.Signals(self.signal_number).name
                ),
                "backup.interrupted",
                "Run the task again; it starts the backup anew.",
            )


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Within the block SIGTERM, SIGINT and SIGHUP set the ``Stop`` instead of ending the process."""
    stop = Stop()

    def note(number: int, _frame: Any) -> None:
        stop.signal_number = number

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
