# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much an assessment asks of a source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.collect import collect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import read_server
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.allowed import keep_allowed

from ..module_process import ModuleProcess
from ..mysql_servers import mysql_server
from ..servers import mariadb_server
from .content_states import MARIADB, MYSQL_56, MYSQL_97, execute

A_DOZEN = 12
SCHEMA = Path(__file__).resolve().parents[3] / "roles/report/files/report.schema.json"
_PASSWORD = "a-Password-of-9"
_GRANTS = (
    "CREATE ROLE readers",
    "GRANT SELECT, PROCESS, REPLICATION CLIENT, SHOW_ROUTINE ON *.* TO readers",
    f"CREATE USER looker@'%' IDENTIFIED BY '{_PASSWORD}'",
    "GRANT readers TO looker@'%'",
    "SET DEFAULT ROLE readers TO looker@'%'",
)
_BACKUP = (
    f"CREATE USER keeper@localhost IDENTIFIED BY '{_PASSWORD}'",
    "GRANT RELOAD, LOCK TABLES, PROCESS, REPLICATION CLIENT ON *.* TO keeper@localhost",
)
_BACKUP_BY_ROLE = ("GRANT readers TO keeper@localhost", "SET DEFAULT ROLE readers TO keeper@localhost")
# Its clocks change in the same nights as those of Beirut, at another hour.
_NEARLY_ALIKE = "Europe/Chisinau"


@pytest.mark.parametrize("kind", [MARIADB, MYSQL_56, MYSQL_97])
def test_a_dozen_queries_are_enough(kind: str, tmp_path: Path, generation: Any) -> None:
    """The server is one that costs most: with a binary log, in its host's time zone, asked by an account of a role."""
    by_role = kind == MYSQL_97
    env = {"TZ": "Europe/Amsterdam"}
    binlog = ["--log-bin=binlog"]
    started = (
        mariadb_server(tmp_path, env=env)
        if kind == MARIADB
        else mysql_server(tmp_path, kind, server_args=binlog, env=env)
    )
    with started as server:
        login = server.login()
        execute(server, (*(_GRANTS if by_role else ()), *_BACKUP, *(_BACKUP_BY_ROLE if by_role else ())))
        if by_role:
            login = server.login("looker", _PASSWORD)
        facts, queries = _counted(login, Wanted())
        other, more_queries = _counted(login, Wanted(backup_user="keeper"))
        assessed = _assess(login, generation)
    assert facts.tables is not None and not facts.tables.unknown.keys() - {"row_versions"}
    assert facts.content is not None
    assert facts.content.zone is not None and "Europe/Amsterdam" in facts.content.zone.candidates
    assert facts.content.schemas is not None and facts.content.accounts and facts.content.binlog_filter is not None
    assert queries == (A_DOZEN if by_role else A_DOZEN - 1)
    assert other.content is not None and other.content.backup is not None
    assert other.content.backup.name == AccountName("keeper", "localhost")
    assert more_queries == queries + (2 if by_role else 1)
    assert assessed["verdict"]["way"] == "logical"
    assert assessed["queries"] == queries
    version = assessed["source"]["version_number"]
    assert version.startswith({MARIADB: "10.", MYSQL_56: "5.6.", MYSQL_97: "9.7."}[kind])
    # the report shows all that is written, and nothing else is
    schema = json.loads(SCHEMA.read_text())
    known = {**schema["$defs"]["assessment"], "$defs": schema["$defs"]}
    jsonschema.validate(assessed, known)
    assert keep_allowed(assessed, known, schema) == assessed


@pytest.mark.parametrize("kind", [MARIADB, MYSQL_56, MYSQL_97])
def test_what_may_not_be_read_is_not_asked_for(kind: str, tmp_path: Path) -> None:
    """Of the grant tables the account may read one, so that a query of all of them would be refused."""
    monitoring = "SLAVE MONITOR, BINLOG MONITOR" if kind == MARIADB else "REPLICATION CLIENT"
    grants = (
        f"CREATE USER looker@'%' IDENTIFIED BY '{_PASSWORD}'",
        f"GRANT PROCESS, {monitoring} ON *.* TO looker@'%'",
        "GRANT SELECT ON mysql.func TO looker@'%'",
    )
    with mariadb_server(tmp_path) if kind == MARIADB else mysql_server(tmp_path, kind) as server:
        execute(server, grants)
        with connect(server.login("looker", _PASSWORD)) as connection:
            made_before = connection.statements
            content = collect(connection, None, {}, Wanted(), {}).facts.content
            assert connection.statements - made_before <= A_DOZEN
    assert content is not None
    assert content.functions == () and content.variables and content.schemas is not None
    refused = {"accounts", "backup", "servers", "changes_in_mysql", "proxies", "zone_names"}
    refused |= {"components", "dynamic", "keyring"} if kind == MYSQL_97 else set()
    assert content.unknown.keys() == refused
    for name in refused - {"accounts", "backup", "keyring"}:
        assert content.unknown[name].startswith("SELECT is not granted on mysql.")
        assert content.unknown[name].endswith("GRANT SELECT ON mysql.* to the account that reads.")
    if kind == MYSQL_97:
        assert "GRANT SELECT ON performance_schema.keyring_component_status" in content.unknown["keyring"]


def test_one_query_more_tells_zones_apart_that_are_nearly_alike(tmp_path: Path) -> None:
    with mariadb_server(tmp_path, env={"TZ": _NEARLY_ALIKE}, binlog=False) as server:
        facts, queries = _counted(server.login(), Wanted())
    assert facts.content is not None and facts.content.zone is not None
    assert facts.content.zone.name == _NEARLY_ALIKE
    assert queries == A_DOZEN - 1


def _counted(login: dict[str, Any], wanted: Wanted) -> tuple[Facts, int]:
    """The facts of a server, and how many statements they took beside what opened the session."""
    with connect(login) as connection:
        made_before = connection.statements
        facts = collect(connection, None, {}, wanted, {}).facts
        return facts, connection.statements - made_before


def _assess(login: dict[str, Any], generation: Any) -> dict[str, Any]:
    """What the module itself says of a server."""
    module = ModuleProcess("mysql_assessment_info", str(generation.bin / "python"), str(generation.collections))
    done: dict[str, Any] = module.finish(module.start({**login, "aws": False}))
    return done["assessment"]


def test_where_the_files_are_is_asked_without_opening_a_table(tmp_path: Path) -> None:
    with mysql_server(tmp_path, MYSQL_56) as server, connect(server.login()) as connection:
        connection.execute('SET GLOBAL init_connect = \'SET NAMES "utf8", @key = "of the application"\'')
        before = connection.statements
        told = read_server(connection, sizes=False)
        assert connection.statements - before == 2
        whole = read_server(connection)
    assert whole.keys() - told.keys() == {"data_bytes", "tables"}
    assert Path(told["variables"]["datadir"]) == server.datadir
    # What the record keeps, and a log shows.
    assert told["variables"]["init_connect"] == "SET NAMES \"utf8\", @key = '***'"
