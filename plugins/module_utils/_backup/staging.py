# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Where a backup comes to be: the lock, the unfinished form, the LSN directory, the page that vouches for it."""

import json
import os
import shutil
import stat
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterator, List, Optional

from .._errors import DbferryError
from .._file_lock import Locked, hold
from .._progress.file import ProgressFile
from .._stop import Stop
from .datadir import Tree, measure_tree
from .interrupted import raise_if_stopped

_MARKER = ".dbferry-unfinished-backup"
_LOCK = "backup.lock"
_PAGE = ".json"
_PARTIAL = ".partial"
_WAIT_SECONDS = 0.5


class Staging:
    """The files around one backup.

    Lock, log, page, LSN directory and the unfinished backup lie in ``work_dir``; the finished backup lies elsewhere.

    :param name: the backup's name in its chain.
    :param work_dir: absolute path of a directory; it has to exist before anything is written.
    """

    def __init__(self, name: str, work_dir: str) -> None:
        self.name = name
        self._work_dir = work_dir
        base = os.path.join(work_dir, name)
        self.partial_dir = base + _PARTIAL
        self.data_dir = os.path.join(self.partial_dir, "data")
        """What becomes the backup's directory. The tool makes it, or ``make_data_dir``."""
        self.scratch_dir = os.path.join(self.partial_dir, "scratch")
        """What the tool needs for itself while it streams."""
        self.lsn_dir = os.path.join(self.partial_dir, "lsn")
        self.fifo_dir = os.path.join(self.partial_dir, "fifo")
        self.kept_lsn_dir = base + ".lsn"
        self.log_file = base + ".log"
        self._lock_file = os.path.join(work_dir, _LOCK)
        self._page_file = base + _PAGE

    def beside(self, name: str) -> "Staging":
        """The files around another backup of the same chain."""
        return Staging(name, self._work_dir)

    @contextmanager
    def lock(self, timeout: float, progress: ProgressFile, stop: Stop) -> Iterator[int]:
        """Hold the chain's lock within the block; its descriptor can be inherited, and holds it too.

        :param timeout: seconds to wait for another run.
        :raises DbferryError: ``backup.running``, ``backup.interrupted``.
        """

        def wait() -> None:
            raise_if_stopped(stop)
            progress.update("waiting for another backup of this server")
            stop.sleep(_WAIT_SECONDS)

        try:
            with hold(self._lock_file, timeout, wait) as descriptor:
                yield descriptor
        except Locked:
            raise DbferryError(
                "Another backup with the work directory {0} is still running after {1:.0f} seconds.".format(
                    self._work_dir, timeout
                ),
                "backup.running",
                "Wait for it and run the task again, or raise lock_timeout; {0} is its lock.".format(self._lock_file),
            ) from None

    def read_page(self) -> Optional[Dict[str, Any]]:
        """What was written about the finished backup; ``None`` where nothing was."""
        try:
            with open(self._page_file, encoding="utf-8") as stream:
                page = json.load(stream)
        except (OSError, ValueError):
            return None
        return page if isinstance(page, dict) else None

    def read_pages(self) -> Dict[str, Dict[str, Any]]:
        """The pages of all backups with this work directory, by the backup's name."""
        try:
            names = sorted(name[: -len(_PAGE)] for name in os.listdir(self._work_dir) if name.endswith(_PAGE))
        except FileNotFoundError:
            return {}
        pages = {name: self.beside(name).read_page() for name in names}
        return {name: page for name, page in pages.items() if page is not None}

    def write_page(self, page: Dict[str, Any]) -> None:
        """Replace the page; it is on the disk when this returns."""
        fresh = self._page_file + ".new"
        with os.fdopen(_open_private(fresh), "w", encoding="utf-8") as stream:
            json.dump(page, stream, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(fresh, self._page_file)

    def forget(self) -> None:
        """Remove what vouches for the finished backup."""
        with suppress(FileNotFoundError):
            os.unlink(self._page_file)
        if os.path.isdir(self.kept_lsn_dir) and not os.path.islink(self.kept_lsn_dir):
            shutil.rmtree(self.kept_lsn_dir)

    @contextmanager
    def open_log(self) -> Iterator[Callable[[str], None]]:
        """A function that writes a line to the log, which only its owner may read. A full disk loses lines only."""
        descriptor = _open_private(self.log_file)

        def write(line: str) -> None:
            # The tool's own message about the full disk is the one that has to be heard.
            with suppress(OSError):
                os.write(descriptor, (line + "\n").encode("utf-8", "backslashreplace"))

        try:
            yield write
        finally:
            os.close(descriptor)

    def begin(self) -> None:
        """Make the unfinished backup's directory, marked as ours, and what the tool finds in it."""
        os.mkdir(self.partial_dir, 0o700)
        with open(os.path.join(self.partial_dir, _MARKER), "w", encoding="utf-8"):
            pass
        os.mkdir(self.scratch_dir, 0o700)
        os.mkdir(self.lsn_dir, 0o700)
        os.mkdir(self.fifo_dir, 0o700)

    def leftover_bytes(self) -> int:
        """Bytes of what dead runs left unfinished."""
        return sum(measure_tree(each.partial_dir).bytes for each in self._marked())

    def remove_leftovers(self) -> None:
        """Remove what dead runs left of any backup with this work directory; the lock is held.

        :raises DbferryError: ``backup.partial_not_ours``, of this one's place alone.
        """
        for each in [*self._marked(), self]:
            each.remove_unfinished()

    def remove_unfinished(self) -> None:
        """Remove what a dead or failed run left, if it is ours.

        :raises DbferryError: ``backup.partial_not_ours``.
        """
        if not os.path.lexists(self.partial_dir):
            return
        if not os.path.isdir(self.partial_dir) or os.path.islink(self.partial_dir) or not self._is_ours():
            raise DbferryError(
                "{0} is in the way and was not made by this module.".format(self.partial_dir),
                "backup.partial_not_ours",
                "Move it away.",
            )
        for path in (self.data_dir, self.scratch_dir, self.lsn_dir):
            if os.path.lexists(path):
                shutil.rmtree(path)
        shutil.rmtree(self.partial_dir)

    def keep_lsn_dir(self) -> None:
        """Keep the LSN directory, from which the next increment goes on."""
        if os.path.lexists(self.kept_lsn_dir):
            shutil.rmtree(self.kept_lsn_dir)
        sync_tree(self.lsn_dir, ProgressFile(None), None)
        os.rename(self.lsn_dir, self.kept_lsn_dir)
        sync(self._work_dir)

    def _marked(self) -> List["Staging"]:
        try:
            names = sorted(name[: -len(_PARTIAL)] for name in os.listdir(self._work_dir) if name.endswith(_PARTIAL))
        except FileNotFoundError:
            return []
        found = [self.beside(name) for name in names]
        return [
            each
            for each in found
            if not os.path.islink(each.partial_dir) and os.path.exists(os.path.join(each.partial_dir, _MARKER))
        ]

    def _is_ours(self) -> bool:
        # Nothing but the marker can be missing: it is made right after the directory and removed last.
        names = os.listdir(self.partial_dir)
        return _MARKER in names or not names


def sync_tree(directory: str, progress: ProgressFile, stop: Optional[Stop]) -> Tree:
    """Bring every file to the disk, and count.

    :raises DbferryError: ``backup.interrupted``.
    """
    files = size = 0
    for folder, _folders, names in os.walk(directory):
        for name in names:
            if stop is not None:
                raise_if_stopped(stop)
            size += sync(os.path.join(folder, name))
            files += 1
            progress.update("writing to disk", done=files, unit="files")
        sync(folder)
    return Tree(files, size)


def sync(path: str) -> int:
    """Bring a file or directory to the disk, and return its length."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def _open_private(path: str) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, stat.S_IRUSR | stat.S_IWUSR)
    return descriptor
