# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Finds the tool's own small files in the parts of a stream, by stepping over the data."""

import gzip
import io
import os
import tarfile
import zlib
from typing import BinaryIO, Callable, Dict, List, Sequence, Tuple, cast

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from .chain import Link
from .checkpoints import parse_binlog_info, parse_checkpoints, parse_info
from .datadir import Tree
from .finished import CHECKPOINTS, INFO, server_uuid_of
from .interrupted import raise_if_stopped
from .packed import PACKED_INFOS, packed_info, refuse_packed
from .parts import parse_part
from .slave_info import SLAVE_INFO, parse_slave_info
from .xbstream import CHUNK, END_OF_FILE, LONGEST_PATH, MAGIC, PAYLOAD, SPARSE, SPARSE_CHUNK, SPARSE_ENTRY_BYTES

_BINLOG = "xtrabackup_binlog_info"
_CONFIG = "backup-my.cnf"
_WANTED = (CHECKPOINTS, INFO, _BINLOG, SLAVE_INFO, _CONFIG)

# These files have some hundred bytes, and a GTID set some more.
_LARGEST = 16 * 1024**2

_BUFFER_BYTES = 1024**2

Step = Callable[[int], None]


def read_stream_link(
    name: str, directory: str, parts: Sequence[str], tree: Tree, progress: ProgressFile, stop: Stop
) -> Link:
    """A streamed backup as a link of a chain.

    xbstream and tar are stepped through by their headers; ``tar.gz`` has to be decompressed whole.

    :param parts: file names in the directory, in order.
    :param tree: number and bytes of the parts.
    :raises DbferryError: ``chain.incomplete`` (the stream ends early, is not in its format, or lacks a file),
        ``chain.compressed``, ``chain.encrypted``, ``backup.interrupted``.
    :raises OSError: a part cannot be read.
    """
    first = parse_part(parts[0])
    form = first.format if first is not None else ""
    paths = [os.path.join(directory, part) for part in parts]

    def step(position: int) -> None:
        raise_if_stopped(stop)
        progress.update("reading the stream's index", done=position, total=tree.bytes, unit="bytes")

    try:
        with io.BufferedReader(cast(io.RawIOBase, _Joined(paths)), _BUFFER_BYTES) as stream:
            files = _READERS[form](cast(BinaryIO, stream), step)
        packed = packed_info(files)
        if packed:
            raise refuse_packed(directory, name, packed)
        return _link(name, form, tree, files)
    except (EOFError, ValueError, KeyError, tarfile.TarError, zlib.error) as error:
        raise _broken(name, directory, error) from error
    except OSError as error:
        # gzip tells damage so; a file that cannot be read has a number.
        if error.errno is not None:
            raise
        raise _broken(name, directory, error) from error


def _link(name: str, form: str, tree: Tree, files: Dict[str, str]) -> Link:
    info = parse_info(files[INFO])
    if files.get(_BINLOG):
        info = info._replace(binlog=parse_binlog_info(files[_BINLOG]))
    info = info._replace(slave_info=parse_slave_info(files.get(SLAVE_INFO, "")))
    uuid = server_uuid_of(files.get(_CONFIG, ""))
    return Link(name, parse_checkpoints(files[CHECKPOINTS]), info, uuid, form, tree.files, tree.bytes)


def _read_xbstream(stream: BinaryIO, step: Step) -> Dict[str, str]:
    found: Dict[str, bytearray] = {}
    while True:
        step(stream.tell())
        header = stream.read(CHUNK.size)
        if not header:
            return {path: bytes(content).decode("utf-8", "replace") for path, content in found.items()}
        magic, _flags, kind, length = CHUNK.unpack(_whole(header, CHUNK.size))
        if magic != MAGIC or length > LONGEST_PATH:
            raise ValueError("no xbstream chunk at byte {0}".format(stream.tell() - CHUNK.size))
        path = _whole(stream.read(length), length).decode("utf-8", "replace")
        if kind == END_OF_FILE:
            continue
        mapped = SPARSE.unpack(_whole(stream.read(SPARSE.size), SPARSE.size))[0] if kind == SPARSE_CHUNK else 0
        size, offset, _checksum = PAYLOAD.unpack(_whole(stream.read(PAYLOAD.size), PAYLOAD.size))
        stream.seek(mapped * SPARSE_ENTRY_BYTES, os.SEEK_CUR)
        if path in _WANTED and kind == b"P" and offset + size <= _LARGEST:
            content = found.setdefault(path, bytearray())
            content[offset : offset + size] = _whole(stream.read(size), size)
        else:
            if path in PACKED_INFOS:
                found[path] = bytearray()
            _skip(stream, size)


