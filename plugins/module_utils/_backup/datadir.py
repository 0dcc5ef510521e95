# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The server's data directory and the disk that takes the backup, looked at before anything is started."""

import os
import re
from typing import NamedTuple

from .._errors import DbferryError
from .._progress.line import format_bytes
from .formats import Measure

# What lies in a data directory and never gets into a backup: binary and relay logs, temporary tablespaces, redo
# logs (the tool copies only what is written meanwhile), and what belongs to the running server.
_NOT_COPIED_FILE = re.compile(
    r"^(?:.+\.\d{6,}|.+\.index|ib_logfile\d+|ibtmp\d+|.+\.(?:err|pid|sock|lock)|ib_buffer_pool)$"
)
_NOT_COPIED_DIRECTORY = re.compile(r"^(?:#innodb_redo|#innodb_temp|#ib_archive|lost\+found)$")

_TABLESPACE = re.compile(r"^(?:.+\.(?:ibd|ibu)|ibdata\d+|undo_?\d+)$")


class Tree(NamedTuple):
    """Files and bytes of a directory tree."""

    files: int
    bytes: int


def measure_tree(directory: str) -> Tree:
    """Count regular files and their lengths; what vanishes meanwhile does not count."""
    files = size = 0
    for folder, _folders, names in os.walk(directory):
        for name in names:
            try:
                size += os.lstat(os.path.join(folder, name)).st_size
            except FileNotFoundError:
                continue
            files += 1
    return Tree(files, size)


def measure_backup(datadir: str) -> Measure:
    """What of the data directory a backup copies, more or less.

    :raises DbferryError: ``host.datadir_missing`` or ``host.datadir_unreadable``.
    """
    _check_readable(datadir)
    files = size = largest = tablespaces = 0
    for folder, folders, names in os.walk(datadir):
        if folder == datadir:
            folders[:] = [name for name in folders if not _NOT_COPIED_DIRECTORY.match(name)]
            names = [name for name in names if not _NOT_COPIED_FILE.match(name)]
        for name in names:
            try:
                length = os.stat(os.path.join(folder, name)).st_size
            except OSError:
                continue
            files += 1
            size += length
            largest = max(largest, length)
            tablespaces += _TABLESPACE.match(name) is not None
    return Measure(files, size, largest, tablespaces)


class Room(NamedTuple):
    """A disk, in bytes."""

    directory: str
    total: int
    free: int
    reserve: int
    """What has to stay free."""

    @property
    def usable(self) -> int:
        """What may be filled."""
        return max(0, self.free - self.reserve)


def look_at_disk(directory: str, min_free_percent: int) -> Room:
    """The disk that a directory lies on.

    :param min_free_percent: how much of the whole disk has to stay free.
    """
    disk = os.statvfs(directory)
    total = disk.f_blocks * disk.f_frsize
    return Room(directory, total, disk.f_bavail * disk.f_frsize, total * min_free_percent // 100)


def check_room(room: Room, needed: int) -> None:
    """Refuse when the backup would leave too little of the disk.

    :param needed: bytes of the backup.
    :raises DbferryError: ``host.disk_too_small``.
    """
    if room.free - needed < room.reserve:
        raise DbferryError(
            "The backup takes about {0}, and {1} has {2} of {3} free, of which {4} have to stay free.".format(
                format_bytes(needed),
                room.directory,
                format_bytes(room.free),
                format_bytes(room.total),
                format_bytes(room.reserve),
            ),
            "host.disk_too_small",
            "Free space there, let the backup go to a larger disk or straight to S3, or lower min_free_percent.",
            {
                "needed_bytes": needed,
                "free_bytes": room.free,
                "total_bytes": room.total,
                "reserve_bytes": room.reserve,
            },
        )


def existing_parent(path: str) -> str:
    """The path itself, or the nearest directory above it that exists."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def server_uuid(datadir: str) -> str:
    """The server's UUID out of ``auto.cnf``; "" where the server keeps none (MariaDB, MySQL 5.5)."""
    try:
        with open(os.path.join(datadir, "auto.cnf"), encoding="utf-8", errors="replace") as stream:
            match = re.search(r"^server-uuid\s*=\s*(\S+)", stream.read(10000), re.MULTILINE)
    except OSError:
        return ""
    return match.group(1) if match else ""


def _check_readable(datadir: str) -> None:
    try:
        os.listdir(datadir)
        with open(os.path.join(datadir, "ibdata1"), "rb"):
            pass
    except PermissionError as error:
        raise DbferryError(
            "This operating system user (uid {0}) may not read {1}.".format(os.geteuid(), error.filename),
            "host.datadir_unreadable",
            "Run the task with become, as root or as the server's user.",
        ) from error
    except OSError as error:
        raise DbferryError(
            "{0} is no MySQL data directory on this host: {1}.".format(datadir, error),
            "host.datadir_missing",
            "Give the value of SELECT @@datadir as datadir, and run the task on the host where the server runs.",
        ) from error
