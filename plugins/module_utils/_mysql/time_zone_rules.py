# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The rules of a server's named time zones: what its tables mean, and their transport form. Pure.

Named zones come from the tables ``mysql.time_zone*`` (MySQL Reference Manual, "MySQL Server Time Zone Support"), which
every server has of its own, filled from the zone data of some year, or empty.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from typing import Any, Mapping, NamedTuple, Sequence

from . import packing
from .time_zone_steps import Steps, normal_steps, offset_in
from .time_zones import Span, ZoneError, default_span

_SCHEMA_VERSION = 1
_EXPORT_REMEDY = "Hand over the member zones of mysql_time_zone_info (called with zones: true) as it is."


class TransitionType(NamedTuple):
    """A row of ``time_zone_transition_type``: seconds east of UTC, and whether it is daylight saving time."""

    offset: int
    is_dst: bool


class LeapSecond(NamedTuple):
    """A row of ``time_zone_leap_second``: the seconds that clocks are behind by, from a Unix time on."""

    instant: int
    correction: int


@dataclasses.dataclass
class ZoneRows:
    """What the tables say about one zone.

    :ivar leap_seconds: ``Use_leap_seconds``; :ivar types: the transition types by their number, in ascending order.
    :ivar transitions: Unix times and numbers of types, ascending; the last one at or before the span's start, and all
        in the span.
    """

    leap_seconds: bool = False
    types: dict[int, TransitionType] = dataclasses.field(default_factory=dict)
    transitions: list[tuple[int, int]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class NamedZones:
    """The named zones of a server.

    :ivar span: the years for which the rules are known.
    :ivar zones: the rule of each zone by the zone's name; many names share one rule.
    :ivar own: the zone that the server works in, "" where nobody looked.
    :ivar unread: why the tables could not be read, "" where they could.
    """

    span: Span
    zones: Mapping[str, Steps]
    own: str = ""
    unread: str = ""


def rules_span(today: datetime.date) -> Span:
    """The years for which zones' rules are compared: the last 20 and the next 10, but none after 2037.

    Servers before MySQL 8.0.28 know no zone beyond January 2038, and many tables end there.
    """
    usual = default_span(today)
    return Span(usual.years_from, min(usual.years_to, 2037))


def rule_of(rows: ZoneRows, leap_seconds: Sequence[LeapSecond], span: Span) -> Steps | None:
    """The offsets of a zone over the span as a server calculates them, None for a zone that no server can use.

    Before the first transition the first type counts that is not daylight saving time, or the very first where all
    are; after the last transition its type stays. A zone without types, or with a transition to a type that it does
    not have, is refused by the server (``sql/tztime.cc``). Leap seconds count where the zone uses them and the server
    has been given their table.
    """
    if not rows.types or any(number not in rows.types for _instant, number in rows.transitions):
        return None
    types = list(rows.types.values())
    first = next((each for each in types if not each.is_dst), types[0])
    # What was before the span decides what holds at its start.
    offsets = [(span.start, first.offset)]
    offsets += [(max(instant, span.start), rows.types[number].offset) for instant, number in rows.transitions]
    if not rows.leap_seconds:
        return normal_steps(offsets)
    leaps = [each for each in leap_seconds if each.instant < span.end]
    corrections = [(span.start, 0), *((max(each.instant, span.start), each.correction) for each in leaps)]
    instants = sorted({instant for instant, _value in (*offsets, *corrections)})
    clock, behind = normal_steps(offsets), normal_steps(corrections)
    return normal_steps((instant, offset_in(clock, instant) - offset_in(behind, instant)) for instant in instants)


def export_zones(known: NamedZones) -> str:
    """A server's zones as one opaque ASCII string. Each rule is in it once."""
    numbers = {rule: number for number, rule in enumerate(dict.fromkeys(known.zones.values()))}
    document = {
        "schema_version": _SCHEMA_VERSION,
        "years": [known.span.years_from, known.span.years_to],
        "rules": [_packed(rule) for rule in numbers],
        "zones": {name: numbers[rule] for name, rule in known.zones.items()},
        "own": known.own,
        "unread": known.unread,
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return packing.pack(text.encode("ascii"))


def import_zones(text: str) -> NamedZones:
    """The zones that ``export_zones`` was given.

    :raises ZoneError: ``time_zone.export_unreadable``: the string is damaged, cut off, or of another schema version.
    """
    try:
        document = json.loads(packing.unpack(text))
        if document["schema_version"] != _SCHEMA_VERSION:
            raise ValueError("it was written by another version of the collection")
        span = Span(*document["years"])
        rules = [_unpacked(packed, span) for packed in document["rules"]]
        zones = {str(name): rules[number] for name, number in document["zones"].items()}
        return NamedZones(span, zones, str(document["own"]), str(document["unread"]))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, ZoneError) as error:
        raise ZoneError(
            f"The value of zones cannot be read: {error}.", "time_zone.export_unreadable", _EXPORT_REMEDY
        ) from error


def _packed(rule: Steps) -> list[int]:
    """The first offset, then for each change the seconds since the one before and the new offset: rules of several
    zones become alike, which halves the export.
    """
    packed = [rule[0][1]]
    for (before, _offset), (instant, offset) in zip(rule, rule[1:]):
        packed += [instant - before, offset]
    return packed


def _unpacked(packed: Any, span: Span) -> Steps:
    numbers = [int(number) for number in packed]
    instant = span.start
    steps = [(instant, numbers[0])]
    for seconds, offset in zip(numbers[1::2], numbers[2::2]):
        instant += seconds
        steps.append((instant, offset))
        if seconds <= 0 or instant >= span.end:
            raise ValueError("a rule in it is out of order")
    return normal_steps(steps)
