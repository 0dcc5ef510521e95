# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading stored objects from the catalogue of MySQL 5.5.

No server of 5.5 ran for this. Its tables have the columns that the MySQL 5.5 Reference Manual, "INFORMATION_SCHEMA
Tables", documents, as tables of SQLite, where a query that names another column fails. Versions from 5.6 on have their
tests against real servers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import Key, Selection
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_read import Text, read_inventory

CREATION = "CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION"
TABLES = {
    "information_schema.SCHEMATA": "CATALOG_NAME, SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, "
    "SQL_PATH",
    # DATETIME_PRECISION came with 5.6.
    "information_schema.ROUTINES": "SPECIFIC_NAME, ROUTINE_CATALOG, ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, "
    "DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, "
    "CHARACTER_SET_NAME, COLLATION_NAME, DTD_IDENTIFIER, ROUTINE_BODY, ROUTINE_DEFINITION, EXTERNAL_NAME, "
    "EXTERNAL_LANGUAGE, PARAMETER_STYLE, IS_DETERMINISTIC, SQL_DATA_ACCESS, SQL_PATH, SECURITY_TYPE, CREATED, "
    f"LAST_ALTERED, SQL_MODE, ROUTINE_COMMENT, DEFINER, {CREATION}",
    "information_schema.VIEWS": "TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, IS_UPDATABLE, "
    "DEFINER, SECURITY_TYPE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION",
    "information_schema.TRIGGERS": "TRIGGER_CATALOG, TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_MANIPULATION, "
    "EVENT_OBJECT_CATALOG, EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, ACTION_ORDER, ACTION_CONDITION, ACTION_STATEMENT, "
    "ACTION_ORIENTATION, ACTION_TIMING, ACTION_REFERENCE_OLD_TABLE, ACTION_REFERENCE_NEW_TABLE, "
    f"ACTION_REFERENCE_OLD_ROW, ACTION_REFERENCE_NEW_ROW, CREATED, SQL_MODE, DEFINER, {CREATION}",
    "information_schema.EVENTS": "EVENT_CATALOG, EVENT_SCHEMA, EVENT_NAME, DEFINER, TIME_ZONE, EVENT_BODY, "
    "EVENT_DEFINITION, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, SQL_MODE, STARTS, ENDS, STATUS, "
    f"ON_COMPLETION, CREATED, LAST_ALTERED, LAST_EXECUTED, EVENT_COMMENT, ORIGINATOR, {CREATION}",
    "mysql.func": "name, ret, dl, type",
}
_CREATED = {
    "DEFINER": "app@%",
    "CHARACTER_SET_CLIENT": "utf8",
    "COLLATION_CONNECTION": "utf8_general_ci",
    "DATABASE_COLLATION": "latin1_swedish_ci",
    "SQL_MODE": "STRICT_TRANS_TABLES",
}
_ROUTINE = {
    **_CREATED,
    "ROUTINE_SCHEMA": "shop",
    "ROUTINE_BODY": "SQL",
    "IS_DETERMINISTIC": "YES",
    "SQL_DATA_ACCESS": "NO SQL",
    "SECURITY_TYPE": "INVOKER",
    "ROUTINE_COMMENT": "it's",
}
# A view has no mode and no collation of its schema.
_VIEW = {name: _CREATED[name] for name in ("DEFINER", "CHARACTER_SET_CLIENT", "COLLATION_CONNECTION")}
_EVENT = {
    **_CREATED,
    "EVENT_SCHEMA": "shop",
    "TIME_ZONE": "SYSTEM",
    "ON_COMPLETION": "NOT PRESERVE",
    "EVENT_COMMENT": "",
}
ROWS = [
    ("information_schema.SCHEMATA", {"SCHEMA_NAME": "shop"}),
    ("information_schema.ROUTINES", {**_ROUTINE, "ROUTINE_NAME": "f", "ROUTINE_TYPE": "FUNCTION"}),
    ("information_schema.ROUTINES", {**_ROUTINE, "ROUTINE_NAME": "p", "ROUTINE_TYPE": "PROCEDURE"}),
    (
        "information_schema.VIEWS",
        {**_VIEW, "TABLE_SCHEMA": "shop", "TABLE_NAME": "v", "SECURITY_TYPE": "DEFINER"},
    ),
    (
        "information_schema.TRIGGERS",
        # 5.5 knows one trigger for each moment, and no order.
        {
            **_CREATED,
            "TRIGGER_SCHEMA": "shop",
            "TRIGGER_NAME": "tr",
            "ACTION_TIMING": "BEFORE",
            "ACTION_ORDER": 0,
            "EVENT_MANIPULATION": "INSERT",
            "EVENT_OBJECT_TABLE": "t",
        },
    ),
    ("information_schema.EVENTS", {**_EVENT, "EVENT_NAME": "e", "STATUS": "ENABLED"}),
    ("information_schema.EVENTS", {**_EVENT, "EVENT_NAME": "r", "STATUS": "SLAVESIDE_DISABLED"}),
    ("information_schema.EVENTS", {**_EVENT, "EVENT_SCHEMA": "mysql", "EVENT_NAME": "nightly", "STATUS": "ENABLED"}),
    ("mysql.func", {"name": "myhash", "ret": 0, "dl": "myhash.so", "type": "function"}),
]
_CHARACTERISTICS = b"\n    NO SQL\n    DETERMINISTIC\n    SQL SECURITY INVOKER\n    COMMENT 'it''s'\n"
_DEFINER = b"CREATE DEFINER=`app`@`%` "
_AFTER = (b"utf8", b"utf8_general_ci", b"latin1_swedish_ci")
# The columns of SHOW CREATE in 5.5; that of a trigger has no time of its creation yet.
TEXTS: dict[Key, Text] = {
    Key("function", "shop", "f"): (
        *(b"f", b"STRICT_TRANS_TABLES"),
        _DEFINER + b"FUNCTION `f`(a INT) RETURNS varchar(9) CHARSET latin1" + _CHARACTERISTICS + b"RETURN 'x'",
        *_AFTER,
    ),
    Key("procedure", "shop", "p"): (
        *(b"p", b"STRICT_TRANS_TABLES"),
        _DEFINER + b"PROCEDURE `p`(IN a INT)" + _CHARACTERISTICS + b"SELECT a",
        *_AFTER,
    ),
    Key("view", "shop", "v"): (
        b"v",
        b"CREATE ALGORITHM=MERGE DEFINER=`app`@`%` SQL SECURITY DEFINER VIEW `v` AS select 1 AS `a`",
        *_AFTER[:2],
    ),
    Key("trigger", "shop", "tr"): (
        *(b"tr", b"STRICT_TRANS_TABLES"),
        _DEFINER + b"TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
        *_AFTER,
    ),
    **{
        Key("event", "shop", name): (
            *(name.encode(), b"STRICT_TRANS_TABLES", b"SYSTEM"),
            _DEFINER + b"EVENT `%s` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION NOT PRESERVE %s "
            b"DO SELECT 1" % (name.encode(), state),
            *_AFTER,
        )
        for name, state in (("e", b"ENABLE"), ("r", b"DISABLE ON SLAVE"))
    },
}


