# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring a backup from the bucket to the disk: a tree as it is, streams joined and unpacked."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Callable

from .backup_chain import Checkpoints, parse_checkpoints
from .backup_files import BackupFiles, BackupFilesError, BackupFormat, Stream

CHECKPOINTS = "xtrabackup_checkpoints"
ReadBlocks = Callable[[str], Iterator[bytes]]


def _run_unpacker(command: list[str], blocks: Iterable[bytes], errors: Path) -> None:
    with open(errors, "w+b") as output:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output) as unpacker:
            assert unpacker.stdin is not None
            try:
                for block in blocks:
                    unpacker.stdin.write(block)
                unpacker.stdin.close()
            except BrokenPipeError:
                pass  # it has given up; its exit status and its words follow
        if unpacker.returncode:
            output.seek(0)
            words = output.read().decode("utf-8", "replace").strip().splitlines()[-3:]
            raise BackupFilesError(f"{command[0]} failed with status {unpacker.returncode}: {' '.join(words)}")


def _unpack_command(files: BackupFiles, directory: Path, unpack_stream: list[str]) -> list[str]:
    if files.format is BackupFormat.XBSTREAM:
        return [argument.replace("{directory}", str(directory)) for argument in unpack_stream]
    # XtraBackup's tar streams have blocks of zeros between their members.
    command = ["tar", "--extract", "--ignore-zeros", f"--directory={directory}", "--no-same-owner"]
    return [*command, "--gzip"] if files.format is BackupFormat.TAR_GZ else command


def _inside(root: Path, relative: str) -> Path:
    path = root / relative
    if not path.resolve().is_relative_to(root.resolve()):
        raise BackupFilesError(f"The key {relative!r} leaves the backup's directory.")
    return path


def fetch(files: BackupFiles, prefix: str, read: ReadBlocks, root: Path, unpack_stream: list[str]) -> list[Checkpoints]:
    """Write everything under `root`; returns the checkpoints of every backup found there (`where` is its directory).

    Raises BackupFilesError when a stream does not unpack, ChainError when a checkpoints file is damaged.
    """
    root.mkdir(parents=True, exist_ok=True)
    if files.format is BackupFormat.TREE:
        for key in files.keys:
            path = _inside(root, key[len(prefix) :].lstrip("/") or key)
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "wb") as file:
                file.writelines(read(key))
    else:
        for number, stream in enumerate(files.streams):
            directory = root / f"stream{number}"
            directory.mkdir()
            command = _unpack_command(files, directory, unpack_stream)
            _run_unpacker(command, _joined(stream, read), root / f"stream{number}.log")
    return [
        parse_checkpoints(path.read_text(encoding="utf-8", errors="replace"), str(path.parent))
        for path in sorted(root.rglob(CHECKPOINTS))
    ]


def _joined(stream: Stream, read: ReadBlocks) -> Iterator[bytes]:
    for part in stream.parts:
        yield from read(part)
