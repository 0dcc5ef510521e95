# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grants on routines whose names are not ASCII: servers write these names into a grant table as no other names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import bring_accounts, take_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName, Scope
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server

OBJECTS = (
    "CREATE DATABASE `schön`",
    "CREATE PROCEDURE `schön`.`Größe`() SELECT 1",
    "CREATE PROCEDURE `schön`.p() SELECT 1",
)
ACCOUNTS = (
    "CREATE USER `jürgen`@'%'",
    "CREATE USER app@'%'",
    "GRANT EXECUTE ON PROCEDURE `schön`.`Größe` TO `jürgen`@'%'",
    "GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE `schön`.`Größe` TO app@'%'",
    "GRANT EXECUTE ON PROCEDURE `schön`.p TO `jürgen`@'%' WITH GRANT OPTION",
)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with mysql_server(tmp_path_factory.mktemp("target"), "9.7") as server:
        yield server


@pytest.fixture(scope="module", params=["MariaDB", "5.6", "9.7"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    home = tmp_path_factory.mktemp("source")
    server = mariadb_server(home) if request.param == "MariaDB" else mysql_server(home, request.param)
    with server as running, connect(running.login()) as root:
        for statement in (*OBJECTS, *ACCOUNTS):
            root.execute(statement)
        yield root


def test_they_are_read_and_arrive_under_their_names(source: Connection, target: DatabaseServer) -> None:
    taken = take_accounts(source, (), ())
    held = {account.name: set(account.grants) for account in taken.accounts}
    size, p = (Scope("routine", "schön", name, "PROCEDURE") for name in ("größe", "p"))
    assert {size, p} <= held[AccountName("jürgen", "%")]
    assert size in held[AccountName("app", "%")]
    assert not [each for each in taken.skipped if "rgen" in str(each)]

    with connect(target.login(), multi_statements=True) as root:
        for statement in OBJECTS:
            root.execute(statement)
        try:
            outcome = bring_accounts(root, taken, Options(unsupported_plugin="lock"), False, "")
            assert not outcome.failed
            shown = [next(iter(row.values())) for row in root.rows("SHOW GRANTS FOR `jürgen`@'%'")]
            assert "GRANT EXECUTE ON PROCEDURE `schön`.`größe` TO `jürgen`@`%`" in shown
            again = bring_accounts(root, taken, Options(unsupported_plugin="lock"), False, "")
            assert not again.changed
        finally:
            root.execute("DROP USER `jürgen`@'%', app@'%'")
            root.execute("DROP DATABASE `schön`")
