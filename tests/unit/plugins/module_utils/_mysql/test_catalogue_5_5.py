# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comparison and assessment ask of a source's catalogue, asked of that of MySQL 5.5.

``catalogue_5_5`` says where that comes from. Stored objects and accounts have their tests beside this one.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_code import read_code
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_inventory import (
    Entry,
    read_inventory,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.late_questions import LateQuestions
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ServerFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.table_facts import read_table_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.table_queries import INNODB_CLASSES
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import comparison_catalogue as comparison
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from .catalogue_5_5 import TABLES, Catalogue

VERSION = ServerVersion("mysql", (5, 5, 62))
_TABLE = {"TABLE_SCHEMA": "shop", "TABLE_NAME": "orders"}
_COLUMN = {
    **_TABLE,
    "IS_NULLABLE": "NO",
    "EXTRA": "",
    "COLUMN_COMMENT": "",
}
_INDEX = {**_TABLE, "COLLATION": "A", "NULLABLE": "", "INDEX_TYPE": "BTREE", "COMMENT": "", "INDEX_COMMENT": ""}
_OF_KEY = {**_TABLE, "CONSTRAINT_SCHEMA": "shop", "CONSTRAINT_NAME": "of_customer"}
_CODE = {"DEFINER": "app@%", "SQL_MODE": "ANSI"}
ROWS = [
    ("information_schema.SCHEMATA", {"SCHEMA_NAME": "shop", "DEFAULT_CHARACTER_SET_NAME": "utf8"}),
    ("information_schema.SCHEMATA", {"SCHEMA_NAME": "mysql", "DEFAULT_CHARACTER_SET_NAME": "latin1"}),
    (
        "information_schema.TABLES",
        {
            **_TABLE,
            "TABLE_TYPE": "BASE TABLE",
            "ENGINE": "InnoDB",
            "TABLE_COLLATION": "utf8_general_ci",
            "TABLE_ROWS": 7,
            "DATA_LENGTH": 16384,
            "INDEX_LENGTH": 32768,
            "TABLE_COMMENT": "",
            "CREATE_OPTIONS": "partitioned",
        },
    ),
    (
        "information_schema.TABLES",
        {
            "TABLE_SCHEMA": "shop",
            "TABLE_NAME": "log",
            "TABLE_TYPE": "BASE TABLE",
            "ENGINE": "MyISAM",
            "TABLE_COLLATION": "latin1_swedish_ci",
            "DATA_LENGTH": 100,
            "INDEX_LENGTH": 1024,
            "TABLE_COMMENT": "",
            "CREATE_OPTIONS": "",
        },
    ),
    (
        "information_schema.COLUMNS",
        {**_COLUMN, "COLUMN_NAME": "id", "ORDINAL_POSITION": 1, "DATA_TYPE": "int", "COLUMN_TYPE": "int(11)"},
    ),
    (
        "information_schema.COLUMNS",
        {
            **_COLUMN,
            "COLUMN_NAME": "name",
            "ORDINAL_POSITION": 2,
            "DATA_TYPE": "varchar",
            "COLUMN_TYPE": "varchar(9)",
            "CHARACTER_SET_NAME": "utf8",
            "COLLATION_NAME": "utf8_general_ci",
            "CHARACTER_OCTET_LENGTH": 27,
        },
    ),
    (
        "information_schema.STATISTICS",
        {**_INDEX, "INDEX_NAME": "PRIMARY", "NON_UNIQUE": 0, "SEQ_IN_INDEX": 1, "COLUMN_NAME": "id"},
    ),
    (
        "information_schema.PARTITIONS",
        {
            **_TABLE,
            "PARTITION_NAME": "p0",
            "PARTITION_ORDINAL_POSITION": 1,
            "PARTITION_METHOD": "RANGE",
            "PARTITION_EXPRESSION": "id",
            "PARTITION_DESCRIPTION": "10",
        },
    ),
    (
        "information_schema.KEY_COLUMN_USAGE",
        {
            **_OF_KEY,
            "COLUMN_NAME": "id",
            "ORDINAL_POSITION": 1,
            "REFERENCED_TABLE_SCHEMA": "shop",
            "REFERENCED_TABLE_NAME": "customer",
            "REFERENCED_COLUMN_NAME": "id",
        },
    ),
    (
        "information_schema.REFERENTIAL_CONSTRAINTS",
        {
            "CONSTRAINT_SCHEMA": "shop",
            "CONSTRAINT_NAME": "of_customer",
            "TABLE_NAME": "orders",
            "UPDATE_RULE": "RESTRICT",
            "DELETE_RULE": "CASCADE",
        },
    ),
    (
        "information_schema.ROUTINES",
        {
            **_CODE,
            "ROUTINE_SCHEMA": "shop",
            "ROUTINE_NAME": "f",
            "ROUTINE_TYPE": "FUNCTION",
            "ROUTINE_BODY": "SQL",
            "ROUTINE_DEFINITION": "RETURN 1",
            "IS_DETERMINISTIC": "NO",
            "SQL_DATA_ACCESS": "CONTAINS SQL",
        },
    ),
    (
        "information_schema.TRIGGERS",
        {**_CODE, "TRIGGER_SCHEMA": "shop", "TRIGGER_NAME": "tr", "ACTION_STATEMENT": "SET NEW.a = 1"},
    ),
    (
        "information_schema.EVENTS",
        {
            **_CODE,
            "EVENT_SCHEMA": "shop",
            "EVENT_NAME": "e",
            "EVENT_DEFINITION": "SELECT 1",
            "STATUS": "ENABLED",
            "TIME_ZONE": "SYSTEM",
        },
    ),
    (
        "information_schema.VIEWS",
        {"TABLE_SCHEMA": "shop", "TABLE_NAME": "v", "VIEW_DEFINITION": "select 1", "DEFINER": "app@%"},
    ),
    ("information_schema.GLOBAL_VARIABLES", {"VARIABLE_NAME": "time_zone", "VARIABLE_VALUE": "SYSTEM"}),
    ("information_schema.GLOBAL_STATUS", {"VARIABLE_NAME": "UPTIME", "VARIABLE_VALUE": "60"}),
    (
        "information_schema.PLUGINS",
        {"PLUGIN_NAME": "auth_pam", "PLUGIN_TYPE": "AUTHENTICATION", "PLUGIN_STATUS": "ACTIVE"},
    ),
    ("mysql.func", {"name": "myhash", "ret": 0, "dl": "myhash.so", "type": "function"}),
    ("mysql.servers", {"Server_name": "other", "Wrapper": "mysql"}),
    ("mysql.db", {"Host": "%", "User": "app", "Db": "mysql", "Insert_priv": "Y", "Event_priv": "Y"}),
    (
        "mysql.tables_priv",
        {
            "Host": "%",
            "User": "app",
            "Db": "mysql",
            "Table_name": "func",
            "Table_priv": "Delete",
            "Column_priv": "",
        },
    ),
    ("mysql.proxies_priv", {"Host": "%", "User": "app", "Proxied_host": "%", "Proxied_user": "owner"}),
    ("mysql.time_zone_name", {"Name": "Europe/Amsterdam", "Time_zone_id": 1}),
]


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    with contextlib.closing(Catalogue(ROWS)) as made:
        yield made


def test_a_comparison_asks_for_what_five_five_has(catalogue: Catalogue) -> None:
    known = {(table.partition(".")[2], column) for table, columns in TABLES.items() for column in columns.split(", ")}
    assert set(comparison.read_schemas(catalogue)) == {"shop"}
    facts = comparison.ServerFacts(False, "root@localhost", {}, "00:00:00", known)
    read = comparison.read_schema(catalogue, facts, "shop", fold=False)
    orders = read.tables["orders"]
    assert (orders.rows, orders.bytes, [key.columns for key in orders.keys]) == (7, 16384, [("id",)])
    assert [(column.name, column.octets) for column in orders.columns] == [("id", 0), ("name", 27)]
    found = {kind: each.attributes for (kind, key), each in read.objects.items() if "orders" in key}
    assert found["table"]["partitions"] == "RANGE(id); p0 10"
    assert found["index"] == {"columns": "id", "unique": "yes", "type": "BTREE", "visible": "yes", "comment": ""}
    assert found["foreign_key"] == {
        "columns": "id",
        "references": "shop.customer (id)",
        "on_update": "NO ACTION",
        "on_delete": "CASCADE",
    }


def test_an_assessment_asks_for_what_five_five_has(catalogue: Catalogue) -> None:
    tables = read_table_facts(catalogue, ServerFacts(VERSION, "5.5.62"), None, LateQuestions(catalogue))()
    assert tables.engines == {"innodb": 1, "myisam": 1}
    assert (tables.data_bytes, tables.largest.name) == (16384 + 32768 + 100 + 1024, "shop.orders")
    assert tables.objects["engine:myisam"].names == ("shop.log",)
    assert tables.unknown == dict.fromkeys(INNODB_CLASSES, "MySQL 5.5 does not tell it.")
    code = {each.name: each for each in read_code(catalogue, VERSION)}
    assert {name: each.kind for name, each in code.items()} == {
        "f": "function",
        "tr": "trigger",
        "e": "event",
        "v": "view",
    }
    assert (code["e"].time_zone, code["tr"].sql_mode, code["f"].language) == ("SYSTEM", "ANSI", "SQL")


def test_the_small_tables_of_five_five_are_read_together(catalogue: Catalogue) -> None:
    found, unknown = read_inventory(catalogue, VERSION, None)
    assert unknown == {}
    assert found["me"] == (Entry("root@localhost"),)
    assert {entry.name for entry in found["account_columns"]} == set(TABLES["mysql.user"].split(", "))
    assert found["plugins"] == (Entry("auth_pam", "AUTHENTICATION:"),)
    assert found["functions"] == (Entry("myhash", "myhash.so"),)
    assert set(found["changes_in_mysql"]) == {
        Entry("app@%", "EVENT,INSERT ON mysql.*"),
        Entry("app@%", "Delete, ON mysql.func"),
    }
    assert found["proxies"] == (Entry("app@%", "owner@%"),)
    assert found["zones"] == (Entry("1"),)
    assert found["servers"] == (Entry("other", "mysql"),)
    assert found["schemas"] == (Entry("shop"),)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("information_schema.ROUTINES", "DATETIME_PRECISION"),
        ("information_schema.COLUMNS", "GENERATION_EXPRESSION"),
        ("mysql.user", "password_expired"),
    ],
)
def test_a_column_that_five_five_does_not_have_would_be_told(catalogue: Catalogue, table: str, column: str) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        catalogue.rows(f"SELECT {column} FROM {table}")
