# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Which tool writes which format, and which format fits a server. Pure."""

from typing import NamedTuple

from .._errors import DbferryError
from .._progress.line import format_bytes
from .parts import DIRECTORY, LARGEST_PART, MOST_PARTS
from .tool import Tool

AUTO = "auto"

# Aurora reads at most so many files with all incremental backups (AWS: "Physical migration from MySQL by using Percona
# XtraBackup and Amazon S3", limitations).
MOST_FILES = 1000000

# An increment in a directory has two files a tablespace (Percona: "Incremental backup": .delta and .meta).
FILES_WITH_ONE_INCREMENT = 3


class Measure(NamedTuple):
    """What a backup is going to copy, more or less."""

    files: int
    bytes: int
    largest: int
    """Bytes of the largest file."""
    tablespaces: int = 0
    """How many of the files an increment has twice."""


class Choice(NamedTuple):
    """A format, and why it was chosen; "" where the user named it."""

    form: str
    reason: str


def tool_stream(form: str) -> str:
    """The tool's own stream format for a format: gzip comes after the tool."""
    return "tar" if form == "tar_gz" else form


def writes_tar(tool: Tool) -> bool:
    """Whether the tool has ``--stream=tar``: XtraBackup 2.x does (Percona: "Streaming backups")."""
    return tool.flavour == "xtrabackup" and tool.numbers[0] == 2


def check_format(form: str, tool: Tool, incremental: bool) -> None:
    """Refuse a format that the tool does not write.

    :raises DbferryError: ``format.unsupported``, ``format.no_increments``.
    """
    if form in ("tar", "tar_gz"):
        if not writes_tar(tool):
            raise DbferryError(
                "{0} {1} has no --stream=tar, which format {2} needs; only XtraBackup 2.x has it.".format(
                    tool.flavour, tool.version, form
                ),
                "format.unsupported",
                "Use format xbstream or directory.",
            )
        if incremental:
            raise DbferryError(
                "XtraBackup streams incremental backups as xbstream only, not as {0}.".format(form),
                "format.no_increments",
                "Take the chain's full backup in format xbstream or directory, or go on without increments.",
            )


def choose_format(
    tool: Tool,
    measure: Measure,
    room: int,
    gzip: bool,
    most_files: int = MOST_FILES,
) -> Choice:
    """The format that ``auto`` means for a full backup.

    :param measure: what the backup is going to copy.
    :param room: bytes that the backup may take on the disk that it is staged on.
    :param gzip: whether the host has a parallel gzip.
    :param most_files: Aurora's limit.
    """
    if measure.bytes > room and writes_tar(tool) and gzip:
        return Choice(
            "tar_gz",
            "{0} do not fit into the {1} that the disk has for them; XtraBackup {2} can write tar, which gzip "
            "makes smaller. No increment can follow it.".format(
                format_bytes(measure.bytes), format_bytes(room), tool.series
            ),
        )
    reason = why_stream(measure, most_files)
    if reason:
        return Choice("xbstream", reason)
    return Choice(
        DIRECTORY,
        "{0} files with {1} stay below Aurora's {2} files, also with an increment.".format(
            measure.files, format_bytes(measure.bytes), most_files
        ),
    )


def why_stream(measure: Measure, most_files: int = MOST_FILES) -> str:
    """Why Aurora would not read a backup as single files, once an increment has come; "" where it would.

    :param measure: what the backup is going to copy.
    """
    if measure.largest > LARGEST_PART:
        return (
            "The largest file has {0}, more than the 5 TB of an object that Aurora reads; a stream is cut into "
            "parts.".format(format_bytes(measure.largest))
        )
    files = measure.files * FILES_WITH_ONE_INCREMENT
    if files > most_files:
        return (
            "{0} files would be about {1} with one increment, and Aurora reads {2} files at most; a stream holds any "
            "number.".format(measure.files, files, most_files)
        )
    return ""


def check_files(form: str, measure: Measure, incremental: bool, before: int, most_files: int = MOST_FILES) -> None:
    """Refuse a backup in a directory with which the chain has more files than Aurora reads.

    :param measure: what the server has; an increment of it has all files again, and tablespaces twice.
    :param before: files that the chain has already.
    :raises DbferryError: ``format.too_many_files``.
    """
    files = measure.files + (measure.tablespaces if incremental else 0)
    if form != DIRECTORY or before + files <= most_files:
        return
    raise DbferryError(
        "The backup has about {0} files, with those of its chain {1}, and Aurora reads {2} at most.".format(
            files, before + files, most_files
        ),
        "format.too_many_files",
        "Begin a new chain as a stream, by a full backup in format xbstream. Or take the increment yourself, and let "
        "all be made tarballs (module xtrabackup_tarballs; backup_mode existing of role backup).",
    )


def check_parts(form: str, measure: Measure, incremental: bool, part_size: int) -> None:
    """Refuse parts that are so small that a stream would have too many of them.

    How large an increment or a compressed backup gets nobody knows before.

    :raises DbferryError: ``parts.too_many``.
    """
    if form not in ("xbstream", "tar") or incremental or measure.bytes <= part_size * MOST_PARTS:
        return
    raise DbferryError(
        "{0} make more than {1} parts of {2}.".format(format_bytes(measure.bytes), MOST_PARTS, format_bytes(part_size)),
        "parts.too_many",
        "Give a larger part_size; parts may have up to 5 TB.",
    )
