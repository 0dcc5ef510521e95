# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Finds the backups that somebody has taken before, at any depth below a directory. Reads only."""

import errno
import os
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from .chain import Link
from .datadir import Tree
from .finished import CHECKPOINTS, read_link
from .interrupted import raise_if_stopped
from .packed import packed_info, plain_name, refuse_packed
from .parts import DIRECTORY, Part, parse_part, part_number
from .strays import SECRET_FILES, is_secret_file, special_kind
from .stream_files import read_stream_link

# What a backup's directory has long before it has xtrabackup_checkpoints.
_BEGUN = ("ibdata1", "backup-my.cnf", "xtrabackup_logfile")

_NAMED_AT_MOST = 5
_OTHERS_NAMED = 20


class Found(NamedTuple):
    """What lies below a directory."""

    links: List[Link]
    """In no order."""
    others: Tree
    """Files that belong to no backup."""
    other_names: List[str]
    """Paths below the directory of the first of them."""


class _Folder(NamedTuple):
    path: str
    parts: List[str]
    """File names of a stream's parts, in the order in which they are read; empty for a tree."""


def discover(root: str, progress: ProgressFile, stop: Stop) -> Found:
    """Every backup below a directory, the directory itself included.

    :param root: absolute path.
    :raises DbferryError: ``chain.not_found`` (no such directory), ``chain.incomplete`` (one is half or cannot be read),
        ``chain.compressed``, ``chain.encrypted`` (its own facts are packed), ``chain.several_streams``,
        ``chain.part_missing``, ``chain.mixed_formats`` (other files beside a stream), ``chain.unreadable`` (a
        directory), ``chain.special_file``, ``chain.secret_file``, ``backup.interrupted``.
    """
    if not os.path.isdir(root):
        raise DbferryError(
            "There is no directory {0} on this host.".format(root),
            "chain.not_found",
            "Correct the path, and run the task on the host that has the backups.",
        )
    folders: Dict[str, _Folder] = {}
    files: Dict[str, int] = {}
    sizes: Dict[str, int] = {}
    owners: Dict[str, str] = {}
    other_names: List[str] = []
    total = 0
    for path, subfolders, found in os.walk(root, onerror=_refuse_unreadable(root)):
        raise_if_stopped(stop)
        subfolders.sort()
        _lengths(root, path, [name for name in subfolders if os.path.islink(os.path.join(path, name))])
        lengths = _lengths(root, path, sorted(found))
        names = list(lengths)
        folder = _look_at(root, path, names, owners.get(os.path.dirname(path), ""))
        if folder is not None:
            folders[path] = folder
        owner = path if folder is not None else owners.get(os.path.dirname(path), "")
        owners[path] = owner
        sizes[owner] = sizes.get(owner, 0) + sum(lengths.values())
        files[owner] = files.get(owner, 0) + len(names)
        if not owner:
            room = _OTHERS_NAMED - len(other_names)
            other_names += [os.path.relpath(os.path.join(path, name), root) for name in names[:room]]
        total += len(names)
        progress.update("looking for backups", done=total, unit="files")
    links = [
        _read(root, folder, Tree(files[folder.path], sizes.get(folder.path, 0)), progress, stop)
        for folder in folders.values()
    ]
    return Found(links, Tree(files.get("", 0), sizes.get("", 0)), other_names)


def _refuse_unreadable(root: str) -> Callable[[OSError], None]:
    """What is done about a directory or a file that cannot be looked at: it may be an increment of the chain."""

    def refuse(error: OSError) -> None:
        if error.errno == errno.ENOENT:
            # Something tidies up; what is gone is no backup.
            return
        raise _refusal(
            "unreadable",
            root,
            error.filename or root,
            "cannot be read ({0}), and may hold a backup of the chain.".format(error.strerror or error),
            "Run the task with become, give this user the right to read it, or move it away.",
        ) from error

    return refuse


def _lengths(root: str, path: str, names: Sequence[str]) -> Dict[str, int]:
    """The bytes of each file of a folder, without those that have vanished; refused when one must not travel."""
    lengths: Dict[str, int] = {}
    for name in names:
        whole = os.path.join(path, name)
        try:
            state = os.lstat(whole)
        except OSError as error:
            _refuse_unreadable(root)(error)
            continue
        kind = special_kind(state.st_mode)
        if kind:
            raise _refusal(
                "special_file",
                root,
                whole,
                "is a {0}, and all that is below {1} is sent to S3, which holds regular files only.".format(kind, root),
                "Move it away; a backup that it leads to is found where it lies.",
            )
        if is_secret_file(name):
            raise _refusal(
                "secret_file",
                root,
                whole,
                "is by its name a file of logins or keys, and all that is below {0} is sent to S3.".format(root),
                "Move it away, or rename it where it is none. These names are refused: {0}.".format(
                    ", ".join(SECRET_FILES)
                ),
            )
        lengths[name] = state.st_size
    return lengths


