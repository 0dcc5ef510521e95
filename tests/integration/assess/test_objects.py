# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stored objects of real servers, as checks see them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_definers, checks_objects
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import content_code as trait
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted

from ..servers import DatabaseServer
from .content_states import (
    AURORA_2,
    MARIADB,
    MYSQL_56,
    MYSQL_97,
    NARROW,
    NARROW_USER,
    ContentCase,
    execute,
    prove,
    read,
    running,
)

CHECKS = (*checks_definers.CHECKS, *checks_objects.CHECKS)
ALL = (MARIADB, MYSQL_97, MYSQL_56)
SHOP = ("CREATE DATABASE shop", "CREATE TABLE shop.orders (id INT PRIMARY KEY)")
NO_SHOP = ("DROP DATABASE shop",)
APP = "CREATE USER app@localhost IDENTIFIED BY 'Of the tests 1'"
NO_APP = "DROP USER app@localhost"
BINLOG = Wanted(cluster_parameters={"binlog_format": "ROW"})


def _in_shop(
    check_id: str, server: str, *statements: str, undo: tuple[str, ...] = (), account: bool = False, **more: object
) -> ContentCase:
    """A case whose bad state is made in schema shop."""
    bad = (*((APP,) if account else ()), *SHOP, *statements)
    return ContentCase(check_id, server, bad, (*NO_SHOP, *((NO_APP,) if account else ()), *undo), **more)  # type: ignore[arg-type]


CASES = [
    *(
        _in_shop(
            "source.orphan_definers",
            server,
            "CREATE DEFINER = gone@localhost VIEW shop.v AS SELECT 1 AS one",
            names=("view shop.v (gone@localhost)",),
        )
        for server in ALL
    ),
    _in_shop(
        "source.broken_views",
        MYSQL_97,
        "CREATE TABLE shop.passing (id INT PRIMARY KEY)",
        "CREATE VIEW shop.v AS SELECT id FROM shop.passing",
        "CREATE VIEW shop.over AS SELECT id FROM shop.v",
        "CREATE VIEW shop.sound AS SELECT id FROM shop.orders",
        # That its definer is missing is said by itself.
        "CREATE DEFINER = gone@localhost VIEW shop.orphan AS SELECT id FROM shop.passing",
        "DROP TABLE shop.passing",
        names=("view shop.v", "view shop.over"),
    ),
    *(
        _in_shop(
            "source.reserved_definers",
            server,
            "CREATE DEFINER = rdsadmin@localhost PROCEDURE shop.p() SELECT 1",
            names=("procedure shop.p (rdsadmin@localhost)",),
        )
        for server in ALL
    ),
    *(
        _in_shop(
            "source.definers_redefined",
            server,
            "CREATE TRIGGER shop.t BEFORE INSERT ON shop.orders FOR EACH ROW SET NEW.id = NEW.id + 1",
            names=("trigger shop.t (root@localhost)",),
        )
        for server in ALL
    ),
    _in_shop(
        "source.definers_refused",
        MYSQL_56,
        "CREATE DEFINER = app@localhost VIEW shop.v AS SELECT 1 AS one",
        account=True,
        engine=AURORA_2,
        names=("view shop.v (app@localhost)",),
    ),
    *(
        _in_shop(
            "source.code_uses_files",
            server,
            "CREATE PROCEDURE shop.export() SELECT id FROM shop.orders into  outfile '/tmp/orders'",
            "CREATE VIEW shop.v AS SELECT Load_File('/etc/hosts') AS hosts",
            "CREATE PROCEDURE shop.loads_filed() SELECT 'load', 'filed'",
            names=("procedure shop.export", "view shop.v"),
        )
        for server in ALL
    ),
    *(
        _in_shop(
            "source.code_administers",
            server,
            "CREATE PROCEDURE shop.tune() set global max_connections = 200",
            "CREATE EVENT shop.e ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DO KILL QUERY 1",
            names=("procedure shop.tune", "event shop.e"),
        )
        for server in ALL
    ),
    *(
        _in_shop(
            "source.code_uses_mysql_schema",
            server,
            "CREATE PROCEDURE shop.users() SELECT User FROM mysql.user",
            "CREATE PROCEDURE shop.quoted() SELECT User FROM mysql.`user`",
            "CREATE PROCEDURE shop.rotate() TRUNCATE TABLE mysql . slow_log",
            "CREATE VIEW shop.users AS SELECT User FROM mysql.user",
            names=("procedure shop.users", "procedure shop.quoted", "procedure shop.rotate", "view shop.users"),
        )
        for server in ALL
    ),
    ContentCase(
        "source.code_in_mysql_schema",
        MARIADB,
        ("CREATE PROCEDURE mysql.rotate() SELECT 1",),
        ("DROP PROCEDURE mysql.rotate",),
        names=("procedure mysql.rotate",),
    ),
    *(
        ContentCase(
            "source.code_in_mysql_schema",
            server,
            ("CREATE VIEW mysql.ours AS SELECT 1 AS one",),
            ("DROP VIEW mysql.ours",),
            names=("view mysql.ours",),
        )
        for server in ALL
    ),
    *(
        _in_shop(
            "source.events",
            server,
            "CREATE EVENT shop.e ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DO DO 1",
            "CREATE EVENT shop.off ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DISABLE DO DO 1",
            names=("event shop.e",),
        )
        for server in ALL
    ),
    *(
        _in_shop(
            "source.events_disabled_on_replica",
            server,
            f"CREATE EVENT shop.e ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DISABLE ON {replica} DO DO 1",
            "CREATE EVENT shop.off ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DISABLE DO DO 1",
            names=("event shop.e",),
        )
        for server, replica in ((MARIADB, "SLAVE"), (MYSQL_97, "REPLICA"), (MYSQL_56, "SLAVE"))
    ),
    _in_shop(
        "source.function_creators",
        MYSQL_97,
        "SET GLOBAL log_bin_trust_function_creators = OFF",
        "CREATE FUNCTION shop.f() RETURNS INT RETURN RAND()",
        "CREATE FUNCTION shop.g() RETURNS INT DETERMINISTIC RETURN 1",
        "CREATE TRIGGER shop.t BEFORE INSERT ON shop.orders FOR EACH ROW SET NEW.id = 1",
        wanted=BINLOG,
        names=("function shop.f", "trigger shop.t"),
    ),
    _in_shop(
        "source.code_sql_modes",
        MYSQL_56,
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_CREATE_USER'",
        "CREATE PROCEDURE shop.p() SELECT 1",
        text="NO_AUTO_CREATE_USER (1)",
        names=("procedure shop.p",),
    ),
    _in_shop(
        "source.code_not_portable",
        MARIADB,
        "SET SESSION sql_mode = 'ORACLE'",
        "CREATE PACKAGE shop.pack AS FUNCTION one RETURN INT; END",
        names=("package shop.pack (written in Oracle mode)",),
    ),
    *(
        _in_shop(
            "source.code_unseen",
            server,
            "CREATE PROCEDURE shop.p() SELECT 1",
            NARROW_USER,
            f"GRANT EXECUTE ON shop.* TO {NARROW}@'%'",
            undo=(f"DROP USER {NARROW}@'%'",),
            narrow=True,
            names=("procedure shop.p",),
        )
        for server in ALL
    ),
    ContentCase(
        "source.loadable_functions",
        MYSQL_97,
        ("CREATE FUNCTION service_get_read_locks RETURNS INTEGER SONAME 'locking_service.so'",),
        ("DROP FUNCTION service_get_read_locks",),
        names=("service_get_read_locks (locking_service.so)",),
    ),
    *(
        ContentCase(
            "source.foreign_servers",
            server,
            ("CREATE SERVER erp FOREIGN DATA WRAPPER mysql OPTIONS (HOST '192.0.2.1', DATABASE 'erp')",),
            ("DROP SERVER erp",),
            names=("erp (mysql)",),
        )
        for server in ALL
    ),
]
NOT_FIRED_FOR_REAL: dict[str, str] = {}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """Servers of each kind that a case names."""
    with running(tmp_path_factory, *ALL) as started:
        yield started


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_fires(case: ContentCase, servers: dict[str, DatabaseServer]) -> None:
    prove(CHECKS, case, servers[case.server])


