# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the installers' commands: quiet when they work, with their last lines when they do not."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from pathlib import Path
from typing import Mapping, Optional, Sequence

TAIL_LINES = 25

inherited_descriptors: list[int] = []
"""Descriptors that every command gets: a lock among them is held until the last command has ended, too."""

_ending = threading.Event()
_running: set[subprocess.Popen[bytes]] = set()
_running_lock = threading.Lock()


class SetupError(Exception):
    """Something could not be installed; the message names the cause and what to do."""


def run(
    argv: Sequence[str | os.PathLike[str]],
    log: Path,
    env: Optional[Mapping[str, str]] = None,
    uninterrupted: bool = False,
) -> None:
    """Run *argv* and append its output to *log*.

    A command that is *uninterrupted* gets no Ctrl-C of the terminal: it is waited for, whatever happens.
    Raises SetupError with the last lines of the output when the command cannot be started or fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    shown = " ".join(os.fspath(item) for item in argv)
    with log.open("ab") as stream:
        stream.write(f"$ {shown}\n".encode())
        stream.flush()
        with _running_lock:
            if _ending.is_set():
                raise SetupError(f"interrupted before '{shown}'")
            try:
                process = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    env=env,
                    pass_fds=inherited_descriptors,
                    # A process group of its own, in the same session: sudo knows its user by the terminal.
                    preexec_fn=os.setpgrp if uninterrupted else None,
                )
            except OSError as error:
                raise SetupError(f"cannot run {shown}: {error}") from error
            if not uninterrupted:
                _running.add(process)
        try:
            status = _wait_to_the_end(process, log) if uninterrupted else process.wait()
        finally:
            with _running_lock:
                _running.discard(process)
    if status != 0:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
        raise SetupError("\n".join([f"'{shown}' ended with status {status} (log: {log}):", *tail]))


def end_all() -> None:
    """End the commands that run, and let no other one start."""
    with _running_lock:
        _ending.set()
        for process in _running:
            # What sudo started is not ours to end; it is waited for.
            with contextlib.suppress(PermissionError):
                process.terminate()


def _wait_to_the_end(process: subprocess.Popen[bytes], log: Path) -> int:
    """Wait also when interrupted; the last KeyboardInterrupt is raised once *process* has ended."""
    interrupt: Optional[KeyboardInterrupt] = None
    while True:
        try:
            status = process.wait()
            break
        except KeyboardInterrupt as error:
            print(f"[setup] what is being done must not be cut off, so it is waited for (log: {log})", flush=True)
            interrupt = error
    if interrupt:
        raise interrupt
    return status
