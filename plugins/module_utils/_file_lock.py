# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""A lock between processes of one host, which the kernel takes back when its holders are gone, however they end."""

import fcntl
import os
import time
from contextlib import contextmanager
from typing import Callable, Iterator


class Locked(Exception):
    """Another process held the lock for all of the time."""


@contextmanager
def hold(path: str, timeout: float, wait: Callable[[], None]) -> Iterator[int]:
    """Hold the lock within the block. Its descriptor can be inherited, and then holds it too.

    :param path: the lock's file; it is made, and stays.
    :param timeout: seconds to wait for another process.
    :param wait: called again and again meanwhile; sleeps a moment, or raises to give up.
    :raises Locked: the time is over.
    :raises OSError: the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        deadline = time.monotonic() + timeout
        while not _try(descriptor):
            if time.monotonic() >= deadline:
                raise Locked(path)
            wait()
        yield descriptor
    finally:
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
