# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell from the keys under a prefix which backups are there and how they are read. Pure: names in, plan out.

Rules from "Migrating data from MySQL by using Percona XtraBackup and Amazon S3" of the Aurora user guide: the extension
chooses the reader, and parts are read in alphabetical and natural number order.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

# The extension, then the digits that GNU split appends, with no dot between.
_STREAM = re.compile(r"^(?P<stem>.*?)\.(?P<extension>xbstream|tar\.gz|tar|gz)(?P<part>[0-9]*)$")


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
    """One archive: the keys of its parts in the order in which they are joined."""

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


def classify(keys: Iterable[str]) -> BackupFiles:
    """Decide the format of a prefix's keys and group the parts of each stream.

    Raises BackupFilesError for an empty prefix and for a mix of formats.
    """
    # The console makes empty objects for folders; they hold nothing.
    names = in_natural_order(key for key in keys if not key.endswith("/"))
    if not names:
        raise BackupFilesError(
            "No backup files were found in the specified Amazon S3 bucket with the specified prefix."
        )
    formats = set()
    streams: dict[str, list[str]] = {}
    for name in names:
        found = _STREAM.match(posixpath.basename(name))
        formats.add(_FORMATS[found["extension"]] if found else BackupFormat.TREE)
        if found:
            streams.setdefault(posixpath.join(posixpath.dirname(name), found["stem"]), []).append(name)
    if len(formats) > 1:
        raise BackupFilesError("This does not look like a tar archive")
    return BackupFiles(
        format=formats.pop(),
        keys=tuple(names),
        streams=tuple(Stream(name, tuple(parts)) for name, parts in streams.items()),
    )
