# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Whether backups make one chain that Aurora reads, and in which order. Pure.

The rules are those of AWS ("Physical migration from MySQL by using Percona XtraBackup and Amazon S3", incremental
backups and limitations) and of Percona ("Incremental backup").
"""

from typing import Dict, List, NamedTuple, Sequence

from .._errors import DbferryError
from .checkpoints import BackupInfo, Checkpoints
from .tool import parse_server

_FULL = "full-backuped"
_INCREMENTAL = "incremental"
_PREPARED = ("full-prepared", "log-applied")

_NAMED_AT_MOST = 5


class Link(NamedTuple):
    """One backup, as its own files tell of it."""

    name: str
    """Its directory below the root, with ``/`` between; "." for the root itself."""
    checkpoints: Checkpoints
    info: BackupInfo
    server_uuid: str = ""
    """"" where the backup does not say."""
    form: str = "directory"
    files: int = 0
    bytes: int = 0


def order_chain(links: Sequence[Link], allow_compress: bool = False) -> List[Link]:
    """The chain from its full backup to its last increment.

    While the server makes no checkpoint an increment ends at the LSN where it begins and holds redo log only, up to its
    ``last_lsn``. Those come before the one that goes on, in the order of their logs.

    :param allow_compress: take backups that the tool has compressed.
    :raises DbferryError: ``chain.empty``, ``chain.prepared``, ``chain.partial``, ``chain.encrypted``,
        ``chain.compressed``, ``chain.incomplete``, ``chain.mixed_formats``, ``chain.other_server``,
        ``chain.duplicate``, ``chain.no_full``, ``chain.several_full``, ``chain.fork``, ``chain.gap``.
    """
    if not links:
        raise DbferryError("There is no backup.", "chain.empty", "Take a full backup first.")
    for link in links:
        _check_kind(link, allow_compress)
    _check_alike(links)
    chain = [_only_full(links)]
    rest = [link for link in links if link is not chain[0]]
    while rest:
        following = _following(chain[-1], rest)
        chain.append(following)
        rest.remove(following)
    return chain


def _check_kind(link: Link, allow_compress: bool) -> None:
    kind = link.checkpoints.backup_type
    if kind in _PREPARED:
        raise _refusal(
            "prepared",
            [link],
            "was prepared (its type is {0}), and Aurora reads only backups that nobody has prepared.".format(kind),
            "Prepare copies only. Take a new backup, or leave this one out.",
        )
    for property_, is_so in (
        ("partial", link.info.partial),
        ("encrypted", link.info.encrypted),
        ("compressed", link.info.compressed and not allow_compress),
    ):
        if is_so:
            raise _refusal(
                property_,
                [link],
                "is {0}, and Aurora reads no such backup.".format(property_),
                "Take the backup again without the options (or those in the server's option file) that make it so.",
            )
    lsns = link.checkpoints
    fits = {_FULL: lsns.from_lsn == 0, _INCREMENTAL: lsns.from_lsn > 0}.get(kind, False)
    if not fits or not lsns.from_lsn <= lsns.to_lsn <= lsns.last_lsn:
        raise _refusal(
            "incomplete",
            [link],
            "says of itself: {0} from LSN {1} to {2}, log to {3}, which no whole backup does.".format(
                kind, lsns.from_lsn, lsns.to_lsn, lsns.last_lsn
            ),
            "Leave it out, or take it again.",
        )


def _check_alike(links: Sequence[Link]) -> None:
    _check_one(
        "mixed_formats",
        {link: link.form for link in links},
        "are in different formats",
        "Aurora reads one format a prefix: leave those of the other format out.",
    )
    for what, values in (
        ("UUIDs", {link: link.server_uuid for link in links if link.server_uuid}),
        ("versions", {link: _series(link) for link in links}),
    ):
        _check_one(
            "other_server",
            values,
            "are of servers with different {0}".format(what),
            "Leave those of the other server out.",
        )
    seen: Dict[str, Link] = {}
    for link in links:
        twin = seen.setdefault(link.info.uuid, link)
        if twin is not link:
            raise _refusal("duplicate", [twin, link], "are the same backup.", "Leave one of them out.")


def _check_one(error_id: str, values: Dict[Link, str], problem: str, remedy: str) -> None:
    different = sorted(set(values.values()))
    if len(different) > 1:
        examples = [next(link for link in values if values[link] == value) for value in different]
        raise _refusal(error_id, examples, "{0} ({1}).".format(problem, ", ".join(different)), remedy)


def _series(link: Link) -> str:
    return "{0}.{1}".format(*parse_server(link.info.server_version).numbers)


def _only_full(links: Sequence[Link]) -> Link:
    full = [link for link in links if link.checkpoints.from_lsn == 0]
    if not full:
        raise _refusal(
            "no_full",
            links,
            "are increments, and their full backup is not there.",
            "Put the full backup beside them, or take a new one.",
        )
    if len(full) > 1:
        raise _refusal(
            "several_full",
            full,
            "are full backups, and Aurora reads one under a prefix.",
            "Choose the directory of one chain, or move the others away.",
        )
    return full[0]


def _following(last: Link, rest: Sequence[Link]) -> Link:
    following = [link for link in rest if link.checkpoints.from_lsn == last.checkpoints.to_lsn]
    redo_only = [link for link in following if link.checkpoints.to_lsn == link.checkpoints.from_lsn]
    if redo_only:
        return min(redo_only, key=lambda link: (link.checkpoints.last_lsn, link.info.end_time, link.name))
    if not following:
        raise _refusal(
            "gap",
            rest,
            "follow no other: the chain ends with {0} at LSN {1}, and the next begins at {2}.".format(
                last.name, last.checkpoints.to_lsn, min(link.checkpoints.from_lsn for link in rest)
            ),
            "Find the increment that is missing between them, or move these away.",
        )
    if len(following) > 1:
        raise _refusal(
            "fork",
            following,
            "both go on from {0} at LSN {1}.".format(last.name, last.checkpoints.to_lsn),
            "Keep the one that the later increments follow from, and move the other away.",
        )
    return following[0]


def _refusal(error_id: str, links: Sequence[Link], problem: str, remedy: str) -> DbferryError:
    names = [link.name for link in links[:_NAMED_AT_MOST]]
    if len(links) > _NAMED_AT_MOST:
        names.append("{0} more".format(len(links) - _NAMED_AT_MOST))
    return DbferryError(
        "{0} {1}".format(" and ".join(names), problem), "chain.{0}".format(error_id), remedy, {"backups": names}
    )
