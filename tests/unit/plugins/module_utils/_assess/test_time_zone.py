# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the time zone, each with facts that make it fire and with some that do not."""

from __future__ import annotations

from datetime import date

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import content_code as trait
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.checks_time_zone import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_zone import Zone
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NOTE, WARNING, NotKnownError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.target_facts import TargetFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted

from .content_cases import Case, assert_fires, assert_quiet, code, facts_of

AMSTERDAM = Zone("Europe/Amsterdam", "CET", "Europe/Amsterdam")
SYSTEM = Zone("SYSTEM", "CET", "Europe/Paris", ("Europe/Paris", "Europe/Berlin"))
TARGET = TargetFacts(allowed_time_zones=("UTC", "Europe/Paris", "Asia/Tokyo"), asked_on=date(2026, 1, 1))
UTC_WANTED = Wanted(cluster_parameters={"time_zone": "UTC"})

CASES = [
    Case(
        "source.time_zone",
        facts_of(zone=AMSTERDAM, target=TargetFacts(allowed_time_zones=("Europe/Amsterdam",))),
        "Europe/Amsterdam",
    ),
    Case(
        "source.time_zone", facts_of(zone=SYSTEM, target=TARGET), "2 zones fit, such as Europe/Paris", severity=WARNING
    ),
    Case("source.time_zone_changes", facts_of(zone=AMSTERDAM, wanted=UTC_WANTED), "sets time_zone to UTC"),
    Case(
        "source.time_zone_not_allowed",
        facts_of(zone=AMSTERDAM._replace(name="Asia/Kolkata"), target=TARGET),
        "neither Asia/Kolkata nor a zone with the same offsets",
    ),
    Case(
        "source.time_zone_not_allowed",
        facts_of(zone=AMSTERDAM._replace(name="+09:00"), target=TARGET),
        "Asia/Tokyo has the same offsets",
        severity=NOTE,
    ),
    Case(
        "source.time_zone_not_allowed", facts_of(zone=AMSTERDAM._replace(name="Mars/Base"), target=TARGET), "Mars/Base"
    ),
    Case("source.time_zones_not_loaded", facts_of(zone_names=0)),
    Case(
        "source.code_names_time_zones",
        facts_of(
            code=(
                code("function", "local", traits=trait.ZONES),
                code("event", "nightly", time_zone="Europe/Paris"),
                code("event", "hourly", time_zone="SYSTEM"),
                code("event", "daily", time_zone="+02:00"),
            )
        ),
        names=("function shop.local", "event shop.nightly"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check_id)
def test_fires(case: Case) -> None:
    assert_fires(CHECKS, case)


@pytest.mark.parametrize(
    "facts",
    [
        facts_of(target=TARGET),
        facts_of(zone=Zone("+00:00", "UTC", "+00:00"), wanted=UTC_WANTED, target=TARGET),
        facts_of(zone=AMSTERDAM, wanted=Wanted(cluster_parameters={"time_zone": "Europe/Amsterdam"}), target=TARGET),
    ],
)
def test_quiet(facts: object) -> None:
    assert_quiet(CHECKS, facts)  # type: ignore[arg-type]


def test_every_check_has_a_case() -> None:
    assert {case.check_id for case in CASES} == {check.id for check in CHECKS}


def test_what_the_region_does_not_tell_is_not_called_passed() -> None:
    facts = facts_of(zone=AMSTERDAM, target=TargetFacts(unknown={"parameters": "RDS refused."}))
    (check,) = (each for each in CHECKS if each.id == "source.time_zone_not_allowed")
    with pytest.raises(NotKnownError, match="RDS refused"):
        check.find(facts)


def test_zones_are_compared_around_the_day_of_the_question() -> None:
    """Seoul put its clocks forward in 1987 and 1988, and Tokyo did not."""
    seoul = AMSTERDAM._replace(name="Asia/Seoul")
    (check,) = (each for each in CHECKS if each.id == "source.time_zone_not_allowed")
    now, then = (
        check.find(facts_of(zone=seoul, target=TARGET._replace(asked_on=day)))
        for day in (date(2026, 1, 1), date(2000, 1, 1))
    )
    assert now is not None and "Asia/Tokyo has the same offsets" in now.text
    assert then is not None and "nor a zone with the same offsets" in then.text
