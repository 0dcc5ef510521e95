# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The named zones of real servers: their rules against the servers' own CONVERT_TZ, and what another server lacks."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import subprocess
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules import NamedZones
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_rules_read import read_named_zones
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_steps import offset_in
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zones import Span

from ..module_runner import ModuleRunner
from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server
from .zone_tables import TOOLS, ZONE_TABLES, ZONEINFO

SPAN = Span(2006, 2036)
PASSWORD = "of the tests"
# Zones as no zone data has them: without a transition; in summer before its first; in summer always; and two that
# servers refuse, without a type and with a transition to a type that is not there.
ODD_ZONES = {
    "Odd/Still": ([], [(3600, 0)]),
    "Odd/Late": ([(SPAN.start + 10**8, 2), (SPAN.end + 10, 0)], [(7200, 1), (3600, 0), (10800, 1)]),
    "Odd/Summer": ([(SPAN.start + 10**8, 1)], [(7200, 1), (10800, 1)]),
    "Odd/Typeless": ([], []),
    "Odd/Torn": ([(SPAN.start + 10**8, 5)], [(3600, 0)]),
}
REFUSED = {"Odd/Typeless", "Odd/Torn"}

# Zone data of before 2016, when Turkey had not yet chosen to stay in summer time, and a late summer in Berlin.
_OLD_RULES = """
SELECT Time_zone_id INTO @istanbul FROM time_zone_name WHERE Name = 'Europe/Istanbul';
SELECT Time_zone_id INTO @berlin FROM time_zone_name WHERE Name = 'Europe/Berlin';
DELETE FROM time_zone_transition WHERE Time_zone_id = @istanbul AND Transition_time > UNIX_TIMESTAMP('2016-09-01');
SELECT MIN(Transition_type_id) INTO @winter FROM time_zone_transition_type
WHERE Time_zone_id = @istanbul AND Offset = 7200 AND Is_DST = 0;
INSERT INTO time_zone_transition VALUES (@istanbul, 1477789200, @winter);
UPDATE time_zone_transition SET Transition_time = Transition_time + 3600
WHERE Time_zone_id = @berlin AND Transition_time = 1774746000;
"""
_TODAY = datetime.date.today()


def _server(kind: str, home: Path, name: str, *arguments: str) -> AbstractContextManager[DatabaseServer]:
    if kind == "MariaDB":
        return mariadb_server(home, name, server_args=arguments)
    return mysql_server(home, kind, name, server_args=arguments)


@contextlib.contextmanager
def _connection(server: DatabaseServer, **more: Any) -> Iterator[Connection]:
    with connect({"ssl_mode": "disabled", "connect_timeout": 10, **server.login(**more)}) as connection:
        yield connection


def _odd_zones_sql() -> str:
    lines = []
    for name, (transitions, types) in ODD_ZONES.items():
        lines.append("INSERT INTO time_zone (Use_leap_seconds) VALUES ('N'); SET @z = LAST_INSERT_ID();")
        lines.append(f"INSERT INTO time_zone_name (Name, Time_zone_id) VALUES ('{name}', @z);")
        lines += [f"INSERT INTO time_zone_transition VALUES (@z, {time}, {number});" for time, number in transitions]
        for number, (offset, is_dst) in enumerate(types):
            lines.append(f"INSERT INTO time_zone_transition_type VALUES (@z, {number}, {offset}, {is_dst}, 'ODD');")
    return "\n".join(lines)


def _calculated(connection: Connection, known: NamedZones) -> Iterator[tuple[str, int, int]]:
    """Zone, Unix time and offset by the server's own CONVERT_TZ: around each step, and at both ends of the span."""
    probes = {(name, instant) for name in known.zones for instant in (SPAN.start, SPAN.end - 1)}
    for name, rule in known.zones.items():
        probes |= {(name, instant + more) for instant, _offset in rule[1:] for more in (-1, 0)}
    connection.execute("CREATE TEMPORARY TABLE shop.probes (zone VARCHAR(64), instant BIGINT)")
    rows = [f"('{name}', {instant})" for name, instant in sorted(probes)]
    for first in range(0, len(rows), 10000):
        connection.execute(f"INSERT INTO shop.probes VALUES {', '.join(rows[first : first + 10000])}")
    utc = "'1970-01-01 00:00:00' + INTERVAL instant SECOND"
    for row in connection.stream(
        f"SELECT zone, instant, TIMESTAMPDIFF(SECOND, {utc}, CONVERT_TZ({utc}, '+00:00', zone)) AS seconds "
        "FROM shop.probes"
    ):
        yield row["zone"], row["instant"], row["seconds"]


