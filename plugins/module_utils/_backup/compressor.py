# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The host's parallel gzip: its own programs write ordinary gzip members, faster than anything in Python could."""

import os
import shutil
import subprocess
from typing import List, Optional

from .._errors import DbferryError
from .tool_probe import DIRECTORIES

_SECONDS = 30
_MAGIC = b"\x1f\x8b"


def gzip_command() -> List[str]:
    """The argument vector of a filter that compresses on all cores that this process may use.

    ISA-L's igzip comes before pigz, which is several times slower. Both run at their fastest level: the backup holds
    the server's redo log open until it has passed through.

    :raises DbferryError: ``host.gzip_missing``.
    """
    found = find_gzip()
    if found is None:
        raise DbferryError(
            "Format tar_gz needs igzip or pigz, and this host has neither in PATH or {0}.".format(
                ", ".join(DIRECTORIES)
            ),
            "host.gzip_missing",
            "Install the package isal (igzip) or pigz, or use another format.",
        )
    return found


def find_gzip() -> Optional[List[str]]:
    """As ``gzip_command``, and ``None`` where the host has no such program, or none that works."""
    cores = len(os.sched_getaffinity(0))
    path = os.pathsep.join((os.environ.get("PATH", ""), *DIRECTORIES))
    for name, arguments in (
        ("igzip", ["-1", "-T", str(cores), "-c"]),
        ("pigz", ["-1", "-p", str(cores), "-c"]),
    ):
        executable = shutil.which(name, path=path)
        if executable is not None and _compresses([executable, *arguments]):
            return [executable, *arguments]
    return None


def _compresses(argv: List[str]) -> bool:
    # An igzip before 2.26 does not know -T.
    try:
        run = subprocess.run(
            argv,
            input=b"x",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0 and run.stdout.startswith(_MAGIC)
