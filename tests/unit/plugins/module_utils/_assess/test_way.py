# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to take and the engine version to take it to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.finding import Finding
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import BLOCKER, Check, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.way import choose_engine, decide, judge_ways
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version

OFFERED = [
    parse_engine_version(text)
    for text in (
        "5.7.mysql_aurora.2.12.5",
        "8.0.mysql_aurora.3.04.4",
        "8.0.mysql_aurora.3.10.0",
        "8.4.mysql_aurora.8.4.7",
    )
]


def _finding(ways=("physical", "logical"), lasting=False, upgrade=False, severity="", ignored="") -> Finding:
    check = Check("source.some", BLOCKER, "T", "W", "R", "https://l", (), lambda _facts: None, ways, lasting, upgrade)
    return Finding(check, Seen("It is so.", severity=severity), ignored)


def _way(*findings: Finding, wanted: str = "auto") -> str:
    return decide(judge_ways(findings), wanted)[0]


def test_nothing_in_the_way_is_physical():
    assert _way() == "physical"
    assert _way(wanted="logical") == "logical"


def test_what_can_be_put_right_keeps_the_way():
    ways = judge_ways([_finding()])
    assert not ways[0].open and ways[0].passable
    assert decide(ways, "auto")[0] == "physical"


def test_a_lasting_blocker_of_the_physical_way_leaves_the_logical_one():
    shut = _finding(ways=("physical",), lasting=True)
    assert _way(shut) == "logical"
    assert _way(shut, wanted="physical") == "none"


def test_an_upgrade_opens_the_physical_way_where_it_is_asked_for_or_nothing_else_is_open():
    old = _finding(ways=("physical",), lasting=True, upgrade=True)
    assert _way(old, wanted="physical") == "physical after an upgrade"
    assert _way(old) == "logical"
    assert any("upgrade" in reason for reason in decide(judge_ways([old]), "auto")[1])
    assert _way(old, _finding(ways=("logical",), lasting=True)) == "physical after an upgrade"


def test_no_way():
    way, reasons = decide(judge_ways([_finding(lasting=True)]), "auto")
    assert way == "none"
    assert reasons == ("It is so. [source.some]",)


@pytest.mark.parametrize("other", [{"severity": "warning"}, {"ignored": "Ann said so"}])
def test_what_weighs_less_or_is_ignored_closes_nothing(other):
    assert _way(_finding(lasting=True, **other)) == "physical"


@given(
    st.lists(
        st.builds(
            _finding,
            st.sampled_from([("physical",), ("logical",), ("physical", "logical")]),
            st.booleans(),
            st.booleans(),
        ),
        max_size=6,
    ),
    st.sampled_from(["auto", "physical", "logical"]),
)
def test_the_way_that_is_named_can_be_passed(findings, wanted):
    ways = {way.name: way for way in judge_ways(findings)}
    way, reasons = decide(tuple(ways.values()), wanted)
    assert reasons
    if way in ways:
        assert ways[way].passable
        assert wanted in ("auto", way)
    else:
        assert not ways[wanted if wanted != "auto" else "physical"].passable


@pytest.mark.parametrize(
    ("version", "logical", "recommended"),
    [
        ("8.0.36", False, "8.0.mysql_aurora.3.10.0"),
        ("5.7.44", False, "5.7.mysql_aurora.2.12.5"),
        ("8.0.11", False, "8.0.mysql_aurora.3.04.4"),
        ("8.4.3", False, None),
        ("5.6.51", False, None),
        ("5.6.51", True, "8.0.mysql_aurora.3.10.0"),
        ("5.7.44", True, "8.0.mysql_aurora.3.10.0"),
        ("8.0.99", False, None),
        ("8.0.99", True, "8.4.mysql_aurora.8.4.7"),
        ("9.1.0", True, "8.4.mysql_aurora.8.4.7"),
    ],
)
def test_the_newest_that_fits_is_recommended(version, logical, recommended):
    choice = choose_engine(version, OFFERED, "", logical)
    assert (choice.recommended.text if choice.recommended else None) == recommended
    assert choice.reason
    assert choice.logical is logical


@pytest.mark.parametrize(
    ("version", "words", "stop"),
    [("5.6.51", "nearest", True), ("5.7.44", "nearest", False), ("8.0.36", "newest", False)],
)
def test_what_replication_does_not_reach_is_said(version, words, stop):
    reason = choose_engine(version, OFFERED, "", True).reason
    assert words in reason
    assert ("Writes have to stop" in reason) is stop


@pytest.mark.parametrize("version", ["5.5.68", "10.11.14"])
def test_numbers_of_mariadb_are_not_compared_with_those_of_mysql(version):
    choice = choose_engine(version, OFFERED, "", True, mariadb=True)
    assert choice.recommended == OFFERED[-1]
    assert "does not replicate from MariaDB" in choice.reason
    assert "MySQL" not in choice.reason
    nothing = choose_engine(version, OFFERED[:1], "", True, mariadb=True)
    assert nothing.reason == "Nothing that the Region offers takes MariaDB."


def test_a_copy_goes_to_what_there_is():
    only = OFFERED[-1:]
    assert choose_engine("5.7.44", only, "", True).recommended == only[0]
    assert choose_engine("5.7.44", OFFERED[:1], "", True).recommended is None


def test_the_regions_offer_is_named_only_where_it_is_known():
    assert "the Region offers" in choose_engine("8.4.3", OFFERED, "", False).reason
    assert "the Region offers" not in choose_engine("8.4.3", OFFERED, "", False, live=False).reason


def test_what_is_asked_for_is_taken_even_if_it_does_not_fit():
    assert choose_engine("8.0.36", OFFERED, "8.0.mysql_aurora.3.04.4", False).recommended.text.endswith("3.04.4")
    assert choose_engine("8.0.36", OFFERED, "8.0.mysql_aurora.3.99.0", False).recommended.text.endswith("3.99.0")
    assert choose_engine("8.0.36", OFFERED, "nonsense", False).recommended is None
