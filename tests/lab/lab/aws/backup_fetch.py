# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring a backup from the bucket to the disk: a tree as it is, streams joined and unpacked."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Callable

from lab.description import fill

from .backup_chain import Checkpoints, parse_checkpoints, refuse_unsupported
from .backup_files import BackupFiles, BackupFilesError, BackupFormat, Stream, refuse_unreadable

CHECKPOINTS = "xtrabackup_checkpoints"
INFO = "xtrabackup_info"
# What a tool says first is the cause, what it says last is how it ended.
FIRST_WORDS_OF_A_TOOL = 1
LAST_WORDS_OF_A_TOOL = 2
ReadBlocks = Callable[[str], Iterator[bytes]]


def _run_unpacker(command: list[str], blocks: Iterable[bytes]) -> None:
    with tempfile.TemporaryFile() as output:
        # Unbuffered: what an unpacker that gave up has not taken would raise once more when its input is closed.
        unpacker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, bufsize=0)
        try:
            assert unpacker.stdin is not None
            _feed(unpacker.stdin.fileno(), blocks)
        except BrokenPipeError:
            pass  # it has given up; its exit status and its words follow
        finally:
            unpacker.stdin.close()
            unpacker.wait()
        if unpacker.returncode:
            output.seek(0)
            lines = output.read().decode("utf-8", "replace").strip().splitlines()
            words = lines[:FIRST_WORDS_OF_A_TOOL] + lines[FIRST_WORDS_OF_A_TOOL:][-LAST_WORDS_OF_A_TOOL:]
            raise BackupFilesError(f"{command[0]} failed with status {unpacker.returncode}: {' '.join(words)}")


def _feed(pipe: int, blocks: Iterable[bytes]) -> None:
    for block in blocks:
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(pipe, rest) :]


def _unpack_command(files: BackupFiles, directory: Path, unpack_stream: list[str]) -> list[str]:
    if files.format is BackupFormat.XBSTREAM:
        return fill(unpack_stream, directory=directory)
    # XtraBackup's tar streams have blocks of zeros between their members.
    command = ["tar", "--extract", "--ignore-zeros", f"--directory={directory}", "--no-same-owner"]
    return [*command, "--gzip"] if files.format is BackupFormat.TAR_GZ else command


def _inside(root: Path, relative: str) -> Path:
    path = root / relative
    if not path.resolve().is_relative_to(root.resolve()):
        raise BackupFilesError(f"The key {relative!r} leaves the backup's directory.")
    return path


def fetch(files: BackupFiles, prefix: str, read: ReadBlocks, root: Path, unpack_stream: list[str]) -> list[Checkpoints]:
    """Write everything under `root`, laid out as it is under the prefix: a stream is unpacked where its parts lie.

    Objects are read in blocks and go straight to the disk or into the unpacker. Returns the checkpoints of every backup
    that was found (`where` is its directory below `root`). Raises BackupFilesError when a stream does not unpack or
    cannot be read, ChainError when a checkpoints file is damaged or a backup is of a kind that is not supported.
    """

    def place(key: str) -> Path:
        return _inside(root, key[len(prefix) :].lstrip("/") or key)

    root.mkdir(parents=True, exist_ok=True)
    if files.format is BackupFormat.TREE:
        for key in files.keys:
            path = place(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "wb") as file:
                file.writelines(read(key))
    for stream in files.streams:
        directory = place(stream.parts[0]).parent
        directory.mkdir(parents=True, exist_ok=True)
        _run_unpacker(_unpack_command(files, directory, unpack_stream), _joined(stream, read))
    refuse_unreadable(path.relative_to(root).as_posix() for path in root.rglob("*"))
    return [_look_at(path.parent, root) for path in sorted(root.rglob(CHECKPOINTS))]


def _look_at(directory: Path, root: Path) -> Checkpoints:
    where = directory.relative_to(root).as_posix()
    info = directory / INFO
    if info.exists():
        refuse_unsupported(info.read_text(encoding="utf-8", errors="replace"), where)
    text = (directory / CHECKPOINTS).read_text(encoding="utf-8", errors="replace")
    return parse_checkpoints(text, where)


def _joined(stream: Stream, read: ReadBlocks) -> Iterator[bytes]:
    for part in stream.parts:
        yield from read(part)
