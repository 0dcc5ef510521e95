# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stamps: small files that say which inputs a finished component was made from, and the lock to change them under."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable


def digest(*parts: object) -> str:
    """Return a hex digest over *parts*; a Path counts with its content, following ``-r`` lines of requirement files."""
    summary = hashlib.sha256()
    for part in parts:
        data = _content(part) if isinstance(part, Path) else str(part)
        summary.update(data.encode() + b"\0")
    return summary.hexdigest()


def _content(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    included = [
        _content(path.parent / line.split(maxsplit=1)[1]) for line in text.splitlines() if line.startswith("-r ")
    ]
    return "\0".join([text, *included])


class Stamp:
    """The stamp of one component under *directory*."""

    def __init__(self, directory: Path, name: str) -> None:
        self._path = directory / f"{name}.stamp"

    def matches(self, value: str) -> bool:
        """Tell whether the component was finished from the inputs that *value* digests."""
        return self._path.is_file() and self._path.read_text(encoding="ascii") == value

    def clear(self) -> None:
        """Forget the component, so that a run that dies halfway is taken up from the start."""
        self._path.unlink(missing_ok=True)

    def write(self, value: str) -> None:
        """Say that the component stands as *value* digests."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(value, encoding="ascii")


@contextmanager
def locked(directory: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold the lock of *directory*'s stamps, and yield its descriptor; call *waiting* before waiting for another's.

    A command that inherits the descriptor holds the lock, too: what a killed set-up left running is waited for.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
