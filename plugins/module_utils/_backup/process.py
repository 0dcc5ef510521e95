# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Runs the backup tool, and what its stream goes through, as children that cannot outlive their parent."""

import ctypes
import os
import re
import select
import signal
import subprocess
from collections import deque
from typing import IO, Callable, Deque, Dict, List, NamedTuple, Optional, Sequence, cast

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from .intake import Intake, StandardOutput, widen_pipe
from .interrupted import raise_if_stopped
from .messages import scrub
from .sink import Sink

_PR_SET_PDEATHSIG = 1

_TAIL_LINES = 60
_LONGEST_LINE = 8192
_POLL_SECONDS = 0.5
# Who cancels a job does not wait for much longer. XtraBackup goes at once; mariabackup keeps the signal for later.
_SECONDS_TO_END = 3

# MYSQL_PWD would come before the option file's password, and stand in /proc for the whole run; the others carry
# arguments of the programs that they are named after.
_NOT_INHERITED = re.compile(r"^(?:MYSQL_\w*|TAR_OPTIONS|GZIP|PIGZ)$")

# Lines with which the tools enter the next part of their work, newest wording and oldest.
_PHASES = (
    (re.compile(r"Connecting to \S+ server|version_check"), "connecting"),
    (re.compile(r"\bCopying \S+\.(?:ibd|ibu)\b|\bCopying \S*ibdata\d|\bStreaming \S+\.ibd\b"), "copying data files"),
    (re.compile(r"Starting to backup non-InnoDB tables|Executing FLUSH TABLES WITH READ LOCK"), "copying other files"),
    (re.compile(r"Finished backing up non-InnoDB tables|All tables unlocked"), "finishing"),
)


class Stage(NamedTuple):
    """One program of a pipeline."""

    argv: Sequence[str]
    """Free of secrets."""
    inherited: Sequence[int] = ()
    """Descriptors that it has to have."""


class Ended(NamedTuple):
    """How a program ended: exit status (negative: the signal's number), last line and last lines, scrubbed."""

    exit_status: int
    last_line: str
    tail: List[str]


class Pipeline:
    """One run of a program, or of several of which each reads what the one before writes.

    :param stages: the first is the one whose messages say what is going on.
    :param log: receives the scrubbed lines of everyone's standard error.
    :param secret: what must never be written.
    :param reads: take the progress of what the first has read, instead of what it has written.
    """

    def __init__(
        self, stages: Sequence[Stage], log: Callable[[str], None], secret: str = "", reads: bool = False
    ) -> None:
        self._stages = list(stages)
        self._log = log
        self._secret = secret
        self._counter = "rchar:" if reads else "wchar:"
        self._voices = [_Voice() for _stage in stages]
        self._phase = "starting the backup tool"

    def run(
        self,
        progress: ProgressFile,
        expected_bytes: int,
        stop: Stop,
        sink: Optional[Sink] = None,
        pipes: Optional[Intake] = None,
    ) -> List[Ended]:
        """Start all, follow them to their end, and let the last one's output fill the sink.

        The sink is neither finished nor aborted here.

        :param expected_bytes: what the percentage is taken of; 0 for none.
        :param sink: ``None`` where there is no stream.
        :param pipes: where the stream comes out; without them it is the last program's standard output.
        :returns: for each stage how it ended.
        :raises DbferryError: ``tool.not_started``, or ``backup.interrupted`` once all are gone.
        :raises OSError: the sink cannot write.
        """
        running: List["subprocess.Popen[bytes]"] = []
        try:
            for stage in self._stages:
                last = len(running) == len(self._stages) - 1
                piped = not last or (sink is not None and pipes is None)
                running.append(_start(stage, running[-1] if running else None, piped))
            if sink is not None and pipes is None:
                pipes = StandardOutput(cast("IO[bytes]", running[-1].stdout).fileno())
            self._follow(running, progress, expected_bytes, stop, sink, pipes)
        except BaseException:
            for process in running:
                _end(process)
            raise
        finally:
            if pipes is not None:
                pipes.close()
            for process in running:
                _close(process.stdout)
                _close(process.stderr)
        return [
            Ended(process.wait(), voice.last_line, list(voice.tail)) for process, voice in zip(running, self._voices)
        ]

    def _follow(
        self,
        running: Sequence["subprocess.Popen[bytes]"],
        progress: ProgressFile,
        expected_bytes: int,
        stop: Stop,
        sink: Optional[Sink],
        intake: Optional[Intake],
    ) -> None:
        speaking: Dict[int, _Voice] = {
            cast("IO[bytes]", process.stderr).fileno(): voice for process, voice in zip(running, self._voices)
        }
        done = 0
        while speaking or (intake is not None and not intake.ended):
            raise_if_stopped(stop)
            watched = [*speaking, *(intake.watched() if intake else ())]
            # Asked before what is ready: what a tool has written that is gone by now is seen then.
            gone = running[0].poll() is not None
            ready = select.select(watched, [], [], _POLL_SECONDS)[0]
            if intake is not None and sink is not None:
                for descriptor in intake.due(ready, gone):
                    # While it is full, what the tool says is heard and how it goes is told all the same.
                    if not sink.has_room():
                        break
                    intake.take(descriptor, sink)
            for descriptor in [each for each in ready if each in speaking]:
                if not self._hear(descriptor, speaking[descriptor]):
                    del speaking[descriptor]
            detail = "" if sink is None else sink.detail
            if not gone:
                # One that has ended between says 0.
                done = max(done, _moved_bytes(running[0].pid, self._counter))
            progress.update(self._phase, done=done, total=expected_bytes, unit="bytes", detail=detail)
        while any(process.poll() is None for process in running):
            raise_if_stopped(stop)
            stop.sleep(0.05)

    def _hear(self, descriptor: int, voice: "_Voice") -> bool:
        """Take what a program says; false at the end."""
        block = os.read(descriptor, 65536)
        for raw in voice.lines(block):
            line = scrub(raw[:_LONGEST_LINE].decode("utf-8", "replace").rstrip("\r"), self._secret)
            self._log(line)
            if not line.strip():
                continue
            voice.tail.append(line)
            voice.last_line = line
            if voice is self._voices[0]:
                self._note_phase(line)
        return bool(block)

    def _note_phase(self, line: str) -> None:
        for pattern, phase in _PHASES:
            if pattern.search(line):
                self._phase = phase


