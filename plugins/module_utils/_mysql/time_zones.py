# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Time zones compared by what they do: their offsets from UTC over a span of years. Pure.

Zones are named as MySQL names them: an IANA name such as ``Europe/Paris``, or an offset such as ``+09:00``
(MySQL Reference Manual, "MySQL Server Time Zone Support").
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
import zoneinfo
from typing import Iterable, Mapping, Sequence

from .._errors import DbferryError
from .time_zone_steps import Difference, Steps, difference, normal_steps

UTC_NAMES = frozenset(("UTC", "ETC/UTC", "UCT", "ETC/UCT", "ZULU", "ETC/ZULU", "UNIVERSAL", "ETC/UNIVERSAL", "+00:00"))
"""Names, in capitals, that all mean UTC."""

# Of zones that are alike, those whose names most people know; Aurora allows Paris, Athens, Shanghai and others of them.
_BEST_KNOWN = (
    "Europe/London",
    "Europe/Paris",
    "Europe/Athens",
    "Europe/Moscow",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Halifax",
    "America/Bogota",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Australia/Brisbane",
    "Pacific/Auckland",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2}):(?P<minutes>[0-5]\d)")
_DAY = 86400
_NEAREST = 5


class ZoneError(DbferryError):
    """A time zone is not known, or cannot be had."""

    default_id = "time_zone.unknown"


@dataclasses.dataclass(frozen=True)
class Span:
    """Whole years, both ends included, in UTC.

    :raises ZoneError: they are not in order, or not within 1970 to 2100.
    """

    years_from: int
    years_to: int

    def __post_init__(self) -> None:
        if not 1970 <= self.years_from <= self.years_to <= 2100:
            raise ZoneError(
                f"The years {self} are no span to compare zones in.",
                "time_zone.bad_span",
                "Give years_from and years_to in order, within 1970 to 2100.",
            )

    def __str__(self) -> str:
        return f"{self.years_from} to {self.years_to}"

    @property
    def start(self) -> int:
        """The Unix time of the first second."""
        return int(datetime.datetime(self.years_from, 1, 1, tzinfo=datetime.timezone.utc).timestamp())

    @property
    def end(self) -> int:
        """The Unix time right after the last second."""
        return int(datetime.datetime(self.years_to + 1, 1, 1, tzinfo=datetime.timezone.utc).timestamp())

    def instants(self, step: int) -> range:
        """Unix times from the first to past the last second, ``step`` seconds apart."""
        return range(self.start, self.end + step, step)


@dataclasses.dataclass(frozen=True)
class Nearest:
    """An allowed zone that differs from the wanted one for ``days`` days of the span, in all; a part counts as one."""

    zone: str
    days: int


@dataclasses.dataclass(frozen=True)
class Choice:
    """What was found for a wanted zone.

    :ivar zone: the allowed zone to take, "" where none has the same offsets.
    :ivar nearest: the closest ones where there is none.
    """

    zone: str
    nearest: tuple[Nearest, ...] = ()


def default_span(today: datetime.date) -> Span:
    """The last 20 and the next 10 years."""
    return Span(today.year - 20, today.year + 10)


def parse_zone(name: str) -> datetime.tzinfo:
    """The zone that MySQL means by a name; like MySQL it does not look at the case of letters.

    :raises ZoneError: nobody here knows it: a wrong name, or this Python has no zone data.
    """
    if name.upper() in UTC_NAMES:
        return datetime.timezone.utc
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"])
        # MySQL 8.0.19 on takes -13:59 to +14:00.
        if minutes <= 14 * 60:
            return datetime.timezone(datetime.timedelta(minutes=-minutes if offset["sign"] == "-" else minutes))
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        spelt = next((each for each in zoneinfo.available_timezones() if each.lower() == name.lower()), name)
        if spelt != name:
            return zoneinfo.ZoneInfo(spelt)
        if zone_data_available():
            remedy = "Give an IANA name such as Europe/Paris, or an offset such as +09:00."
            raise ZoneError(f"The time zone {name} is not known.", remedy=remedy) from error
        raise ZoneError(
            f"The time zone {name} cannot be looked up: this host has no zone data.",
            "time_zone.no_data",
            "Install the Python package tzdata for the interpreter that runs this task, or the system's tzdata.",
        ) from error


def zone_data_available() -> bool:
    """Whether this Python finds any zone data: the system's, or the package ``tzdata``."""
    try:
        zoneinfo.ZoneInfo("Europe/London")
    except (zoneinfo.ZoneInfoNotFoundError, OSError):
        return False
    return True


