# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Takes a backup into a store: whole, or not at all."""

import errno
import os
import time
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .._errors import DbferryError
from .._progress.file import ProgressFile
from .._stop import Stop
from . import argv as command_line
from .chain import Link, order_chain
from .compressor import gzip_command
from .datadir import Tree, server_uuid
from .description import Chain, describe_chain, describe_link, describe_tool, link_of
from .difference import diff_of, line_of
from .finished import check_no_secret, read_link
from .intake import FifoStreams
from .interrupted import raise_if_stopped
from .known import look_at_known, page_of
from .messages import explain, is_complete
from .option_file import open_unnamed, render
from .packed import packed_info
from .parts import DIRECTORY
from .preflight import Plan, look_before, make_plan
from .process import Pipeline, Stage
from .replica import sql_thread_told
from .request import BackupRequest
from .sink import PartInfo, Sink
from .slave_info import SlaveInfoMessage, SourcePosition
from .staging import Staging, sync_tree
from .store import Store
from .tarball import stage_failure

# Less than the tool's own files need.
_FULL_BYTES = 65536


class BackupResult(NamedTuple):
    """What became of a request."""

    changed: bool
    """Whether a backup was taken, or would be, in check mode."""
    backup: Optional[Dict[str, Any]]
    """The chain as the migration record keeps it; ``None`` where none exists yet."""
    diff: Dict[str, str]
    """What is no longer there and what is there instead, as Ansible shows it: the same in check mode and in a run."""


class _Told(NamedTuple):
    """What a tool that has finished was told, and has told."""

    argv: Sequence[str]
    slave_info: Tuple[SourcePosition, ...]


def take_backup(
    request: BackupRequest, store: Store, progress: ProgressFile, stop: Stop, check_mode: bool = False
) -> BackupResult:
    """Take the backup, or find it taken.

    A second run waits for the first one's lock and then finds its result. What a dead run left is removed.

    :raises DbferryError: whatever stands in the way; then the backup's place in the store is empty, or as it was.
    """
    with file_errors():
        staging = Staging(request.name, request.work_dir)
        look_before(request, store)
        if check_mode:
            known = look_at_known(request, store, staging)
            if known.found is None:
                plan = make_plan(request, store, staging, known, progress)
                strangers = store.check_place(request.name, plan.superseded)
                return BackupResult(True, None, diff_of(request, store, known, plan.superseded, strangers))
            return _found(request, known.found, store)
        os.makedirs(request.work_dir, 0o700, exist_ok=True)
        store.prepare(request.work_dir)
        with staging.lock(request.lock_timeout, progress, stop) as lock:
            # Also where the wanted backup is there: what is sent is all that lies beside it.
            staging.remove_leftovers()
            store.remove_leftovers()
            known = look_at_known(request, store, staging)
            if known.found is not None:
                return _found(request, known.found, store)
            plan = make_plan(request, store, staging, known, progress)
            raise_if_stopped(stop)
            # Before anything is removed for it, or locked on the server.
            strangers = store.check_place(request.name, plan.superseded)
            store.try_out(request.name, plan.form)
            _make_way(store, staging, plan.superseded)
            store.purge(request.name)
            chain = _take(request, store, staging, plan, lock, progress, stop)
            diff = diff_of(request, store, known, plan.superseded, strangers)
            return BackupResult(True, describe_chain(chain, store.directory), diff)


def _found(request: BackupRequest, chain: Chain, store: Store) -> BackupResult:
    here = line_of(request, store)
    return BackupResult(False, describe_chain(chain, store.directory), {"before": here, "after": here})


def _make_way(store: Store, staging: Staging, names: Sequence[str]) -> None:
    """Remove backups. Whenever this ends early, the next run knows that what is left is nobody's, and removes it."""
    for name in names:
        old = staging.beside(name)
        old.remove_unfinished()
        old.begin()
        store.withdraw(name, old.data_dir)
        old.forget()
    for name in names:
        store.remove(name)
        staging.beside(name).remove_unfinished()


def _take(
    request: BackupRequest, store: Store, staging: Staging, plan: Plan, lock: int, progress: ProgressFile, stop: Stop
) -> Chain:
    started = time.time()
    staging.begin()
    sink: Optional[Sink] = None
    try:
        sink = store.open_sink(request.name, plan.form, staging.data_dir)
        with sql_thread_told(request.options.safe_slave_backup, plan.server), file_errors():
            told = _run_tool(request, staging, plan, lock, progress, stop, sink)
        ended = time.time()
        link = _checked_link(request, staging, plan, told)
        parts, tree = _make_durable(staging, sink, progress, stop)
        entry = describe_link(link._replace(files=tree.files, bytes=tree.bytes), utc(started), utc(ended))
        elapsed = round(time.time() - started)
        chain = Chain(
            [*plan.chain.entries, entry],
            plan.form,
            plan.form_reason,
            describe_tool(plan.tool, link.info.tool_version),
            plan.chain.elapsed_seconds + elapsed,
            progress.samples.points(),
        )
        staging.keep_lsn_dir()
        staging.write_page(page_of(request, chain, elapsed, parts))
        store.publish(request.name, staging.data_dir)
    except BaseException as error:
        if sink is not None:
            sink.abort(error)
        _remove_quietly(staging)
        raise
    staging.remove_unfinished()
    return chain


