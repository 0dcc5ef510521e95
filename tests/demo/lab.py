# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's lab: beside the one that `make lab` starts, and stopped when the demo ends, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import belongings

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD = CHECKOUT / "build"
LABCTL = [str(BUILD / "venvs/lab/bin/python"), str(CHECKOUT / "tests/lab/labctl.py")]


class DemoRunsError(Exception):
    """Another demo of this checkout runs."""


class Lab:
    """One lab, in a state directory of its own."""

    def __init__(self) -> None:
        self.directory = BUILD / "lab-demo"
        self.inventory = self.directory / "inventory.yml"
        self._mark = belongings.mark(BUILD)

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Let only one demo of this checkout run, and give all that it starts its mark. Raises DemoRunsError."""
        with (BUILD / "lab-demo.lock").open("a+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.seek(0)
                raise DemoRunsError(f"another demo runs in this checkout (pid {lock.read()})") from error
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            os.environ.update(self._mark)
            yield

    def up(self, options: list[str]) -> dict[str, Any]:
        """Start it with *options* of `labctl.py up`; return its endpoints. Raises CalledProcessError."""
        if self.inventory.exists() or belongings.end_all(self._mark):
            print("An earlier demo left its lab, which goes first:", flush=True)
            self.abandon()
        command = [*LABCTL, "up", "--state-dir", str(self.directory), *options]
        # In a session of its own, as the playbook: the terminal's Ctrl-C is the demo's to answer.
        subprocess.run(command, stdin=subprocess.DEVNULL, start_new_session=True, check=True)
        return self.endpoints()

    def endpoints(self) -> dict[str, Any]:
        """Return what stands in endpoints.json now: the targets appear there once they are restored."""
        endpoints: dict[str, Any] = json.loads((self.directory / "endpoints.json").read_text(encoding="utf-8"))
        return endpoints

    def down(self) -> None:
        """Stop it. Raises CalledProcessError."""
        self._down(output=None)

    def abandon(self) -> None:
        """End all that the demo started, in whatever state it is, and remove its lab. Raises CalledProcessError."""
        ended = belongings.end_all(self._mark)
        self._down(output=subprocess.DEVNULL)
        with contextlib.suppress(OSError):
            print(f"{ended} processes of the demo ended, its lab removed.", flush=True)

    def _down(self, output: Optional[int]) -> None:
        command = [*LABCTL, "down", "--state-dir", str(self.directory)]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, start_new_session=True, check=True)
