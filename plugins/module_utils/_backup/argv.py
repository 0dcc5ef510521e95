# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The command line of each tool. No secret is ever part of it."""

import os
from typing import List, NamedTuple, Optional, Sequence

from .._errors import DbferryError
from .extra_arguments import check_extra_arguments
from .formats import check_format, tool_stream
from .parts import DIRECTORY
from .tool import Server, Tool, compatibility_arguments


class BackupOptions(NamedTuple):
    """What a database engineer sets for the copying itself; ``None`` leaves the tool's own default."""

    parallel: int
    """Threads that copy files."""
    throttle: Optional[int] = None
    """Chunk pairs a second (Percona: "Throttling backups")."""
    rsync: bool = False
    slave_info: bool = False
    safe_slave_backup: bool = False
    lock_ddl: Optional[str] = None
    """``on``, ``off`` or ``reduced``."""
    lock_ddl_timeout: Optional[int] = None
    """Seconds."""
    ftwrl_wait_timeout: Optional[int] = None
    """Seconds."""
    kill_long_queries_timeout: Optional[int] = None
    """Seconds."""
    fifo_streams: int = 1
    """Pipes through which a stream comes at once; 1 is the standard output."""
    extra_arguments: Sequence[str] = ()
    allow_compress: bool = False


class Destination(NamedTuple):
    """Where the tool writes."""

    directory: str
    """Where the files go; for a stream, a directory for what the tool needs meanwhile."""
    form: str
    lsn_directory: str
    """Gets copies of ``xtrabackup_checkpoints`` and ``xtrabackup_info``."""
    fifo_directory: str = "-"
    """Where the tool makes the pipes of ``fifo_streams``."""


class Base(NamedTuple):
    """What an incremental backup goes on from."""

    to_lsn: int
    directory: Optional[str] = None
    """Has the base's ``xtrabackup_checkpoints``; ``None`` where only the LSN is known."""


class Course(NamedTuple):
    """By what the progress of a backup is told."""

    reads: bool
    """By what the tool has read, instead of what it has written."""
    total: int
    """Bytes that this comes to, more or less; 0 where nobody knows."""


def course_of(options: BackupOptions, incremental: bool, data_bytes: int) -> Course:
    """What of a backup's progress is like the data: of an increment, and of compressed files, what is read.

    :param data_bytes: of all data.
    """
    # The server has noted which pages changed, and only these are read.
    tracked = any(argument.startswith("--page-track") for argument in options.extra_arguments)
    return Course(incremental or options.allow_compress, 0 if incremental and tracked else data_bytes)


def program(tool: Tool) -> str:
    """The program to start: XtraBackup 2.x takes backups by ``innobackupex``, which lies beside ``xtrabackup``."""
    if is_innobackupex(tool):
        return os.path.join(os.path.dirname(tool.executable), "innobackupex")
    return tool.executable


def is_innobackupex(tool: Tool) -> bool:
    """Whether the tool's backups are taken by ``innobackupex``."""
    return tool.flavour == "xtrabackup" and tool.numbers[0] == 2


def backup_command(
    tool: Tool,
    server: Server,
    option_file: str,
    destination: Destination,
    options: BackupOptions,
    base: Optional[Base] = None,
) -> List[str]:
    """The argument vector of a backup.

    :param option_file: the path given to ``--defaults-file``, which has to be the first argument.
    :param base: for an incremental backup; ``None`` for a full one.
    :raises DbferryError: ``backup.option_forbidden``, ``backup.option_unsupported``, ``format.unsupported``,
        ``format.no_increments``.
    """
    check_format(destination.form, tool, base is not None)
    argv = [program(tool), "--defaults-file={0}".format(option_file), *_mode(tool)]
    argv += ["--parallel={0}".format(options.parallel)]
    argv += _choices(tool, destination.form, options)
    argv += ["--extra-lsndir={0}".format(destination.lsn_directory)]
    if base is not None:
        argv += _incremental(tool, base)
    if destination.form != DIRECTORY:
        argv += ["--stream={0}".format(tool_stream(destination.form))]
    if tool_stream(destination.form) == "tar":
        # A tar member's length stands before it, so that the redo log waits in a file until all of it is there. Where
        # that is, the server's option file would tell, and /tmp may be small or of memory.
        argv += ["--tmpdir={0}".format(destination.directory)]
    if options.fifo_streams > 1:
        argv += _fifo_streams(tool, destination, options.fifo_streams)
    argv += compatibility_arguments(server, tool)
    argv += check_extra_arguments(options.extra_arguments, options.allow_compress)
    if is_innobackupex(tool):
        return [*argv, destination.directory]
    return [*argv, "--target-dir={0}".format(destination.directory)]