def _assert_rules_are_the_servers(connection: Connection, known: NamedZones) -> None:
    connection.execute("CREATE DATABASE IF NOT EXISTS shop")
    seen: Counter[str] = Counter()
    for zone, instant, seconds in _calculated(connection, known):
        assert seconds == offset_in(known.zones[zone], instant), (zone, instant)
        seen[zone] += 1
    assert set(seen) == set(known.zones)


@pytest.mark.parametrize("kind", ["MariaDB", "9.7", "5.6"])
def test_the_rules_of_all_zones_are_what_the_server_calculates(tmp_path: Path, kind: str) -> None:
    with _server(kind, tmp_path, "server") as server:
        TOOLS[kind].load(server)
        # It uses leap seconds, and there is no table of them.
        TOOLS[kind].run(server, TOOLS[kind].sql(f"{ZONEINFO}/right/Europe/Paris", "right/Europe/Paris"))
        TOOLS[kind].run(server, _odd_zones_sql())
        with _connection(server) as connection:
            before = connection.statements
            known = read_named_zones(connection, SPAN)
            assert connection.statements - before == 5
            assert len(known.zones) > 500 and len(set(known.zones.values())) > 100
            assert {name for name in ODD_ZONES if name not in known.zones} == REFUSED
            for name in REFUSED:
                assert connection.value("SELECT CONVERT_TZ('2020-01-01', '+00:00', %s)", [name]) is None
            _assert_rules_are_the_servers(connection, known)


@pytest.mark.parametrize("kind", ["MariaDB", "9.7"])
def test_leap_seconds_count_where_the_server_has_them(tmp_path: Path, kind: str) -> None:
    tools = TOOLS[kind]
    with _server(kind, tmp_path, "filled") as server:
        tools.load(server, "right/Europe/Paris", "Europe/Paris")
        tools.run(server, tools.sql("--leap", f"{ZONEINFO}/right/Europe/Paris"))
    # A server reads the table of leap seconds only when it starts.
    with _server(kind, tmp_path, "again", f"--datadir={server.datadir}") as server, _connection(server) as connection:
        known = read_named_zones(connection, SPAN)
        # 27 leap seconds until 2017, and none since.
        assert known.zones["right/Europe/Paris"][-1][1] in (3600 - 27, 7200 - 27)
        _assert_rules_are_the_servers(connection, known)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DatabaseServer, DatabaseServer]]:
    """MariaDB in one of a few zones, with code that mentions others, and MySQL 9.7 whose tables are empty."""
    home = tmp_path_factory.mktemp("zones")
    with mariadb_server(home, "source") as source, mysql_server(home, "9.7", "target") as target:
        TOOLS["MariaDB"].load(source, "Asia/Tokyo", "Europe/Berlin", "Europe/Istanbul", "Europe/Kyiv", "Europe/Paris")
        TOOLS["MariaDB"].run(
            source,
            f"""
            SET GLOBAL time_zone = 'europe/paris';
            SET time_zone = 'europe/kyiv';
            CREATE DATABASE shop; USE shop;
            CREATE FUNCTION shipped(t DATETIME) RETURNS DATETIME NO SQL RETURN CONVERT_TZ(t, '+00:00', "EUROPE/kyiv");
            CREATE VIEW opening AS SELECT CONVERT_TZ('2026-01-01', 'Europe/Istanbul', 'UTC') AS since;
            CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DO 1;
            CREATE USER reader IDENTIFIED BY '{PASSWORD}';
            GRANT SELECT ON shop.* TO reader;
            """,
        )
        with _connection(target) as connection:
            connection.execute(f"CREATE USER reader IDENTIFIED BY '{PASSWORD}'")
        yield source, target


