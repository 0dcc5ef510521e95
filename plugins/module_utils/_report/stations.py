# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The stations of a migration, and when each was at work. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

DONE, MISSING = "done", "missing"
_FORM = "%Y-%m-%dT%H:%M:%SZ"


class Station(NamedTuple):
    """A station and the playbook that it belongs to."""

    name: str
    title: str
    playbook: str


ASSESSMENT = Station("assessment", "Assessment", "assess")
STATIONS = (
    Station("source", "Source", "backup"),
    Station("backup", "Backup", "backup"),
    Station("upload", "Upload", "backup"),
    Station("iam", "Access for RDS", "restore"),
    Station("restore", "Restore", "restore"),
    Station("objects", "Accounts and code", "objects"),
    Station("verification", "Comparison", "verify"),
)
"""Those that every migration passes, in order. An assessment is not asked for."""


def missing_stations(record: Mapping[str, Any]) -> list[Station]:
    """The stations that are still to come."""
    return [station for station in STATIONS if not record.get(station.name)]


def done_stations(record: Mapping[str, Any]) -> list[Station]:
    """The stations that the migration has passed; the assessment is none of them."""
    return [station for station in STATIONS if record.get(station.name)]


def station_rows(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The stations with their state and times, the assessment first where there is one."""
    first = [ASSESSMENT] if record.get(ASSESSMENT.name) else []
    return [_row(station, record.get(station.name) or {}) for station in [*first, *STATIONS]]


def parse_time(text: Optional[str]) -> Optional[datetime.datetime]:
    """A time of the record, UTC; ``None`` where it is none."""
    try:
        return datetime.datetime.strptime(text or "", _FORM).replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        return None


def _row(station: Station, document: Mapping[str, Any]) -> dict[str, Any]:
    ended = parse_time(document.get("written_at"))
    elapsed = document.get("elapsed_seconds")
    started = _before(ended, elapsed or 0) if ended else None
    return {
        "name": station.name,
        "title": station.title,
        "state": DONE if document else MISSING,
        "started_at": _written(started) if started else None,
        "written_at": _written(ended) if ended else None,
        "elapsed_seconds": elapsed,
    }


def _before(ended: datetime.datetime, seconds: float) -> datetime.datetime:
    try:
        return ended - datetime.timedelta(seconds=max(seconds, 0))
    except OverflowError:
        return ended


def _written(time: datetime.datetime) -> str:
    # strftime writes years before 1000 with fewer digits.
    return time.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
