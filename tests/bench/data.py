# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that are sent: made once below build/, checked by size and time, summed by CRC32C."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from awscrt.checksums import crc32c
from server import Arrived

PART_BYTES = 500_000_000
GIB = 2**30
SMALL_FILES = 20_000
SMALL_BYTES = 4096
FILES_IN_DIRECTORY = 40
BLOCK = 2**20


@dataclass(frozen=True)
class Tree:
    """A directory and what has to arrive of it, by path."""

    directory: Path
    files: dict[str, Arrived]

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(each.size for each in self.files.values())

    def read(self) -> None:
        """Read it once, so that no tool is measured while the disk is."""
        for path in self.files:
            with (self.directory / path).open("rb", buffering=0) as stream:
                while stream.read(BLOCK):
                    pass


def parts_tree(home: Path, size: int, part_bytes: int = PART_BYTES) -> Tree:
    """Make a backup stream of *size* random bytes, cut into parts of *part_bytes* and a last one."""
    pool = home / f"parts-{part_bytes}"
    whole, rest = divmod(size, part_bytes)
    sources = [_random_file(pool / f"{number:05d}", part_bytes) for number in range(whole)]
    if rest:
        sources.append(_random_file(pool / f"last-{rest}", rest))
    tree = home / f"backup-{size}-{part_bytes}"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    files = {}
    for number, source in enumerate(sources):
        name = f"backup.xbstream{number:05d}"
        os.link(source, tree / name)
        files[name] = _summed(source)
    return Tree(tree, files)


def small_tree(home: Path, count: int = SMALL_FILES) -> Tree:
    """Make *count* random files of 4 KiB, as many in a directory as the tables of a schema."""
    tree = home / f"small-{count}"
    files = {}
    note = home / f"small-{count}.json"
    if note.is_file():
        return Tree(tree, {path: Arrived(SMALL_BYTES, crc) for path, crc in json.loads(note.read_text()).items()})
    shutil.rmtree(tree, ignore_errors=True)
    for number in range(count):
        path = f"schema{number // FILES_IN_DIRECTORY:03d}/table{number % FILES_IN_DIRECTORY:02d}.ibd"
        data = os.urandom(SMALL_BYTES)
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(data)
        files[path] = Arrived(len(data), crc32c(data))
    # Written last: without it the tree is made anew.
    note.write_text(json.dumps({path: each.crc32c for path, each in files.items()}))
    return Tree(tree, files)


def _random_file(path: Path, size: int) -> Path:
    """Make *path* with *size* random bytes, and beside it a note of their CRC32C."""
    if _note(path).is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    crc = 0
    with path.open("wb") as stream:
        for start in range(0, size, BLOCK):
            data = os.urandom(min(BLOCK, size - start))
            crc = crc32c(data, crc)
            stream.write(data)
    _note(path).write_text(str(crc))
    return path


def _summed(path: Path) -> Arrived:
    return Arrived(path.stat().st_size, int(_note(path).read_text()))


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".crc32c")