def _mode(tool: Tool) -> List[str]:
    if tool.flavour == "mariabackup":
        return ["--backup"]
    # The version check hands the password to a Perl script in its environment. Builds without the check do
    # not know the option, which "loose" forgives.
    if is_innobackupex(tool):
        return ["--no-timestamp", "--loose-no-version-check"]
    return ["--backup", "--strict", "--loose-no-version-check"]


def _choices(tool: Tool, form: str, options: BackupOptions) -> List[str]:
    argv: List[str] = []
    if options.throttle is not None:
        argv += ["--throttle={0}".format(options.throttle)]
    if options.rsync:
        _refuse_when(
            form != DIRECTORY or tool.flavour == "mariabackup", "rsync", "It is for directories of XtraBackup."
        )
        argv += ["--rsync"]
    # XtraBackup has this name in all of its series; replica-info is MySQL Enterprise Backup's.
    argv += ["--slave-info"] if options.slave_info else []
    argv += ["--safe-slave-backup"] if options.safe_slave_backup else []
    if options.lock_ddl is not None or options.lock_ddl_timeout is not None:
        # Percona: "Percona XtraBackup 2.4.8" (release notes).
        _refuse_when(
            tool.flavour == "mariabackup" or tool.numbers < (2, 4, 8), "lock_ddl", "It is XtraBackup 2.4.8's and later."
        )
    if options.lock_ddl is not None:
        argv += [_lock_ddl(tool, options.lock_ddl)]
    for name, seconds in (
        ("lock-ddl-timeout", options.lock_ddl_timeout),
        ("ftwrl-wait-timeout", options.ftwrl_wait_timeout),
        ("kill-long-queries-timeout", options.kill_long_queries_timeout),
    ):
        argv += [] if seconds is None else ["--{0}={1}".format(name, seconds)]
    return argv


def _lock_ddl(tool: Tool, choice: str) -> str:
    if choice == "reduced":
        _refuse_when(tool.numbers < (8, 4, 0), "lock_ddl=reduced", "It is XtraBackup 8.4's and later.")
        return "--lock-ddl=REDUCED"
    if is_innobackupex(tool):
        return "--lock-ddl" if choice == "on" else "--skip-lock-ddl"
    return "--lock-ddl={0}".format(choice.upper())


def _incremental(tool: Tool, base: Base) -> List[str]:
    if base.directory is None:
        place = "--incremental-lsn={0}".format(base.to_lsn)
    else:
        place = "--incremental-basedir={0}".format(base.directory)
    return ["--incremental", place] if is_innobackupex(tool) else [place]


def _fifo_streams(tool: Tool, destination: Destination, count: int) -> List[str]:
    _refuse_when(
        tool.flavour == "mariabackup" or tool.numbers < (8, 0, 33) or destination.form != "xbstream",
        "fifo_streams",
        "They are XtraBackup 8.0.33's and later, for format xbstream.",
    )
    return ["--fifo-streams={0}".format(count), "--fifo-dir={0}".format(destination.fifo_directory)]


def _refuse_when(unsupported: bool, option: str, why: str) -> None:
    if unsupported:
        raise DbferryError(
            "The tool or the format does not know {0}. {1}".format(option, why),
            "backup.option_unsupported",
            "Leave the option out.",
        )
