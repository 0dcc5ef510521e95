# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the source host is like: backup tool, disk, rights on files. Pure; a module on the host looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .model import NAMED, Objects


class HostTool(NamedTuple):
    """A backup tool that the host has."""

    name: str
    version: str
    executable: str
    flavour: str
    """``xtrabackup`` or ``mariabackup``."""
    problem: str
    """Why it cannot back up the source; "" where it can."""
    problem_id: str


class HostFacts(NamedTuple):
    """What the source host is like: backup tool, disk, rights on files."""

    tools: tuple[HostTool, ...]
    package: str
    """The package that has the right tool; "" where none has."""
    tools_problem: str
    """Why nobody knows which tools the host has; "" where they were looked for."""
    datadir: str
    datadir_problem: str
    """``host.datadir_missing``, ``host.datadir_unreadable`` or ""."""
    datadir_message: str
    files: int
    bytes: int
    largest_bytes: int
    """Of what a backup copies; 0 where the data directory cannot be read."""
    links: Objects
    """Symbolic links in the data directory that lead out of it."""
    work_dir: str
    work_dir_free: int
    work_dir_total: int
    clock_offset: float
    """Seconds by which the host's clock is ahead of the controller's; the way there is in it."""
    s3_endpoint: str
    """Host and port that S3 was tried at; "" where it was not."""
    s3_problem: str
    """Why S3 was not reached from the host; "" where it was."""


def read_host_facts(told: Mapping[str, Any]) -> HostFacts:
    """The facts in what module xtrabackup_host_info says, joined with what xtrabackup_tool_info does.

    :param told: member ``host`` of the one, and ``tools`` and ``recommended`` of the other; in their place
        ``tools_problem`` where it failed.
    """
    datadir, work_dir, s3 = told["datadir"], told["work_dir"], told["s3"]
    links = datadir["links"]
    return HostFacts(
        tools=tuple(
            HostTool(
                name=tool["name"],
                version=tool["version"],
                executable=tool["executable"],
                flavour=tool["flavour"],
                problem=tool.get("reason") or "",
                problem_id=tool.get("error_id") or "",
            )
            for tool in told.get("tools") or ()
        ),
        package=(told.get("recommended") or {}).get("package") or "",
        tools_problem=told.get("tools_problem") or "",
        datadir=datadir["path"],
        datadir_problem=datadir["error_id"],
        datadir_message=datadir["message"],
        files=int(datadir["files"]),
        bytes=int(datadir["bytes"]),
        largest_bytes=int(datadir["largest_bytes"]),
        links=Objects(int(links["count"]), tuple(links["names"][:NAMED])),
        work_dir=work_dir["path"],
        work_dir_free=int(work_dir["free_bytes"]),
        work_dir_total=int(work_dir["total_bytes"]),
        clock_offset=float(told["clock_offset"]),
        s3_endpoint=s3["endpoint"],
        s3_problem=s3["problem"],
    )
