# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much an assessment asks of a source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.collect import collect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.parts import Parts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ASSESSED
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.source_facts import read_source_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import read_server
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._report.allowed import keep_allowed

from ..migration.playbook import PlaybookRunner
from ..module_process import ModuleProcess
from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server
from ..statement_log import statements_during
from .content_states import MARIADB, MYSQL_56, MYSQL_97, NARROW, NARROW_PASSWORD, NARROW_USER, execute

A_DOZEN = 12
SCHEMA = Path(__file__).resolve().parents[3] / "roles/report/files/report.schema.json"
_PASSWORD = "a-Password-of-9"
_LOOKER = f"CREATE USER looker@'%' IDENTIFIED BY '{_PASSWORD}'"
_READING = "SELECT, PROCESS, REPLICATION CLIENT"
_GRANTS = {
    MARIADB: (
        *("CREATE ROLE readers", "GRANT SELECT, PROCESS, SLAVE MONITOR, BINLOG MONITOR ON *.* TO readers", _LOOKER),
        *("GRANT readers TO looker@'%'", "SET DEFAULT ROLE readers FOR looker@'%'"),
    ),
    MYSQL_56: (_LOOKER, f"GRANT {_READING} ON *.* TO looker@'%'"),
    MYSQL_97: (
        *("CREATE ROLE readers", f"GRANT {_READING}, SHOW_ROUTINE ON *.* TO readers", _LOOKER),
        *("GRANT readers TO looker@'%'", "SET DEFAULT ROLE readers TO looker@'%'"),
    ),
}
_BACKUP = (
    f"CREATE USER keeper@localhost IDENTIFIED BY '{_PASSWORD}'",
    "GRANT RELOAD, LOCK TABLES, PROCESS, REPLICATION CLIENT ON *.* TO keeper@localhost",
)
_BACKUP_BY_ROLE = {MYSQL_97: ("GRANT readers TO keeper@localhost", "SET DEFAULT ROLE readers TO keeper@localhost")}
# Names that the server has to decode, where InnoDB has those of files.
_TABLES = ("CREATE DATABASE `größe`", "CREATE TABLE `größe`.`maße` (a INT) ENGINE=InnoDB")
# Its clocks change in the same nights as those of Beirut, at another hour.
_NEARLY_ALIKE = "Europe/Chisinau"
KINDS = [MARIADB, MYSQL_56, MYSQL_97]
_ANOTHER = pytest.mark.thorough("the same on the newest server, which has roles")


class _Costly(NamedTuple):
    kind: str
    server: DatabaseServer


@pytest.fixture(
    scope="module",
    params=[pytest.param(MARIADB, marks=_ANOTHER), pytest.param(MYSQL_56, marks=_ANOTHER), MYSQL_97],
)
def costly(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Costly]:
    """A server that costs most: with a binary log, in a zone that is nearly another one, with an account of a role that
    asks, and another one for the backup, of a role, too."""
    kind, home = request.param, tmp_path_factory.mktemp("costly")
    env, binlog = {"TZ": _NEARLY_ALIKE}, ["--log-bin=binlog"]
    started = (
        mariadb_server(home, env=env) if kind == MARIADB else mysql_server(home, kind, server_args=binlog, env=env)
    )
    with started as server:
        execute(server, (*_GRANTS[kind], *_BACKUP, *_BACKUP_BY_ROLE.get(kind, ()), *_TABLES, NARROW_USER))
        yield _Costly(kind, server)


def test_a_run_of_the_role_makes_a_dozen_statements_at_most(costly: _Costly, tmp_path: Path, generation: Any) -> None:
    """As the server counts them: with what opens sessions, and with the look at the host, which asks on its own."""
    made, assessed = _run_role(costly.server, tmp_path, generation, "looker", _PASSWORD)
    assert len(made) <= A_DOZEN, made
    # The two others are those of the look at the host.
    assert assessed["queries"] == len(made) - 2
    reasons = {check["id"]: check["reason"] for check in assessed["not_checked"]}
    assert "source.missing_privileges" not in reasons and "source.time_zone" not in reasons
    assert "host.datadir_unreadable" not in reasons
    assert assessed["source"]["schemas"] == 1
    seen = {finding["id"]: finding for finding in assessed["findings"]}
    assert _NEARLY_ALIKE in seen["source.time_zone"]["seen"]
    assert seen["source.no_primary_key"]["objects"] == ["größe.maße"]


def test_what_a_narrow_account_may_not_read_is_not_asked_for(costly: _Costly, tmp_path: Path, generation: Any) -> None:
    made, assessed = _run_role(costly.server, tmp_path, generation, NARROW, NARROW_PASSWORD)
    assert len(made) <= A_DOZEN, made
    reasons = {check["id"]: check["reason"] for check in assessed["not_checked"]}
    assert reasons["source.missing_privileges"].startswith("SELECT is not granted on mysql.")
    assert reasons["source.no_primary_key"].startswith("PROCESS is not granted.")
    assert "source.myisam" not in reasons and "source.time_zone" not in reasons


