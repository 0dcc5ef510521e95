# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The named zones of real servers: their rules against the servers' own CONVERT_TZ, and what another server lacks."""

from __future__ import annotations

import contextlib
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

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server
from .side import Side
from .zone_tables import TOOLS, ZONE_TABLES, ZONEINFO, ZoneTools

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
