# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of a checkout's demo, known by a mark in their environment, which children inherit in any session."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

VARIABLE = "DBFERRY_DEMO"
SECONDS_TO_END = 20.0


def mark(build: Path) -> dict[str, str]:
    """Return the environment variable that marks the processes of the demo under *build*, which exists.

    The device and the inode tell it from a folder of the same name in a container.
    """
    status = build.stat()
    return {VARIABLE: f"{status.st_dev}:{status.st_ino}:{build}"}


def end_all(marked: dict[str, str]) -> int:
    """End the processes that carry the variable *marked*, by force after a while; return how many there were."""
    found: set[int] = set()
    deadline = time.monotonic() + SECONDS_TO_END
    # One that starts another between the look and the signal is why there is more than one look.
    while pids := _pids(marked):
        late = time.monotonic() > deadline
        for pid in pids if late else pids - found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
        found |= pids
        time.sleep(0.1)
    return len(found)


def _pids(marked: dict[str, str]) -> set[int]:
    """Return the pids of this user's processes that carry *marked*; those that have ended carry nothing."""
    wanted = {f"{name}={value}".encode() for name, value in marked.items()}
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            # Other users' processes cannot be read.
            with contextlib.suppress(OSError):
                if wanted <= set((entry / "environ").read_bytes().split(b"\0")):
                    found.add(int(entry.name))
    return found
