# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Aurora version takes which backup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.way import choose_engine
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora import engine_versions as ev

LIVE = ev.engine_versions(
    [
        {
            "EngineVersion": version,
            "DBEngineVersionDescription": f"Aurora MySQL (compatible with MySQL {community})",
            "DBParameterGroupFamily": f"aurora-mysql{community[:3]}",
        }
        for version, community in {
            "8.0.mysql_aurora.3.10.1": "8.0.42",
            "8.0.mysql_aurora.3.04.4": "8.0.28",
            "5.7.mysql_aurora.2.12.5": "5.7.44",
            "8.0.mysql_aurora.3.08.2": "8.0.39",
            "8.4.mysql_aurora.8.4.7": "8.4.7",
        }.items()
    ]
    + [{"EngineVersion": "5.6.10a"}, {}]
)


def test_what_the_service_lists_oldest_first():
    assert [engine.text for engine in LIVE] == [
        "5.7.mysql_aurora.2.12.5",
        "8.0.mysql_aurora.3.04.4",
        "8.0.mysql_aurora.3.08.2",
        "8.0.mysql_aurora.3.10.1",
        "8.4.mysql_aurora.8.4.7",
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("8.0.36", "8.0.mysql_aurora.3.10.1"),
        ("8.0.42-33.1-log", "8.0.mysql_aurora.3.10.1"),
        ("8.0.11", "8.0.mysql_aurora.3.04.4"),
        ("5.7.44", "5.7.mysql_aurora.2.12.5"),
    ],
)
def test_the_newest_that_fits(source, expected):
    assert ev.pick(source, LIVE).text == expected


@pytest.mark.parametrize(
    ("source", "word"),
    [("8.0.45", "newer than the 8.0.42"), ("8.4.3", "5.7 and 8.0 only"), ("5.6.51", "5.7 and 8.0 only")],
)
def test_no_version_fits(source, word):
    with pytest.raises(ev.EngineVersionError, match=word) as caught:
        ev.pick(source, LIVE)
    assert caught.value.remedy


def test_a_pair_that_does_not_fit_is_refused_with_the_reason():
    with pytest.raises(ev.EngineVersionError, match=r"newer than the 8\.0\.28") as caught:
        ev.require_pair("8.0.36", ev.parse_engine_version("8.0.mysql_aurora.3.04.0"))
    assert caught.value.error_id == "restore.version_pair"
    with pytest.raises(ev.EngineVersionError, match="series must be the same"):
        ev.require_pair("5.7.44", ev.parse_engine_version("8.0.mysql_aurora.3.10.0"))
    with pytest.raises(ev.EngineVersionError, match=r"3\.05 or later"):
        ev.require_pair("8.0.13", ev.parse_engine_version("8.0.mysql_aurora.3.08.0"))


def test_a_newer_57_is_only_warned_of():
    warnings = ev.require_pair("5.7.44", ev.parse_engine_version("5.7.mysql_aurora.2.11.3"))
    assert any("newer than the 5.7.12" in warning for warning in warnings)
    assert any("Extended Support" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("engine", "community"),
    [
        ("5.7.mysql_aurora.2.11.3", "5.7.12"),
        ("5.7.mysql_aurora.2.12.1", "5.7.40"),
        ("5.7.mysql_aurora.2.12.2", "5.7.44"),
        ("8.0.mysql_aurora.3.04.0", "8.0.28"),
        ("8.0.mysql_aurora.3.08.0", "8.0.39"),
        ("8.0.mysql_aurora.3.09.0", "8.0.40"),
        ("8.0.mysql_aurora.3.10.0", "8.0.42"),
        ("8.0.mysql_aurora.3.11.0", "8.0.43"),
        ("8.0.mysql_aurora.3.12.0", "8.0.44"),
        ("8.0.mysql_aurora.3.13.0", "8.0.45"),
        ("8.4.mysql_aurora.8.4.7", ""),
    ],
)
def test_the_table(engine, community):
    assert ev.parse_engine_version(engine).community == community


def test_the_service_leads_the_table():
    told = ev.parse_engine_version("8.0.mysql_aurora.3.10.9", "Aurora MySQL 3.10.9 (compatible with MySQL 8.0.99)", "f")
    assert (told.community, told.family) == ("8.0.99", "f")


def test_the_fallback_serves_every_series_that_aurora_reads():
    known = ev.fallback_engine_versions()
    assert ev.pick("8.0.36", known).major == "8.0"
    assert ev.pick("5.7.44", known).major == "5.7"
    assert all(engine.community for engine in known if engine.major in ("5.7", "8.0"))


def test_the_fallback_has_the_newest_series_for_a_copy():
    choice = choose_engine("8.4.3", ev.fallback_engine_versions(), "", True, False)
    assert choice.recommended is not None and choice.recommended.major == "8.4"


@pytest.mark.parametrize("text", ["", "8.0", "8.0.mysql_aurora", "8.0.42", "8.0.mysql_aurora.3.10.0 "])
def test_what_is_no_engine_version(text):
    with pytest.raises(ev.EngineVersionError):
        ev.parse_engine_version(text)


@given(st.integers(0, 60))
def test_what_is_picked_is_not_older_than_the_source(minor):
    try:
        engine = ev.pick(f"8.0.{minor}", LIVE)
    except ev.EngineVersionError:
        assert minor > 42
    else:
        assert not ev.check_pair(f"8.0.{minor}", engine).refusals
        assert ev.parse_source_version(engine.community) >= (8, 0, minor)
