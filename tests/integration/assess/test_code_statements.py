# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Administrative statements in stored code of real servers, each of which has another engine of regular expressions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import content_code as trait

from ..servers import DatabaseServer
from .content_states import MARIADB, MYSQL_56, MYSQL_97, execute, read, running

ALL = (MARIADB, MYSQL_56, MYSQL_97)
EVERYWHERE = (
    "KILL 5",
    "kill\t \n 5",
    "KILL CONNECTION 5",
    "KILL\nQUERY\t5",
    "KILL (5)",
    "BEGIN DECLARE v INT DEFAULT 5; IF v > 4 THEN KILL v; END IF; END",
    "BEGIN DECLARE v INT DEFAULT 5; /* out */\nKILL   v ; END",
    "BEGIN SET @s = CONCAT('KILL ', 5); PREPARE s FROM @s; EXECUTE s; END",
    "BEGIN SET @s = 'KILL ?'; END",
    "SET GLOBAL max_connections = 200",
    "SET\n\tGLOBAL\n max_connections = 200",
    "SET @@GLOBAL.max_connections = 200",
    "SET   @@global.max_connections = 200",
    "SET @a = 1, GLOBAL max_connections = 200",
    "SET @a = 1,\n @@global.max_connections := 200",
    "SET SESSION sql_log_bin = 0",
    "PURGE  BINARY\nLOGS TO 'binlog.000001'",
    "SELECT 'STOP  SLAVE', 'nothing else'",
    "INSTALL\nPLUGIN p SONAME 'p.so'",
    "UNINSTALL  PLUGIN p",
)
BEFORE_84 = (
    "PURGE MASTER LOGS TO 'binlog.000001'",
    "CHANGE\nMASTER TO MASTER_HOST = '192.0.2.1'",
    "RESET  MASTER",
    "RESET\tSLAVE",
    "STOP\nSLAVE",
    "START  SLAVE",
)
FROM_80 = (
    "SET PERSIST max_connections = 200",
    "SET  PERSIST_ONLY\nmax_connections = 200",
    "SET @@PERSIST.max_connections = 200",
    "SET @@persist_only.max_connections = 200",
    "SET @a = 1, PERSIST max_connections = 200",
    "CHANGE  REPLICATION\nSOURCE TO SOURCE_HOST = '192.0.2.1'",
    "CHANGE REPLICATION FILTER REPLICATE_DO_DB = (shop)",
    "RESET  REPLICA",
    "RESET BINARY  LOGS AND GTIDS",
    "RESET PERSIST",
    "STOP\nREPLICA",
    "START REPLICA",
    "STOP  GROUP_REPLICATION",
    "INSTALL  COMPONENT 'file://component_query_attributes'",
)
STATEMENTS = {
    MARIADB: (*EVERYWHERE, *BEFORE_84),
    MYSQL_56: (*EVERYWHERE, *BEFORE_84),
    MYSQL_97: (*EVERYWHERE, *FROM_80),
}
HARMLESS = (
    "SELECT 'Kill the process', 'kill it softly', 'a skill; or two', 'to kill'",
    "SELECT 1 AS skill /* overkill 5 */ ORDER BY skill DESC",
    "BEGIN\n-- Do not kill  anybody here\nSELECT 1; END",
    "SELECT @@GLOBAL.max_connections",
    "SELECT 1, @@global.max_connections FROM DUAL WHERE 1 = 1",
    "SET @a = @@GLOBAL.max_connections, @b = @@global.server_id",
    "UPDATE shop.counters SET `global` = 1, `persist` = 2",
    "UPDATE shop.counters SET global = 1, persist = 2",
    "SET @reset = 1, @master = 2",
    "SELECT 'presetting masters', 'change mastery', 'stop slavery', 'a changed master'",
)
PADDING = "x" * 100


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """A server of each engine."""
    with running(tmp_path_factory, *ALL) as started:
        yield started


def _found(server: DatabaseServer, bodies: tuple[str, ...]) -> set[str]:
    """The bodies of procedures that are seen as administration."""
    names = {f"p{number:03d}": body for number, body in enumerate(bodies)}
    try:
        execute(server, ["CREATE DATABASE shop", "CREATE TABLE shop.counters (`global` INT, `persist` INT)"])
        execute(server, [f"CREATE PROCEDURE shop.{name}() {body}" for name, body in names.items()])
        code = read(server).code
    finally:
        execute(server, ["DROP DATABASE shop"])
    assert code is not None
    return {names[one.name] for one in code if one.schema == "shop" and one.has(trait.ADMINISTRATION)}


@pytest.mark.parametrize("kind", ALL)
def test_each_statement_is_found(kind: str, servers: dict[str, DatabaseServer]) -> None:
    assert set(STATEMENTS[kind]) - _found(servers[kind], STATEMENTS[kind]) == set()


@pytest.mark.parametrize("kind", ALL)
def test_words_that_are_no_statement_do_not_count(kind: str, servers: dict[str, DatabaseServer]) -> None:
    assert _found(servers[kind], HARMLESS) == set()


@pytest.mark.parametrize("kind", ALL)
def test_a_long_text_does_not_tire_the_engine(kind: str, servers: dict[str, DatabaseServer]) -> None:
    """MySQL 8.0 and later give an expression so many steps (regexp_time_limit), and fail the query after that."""
    lines = "".join(
        f"SET @a{number} = 1, @kill{number} = 'SET,  kill, reset,  change, stop, install, {PADDING}';\n"
        for number in range(3000)
    )
    quiet, busy = f"BEGIN {lines} SELECT @@GLOBAL.server_id; END", f"BEGIN {lines} KILL 5; END"
    assert len(quiet) > 500_000
    assert _found(servers[kind], (quiet, busy)) == {busy}
