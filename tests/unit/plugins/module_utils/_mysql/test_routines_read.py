# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading stored objects from the catalogue of MySQL 5.5; ``catalogue_5_5`` says where that comes from.

Versions from 5.6 on have their tests against real servers.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import Key, Selection
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_read import Text, read_inventory

from .catalogue_5_5 import Catalogue

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


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    with contextlib.closing(Catalogue(ROWS)) as made:
        yield made


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
