# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application moves to a MySQL 9.7 that is administered as Aurora's versions are, and its users go on working."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import bring_accounts, take_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.new_passwords import new_password
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_apply import bring_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_read import read_inventory

from ..accounts.masters import MASTER, MASTER_PASSWORD, MASTERS, make_master
from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server
from .side import EVERYTHING

KEY = "the key of the tests"
OLD_PASSWORD = "old of the application"
TABLES = (
    "CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4",
    "CREATE TABLE shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, total INT, note VARCHAR(40))",
    "CREATE TABLE shop.journal (what VARCHAR(60), who VARCHAR(100))",
)
# The owner defines and may see the journal; the clerk may only use what the owner has made.
APPLICATION = (
    "CREATE USER owner@'%' IDENTIFIED BY '{password}'",
    "CREATE USER clerk@'%' IDENTIFIED BY '{password}'",
    "GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, TRIGGER, EVENT ON shop.* TO owner@'%'",
    "GRANT SELECT, INSERT ON shop.orders TO clerk@'%'",
    "CREATE DEFINER=owner@'%' FUNCTION shop.gross(net INT) RETURNS INT DETERMINISTIC RETURN net * 2",
    "CREATE DEFINER=owner@'%' PROCEDURE shop.order_of(IN wanted INT) READS SQL DATA "
    "BEGIN SELECT total, note FROM shop.orders WHERE id = wanted; SELECT COUNT(*) FROM shop.journal; END",
    "CREATE DEFINER=owner@'%' PROCEDURE shop.as_me() SQL SECURITY INVOKER SELECT COUNT(*) FROM shop.journal",
    "CREATE DEFINER=owner@'%' TRIGGER shop.noted AFTER INSERT ON shop.orders FOR EACH ROW "
    "INSERT INTO shop.journal VALUES (CONCAT('order ', NEW.id, ': ', NEW.note), USER())",
    "CREATE DEFINER=owner@'%' VIEW shop.dear AS "
    "SELECT id, shop.gross(total) AS gross FROM shop.orders WHERE total > 10",
    "CREATE DEFINER=owner@'%' EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM shop.journal",
    "GRANT SELECT ON shop.dear TO clerk@'%'",
    "GRANT EXECUTE ON PROCEDURE shop.order_of TO clerk@'%'",
    "GRANT EXECUTE ON PROCEDURE shop.as_me TO clerk@'%'",
)


@pytest.fixture(scope="module", params=["MariaDB", "5.6", "9.7"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    home = tmp_path_factory.mktemp("source")
    server = mariadb_server(home) if request.param == "MariaDB" else mysql_server(home, request.param)
    with server as running, connect(running.login(), multi_statements=True) as root:
        for statement in (*TABLES, *APPLICATION):
            root.execute(statement.format(password=OLD_PASSWORD))
        yield root


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with mysql_server(tmp_path_factory.mktemp("target"), "9.7") as server:
        yield server


@pytest.fixture(params=MASTERS)
def master(request: pytest.FixtureRequest, target: DatabaseServer) -> Iterator[Connection]:
    """A master user of a target that has the application's tables and nothing else."""
    with connect(target.login()) as root:
        for statement in TABLES:
            root.execute(statement)
        make_master(root, request.param)
        with connect(target.login(MASTER, MASTER_PASSWORD), multi_statements=True) as connection:
            yield connection
        root.execute("DROP DATABASE shop")
        for row in root.rows("SELECT User, Host FROM mysql.user WHERE User <> 'root' AND User NOT LIKE 'mysql.%'"):
            root.execute("DROP USER %s@%s", (row["User"], row["Host"]))


def test_the_application_s_users_go_on_working(
    source: Connection, target: DatabaseServer, master: Connection, request: pytest.FixtureRequest
) -> None:
    options = Options(unsupported_plugin="new_password")
    accounts = take_accounts(source, (), ())
    stored = read_inventory(source, EVERYTHING)
    sets_definers = "Aurora 2" not in request.node.name
    policy = Policy(definer="keep" if sets_definers else "master")

    def carry() -> tuple[bool, list[str]]:
        first = bring_accounts(master, accounts, options, False, KEY)
        brought = bring_over(master, stored, EVERYTHING, policy, check_mode=False)
        again = bring_accounts(master, accounts, options, False, KEY)
        refused = [each.reason for each in (*first.failed, *again.failed, *brought.failed)]
        return first.changed or bool(brought.done) or again.changed, refused

    assert carry() == (True, [])
    assert carry() == (False, [])

    # MySQL 9.7 has no mysql_native_password, which the older servers' accounts use.
    own = source.server_version.startswith("9.")
    password = {user: OLD_PASSWORD if own else new_password(KEY, f"{user}@%") for user in ("owner", "clerk")}
    with connect(target.login("clerk", password["clerk"]), multi_statements=True) as clerk:
        clerk.execute("INSERT INTO shop.orders (total, note) VALUES (21, 'größer')")
        assert clerk.rows("SELECT gross FROM shop.dear") == [{"gross": 42}]
        assert clerk.rows("CALL shop.order_of(1)") == [{"total": 21, "note": "größer"}]
        with pytest.raises(Exception, match="denied"):
            clerk.rows("CALL shop.as_me()")
        with pytest.raises(Exception, match="denied"):
            clerk.rows("SELECT * FROM shop.journal")
    with connect(target.login("owner", password["owner"])) as owner:
        journal = owner.rows("SELECT what, who FROM shop.journal")
        assert [(row["what"], row["who"].split("@")[0]) for row in journal] == [("order 1: größer", "clerk")]
        assert owner.value("SELECT shop.gross(4)") == 8
    with connect(target.login()) as root:
        definers = {row["d"] for row in root.rows("SELECT DEFINER AS d FROM information_schema.EVENTS")}
        of_shop = "SELECT DEFINER AS d FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'"
        definers |= {row["d"] for row in root.rows(of_shop)}
    assert definers == {"owner@%" if sets_definers else f"{MASTER}@%"}
