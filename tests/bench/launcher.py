# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a program, waits for it and writes what it cost: ``python -I -S launcher.py DESCRIPTOR PROGRAM ...``.

A process of its own because the kernel counts the memory of whoever starts a program as the program's own peak until
then, and this one has little.
"""

import contextlib
import ctypes
import json
import os
import resource
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Write wall and processor seconds, the peak in KiB and the exit status to the descriptor, as JSON.

    The time ends with the program; the rest counts all that it started, and that is waited for.
    """
    # What a killed program leaves behind becomes a child of this process, whose costs the kernel adds up here.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.monotonic()
    program = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
    _pid, status = os.waitpid(program, 0)
    wall = time.monotonic() - started
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = [wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)]
    os.write(int(sys.argv[1]), json.dumps(cost).encode("ascii"))


if __name__ == "__main__":
    main()
