# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The plan from a tree of files to the objects below a prefix; pure."""

from typing import Iterable, List, NamedTuple, Optional, Tuple

from .errors import ObjectStoreError

MIB = 1024 * 1024

# "Migrating data from MySQL by using an Amazon S3 bucket" (Aurora User Guide): files of the full backup and of all
# increments together, and the size of each.
MAX_OBJECTS = 1000000
MAX_OBJECT_BYTES = 5 * 1024 * 1024 * MIB

# "Amazon S3 multipart upload limits" and "Creating object key names" (S3 User Guide).
MAX_PARTS = 10000
MIN_PART_BYTES = 5 * MIB
MAX_KEY_BYTES = 1024
MAX_PART_BYTES = 5 * 1024 * MIB


class FileStamp(NamedTuple):
    """What changes when a file is replaced or written: its place in the file system, its size and its time."""

    device: int
    inode: int
    size: int
    mtime_ns: int


class TreeFile(NamedTuple):
    """A regular file of a tree.

    :ivar path: relative to the tree's root, ``/`` between the names, decoded from UTF-8.
    """

    path: str
    stamp: FileStamp


class PlannedObject(NamedTuple):
    """An object as it will be sent; its key is the prefix followed by ``path``.

    :ivar part_size: bytes of each part but the last; an object of at most one part travels in a single request.
    """

    path: str
    stamp: FileStamp
    part_size: int

    @property
    def size(self) -> int:
        """Bytes of the object."""
        return self.stamp.size

    @property
    def parts(self) -> int:
        """The number of parts, at least 1."""
        return max(1, -(-self.size // self.part_size))


def normalise_prefix(prefix: str) -> str:
    """A prefix that ends in exactly one ``/``, so that ``full1`` never catches ``full10``.

    :raises ObjectStoreError: ``objectstore.prefix``: it is empty, or has empty, ``.`` or ``..`` segments, which some
        HTTP clients and proxies rewrite.
    """
    segments = prefix.rstrip("/").split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        raise ObjectStoreError(
            "The prefix {0!r} is not usable.".format(prefix),
            error_id="objectstore.prefix",
            remedy="Give at least one name, no '/' at the start, and no empty, '.' or '..' name between slashes. "
            "Aurora reads every object of a bucket when there is no prefix, so there is always one.",
        )
    return "/".join(segments) + "/"


def split_manifest_key(key: Optional[str], prefix: str) -> Tuple[str, str]:
    """The key of a manifest as (prefix with ``/`` at its end or none, name); both empty where there is none.

    :param prefix: as ``normalise_prefix`` returns it; the manifest is not below it, because Aurora reads all there.
    :raises ObjectStoreError: ``objectstore.manifest_key``.
    """
    if not key:
        return "", ""
    if key.startswith((prefix, "/")) or key.endswith("/"):
        raise ObjectStoreError(
            "The manifest cannot be kept as {0!r}.".format(key),
            error_id="objectstore.manifest_key",
            remedy="Give the key of an object beside the prefix {0}: Aurora reads every object below it.".format(
                prefix
            ),
        )
    above, slash, name = key.rpartition("/")
    return above + slash, name


def check_part_size(part_size: int) -> None:
    """Refuse a part size that cannot be sent.

    :param part_size: bytes.
    :raises ObjectStoreError: ``objectstore.part_size``.
    """
    if not MIN_PART_BYTES <= part_size <= MAX_PART_BYTES:
        raise ObjectStoreError(
            "A part of {0} MiB is outside {1} to {2} MiB.".format(
                part_size // MIB, MIN_PART_BYTES // MIB, MAX_PART_BYTES // MIB
            ),
            error_id="objectstore.part_size",
            remedy="Choose part_size_mib within these bounds.",
        )


def part_size_for(size: int, part_size: int) -> int:
    """The part size of one object: the wanted one, or the next whole MiB with which 10,000 parts are enough.

    :param size: bytes of the object.
    :param part_size: the wanted part size in bytes.
    :raises ObjectStoreError: ``objectstore.object_too_large`` past 5 TB.
    """
    if size > MAX_OBJECT_BYTES:
        raise ObjectStoreError(
            "A file has {0} bytes; Aurora and S3 take objects to 5 TB.".format(size),
            error_id="objectstore.object_too_large",
            remedy="Take the backup as a stream that is split into parts.",
        )
    needed = -(-size // MAX_PARTS)
    return part_size if needed <= part_size else -(-needed // MIB) * MIB


def part_range(planned: PlannedObject, number: int) -> Tuple[int, int]:
    """A part of an object, counted from 1, as (offset, length); an empty object has one part of no bytes."""
    offset = (number - 1) * planned.part_size
    return offset, min(planned.part_size, planned.size - offset)


def plan_objects(files: Iterable[TreeFile], prefix: str, part_size: int) -> List[PlannedObject]:
    """The objects of a tree, ordered by path.

    :param files: the tree's regular files, in any order.
    :param prefix: as ``normalise_prefix`` returns it.
    :param part_size: the wanted part size in bytes.
    :raises ObjectStoreError: ``objectstore.empty_tree``, ``objectstore.too_many_files``, ``objectstore.key_too_long``,
        and those of ``part_size_for``; each names a file where one is at fault.
    """
    check_part_size(part_size)
    planned: List[PlannedObject] = []
    for file in files:
        if len(planned) >= MAX_OBJECTS:
            raise ObjectStoreError(
                "The tree has more than {0} files; Aurora restores at most {0}, with all increments.".format(
                    MAX_OBJECTS
                ),
                error_id="objectstore.too_many_files",
                remedy="Take the backup as a tar archive or a stream that is split into parts.",
            )
        length = len((prefix + file.path).encode("utf-8"))
        if length > MAX_KEY_BYTES:
            raise ObjectStoreError(
                "The key of {0!r} would have {1} bytes; S3 takes {2}.".format(file.path, length, MAX_KEY_BYTES),
                error_id="objectstore.key_too_long",
                remedy="Choose a shorter prefix, or take the backup as a stream.",
                details={"path": file.path},
            )
        try:
            size = part_size_for(file.stamp.size, part_size)
        except ObjectStoreError as error:
            error.details["path"] = file.path
            error.message = "{0!r}: {1}".format(file.path, error.message)
            raise
        planned.append(PlannedObject(file.path, file.stamp, size))
    if not planned:
        raise ObjectStoreError(
            "The tree has no file.",
            error_id="objectstore.empty_tree",
            remedy="Check src: there is no backup in it.",
        )
    planned.sort(key=lambda each: each.path)
    return planned


def check_expected(plan: List[PlannedObject], files: Optional[int], size: Optional[int]) -> None:
    """Refuse a tree that is not the one that is meant.

    :param files: how many files it is to have; ``None`` for any number.
    :param size: how many bytes; ``None`` for any.
    :raises ObjectStoreError: ``objectstore.other_tree``.
    """
    found = (len(plan), sum(each.size for each in plan))
    expected = (found[0] if files is None else files, found[1] if size is None else size)
    if found != expected:
        raise ObjectStoreError(
            "The tree has {0} files with {1} bytes, and {2} with {3} bytes are expected.".format(*found, *expected),
            error_id="objectstore.other_tree",
            remedy="See what was put there or taken away, such as a backup that is being taken. Nothing was sent.",
            details={"files": found[0], "bytes": found[1]},
        )
