# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the playbook with its output as it comes, and learn from it how long each role took."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterable, Optional

from lab import BUILD, CHECKOUT

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TASK = re.compile(r"^TASK \[(?:dbferry\.aurora_mysql\.(\w+) : )?")


class Stopwatch:
    """Adds up the time between a role's task headers and the next header of any role, in the order of appearance."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock
        self._role: Optional[str] = None
        self._since = clock()

    def read(self, line: str) -> None:
        """Take one line of ansible-playbook's output."""
        header = TASK.match(COLOUR.sub("", line))
        if header:
            self.stop()
            self._role = header.group(1)

    def stop(self) -> None:
        """Count the running task up to now."""
        now = self._clock()
        if self._role:
            self.seconds[self._role] = self.seconds.get(self._role, 0.0) + now - self._since
        self._role, self._since = None, now


def run(inventory: Path, report_dir: Path) -> tuple[bool, dict[str, float]]:
    """Run the playbook migrate with *inventory*; tell whether it succeeded, and the seconds of each role.

    Who is interrupted in it ends what it started: all of that carries the demo's mark.
    """
    stopwatch = Stopwatch()
    process = subprocess.Popen(
        [
            str(BUILD / "venvs/newest/bin/ansible-playbook"),
            "dbferry.aurora_mysql.migrate",
            *options(inventory, report_dir),
        ],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    _copy(process.stdout or (), stopwatch)
    return process.wait() == 0, stopwatch.seconds


def options(inventory: Path, report_dir: Path) -> list[str]:
    """Return the playbook's options; variables as JSON, because a path may hold spaces."""
    return ["-i", str(inventory), "-e", json.dumps({"report_dir": str(report_dir)})]


def _copy(lines: Iterable[str], stopwatch: Stopwatch) -> None:
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.flush()
        stopwatch.read(line)
    stopwatch.stop()


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {
        **inherited,
        # Ansible takes no other encoding, and the machine may have no locale but this one.
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_FORCE_COLOR": str(sys.stdout.isatty()),
        "PATH": os.pathsep.join([str(BUILD / "venvs/newest/bin"), inherited.get("PATH", os.defpath), "/usr/sbin"]),
    }
