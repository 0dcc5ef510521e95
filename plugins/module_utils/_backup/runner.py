# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Takes a full backup into a directory: whole, or not at all."""

import os
import time
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, NamedTuple, Optional, Sequence

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from . import argv as command_line
from .datadir import check_room, estimate_backup_bytes, existing_parent, server_uuid
from .finished import check_whole, describe, difference
from .greeting import read_greeting
from .interrupted import raise_if_stopped
from .messages import explain, is_complete
from .option_file import Login, open_unnamed, render
from .process import ToolProcess
from .staging import Staging, sync_tree
from .tool import Server, Tool, fit_problem, parse_server
from .tool_probe import find_tool

_DEFAULT_PORT = 3306


class BackupRequest(NamedTuple):
    """What is to be backed up, how, and where to. Paths are absolute."""

    target_dir: str
    work_dir: str
    datadir: str
    login: Login
    options: command_line.BackupOptions
    config_file: Optional[str] = None
    executable: Optional[str] = None
    server_version: str = ""
    server_flavour: str = ""
    allow_mariadb: bool = False
    lock_timeout: float = 0
    min_free_percent: int = 0
    connect_timeout: float = 30


class BackupResult(NamedTuple):
    """Whether a backup was taken (or would be, in check mode), and its description; ``None`` where none exists yet."""

    changed: bool
    backup: Optional[Dict[str, Any]]


class _Pair(NamedTuple):
    server: Server
    tool: Tool
    expected_bytes: int


def full_backup(request: BackupRequest, progress: ProgressFile, stop: Stop, check_mode: bool = False) -> BackupResult:
    """Take the backup, or find it taken.

    A second run waits for the first one's lock and then finds its result. What a dead run left is removed.

    :raises DbferryError: whatever stands in the way; then ``target_dir`` does not exist, or is what it was.
    """
    with _file_errors():
        staging = Staging(request.target_dir, request.work_dir)
        _check_places(request)
        if check_mode:
            existing = _existing(request, staging)
            if existing is None:
                _preflight(request, staging, progress)
            return BackupResult(existing is None, existing)
        os.makedirs(request.work_dir, 0o700, exist_ok=True)
        os.makedirs(os.path.dirname(request.target_dir), 0o700, exist_ok=True)
        _check_same_disk(request)
        with staging.lock(request.lock_timeout, progress, stop) as lock:
            existing = _existing(request, staging)
            if existing is not None:
                return BackupResult(False, existing)
            staging.remove_unfinished()
            pair = _preflight(request, staging, progress)
            raise_if_stopped(stop)
            return BackupResult(True, _take(request, staging, pair, lock, progress, stop))


def _take(
    request: BackupRequest, staging: Staging, pair: _Pair, lock: int, progress: ProgressFile, stop: Stop
) -> Dict[str, Any]:
    started = time.time()
    staging.begin()
    try:
        argv = _run_tool(request, staging, pair, lock, progress, stop)
        ended = time.time()
        checkpoints, info = check_whole(staging.data_dir, argv, request.login.password or "")
        tree = sync_tree(staging.data_dir, progress, stop)
        backup = describe(request.target_dir, pair.tool, checkpoints, info, tree)
        backup.update(start_time=_utc(started), end_time=_utc(ended), elapsed_seconds=round(time.time() - started))
        staging.write_page({"datadir": request.datadir, "server_uuid": server_uuid(request.datadir), "backup": backup})
        staging.finish()
    except BaseException:
        _remove_quietly(staging)
        raise
    return backup


def _run_tool(
    request: BackupRequest, staging: Staging, pair: _Pair, lock: int, progress: ProgressFile, stop: Stop
) -> Sequence[str]:
    content = render(request.login, request.datadir, request.config_file)
    with open_unnamed(content, staging.partial_dir) as option_file, staging.open_log() as log:
        argv = command_line.full_backup(
            pair.tool,
            pair.server,
            "/dev/fd/{0}".format(option_file.fileno()),
            staging.data_dir,
            request.options,
        )
        process = ToolProcess(argv, (option_file.fileno(), lock), log, request.login.password or "")
        ended = process.run(progress, pair.expected_bytes, stop)
    if not is_complete(ended.exit_status, ended.last_line):
        raise explain(ended.exit_status, ended.tail, staging.log_file)
    return argv


def _check_places(request: BackupRequest) -> None:
    datadir = os.path.realpath(request.datadir)
    for name, path in (("target_dir", request.target_dir), ("work_dir", request.work_dir)):
        if (os.path.realpath(path) + os.sep).startswith(datadir + os.sep):
            raise DbferryError(
                "{0} {1} lies in the server's data directory {2}.".format(name, path, datadir),
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


def _check_same_disk(request: BackupRequest) -> None:
    parent = os.path.dirname(request.target_dir)
    if os.stat(parent).st_dev != os.stat(request.work_dir).st_dev:
        raise DbferryError(
            "{0} and {1} are on different file systems, so that a finished backup cannot simply get its name.".format(
                parent, request.work_dir
            ),
            "backup.work_dir_elsewhere",
            "Give work_dir on the file system of target_dir.",
        )


def _existing(request: BackupRequest, staging: Staging) -> Optional[Dict[str, Any]]:
    """The finished backup of this server in ``target_dir``; ``None`` when there is nothing.

    :raises DbferryError: ``backup.target_exists``, something else is there.
    """
    target = request.target_dir
    if not os.path.lexists(target) or (os.path.isdir(target) and not os.listdir(target)):
        return None
    page = staging.read_page() or {}
    backup = page.get("backup")
    reason = "no record beside it says that this module made it"
    if isinstance(backup, dict):
        reason = "it is of the server with the data directory {0}".format(page.get("datadir"))
        if page.get("datadir") == request.datadir and page.get("server_uuid") == server_uuid(request.datadir):
            reason = difference(target, backup)
        if not reason:
            return backup
    raise DbferryError(
        "{0} exists and is not a whole backup of this server that this module took: {1}.".format(target, reason),
        "backup.target_exists",
        "Move it away or give another target_dir; nothing is overwritten.",
    )


def _preflight(request: BackupRequest, staging: Staging, progress: ProgressFile) -> _Pair:
    progress.update("looking at server, tool and disk")
    server = _server(request)
    tool = find_tool(request.executable)
    problem = fit_problem(server, tool, request.allow_mariadb)
    if problem is not None:
        raise problem
    expected = estimate_backup_bytes(request.datadir)
    check_room(existing_parent(request.work_dir), expected, staging.leftover_bytes(), request.min_free_percent)
    return _Pair(server, tool, expected)


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
            "Check that login and server_version name the same server; after an upgrade, read the source anew.",
        )
    return server


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _remove_quietly(staging: Staging) -> None:
    # What went wrong before is what has to be told; the next run removes the rest.
    with suppress(OSError):
        staging.remove_unfinished()


@contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DbferryError(
            "{0}: {1}.".format(error.filename or "The backup's directory", error.strerror or error),
            "host.file_error",
            "Check that the directory exists, that this user may write there, and that its disk is sound and not full.",
        ) from error
