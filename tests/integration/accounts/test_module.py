# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module mysql_accounts with accounts that somebody wrote by hand, as a user runs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server

BY_HAND = [
    {"user": "reading", "host": "%", "locked": True, "grants": [{"level": "global", "privileges": ["select"]}]},
    {
        "user": "report",
        "host": "10.%.Example.COM",
        "locked": True,
        "tls": {"require": "any"},
        "limits": {"user_connections": 3},
        "grants": [
            {"level": "schema", "schema": "shop", "privileges": ["select", "Show View"], "grant_option": True},
            {"level": "schema", "schema": "other", "privileges": ["ALL PRIVILEGES"]},
            {"level": "table", "schema": "shop", "name": "t", "privileges": ["insert"]},
            {"level": "column", "schema": "shop", "name": "t", "detail": "A", "privileges": ["update"]},
            {"level": "routine", "schema": "shop", "name": "P", "detail": "procedure", "privileges": ["execute"]},
        ],
    },
]


@pytest.fixture(scope="module", params=["MariaDB", "9.7"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    home = tmp_path_factory.mktemp("server")
    with mariadb_server(home) if request.param == "MariaDB" else mysql_server(home, request.param) as running:
        yield running


@pytest.fixture
def root(server: DatabaseServer) -> Iterator[Connection]:
    with connect(server.login()) as connection:
        connection.execute("CREATE DATABASE shop")
        connection.execute("CREATE TABLE shop.t (a INT)")
        connection.execute("CREATE PROCEDURE shop.p() SELECT 1")
        yield connection
        connection.execute("DROP DATABASE shop")
        connection.execute("DROP USER IF EXISTS reading, 'report'@'10.%.example.com', stranger")


def users(root: Connection) -> set[str]:
    """Names of the accounts that the server does not have by itself."""
    rows = root.rows("SELECT User FROM mysql.user WHERE User NOT LIKE 'm%' AND User <> 'root'")
    return {row["User"] for row in rows}


def shown(root: Connection) -> str:
    """What the server says that the account may."""
    return "; ".join(next(iter(row.values())) for row in root.rows("SHOW GRANTS FOR 'report'@'10.%.example.com'"))


def test_accounts_by_hand_are_made_taken_back_and_left_alone(
    run_module: Any, server: DatabaseServer, root: Connection
) -> None:
    options = {**server.login(ssl_mode="disabled"), "accounts": BY_HAND}

    planned = run_module("mysql_accounts", options, "--check", "--diff")
    assert planned["changed"] and planned["summary"]["created"] == 2 and users(root) == set()
    assert "report" in planned["diff"]["after"]

    made = run_module("mysql_accounts", options)
    assert made["changed"] and not made["left_behind"] and users(root) == {"reading", "report"}
    held = shown(root)
    assert "GRANT SELECT, SHOW VIEW ON `shop`.* " in held and "WITH GRANT OPTION" in held
    assert "GRANT ALL PRIVILEGES ON `other`.* " in held and "UPDATE (`a`)" in held.replace("(a)", "(`a`)")
    assert "GRANT EXECUTE ON PROCEDURE `shop`.`p` " in held
    assert not run_module("mysql_accounts", options)["changed"]

    root.execute("CREATE USER stranger")
    root.execute("GRANT DELETE ON shop.* TO reading")
    assert not run_module("mysql_accounts", options)["changed"]
    purged = run_module("mysql_accounts", {**options, "purge": True})
    assert purged["changed"] and users(root) == {"reading", "report"}
    assert "DELETE" not in str(root.rows("SHOW GRANTS FOR reading"))
    assert not run_module("mysql_accounts", {**options, "purge": True})["changed"]

    gone = {**options, "state": "absent"}
    assert run_module("mysql_accounts", gone, "--check")["changed"] and users(root) == {"reading", "report"}
    assert run_module("mysql_accounts", gone)["changed"] and users(root) == set()
    assert not run_module("mysql_accounts", gone)["changed"]


def test_all_privileges_by_hand_are_what_the_server_means_by_them(
    run_module: Any, server: DatabaseServer, root: Connection
) -> None:
    everything = [{"level": "global", "privileges": ["all"]}]
    wanted = [{"user": "reading", "host": "%", "locked": True, "grants": everything}]
    made = run_module("mysql_accounts", {**server.login(ssl_mode="disabled"), "accounts": wanted})
    assert made["changed"] and made["left_behind"] == []
    root.execute("CREATE USER stranger")
    root.execute("GRANT ALL ON *.* TO stranger")
    # MariaDB shows the hash behind the account, too.
    told = [
        [next(iter(row.values())).partition(" TO ")[0] for row in root.rows(f"SHOW GRANTS FOR {name}")]
        for name in ("reading", "stranger")
    ]
    assert told[0] == told[1]
