# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of how much there is: data, files, the largest file, and the redo log. Pure."""

from __future__ import annotations

from typing import Optional

from .._backup.formats import FILES_WITH_ONE_INCREMENT, MOST_FILES
from .._backup.parts import LARGEST_PART
from . import links
from .facts import Facts, content_of, server_of, tables_of
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, objects_of
from .server_facts import ServerFacts

_TIB = 1024**4
# AWS, "Physical migration from MySQL by using Percona XtraBackup and Amazon S3".
_MOST_BYTES = 64 * _TIB
_REDO_SECONDS = 3600
_REDO_CAPACITY = 8 * 2**30


def _bytes(facts: Facts) -> Optional[Seen]:
    size = tables_of(facts).data_bytes
    if size is None:
        raise NotKnownError(tables_of(facts).unknown.get("data_bytes", "The server did not tell its size."))
    if facts.host is not None and not facts.host.datadir_problem:
        size = max(size, facts.host.bytes)
    return Seen(f"The data take {size / _TIB:.1f} TiB.") if size > _MOST_BYTES else None


def _files(facts: Facts) -> Optional[Seen]:
    host = facts.host
    if host is not None and not host.datadir_problem:
        files, whose = host.files, "The data directory has"
    else:
        told = tables_of(facts)
        if told.files is None:
            raise NotKnownError(told.unknown.get("files", "The server did not tell its files."))
        # each of its tables has one; what other engines have comes on top
        files, whose = told.files, "InnoDB alone has"
    with_increment = files * FILES_WITH_ONE_INCREMENT
    if with_increment <= MOST_FILES:
        return None
    text = f"{whose} {files:,} files, of which a backup with one increment makes {with_increment:,}."
    if not facts.wanted.single_files:
        return Seen(f"{text} A stream holds any number.", severity=NOTE)
    return Seen(text, severity="" if files > MOST_FILES else WARNING)


def _object(facts: Facts) -> Optional[Seen]:
    host = facts.host
    if host is not None and not host.datadir_problem:
        size, names = host.largest_bytes, []
    else:
        tables = tables_of(facts)
        if tables.data_bytes is None:
            raise NotKnownError(tables.unknown.get("data_bytes", "The server did not tell its size."))
        size, names = tables.largest.bytes, [tables.largest.name]
    if size <= LARGEST_PART:
        return None
    text = f"The largest file has {size / 10**12:.1f} TB."
    if not facts.wanted.single_files:
        return Seen(f"{text} A stream is cut into parts.", objects_of(names), severity=NOTE)
    return Seen(text, objects_of(names))


def _redo_capacity(server: ServerFacts) -> int:
    """Bytes of the redo log; 0 where the server does not tell."""
    if "innodb_redo_log_capacity" in server.variables:
        return int(server.variables["innodb_redo_log_capacity"])
    size = int(server.variables.get("innodb_log_file_size", "0"))
    return size * int(server.variables.get("innodb_log_files_in_group", "1"))


def _redo(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    status = content_of(facts).status
    written, uptime = int(status.get("innodb_os_log_written", 0)), int(status.get("uptime", 0))
    capacity = _redo_capacity(server)
    # What a server writes in its first minutes tells nothing of an hour, unless the log has gone round already.
    if not (uptime and capacity) or written < capacity:
        return None
    seconds = capacity * uptime / written
    if seconds >= _REDO_SECONDS:
        return None
    return Seen(
        # No figure that moves with every look.
        f"The redo log of {capacity / 2**20:.0f} MiB is written over in less than {_REDO_SECONDS // 60} minutes, on "
        "average since the server started.",
        statement=f"SET GLOBAL innodb_redo_log_capacity = {max(_REDO_CAPACITY, 2 * capacity)};"
        if "innodb_redo_log_capacity" in server.variables
        else "",
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "source.data_too_large",
        BLOCKER,
        "There are more than 64 TiB of data",
        "A migration from S3 is limited to 64 TiB.",
        "Delete or archive data first, or spread the schemas over several clusters by logical copies.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _bytes,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.too_many_files",
        BLOCKER,
        "There are too many files for a backup of single files",
        "Aurora reads at most 1,000,000 files of the prefix, those of incremental backups included.",
        "Let backup_format be auto, or a stream format: xbstream or tar.",
        links.PHYSICAL_MIGRATION,
        (),
        _files,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.object_too_large",
        BLOCKER,
        "A file is larger than Aurora reads",
        "Aurora reads objects of up to 5 TB.",
        "Let backup_format be auto, or a stream format (xbstream or tar), which is cut into parts.",
        links.PHYSICAL_MIGRATION,
        (),
        _object,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.redo_overwritten",
        WARNING,
        "The redo log is written over fast",
        "XtraBackup copies the redo log while it copies the data; where the server writes over what is not yet copied, "
        "the backup fails.",
        "Make the redo log larger, or back up in a quiet hour.",
        links.XTRABACKUP_VERSIONS,
        ("server", "content"),
        _redo,
        ways=(PHYSICAL,),
    ),
)
