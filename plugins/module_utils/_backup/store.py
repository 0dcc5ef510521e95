# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Where finished backups of a chain are kept: asked what is there, and given what has been made."""

import os
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .._errors import DbferryError
from .datadir import Room, Tree, existing_parent, look_at_disk, measure_tree
from .finished import read_backup
from .packed import packed_info
from .parts import DIRECTORY
from .sink import FileSink, PartInfo, Sink
from .staging import sync


class Store:
    """Keeps one chain's backups, each under its name."""

    directory = ""
    """The root of the backups on this host; "" when they are not kept on it."""
    part_size = 0
    """Bytes of every part of a stream but the last."""
    purges = False
    """Whether what no page vouches for is removed where a backup is to be; else it is refused."""
    remedy = "Move it away or give another name; nothing is overwritten that this module did not make."
    """What to do about it then."""

    def places(self) -> Sequence[str]:
        """Directories that this store writes to, and that therefore must not lie in the server's data directory."""
        return ()

    def prepare(self, work_dir: str) -> None:
        """Make what has to be there before anything is written.

        :param work_dir: an existing directory.
        """

    def place_of(self, name: str) -> str:
        """The place of a backup as a person reads it."""
        raise NotImplementedError

    def occupied(self, name: str) -> bool:
        """Whether anything is in the place of a backup."""
        raise NotImplementedError

    def difference(self, entry: Dict[str, Any], form: str, parts: Sequence[PartInfo]) -> str:
        """How what is kept differs from a backup's description; "" when it does not.

        :param entry: as ``describe_link`` made it.
        :param parts: what the sink had made; empty for format ``directory``.
        """
        raise NotImplementedError

    def lacks(self, entry: Dict[str, Any]) -> str:  # noqa: ARG002 (other stores need it)
        """What this store lacks of a backup; "" where nothing, or where the backup may be kept elsewhere.

        :param entry: as ``describe_link`` made it.
        """
        return ""

    def withdraw(self, name: str, data_dir: str) -> None:
        """Take a backup's name away, so that a run that dies while it is removed leaves nothing that looks like one.

        :param data_dir: a path in the marked directory of the backup's unfinished form, which the next run removes.
        """
        raise NotImplementedError

    def remove(self, name: str) -> None:
        """Remove a backup that was withdrawn, but for what the unfinished form's directory has of it."""

    def remove_leftovers(self) -> None:
        """Remove what dead runs left, but for unfinished forms; the work directory's lock is held."""

    def purge(self, name: str) -> None:
        """Where this store ``purges``, remove what is in the way of a backup and of no known one."""

    def purged(self, name: str) -> str:
        """The place that ``purge`` empties, as a person reads it."""
        return self.place_of(name)

    def room(self, min_free_percent: int) -> Optional[Room]:
        """The disk that takes the backup; ``None`` where none does."""
        raise NotImplementedError

    def check_place(self, name: str, giving_way: Sequence[str]) -> int:  # noqa: ARG002 (other stores need it)
        """Refuse what else lies where only this backup may be.

        :param giving_way: names of backups that will be removed before it is taken.
        :returns: how many objects besides ``purge`` will remove.
        :raises DbferryError: there is something, and it is not purged.
        """
        return 0

    def try_out(self, name: str, form: str) -> None:
        """See whether a new backup can be written, before an older one makes way for it.

        :raises DbferryError: it cannot.
        """

    def open_sink(self, name: str, form: str, data_dir: str) -> Optional[Sink]:
        """Where the stream goes; ``None`` for format ``directory``, which the tool writes itself.

        Called right before the tool is started, when ``try_out`` has succeeded.

        :param data_dir: a path in the unfinished form's directory, not made yet; ``publish`` gets it again.
        """
        raise NotImplementedError

    def publish(self, name: str, data_dir: str) -> None:
        """Give the finished backup its name. Everything is durable already."""
        raise NotImplementedError


class DirectoryStore(Store):
    """Directories below a root on this host.

    :param root: absolute path.
    :param part_size: bytes of every part but the last.
    """

    def __init__(self, root: str, part_size: int) -> None:
        self.directory = root
        self.part_size = part_size

    def places(self) -> Sequence[str]:
        """The root."""
        return [self.directory]

    def prepare(self, work_dir: str) -> None:
        """Make the root, on the file system of the work directory.

        :raises DbferryError: ``backup.work_dir_elsewhere``.
        """
        os.makedirs(self.directory, 0o700, exist_ok=True)
        if os.stat(self.directory).st_dev != os.stat(work_dir).st_dev:
            raise DbferryError(
                "{0} and {1} are on different file systems, so that a finished backup cannot simply get its "
                "name.".format(self.directory, work_dir),
                "backup.work_dir_elsewhere",
                "Give work_dir on the file system of target_dir.",
            )

    def place_of(self, name: str) -> str:
        """The directory."""
        return self._path(name)

    def occupied(self, name: str) -> bool:
        """Whether there is anything but an empty directory."""
        path = self._path(name)
        return os.path.lexists(path) and not (os.path.isdir(path) and not os.listdir(path))

    def difference(self, entry: Dict[str, Any], form: str, parts: Sequence[PartInfo]) -> str:
        """Compare number and length of the files, and what the tool's own files say where they can be read."""
        path = self._path(entry["name"])
        if not os.path.isdir(path):
            return "it is not there"
        if form == DIRECTORY and not packed_info(os.listdir(path)):
            try:
                checkpoints, info = read_backup(path)
            except (OSError, DbferryError) as error:
                return str(error)
            if info.uuid != entry["backup_id"]:
                return "it is backup {0}, not {1}".format(info.uuid, entry["backup_id"])
            if checkpoints.backup_type not in ("full-backuped", "incremental"):
                return "its type is now {0}".format(checkpoints.backup_type)
        elif form != DIRECTORY and [(part.name, part.bytes) for part in parts] != _files(path):
            return "its parts are not those that were written"
        if measure_tree(path) != Tree(entry["files"], entry["bytes"]):
            return "its files are not those that were written"
        return ""

    def withdraw(self, name: str, data_dir: str) -> None:
        """Make it unfinished again, by one step."""
        os.rename(self._path(name), data_dir)
        sync(self.directory)

    def room(self, min_free_percent: int) -> Optional[Room]:
        """The disk of the root."""
        return look_at_disk(existing_parent(self.directory), min_free_percent)

    def open_sink(self, name: str, form: str, data_dir: str) -> Optional[Sink]:  # noqa: ARG002 (other stores need it)
        """Files in the unfinished form's directory."""
        if form == DIRECTORY:
            return None
        os.mkdir(data_dir, 0o700)
        return FileSink(data_dir, form, self.part_size)

    def publish(self, name: str, data_dir: str) -> None:
        """Rename the directory."""
        os.rename(data_dir, self._path(name))
        sync(self.directory)

    def _path(self, name: str) -> str:
        return os.path.join(self.directory, name)


def _files(path: str) -> List[Tuple[str, int]]:
    return [(entry.name, entry.stat().st_size) for entry in sorted(os.scandir(path), key=lambda entry: entry.name)]
