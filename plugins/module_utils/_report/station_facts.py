# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What each station has to say of itself, as names with values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from .form import duration, facts, moment, number, size, yes_or_no

Document = Mapping[str, Any]
Facts = list[dict[str, str]]


def station_facts(station: str, document: Document) -> Facts:
    """The facts of a station's document; none where there is no document."""
    if not document:
        return []
    times = facts(("Written", moment(document.get("written_at"))), ("Took", duration(document.get("elapsed_seconds"))))
    return times + _FACTS[station](document)


def _source(document: Document) -> Facts:
    return facts(
        ("Server", f"{document.get('host', '')}:{document.get('port', '')}"),
        ("Version", document.get("version")),
        ("Flavour", document.get("version_comment")),
        ("Schemas", number(len(document.get("schemas", [])))),
        ("Tables", number(document.get("tables"))),
        ("Size", size(document.get("data_bytes"))),
    )


def _backup(document: Document) -> Facts:
    tool, binlog = document.get("tool", {}), document.get("binlog", {})
    return facts(
        ("Tool", " ".join(filter(None, (tool.get("name"), tool.get("version"))))),
        ("Backup", document.get("backup_id")),
        ("Chain", ", ".join(each.get("name", "") for each in document.get("chain", []))),
        ("Format", document.get("format")),
        ("Chosen because", document.get("format_reason")),
        ("Binlog", f"{binlog['file']}:{binlog.get('position', '')}" if binlog.get("file") else ""),
        ("GTID set", binlog.get("gtid")),
        ("Binlog of its source", "; ".join(map(_source_position, document.get("slave_info", [])))),
        ("Files", number(document.get("files"))),
        ("Size", size(document.get("bytes"))),
        ("Directory", document.get("directory")),
    )


def _source_position(position: Document) -> str:
    at = f"{position['file']}:{position.get('position', '')}" if position.get("file") else position.get("gtid", "")
    return f"{position.get('channel', '')} {at}".strip()


def _upload(document: Document) -> Facts:
    return facts(
        ("To", f"s3://{document.get('bucket', '')}/{document.get('prefix', '')}"),
        ("Objects", number(document.get("objects"))),
        ("Size", size(document.get("bytes"))),
        ("Checksum", document.get("checksum_algorithm")),
    )


def _iam(document: Document) -> Facts:
    return facts(("Role", document.get("role_arn")), ("Made here", yes_or_no(document.get("managed"))))


def _restore(document: Document) -> Facts:
    return facts(
        ("Cluster", document.get("cluster_identifier")),
        ("Engine version", document.get("engine_version")),
        ("Instances", ", ".join(document.get("instances", []))),
        ("Master user", document.get("master_username")),
        ("Its password", document.get("master_user_secret_arn")),
    )


def _objects(document: Document) -> Facts:
    counted = [
        (f"{title}, {name.replace('_', ' ')}", yes_or_no(value) if isinstance(value, bool) else number(value))
        for part, title in (("accounts", "Accounts"), ("routines", "Stored objects"))
        for name, value in document.get(part, {}).get("summary", {}).items()
        if value is not None
    ]
    zone = document.get("time_zone", {})
    zones = zone.get("zones", {})
    return facts(
        *counted,
        ("Time zone of the source", zone.get("source")),
        ("Time zone of the cluster", zone.get("target")),
        ("The same", yes_or_no(zone.get("same"))),
        ("Why the cluster has none of its own", zone.get("refused", {}).get("reason")),
        ("Zones by name", zones.get("reason")),
        *((f"Zones, {name.replace('_', ' ')}", number(value)) for name, value in zones.get("summary", {}).items()),
    )


def _verification(document: Document) -> Facts:
    summary = document.get("summary", {})
    return facts(
        ("Schemas", number(summary.get("schemas"))),
        ("Tables", number(summary.get("tables"))),
        ("Definitions", number(summary.get("objects"))),
        ("Rows compared by", summary.get("data")),
        ("Rows on the source", number(summary.get("rows_source"))),
        ("Rows on the cluster", number(summary.get("rows_target"))),
        ("Differences", number(summary.get("errors"))),
        ("Expected differences", number(summary.get("expected"))),
        ("Note", "The source was written to during the comparison." if summary.get("source_moved") else ""),
    )


_FACTS: dict[str, Callable[[Document], Facts]] = {
    "source": _source,
    "backup": _backup,
    "upload": _upload,
    "iam": _iam,
    "restore": _restore,
    "objects": _objects,
    "verification": _verification,
}