def _run_tool(
    request: BackupRequest,
    staging: Staging,
    plan: Plan,
    lock: int,
    progress: ProgressFile,
    stop: Stop,
    sink: Optional[Sink],
) -> _Told:
    content = render(request.login, request.datadir, request.config_file)
    with open_unnamed(content, staging.partial_dir) as option_file, staging.open_log() as log:
        destination = command_line.Destination(
            staging.data_dir if sink is None else staging.scratch_dir, plan.form, staging.lsn_dir, staging.fifo_dir
        )
        count = request.options.fifo_streams
        pipes = FifoStreams(staging.fifo_dir, count) if count > 1 else None
        argv = command_line.backup_command(
            plan.tool,
            plan.server,
            "/dev/fd/{0}".format(option_file.fileno()),
            destination,
            request.options,
            plan.base,
        )
        # The tool holds the lock too, until it is gone itself.
        stages = [Stage(argv, (option_file.fileno(), lock))]
        if plan.form == "tar_gz":
            stages.append(Stage(gzip_command()))
        course = command_line.course_of(request.options, request.incremental, plan.measure.bytes)
        message = SlaveInfoMessage()

        def note(line: str) -> None:
            log(line)
            message.hear(line)

        pipeline = Pipeline(stages, note, request.login.password or "", course.reads)
        ended = pipeline.run(progress, course.total, stop, sink, pipes)
    # When a later program fails, the tool fails for want of a reader, and what it says explains nothing.
    for stage, end in zip(stages[1:], ended[1:]):
        if end.exit_status != 0:
            raise stage_failure(stage, end, "the backup")
    if not is_complete(ended[0].exit_status, ended[0].last_line):
        raise explain(ended[0].exit_status, ended[0].tail, staging.log_file)
    if pipes is not None:
        pipes.check_whole()
    return _Told(argv, message.positions())


def _checked_link(request: BackupRequest, staging: Staging, plan: Plan, told: _Told) -> Link:
    """The backup that the tool has just finished, refused when Aurora would not read it at the chain's end."""
    secret = request.login.password or ""
    directory = staging.lsn_dir
    with _full_disk_told(directory):
        check_no_secret(directory, told.argv, secret)
        # Where the tool packs what it writes, the copies in the LSN directory alone are plain.
        if plan.form == DIRECTORY and not packed_info(os.listdir(staging.data_dir)):
            directory = staging.data_dir
            check_no_secret(directory, told.argv, secret)
        link = read_link(request.name, directory, plan.form, Tree(0, 0))
    # Of a stream, and by mariabackup, the files do not tell it.
    link = link._replace(server_uuid=link.server_uuid or server_uuid(request.datadir))
    link = link._replace(info=link.info._replace(slave_info=link.info.slave_info or told.slave_info))
    before = [link_of(entry, plan.form) for entry in plan.chain.entries]
    order_chain([*before, link], request.options.allow_compress)
    return link


@contextmanager
def _full_disk_told(directory: str) -> Iterator[None]:
    """Tell of the cause where the tool's own files are unreadable because only their beginnings were written.

    mariabackup ends with success then.
    """
    try:
        yield
    except DbferryError as error:
        disk = os.statvfs(directory)
        if disk.f_bavail * disk.f_frsize < _FULL_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), directory) from error
        raise


def _make_durable(
    staging: Staging, sink: Optional[Sink], progress: ProgressFile, stop: Stop
) -> Tuple[List[PartInfo], Tree]:
    if sink is None:
        return [], sync_tree(staging.data_dir, progress, stop)
    finished = sink

    def look() -> None:
        progress.update(finished.finishing, detail=finished.detail)

    look()
    parts = sink.finish(look)
    return parts, Tree(len(parts), sum(part.bytes for part in parts))


def utc(seconds: float) -> str:
    """A Unix time in UTC, ISO 8601."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _remove_quietly(staging: Staging) -> None:
    # What went wrong before is what has to be told; the next run removes the rest.
    with suppress(OSError):
        staging.remove_unfinished()


@contextmanager
def file_errors() -> Iterator[None]:
    """Make an ``OSError`` raised within the block what a person can act on.

    :raises DbferryError: ``host.disk_full`` or ``host.file_error``.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise DbferryError(
            "{0}: {1}.".format(error.filename or "The backup's directory", error.strerror or error),
            "host.disk_full" if full else "host.file_error",
            "Free space there, or let the backup go to a larger disk or straight to S3."
            if full
            else "Check that the directory exists, that this user may write there, and that its disk is sound.",
        ) from error
