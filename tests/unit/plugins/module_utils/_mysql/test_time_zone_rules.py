# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that a server's tables mean, and how they travel."""

from __future__ import annotations

import datetime
from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules import (
    LeapSecond,
    NamedZones,
    TransitionType,
    ZoneRows,
    export_zones,
    import_zones,
    rule_of,
    rules_span,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_steps import normal_steps, offset_in
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones import Span, ZoneError

SPAN = Span(2006, 2007)
_INSTANTS = st.integers(SPAN.start - 3, SPAN.start + 3) | st.integers(SPAN.start - 10**8, SPAN.end + 10**8)
_TYPES = st.lists(st.builds(TransitionType, st.integers(-14, 14).map(lambda hours: hours * 3600), st.booleans()))


@st.composite
def whole_zones(draw: st.DrawFn) -> ZoneRows:
    """All rows of a zone, of whatever time."""
    types = dict(enumerate(draw(_TYPES.filter(bool))))
    instants = draw(st.lists(_INSTANTS, unique=True, max_size=8))
    numbers = st.integers(0, len(types) - 1)
    return ZoneRows(draw(st.booleans()), types, [(instant, draw(numbers)) for instant in sorted(instants)])


def _as_read(zone: ZoneRows) -> ZoneRows:
    """The rows that are read for the span: the last transition before it, and those in it."""
    before = [each for each in zone.transitions if each[0] <= SPAN.start][-1:]
    within = [each for each in zone.transitions if SPAN.start < each[0] < SPAN.end]
    return ZoneRows(zone.leap_seconds, zone.types, before + within)


def _as_the_server_does(zone: ZoneRows, leaps: list[LeapSecond], instant: int) -> int:
    """Find the type, then the correction, as prepare_tz_info and gmt_sec_to_TIME of the server do."""
    times = [time for time, _number in zone.transitions]
    if not times or instant < times[0]:
        number = 0
        while number < len(zone.types) and zone.types[number].is_dst:
            number += 1
        found = zone.types[number if number < len(zone.types) else 0]
    else:
        found = zone.types[zone.transitions[bisect_right(times, instant) - 1][1]]
    correction = 0
    for leap in reversed(leaps if zone.leap_seconds else []):
        if instant >= leap.instant:
            correction = leap.correction
            break
    return found.offset - correction


@given(whole_zones(), st.lists(_INSTANTS, unique=True, max_size=3), st.lists(_INSTANTS, max_size=20))
def test_a_rule_is_what_a_server_calculates(zone: ZoneRows, leap_instants: list[int], probes: list[int]) -> None:
    leaps = [LeapSecond(instant, number) for number, instant in enumerate(sorted(leap_instants), 1)]
    rule = rule_of(_as_read(zone), leaps, SPAN)
    assert rule is not None and rule[0][0] == SPAN.start and rule[-1][0] < SPAN.end
    around = [time + more for time, _number in (*zone.transitions, *leaps) for more in (-1, 0, 1)]
    for instant in (SPAN.start, SPAN.end - 1, *around, *probes):
        if SPAN.start <= instant < SPAN.end:
            assert offset_in(rule, instant) == _as_the_server_does(zone, leaps, instant)


@pytest.mark.parametrize(
    "rows",
    [ZoneRows(), ZoneRows(types={0: TransitionType(0, False)}, transitions=[(SPAN.start + 5, 1)])],
    ids=["no types", "unknown type"],
)
def test_a_zone_that_servers_refuse_has_no_rule(rows: ZoneRows) -> None:
    assert rule_of(rows, [], SPAN) is None


_RULES = st.lists(st.tuples(st.integers(SPAN.start, SPAN.end - 1), st.integers(-50400, 50400)), max_size=5).map(
    lambda later: normal_steps([(SPAN.start, 3600), *sorted(later, key=lambda step: step[0])])
)


@given(st.dictionaries(st.text(max_size=64), _RULES, max_size=5), st.text(max_size=30), st.text(max_size=30))
def test_an_export_comes_back_as_it_was(zones: dict[str, tuple[tuple[int, int], ...]], own: str, unread: str) -> None:
    known = NamedZones(SPAN, zones, own, unread)
    text = export_zones(known)
    assert text.isascii() and import_zones(text) == known


def test_names_share_a_rule() -> None:
    rule = normal_steps((SPAN.start + 86400 * day, day % 2) for day in range(300))
    one = export_zones(NamedZones(SPAN, {"A": rule}))
    many = export_zones(NamedZones(SPAN, {f"A{number}": rule for number in range(100)}))
    assert len(many) < len(one) + 1000


def _damaged() -> list[str]:
    good = export_zones(NamedZones(SPAN, {"A": ((SPAN.start, 0),)}))
    backwards = export_zones(NamedZones(SPAN, {"A": ((SPAN.start, 0), (SPAN.start + 5, 1), (SPAN.start + 2, 0))}))
    outside = export_zones(NamedZones(SPAN, {"A": ((SPAN.start, 0), (SPAN.end, 1))}))
    return ["", "no base64!", good[:-8], good[4:], backwards, outside]


@pytest.mark.parametrize("text", _damaged(), ids=["empty", "not ours", "cut off", "beheaded", "backwards", "outside"])
def test_a_damaged_export_is_refused(text: str) -> None:
    with pytest.raises(ZoneError) as raised:
        import_zones(text)
    assert raised.value.error_id == "time_zone.export_unreadable" and "zones: true" in raised.value.remedy


@pytest.mark.parametrize(("year", "last"), [(2026, 2036), (2027, 2037), (2030, 2037)])
def test_no_year_after_2037_is_compared(year: int, last: int) -> None:
    assert rules_span(datetime.date(year, 5, 1)) == Span(year - 20, last)