def test_every_check_fires_for_real() -> None:
    assert {case.check_id for case in CASES} | set(NOT_FIRED_FOR_REAL) == {check.id for check in CHECKS}


@pytest.mark.parametrize("server", ALL)
def test_words_that_only_look_alike_do_not_count(server: str, servers: dict[str, DatabaseServer]) -> None:
    harmless = (
        "CREATE PROCEDURE shop.a() SELECT 'loadXfile', 'globally set', 'skill', 'time zones'",
        "CREATE PROCEDURE shop.c() SELECT 'www.mysql.com', 'mysql.users' FROM notmysql.user",
        "CREATE VIEW shop.b AS SELECT id AS mysqlx FROM shop.orders",
    )
    execute(servers[server], [*SHOP, *harmless])
    try:
        objects = [one for one in read(servers[server]).code or () if one.schema == "shop"]
    finally:
        execute(servers[server], NO_SHOP)
    assert [(one.name, one.traits) for one in objects] == [("a", 0), ("c", 0), ("b", 0)]


def test_the_language_of_code_is_told(servers: dict[str, DatabaseServer]) -> None:
    javascript = "CREATE FUNCTION shop.js(a INT) RETURNS INT DETERMINISTIC LANGUAGE JAVASCRIPT AS $$ return a $$"
    execute(servers[MYSQL_97], [*SHOP, javascript])
    try:
        objects = read(servers[MYSQL_97]).code or ()
    finally:
        execute(servers[MYSQL_97], NO_SHOP)
    assert [(one.name, one.language, one.has(trait.UNSEEN)) for one in objects] == [("js", "JAVASCRIPT", False)]
