# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Makes each directory of a chain a split tarball under the same name, for chains with more files than Aurora reads."""

import os
from typing import Any, Dict, List, NamedTuple, Optional, Sequence
from urllib.parse import quote

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from .compressor import find_gzip
from .datadir import check_room, measure_tree
from .description import chain_of_document, describe_chain
from .formats import AUTO
from .interrupted import raise_if_stopped
from .parts import DIRECTORY
from .runner import file_errors
from .sink import PartInfo
from .staging import Staging
from .store import DirectoryStore
from .tarball import archive

_ROOT_NAME = "full"


class TarballRequest(NamedTuple):
    """What is to be made into tarballs. Paths are absolute."""

    backup: Dict[str, Any]
    """The chain in its directories, as module ``xtrabackup_info`` describes it."""
    form: str
    """``tar``, ``tar_gz``, or ``auto``: the form of those that are there, else ``tar_gz`` where the host can."""
    reason: str
    """Why, for the record."""
    root: str
    """Gets a directory of each backup's name."""
    work_dir: str
    part_size: int
    lock_timeout: float = 0
    min_free_percent: int = 0


class TarballResult(NamedTuple):
    """What became of a request."""

    missing: Sequence[str]
    """Names of the tarballs that were made, or would be in check mode."""
    backup: Dict[str, Any]
    """The chain as it lies in its tarballs."""

    @property
    def diff(self) -> Dict[str, str]:
        """The tarballs before and after, a line each."""
        # In check mode, those that are missing have the names of their directories.
        names = [_name(entry["name"]) for entry in self.backup["chain"]]
        root = self.backup["directory"]
        lines = {name: "tarball of {0} in {1}\n".format(name, os.path.join(root, name)) for name in names}
        there = [line for name, line in lines.items() if name not in self.missing]
        return {"before": "".join(there), "after": "".join(lines.values())}


def make_tarballs(
    request: TarballRequest, progress: ProgressFile, stop: Stop, check_mode: bool = False
) -> TarballResult:
    """Make the tarballs that are not there yet. The directories are only read.

    :raises DbferryError: ``backup.*``, ``host.*``, ``chain.nested``; tarballs that were finished stay, and a later run
        goes on after them.
    """
    store = DirectoryStore(request.root, request.part_size)
    chain = chain_of_document(request.backup)
    if chain.form != DIRECTORY:
        raise DbferryError(
            "The backups are in format {0}, and only directories become tarballs.".format(chain.form),
            "format.unsupported",
            "Carry them as they are.",
        )
    _check_apart(chain.names)
    request = request._replace(form=_form(request, chain.names))
    with file_errors():
        entries: List[Dict[str, Any]] = []
        missing = [_name(entry["name"]) for entry in chain.entries if _found(request, store, entry) is None]
        if check_mode:
            entries = [_found(request, store, entry) or entry for entry in chain.entries]
        else:
            os.makedirs(request.work_dir, 0o700, exist_ok=True)
            store.prepare(request.work_dir)
            with Staging(_ROOT_NAME, request.work_dir).lock(request.lock_timeout, progress, stop):
                for entry in chain.entries:
                    raise_if_stopped(stop)
                    found = _found(request, store, entry)
                    entries.append(found or _make(request, store, entry, progress, stop))
    made = chain._replace(entries=entries, form=request.form, form_reason=request.reason)
    return TarballResult(missing, describe_chain(made, request.root))


def _form(request: TarballRequest, names: Sequence[str]) -> str:
    if request.form != AUTO:
        return request.form
    for name in names:
        page = _staging(request, _name(name)).read_page()
        if page is not None and page.get("form") in ("tar", "tar_gz"):
            return str(page["form"])
    return "tar" if find_gzip() is None else "tar_gz"


def _check_apart(names: Sequence[str]) -> None:
    """Refuse backups that lie within each other, whose tarballs would hold the inner ones twice."""
    for outer in names:
        for inner in names:
            if inner != outer and (outer == "." or inner.startswith(outer + "/")):
                raise DbferryError(
                    "{0} lies within {1}, so that a tarball of the one would hold the other.".format(inner, outer),
                    "chain.nested",
                    "Give each backup a directory of its own, side by side.",
                    {"backups": [outer, inner]},
                )


def _found(request: TarballRequest, store: DirectoryStore, entry: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """The entry of a tarball that is there and whole; ``None`` where it has to be made.

    :raises DbferryError: ``backup.target_exists``.
    """
    name = _name(entry["name"])
    if not store.occupied(name):
        return None
    page = _staging(request, name).read_page() or {}
    known = page.get("entry")
    reason = "no record in {0} says that this module made it".format(request.work_dir)
    if isinstance(known, dict):
        reason = store.difference(known, page["form"], [PartInfo(*part) for part in page["parts"]])
        if known["backup_id"] != entry["backup_id"] or page["form"] != request.form:
            reason = "it is backup {0} in format {1}".format(known["backup_id"], page["form"])
        if not reason:
            return known
    raise DbferryError(
        "{0} exists and is not the tarball of {1}: {2}.".format(
            os.path.join(request.root, name), entry["name"], reason
        ),
        "backup.target_exists",
        "Move it away; nothing is overwritten.",
    )


def _make(
    request: TarballRequest, store: DirectoryStore, entry: Dict[str, Any], progress: ProgressFile, stop: Stop
) -> Dict[str, Any]:
    name = _name(entry["name"])
    source = os.path.normpath(os.path.join(request.backup["directory"], entry["name"]))
    before = measure_tree(source)
    staging = _staging(request, name)
    staging.remove_unfinished()
    room = store.room(request.min_free_percent)
    if room is not None:
        check_room(room, before.bytes if request.form == "tar" else 0)
    staging.begin()
    try:
        sink = store.open_sink(name, request.form, staging.data_dir)
        if sink is None:
            raise DbferryError("Format {0} is no stream.".format(request.form), "format.unsupported", "Use tar.")
        with staging.open_log() as log:
            parts = archive(source, request.form, sink, log, progress, stop, before.bytes)
        if measure_tree(source) != before:
            raise DbferryError(
                "{0} was changed while it was read.".format(source),
                "backup.archive_failed",
                "See what writes there, and run the task again when it has ended.",
            )
        made = dict(entry, name=name, files=len(parts), bytes=sum(part.bytes for part in parts))
        staging.write_page({"entry": made, "form": request.form, "parts": [list(part) for part in parts]})
        os.makedirs(os.path.dirname(os.path.join(request.root, name)), 0o700, exist_ok=True)
        store.publish(name, staging.data_dir)
    finally:
        staging.remove_unfinished()
    return made


def _name(name: str) -> str:
    """The tarball's directory; a backup that is the root itself gets a name, so that nothing lies beside it."""
    return _ROOT_NAME if name == "." else name


def _staging(request: TarballRequest, name: str) -> Staging:
    # The page tells a tarball from a backup that was taken here, and may be of any depth.
    return Staging("tarball-" + quote(name, safe=""), request.work_dir)
