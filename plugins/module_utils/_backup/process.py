# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Runs the backup tool as a child that cannot outlive its parent."""

import ctypes
import os
import re
import select
import signal
import subprocess
from collections import deque
from typing import IO, Callable, Deque, List, NamedTuple, Optional, Sequence, cast

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from .interrupted import raise_if_stopped
from .messages import scrub

_PR_SET_PDEATHSIG = 1

_TAIL_LINES = 60
_LONGEST_LINE = 8192
_POLL_SECONDS = 0.5
_SECONDS_TO_END = 10

# Lines with which the tools enter the next part of their work, newest wording and oldest.
_PHASES = (
    (re.compile(r"Connecting to \S+ server|version_check"), "connecting"),
    (re.compile(r"\bCopying \S+\.(?:ibd|ibu)\b|\bCopying \S*ibdata\d|\bStreaming \S+\.ibd\b"), "copying data files"),
    (re.compile(r"Starting to backup non-InnoDB tables|Executing FLUSH TABLES WITH READ LOCK"), "copying other files"),
    (re.compile(r"Finished backing up non-InnoDB tables|All tables unlocked"), "finishing"),
)


class Ended(NamedTuple):
    """How the tool ended: exit status (negative: the signal's number), last line and last lines, scrubbed."""

    exit_status: int
    last_line: str
    tail: List[str]


class ToolProcess:
    """One run of the backup tool.

    :param argv: free of secrets.
    :param inherited: descriptors that the tool has to have: the option file, and the lock, which is thereby held
        until the tool itself is gone.
    :param log: receives the tool's scrubbed standard error.
    :param secret: what must never be written.
    """

    def __init__(
        self, argv: Sequence[str], inherited: Sequence[int], log: Callable[[str], None], secret: str = ""
    ) -> None:
        self._argv = list(argv)
        self._inherited = list(inherited)
        self._log = log
        self._secret = secret
        self._tail: Deque[str] = deque(maxlen=_TAIL_LINES)
        self._last_line = ""
        self._phase = "starting the backup tool"

    def run(self, progress: ProgressFile, expected_bytes: int, stop: Stop) -> Ended:
        """Start the tool, follow it to its end.

        :param expected_bytes: what the percentage is taken of.
        :raises DbferryError: ``tool.not_started``, or ``backup.interrupted`` once the tool is gone.
        """
        process = self._start()
        try:
            self._follow(process, progress, expected_bytes, stop)
        except BaseException:
            _end(process)
            raise
        finally:
            _messages(process).close()
        return Ended(process.wait(), self._last_line, list(self._tail))

    def _start(self) -> "subprocess.Popen[bytes]":
        # MYSQL_PWD would come before the option file's password, and stand in /proc for the whole run.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MYSQL_")}
        environment["LC_ALL"] = "C"
        try:
            return subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                close_fds=True,
                pass_fds=self._inherited,
                env=environment,
                preexec_fn=_die_with_parent(os.getpid()),
                start_new_session=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise DbferryError(
                "{0} could not be started: {1}.".format(self._argv[0], error),
                "tool.not_started",
                "Check that the tool is installed whole and may be run by this user.",
            ) from error

    def _follow(
        self, process: "subprocess.Popen[bytes]", progress: ProgressFile, expected_bytes: int, stop: Stop
    ) -> None:
        descriptor = _messages(process).fileno()
        rest = b""
        while True:
            raise_if_stopped(stop)
            readable, _writable, _failed = select.select([descriptor], [], [], _POLL_SECONDS)
            if readable:
                block = os.read(descriptor, 65536)
                if not block:
                    break
                lines = (rest + block).split(b"\n")
                rest = lines.pop()[-_LONGEST_LINE:]
                for line in lines:
                    self._take(line)
            self._report(process.pid, progress, expected_bytes)
        if rest:
            self._take(rest)
        while process.poll() is None:
            raise_if_stopped(stop)
            select.select([], [], [], 0.05)

    def _take(self, raw: bytes) -> None:
        line = scrub(raw[:_LONGEST_LINE].decode("utf-8", "replace").rstrip("\r"), self._secret)
        self._log(line)
        if not line.strip():
            return
        self._tail.append(line)
        self._last_line = line
        for pattern, phase in _PHASES:
            if pattern.search(line):
                self._phase = phase

    def _report(self, pid: int, progress: ProgressFile, expected_bytes: int) -> None:
        progress.update(self._phase, done=_written_bytes(pid), total=expected_bytes, unit="bytes")


def _written_bytes(pid: int) -> int:
    """Bytes that the process has written so far; 0 where the kernel does not say."""
    try:
        with open("/proc/{0}/io".format(pid)) as stream:
            for line in stream:
                if line.startswith("wchar:"):
                    return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0


def _die_with_parent(parent: int) -> Callable[[], None]:
    """What the child does before it becomes the tool: have the kernel kill it when its parent dies."""
    # Loaded before the fork: nothing but the system call may happen between fork and exec.
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def _messages(process: "subprocess.Popen[bytes]") -> "IO[bytes]":
    # The tool is always started with a pipe for its messages.
    return cast("IO[bytes]", process.stderr)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Terminate the tool, kill it when it does not go, and wait until it is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        status = _signal_and_wait(process, number)
        if status is not None:
            return
    process.wait()


def _signal_and_wait(process: "subprocess.Popen[bytes]", number: int) -> Optional[int]:
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(timeout=_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        return None
