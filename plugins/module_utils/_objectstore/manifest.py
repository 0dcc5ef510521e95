# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The manifest of a tree that stands in S3, and its fingerprint; pure."""

import hashlib
import json
from typing import Iterable, Iterator, NamedTuple


class ManifestEntry(NamedTuple):
    """One object that was verified.

    :ivar path: the key without the prefix.
    :ivar size: bytes.
    :ivar checksum: the full-object checksum as S3 reports it.
    """

    path: str
    size: int
    checksum: str


def manifest_lines(entries: Iterable[ManifestEntry]) -> Iterator[str]:
    """One line an object, ordered by path: a JSON array of path, size and checksum, in ASCII.

    JSON keeps a path with a newline on its line. The prefix is left out, so that the same tree has the same manifest
    wherever it stands.
    """
    for entry in sorted(entries):
        yield json.dumps([entry.path, entry.size, entry.checksum])


def fingerprint(entries: Iterable[ManifestEntry]) -> str:
    """The SHA-256 of the manifest's lines, in hexadecimal; two trees share it only when they are equal."""
    digest = hashlib.sha256()
    for line in manifest_lines(entries):
        digest.update(line.encode("ascii") + b"\n")
    return digest.hexdigest()
