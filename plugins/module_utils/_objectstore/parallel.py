# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Many workers, bounded memory, and the first error stops them all."""

import threading
from typing import Callable, Iterable, Iterator, List, Optional


class BufferPool:
    """Hands out buffers whose bytes together never pass a limit.

    Buffers of the usual size are kept for the next one who asks, because the kernel clears every page of a new one.

    :param limit: bytes of all buffers, those in use and those kept.
    :param usual: bytes of the size that is worth keeping.
    """

    def __init__(self, limit: int, usual: int) -> None:
        self._limit = limit
        self._usual = usual
        self._taken = 0
        self._kept: List[bytearray] = []
        self._changed = threading.Condition()

    def take(self, size: int) -> bytearray:
        """A buffer of exactly ``size`` bytes with any content; waits until there is room for it."""
        with self._changed:
            while True:
                if size == self._usual and self._kept:
                    self._taken += size
                    return self._kept.pop()
                while self._kept and self._taken + size + len(self._kept) * self._usual > self._limit:
                    self._kept.pop()
                # A size past the limit passes alone rather than never.
                if self._taken + size <= self._limit or not self._taken:
                    self._taken += size
                    break
                self._changed.wait()
        return bytearray(size)

    def give_back(self, buffer: bytearray) -> None:
        """Return a buffer that ``take`` handed out."""
        with self._changed:
            self._taken -= len(buffer)
            if len(buffer) == self._usual:
                self._kept.append(buffer)
            self._changed.notify_all()


def run_all(tasks: Iterable[Callable[[], None]], workers: int) -> None:
    """Run every task, ``workers`` at a time; returns when no worker is busy any more.

    :param tasks: taken one by one as workers become free, so that it may be a generator over a million of them.
    :param workers: the number of threads.
    :raises Exception: the first that a task or the iterable raised; no task is begun after it. An exception that
        reaches the calling thread meanwhile, such as one from a signal handler, stops the workers the same way.
    """
    run = _Run(iter(tasks))
    threads = [threading.Thread(target=run.work, name="worker-{0}".format(number)) for number in range(workers)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        run.stopped.set()
        for thread in threads:
            thread.join()
    if run.error is not None:
        raise run.error


class _Run:
    def __init__(self, tasks: Iterator[Callable[[], None]]) -> None:
        self._tasks = tasks
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        self.error: Optional[BaseException] = None

    def work(self) -> None:
        try:
            while not self.stopped.is_set():
                with self._lock:
                    task = next(self._tasks, None)
                if task is None:
                    return
                task()
        except BaseException as error:  # handed to the caller of run_all
            with self._lock:
                if self.error is None:
                    self.error = error
            self.stopped.set()
