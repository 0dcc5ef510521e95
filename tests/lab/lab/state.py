# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state directory of one lab: where everything lies, and the files that hold secrets."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import LabError

# sockaddr_un holds 108 bytes with the closing zero; file names of sockets here take up to 60 of them.
SOCKET_DIR_LIMIT = 46


def write_secret(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)


class State:
    """Paths of one lab, and its two JSON documents."""

    def __init__(self, directory: Path):
        self.directory = directory.resolve()
        self.run = self.directory / "run"
        self.log = self.directory / "log"
        self.tls = self.directory / "tls"
        self.tmp = self.directory / "tmp"
        self.sources = self.directory / "sources"
        self.targets = self.directory / "targets"
        self.work = self.directory / "work"
        self.endpoints = self.directory / "endpoints.json"
        self.inventory = self.directory / "inventory.yml"
        self.settings = self.directory / "lab.json"
        self.system_tables = self.directory / "system_tables.json"
        self.zone_sql = self.directory / "time_zones.sql"

    def create(self) -> None:
        """Make the directories; the state directory itself is closed to other users."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        for directory in (self.run, self.log, self.tls, self.tmp, self.sources, self.targets, self.work):
            directory.mkdir(exist_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let only one `up` or `down` of this lab run at a time; raise LabError when another one does."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with open(self.directory / ".lock", "w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise LabError(f"Another labctl works on {self.directory}; wait until it has ended") from exc
            yield

    def socket_dir(self) -> Path:
        """A directory short enough for Unix sockets: run/ itself, or one under the system's temporary directory."""
        if len(str(self.run)) <= SOCKET_DIR_LIMIT:
            return self.run
        pointer = self.run / "socket_dir"
        if not pointer.exists():
            pointer.write_text(tempfile.mkdtemp(prefix="dbferry-lab-"), encoding="utf-8")
        return Path(pointer.read_text(encoding="utf-8"))

    def read(self, path: Path) -> dict[str, Any]:
        """A JSON document of this lab, {} when there is none."""
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return document

    def write(self, path: Path, document: dict[str, Any]) -> None:
        """Replace a JSON document of this lab, readable by its owner only."""
        write_secret(path, json.dumps(document, indent=2) + "\n")

    def remove_all(self) -> None:
        """Remove everything but the logs and the lock."""
        pointer = self.run / "socket_dir"
        if pointer.exists():
            shutil.rmtree(Path(pointer.read_text(encoding="utf-8")), ignore_errors=True)
        for directory in (self.run, self.tls, self.tmp, self.sources, self.targets, self.work):
            shutil.rmtree(directory, ignore_errors=True)
        for file in (self.endpoints, self.inventory, self.settings, self.system_tables, self.zone_sql):
            file.unlink(missing_ok=True)
