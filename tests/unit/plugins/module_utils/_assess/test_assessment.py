# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings, what is passed over, the verdict, and what stops a run."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.assessment import (
    judge,
    read_ignored,
    stopping,
    verdict,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.catalogue import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import (
    BLOCKER,
    BOTH,
    NAMED,
    NOTE,
    SEVERITIES,
    WARNING,
    Check,
    NotKnownError,
    Seen,
    objects_of,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.way import EngineChoice
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError

NO_ENGINE = EngineChoice(None, "", ())


def _check(name, severity=BLOCKER, find=lambda _facts: Seen("So it is."), needs=(), ways=BOTH):
    return Check(name, severity, f"Title of {name}", "Why.", "Do.", "https://example.com/", needs, find, ways)


def _unknown(_facts):
    raise NotKnownError("The account lacks PROCESS.")


FACTS = Facts(Wanted(), missing={"host": "Nobody looked."})


def test_each_check_ends_in_one_place():
    checks = (
        _check("source.note", NOTE),
        _check("source.stop"),
        _check("source.fine", find=lambda _facts: None),
        _check("source.dark", find=_unknown),
        _check("host.dark", needs=("host",)),
        _check("source.warn", WARNING),
    )
    found = judge(FACTS, {}, checks)
    assert [each.check.id for each in found.findings] == ["source.stop", "source.warn", "source.note"]
    assert [(check.id, why) for check, why in found.not_checked] == [
        ("source.dark", "The account lacks PROCESS."),
        ("host.dark", "Nobody looked."),
    ]
    assert [check.id for check in found.passed] == ["source.fine"]


def test_a_finding_that_weighs_less_in_this_case_is_sorted_and_counted_as_that():
    checks = (_check("source.less", find=lambda _facts: Seen("So.", severity=NOTE)), _check("source.warn", WARNING))
    judged = judge(FACTS, {}, checks)
    told, _ways = verdict(judged, "auto", NO_ENGINE)
    assert [each.check.id for each in judged.findings] == ["source.warn", "source.less"]
    assert (told["counts"]["blocker"], told["counts"]["warning"], told["counts"]["note"]) == (0, 1, 1)
    assert told["sentence"] == "A physical copy is open; 1 warning wants a decision."


def test_what_is_ignored_is_shown_and_stops_nothing():
    checks = (_check("source.stop"), _check("source.warn", WARNING))
    judged = judge(FACTS, {"source.stop": "Ann has decided so."}, checks)
    told, ways = verdict(judged, "auto", NO_ENGINE)
    document = {"verdict": told, "findings": [each.document(told["way"]) for each in judged.findings]}
    assert all(way.open for way in ways)
    assert document["findings"][0]["ignored"] == "Ann has decided so."
    assert told["counts"]["ignored"] == 1
    assert stopping(document, "blocker") == []
    assert stopping(document, "warning") == ["source.warn"]
    assert stopping(document, "never") == []


def test_a_blocker_of_the_other_way_stops_nothing():
    judged = judge(FACTS, {}, (_check("target.other", ways=("logical",)),))
    told, _ways = verdict(judged, "auto", NO_ENGINE)
    assert told["way"] == "physical"
    assert (
        stopping({"verdict": told, "findings": [each.document(told["way"]) for each in judged.findings]}, "blocker")
        == []
    )


def test_objects_are_counted_and_the_first_are_named():
    found = objects_of(f"t{number}" for number in range(1000))
    assert found.count == 1000
    assert len(found.names) == NAMED
    assert found.names[0] == "t0"


@pytest.mark.parametrize("entry", [{"id": "source.events", "reason": "known"}, "source.events: known"])
def test_ignore_is_read_in_both_forms(entry):
    assert read_ignored([entry], (_check("source.events"),)) == {"source.events": "known"}


@pytest.mark.parametrize(
    "text",
    [
        "source.events: idempotent, says Ann, host.clock_wrong: a lab; no, really",
        "source.events: idempotent, says Ann\nhost.clock_wrong: a lab; no, really\n",
        "source.events : idempotent, says Ann;host.clock_wrong:a lab; no, really",
    ],
)
def test_a_text_holds_several_and_reasons_have_commas(text):
    assert read_ignored([text]) == {
        "source.events": "idempotent, says Ann",
        "host.clock_wrong": "a lab; no, really",
    }


def test_a_line_without_a_reason_is_no_part_of_the_reason_before_it():
    with pytest.raises(DbferryError, match=r"host\.clock_wrong is to be ignored without a reason"):
        read_ignored(["source.events: idempotent\nhost.clock_wrong"])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("source.event: typing error", "source.events"),
        ("source.events", "without a reason"),
        ({"id": "source.events"}, "without a reason"),
        (17, "no such check"),
    ],
)
def test_ignore_needs_a_check_and_a_reason(entry, words):
    with pytest.raises(DbferryError) as caught:
        read_ignored([entry], (_check("source.events"),))
    assert words in str(caught.value)


def test_the_catalogue_is_complete_and_every_id_its_own():
    identifiers = [check.id for check in CHECKS]
    assert len(identifiers) == len(set(identifiers)) >= 60
    for check in CHECKS:
        assert check.area in ("source", "host", "tool", "bucket", "key", "role", "caller", "target")
        assert check.severity in SEVERITIES
        assert check.ways and set(check.ways) <= set(BOTH)
        assert set(check.needs) <= set(Facts._fields)
        assert check.link.startswith("https://")
        assert all(text.strip().endswith((".", ")")) for text in (check.why, check.remedy)), check.id
        assert not check.title.endswith("."), check.id
        assert check.lasting or not check.upgrade


def test_without_any_fact_nothing_is_found_and_nothing_passes():
    judged = judge(Facts(Wanted()), {})
    assert not judged.findings and not judged.passed
    assert len(judged.not_checked) == len(CHECKS)


def test_a_physical_copy_that_was_asked_for_and_is_closed_leaves_the_other_way_to_be_named():
    lasting = _check("source.flavour", ways=("physical",))._replace(lasting=True)
    told, _ways = verdict(judge(FACTS, {}, (lasting,)), "physical", NO_ENGINE)
    assert (told["way"], told["sentence"]) == ("none", "The physical way is closed; a logical copy is open.")
    told, _ways = verdict(judge(FACTS, {}, (lasting._replace(ways=BOTH),)), "physical", NO_ENGINE)
    assert told["sentence"] == "No way into Aurora MySQL is open."


@pytest.mark.parametrize(
    ("way", "ways", "expected"),
    [
        ("physical", ("physical",), True),
        ("logical", ("physical",), False),
        ("logical", BOTH, True),
        ("none", ("physical",), True),
        ("physical after an upgrade", ("physical",), True),
    ],
)
def test_a_finding_says_whether_it_is_about_the_way_of_the_verdict(way, ways, expected):
    (found,) = judge(FACTS, {}, (_check("source.stop", ways=ways),)).findings
    assert found.document(way)["concerns"] is expected