def offset_at(zone: datetime.tzinfo, instant: int) -> int:
    """Seconds east of UTC at a Unix time."""
    offset = datetime.datetime.fromtimestamp(instant, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def offset_text(seconds: int) -> str:
    """An offset as MySQL writes it: ``+02:00``; with seconds only where there are some, which leap seconds make."""
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    text = f"{sign}{hours:02d}:{rest // 60:02d}"
    return f"{text}:{rest % 60:02d}" if rest % 60 else text


def transitions(zone: datetime.tzinfo, span: Span) -> Steps:
    """The offset at the span's start, and each change in it, exact to the second.

    Days are looked at one by one; a zone that changes and changes back within one day would not be noticed.
    """
    days = span.instants(_DAY)
    before, offset = days[0], offset_at(zone, days[0])
    found = [(before, offset)]
    for day in days[1:]:
        if offset_at(zone, day) != offset:
            changed = _first_with_another(zone, before, day, offset)
            offset = offset_at(zone, day)
            found.append((changed, offset))
        before = day
    return normal_steps(each for each in found if each[0] < span.end)


def choose_zone(wanted: str, allowed: Sequence[str], span: Span) -> Choice:
    """The allowed zone to take for a wanted one.

    Itself if it is allowed (whatever the case of its letters), UTC for a name of UTC, else one whose offsets change at
    the same instants to the same values over the whole span; of several the one in the same region of the world.

    :raises ZoneError: the wanted zone is not known.
    """
    for name in allowed:
        if name.upper() == wanted.upper() or {name.upper(), wanted.upper()} <= UTC_NAMES:
            return Choice(name)
    zone = parse_zone(wanted)
    expected = transitions(zone, span)
    differences = {
        name: difference(expected, transitions(each, span), span.end)
        for name in allowed
        for each in [_parsed(name)]
        if each is not None
    }
    equal = [name for name, found in differences.items() if found is None]
    if equal:
        return Choice(min(equal, key=lambda name: (_region(name) != _region(wanted), name)))
    unequal = [(found, name) for name, found in differences.items() if found is not None]
    unequal.sort(key=lambda each: (each[0].area, each[0].seconds, each[1]))
    return Choice("", tuple(Nearest(name, _days(found)) for found, name in unequal[:_NEAREST]))


def zones_with_offsets(offsets: Mapping[int, int], abbreviation: str, names: Iterable[str]) -> list[str]:
    """The zones that have these offsets at these Unix times, those that also use the abbreviation if there are such.

    :param offsets: Unix time to seconds east of UTC, as a server calculates them.
    :param abbreviation: what the server calls its zone, such as ``CEST``.
    :param names: IANA names to try; well-known ones come first, names without a region (``CET``) and ``Etc/`` last.
    """
    found, with_abbreviation = [], []
    for name in names:
        zone = _parsed(name)
        if zone is None or any(offset_at(zone, instant) != offset for instant, offset in offsets.items()):
            continue
        found.append(name)
        if abbreviation in {datetime.datetime.fromtimestamp(instant, zone).tzname() for instant in offsets}:
            with_abbreviation.append(name)
    return sorted(with_abbreviation or found, key=_how_well_known)


def _how_well_known(name: str) -> tuple[int, bool, str]:
    rank = _BEST_KNOWN.index(name) if name in _BEST_KNOWN else len(_BEST_KNOWN)
    return rank, "/" not in name or name.startswith("Etc/"), name


def telling_instants(offsets: Mapping[int, int], names: Iterable[str]) -> list[int]:
    """The Unix times that tell zones apart which have these offsets: when each of them goes from one to the next.

    :param offsets: as for ``zones_with_offsets``, in order.
    :param names: zones that have them.
    :returns: none where all zones go at the same times.
    """
    known = list(offsets.items())
    changes = [(one, two) for one, two in zip(known, known[1:]) if one[1] != two[1]]
    times = set()
    for name in names:
        zone = parse_zone(name)
        times.add(tuple(_first_with_another(zone, low, high, offset) for (low, offset), (high, _next) in changes))
    return sorted({each for one in times for each in one}) if len(times) > 1 else []


def _first_with_another(zone: datetime.tzinfo, low: int, high: int, offset: int) -> int:
    """The first second after ``low``, at which the zone has ``offset``, at which it has another one."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_at(zone, middle) == offset else (low, middle)
    return high


def _days(found: Difference) -> int:
    return math.ceil(found.seconds / _DAY)


def _parsed(name: str) -> datetime.tzinfo | None:
    try:
        return parse_zone(name)
    except ZoneError:
        return None


def _region(name: str) -> str:
    return name.partition("/")[0]
