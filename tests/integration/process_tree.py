# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process and all that it started, in whatever session: the workers of a later ansible-core have their own.

Where nobody knows the first of them, their command lines tell.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections import defaultdict
from pathlib import Path


def tree(root: int) -> list[int]:
    """The process and its descendants that are still its own, parents first."""
    children = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name stands in brackets and may hold anything.
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
            children[int(fields[1])].append(int(path.parent.name))
    found = [root]
    for process in found:
        found += children[process]
    return found


def kill_tree(root: int) -> list[int]:
    """End the process and its descendants by SIGKILL, as a machine that loses its power; returns who they were."""
    stopped: set[int] = set()
    # What is stopped starts nothing, and what is not yet killed still belongs to its parent.
    while set(tree(root)) - stopped:
        for process in set(tree(root)) - stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
            stopped.add(process)
    for process in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    return sorted(stopped)


def command_lines(*words: str) -> list[str]:
    """The command lines, among those of all processes, that hold all the words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if all(word in command for word in words):
            found.append(command)
    return found
