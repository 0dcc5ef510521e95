# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time zones compared by their offsets."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones import (
    Span,
    ZoneError,
    choose_zone,
    default_span,
    offset_at,
    offset_text,
    parse_zone,
    transitions,
    zones_with_offsets,
)

SPAN = Span(2010, 2030)
ALLOWED = ("Africa/Harare", "America/Phoenix", "Asia/Calcutta", "Asia/Tokyo", "Europe/Athens", "Europe/Paris", "UTC")


@pytest.mark.parametrize(
    ("wanted", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("asia/tokyo", "Asia/Tokyo"),
        ("Europe/Berlin", "Europe/Paris"),
        ("Europe/Sofia", "Europe/Athens"),
        ("Asia/Kolkata", "Asia/Calcutta"),
        ("+05:30", "Asia/Calcutta"),
        ("-07:00", "America/Phoenix"),
        ("europe/BERLIN", "Europe/Paris"),
        ("Etc/UTC", "UTC"),
        ("+00:00", "UTC"),
    ],
)
def test_an_allowed_zone_with_the_same_offsets(wanted: str, zone: str) -> None:
    assert choose_zone(wanted, ALLOWED, SPAN).zone == zone


def test_the_span_decides() -> None:
    # Moscow was at +04:00 until October 2014 and has been at +03:00 since, as Riyadh always.
    assert choose_zone("Europe/Moscow", ("Asia/Riyadh",), Span(2015, 2030)).zone == "Asia/Riyadh"
    refused = choose_zone("Europe/Moscow", ("Asia/Riyadh",), Span(2014, 2030))
    assert refused.zone == "" and 290 < refused.nearest[0].days < 310


def test_the_nearest_are_named_nearest_first() -> None:
    refused = choose_zone("+05:45", ALLOWED, SPAN)
    assert refused.zone == "" and refused.nearest[0].zone == "Asia/Calcutta" and len(refused.nearest) == 5


def test_a_zone_that_differs_for_hours_only_is_not_called_equal() -> None:
    # Havana goes to summer time on New York's days, but an hour or two away from it.
    (nearest,) = choose_zone("America/New_York", ("America/Havana",), SPAN).nearest
    assert 1 <= nearest.days <= 60


def test_transitions_are_exact_to_the_second() -> None:
    found = transitions(parse_zone("Europe/Paris"), Span(2024, 2024))
    moments = [datetime.datetime.fromtimestamp(instant, datetime.timezone.utc).isoformat() for instant, _o in found[1:]]
    assert moments == ["2024-03-31T01:00:00+00:00", "2024-10-27T01:00:00+00:00"]
    assert [offset for _instant, offset in found] == [3600, 7200, 3600]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "+00:00"), (7200, "+02:00"), (-12600, "-03:30"), (3573, "+00:59:33"), (-27, "-00:00:27")]
)
def test_an_offset_has_seconds_only_where_there_are_some(seconds: int, text: str) -> None:
    assert offset_text(seconds) == text


@given(st.integers(-13 * 60 - 59, 14 * 60))
def test_an_offset_is_read_as_it_is_written(minutes: int) -> None:
    zone = parse_zone(offset_text(minutes * 60))
    assert zone.utcoffset(None) == datetime.timedelta(minutes=minutes)


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "+15:00", "+9", "../etc/passwd", "SYSTEM"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ZoneError):
        parse_zone(name)


@pytest.mark.parametrize("years", [(2030, 2020), (1969, 2000), (2000, 2101)])
def test_a_span_out_of_order_is_refused(years: tuple[int, int]) -> None:
    with pytest.raises(ZoneError, match=f"{years[0]} to {years[1]}"):
        Span(*years)


def test_the_usual_span_is_twenty_years_back_and_ten_ahead() -> None:
    assert default_span(datetime.date(2026, 5, 1)) == Span(2006, 2036)


def test_zones_are_found_by_offsets_and_abbreviation() -> None:
    tokyo = dict.fromkeys(Span(2020, 2021).instants(7 * 86400), 9 * 3600)
    names = ("Asia/Seoul", "Asia/Tokyo", "Japan", "Etc/GMT-9", "Europe/Paris")
    assert zones_with_offsets(tokyo, "JST", names) == ["Asia/Tokyo", "Japan"]
    assert zones_with_offsets(tokyo, "+09", names)[-1] == "Etc/GMT-9"


@pytest.mark.parametrize(
    ("zone", "abbreviation", "called"),
    [
        ("Europe/Berlin", "CET", "Europe/Paris"),
        ("America/New_York", "EST", "America/New_York"),
        ("America/Detroit", "EDT", "America/New_York"),
        ("Europe/London", "BST", "Europe/London"),
        ("Asia/Calcutta", "IST", "Asia/Kolkata"),
        ("Asia/Kathmandu", "+0545", "Asia/Kathmandu"),
    ],
)
def test_of_zones_that_are_alike_the_best_known_comes_first(zone: str, abbreviation: str, called: str) -> None:
    instants = Span(2016, 2026).instants(7 * 86400)
    offsets = {instant: offset_at(parse_zone(zone), instant) for instant in instants}
    names = sorted(zoneinfo.available_timezones())
    assert zones_with_offsets(offsets, abbreviation, names)[0] == called
