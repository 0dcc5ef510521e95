# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets where none may be: in processes, in files, in objects."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from pathlib import Path
from typing import Iterable

# What neither a shell, nor SQL, an option file, JSON or HTML puts into other characters.
_PLAIN = re.compile(r"[A-Za-z0-9_./+-]+")
_TELLING = 12
# What modules and roles put down for the time that they run: progress, the way to credentials, lists, pages.
_PASSING = (".dbferry-*", "dbferry-objects-*", "dbferry-report-*")
_PLACES = tuple({Path("/tmp"), Path(tempfile.gettempdir())})


def core(secret: str) -> str:
    """What stands of a secret wherever it is written, however it is quoted there."""
    longest = max(_PLAIN.findall(secret), key=len, default="")
    return longest if len(longest) >= _TELLING else secret


def in_text(secrets: Iterable[str], text: str) -> list[str]:
    """Which of the secrets stand in a text."""
    return [secret for secret in secrets if core(secret) in text]


def passing() -> list[Path]:
    """What stands where modules and roles put down what is to pass, of this run and of others on the machine."""
    return [found for place in _PLACES for pattern in _PASSING for found in place.glob(pattern)]


def in_files(secrets: Iterable[str], *roots: Path) -> list[str]:
    """The files among the roots and below them that hold one of the secrets; what vanishes meanwhile is passed over."""
    wanted = [core(secret).encode() for secret in secrets]
    found = []
    for root in roots:
        for path in (root, *(Path(directory, name) for directory, _names, files in os.walk(root) for name in files)):
            try:
                # A socket is none.
                content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            except OSError:
                continue
            found += [str(path) for secret in wanted if secret in content]
    return found


class ProcessWatch:
    """Reads every process' arguments and environment, and files that pass, again and again while its block runs.

    :param secrets: what must not be seen.
    :ivar files: names of the files and directories of the collection's that were looked at.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._told = list(secrets)
        self._secrets = [core(secret).encode() for secret in self._told]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.looks = 0
        self.seen: set[str] = set()
        self.commands: set[str] = set()
        self.files: set[str] = set()

    def __enter__(self) -> "ProcessWatch":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self.looks += 1
            for process in os.listdir("/proc"):
                if process.isdigit() and int(process) != os.getpid():
                    self._look(process)
            there = passing()
            self.files.update(path.name for path in there)
            self.seen.update(f"file {path}" for path in in_files(self._told, *there))

    def _look(self, process: str) -> None:
        try:
            command = Path("/proc", process, "cmdline").read_bytes()
            environment = Path("/proc", process, "environ").read_bytes()
        except OSError:
            return
        name = command.split(b"\0", 1)[0].decode(errors="replace")
        self.commands.add(os.path.basename(name))
        for secret in self._secrets:
            if secret in command:
                self.seen.add(f"arguments of {name}")
            if secret in environment:
                self.seen.add(f"environment of {name}")
