# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the measurement and the file that they are kept in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Iterable, Type, TypeVar

AnyRow = TypeVar("AnyRow")


@dataclass(frozen=True)
class Row:
    """One run of one tool.

    :ivar bytes: those of bodies that reached the server.
    :ivar requests: those that the server answered.
    :ivar size: the bytes that were to be sent.
    :ivar scale: 1 for the sizes of the case, less for a trial.
    :ivar server_cpu_s: processor seconds of the server meanwhile, which are in no other figure.
    :ivar disk_bytes: the peak of what was staged on the disk.
    """

    case: str
    tool: str
    version: str
    run: int
    wall_s: float
    cpu_s: float
    max_rss_kib: int
    bytes: int
    requests: int
    size: int
    scale: float
    server_cpu_s: float
    disk_bytes: int = 0


def read_rows(path: Path, kind: Type[AnyRow]) -> list[AnyRow]:
    """Return the rows of that dataclass that *path* holds; none where it is not there."""
    if not path.exists():
        return []
    return [kind(**each) for each in json.loads(path.read_text(encoding="utf-8"))]


def write_rows(path: Path, rows: Iterable[Any]) -> None:
    """Write *rows* to *path*, in the place of what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