def test_all_is_known_by_a_dozen_queries(costly: _Costly, generation: Any) -> None:
    login = costly.server.login("looker", _PASSWORD)
    facts, queries = _counted(login, Wanted(backup_user="keeper"))
    assessed = _assess(login, generation)
    assert facts.tables is not None and not facts.tables.unknown.keys() - {"row_versions"}
    assert facts.content is not None and not facts.content.unknown
    assert facts.content.zone is not None and facts.content.zone.name == _NEARLY_ALIKE
    assert facts.content.schemas == ("größe",) and facts.content.accounts and facts.content.binlog_filter is not None
    assert facts.content.backup is not None and facts.content.backup.rights is not None
    assert facts.content.backup.name == AccountName("keeper", "localhost")
    assert facts.content.backup.rights.has("SELECT") == (costly.kind == MYSQL_97)
    # One query less where the look at the host has asked for the settings.
    assert queries <= A_DOZEN
    # Where the account of the backup is its own, its rights are known.
    assert assessed["queries"] == queries - 1
    assert assessed["verdict"]["way"] == "logical"
    version = assessed["source"]["version_number"]
    assert version.startswith({MARIADB: "10.", MYSQL_56: "5.6.", MYSQL_97: "9.7."}[costly.kind])
    # the report shows all that is written, and nothing else is
    schema = json.loads(SCHEMA.read_text())
    known = {**schema["$defs"]["assessment"], "$defs": schema["$defs"]}
    jsonschema.validate(assessed, known)
    assert keep_allowed(assessed, known, schema) == assessed


@pytest.mark.parametrize("kind", KINDS)
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
        content = _counted(server.login("looker", _PASSWORD), Wanted())[0].content
    assert content is not None
    assert content.functions == () and content.variables and content.schemas is not None
    refused = {"accounts", "backup", "servers", "changes_in_mysql", "proxies", "zone_names"}
    refused |= {"components", "dynamic", "keyring"} if kind == MYSQL_97 else set()
    assert content.unknown.keys() == refused
    for name in refused - {"keyring"}:
        assert content.unknown[name].startswith("SELECT is not granted on mysql.")
        assert content.unknown[name].endswith("GRANT SELECT ON mysql.* to the account that reads.")
    if kind == MYSQL_97:
        assert "GRANT SELECT ON performance_schema.keyring_component_status" in content.unknown["keyring"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_asked_for_the_host_is_not_asked_again(kind: str, tmp_path: Path) -> None:
    """And it is the same."""
    with mariadb_server(tmp_path) if kind == MARIADB else mysql_server(tmp_path, kind) as server:
        execute(server, ["SET GLOBAL init_connect = 'SET @key = \"of the application\"'"])
        with connect(server.login()) as connection:
            told = read_server(connection, sizes=False, names=ASSESSED)
            before = connection.statements
            handed = read_source_facts(connection, Wanted(), told, Parts({}))
            handed_in = connection.statements - before
            asked = read_source_facts(connection, Wanted(), {}, Parts({}))
            assert connection.statements - before == 2 * handed_in + 1
    assert handed.server == asked.server
    assert handed.server.variables["init_connect"] == "SET @key = '***'"


def _run_role(
    server: DatabaseServer, home: Path, generation: Any, user: str, password: str
) -> tuple[list[bytes], dict[str, Any]]:
    """The statements that playbook ``assess`` makes on a source, and the assessment. Nobody asks AWS anything."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "migration_work_dir": str(home / "work"),
        "migration_source_login_host": server.host,
        "migration_source_login_port": server.port,
        "migration_source_login_user": user,
        "migration_source_login_password": password,
        "backup_login_user": "keeper",
        "assess_aws": False,
        "assess_fail_on": "never",
        "report_dir": str(home / "pages"),
    }
    inventory = home / "inventory.yml"
    inventory.write_text(json.dumps({"mysql_sources": {"hosts": {"shop": {}}, "vars": variables}}), encoding="utf-8")
    run = PlaybookRunner(generation.environment(), generation.playbook, inventory, home)
    with connect(server.login()) as administrator:
        made = statements_during(administrator, lambda: run("assess").succeeded())
    pages = json.loads((home / "pages" / "shop.json").read_text(encoding="utf-8"))
    return made, pages["record"]["assessment"]


def _counted(login: dict[str, Any], wanted: Wanted) -> tuple[Facts, int]:
    """The facts of a server, and how many statements they took."""
    with connect(login) as connection:
        facts = collect(connection, None, {}, wanted, {}, {}).facts
        return facts, connection.statements


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
        assert connection.statements - before == 1
        whole = read_server(connection)
    assert whole.keys() - told.keys() == {"schemas", "data_bytes", "tables"}
    assert Path(told["variables"]["datadir"]) == server.datadir
    # What the record keeps, and a log shows.
    assert told["variables"]["init_connect"] == "SET NAMES \"utf8\", @key = '***'"
