# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""A pause for a side thread that hands signals to the main thread, where Python answers them."""

from __future__ import annotations

import os
import select
import signal
import threading
import time

_END = 0  # no signal has this number
# A forwarded signal is told of again, and forwarded again, until the main thread has answered it: it may have been
# about to wait when the first one came. Between two of them it gets this long, in seconds, to come to its turn.
_TURN = 0.02


class ForwardingPause:
    """Pauses for a thread beside a main thread that waits in a system call.

    The kernel gives a signal that is meant for a process to any of its threads. When two come at once, as an
    interrupted ansible-playbook sends them to its workers, it may give them to the side thread. Python's handlers
    run in the main thread only, which then sleeps on, because its own system call was not interrupted.

    To be made in the main thread, which alone may ask to be told of signals; made in another one, it only pauses.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._main = threading.main_thread()
        self._forwards = threading.current_thread() is self._main
        if self._forwards:
            self._before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def pause(self, seconds: float) -> bool:
        """Wait in the side thread, and wake the main thread for every signal that comes meanwhile or came before.

        :param seconds: how long, at most.
        :return: whether :meth:`end` was called.
        """
        if not select.select([self._reader], [], [], seconds)[0]:
            return False
        numbers = set(os.read(self._reader, 64))
        if _END in numbers:
            return True
        for number in numbers:
            if self._main.ident is not None:
                signal.pthread_kill(self._main.ident, number)
        time.sleep(_TURN)
        return False

    def end(self) -> None:
        """End the pauses, from the main thread."""
        if self._forwards:
            signal.set_wakeup_fd(self._before)
        os.write(self._writer, bytes([_END]))

    def close(self) -> None:
        """Close the pipe, once no thread pauses any more."""
        os.close(self._reader)
        os.close(self._writer)