def _read_tar(stream: BinaryIO, step: Step) -> Dict[str, str]:
    # XtraBackup's tar streams have blocks of zeros between their members.
    with tarfile.open(fileobj=stream, mode="r:", ignore_zeros=True) as archive:
        return _members(archive, stream, step)


def _read_tar_gz(stream: BinaryIO, step: Step) -> Dict[str, str]:
    with gzip.GzipFile(fileobj=stream) as plain:
        with tarfile.open(fileobj=cast(BinaryIO, plain), mode="r|", ignore_zeros=True) as archive:
            return _members(archive, stream, step)


def _members(archive: tarfile.TarFile, stream: BinaryIO, step: Step) -> Dict[str, str]:
    found: Dict[str, str] = {}
    while True:
        step(stream.tell())
        member = archive.next()
        if member is None:
            return found
        # The list of all members would grow with the backup.
        archive.members = []  # type: ignore[attr-defined,unused-ignore]
        name = os.path.normpath(member.name)
        if name in PACKED_INFOS:
            found[name] = ""
        if name in _WANTED and member.isreg() and member.size <= _LARGEST:
            content = archive.extractfile(member)
            if content is not None:
                found[name] = _whole(content.read(), member.size).decode("utf-8", "replace")


def _whole(block: bytes, length: int) -> bytes:
    if len(block) != length:
        raise EOFError("the stream ends early")
    return block


def _skip(stream: BinaryIO, size: int) -> None:
    """Step over bytes that have to be there."""
    if size:
        stream.seek(size - 1, os.SEEK_CUR)
        _whole(stream.read(1), 1)


_READERS: Dict[str, Callable[[BinaryIO, Step], Dict[str, str]]] = {
    "xbstream": _read_xbstream,
    "tar": _read_tar,
    "tar_gz": _read_tar_gz,
}


class _Joined(io.RawIOBase):
    """Files as one, each opened only while it is read."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__()
        starts: List[Tuple[int, str]] = []
        self._size = 0
        for path in paths:
            starts.append((self._size, path))
            self._size += os.stat(path).st_size
        self._starts = starts
        self._position = 0
        self._number = -1
        self._descriptor = -1

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def readinto(self, buffer: "bytearray") -> int:  # type: ignore[override]
        if self._position >= self._size:
            return 0
        number = self._find()
        if number != self._number:
            self._close_part()
            self._descriptor = os.open(self._starts[number][1], os.O_RDONLY | os.O_CLOEXEC)
            self._number = number
        block = os.pread(self._descriptor, len(buffer), self._position - self._starts[number][0])
        buffer[: len(block)] = block
        self._position += len(block)
        return len(block)

    def close(self) -> None:
        self._close_part()
        super().close()

    def _find(self) -> int:
        low, high = 0, len(self._starts) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._starts[middle][0] <= self._position:
                low = middle
            else:
                high = middle - 1
        return low

    def _close_part(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = self._number = -1


def _broken(name: str, directory: str, error: Exception) -> DbferryError:
    what = "it lacks {0}".format(error.args[0]) if isinstance(error, KeyError) else str(error)
    return DbferryError(
        "The stream in {0} is not whole: {1}.".format(directory, what),
        "chain.incomplete",
        "Leave it out, or take it again.",
        {"backups": [name]},
    )