def _look_at(root: str, path: str, names: Sequence[str], owner: str) -> Optional[_Folder]:
    """The backup that begins in a folder; ``None`` where none does.

    :param owner: path of the backup that the folder above belongs to; "" for none.
    """
    if CHECKPOINTS in names:
        packed = packed_info(names)
        if packed:
            raise refuse_packed(path, os.path.relpath(path, root), packed)
        return _Folder(path, [])
    if owner:
        return None
    if any(plain_name(name) in _BEGUN for name in names):
        raise _refusal(
            "incomplete",
            root,
            path,
            "is half a backup: it has no {0}, which the tool writes at its end.".format(CHECKPOINTS),
            "Leave it out, or take it again.",
        )
    parts = {name: part for name, part in ((name, parse_part(name)) for name in names) if part is not None}
    if not parts:
        return None
    _check_one_stream(root, path, names, parts)
    return _Folder(path, _in_order(root, path, parts))


def _check_one_stream(root: str, path: str, names: Sequence[str], parts: Dict[str, Part]) -> None:
    stems = sorted({part.stem for part in parts.values()})
    if len(stems) > 1:
        raise _refusal(
            "several_streams",
            root,
            path,
            "holds parts of several streams ({0}).".format(", ".join(stems[:_NAMED_AT_MOST])),
            "Give each backup a directory of its own.",
        )
    strangers = sorted(set(names) - set(parts))
    if strangers:
        raise _refusal(
            "mixed_formats",
            root,
            path,
            "holds {0} beside the parts of a stream, and Aurora reads one format a prefix.".format(
                ", ".join(strangers[:_NAMED_AT_MOST])
            ),
            "Move everything but the parts away.",
        )


def _in_order(root: str, path: str, parts: Dict[str, Part]) -> List[str]:
    """The parts' names as Aurora reads them, refused when one is missing."""
    names = sorted(parts, key=lambda name: (part_number(name) or 0, name))
    if len(names) == 1 and not parts[names[0]].digits:
        return names
    for before, name in zip([None, *names[:-1]], names):
        if not _follows(parts[name].digits, parts[before].digits if before is not None else None):
            raise _refusal(
                "part_missing",
                root,
                path,
                "lacks the part before {0}{1}.".format(
                    name, "" if before is None else ", the last one there being {0}".format(before)
                ),
                "Find the part, or take the backup again.",
            )
    if names != sorted(names):
        raise _refusal(
            "part_order",
            root,
            path,
            "has parts whose alphabetical order is not that of their numbers ({0} before {1}).".format(
                sorted(names)[0], next(name for name, other in zip(sorted(names), names) if name != other)
            ),
            "Rename them with digits of one width, such as {0}.".format(parts[names[0]].stem + "00000"),
        )
    return names


def _follows(digits: str, before: Optional[str]) -> bool:
    """Whether a part comes right after another: one more, or where GNU split makes its numbers wider (89, 9000)."""
    if not digits:
        return False
    if before is None:
        return int(digits) <= 1
    if int(digits) == int(before) + 1:
        return True
    nines = len(before) // 2 - 1
    last = "9" * nines + "8" + "9" * (nines + 1)
    return len(before) % 2 == 0 and before == last and digits == "9" * (nines + 1) + "0" * (nines + 3)


def _read(root: str, folder: _Folder, tree: Tree, progress: ProgressFile, stop: Stop) -> Link:
    name = os.path.relpath(folder.path, root)
    try:
        if folder.parts:
            return read_stream_link(name, folder.path, folder.parts, tree, progress, stop)
        return read_link(name, folder.path, DIRECTORY, tree)
    except OSError as error:
        raise _refusal(
            "incomplete",
            root,
            folder.path,
            "cannot be read as a whole backup ({0}: {1}).".format(
                os.path.basename(error.filename or ""), error.strerror or error
            ),
            "Leave it out, or take it again; run the task with become where rights are missing.",
        ) from error


def _refusal(error_id: str, root: str, path: str, problem: str, remedy: str) -> DbferryError:
    name = os.path.relpath(path, root)
    return DbferryError(
        "{0} {1}".format(root if name == "." else os.path.join(root, name), problem),
        "chain.{0}".format(error_id),
        remedy,
        {"backups": [name]},
    )