def _login(server: DatabaseServer, **more: Any) -> dict[str, Any]:
    return {"ssl_mode": "preferred", **server.login(**more)}


@pytest.fixture(scope="module")
def source_exports(
    generation: Any, tmp_path_factory: pytest.TempPathFactory, sides: tuple[DatabaseServer, DatabaseServer]
) -> dict[str, Any]:
    """The options of mysql_time_zone_comparison_info that the source gives."""
    run_module = ModuleRunner(generation, tmp_path_factory.mktemp("exports"))
    zone = run_module("mysql_time_zone_info", {**_login(sides[0]), "zones": True}, "--check")
    stored = run_module("mysql_routines_info", {**_login(sides[0]), "export": True})
    assert zone["zones_unread"] == "" and not zone["changed"]
    return {"zones": zone["zones"], "routines": stored["export"]}


def test_an_empty_target_is_told_once_and_mentioned_zones_are_named(
    run_module: Any, sides: tuple[DatabaseServer, DatabaseServer], source_exports: dict[str, Any], tmp_path: Path
) -> None:
    TOOLS["9.7"].run(sides[1], "".join(f"TRUNCATE TABLE {table};" for table in ZONE_TABLES))
    options = {**_login(sides[1]), **source_exports, "left_behind_file": str(tmp_path / "zones.json")}
    run_module("mysql_time_zone_comparison_info", options, "--check")
    assert not (tmp_path / "zones.json").exists()
    result = run_module("mysql_time_zone_comparison_info", options)
    lists = json.loads((tmp_path / "zones.json").read_text())
    assert (len(lists["missing"]), lists["different"]) == (5, [])
    assert result["compared"] and not result["changed"]
    assert "knows none of the source's 5 zones" in result["reason"] and "mysql_tzinfo_to_sql" in result["remedy"]
    assert result["reason"] in result["warnings"][0]
    mentioned = {each["zone"]: each["mentioned_by"] for each in result["zones_missing"]}
    assert list(mentioned) == ["Europe/Istanbul", "Europe/Kyiv", "Europe/Paris"]
    assert mentioned["Europe/Paris"] == ["variable time_zone"]


def test_a_missing_and_an_altered_zone_are_found_and_marked(
    run_module: Any, sides: tuple[DatabaseServer, DatabaseServer], source_exports: dict[str, Any]
) -> None:
    target = sides[1]
    TOOLS["9.7"].load(target, "Asia/Tokyo", "Europe/Berlin", "Europe/Istanbul", "Europe/Paris")
    TOOLS["9.7"].run(target, _OLD_RULES)
    result = run_module("mysql_time_zone_comparison_info", {**_login(target), **source_exports}, "--check")
    assert result["compared"] and result["reason"] == "" and "warnings" not in result
    assert (result["years_from"], result["years_to"]) == (_TODAY.year - 20, min(_TODAY.year + 10, 2037))
    counts = {"source": 5, "target": 4, "same": 2, "missing": 1, "different": 2}
    mentioned = {"missing_mentioned": 1, "different_mentioned": 1, "objects_searched": 3, "objects_unreadable": 0}
    assert result["summary"] == {**counts, **mentioned, "truncated": False}
    kyiv = {"zone": "Europe/Kyiv", "mentions": 2, "mentioned_by": ["function shop.shipped", "event shop.nightly"]}
    assert result["zones_missing"] == [kyiv]

    istanbul, berlin = result["zones_different"]
    assert (istanbul["zone"], istanbul["mentioned_by"]) == ("Europe/Istanbul", ["view shop.opening"])
    assert (berlin["zone"], berlin["mentions"]) == ("Europe/Berlin", 0)
    assert (istanbul["first_difference"], berlin["first_difference"]) == (
        "2016-10-30T01:00:00Z",
        "2026-03-29T01:00:00Z",
    )
    assert (berlin["seconds"], berlin["days"], istanbul["days"] > 3650) == (3600, 0.04, True)
    for found in result["zones_different"]:
        offsets = [_offsets_around(server, found["zone"], found["first_difference"]) for server in sides]
        assert offsets[0][0] == offsets[1][0]
        assert [offset for _before, offset in offsets] == [found["offset_source"], found["offset_target"]]
    with _connection(target) as connection:
        assert connection.value("SELECT CONVERT_TZ('2026-01-01', '+00:00', 'Europe/Kyiv')") is None


