# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison of definitions notices on real servers, what it says of a live source, and how it fails."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_run import binlog_position
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import MysqlError, connect

from ..routines.zone_tables import TOOLS

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
    "REVOKE SELECT ON shop.* FROM app@'%'": {("account.grants", "app@%", "error")},
    "REVOKE UPDATE (name) ON shop.customer FROM app@'%'": {("account.grants", "app@%", "error")},
    "GRANT RELOAD ON *.* TO app@'%'": {("account.extra_grants", "app@%", "error")},
    "ALTER USER app@'%' IDENTIFIED BY 'another'": {("account.password", "app@%", "error")},
    "ALTER USER app@'%' REQUIRE SSL": {("account.tls", "app@%", "error")},
    "ALTER USER app@'%' ACCOUNT LOCK": {("account.lock", "app@%", "error")},
    "ALTER USER app@'%' WITH MAX_USER_CONNECTIONS 3": {("account.limits", "app@%", "error")},
    "ALTER USER app@'%' PASSWORD EXPIRE": {("account.password_rules", "app@%", "error")},
    # MariaDB keeps it as the default role.
    "REVOKE reader FROM app@'%'": {("account.roles", "app@%", "error")},
    "SET DEFAULT ROLE NONE FOR app@'%'": {("account.default_roles", "app@%", "error")},
    "REVOKE PROCESS ON *.* FROM reader": {("account.grants", "reader", "error")},
    "CREATE USER other@localhost": {("account.extra", "other@localhost", "expected")},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(pair, change):
    pair.run(pair.target, change)
    found = {one for one in pair.differences(data="none") if not one[0].startswith("variable.character_set")}
    found -= {("variable.collation_server", "collation_server", "expected")}
    assert found == CHANGES[change]


def test_an_event_in_system_is_expected_in_the_zone_that_system_was(pair):
    make = "CREATE EVENT shop.local ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM shop.log"
    pair.run(pair.source, "SET SESSION time_zone = SYSTEM", make)
    pair.run(pair.target, "SET SESSION time_zone = '+01:00'", make)
    found = {one for one in pair.differences(data="none") if not one[0].startswith("variable.")}
    assert found == {("event.time_zone", "shop.local", "expected")}


@pytest.fixture
def zoned(pair):
    """Gives both sides a time zone by its name."""
    names = ("Europe/London", "UTC", "Africa/Abidjan", "Australia/Sydney")
    for side in (pair.source, pair.target):
        TOOLS["MariaDB"].load(side, *names)

    def give(*zones):
        for side, zone in zip((pair.source, pair.target), zones):
            pair.run(side, f"SET GLOBAL time_zone = '{zone}'")

    yield give
    give("+02:00", "+02:00")


@pytest.mark.parametrize(
    ("zones", "severities"),
    [
        # In winter they are the same.
        (("Europe/London", "UTC"), ["error"]),
        (("UTC", "Europe/London"), ["error"]),
        (("Africa/Abidjan", "UTC"), ["expected"]),
        (("Europe/London", "Europe/London"), []),
    ],
)
def test_a_time_zone_is_compared_in_winter_and_in_summer(pair, zoned, zones, severities):
    zoned(*zones)
    found = [one for one in pair.compare(data="none")["differences"] if one["object"] == "time_zone"]
    assert [one["severity"] for one in found] == severities
    if "error" in severities:
        assert "00:00:00 in December, 01:00:00 in June" in found[0]["source"] + found[0]["target"]


def test_an_offset_is_what_the_zone_s_rules_say(pair, zoned):
    zoned("Australia/Sydney", "UTC")
    (found,) = (one for one in pair.compare(data="none")["differences"] if one["object"] == "time_zone")
    year = datetime.now(timezone.utc).year
    summer, winter = (datetime(year, month, 21, tzinfo=ZoneInfo("Australia/Sydney")).utcoffset() for month in (12, 6))
    assert (summer, winter) == (timedelta(hours=11), timedelta(hours=10))
    assert found["source"] == f"Australia/Sydney (UTC offset {summer} in December, {winter} in June)"


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


def test_a_login_that_makes_no_accounts_expects_every_privilege_that_the_target_knows(pair):
    pair.run(pair.source, "GRANT SHUTDOWN, SELECT ON *.* TO app@'%'")
    pair.run(pair.target, "CREATE USER looker@'%' IDENTIFIED BY 'x'", "GRANT SELECT, SHOW VIEW ON *.* TO looker@'%'")
    chosen = {"data": "none", "target": pair.target.login("looker", "x")}
    texts = {one["source"] for one in pair.compare(**chosen)["differences"] if one["kind"] == "account.grants"}
    assert texts == {"SELECT, SHUTDOWN ON *.*"}
    left = {("app@%", "SHUTDOWN ON *.*"): "no master user has it"}
    found = [one for one in pair.compare(**chosen, left_behind=left)["differences"] if one["kind"] == "account.grants"]
    assert [(one["source"], one["severity"]) for one in found] == [
        ("SELECT ON *.*", "error"),
        ("SHUTDOWN ON *.*", "expected"),
    ]


def test_no_hash_is_in_a_result(pair):
    pair.run(pair.target, "ALTER USER app@'%' IDENTIFIED BY 'another'")
    hashes = []
    for side in (pair.source, pair.target):
        with connect(side.login()) as connection:
            hashes.append(str(connection.value("SELECT Password FROM mysql.user WHERE User = 'app'")))
    told = str(pair.compare(data="none"))
    assert "another hash" in told
    assert not [one for one in hashes if one in told or one.lstrip("*") in told.upper()]


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