class _Voice:
    """What one program has said."""

    def __init__(self) -> None:
        self.tail: Deque[str] = deque(maxlen=_TAIL_LINES)
        self.last_line = ""
        self._rest = b""

    def lines(self, block: bytes) -> List[bytes]:
        """The lines that a block completes; an empty block is the end, which completes the last."""
        if not block:
            return [self._rest] if self._rest else []
        lines = (self._rest + block).split(b"\n")
        self._rest = lines.pop()[-_LONGEST_LINE:]
        return lines


def _start(stage: Stage, before: Optional["subprocess.Popen[bytes]"], piped: bool) -> "subprocess.Popen[bytes]":
    environment = {name: value for name, value in os.environ.items() if not _NOT_INHERITED.match(name)}
    environment["LC_ALL"] = "C"
    try:
        process = subprocess.Popen(
            list(stage.argv),
            stdin=subprocess.DEVNULL if before is None else before.stdout,
            stdout=subprocess.PIPE if piped else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            close_fds=True,
            pass_fds=tuple(stage.inherited),
            env=environment,
            preexec_fn=_die_with_parent(os.getpid()),
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise DbferryError(
            "{0} could not be started: {1}.".format(stage.argv[0], error),
            "tool.not_started",
            "Check that the tool is installed whole and may be run by this user.",
        ) from error
    if before is not None:
        # Only its reader may hold the pipe, or the writer would never learn that the reader is gone.
        _close(before.stdout)
    if process.stdout is not None:
        widen_pipe(process.stdout.fileno())
    return process


def _moved_bytes(pid: int, counter: str) -> int:
    """Bytes that the process has read or written so far; 0 where the kernel does not say, or no longer.

    :param counter: ``rchar:`` or ``wchar:``.
    """
    try:
        with open("/proc/{0}/io".format(pid)) as stream:
            for line in stream:
                if line.startswith(counter):
                    return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0


def _die_with_parent(parent: int) -> Callable[[], None]:
    """What the child does before it becomes the program: have the kernel kill it when its parent dies."""
    # Loaded before the fork: nothing but the system call may happen between fork and exec.
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def _close(stream: Optional["IO[bytes]"]) -> None:
    if stream is not None:
        stream.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Terminate the program, kill it when it does not go, and wait until it is gone."""
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
