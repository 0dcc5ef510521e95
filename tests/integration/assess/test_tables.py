# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables and variables of real servers that are brought into a bad state by statements."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import table_queries as queries
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted

from ..servers import DatabaseServer
from .content_states import AURORA_2, MARIADB, MYSQL_56, MYSQL_97, running
from .layout_states import LayoutCase, execute, facts_of, look, prove


def _engine(check_id: str, server: str, engine: str) -> LayoutCase:
    return LayoutCase(check_id, server, (f"CREATE TABLE t (a INT NOT NULL) ENGINE={engine}",), ("shop.t",))


_KEYED = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40))"

CASES = [
    *(_engine("source.myisam_tables", server, "MyISAM") for server in (MARIADB, MYSQL_56, MYSQL_97)),
    *(_engine("source.memory_tables", server, "MEMORY") for server in (MARIADB, MYSQL_56, MYSQL_97)),
    *(_engine("source.engines_unsupported", server, "CSV") for server in (MARIADB, MYSQL_56, MYSQL_97)),
    _engine("source.engines_unsupported", MYSQL_97, "ARCHIVE"),
    _engine("source.engines_without_data", MYSQL_97, "BLACKHOLE"),
    _engine("source.engines_not_copied", MARIADB, "Aria"),
    *(
        # A unique key without NULL does what a primary one does, and a sequence is a table to InnoDB alone.
        LayoutCase(
            "source.no_primary_key",
            server,
            (
                *("CREATE TABLE `a-b` (a INT UNIQUE)", _KEYED, "CREATE TABLE u (a INT NOT NULL UNIQUE)"),
                *(("CREATE SEQUENCE s",) if server == MARIADB else ()),
            ),
            ("shop.a-b",),
        )
        for server in (MARIADB, MYSQL_56, MYSQL_97)
    ),
    # InnoDB takes neither a column that is not stored nor an expression for the primary key.
    LayoutCase(
        "source.no_primary_key",
        MYSQL_97,
        (
            "CREATE TABLE computed (a INT NOT NULL, UNIQUE ((COALESCE(a, 0))))",
            "CREATE TABLE partly (a INT NOT NULL, UNIQUE (a, (COALESCE(a, 0))))",
            "CREATE TABLE shown (a INT, b INT AS (COALESCE(a, 0)) VIRTUAL NOT NULL, UNIQUE (b))",
            "CREATE TABLE kept (a INT, b INT AS (COALESCE(a, 0)) STORED NOT NULL, UNIQUE (b))",
            "CREATE TABLE both_of_them (a INT NOT NULL, UNIQUE ((COALESCE(a, 0))), UNIQUE (a))",
        ),
        ("shop.computed", "shop.partly", "shop.shown"),
    ),
    *(
        LayoutCase(
            "source.tables_in_mysql",
            server,
            ("CREATE TABLE mysql.ours (a INT)",),
            ("mysql.ours",),
            undo=("DROP TABLE mysql.ours",),
        )
        for server in (MARIADB, MYSQL_56, MYSQL_97)
    ),
    LayoutCase("source.reserved_schemas", MYSQL_97, ("CREATE DATABASE tmp",), ("tmp",), undo=("DROP DATABASE tmp",)),
    LayoutCase("source.sequences", MARIADB, ("CREATE SEQUENCE s",), ("shop.s",), "There is 1 sequence."),
    LayoutCase("source.system_versioned", MARIADB, (f"{_KEYED} WITH SYSTEM VERSIONING",), ("shop.t",)),
    LayoutCase(
        "source.collations_unknown",
        MARIADB,
        (f"{_KEYED} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_nopad_ci",),
        ("utf8mb4_unicode_520_nopad_ci (1)",),
    ),
    LayoutCase(
        "source.collations_unknown",
        MARIADB,
        (f"{_KEYED} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_nopad_ci",),
        wanted=Wanted(allow_mariadb=True),
        severity="note",
    ),
    LayoutCase("source.collations_unknown", MYSQL_97, (_KEYED,), ("utf8mb4_0900_ai_ci (1)",), engine=AURORA_2),
    *(
        LayoutCase("source.utf8mb3", server, (f"{_KEYED} CHARACTER SET utf8",), text="1 table")
        for server in (MARIADB, MYSQL_56, MYSQL_97)
    ),
    LayoutCase(
        "source.init_connect",
        MYSQL_97,
        ("SET GLOBAL init_connect = 'SET @a = \"of the application\", @b = 1'",),
        text="init_connect is SET @a = '***', @b = 1.",
        undo=("SET GLOBAL init_connect = ''",),
    ),
    LayoutCase(
        "source.lower_case_table_names",
        MYSQL_97,
        text="is to get 1",
        wanted=Wanted(cluster_parameters={"lower_case_table_names": "1"}),
    ),
    LayoutCase(
        "source.parameters_changed",
        MYSQL_56,
        ("SET GLOBAL sql_mode = 'NO_AUTO_CREATE_USER,STRICT_ALL_TABLES'",),
        undo=("SET GLOBAL sql_mode = 'STRICT_ALL_TABLES'",),
    ),
    LayoutCase(
        "source.row_format_compressed",
        MYSQL_97,
        # The server says Compressed of every table of ARCHIVE.
        ("CREATE TABLE a (id INT) ENGINE=ARCHIVE", f"{_KEYED} ROW_FORMAT=COMPRESSED"),
        ("shop.t",),
    ),
    LayoutCase("source.row_format_compressed", MARIADB, (f"{_KEYED} ROW_FORMAT=COMPRESSED",), ("shop.t",)),
    LayoutCase("source.page_compression", MYSQL_97, (f"{_KEYED} COMPRESSION='zlib'",), ("shop.t",)),
    LayoutCase("source.page_compression", MARIADB, (f"{_KEYED} PAGE_COMPRESSED=1",), ("shop.t",)),
    LayoutCase(
        "source.general_tablespaces",
        MYSQL_97,
        ("CREATE TABLESPACE wide ADD DATAFILE 'wide.ibd'",),
        ("wide",),
        "There is 1 general tablespace.",
        undo=("DROP TABLESPACE wide",),
    ),
    LayoutCase(
        "source.encryption_by_default",
        MYSQL_97,
        ("SET GLOBAL default_table_encryption = ON",),
        undo=("SET GLOBAL default_table_encryption = OFF",),
    ),
    LayoutCase(
        "source.encryption_by_default",
        MYSQL_97,
        ("ALTER DATABASE shop DEFAULT ENCRYPTION = 'Y'",),
        ("shop",),
        text="1 schema has DEFAULT ENCRYPTION='Y'.",
    ),
]
# every server has settings that stay behind, so that none is quiet
FIRED = ("source.parameters_left", "source.broken_tables", "source.old_names")
NOT_FIRED_FOR_REAL = {
    "source.row_versions": "only MySQL 8.0.29 to 8.0.31 are refused, and such a server is not to be had here",
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """Servers of each kind that a case names."""
    with running(tmp_path_factory, MARIADB, MYSQL_97, MYSQL_56) as started:
        yield started


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_fires(case: LayoutCase, servers: dict[str, DatabaseServer]) -> None:
    prove(case, servers[case.server])


@pytest.mark.parametrize("server", [MARIADB, MYSQL_56, MYSQL_97])
def test_settings_that_stay_behind_are_named(server: str, servers: dict[str, DatabaseServer]) -> None:
    seen = look("source.parameters_left", facts_of(servers[server]))
    assert seen is not None
    assert any(name.startswith("time_zone: ") for name in seen.objects.names)


@pytest.mark.parametrize("kind", [MARIADB, MYSQL_56, MYSQL_97])
def test_the_largest_is_nothing_of_the_server_s_own(kind: str, servers: dict[str, DatabaseServer]) -> None:
    tables = facts_of(servers[kind]).tables
    assert tables is not None
    assert tables.data_bytes is not None
    assert tables.largest.bytes <= tables.data_bytes
    if kind != MYSQL_56:
        # which tells no file of the system's
        assert tables.data_bytes >= (servers[kind].datadir / "ibdata1").stat().st_size
    assert tables.largest.name not in ("mysql", "innodb_temporary")


@pytest.mark.parametrize("kind", [MARIADB, MYSQL_56, MYSQL_97])
def test_names_are_those_of_statements_and_not_of_files(kind: str, servers: dict[str, DatabaseServer]) -> None:
    tables = ("größe", "Ж", "a-b", "語", "a@002db")
    made = [f"CREATE TABLE `my.db`.`{name}` (a INT, b TEXT, FULLTEXT (b)) ENGINE=InnoDB" for name in tables]
    made.append("CREATE TABLE `my.db`.`not of InnoDB` (a INT, b TEXT, FULLTEXT (b)) ENGINE=MyISAM")
    parts = "CREATE TABLE `my.db`.`größe in teilen` (a INT) ENGINE=InnoDB PARTITION BY HASH (a) PARTITIONS 3"
    try:
        execute(servers[kind], ["CREATE DATABASE `my.db`", *made, parts])
        facts = facts_of(servers[kind])
        assert facts.tables is not None
        named = {f"my.db.{name}" for name in tables}
        assert set(facts.tables.of(queries.FULLTEXT).names) == named
        keyless = facts.tables.of(queries.NO_PRIMARY_KEY)
        assert set(keyless.names) == {*named, "my.db.größe in teilen"} and keyless.count == len(tables) + 1
        assert keyless.first[0] == "my.db" and keyless.first[1] in (*tables, "größe in teilen")
        assert {*named, "my.db.größe in teilen"} <= {table.name for table in facts.tables.largest_tables}
    finally:
        execute(servers[kind], ["DROP DATABASE `my.db`", "DROP DATABASE shop"])


@pytest.mark.parametrize("kind", [MARIADB, MYSQL_56, MYSQL_97])
def test_a_statement_can_be_run(kind: str, servers: dict[str, DatabaseServer]) -> None:
    """In a schema whose name has a dot."""
    engines = ["MyISAM", "BLACKHOLE"] if kind == MYSQL_97 else ["MyISAM"]
    made = [f"CREATE TABLE `my.db`.`größe {engine}` (a INT) ENGINE={engine}" for engine in engines]
    compressed = "CREATE TABLE `my.db`.`dicht` (a INT) ENGINE=InnoDB PAGE_COMPRESSED=1"
    try:
        execute(servers[kind], ["CREATE DATABASE `my.db`", *made, *([compressed] if kind == MARIADB else [])])
        checks = ("source.myisam_tables", "source.engines_without_data", "source.page_compression")
        seen = [found for found in (look(check, facts_of(servers[kind])) for check in checks) if found]
        assert len(seen) == len(engines) + (kind == MARIADB)
        execute(servers[kind], [found.statement for found in seen])
        assert not any(look(check, facts_of(servers[kind])) for check in checks)
    finally:
        execute(servers[kind], ["DROP DATABASE `my.db`", "DROP DATABASE shop"])


@pytest.mark.parametrize("kind", [MARIADB, MYSQL_56])
def test_files_and_directories_named_as_before_5_1_are_seen(kind: str, servers: dict[str, DatabaseServer]) -> None:
    server = servers[kind]
    shop, old = server.datadir / "shop", server.datadir / "c-d"
    execute(server, ["CREATE TABLE m (id INT PRIMARY KEY) ENGINE=MyISAM"])
    assert look("source.old_names", facts_of(server)) is None
    try:
        old.mkdir()
        for ending in ("frm", "MYD", "MYI"):
            for place in (shop / "a-b", old / "m"):
                shutil.copy(shop / f"m.{ending}", f"{place}.{ending}")
        seen = look("source.old_names", facts_of(server))
        assert seen is not None
        assert sorted(seen.objects.names) == ["#mysql50#c-d.m", "shop.#mysql50#a-b"]
        execute(server, [seen.statement])
        seen = look("source.old_names", facts_of(server))
        assert seen is not None and seen.objects.count == 1
        execute(server, [seen.statement])
        assert look("source.old_names", facts_of(server)) is None
    finally:
        shutil.rmtree(old, ignore_errors=True)
        execute(server, ["DROP DATABASE shop", "DROP DATABASE IF EXISTS `c-d`"])


def test_a_damaged_table_is_seen(servers: dict[str, DatabaseServer]) -> None:
    """Of MariaDB; MySQL 5.6 leaves a table whose .frm file it cannot read out of information_schema."""
    server = servers[MARIADB]
    execute(server, [_KEYED])
    damaged = server.datadir / "shop" / "damaged.frm"
    try:
        assert look("source.broken_tables", facts_of(server)) is None
        damaged.write_bytes(b"no table at all" * 50)
        seen = look("source.broken_tables", facts_of(server))
    finally:
        damaged.unlink(missing_ok=True)
        execute(server, ["DROP DATABASE shop"])
    assert seen is not None
    assert seen.objects.names == ("shop.damaged",)
