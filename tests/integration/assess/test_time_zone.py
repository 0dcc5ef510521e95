# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time zone of real servers, as checks see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.checks_time_zone import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.target_facts import TargetFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

from ..servers import DatabaseServer, mariadb_server
from .content_states import MARIADB, MYSQL_56, MYSQL_97, ContentCase, content_of, find, prove, running

UTC = ("SET GLOBAL time_zone = '+00:00'",)
TOKYO = ("SET GLOBAL time_zone = '+09:00'",)

TARGET = TargetFacts(allowed_time_zones=("UTC", "Europe/Paris"), asked_on=date(2026, 1, 1))

CASES = [
    *(
        ContentCase("source.time_zone", server, TOKYO, UTC, UTC, text="+09:00")
        for server in (MARIADB, MYSQL_97, MYSQL_56)
    ),
    ContentCase(
        "source.time_zone_changes",
        MYSQL_97,
        TOKYO,
        UTC,
        UTC,
        wanted=Wanted(cluster_parameters={"time_zone": "UTC"}),
    ),
    ContentCase("source.time_zone_not_allowed", MYSQL_97, TOKYO, UTC, UTC, text="neither +09:00", target=TARGET),
    *(
        ContentCase(
            "source.time_zones_not_loaded",
            server,
            ("DELETE FROM mysql.time_zone_name",),
            good=("INSERT INTO mysql.time_zone_name (Name, Time_zone_id) VALUES ('Mars/Base', 1)",),
        )
        for server in (MARIADB, MYSQL_97, MYSQL_56)
    ),
    *(
        ContentCase(
            "source.code_names_time_zones",
            server,
            (
                "CREATE DATABASE shop",
                "CREATE FUNCTION shop.local(t DATETIME) RETURNS DATETIME DETERMINISTIC"
                " RETURN convert_tz(t, 'UTC', 'Europe/Paris')",
                "CREATE PROCEDURE shop.p() SELECT 1",
            ),
            ("DROP DATABASE shop",),
            names=("function shop.local",),
        )
        for server in (MARIADB, MYSQL_97, MYSQL_56)
    ),
]
NOT_FIRED_FOR_REAL: dict[str, str] = {}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """Servers of each kind that a case names."""
    with running(tmp_path_factory, MARIADB, MYSQL_97, MYSQL_56) as started:
        yield started


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_fires(case: ContentCase, servers: dict[str, DatabaseServer]) -> None:
    prove(CHECKS, case, servers[case.server])


def test_every_check_fires_for_real() -> None:
    assert {case.check_id for case in CASES} | set(NOT_FIRED_FOR_REAL) == {check.id for check in CHECKS}


@pytest.fixture(scope="module")
def amsterdam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """A server that works in its host's zone."""
    with mariadb_server(tmp_path_factory.mktemp("zone"), env={"TZ": "Europe/Amsterdam"}) as server:
        yield server


def test_the_zone_of_the_host_is_found(amsterdam: DatabaseServer) -> None:
    with connect(amsterdam.login()) as root:
        content = content_of(root)
        assert root.value("SELECT @@session.time_zone") == "+00:00"
    seen = find(CHECKS, "source.time_zone", Facts(Wanted(), content=content))
    assert content.zone is not None
    assert "Europe/Amsterdam" in content.zone.candidates
    assert seen is not None
    assert seen.severity == "warning"
    assert "time_zone is SYSTEM" in seen.text
