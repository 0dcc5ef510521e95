# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""All that is looked at and decided before the tool is started."""

import os
from typing import List, NamedTuple, Optional, Sequence, Tuple

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .argv import Base, Destination, backup_command
from .compressor import find_gzip, gzip_command
from .datadir import check_room, measure_backup, server_uuid
from .description import Chain
from .finished import read_backup
from .formats import AUTO, Choice, Measure, check_files, check_parts, choose_format
from .greeting import read_greeting
from .known import Known, check_kept
from .parts import DIRECTORY
from .request import BackupRequest
from .staging import Staging
from .store import Store
from .tool import Server, Tool, fit_problem, parse_server
from .tool_probe import find_tool

_DEFAULT_PORT = 3306


class Plan(NamedTuple):
    """What is going to be done."""

    server: Server
    tool: Tool
    form: str
    form_reason: str
    chain: Chain
    """What the new backup follows; empty for a full one."""
    base: Optional[Base]
    superseded: Sequence[str]
    """Names of backups that are removed first, those that follow from others before them."""
    measure: Measure


def look_before(request: BackupRequest, store: Store) -> None:
    """Refuse places and option files that cannot do.

    :raises DbferryError: ``backup.target_in_datadir``, ``host.config_file_unreadable``, ``host.config_file_ignored``.
    """
    datadir = os.path.realpath(request.datadir)
    for path in (*store.places(), request.work_dir):
        if (os.path.realpath(path) + os.sep).startswith(datadir + os.sep):
            raise DbferryError(
                "{0} lies in the server's data directory {1}.".format(path, datadir),
                "backup.target_in_datadir",
                "Choose a directory outside of it; the server takes every directory in there for a schema.",
            )
    if request.config_file is None:
        return
    if not os.access(request.config_file, os.R_OK):
        raise DbferryError(
            "The option file {0} does not exist or may not be read by this user.".format(request.config_file),
            "host.config_file_unreadable",
            "Correct config_file, or run the task with become.",
        )
    if os.stat(request.config_file).st_mode & 0o002:
        raise DbferryError(
            "Everybody may write the option file {0}, so that MySQL's programs ignore it.".format(request.config_file),
            "host.config_file_ignored",
            "Take the right from the others: chmod o-w.",
        )


def make_plan(request: BackupRequest, store: Store, staging: Staging, known: Known, progress: ProgressFile) -> Plan:
    """Look at server, tool, chain and disk, and refuse what cannot end well.

    :raises DbferryError: ``server.*``, ``source.*``, ``tool.*``, ``host.*``, ``chain.*``, ``format.*``, ``parts.*`` or
        ``backup.option_*``: what stands in the way.
    """
    progress.update("looking at server, tool and disk")
    server = _server(request)
    tool = find_tool(request.executable)
    problem = fit_problem(server, tool, request.allow_mariadb)
    if problem is not None:
        raise problem
    chain, superseded = _place_in_chain(request, known.chain)
    check_kept(chain, store)
    _check_same_server(request, chain)
    measure = measure_backup(request.datadir)
    room = store.room(request.min_free_percent)
    if room is not None:
        reclaimable = staging.leftover_bytes() + sum(
            entry["bytes"] for entry in known.chain.entries if entry["name"] in superseded
        )
        room = room._replace(free=room.free + reclaimable)
    choice = _choose(request, tool, chain, measure, None if room is None else room.usable)
    before = sum(entry["files"] for entry in chain.entries)
    check_files(choice.form, measure, request.incremental, before, request.most_files)
    check_parts(choice.form, measure, request.incremental, store.part_size)
    base = _base(staging, chain) if request.incremental else None
    # Refuses what the tool cannot do; the paths are only for show.
    backup_command(tool, server, "-", Destination("-", choice.form, "-"), request.options, base)
    if choice.form == "tar_gz":
        gzip_command()
    if room is not None:
        # How large an increment or a compressed backup gets nobody knows before.
        unknown = request.incremental or choice.form == "tar_gz"
        check_room(room, 0 if unknown else measure.bytes)
    return Plan(server, tool, choice.form, choice.reason, chain, base, superseded, measure)


