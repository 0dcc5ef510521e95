# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell from the keys under a prefix which backups are there and how they are read. Pure: names in, plan out.

Rules from "Physical migration from MySQL by using Percona XtraBackup and Amazon S3" of the Aurora user guide: the
extension chooses the reader, parts are read in alphabetical and natural number order, the directory structure is kept,
and a bucket holds at most a million files. That a directory holds no more than one stream is inferred: no source says
how Aurora would tell the parts of two streams apart that lie side by side.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

# The extension, then the digits that GNU split appends, with no dot between.
_STREAM = re.compile(r"^(?P<stem>.*?)\.(?P<extension>xbstream|tar\.gz|tar|gz)(?P<part>[0-9]*)$")


# What XtraBackup appends to each file that it compresses or encrypts itself; Aurora has neither its tools nor the key.
_COMPRESSED = (".qp", ".lz4", ".zst")
_ENCRYPTED = ".xbcrypt"


class BackupFormat(Enum):
    """How the files under a prefix hold a backup."""

    TREE = "a directory tree"
    XBSTREAM = ".xbstream"
    TAR = ".tar"
    TAR_GZ = ".tar.gz"


_FORMATS = {
    "xbstream": BackupFormat.XBSTREAM,
    "tar": BackupFormat.TAR,
    "tar.gz": BackupFormat.TAR_GZ,
    "gz": BackupFormat.TAR_GZ,
}


class BackupFilesError(Exception):
    """The files under the prefix are not something that can be restored; the text is the reason for the event."""


@dataclass(frozen=True)
class Stream:
    """One archive: where it lies below the bucket, and the keys of its parts in the order in which they are joined."""

    directory: str
    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class BackupFiles:
    """The format of everything under a prefix; streams are empty for a tree."""

    format: BackupFormat
    keys: tuple[str, ...]
    streams: tuple[Stream, ...]


def natural_key(name: str) -> tuple[tuple[int, str, int], ...]:
    """A sort key in which runs of digits count as numbers ("part9" before "part10")."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", name)
    return tuple((0, "", int(piece)) if piece.isdecimal() else (1, piece, 0) for piece in pieces)


def in_natural_order(keys: Iterable[str]) -> list[str]:
    """Keys in natural order; keys that differ only in leading zeros in alphabetical order."""
    return sorted(keys, key=lambda key: (natural_key(key), key))


def follows(number: str, previous: str) -> bool:
    """Whether part `number` comes right after part `previous`: one more, or where GNU split makes its numbers wider.

    `split -d` keeps its names in alphabetical order: 89 is followed by 9000, and 9899 by 990000.
    """
    if int(number) == int(previous) + 1:
        return True
    nines = len(previous) // 2 - 1
    last = "9" * nines + "8" + "9" * (nines + 1)
    return previous == last and number == "9" * (nines + 1) + "0" * (nines + 3)


def refuse_unreadable(names: Iterable[str]) -> None:
    """Raise BackupFilesError when a name is that of a file which XtraBackup has compressed or encrypted."""
    for name in names:
        if name.endswith(_ENCRYPTED):
            raise BackupFilesError(f"The backup is encrypted by XtraBackup ({name}), which is not supported.")
        if name.endswith(_COMPRESSED):
            raise BackupFilesError(f"The backup is compressed by XtraBackup ({name}), which is not supported.")


def classify(keys: Iterable[str], most_files: int) -> BackupFiles:
    """Decide the format of a prefix's keys and put the parts of each stream in order.

    Raises BackupFilesError for an empty prefix, for more than `most_files` keys, for a mix of formats, for two streams
    in one directory, for a missing part, and for a backup that is compressed or encrypted.
    """
    # The console makes empty objects for folders; they hold nothing.
    names = in_natural_order(key for key in keys if not key.endswith("/"))
    if not names:
        raise BackupFilesError(
            "No backup files were found in the specified Amazon S3 bucket with the specified prefix."
        )
    if len(names) > most_files:
        raise BackupFilesError(
            f"{len(names)} files were found with the specified prefix. The limit is {most_files} files, with all"
            " incremental backups; store larger backups in .tar.gz files."
        )
    formats = set()
    streams: dict[str, list[tuple[str, re.Match[str]]]] = {}
    for name in names:
        directory, base = posixpath.split(name)
        found = _STREAM.match(base)
        formats.add(_FORMATS[found["extension"]] if found else BackupFormat.TREE)
        if found:
            streams.setdefault(directory, []).append((name, found))
    if len(formats) > 1:
        raise BackupFilesError("This does not look like a tar archive")
    refuse_unreadable(names)
    return BackupFiles(
        format=formats.pop(),
        keys=tuple(names),
        streams=tuple(_stream(directory, parts) for directory, parts in streams.items()),
    )


def _stream(directory: str, parts: list[tuple[str, re.Match[str]]]) -> Stream:
    stems = sorted({found["stem"] for _name, found in parts})
    if len(stems) > 1:
        raise BackupFilesError(
            f"The directory {directory!r} holds the parts of more than one stream: {', '.join(stems)}. Each backup"
            " needs a directory of its own."
        )
    if len(parts) > 1 or parts[0][1]["part"]:
        _refuse_gaps(parts)
    return Stream(directory, posixpath.join(directory, stems[0]), tuple(name for name, _found in parts))


def _refuse_gaps(parts: list[tuple[str, re.Match[str]]]) -> None:
    previous: str | None = None
    for name, found in parts:
        number = found["part"]
        # split counts from 0, or from 1 where the user wants it so.
        whole = number.isdecimal() and int(number) <= 1 if previous is None else follows(number, previous)
        if not whole:
            raise BackupFilesError(f"A part of the backup is missing before {name}.")
        previous = number
