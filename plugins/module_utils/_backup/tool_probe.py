# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Finds the backup tools of the host and asks them for their versions."""

import os
import shutil
import subprocess
from typing import List, Optional

from .._errors import DbferryError
from .tool import Tool, parse_version_output

_PROGRAMS = ("xtrabackup", "innobackupex", "mariabackup", "mariadb-backup")

# Where packages and tarballs put the tools, also for users whose PATH is short.
DIRECTORIES = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin")

_SECONDS = 60


def find_tools() -> List[Tool]:
    """Every backup tool in PATH and the usual directories; one that does not start is left out.

    A program is named once: what only links to one that was found already is left out.
    """
    path = os.pathsep.join((os.environ.get("PATH", ""), *DIRECTORIES))
    found: List[Tool] = []
    seen = set()
    for name in _PROGRAMS:
        executable = shutil.which(name, path=path)
        if executable is None or os.path.realpath(executable) in seen:
            continue
        seen.add(os.path.realpath(executable))
        try:
            found.append(probe(executable))
        except DbferryError:
            continue
    return found


def find_tool(executable: Optional[str]) -> Tool:
    """The named tool, or the first that the host has, XtraBackup before mariabackup.

    :raises DbferryError: ``tool.missing``, ``tool.not_started``, ``tool.version_unknown``.
    """
    if executable:
        return probe(executable)
    tools = find_tools()
    if not tools:
        raise DbferryError(
            "This host has neither xtrabackup nor mariabackup in PATH or {0}.".format(", ".join(DIRECTORIES)),
            "tool.missing",
            "Let the role xtrabackup install it, or name its path.",
        )
    return tools[0]


def probe(executable: str) -> Tool:
    """The tool at a path, or of a name in PATH.

    :raises DbferryError: ``tool.missing``, ``tool.not_started``, ``tool.version_unknown``.
    """
    resolved = shutil.which(executable)
    if resolved is None:
        raise DbferryError(
            "There is no program {0} on this host that this user may run.".format(executable),
            "tool.missing",
            "Let the role xtrabackup install XtraBackup, or correct the path.",
        )
    try:
        run = subprocess.run(
            [resolved, "--no-defaults", "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DbferryError(
            "{0} could not be started: {1}.".format(resolved, error),
            "tool.not_started",
            "Check that the tool is installed whole and may be run by this user.",
        ) from error
    return parse_version_output(resolved, run.stdout.decode("utf-8", "replace"))
