# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The time zone that a server really works in."""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo
from typing import Any

from .connection import Connection
from .time_zones import (
    UTC_NAMES,
    Span,
    ZoneError,
    default_span,
    offset_at,
    offset_text,
    parse_zone,
    zone_data_available,
    zones_with_offsets,
)

SYSTEM = "SYSTEM"
_WEEK = 7 * 86400
# FROM_UNIXTIME ends in January 2038 on servers before MySQL 8.0.28.
_LAST_YEAR = 2037
_SETTINGS = (
    "SELECT @@global.time_zone AS setting, @@system_time_zone AS `system`, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(),"
    " CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@global.time_zone)) AS offset_now"
)


@dataclasses.dataclass(frozen=True)
class ServerZone:
    """A server's time zone.

    :ivar setting: the global variable ``time_zone``; :ivar system: ``system_time_zone``, usually an abbreviation.
    :ivar zone: the zone that both mean: an IANA name, or an offset such as ``+02:00``.
    :ivar resolved_from: what told it: ``time_zone``, ``host_zone``, ``system_time_zone`` or ``offsets``.
    :ivar offset_now: the offset at this moment, such as ``+02:00``.
    :ivar candidates: all zones that fit, where more than one does; at most 20.
    :ivar warnings: what a person should know.
    """

    setting: str
    system: str
    zone: str
    resolved_from: str
    offset_now: str
    candidates: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_result(self) -> dict[str, Any]:
        """The members as JSON, without the warnings."""
        return {
            "setting": self.setting,
            "system": self.system,
            "zone": self.zone,
            "resolved_from": self.resolved_from,
            "offset_now": self.offset_now,
            "candidates": list(self.candidates),
        }


def read_server_zone(connection: Connection, host_zone: str = "") -> ServerZone:
    """The zone that a server's global setting means.

    Where it is SYSTEM, the host's zone decides, provided that the server agrees with it: a server may have been started
    with another TZ than its host's. Else the server is asked for its offsets over the last 20 years and up to 2037,
    and the zones that have the same are found.

    :param host_zone: the IANA name that the host is set to, "" where nobody knows.
    :raises MysqlError: the server could not be asked.
    :raises ZoneError: SYSTEM means a zone that is neither UTC nor any that is known here.
    """
    row = connection.rows(_SETTINGS)[0]
    setting, system = str(row["setting"]), str(row["system"])
    offset_now = offset_text(int(row["offset_now"]))
    if setting.upper() != SYSTEM:
        return ServerZone(setting, system, setting, "time_zone", offset_now)
    if not host_zone and system.upper() in UTC_NAMES and offset_now == "+00:00":
        return ServerZone(setting, system, "UTC", "system_time_zone", offset_now)
    return read_system_zone(connection, system, host_zone)


def read_system_zone(connection: Connection, system: str, host_zone: str = "") -> ServerZone:
    """The zone that SYSTEM means on a server, found by its offsets. One query.

    :param system: the server's ``system_time_zone``.
    :param host_zone: as for ``read_server_zone``.
    :raises MysqlError: the server could not be asked.
    :raises ZoneError: it is neither UTC nor any that is known here.
    """
    setting = SYSTEM
    now, offsets = _system_offsets(connection, default_span(datetime.date.today()))
    offset_now = offset_text(now)
    warnings: tuple[str, ...] = ()
    if host_zone:
        zone = parse_zone(host_zone)
        if all(offset_at(zone, instant) == offset for instant, offset in offsets.items()):
            return ServerZone(setting, system, host_zone, "host_zone", offset_now)
        warnings = (
            f"The host is set to {host_zone}, but the server does not work in it: its SYSTEM zone is {system}, "
            f"{offset_now} now. It was started with another TZ, or before the host's zone was changed; the server's "
            "own zone is taken.",
        )
    if set(offsets.values()) == {0}:
        return ServerZone(setting, system, "UTC", "offsets", offset_now, warnings=warnings)
    if not zone_data_available():
        parse_zone(system)  # says what is missing, unless the name is an offset
    found = zones_with_offsets(offsets, system, zoneinfo.available_timezones())
    if found:
        return ServerZone(setting, system, found[0], "offsets", offset_now, tuple(found[:20]), warnings)
    if len(set(offsets.values())) == 1:
        return ServerZone(setting, system, offset_now, "offsets", offset_now, warnings=warnings)
    raise ZoneError(
        f"The server works in SYSTEM, which it calls {system} ({offset_now} now); no zone known here has the same "
        "offsets over the years.",
        remedy="Give the source's zone in host_zone, or set its variable time_zone to a zone by name.",
        details={"setting": setting, "system": system, "offset_now": offset_now},
    )


def _system_offsets(connection: Connection, span: Span) -> tuple[int, dict[int, int]]:
    """The offset at this moment, and offsets by Unix time, one a week, as the server calculates them for its zone."""
    span = Span(span.years_from, min(span.years_to, _LAST_YEAR - 1))
    instants = list(span.instants(_WEEK))
    # One query with a column for each week: 1600 of the 4096 that a select may have. The session is in UTC.
    moments = ["UTC_TIMESTAMP()", *(f"FROM_UNIXTIME({instant})" for instant in instants)]
    columns = ", ".join(
        f"TIMESTAMPDIFF(SECOND, {moment}, CONVERT_TZ({moment}, '+00:00', '{SYSTEM}'))" for moment in moments
    )
    now, *values = _positional(connection, f"SELECT {columns}", len(moments))
    return now, dict(zip(instants, values))


def _positional(connection: Connection, sql: str, columns: int) -> list[int]:
    row = connection.rows(sql)[0]
    if len(row) != columns:
        raise ZoneError(f"{connection.where} returned {len(row)} offsets instead of {columns}.", "time_zone.bad_answer")
    return [int(value) for value in row.values()]