def _offsets_around(server: DatabaseServer, zone: str, instant: str) -> tuple[str, str]:
    """The offsets that a server calculates one second before an instant, and at it."""
    with _connection(server) as connection:
        moment = datetime.datetime.strptime(instant, "%Y-%m-%dT%H:%M:%SZ")
        found = []
        for utc in (moment - datetime.timedelta(seconds=1), moment):
            sql = "SELECT TIMESTAMPDIFF(MINUTE, %s, CONVERT_TZ(%s, '+00:00', %s))"
            minutes = int(connection.value(sql, [str(utc), str(utc), zone]))
            found.append(f"+{minutes // 60:02d}:{minutes % 60:02d}")
        return found[0], found[1]


@pytest.mark.parametrize("side", ["source", "target"])
def test_tables_that_may_not_be_read_are_named_with_the_remedy(
    run_module: Any, sides: tuple[DatabaseServer, DatabaseServer], source_exports: dict[str, Any], side: str
) -> None:
    reader, target = {"user": "reader", "password": PASSWORD}, _login(sides[1])
    if side == "source":
        zone = run_module("mysql_time_zone_info", {**_login(sides[0], **reader), "zones": True})
        assert "denied" in zone["zones_unread"] and not zone.get("failed")
        source_exports = {**source_exports, "zones": zone["zones"]}
    else:
        target = _login(sides[1], **reader)
    result = run_module("mysql_time_zone_comparison_info", {**target, **source_exports})
    assert not result.get("failed") and not result["compared"]
    assert result["reason"].startswith(f"The {side}'s tables of time zones could not be read: ")
    assert "denied" in result["reason"] and "Grant the account SELECT" in result["remedy"]
    assert result["remedy"] in result["warnings"][0]


def test_the_role_prints_a_line_for_each_mentioned_zone(
    generation: Any, tmp_path: Path, sides: tuple[DatabaseServer, DatabaseServer], source_exports: dict[str, Any]
) -> None:
    TOOLS["9.7"].load(sides[1], "Asia/Tokyo", "Europe/Berlin", "Europe/Istanbul")
    TOOLS["9.7"].run(sides[1], _OLD_RULES)
    target = _login(sides[1])
    variables = {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "migration_options": {"controller": "localhost"},
        "migration_target_login": {**target, "ca_cert": ""},
        "objects_source_zone": {"zones": source_exports["zones"]},
        "objects_source_routines": {"export": source_exports["routines"]},
    }
    task = {"ansible.builtin.include_role": {"name": "dbferry.aurora_mysql.objects", "tasks_from": "zones"}}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "tasks": [task]}
    playbook = tmp_path / "play.json"
    playbook.write_text(json.dumps([play]))
    done = subprocess.run(
        [str(generation.playbook), "-i", "localhost,", str(playbook)],
        env={**generation.environment(), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = re.findall(r'"msg": "(.*Europe/.*)"', done.stdout)
    assert re.sub(r"[\d.]+ days of \d{4} to \d{4}", "DAYS", "\n".join(lines)).splitlines() == [
        "The cluster does not know Europe/Kyiv, which is mentioned by function shop.shipped, event shop.nightly.",
        "The cluster does not know Europe/Paris, which is mentioned by variable time_zone.",
        "Europe/Istanbul, which is mentioned by view shop.opening, has another offset on the cluster for DAYS, "
        "first at 2016-10-30T01:00:00Z: +03:00 on the source, +02:00 on the cluster.",
    ]
