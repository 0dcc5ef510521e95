# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Takes up the backups that somebody has taken before: looks at them, judges them, describes them."""

import re
import time
from datetime import datetime, timezone
from typing import Any, Dict, List, NamedTuple

from .._counted import counted
from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from .chain import Link, order_chain
from .datadir import Tree
from .description import Chain, describe_chain, describe_link
from .discover import Found, discover
from .formats import MOST_FILES
from .parts import DIRECTORY

# The tools write dots in the place of a password; a shell script around them may not.
_RECORDED_PASSWORD = re.compile(r"(?:^|\s)(?:--pass\w*=(?!\.\.\.(?:\s|$))|-p(?!\.\.\.(?:\s|$)))\S")

_TOOL_TIME = "%Y-%m-%d %H:%M:%S"


class Adopted(NamedTuple):
    """Backups that can be carried to Aurora."""

    backup: Dict[str, Any]
    """The document ``backup`` of the migration record; its files and bytes are all that travel."""
    others: Tree
    """Files below the directory that belong to no backup."""
    warning: str
    """Names them, and says what becomes of them; "" where there are none."""
    other_names: List[str]
    """Paths below the directory of the first of them."""
    tarballs_reason: str
    """Why the backups have to become tarballs first; "" where they can travel as they are."""


def adopt(
    root: str,
    progress: ProgressFile,
    stop: Stop,
    allow_compress: bool = False,
    most_files: int = MOST_FILES,
) -> Adopted:
    """The chain of backups below a directory. Nothing is written.

    :param root: absolute path.
    :param allow_compress: take backups that the tool has compressed.
    :param most_files: Aurora's limit.
    :raises DbferryError: ``chain.*``: what is there is not one chain that Aurora reads.
    """
    found = discover(root, progress, stop)
    if not found.links:
        raise DbferryError(
            "There is no backup below {0}: neither a directory with xtrabackup_checkpoints nor parts of a stream such "
            "as backup.xbstream00000.".format(root),
            "chain.empty",
            "Correct the path, or let the backup be taken.",
        )
    links = order_chain(found.links, allow_compress)
    for link in links:
        _check_no_password(root, link)
    if links[0].form != DIRECTORY and found.others.files:
        raise DbferryError(
            "{0} below {1} {2} to no backup, and Aurora reads nothing but the streams' parts there.".format(
                counted(found.others.files, "file"), root, "belongs" if found.others.files == 1 else "belong"
            ),
            "chain.mixed_formats",
            "Move everything but the parts away.",
        )
    backup = describe_chain(_chain(links), root)
    backup["files"] += found.others.files
    backup["bytes"] += found.others.bytes
    reason = ""
    if backup["files"] > most_files:
        reason = "{0} more than the {1:,} that Aurora reads.".format(
            counted(backup["files"], "file is", "files are"), most_files
        )
    return Adopted(backup, found.others, _warning(root, found, bool(reason)), found.other_names, reason)


def _warning(root: str, found: Found, tarballs: bool) -> str:
    """What a person has to know of files that belong to no backup."""
    more = found.others.files - len(found.other_names)
    names = found.other_names + (["{0} more".format(more)] if more else [])
    if not names:
        return ""
    belong, stay, are = ("belongs", "stays", "is") if found.others.files == 1 else ("belong", "stay", "are")
    return "{0} below {1} {2} to no backup and {3}: {4}.".format(
        counted(found.others.files, "file"),
        root,
        belong,
        stay + " behind, because the backups alone become tarballs"
        if tarballs
        else are + " sent to S3 along with them",
        ", ".join(names),
    )


def _chain(links: List[Link]) -> Chain:
    entries = [describe_link(link, _utc(link.info.start_time), _utc(link.info.end_time)) for link in links]
    last = links[-1].info
    return Chain(
        entries,
        links[0].form,
        "The backups are there in this form.",
        {
            "name": last.tool_name,
            "version": last.tool_version,
            "series": ".".join(last.tool_version.split(".")[:2]),
            "executable": "",
        },
        sum(max(0.0, _seconds(link.info.end_time) - _seconds(link.info.start_time)) for link in links),
    )


def _check_no_password(root: str, link: Link) -> None:
    if _RECORDED_PASSWORD.search(link.info.tool_command):
        raise DbferryError(
            "xtrabackup_info of {0} below {1} holds a password in its line tool_command, and would be uploaded with "
            "it.".format(link.name, root),
            "chain.secret_recorded",
            "Take the password out of that line of the file, which is for information only; a stream has to be taken "
            "again with an option file.",
            {"backups": [link.name]},
        )


def _seconds(text: str) -> float:
    """The tool's local time as a Unix time; 0 where it is none."""
    try:
        return time.mktime(time.strptime(text, _TOOL_TIME))
    except (ValueError, OverflowError):
        return 0.0


def _utc(text: str) -> str:
    """The tool's local time in UTC, ISO 8601, taking this host's zone; "" where it is none."""
    seconds = _seconds(text)
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""