class Catalogue:
    """A connection to a server that has nothing but its catalogue; what SHOW CREATE prints is handed over beside."""

    server_version = "5.5.62-log"
    where = "the catalogue of 5.5"
    mariadb = False

    def __init__(self) -> None:
        self._driver = SimpleNamespace(use_unicode=True)
        self._tables = sqlite3.connect(":memory:")
        self._tables.row_factory = sqlite3.Row
        for schema in ("information_schema", "mysql"):
            self._tables.execute(f"ATTACH ':memory:' AS {schema}")
        for table, columns in TABLES.items():
            self._tables.execute(f"CREATE TABLE {table} ({columns})")

    def insert(self, table: str, row: dict[str, Any]) -> None:
        marks = ", ".join("?" * len(row))
        self._tables.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))

    def close(self) -> None:
        self._tables.close()

    def rows(self, sql: str, _args: object = None) -> list[dict[str, Any]]:
        if sql.startswith("SHOW GLOBAL VARIABLES"):
            return [{"Variable_name": "version", "Value": self.server_version}]
        if sql == "SHOW GRANTS":
            return [{"Grants": "GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION"}]
        return [dict(row) for row in self._tables.execute(sql)]

    def rows_of_each(self, queries: Sequence[str]) -> list[list[dict[str, Any]]]:
        return [self.rows(query) for query in queries]

    def execute(self, sql: str) -> None:
        assert sql.startswith("SET SESSION character_set_results")


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    made = Catalogue()
    for table, row in ROWS:
        made.insert(table, row)
    yield made
    made.close()


def test_mysql_five_five_is_read_by_the_same_code(catalogue: Catalogue) -> None:
    read = read_inventory(catalogue, Selection(), texts=TEXTS)
    assert (read.family, read.schemas) == ("mysql-5.5", ("shop",))
    found = {each.name: each for each in read.objects}
    assert {name: each.kind for name, each in found.items()} == {
        "f": "function",
        "p": "procedure",
        "v": "view",
        "tr": "trigger",
        "e": "event",
        "r": "event",
    }
    assert {each.definer for each in found.values()} == {"app@%"}
    assert {each.sql_mode for each in found.values() if each.kind != "view"} == {"STRICT_TRANS_TABLES"}
    assert (found["p"].security, found["p"].comment, found["p"].body) == ("INVOKER", "it's", "SELECT a")
    assert dict(found["f"].clauses) == {
        "parameters": "a INT",
        "returns": "varchar(9) CHARSET latin1",
        "deterministic": "YES",
        "data_access": "NO SQL",
        "aggregate": "NO",
    }
    assert (found["v"].clauses["algorithm"], found["v"].body) == ("MERGE", "select 1 AS `a`")
    assert dict(found["tr"].clauses) == {"timing": "BEFORE", "event": "INSERT", "table": "t", "follows": ""}
    assert found["tr"].body == "SET NEW.a = 1"
    assert dict(found["e"].clauses) == {
        "schedule": "EVERY 1 DAY STARTS '2030-01-01 00:00:00'",
        "on_completion": "NOT PRESERVE",
        "status": "ENABLED",
        "time_zone": "SYSTEM",
    }
    assert found["r"].clauses["status"] == "REPLICA_SIDE_DISABLED"
    assert [(each.kind, each.schema, each.name) for each in read.not_portable] == [
        ("loadable function", "", "myhash"),
        ("event", "mysql", "nightly"),
    ]


def test_a_column_that_five_five_does_not_have_would_be_told(catalogue: Catalogue) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        catalogue.rows("SELECT DATETIME_PRECISION FROM information_schema.ROUTINES")
