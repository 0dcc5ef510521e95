# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program run and measured: time, processor time and memory of it and of all that it starts."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator, Mapping, Optional, Sequence

LAUNCHER = Path(__file__).with_name("launcher.py")
SAMPLE_SECONDS = 0.2
OUTPUT_CHARACTERS = 2000


class BenchError(Exception):
    """The measurement cannot go on; the message says why."""


@dataclass(frozen=True)
class Command:
    """What to run: arguments, and the environment besides PATH, HOME and LANG."""

    argv: Sequence[str | os.PathLike[str]]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """What a run cost.

    :ivar cpu_s: user and system seconds of the whole process tree, as the kernel adds them up.
    :ivar max_rss_kib: the larger of the kernel's ru_maxrss (the largest process of the tree) and the peak of the
        proportional set sizes of all processes of the tree, sampled every SAMPLE_SECONDS.
    :ivar disk_bytes: the peak of the space that files below the watched directory take, sampled likewise.
    """

    wall_s: float
    cpu_s: float
    max_rss_kib: int
    disk_bytes: int
    status: int
    output: str


def measure(
    command: Command,
    log: Path,
    watched: Optional[Path] = None,
    kill_when: Optional[Callable[[], bool]] = None,
) -> Measured:
    """Run *command* with its output in *log*, and say what it cost.

    :param watched: the directory whose size is of interest.
    :param kill_when: asked again and again; once it says yes, every process of the run is killed (SIGKILL).
    """
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    reading, writing = os.pipe()
    with log.open("wb") as stream, os.fdopen(reading, "rb") as report:
        launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", LAUNCHER, str(writing), *command.argv],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**environment, **command.env},
            pass_fds=[writing],
            start_new_session=True,
        )
        os.close(writing)
        with _Sampler(launcher.pid, watched) as sampler, _killer(launcher.pid, kill_when):
            launcher.wait()
            # A program that outlives its parent may hold the pipe, but all of the report is in it.
            cost = report.read1()
    output = log.read_text(encoding="utf-8", errors="replace")[-OUTPUT_CHARACTERS:]
    if not cost:
        raise BenchError(f"{command.argv[0]} could not be started:\n{output}")
    wall, cpu, max_rss, status = json.loads(cost)
    return Measured(wall, cpu, max(max_rss, sampler.peak_kib), sampler.peak_disk, status, output)


def session_members(leader: int) -> list[int]:
    """Return the processes of the session that *leader* began, without itself."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != leader:
            with contextlib.suppress(OSError):
                # The name in the second field may hold blanks and brackets; the session is the fourth after it.
                fields = Path("/proc", name, "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
                if int(fields.split()[3]) == leader:
                    found.append(int(name))
    return found


def disk_usage(directory: Path) -> int:
    """Return the bytes that the files below *directory* take on the disk."""
    total = 0
    for folder, _folders, files in os.walk(directory):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
    return total


def _proportional_kib(pid: int) -> int:
    # A process that has just ended, or shares its parent's memory until it is replaced, has nothing to add.
    with contextlib.suppress(OSError):
        for line in Path("/proc", str(pid), "smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


class _Sampler(threading.Thread):
    """Looks at a session's memory, and at a directory's size, until its block ends."""

    def __init__(self, leader: int, watched: Optional[Path]) -> None:
        super().__init__(daemon=True)
        self._leader = leader
        self._watched = watched
        self._ended = threading.Event()
        self.peak_kib = 0
        self.peak_disk = 0

    def __enter__(self) -> _Sampler:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self.join()
        self._look_at_disk()

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            members = session_members(self._leader)
            # Of one process alone the kernel itself knows the peak.
            if len(members) > 1:
                self.peak_kib = max(self.peak_kib, sum(map(_proportional_kib, members)))
            self._look_at_disk()

    def _look_at_disk(self) -> None:
        if self._watched:
            self.peak_disk = max(self.peak_disk, disk_usage(self._watched))


@contextlib.contextmanager
def _killer(leader: int, kill_when: Optional[Callable[[], bool]]) -> Iterator[None]:
    ended = threading.Event()

    def watch() -> None:
        while kill_when is not None and not ended.wait(0.005):
            if kill_when():
                # Who is killed last may have started another one.
                while members := session_members(leader):
                    for pid in members:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                    if ended.wait(0.01):
                        break
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
