# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Child processes that outlive their parent: known by a pid file, ended only while they are the same process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

from .errors import LabError

LOG_LINES_SHOWN = 15


def start_time(pid: int) -> int | None:
    """The start time of a running process in clock ticks since boot, None if it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command name stands in parentheses and may hold anything, so count from its end.
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in ("Z", "X") else int(fields[19])


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def last_lines(log: Path, lines: int = LOG_LINES_SHOWN) -> str:
    """The end of a log file as one text, empty when there is none."""
    if not log.exists():
        return ""
    with open(log, "rb") as handle:
        handle.seek(max(0, log.stat().st_size - 32768))
        text = handle.read().decode("utf-8", "replace")
    return "\n".join(text.splitlines()[-lines:])


class Process:
    """One process under a pid file that holds its pid and its start time."""

    def __init__(self, name: str, run_dir: Path):
        self.name = name
        self.pid_file = run_dir / f"{name}.pid"

    def pid(self) -> int | None:
        """The pid if the process that the file names still runs, else None."""
        try:
            record = json.loads(self.pid_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        # A pid is reused, a pid with the same start time is not.
        return record["pid"] if start_time(record["pid"]) == record["start_time"] else None

    def start(self, argv: Sequence[str], log: Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> None:
        """Start argv in a session of its own, with its output in `log`, and write the pid file."""
        if self.pid() is not None:
            raise LabError(f"{self.name} already runs with pid {self.pid()}")
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "ab") as output:
            try:
                child = subprocess.Popen(
                    list(argv),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    env=env,
                    cwd=cwd,
                )
            except OSError as exc:
                raise LabError(f"{self.name} cannot be started: {exc}") from exc
        _children.append(child)
        record = {"pid": child.pid, "start_time": start_time(child.pid), "argv0": argv[0]}
        self.pid_file.write_text(json.dumps(record), encoding="utf-8")

    def wait_until(self, ready: Callable[[], bool], log: Path, seconds: float = 60.0) -> None:
        """Wait until `ready()` is true; raise LabError with the log's end when the process dies or time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.pid() is None:
                raise LabError(f"{self.name} died at start. The end of {log}:\n{last_lines(log)}")
            if time.monotonic() > deadline:
                raise LabError(
                    f"{self.name} did not answer within {seconds:.0f} s. The end of {log}:\n{last_lines(log)}"
                )
            time.sleep(0.05)

    def stop(self, patience: float = 30.0) -> bool:
        """End the process (SIGTERM, then SIGKILL after `patience` seconds); True if it was running."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + patience
            while self.pid() is not None:
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                    deadline = time.monotonic() + patience
                _reap()
                time.sleep(0.05)
        _reap()
        self.pid_file.unlink(missing_ok=True)
        return pid is not None


_children: list[subprocess.Popen[bytes]] = []


def _reap() -> None:
    """Collect the exit status of children of this process that have ended."""
    for child in list(_children):
        if child.poll() is not None:
            _children.remove(child)


def running(run_dir: Path) -> list[Process]:
    """The processes under `run_dir` that still run, in the order of their names."""
    found = [Process(file.name.removesuffix(".pid"), run_dir) for file in sorted(run_dir.glob("*.pid"))]
    return [process for process in found if process.pid() is not None]
