# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named zones of two servers compared, and what mentions them."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import (
    KINDS,
    Inventory,
    NotPortable,
    StoredObject,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_comparison import (
    compare_zones,
    comparison_result,
    mentions,
    whole_comparison,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules import NamedZones
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones import Span, ZoneError

SPAN = Span(2006, 2036)
HOUR = ((SPAN.start, 3600),)
# Two days with another offset.
SUMMER = ((SPAN.start, 3600), (SPAN.start + 86400, 7200), (SPAN.start + 3 * 86400, 3600))


def stored(name: str, body: str, kind: str = "function", **clauses: str) -> StoredObject:
    return StoredObject(kind, "shop", name, "a@b", "", "", "utf8mb4", "", "", "", body, clauses)


def inventory(*objects: StoredObject) -> Inventory:
    unread = NotPortable("view", "shop", "v", "may not be read", "grant", unreadable=True)
    sequence = NotPortable("sequence", "shop", "s", "none there", "")
    return Inventory("mariadb", ("shop",), KINDS, objects, (unread, sequence))


@pytest.mark.parametrize(
    "body",
    [
        "RETURN CONVERT_TZ(t, 'UTC', 'Europe/Paris')",
        'RETURN CONVERT_TZ(t, "UTC", "europe/PARIS")',
        "select convert_tz(`t`,_utf8mb4'UTC',_utf8mb4'Europe/Paris') AS `x`",
        "SET @s = 'SET time_zone = ''Europe/Paris'''",
        r"SET @s = 'SET time_zone = \'Europe/Paris\''",
        r"""SET @s = '{"tz": "Europe/Paris"}'""",
        r"""SET @s = "{\"tz\": \"Europe/Paris\"}" """,
        "SET @s = 'a','Europe/Paris'",
        "-- works in 'Europe/Paris'\nSELECT 1",
    ],
)
def test_a_zone_in_quotes_is_mentioned(body: str) -> None:
    assert mentions(inventory(stored("f", body)), ["Europe/Paris"]) == {"europe/paris": ["function shop.f"]}


@pytest.mark.parametrize(
    "body", ["SELECT Europe/Paris", "SELECT 'Europe/Parish'", "SELECT 'in Europe/Paris'", "SELECT `Europe/Paris`", "''"]
)
def test_other_text_is_no_mention(body: str) -> None:
    assert mentions(inventory(stored("f", body)), ["Europe/Paris"]) == {}


def test_an_events_own_zone_and_the_servers_are_mentions() -> None:
    event = stored("e", "DELETE FROM t", "event", time_zone="Europe/Paris")
    found = mentions(inventory(event), ["Europe/Paris", "Asia/Tokyo"], own="europe/paris")
    assert found == {"europe/paris": ["variable time_zone", "event shop.e"]}


def test_zones_are_found_whatever_the_case_of_their_letters() -> None:
    source = NamedZones(SPAN, {"UTC": HOUR, "europe/paris": SUMMER, "Asia/Tokyo": HOUR, "Old/Zone": HOUR})
    target = NamedZones(SPAN, {"utc": HOUR, "Europe/Paris": HOUR, "Asia/Tokyo": HOUR, "New/Zone": HOUR})
    found = compare_zones(source, target)
    assert (found.missing, list(found.different), found.same) == (("Old/Zone",), ["europe/paris"], 2)


def test_zones_of_other_years_are_not_compared() -> None:
    with pytest.raises(ZoneError, match="2006 to 2036 and 2007 to 2037"):
        compare_zones(NamedZones(SPAN, {}), NamedZones(Span(2007, 2037), {}))


def test_the_result_names_the_mentioned_first_and_copies_last() -> None:
    source = NamedZones(SPAN, {"posix/A/B": HOUR, "A/B": HOUR, "Z/Z": HOUR, "Europe/Paris": SUMMER, "Same/Same": HOUR})
    target = NamedZones(SPAN, {"Europe/Paris": HOUR, "Same/Same": HOUR})
    objects = [stored(f"f{number}", "SELECT 'z/z'") for number in range(7)]
    result = comparison_result(source, target, inventory(*objects))
    assert result["compared"] and result["reason"] == result["remedy"] == ""
    assert [each["zone"] for each in result["zones_missing"]] == ["Z/Z", "A/B", "posix/A/B"]
    first = result["zones_missing"][0]
    assert first["mentions"] == 7 and first["mentioned_by"] == [f"function shop.f{number}" for number in range(5)]
    assert result["zones_different"] == [
        {
            "zone": "Europe/Paris",
            "mentions": 0,
            "mentioned_by": [],
            "first_difference": "2006-01-02T00:00:00Z",
            "offset_source": "+02:00",
            "offset_target": "+01:00",
            "seconds": 172800,
            "days": 2.0,
        }
    ]
    assert result["summary"] == {
        "source": 5,
        "target": 2,
        "same": 1,
        "missing": 3,
        "missing_mentioned": 1,
        "different": 1,
        "different_mentioned": 0,
        "objects_searched": 7,
        "objects_unreadable": 1,
        "truncated": False,
    }


def test_lists_are_bounded_and_counts_are_not() -> None:
    source = NamedZones(SPAN, {f"A/{number:03d}": HOUR for number in range(300)})
    result = comparison_result(source, NamedZones(SPAN, {"B": HOUR}), inventory(stored("f", "'A/299'")))
    assert result["summary"]["missing"] == 300 and result["summary"]["truncated"]
    assert len(result["zones_missing"]) == 200 and result["zones_missing"][0]["zone"] == "A/299"
    whole = whole_comparison(source, NamedZones(SPAN, {}), None)
    assert [each["zone"] for each in whole["zones_missing"]] == sorted(source.zones)


def test_an_empty_target_is_told_once() -> None:
    source = NamedZones(SPAN, {f"A/{number}": HOUR for number in range(30)}, own="A/7")
    result = comparison_result(source, NamedZones(SPAN, {}), inventory(stored("f", "'A/5'")))
    assert result["compared"] and "knows none of the source's 30 zones" in result["reason"]
    assert "mysql_tzinfo_to_sql" in result["remedy"] and "Aurora" in result["remedy"]
    assert [(each["zone"], each["mentioned_by"]) for each in result["zones_missing"]] == [
        ("A/5", ["function shop.f"]),
        ("A/7", ["variable time_zone"]),
    ]
    assert result["summary"]["missing"] == 30 and result["summary"]["truncated"]


def test_an_empty_source_asks_for_nothing() -> None:
    result = comparison_result(NamedZones(SPAN, {}), NamedZones(SPAN, {"A": HOUR}), None)
    assert result["compared"] and "source's tables of time zones are empty" in result["reason"]
    assert result["remedy"] == "" and result["zones_missing"] == []


@pytest.mark.parametrize("side", ["source", "target"])
def test_tables_that_may_not_be_read_are_named(side: str) -> None:
    read, unread = NamedZones(SPAN, {"A": HOUR}), NamedZones(SPAN, {}, unread="SELECT command denied")
    result = comparison_result(*((unread, read) if side == "source" else (read, unread)), None)
    assert not result["compared"] and result["zones_missing"] == []
    assert result["reason"].startswith(f"The {side}'s tables") and "SELECT command denied" in result["reason"]
    assert "SELECT on mysql.time_zone" in result["remedy"]
