# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Backups as the migration record keeps them: plain dictionaries. Pure."""

import os
from types import MappingProxyType
from typing import Any, Dict, Mapping, NamedTuple, Sequence

from .argv import program
from .chain import Link
from .checkpoints import BackupInfo, BinlogPosition, Checkpoints
from .slave_info import SourcePosition
from .tool import Tool


class Chain(NamedTuple):
    """A chain of backups, as far as it is known."""

    entries: Sequence[Dict[str, Any]] = ()
    """In order, each as ``describe_link`` makes it."""
    form: str = ""
    form_reason: str = ""
    tool: Mapping[str, str] = MappingProxyType({})
    elapsed_seconds: float = 0
    progress: Sequence[Dict[str, Any]] = ()
    """How the last backup went on, as ``Samples.points`` tells it."""

    @property
    def names(self) -> Sequence[str]:
        """The backups' names, in order."""
        return [entry["name"] for entry in self.entries]

    def upto(self, name: str) -> "Chain":
        """The chain that ends with a backup."""
        return self._replace(entries=self.entries[: list(self.names).index(name) + 1])


def describe_link(link: Link, start_time: str, end_time: str) -> Dict[str, Any]:
    """One backup of a chain.

    :param start_time: UTC, ISO 8601.
    :param end_time: UTC, ISO 8601.
    """
    return {
        "name": link.name,
        "backup_id": link.info.uuid,
        "type": "full" if link.checkpoints.from_lsn == 0 else "incremental",
        "from_lsn": link.checkpoints.from_lsn,
        "to_lsn": link.checkpoints.to_lsn,
        "last_lsn": link.checkpoints.last_lsn,
        "server_version": link.info.server_version,
        "server_uuid": link.server_uuid,
        "start_time": start_time,
        "end_time": end_time,
        "binlog": dict(link.info.binlog._asdict()),
        "slave_info": [dict(each._asdict()) for each in link.info.slave_info],
        "files": link.files,
        "bytes": link.bytes,
    }


def link_of(entry: Dict[str, Any], form: str) -> Link:
    """The link that an entry describes."""
    full = entry["type"] == "full"
    info = BackupInfo(
        uuid=entry["backup_id"],
        tool_command="",
        tool_version="",
        server_version=entry["server_version"],
        binlog=BinlogPosition(**entry["binlog"]),
        partial=False,
        incremental=not full,
        compressed=False,
        encrypted=False,
        start_time=entry["start_time"],
        end_time=entry["end_time"],
        tool_name="",
        slave_info=tuple(SourcePosition(**each) for each in entry.get("slave_info", [])),
    )
    checkpoints = Checkpoints(
        "full-backuped" if full else "incremental", entry["from_lsn"], entry["to_lsn"], entry["last_lsn"]
    )
    return Link(entry["name"], checkpoints, info, entry.get("server_uuid", ""), form, entry["files"], entry["bytes"])


def describe_tool(tool: Tool, version: str) -> Dict[str, str]:
    """The tool that took a backup.

    :param version: as the backup itself names it.
    """
    executable = program(tool)
    return {
        "name": os.path.basename(executable),
        "version": version,
        "series": tool.series,
        "executable": executable,
    }


def describe_chain(chain: Chain, directory: str) -> Dict[str, Any]:
    """The document ``backup`` of the migration record.

    :param chain: at least one backup.
    :param directory: root of the backups on the host; "" when they were streamed to S3.
    """
    last = chain.entries[-1]
    return {
        "backup_id": last["backup_id"],
        "format": chain.form,
        "format_reason": chain.form_reason,
        "staged": bool(directory),
        "directory": directory,
        "tool": dict(chain.tool),
        "server_version": last["server_version"],
        "binlog": dict(last["binlog"]),
        "slave_info": list(last.get("slave_info", [])),
        "files": sum(entry["files"] for entry in chain.entries),
        "bytes": sum(entry["bytes"] for entry in chain.entries),
        "elapsed_seconds": chain.elapsed_seconds,
        "progress": list(chain.progress),
        "chain": [dict(entry) for entry in chain.entries],
    }


def chain_of_document(document: Dict[str, Any]) -> Chain:
    """The chain that a record's document describes."""
    return Chain(
        entries=document["chain"],
        form=document["format"],
        form_reason=document["format_reason"],
        tool=document["tool"],
        elapsed_seconds=document["elapsed_seconds"],
        progress=document["progress"],
    )
