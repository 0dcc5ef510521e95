# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison of definitions notices on real servers, what it says of a live source, and how it fails."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_run import binlog_position
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import MysqlError, connect

# Each changes the target; what must be found, and nothing else.
CHANGES = {
    "CREATE DATABASE extra": {("schema.extra", "extra", "expected")},
    "ALTER DATABASE shop COLLATE utf8mb4_bin": {("schema.collation", "shop", "error")},
    "DROP TABLE shop.years": {("table.missing", "shop.years", "error")},
    "CREATE TABLE shop.more (a INT)": {("table.extra", "shop.more", "error")},
    "ALTER TABLE shop.log ENGINE=InnoDB": {("table.engine", "shop.log", "expected")},
    "ALTER TABLE shop.customer COMMENT 'x'": {("table.comment", "shop.customer", "error")},
    "ALTER TABLE shop.log MODIFY text VARCHAR(300) FIRST": {("table.column_order", "shop.log", "error")},
    "ALTER TABLE shop.log MODIFY text VARCHAR(301)": {("column.type", "shop.log.text", "error")},
    "ALTER TABLE shop.log MODIFY text VARCHAR(300) NOT NULL": {
        ("column.nullable", "shop.log.text", "error"),
        ("column.default", "shop.log.text", "error"),
    },
    "ALTER TABLE shop.log ALTER text SET DEFAULT 'NULL'": {("column.default", "shop.log.text", "error")},
    "ALTER TABLE shop.log MODIFY text VARCHAR(300) COLLATE utf8mb4_bin": {
        ("column.collation", "shop.log.text", "error")
    },
    "ALTER TABLE shop.item MODIFY total DECIMAL(12,2) AS (price * 1 * 2) STORED": {
        ("column.expression", "shop.item.total", "error")
    },
    "ALTER TABLE shop.item DROP INDEX by_kind": {("index.missing", "shop.item.by_kind", "error")},
    "ALTER TABLE shop.item DROP INDEX by_kind, ADD INDEX by_kind (kind, code(4))": {
        ("index.columns", "shop.item.by_kind", "error")
    },
    "ALTER TABLE shop.item DROP INDEX code_line, ADD INDEX code_line (code, line)": {
        ("index.unique", "shop.item.code_line", "error")
    },
    "ALTER TABLE shop.item DROP FOREIGN KEY of_customer": {("foreign_key.missing", "shop.item.of_customer", "error")},
    "ALTER TABLE shop.item DROP CONSTRAINT priced": {("check.missing", "shop.item.priced", "error")},
    "ALTER TABLE shop.years REMOVE PARTITIONING": {("table.partitions", "shop.years", "error")},
    "DROP VIEW shop.dear": {("view.missing", "shop.dear", "error")},
    "ALTER VIEW shop.dear AS SELECT id, name FROM shop.customer WHERE id > 2": {
        ("view.definition", "shop.dear", "error")
    },
    "DROP TRIGGER shop.stamp": {("trigger.missing", "shop.stamp", "error")},
    "DROP PROCEDURE shop.forget": {("procedure.missing", "shop.forget", "error")},
    "ALTER PROCEDURE shop.forget SQL SECURITY INVOKER": {("procedure.security", "shop.forget", "error")},
    "CREATE OR REPLACE FUNCTION shop.twice(n INT) RETURNS INT DETERMINISTIC NO SQL RETURN n * 3": {
        ("function.definition", "shop.twice", "error")
    },
    "ALTER EVENT shop.nightly DISABLE": {("event.status", "shop.nightly", "expected")},
    "DROP USER app@'%'": {("account.missing", "app@%", "error")},
    "REVOKE SELECT, INSERT ON shop.* FROM app@'%'": {("account.schema_grants", "app@%", "error")},
    "CREATE USER other@localhost": {("account.extra", "other@localhost", "expected")},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(pair, change):
    pair.run(pair.target, change)
    found = {one for one in pair.differences(data="none") if not one[0].startswith("variable.character_set")}
    found -= {("variable.collation_server", "collation_server", "expected")}
    assert found == CHANGES[change]


def test_the_same_definitions_in_schemas_with_hostile_names(pair):
    for side in (pair.source, pair.target):
        pair.run(
            side,
            "CREATE DATABASE `a``b %s [x] <script>` CHARACTER SET utf8mb4",
            "CREATE TABLE `a``b %s [x] <script>`.`t'\"\\`` ;--` (`c``%d` INT PRIMARY KEY) COMMENT='\"'",
            "INSERT INTO `a``b %s [x] <script>`.`t'\"\\`` ;--` VALUES (1), (2)",
            "CREATE VIEW `a``b %s [x] <script>`.`v%` AS SELECT 1 AS `'`",
        )
    found = pair.compare()
    assert found["equal"], found["differences"]
    assert ("a`b %s [x] <script>", 2) in {(one["schema"], one["rows_target"]) for one in found["tables"]}


def test_schemas_are_chosen_by_pattern(pair):
    for name in ("shop_old", "other"):
        pair.run(pair.source, f"CREATE DATABASE {name}", f"CREATE TABLE {name}.t (a INT)")
    missing = {one[1] for one in pair.differences(data="none") if one[0] == "schema.missing"}
    assert missing == {"shop_old", "other"}
    chosen = pair.differences(data="none", schemas=["shop*"], exclude_schemas=["*_old"])
    assert not [one for one in chosen if one[0] == "schema.missing"]


def test_a_pattern_that_fits_nothing_is_refused_not_called_equal(pair):
    with pytest.raises(DbferryError, match=r"verify\.no_schema"):
        pair.compare(schemas=["typo"])


def test_a_source_that_was_written_to_since_the_backup_is_told(pair):
    with connect(pair.source.login()) as connection:
        backup = binlog_position(connection)
    untouched = pair.compare(backup_binlog=backup)
    assert (untouched["source_written_since_backup"], untouched["source_moved"]) == (False, False)
    pair.run(pair.source, "UPDATE shop.customer SET name = 'Ade' WHERE id = 1")
    found = pair.compare(backup_binlog=backup)
    assert found["source_written_since_backup"] is True
    assert not found["equal"]
    (difference,) = (one for one in found["differences"] if one["kind"] == "data.content")
    assert difference["severity"] == "error"
    assert difference["note"].startswith("The source has been written to since the backup")


def test_without_a_known_position_nothing_is_claimed(pair):
    assert pair.compare(data="none")["source_written_since_backup"] is None


def test_the_list_is_bounded_and_the_count_is_not(pair):
    for number in range(9):
        pair.run(pair.source, f"CREATE TABLE shop.t{number} (a INT)")
    found = pair.compare(max_differences=3)
    assert len(found["differences"]) == 3
    assert found["summary"]["errors"] == 9


def test_a_login_that_may_not_see_the_accounts_says_so(pair):
    pair.run(pair.target, "CREATE USER looker@'%' IDENTIFIED BY 'x'", "GRANT SELECT ON shop.* TO looker@'%'")
    found = pair.compare(data="none", target=pair.target.login("looker", "x"))
    assert "account.not_readable" in {one["kind"] for one in found["differences"]}
    assert not found["equal"]


def test_a_connection_that_dies_ends_the_comparison_with_a_clear_error(pair):
    others = set(threading.enumerate())
    with connect(pair.target.login()) as connection:
        connection.execute("LOCK TABLES shop.customer WRITE")
        killer = threading.Thread(target=_kill_waiting, args=(pair.target,))
        killer.start()
        with pytest.raises(MysqlError, match=r"mysql\.connection_lost"):
            pair.compare()
        killer.join()
    assert set(threading.enumerate()) <= others


def _kill_waiting(server):
    """Kill the sessions that wait for a lock, as soon as there are some."""
    with connect(server.login()) as connection:
        waiting = []
        while not waiting:
            waiting = connection.rows(
                "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata lock'"
            )
        for row in waiting:
            connection.execute(f"KILL {row['id']}")


def test_no_secret_is_in_the_result(pair):
    pair.run(pair.target, "ALTER PROCEDURE shop.forget COMMENT 'x'", "SET PASSWORD FOR app@'%' = PASSWORD('another')")
    told = repr(pair.compare())
    assert pair.source.login()["login_password"] not in told
    assert "DELETE FROM" not in told
