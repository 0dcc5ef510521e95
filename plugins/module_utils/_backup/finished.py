# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a backup's own files say of it."""

import os
import re
from typing import Sequence, Tuple

from .._errors import DbferryError
from .chain import Link
from .checkpoints import BackupInfo, Checkpoints, parse_binlog_info, parse_checkpoints, parse_info
from .datadir import Tree
from .slave_info import SLAVE_INFO, parse_slave_info

CHECKPOINTS = "xtrabackup_checkpoints"
INFO = "xtrabackup_info"

_SERVER_UUID = re.compile(r"^server_uuid\s*=\s*(\S+)", re.MULTILINE)


def read_backup(directory: str) -> Tuple[Checkpoints, BackupInfo]:
    """The tool's own files of a backup.

    The binary log position is the one of ``xtrabackup_binlog_info``, if any; a replica's is in a file of the backup's
    directory alone.

    :param directory: a backup's directory, or its LSN directory.
    :raises DbferryError: one of them is not in the tool's form.
    :raises OSError: one of them cannot be read.
    """
    checkpoints = parse_checkpoints(_text(directory, CHECKPOINTS))
    info = parse_info(_text(directory, INFO))
    if os.path.exists(os.path.join(directory, "xtrabackup_binlog_info")):
        info = info._replace(binlog=parse_binlog_info(_text(directory, "xtrabackup_binlog_info")))
    if os.path.exists(os.path.join(directory, SLAVE_INFO)):
        info = info._replace(slave_info=parse_slave_info(_text(directory, SLAVE_INFO)))
    return checkpoints, info


def read_link(name: str, directory: str, form: str, tree: Tree) -> Link:
    """A backup as a link of a chain.

    :param directory: a backup's directory, or its LSN directory.
    :param tree: files and bytes of the backup.
    :raises DbferryError: the tool's files are not in the tool's form.
    :raises OSError: they cannot be read.
    """
    checkpoints, info = read_backup(directory)
    return Link(name, checkpoints, info, _server_uuid(directory), form, tree.files, tree.bytes)


def check_no_secret(directory: str, argv: Sequence[str], secret: str) -> None:
    """Refuse a backup in which the tool has recorded the password.

    :param directory: has an ``xtrabackup_info``.
    :param argv: the command that made it.
    :raises DbferryError: ``backup.secret_recorded``.
    """
    _checkpoints, info = read_backup(directory)
    if secret_recorded(info.tool_command, argv, secret):
        raise DbferryError(
            "The tool wrote the password into xtrabackup_info, so the backup was removed.",
            "backup.secret_recorded",
            "Take the password out of the command line or use another version of the tool.",
        )


def secret_recorded(tool_command: str, argv: Sequence[str], secret: str) -> bool:
    """Whether the secret stands in the recorded command, apart from the arguments that were given without it."""
    rest = tool_command
    for argument in sorted(argv, key=len, reverse=True):
        rest = rest.replace(argument, "", 1)
    return bool(secret) and secret in rest.strip()


def server_uuid_of(config: str) -> str:
    """The server's UUID, which XtraBackup writes into ``backup-my.cnf`` and mariabackup does not.

    :param config: the content of ``backup-my.cnf``.
    :returns: "" where it does not say.
    """
    match = _SERVER_UUID.search(config)
    return match.group(1) if match else ""


def _server_uuid(directory: str) -> str:
    try:
        return server_uuid_of(_text(directory, "backup-my.cnf"))
    except FileNotFoundError:
        return ""


def _text(directory: str, name: str) -> str:
    with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as stream:
        return stream.read()
