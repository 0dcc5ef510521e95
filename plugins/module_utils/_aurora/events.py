# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What a cluster's RDS events say about its restore.

Pure. DescribeEvents gives no event number, so events are told by their wording, as the Aurora user guide's
"Amazon RDS event categories and event messages for Aurora" prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

# RDS-EVENT-0076.
_MIGRATION_FAILED = re.compile(
    r"Failed to migrate from (?P<from>.+?) to (?P<to>.+?)\. Reason: (?P<reason>.*)", re.DOTALL
)
# RDS-EVENT-0354 (incompatible resources) and 0355 (limits).
_CANNOT_BE_MADE = re.compile(r"because of (?:incompatible resources|insufficient resource limits)", re.IGNORECASE)
# RDS-EVENT-0083 (of a cluster) and 0082 (of an instance).
_NO_S3_ACCESS = re.compile(r"\b(unable|failed|not able|cannot)\b.*\bS3\b", re.IGNORECASE | re.DOTALL)
# RDS-EVENT-0077: "Failed to convert SCHEMA.TABLE to InnoDB. Reason: ...".
_NOT_CONVERTED = re.compile(r"Failed to convert (?:the table )?(?P<table>.+?) to InnoDB\b", re.IGNORECASE | re.DOTALL)
_BINLOG_POSITIONS = (
    re.compile(r"Binlog position from crash recovery is\s+['\"]?(?P<file>[^\s'\",]+)['\"]?[\s,]+(?P<position>\d+)"),
    re.compile(
        r"Recovered from Binary log filename\s+['\"]?(?P<file>[^\s'\",]+)['\"]?[\s,]+"
        r"(?:position\s+)?['\"]?(?P<position>\d+)"
    ),
)

# UTC in ISO 8601.
EVENT_DATE = "%Y-%m-%dT%H:%M:%SZ"


class Event(NamedTuple):
    """One RDS event: ``date`` is UTC in ISO 8601, ``message`` RDS' own words."""

    date: str
    message: str
    categories: tuple[str, ...]

    def as_result(self) -> dict[str, Any]:
        """The event as a member of a module's result."""
        return {"date": self.date, "message": self.message, "categories": list(self.categories)}


class BinlogPosition(NamedTuple):
    """A position in the source's binary log."""

    file: str
    position: int


def parse_event(described: Mapping[str, Any]) -> Event:
    """An event from one member of DescribeEvents' ``Events``."""
    date = described.get("Date")
    return Event(
        date="" if date is None else date.strftime(EVENT_DATE),
        message=str(described.get("Message") or ""),
        categories=tuple(str(category) for category in described.get("EventCategories") or ()),
    )


def failure_reason(events: Iterable[Event]) -> str:
    """Aurora's own words for why the restore failed; "" where no event tells.

    The reason of a failed migration leads, then that there could be no cluster, then that S3 could not be read; of
    several events of a kind the newest.
    """
    reason = ""
    made = ""
    access = ""
    for event in events:
        match = _MIGRATION_FAILED.search(event.message)
        if match:
            reason = match.group("reason").strip() or event.message
        elif _CANNOT_BE_MADE.search(event.message):
            made = event.message
        elif _NO_S3_ACCESS.search(event.message):
            access = event.message
    return reason or made or access


def tables_not_converted(events: Iterable[Event]) -> list[str]:
    """Tables that Aurora could not convert to InnoDB, sorted; they are missing from the cluster."""
    found = {
        re.sub(r"\.\s+", ".", match.group("table").strip())
        for match in (_NOT_CONVERTED.search(event.message) for event in events)
        if match
    }
    return sorted(found)


def binlog_position(events: Iterable[Event]) -> BinlogPosition | None:
    """The binary log position that the recovered data stands at, from the newest event that names one."""
    found = None
    for event in events:
        for pattern in _BINLOG_POSITIONS:
            match = pattern.search(event.message)
            if match:
                found = BinlogPosition(match.group("file"), int(match.group("position")))
    return found
