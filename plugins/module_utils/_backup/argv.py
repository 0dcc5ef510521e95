# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The command line of each tool. No secret is ever part of it."""

import os
from typing import List, NamedTuple, Optional

from .tool import Server, Tool, compatibility_arguments


class BackupOptions(NamedTuple):
    """What a database engineer sets for the copying itself."""

    parallel: int
    """Threads that copy files."""
    throttle: Optional[int] = None
    """Chunk pairs a second (Percona: "Throttling backups"); ``None`` for no limit."""


def program(tool: Tool) -> str:
    """The program to start: XtraBackup 2.x takes backups by ``innobackupex``, which lies beside ``xtrabackup``."""
    if tool.flavour == "xtrabackup" and tool.numbers[0] == 2:
        return os.path.join(os.path.dirname(tool.executable), "innobackupex")
    return tool.executable


def full_backup(tool: Tool, server: Server, option_file: str, directory: str, options: BackupOptions) -> List[str]:
    """The argument vector of a full backup into a directory.

    :param option_file: the path given to ``--defaults-file``, which has to be the first argument.
    :param directory: where the tool writes; it makes the directory itself.
    """
    argv = [program(tool), "--defaults-file={0}".format(option_file)]
    if tool.flavour == "mariabackup":
        argv += ["--backup"]
    elif tool.numbers[0] == 2:
        argv += ["--no-timestamp"]
    else:
        argv += ["--backup", "--strict"]
    if tool.flavour == "xtrabackup":
        # The version check hands the password to a Perl script in its environment. Builds without the check do
        # not know the option, which "loose" forgives.
        argv += ["--loose-no-version-check"]
    argv += ["--parallel={0}".format(options.parallel)]
    if options.throttle is not None:
        argv += ["--throttle={0}".format(options.throttle)]
    argv += compatibility_arguments(server, tool)
    if tool.flavour == "xtrabackup" and tool.numbers[0] == 2:
        return [*argv, directory]
    return [*argv, "--target-dir={0}".format(directory)]
