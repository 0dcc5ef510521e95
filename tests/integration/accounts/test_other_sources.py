# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of MySQL 5.6 and of MariaDB on their way to a MySQL 9.7 that is administered as Aurora 3 is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import (
    Outcome,
    bring_accounts,
    take_accounts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import (
    from_document,
    pack,
    unpack,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_script import accounts_script
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect

from ..mysql_servers import mysql_server
from ..servers import mariadb_server
from .comparison import unlike
from .generated import SCHEMA
from .masters import MASTER, MASTER_PASSWORD, make_master
from .test_mariadb import ACCOUNTS as OF_MARIADB
from .test_mariadb import refuses_to_log_in

OF_MYSQL_56 = [
    # As mysql_install_db of 5.6 makes it: everybody may use the schema test.
    "INSERT INTO mysql.db (Host, Db, User, Select_priv, Insert_priv) VALUES ('%', 'test', '', 'Y', 'Y')",
    # As a DELETE in mysql.user leaves it.
    "INSERT INTO mysql.tables_priv (Host, Db, User, Table_name, Table_priv)"
    " VALUES ('%', 'shop', 'left', 't', 'Select')",
    "CREATE USER app@'10.%' IDENTIFIED BY 'secret'",
    "CREATE USER 'o''b\"r`\\\\n%_'@'%' IDENTIFIED BY 'odd'",
    "CREATE USER ''@localhost",
    "CREATE USER sha@'%' IDENTIFIED WITH sha256_password",
    "CREATE USER everything@'%' IDENTIFIED BY 'x'",
    "GRANT ALL ON *.* TO everything WITH GRANT OPTION",
    "GRANT USAGE ON *.* TO app@'10.%' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 9 MAX_USER_CONNECTIONS 3",
    "GRANT PROCESS, RELOAD ON *.* TO app@'10.%'",
    "GRANT SELECT, INSERT ON shop.* TO app@'10.%' WITH GRANT OPTION",
    "GRANT SELECT ON `my\\_app`.* TO app@'10.%'",
    "GRANT SELECT, UPDATE (a, `b``c`) ON shop.t TO 'o''b\"r`\\\\n%_'@'%'",
    "GRANT EXECUTE ON PROCEDURE shop.p TO app@'10.%'",
    "GRANT EXECUTE, ALTER ROUTINE ON FUNCTION shop.f TO app@'10.%' WITH GRANT OPTION",
]


# Names that a user of the source, and the master user of the target, have as well.
TWINS = [
    "CREATE ROLE team",
    f"CREATE ROLE {MASTER}",
    "CREATE USER team@'%' IDENTIFIED BY 'x'",
    "CREATE USER barred@'%' IDENTIFIED BY 'x' WITH MAX_USER_CONNECTIONS -1",
    "GRANT SELECT ON shop.* TO team@'%'",
    "GRANT INSERT ON shop.* TO team",
    "GRANT team TO app@'%'",
    f"GRANT {MASTER} TO app@'%'",
]


@pytest.fixture
def target_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with mysql_server(tmp_path_factory.mktemp("target"), "9.7") as server:
        with connect(server.login(), multi_statements=True) as connection:
            for statement in SCHEMA:
                connection.execute(statement)
            make_master(connection, "Aurora 3")
            yield connection


@pytest.fixture
def master(target_root: Connection) -> Iterator[Connection]:
    login = {
        "login_host": target_root.login.host,
        "login_port": target_root.login.port,
        "login_user": MASTER,
        "login_password": MASTER_PASSWORD,
    }
    with connect(login, multi_statements=True) as connection:
        yield connection


def carry(source: Connection, target: Connection, statements: list[str]) -> Outcome:
    """Fill the source, and bring its accounts: those whose passwords do not travel, locked."""
    for statement in [*SCHEMA, *statements]:
        source.execute(statement)
    taken = take_accounts(source, (), ())
    export = unpack(pack(taken))
    outcome = bring_accounts(target, export, Options(unsupported_plugin="lock"), False)
    again = bring_accounts(target, export, Options(unsupported_plugin="lock"), False)
    assert (again.changed, again.summary["unchanged"]) == (False, outcome.summary["created"])
    first, second = (accounts_script(target, export, Options(unsupported_plugin="lock"), "") for _time in "12")
    assert first == second
    return outcome


def shown(server: Connection, account: str) -> set[str]:
    """SHOW GRANTS for an account, without the account."""
    rows = server.rows(f"SHOW GRANTS FOR {account}")
    return {str(next(iter(row.values()))).partition(" TO ")[0] for row in rows}


def test_from_mysql_5_6(target_root: Connection, master: Connection, tmp_path) -> None:
    """No MySQL here can show that a copied mysql_native_password logs in: 9.7 has no such plug-in, and 5.6 makes the
    account of IDENTIFIED WITH ... AS, but refuses its login, so that it cannot be a target."""
    with mysql_server(tmp_path, "5.6") as server, connect(server.login(), multi_statements=True) as source:
        outcome = carry(source, master, OF_MYSQL_56)
        assert unlike(source, master, outcome) == []
    assert outcome.failed == []
    assert outcome.summary["created"] == 4
    listed = {(one.account, one.what) for one in outcome.skipped}
    # The master user logs in from anywhere; whoever comes from localhost would be nobody.
    assert ("@localhost", "account") in listed
    for label in ("app@10.%", "everything@%"):
        # MySQL 9 has no mysql_native_password.
        assert (label, "authentication by mysql_native_password") in listed
    ownerless = {one.what: one.reason for one in outcome.skipped if one.account == "*"}
    assert ownerless == {
        "grants of @%": "the grant tables give rights to every account that comes from % (schema test)",
        "grants of left@%": "there are grants, but no such account (table shop.t)",
    }
    assert shown(target_root, "app@'10.%'") == {
        "GRANT RELOAD, PROCESS ON *.*",
        "GRANT SELECT, INSERT ON `shop`.*",
        "GRANT SELECT ON `my\\_app`.*",
        "GRANT EXECUTE ON PROCEDURE `shop`.`p`",
        "GRANT EXECUTE, ALTER ROUTINE ON FUNCTION `shop`.`f`",
    }
    assert shown(target_root, "'o''b\"r`\\\\n%_'@'%'") == {
        "GRANT USAGE ON *.*",
        "GRANT SELECT, UPDATE (`a`, `b``c`) ON `shop`.`t`",
    }
    line = str(target_root.value("SHOW CREATE USER app@'10.%'"))
    assert "REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 9 MAX_USER_CONNECTIONS 3" in line and "ACCOUNT LOCK" in line
    assert {("everything@%", f"{name} ON *.*") for name in ("FILE", "SHUTDOWN", "SUPER", "CREATE TABLESPACE")} <= listed
    assert "CONNECTION_ADMIN" in " ".join(shown(target_root, "everything"))


def test_from_mariadb(target_root: Connection, master: Connection, tmp_path) -> None:
    with mariadb_server(tmp_path) as server, connect(server.login()) as source:
        outcome = carry(source, master, OF_MARIADB + TWINS)
        assert unlike(source, master, outcome) == []
    assert outcome.failed == []
    listed = {(one.account, one.what) for one in outcome.skipped}
    assert ("app@%", "authentication by mysql_native_password") in listed
    assert ("socket@localhost", "authentication by unix_socket, mysql_native_password") in listed
    assert ("PUBLIC", "account") in listed
    assert ("barred@%", "limit MAX_USER_CONNECTIONS -1") in listed
    # MariaDB's roles are MySQL's locked accounts.
    assert "GRANT SELECT ON `shop`.*" in shown(target_root, "reader")
    assert "ACCOUNT LOCK" in str(target_root.value("SHOW CREATE USER reader"))
    assert "GRANT `writer`@`%`" in shown(target_root, "app")
    # Once it is unlocked, it needs a password all the same.
    target_root.execute("ALTER USER app@'%' ACCOUNT UNLOCK")
    refuses_to_log_in(target_root, "app")
    assert "GRANT `reader`@`%`" in shown(target_root, "writer")
    default = target_root.rows("SELECT DEFAULT_ROLE_USER AS role FROM mysql.default_roles WHERE USER = 'app'")
    assert [row["role"] for row in default] == ["writer"]
    assert "SUPER ON *.*" in {what for who, what in listed if who == "power@%"}
    # No role takes over what somebody logs in to.
    assert {("team", "account"), (MASTER, "account")} <= listed
    assert {("app@%", "membership in role team"), ("app@%", f"membership in role {MASTER}")} <= listed
    assert shown(target_root, "team") == {"GRANT USAGE ON *.*", "GRANT SELECT ON `shop`.*"}
    assert "ACCOUNT UNLOCK" in str(target_root.value(f"SHOW CREATE USER {MASTER}"))


def test_roles_of_mariadb_are_dropped_on_mysql(target_root: Connection, master: Connection, tmp_path) -> None:
    with mariadb_server(tmp_path) as server, connect(server.login()) as source:
        for statement in [*SCHEMA, *OF_MARIADB, *TWINS]:
            source.execute(statement)
        export = unpack(pack(take_accounts(source, (), ())))
    assert bring_accounts(master, export, Options(unsupported_plugin="lock"), False).failed == []
    by_hand = export._replace(accounts=(from_document({"user": "writer", "role": True}),))
    outcomes = [bring_accounts(master, by_hand, Options(absent=True), False) for _time in "12"]
    assert [one.summary["removed"] for one in outcomes] == [1, 0]
    outcome = bring_accounts(master, export, Options(absent=True, include=["reader", "team", MASTER]), False)
    assert (outcome.failed, outcome.summary["removed"]) == ([], 2)
    left = {row["User"] for row in target_root.rows("SELECT User FROM mysql.user WHERE Host = '%'")}
    assert not left & {"reader", "writer", "team"} and {MASTER, "app"} <= left
    assert not bring_accounts(master, export, Options(absent=True, include=["reader", "team"]), False).changed
