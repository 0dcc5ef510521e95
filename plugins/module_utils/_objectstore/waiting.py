# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Since when S3 has taken nothing of what it is sent, for the line of progress. Pure but for the clock."""

import threading
import time
from typing import Callable

from .._progress.line import format_duration

# Seconds. A block or a part that is on its way for less is no news.
_STALL_SECONDS = 10


class Waiting:
    """Sees what is on its way to S3, from any thread.

    :param clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way = 0
        self._since = clock()

    def began(self) -> None:
        """Something goes on its way."""
        with self._lock:
            if not self._under_way:
                self._since = self._clock()
            self._under_way += 1

    def ended(self) -> None:
        """S3 has taken something, or it is not sent any more."""
        with self._lock:
            self._under_way -= 1
            self._since = self._clock()

    def words(self, retries: int) -> str:
        """What a person has to know of it; "" for nothing.

        :param retries: how many requests were repeated.
        """
        with self._lock:
            seconds = self._clock() - self._since if self._under_way else 0.0
        said = []
        if seconds >= _STALL_SECONDS:
            said.append("S3 has taken nothing for {0}".format(format_duration(seconds)))
        if retries:
            said.append("{0} retries".format(retries))
        return ", ".join(said)
