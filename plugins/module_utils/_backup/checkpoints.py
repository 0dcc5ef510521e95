# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What the tool writes beside the data: ``xtrabackup_checkpoints``, ``xtrabackup_info``, ``xtrabackup_binlog_info``."""

import re
from typing import Dict, NamedTuple, Tuple

from .._errors import DbferryError
from .slave_info import SourcePosition, one_line

_KEY_VALUE = re.compile(r"^([a-z_]+) = ?(.*)$")
_BINLOG_POSITION = re.compile(
    r"^filename '([^']*)', position '(\d+)'(?:, GTID of the last change '([^']*)')?", re.DOTALL
)


class Checkpoints(NamedTuple):
    """``xtrabackup_checkpoints``: the kind of backup and its log sequence numbers."""

    backup_type: str
    from_lsn: int
    to_lsn: int
    last_lsn: int


class BinlogPosition(NamedTuple):
    """Where the server's binary log stood; "" and 0 where the server writes none."""

    file: str
    position: int
    gtid: str
    """The GTID set (MySQL) or position (MariaDB), on one line; "" without GTIDs."""


NO_BINLOG = BinlogPosition("", 0, "")


class BackupInfo(NamedTuple):
    """The members of ``xtrabackup_info`` that a migration needs."""

    uuid: str
    tool_command: str
    tool_version: str
    server_version: str
    binlog: BinlogPosition
    partial: bool
    incremental: bool
    compressed: bool
    encrypted: bool
    start_time: str
    """In the time zone of the host that took the backup, ``2026-11-22 16:46:37``; "" where the tool says none."""
    end_time: str
    tool_name: str
    slave_info: Tuple[SourcePosition, ...] = ()
    """How far a replica was with its sources, where the tool was asked for it; ``xtrabackup_info`` does not say."""


def parse_checkpoints(text: str) -> Checkpoints:
    """``xtrabackup_checkpoints`` as the tool writes it.

    :raises DbferryError: ``backup.checkpoints_unreadable``.
    """
    members = _members(text)
    try:
        return Checkpoints(
            backup_type=members["backup_type"],
            from_lsn=int(members["from_lsn"]),
            to_lsn=int(members["to_lsn"]),
            last_lsn=int(members["last_lsn"]),
        )
    except (KeyError, ValueError) as error:
        raise _unreadable("backup.checkpoints_unreadable", "xtrabackup_checkpoints", error) from error


def parse_info(text: str) -> BackupInfo:
    """``xtrabackup_info`` as the tool writes it.

    :raises DbferryError: ``backup.info_unreadable``.
    """
    members = _members(text)
    try:
        return BackupInfo(
            uuid=members["uuid"],
            tool_command=members["tool_command"],
            tool_version=members["tool_version"],
            server_version=members["server_version"],
            binlog=_parse_binlog_position(members.get("binlog_pos", "")),
            partial=members["partial"] != "N",
            incremental=members["incremental"] != "N",
            compressed=members["compressed"] != "N",
            encrypted=members.get("encrypted", "N") != "N",
            start_time=members.get("start_time", ""),
            end_time=members.get("end_time", ""),
            tool_name=members.get("tool_name", ""),
        )
    except KeyError as error:
        raise _unreadable("backup.info_unreadable", "xtrabackup_info", error) from error


def parse_binlog_info(text: str) -> BinlogPosition:
    """``xtrabackup_binlog_info``: file, position and GTID set, separated by tabs; a GTID set spans lines.

    :raises DbferryError: ``backup.binlog_info_unreadable``.
    """
    if not text.strip():
        return NO_BINLOG
    try:
        fields = text.split(None, 2)
        return BinlogPosition(fields[0], int(fields[1]), one_line(fields[2]) if len(fields) > 2 else "")
    except (IndexError, ValueError) as error:
        raise _unreadable("backup.binlog_info_unreadable", "xtrabackup_binlog_info", error) from error


def _members(text: str) -> Dict[str, str]:
    members: Dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        match = _KEY_VALUE.match(line.strip())
        if match:
            last = match.group(1)
            members[last] = match.group(2)
        elif last and line.strip():
            # A GTID set of several servers goes on in the next line.
            members[last] = "{0}\n{1}".format(members[last], line.strip())
    return members


def _parse_binlog_position(text: str) -> BinlogPosition:
    match = _BINLOG_POSITION.match(text)
    if match is None:
        return NO_BINLOG
    return BinlogPosition(match.group(1), int(match.group(2)), one_line(match.group(3) or ""))


def _unreadable(error_id: str, name: str, error: Exception) -> DbferryError:
    return DbferryError(
        "{0} of the backup is not in the form that XtraBackup writes ({1!r}).".format(name, error),
        error_id,
        "Take the backup again; this one cannot be told to be complete.",
    )