def _place_in_chain(request: BackupRequest, known: Chain) -> Tuple[Chain, List[str]]:
    """The chain that the backup goes on from, and the names of those that it takes the place of, the last first."""
    names = list(known.names)
    if not request.incremental:
        before = Chain()
    else:
        # One that is taken anew goes on from what it went on from.
        others = names[: names.index(request.name)] if request.name in names else names
        base = request.base or (others[-1] if others else "")
        if base not in others:
            raise DbferryError(
                "There is no backup {0} to go on from; the chain is: {1}.".format(base, ", ".join(others) or "empty"),
                "chain.base_missing",
                "Take a full backup first, or name a backup of the chain.",
            )
        before = known.upto(base)
    superseded = names[len(before.entries) :][::-1]
    if superseded and not request.force:
        raise DbferryError(
            "{0} would no longer belong to the chain, because {1} goes on from {2}.".format(
                ", ".join(reversed(superseded)), request.name, before.names[-1] if before.entries else "nothing"
            ),
            "chain.followed",
            "Go on from the last backup, move those away, or let them be removed by force.",
            {"backups": superseded[:20]},
        )
    return before, superseded


def _check_same_server(request: BackupRequest, chain: Chain) -> None:
    """An increment goes on from LSNs, which count on every server anew: after a failover they would fit by chance."""
    here = server_uuid(request.datadir)
    of = {entry.get("server_uuid", "") for entry in chain.entries} - {"", here}
    if here and of:
        raise DbferryError(
            "The server in {0} has the UUID {1}, and the chain is of server {2}.".format(
                request.datadir, here, ", ".join(sorted(of))
            ),
            "chain.other_server",
            "Take the increment of the server that the chain is of, or begin a new chain by a full backup of this one.",
        )


def _choose(request: BackupRequest, tool: Tool, chain: Chain, measure: Measure, room: Optional[int]) -> Choice:
    chain_form = chain.form if request.incremental else None
    form, reason = request.form, ""
    if form == AUTO and room is None and chain_form in (None, DIRECTORY):
        form, reason = "xbstream", "No disk takes the backup; of the streams, xbstream is the one of every series."
    if form == AUTO and chain_form is not None:
        return Choice(chain_form, chain.form_reason)
    if form == AUTO:
        return choose_format(tool, measure, room or 0, find_gzip() is not None, request.most_files)
    if chain_form not in (None, form):
        raise DbferryError(
            "The chain is in format {0}, and {1} would be {2}.".format(chain_form, request.name, form),
            "chain.mixed_formats",
            "Aurora reads one format a prefix: take the increment in the chain's, or let format be auto.",
        )
    return Choice(form, chain.form_reason if request.incremental else reason)


def _base(staging: Staging, chain: Chain) -> Base:
    """The last of the chain: by its LSN directory where that is on this host, else by its LSN alone."""
    entry = chain.entries[-1]
    directory = staging.beside(entry["name"]).kept_lsn_dir
    try:
        kept, _info = read_backup(directory)
    except (OSError, DbferryError):
        return Base(entry["to_lsn"])
    # Not by its UUID: mariabackup gives each copy of xtrabackup_info another.
    same = (kept.from_lsn, kept.to_lsn, kept.last_lsn) == (entry["from_lsn"], entry["to_lsn"], entry["last_lsn"])
    return Base(entry["to_lsn"], directory if same else None)


def _server(request: BackupRequest) -> Server:
    """The server as it greets, where its address is known, else as the request describes it."""
    given = request.server_version
    greeted = ""
    login = request.login
    # "localhost" means the socket file to MySQL's programs, and only their option files know where that is.
    if login.unix_socket or login.host not in (None, "localhost"):
        greeted = read_greeting(login.host, login.port or _DEFAULT_PORT, login.unix_socket, request.connect_timeout)
    if not given and not greeted:
        raise DbferryError(
            "The server's version is not known.",
            "server.version_unknown",
            "Give server_version, or login_unix_socket, or a login_host other than localhost.",
        )
    server = parse_server(greeted or given, request.server_flavour)
    if given and parse_server(given).numbers != server.numbers:
        raise DbferryError(
            "The server greets as {0}, and not as {1}.".format(greeted, given),
            "source.version_differs",
            "Check that login and server_version name the same server.",
        )
    return server
