# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a backup in a directory says about itself, and whether it is whole."""

import os
from typing import Any, Dict, Sequence, Tuple

from .._errors import DbferryError
from .argv import program
from .checkpoints import BackupInfo, Checkpoints, parse_binlog_info, parse_checkpoints, parse_info
from .datadir import Tree, measure_tree
from .tool import Tool


def read_backup(directory: str) -> Tuple[Checkpoints, BackupInfo]:
    """The tool's own files of a backup; the binary log position is the one of ``xtrabackup_binlog_info``, if any.

    :raises DbferryError: one of them is not in the tool's form.
    :raises OSError: one of them cannot be read.
    """
    checkpoints = parse_checkpoints(_text(directory, "xtrabackup_checkpoints"))
    info = parse_info(_text(directory, "xtrabackup_info"))
    if os.path.exists(os.path.join(directory, "xtrabackup_binlog_info")):
        info = info._replace(binlog=parse_binlog_info(_text(directory, "xtrabackup_binlog_info")))
    return checkpoints, info


def _text(directory: str, name: str) -> str:
    with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as stream:
        return stream.read()


def check_whole(directory: str, argv: Sequence[str], secret: str) -> Tuple[Checkpoints, BackupInfo]:
    """Read a backup that the tool has just finished, and refuse what Aurora would not read.

    :param argv: the command that made it.
    :raises DbferryError: ``backup.secret_recorded``, ``backup.not_full``, or the backup cannot be read.
    """
    checkpoints, info = read_backup(directory)
    if secret_recorded(info.tool_command, argv, secret):
        raise DbferryError(
            "The tool wrote the password into xtrabackup_info, so the backup was removed.",
            "backup.secret_recorded",
            "Take the password out of the command line or use another version of the tool.",
        )
    if not checkpoints.is_full or info.partial or info.incremental or info.compressed or info.encrypted:
        raise DbferryError(
            "The tool made no plain full backup (type {0}, partial {1}, incremental {2}, compressed {3}, "
            "encrypted {4}), and Aurora reads no other.".format(
                checkpoints.backup_type, info.partial, info.incremental, info.compressed, info.encrypted
            ),
            "backup.not_full",
            "Take the options that narrow, compress or encrypt backups out of config_file.",
        )
    return checkpoints, info


def secret_recorded(tool_command: str, argv: Sequence[str], secret: str) -> bool:
    """Whether the secret stands in the recorded command, apart from the arguments that were given without it."""
    rest = tool_command
    for argument in sorted(argv, key=len, reverse=True):
        rest = rest.replace(argument, "", 1)
    return bool(secret) and secret in rest.strip()


def describe(directory: str, tool: Tool, checkpoints: Checkpoints, info: BackupInfo, tree: Tree) -> Dict[str, Any]:
    """The backup as the migration record keeps it, but for its times.

    :param directory: where it lies once it is finished.
    """
    executable = program(tool)
    return {
        "backup_id": info.uuid,
        "format": "directory",
        "directory": directory,
        "tool": {
            "name": os.path.basename(executable),
            "version": info.tool_version,
            "series": tool.series,
            "executable": executable,
        },
        "server_version": info.server_version,
        "from_lsn": checkpoints.from_lsn,
        "to_lsn": checkpoints.to_lsn,
        "last_lsn": checkpoints.last_lsn,
        "binlog": dict(info.binlog._asdict()),
        "files": tree.files,
        "bytes": tree.bytes,
    }


def difference(directory: str, backup: Dict[str, Any]) -> str:
    """How the backup in a directory differs from its description; "" when it does not.

    :param backup: what ``describe`` made of it.
    """
    try:
        checkpoints, info = read_backup(directory)
    except (OSError, DbferryError) as error:
        return str(error)
    if info.uuid != backup.get("backup_id"):
        return "it is backup {0}, not {1}".format(info.uuid, backup.get("backup_id"))
    if not checkpoints.is_full:
        return "its type is now {0}".format(checkpoints.backup_type)
    if measure_tree(directory) != Tree(backup.get("files", 0), backup.get("bytes", 0)):
        return "its files are not those that were written"
    return ""
