# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The source side: the files of a tree, and their bytes, read so that a change is noticed.

The rule for what stands in a tree: a regular file becomes an object; a directory lives on in the keys, and one without
files leaves none (XtraBackup puts a file into the directory of an empty schema); a symbolic link, socket, FIFO or
device is refused, because leaving it out would lose data and following it could send what is not the backup's. Names
are UTF-8; others are refused, because a key is UTF-8 and the file would come back under another name.
"""

import os
import stat
from typing import Dict, Iterator

from .errors import ObjectStoreError
from .plan import FileStamp, PlannedObject, TreeFile

_KINDS = (
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISBLK, "block device"),
    (stat.S_ISCHR, "character device"),
)


def scan_tree(root: str) -> Iterator[TreeFile]:
    """The regular files below a directory, in no order.

    Paths are handled as bytes, because a task on a database host often runs in a locale that decodes ASCII only.

    :raises ObjectStoreError: ``objectstore.source`` (not a directory, not readable), ``objectstore.special_file``,
        ``objectstore.name_undecodable``.
    """
    top = os.fsencode(root)
    if not os.path.isdir(top):
        raise ObjectStoreError(
            "{0} is not a directory on this host.".format(root),
            error_id="objectstore.source",
            remedy="Give the directory of the backup in src, on the host where the task runs.",
        )
    waiting = [b""]
    devices: Dict[int, int] = {}
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(os.path.join(top, below)) as entries:
                for entry in entries:
                    path = os.path.join(below, entry.name)
                    state = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(state.st_mode):
                        waiting.append(path)
                    else:
                        _refuse_special(path, state.st_mode)
                        stamp = _stamp(state)
                        # One number for all files of a device, instead of one each.
                        yield TreeFile(
                            _decode(path), stamp._replace(device=devices.setdefault(stamp.device, stamp.device))
                        )
        except OSError as error:
            raise ObjectStoreError(
                "The tree cannot be read: {0}.".format(error),
                error_id="objectstore.source",
                remedy="Run the task as a user who may read the whole backup, when nothing writes to it.",
            ) from error


def read_blocks(
    root: str, planned: PlannedObject, offset: int, length: int, buffer: memoryview, at_once: int = 0
) -> Iterator[memoryview]:
    """A range of a file, block by block, and make sure that it is still the planned file.

    :param root: the tree's directory.
    :param buffer: what is filled, from its beginning again where its end is reached.
    :param at_once: bytes of a block; 0 for the whole buffer.
    :returns: views of ``buffer``.
    :raises ObjectStoreError: ``objectstore.file_changed``, ``objectstore.source``.
    """
    path = os.path.join(os.fsencode(root), planned.path.encode("utf-8"))
    try:
        # O_NOFOLLOW: a link that took the file's place since the scan is not the planned file.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(planned, error) from error
    try:
        _refuse_change(planned, os.fstat(descriptor))
        if offset:
            os.lseek(descriptor, offset, os.SEEK_SET)
        place = 0
        at_once = at_once or len(buffer)
        while length:
            if place == len(buffer):
                place = 0
            block = buffer[place : place + min(at_once, length)]
            _fill(descriptor, planned, block)
            place += len(block)
            length -= len(block)
            if not length:
                _refuse_change(planned, os.fstat(descriptor))
            yield block
    except OSError as error:
        raise _unreadable(planned, error) from error
    finally:
        os.close(descriptor)


def _fill(descriptor: int, planned: PlannedObject, block: memoryview) -> None:
    while block:
        count = os.readv(descriptor, [block])
        if not count:
            raise _changed(planned)
        block = block[count:]


def _unreadable(planned: PlannedObject, error: OSError) -> ObjectStoreError:
    if isinstance(error, FileNotFoundError):
        return _changed(planned)
    return ObjectStoreError(
        "{0!r} cannot be read: {1}.".format(planned.path, error),
        error_id="objectstore.source",
        remedy="Check the host's file system, then run again; what is sent stays.",
        details={"path": planned.path},
    )


def _stamp(state: os.stat_result) -> FileStamp:
    return FileStamp(state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


def _refuse_change(planned: PlannedObject, state: os.stat_result) -> None:
    if _stamp(state) != planned.stamp:
        raise _changed(planned)


def _changed(planned: PlannedObject) -> ObjectStoreError:
    return ObjectStoreError(
        "{0!r} changed while it was being read.".format(planned.path),
        error_id="objectstore.file_changed",
        remedy="A backup does not change: see what writes to the directory, take the backup again if in doubt, "
        "then run again.",
        details={"path": planned.path},
    )


def _decode(path: bytes) -> str:
    try:
        return path.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ObjectStoreError(
            "The name {0!r} is not UTF-8, so it cannot become a key.".format(path),
            error_id="objectstore.name_undecodable",
            remedy="XtraBackup writes no such name: see whether the file belongs to the backup, and move it away.",
            details={"path": repr(path)},
        ) from error


def _refuse_special(path: bytes, mode: int) -> None:
    for matches, kind in _KINDS:
        if matches(mode):
            name = path.decode("utf-8", "backslashreplace")
            raise ObjectStoreError(
                "{0!r} is a {1}, and only regular files become objects.".format(name, kind),
                error_id="objectstore.special_file",
                remedy="See whether it belongs to the backup. Move it away, or put the file that it stands for there.",
                details={"path": name, "kind": kind},
            )
