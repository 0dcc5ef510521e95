# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a program, waits for it and writes what it cost: ``python -I -S launcher.py DESCRIPTOR PROGRAM ...``.

A process of its own because the kernel counts the memory of whoever starts a program as the program's own peak until
then, and this one has little.
"""

import json
import os
import sys
import time


def main() -> None:
    """Write wall and processor seconds, the peak in KiB and the exit status to the descriptor, as JSON."""
    started = time.monotonic()
    pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
    _pid, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - started
    cost = [wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)]
    os.write(int(sys.argv[1]), json.dumps(cost).encode("ascii"))


if __name__ == "__main__":
    main()
