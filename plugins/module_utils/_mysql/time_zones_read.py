# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The time zone that a server really works in."""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo
from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

from .._counted import counted
from .connection import Connection
from .time_zones import (
    UTC_NAMES,
    Span,
    ZoneError,
    default_span,
    offset_at,
    offset_text,
    parse_zone,
    telling_instants,
    zone_data_available,
    zones_with_offsets,
)

SYSTEM = "SYSTEM"
_WEEK = 7 * 86400
# FROM_UNIXTIME ends in January 2038 on servers before MySQL 8.0.28.
_LAST_YEAR = 2037
_SETTINGS = (
    "SELECT @@global.time_zone AS setting, @@system_time_zone AS `system`, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(),"
    " CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@global.time_zone)) AS offset_now, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(),"
    f" CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', '{SYSTEM}')) AS system_offset"
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
    :ivar system_zone: the zone that SYSTEM means there, whatever the setting is, because events may run in it; ""
        where nobody knows.
    """

    setting: str
    system: str
    zone: str
    resolved_from: str
    offset_now: str
    candidates: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    system_zone: str = ""

    def as_result(self) -> dict[str, Any]:
        """The members as JSON, without the warnings."""
        return {
            "setting": self.setting,
            "system": self.system,
            "zone": self.zone,
            "resolved_from": self.resolved_from,
            "offset_now": self.offset_now,
            "system_zone": self.system_zone,
            "candidates": list(self.candidates),
        }


ZoneQuestions = Generator[list[str], list[int], ServerZone]


def read_server_zone(connection: Connection, host_zone: str = "") -> ServerZone:
    """The zone that a server's global setting means, and the one that SYSTEM means there.

    For SYSTEM, the host's zone decides, provided that the server agrees with it: a server may have been started
    with another TZ than its host's. Else the server is asked for its offsets over the last 20 years and up to 2037,
    and the zones that have the same are found. Where there are none, as with old zone data on the server's host, the
    host's zone is taken all the same, and a warning says where it differs.

    :param host_zone: the IANA name that the host is set to, "" where nobody knows.
    :raises MysqlError: the server could not be asked.
    :raises ZoneError: SYSTEM means a zone that is neither UTC nor any that is known here, and nobody knows the host's.
    """
    row = connection.rows(_SETTINGS)[0]
    setting, system = str(row["setting"]), str(row["system"])

    def of_system() -> ServerZone:
        if not host_zone and system.upper() in UTC_NAMES and int(row["system_offset"]) == 0:
            return ServerZone(SYSTEM, system, "UTC", "system_time_zone", "+00:00")
        return read_system_zone(connection, system, host_zone)

    if setting.upper() == SYSTEM:
        found = of_system()
        return dataclasses.replace(found, system_zone=found.zone)
    known = ServerZone(setting, system, setting, "time_zone", offset_text(int(row["offset_now"])))
    try:
        found = of_system()
    except ZoneError as error:
        warning = f"Its time_zone is {setting}, but events may run in SYSTEM: {error.message} {error.remedy}"
        return dataclasses.replace(known, warnings=(warning,))
    return dataclasses.replace(known, system_zone=found.zone, warnings=found.warnings)


def read_system_zone(connection: Connection, system: str, host_zone: str = "") -> ServerZone:
    """The zone that SYSTEM means on a server, found by its offsets. One query; two where few zones are nearly alike.

    :param system: the server's ``system_time_zone``.
    :param host_zone: as for ``read_server_zone``.
    :raises MysqlError: the server could not be asked.
    :raises ZoneError: it is neither UTC nor any that is known here, and nobody knows the host's.
    """
    questions = ask_system_zone(system, host_zone)
    try:
        expressions = next(questions)
        while True:
            row = connection.rows(f"SELECT {', '.join(expressions)}")[0]
            expressions = questions.send([int(value) for value in row.values()])
    except StopIteration as done:
        zone: ServerZone = done.value
        return zone


def ask_system_zone(system: str, host_zone: str = "") -> ZoneQuestions:
    """As ``read_system_zone``, for who has a query of their own to put the expressions into. Pure.

    :yields: expressions whose values, whole numbers in their order, are to be sent in; twice at most. The session has
        to be in UTC.
    :returns: the zone.
    :raises ZoneError: as for ``read_system_zone``.
    """
    setting = SYSTEM
    instants = _weeks(default_span(datetime.date.today()))
    now, *told = _as_many(1 + len(instants), (yield [_offset("UTC_TIMESTAMP()"), *_offsets(instants)]))
    offsets = dict(zip(instants, told))
    offset_now = offset_text(now)
    warnings: tuple[str, ...] = ()
    first = None
    if host_zone:
        first = _first_difference(offsets, parse_zone(host_zone))
        if first is None:
            return ServerZone(setting, system, host_zone, "host_zone", offset_now)
        warnings = (
            f"The host is set to {host_zone}, but the server's SYSTEM is another zone, which it calls {system}, "
            f"{offset_now} now. It was started with another TZ, or before the host's zone was changed; the server's "
            "own zone is taken.",
        )
    if set(offsets.values()) == {0}:
        return ServerZone(setting, system, "UTC", "offsets", offset_now, warnings=warnings)
    if not zone_data_available():
        parse_zone(system)  # says what is missing, unless the name is an offset
    found = zones_with_offsets(offsets, system, zoneinfo.available_timezones())
    closer = telling_instants(offsets, found)
    if closer:
        # Such as Chisinau and Beirut, whose clocks change in the same nights at other hours.
        offsets.update(zip(closer, _as_many(len(closer), (yield _offsets(closer)))))
        found = zones_with_offsets(offsets, system, found) or found
    if found:
        return ServerZone(setting, system, found[0], "offsets", offset_now, tuple(found[:20]), warnings)
    if len(set(offsets.values())) == 1:
        return ServerZone(setting, system, offset_now, "offsets", offset_now, warnings=warnings)
    if first is not None:
        warning = (
            f"The server calls its SYSTEM zone {system} ({offset_now} now). No zone known here has the same "
            f"offsets over the years; the host's, {host_zone}, is taken. It differs first at {first.instant}: "
            f"{first.server} on the server, {first.here} here. Most likely one of the two has older zone data: bring "
            "the older one's tzdata up to date."
        )
        return ServerZone(setting, system, host_zone, "host_zone", offset_now, warnings=(warning,))
    raise ZoneError(
        f"The server calls its SYSTEM zone {system} ({offset_now} now); no zone known here has the same offsets over "
        "the years.",
        remedy="Give the source's zone in host_zone, or set its variable time_zone to a zone by name.",
        details={"setting": setting, "system": system, "offset_now": offset_now},
    )


class _Unlike(NamedTuple):
    """The first of the instants that were looked at (in UTC) at which a server has another offset than a zone here."""

    instant: str
    server: str
    here: str


def _first_difference(offsets: Mapping[int, int], zone: datetime.tzinfo) -> _Unlike | None:
    for instant, offset in sorted(offsets.items()):
        here = offset_at(zone, instant)
        if here != offset:
            moment = datetime.datetime.fromtimestamp(instant, datetime.timezone.utc)
            return _Unlike(f"{moment:%Y-%m-%dT%H:%M:%SZ}", offset_text(offset), offset_text(here))
    return None


def _weeks(span: Span) -> list[int]:
    """Unix times, one a week."""
    return list(Span(span.years_from, min(span.years_to, _LAST_YEAR - 1)).instants(_WEEK))


def _offsets(instants: Sequence[int]) -> list[str]:
    # An expression for each week: 1600 of the 4096 columns that a select may have.
    return [_offset(f"FROM_UNIXTIME({instant})") for instant in instants]


def _offset(moment: str) -> str:
    """The offset at a moment in UTC, in seconds, as the server calculates it for its own zone."""
    return f"TIMESTAMPDIFF(SECOND, {moment}, CONVERT_TZ({moment}, '+00:00', '{SYSTEM}'))"


def _as_many(count: int, values: list[int]) -> list[int]:
    if len(values) != count:
        raise ZoneError(
            f"The server returned {counted(len(values), 'offset')} instead of {count}.", "time_zone.bad_answer"
        )
    return values
