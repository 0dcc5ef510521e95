# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone that real servers work in, and the cluster parameter, against moto with a real server beside it.

moto stands where RDS stands. It lacks DescribeEngineDefaultClusterParameters, which moto_zones adds, and its change of
a parameter reaches no server: the test sets the server's zone as RDS would.
"""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules import import_zones
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones import (
    default_span,
    parse_zone,
    transitions,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones_read import read_server_zone

from ..moto_zones import moto_with_zones
from ..servers import DatabaseServer, MotoServer, mariadb_server

ZONE = "Europe/Amsterdam"


@pytest.fixture(scope="module")
def new_york(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """A server that was started on a host in New York."""
    home = tmp_path_factory.mktemp("new_york")
    with mariadb_server(home, env={"TZ": "America/New_York"}) as server:
        yield server


@pytest.fixture(scope="module")
def cluster_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """A server in UTC that knows one zone by name."""
    with mariadb_server(tmp_path_factory.mktemp("cluster"), env={"TZ": "UTC"}) as server:
        zone_sql = subprocess.run(
            ["mariadb-tzinfo-to-sql", f"/usr/share/zoneinfo/{ZONE}", ZONE], capture_output=True, check=True
        ).stdout
        subprocess.run(_client(server, "mysql"), input=zone_sql, check=True)
        yield server


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Iterator[MotoServer]:
    """An RDS API with clusters in their own parameter groups, and one in the default group.

    Asking for the family of MySQL 5.7 is not allowed here.
    """
    clusters = {
        "shop": ("own", "aurora-mysql8.0"),
        "old": ("own-57", "aurora-mysql5.7"),
        "plain": ("default.aurora-mysql8.0", "aurora-mysql8.0"),
    }
    with moto_with_zones(
        monkeypatch, f"Asia/Tokyo,{ZONE},US/Eastern,UTC", clusters, denied="aurora-mysql5.7"
    ) as server:
        yield server


def _client(server: DatabaseServer, database: str) -> list[str]:
    # A server of the tests on loopback: its password is no secret.
    return [
        "mariadb",
        "--no-defaults",
        f"--socket={server.socket}",
        "--user=root",
        "--password=root of the tests",
        database,
    ]


def _run_sql(server: DatabaseServer, sql: str) -> None:
    subprocess.run([*_client(server, "mysql"), "-e", sql], check=True)


def _parameter(rds: MotoServer) -> Any:
    parameters = rds.client("rds").describe_db_cluster_parameters(DBClusterParameterGroupName="own")["Parameters"]
    return {each["ParameterName"]: each for each in parameters}.get("time_zone")


@pytest.fixture
def options(rds: MotoServer, cluster_server: DatabaseServer) -> dict[str, Any]:
    """Options of aurora_time_zone for the cluster with its own group."""
    _run_sql(cluster_server, "SET GLOBAL time_zone = 'SYSTEM'")
    return {
        "db_cluster_identifier": "shop",
        "wait_timeout": 0,
        "ssl_mode": "disabled",
        **rds.aws_options(),
        **cluster_server.login(),
    }


def test_system_is_resolved_by_the_servers_own_offsets(run_module: Any, new_york: DatabaseServer) -> None:
    result = run_module("mysql_time_zone_info", new_york.login(ssl_mode="disabled"))
    assert result["setting"] == "SYSTEM" and result["system"] in ("EST", "EDT")
    assert result["resolved_from"] == "offsets"
    assert "America/New_York" in result["candidates"]
    assert not set(result["candidates"]) & {"America/Chicago", "America/Havana", "America/Panama", "America/Jamaica"}
    assert result["offset_now"] in ("-05:00", "-04:00")


def test_what_system_means_is_told_beside_another_setting(run_module: Any, new_york: DatabaseServer) -> None:
    """Events may run in SYSTEM whatever the variable says."""
    login = new_york.login(ssl_mode="disabled")
    assert run_module("mysql_time_zone_info", login)["system_zone"] == "America/New_York"
    _run_sql(new_york, "SET GLOBAL time_zone = '+00:00'")
    try:
        result = run_module("mysql_time_zone_info", login)
        agreed = run_module("mysql_time_zone_info", {**login, "host_zone": "US/Eastern"})
    finally:
        _run_sql(new_york, "SET GLOBAL time_zone = 'SYSTEM'")
    assert (result["zone"], result["resolved_from"], result["offset_now"]) == ("+00:00", "time_zone", "+00:00")
    assert result["system_zone"] == "America/New_York" and "warnings" not in result
    assert agreed["system_zone"] == "US/Eastern"


@pytest.mark.parametrize("zone", ["Europe/Chisinau", "Asia/Beirut", "America/Moncton", "America/Managua"])
def test_zones_that_differ_by_hours_are_told_apart(tmp_path: Path, zone: str) -> None:
    with mariadb_server(tmp_path, env={"TZ": zone}) as server, connect(server.login()) as connection:
        found = read_server_zone(connection)
    span = default_span(datetime.date.today())
    assert transitions(parse_zone(found.zone), span) == transitions(parse_zone(zone), span)
    assert all(transitions(parse_zone(each), span) == transitions(parse_zone(zone), span) for each in found.candidates)


def test_the_hosts_zone_decides_only_if_the_server_agrees(run_module: Any, new_york: DatabaseServer) -> None:
    login = new_york.login(ssl_mode="disabled")
    agreed = run_module("mysql_time_zone_info", {**login, "host_zone": "America/New_York"})
    assert (agreed["zone"], agreed["resolved_from"]) == ("America/New_York", "host_zone")
    other = run_module("mysql_time_zone_info", {**login, "host_zone": "Europe/Berlin"})
    assert other["resolved_from"] == "offsets"
    assert "The host is set to Europe/Berlin" in other["warnings"][0]


def test_the_hosts_zone_is_taken_where_no_zone_known_here_fits(run_module: Any, tmp_path: Path) -> None:
    """As with a host whose zone data are old: this one's clocks change a fortnight before Berlin's."""
    with mariadb_server(tmp_path, env={"TZ": "CET-1CEST,M3.2.0,M10.2.0"}) as server:
        login = server.login(ssl_mode="disabled")
        refused = run_module("mysql_time_zone_info", login)
        assert refused["failed"] and refused["error_id"] == "time_zone.unknown" and "host_zone" in refused["remedy"]
        assert "zones" not in refused
        # What it knows by name is none the worse for it.
        refused = run_module("mysql_time_zone_info", {**login, "zones": True})
        assert refused["failed"] and refused["error_id"] == "time_zone.unknown"
        assert refused["zones_unread"] == "" and import_zones(refused["zones"]).zones == {}
        _run_sql(server, "SET GLOBAL time_zone = '+02:00'")
        fixed = run_module("mysql_time_zone_info", login)
        assert (fixed["zone"], fixed["system_zone"]) == ("+02:00", "")
        assert "events may run in SYSTEM" in fixed["warnings"][0] and "host_zone" in fixed["warnings"][0]
        _run_sql(server, "SET GLOBAL time_zone = 'SYSTEM'")
        taken = run_module("mysql_time_zone_info", {**login, "host_zone": "Europe/Berlin"})
    assert (taken["zone"], taken["resolved_from"]) == ("Europe/Berlin", "host_zone")
    (warning,) = taken["warnings"]
    first = default_span(datetime.date.today()).years_from
    assert f"differs first at {first}-03-" in warning and "+02:00 on the server, +01:00 here" in warning


def test_a_named_or_fixed_setting_is_taken_as_it_is(run_module: Any, cluster_server: DatabaseServer) -> None:
    for setting, offsets in ((ZONE, ("+01:00", "+02:00")), ("+09:00", ("+09:00",))):
        _run_sql(cluster_server, f"SET GLOBAL time_zone = '{setting}'")
        result = run_module("mysql_time_zone_info", cluster_server.login(ssl_mode="disabled", host_zone="Asia/Tokyo"))
        assert (result["zone"], result["resolved_from"]) == (setting, "time_zone")
        assert result["offset_now"] in offsets


def test_an_equal_zone_is_written_proved_and_not_written_twice(
    run_module: Any, rds: MotoServer, cluster_server: DatabaseServer, options: dict[str, Any]
) -> None:
    options["zone"] = "Europe/Berlin"
    planned = run_module("aurora_time_zone", options, "--check", "--diff")
    assert planned["changed"] and not planned["verified"]
    assert planned["diff"] == {"before": "time_zone: UTC\n", "after": f"time_zone: {ZONE}\n"}
    assert _parameter(rds) is None

    unproved = run_module("aurora_time_zone", options)
    assert unproved["failed"] and unproved["error_id"] == "aurora.time_zone_not_in_effect"
    assert _parameter(rds)["ParameterValue"] == ZONE and _parameter(rds)["ApplyMethod"] == "immediate"

    _run_sql(cluster_server, f"SET GLOBAL time_zone = '{ZONE}'")
    again = run_module("aurora_time_zone", options)
    assert not again["changed"] and again["verified"] and not again["same"]
    assert (again["zone_target"], again["parameter_group"], again["allowed_from"]) == (ZONE, "own", "live")

    options["zone"] = "UTC"
    planned = run_module("aurora_time_zone", options, "--check", "--diff")
    assert _parameter(rds)["ParameterValue"] == ZONE
    _run_sql(cluster_server, "SET GLOBAL time_zone = '+00:00'")
    done = run_module("aurora_time_zone", options, "--diff")
    assert done["changed"] and done["verified"], done
    assert planned["diff"] == done["diff"] == {"before": f"time_zone: {ZONE}\n", "after": "time_zone: UTC\n"}
    assert _parameter(rds)["ParameterValue"] == "UTC"


def test_a_caller_who_may_not_ask_gets_the_table_and_is_told(run_module: Any, options: dict[str, Any]) -> None:
    result = run_module("aurora_time_zone", {**options, "db_cluster_identifier": "old", "zone": "UTC"})
    assert not result["changed"] and result["allowed_from"] == "table"


def test_utc_needs_no_group_of_ones_own(run_module: Any, options: dict[str, Any]) -> None:
    result = run_module("aurora_time_zone", {**options, "db_cluster_identifier": "plain", "zone": "+00:00"})
    assert not result["changed"] and result["verified"]
    assert result["zone_target"] == "UTC" and result["parameter_group"].startswith("default.")


@pytest.mark.parametrize(
    ("more", "error_id", "text"),
    [
        ({"db_cluster_identifier": "plain", "zone": ZONE}, "aurora.default_parameter_group", "default groups"),
        ({"zone": "+05:45"}, "aurora.time_zone_not_allowed", "The nearest are"),
        ({"zone": "Europe/Nowhere"}, "time_zone.unknown", "Europe/Nowhere is not known"),
        ({"db_cluster_identifier": "missing", "zone": ZONE}, "aurora.no_cluster", "no cluster missing"),
        ({"zone": "Europe/Berlin", "years_from": 2030, "years_to": 2020}, "time_zone.bad_span", "2030 to 2020"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    run_module: Any, rds: MotoServer, options: dict[str, Any], more: dict[str, Any], error_id: str, text: str
) -> None:
    result = run_module("aurora_time_zone", {**options, **more})
    assert result["failed"] and result["error_id"] == error_id
    assert text in result["msg"] and result["remedy"]
    assert _parameter(rds) is None
