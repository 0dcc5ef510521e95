# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts from a real MariaDB to a real MariaDB, brought by a master user with Aurora's privileges."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import (
    Outcome,
    bring_accounts,
    take_accounts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import pack, unpack
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import Account
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_read import read_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_script import accounts_script
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import read_version

from ..servers import DatabaseServer
from .comparison import changing, unlike
from .masters import MASTER

SCHEMA = [
    "CREATE DATABASE shop",
    "CREATE DATABASE `my_app`",
    "CREATE DATABASE `we``ird%`",
    "CREATE TABLE shop.t (id INT PRIMARY KEY, a INT, `b``c` INT)",
    "CREATE PROCEDURE shop.p() SELECT 1",
    "CREATE FUNCTION shop.f() RETURNS INT DETERMINISTIC RETURN 1",
]
ACCOUNTS = [
    "CREATE ROLE reader",
    "CREATE ROLE writer",
    "CREATE USER app@'%' IDENTIFIED BY 'geheim' WITH MAX_USER_CONNECTIONS 5 MAX_QUERIES_PER_HOUR 700",
    "CREATE USER shut@'%' IDENTIFIED BY 'geheim' REQUIRE X509 ACCOUNT LOCK PASSWORD EXPIRE INTERVAL 90 DAY",
    "CREATE USER cert@'10.%' IDENTIFIED BY 'x' REQUIRE SUBJECT '/CN=it''s' AND ISSUER '/CN=\\\\b' AND CIPHER 'c'",
    "CREATE USER socket@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('two')",
    "CREATE USER nobody@'%' IDENTIFIED VIA mysql_native_password USING 'invalid'",
    "CREATE USER ''@'%' PASSWORD EXPIRE INTERVAL 30 DAY",
    "CREATE USER `o'b\"r``\\\\n%_`@'%' IDENTIFIED BY 'odd'",
    "CREATE USER `ünï`@'HOST.example.COM' IDENTIFIED BY 'pässwörd'",
    "CREATE USER old@'%' IDENTIFIED BY 'x' PASSWORD EXPIRE",
    "CREATE USER ever@'%' IDENTIFIED BY 'x' PASSWORD EXPIRE NEVER",
    "CREATE USER power@'%' IDENTIFIED BY 'x'",
    "GRANT SELECT ON shop.* TO reader",
    "GRANT INSERT ON shop.* TO writer",
    "GRANT reader TO writer",
    "GRANT reader TO app WITH ADMIN OPTION",
    "GRANT writer TO app",
    "SET DEFAULT ROLE writer FOR app",
    "GRANT PROCESS, RELOAD ON *.* TO app",
    "GRANT SELECT, INSERT ON shop.* TO app WITH GRANT OPTION",
    "GRANT SELECT, UPDATE ON `my\\_app`.* TO app",
    "GRANT SELECT ON `we``ird\\%`.* TO `o'b\"r``\\\\n%_`@'%'",
    "GRANT SELECT ON `s%`.* TO `ünï`@'host.example.com'",
    "GRANT DELETE, UPDATE (a, `b``c`), INSERT (a) ON shop.t TO ever",
    "GRANT SELECT (id) ON shop.t TO old",
    "GRANT EXECUTE ON PROCEDURE shop.p TO ever",
    "GRANT EXECUTE, ALTER ROUTINE ON FUNCTION shop.f TO ever WITH GRANT OPTION",
    "GRANT ALL ON *.* TO power WITH GRANT OPTION",
    "GRANT PROXY ON ever TO app",
    "GRANT SELECT ON shop.t TO PUBLIC",
]


def run(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def carry(source: Connection, target: Connection, check: bool = False, **options: object) -> Outcome:
    """Export, pack, unpack and bring, as the two modules do."""
    taken = take_accounts(source, options.pop("taken", ()), ())
    export = unpack(pack(taken))
    return bring_accounts(target, export, Options(**options), check)


def accounts(connection: Connection) -> dict[str, Account]:
    return {account.name.label: account for account in read_accounts(connection, read_version(connection)).accounts}


@pytest.fixture
def filled(source_root: Connection, target_root: Connection) -> Connection:
    run(source_root, SCHEMA + ACCOUNTS)
    run(target_root, SCHEMA)
    return source_root


def test_every_account_arrives_equal_or_is_listed(
    filled: Connection, master: Connection, target_root: Connection
) -> None:
    outcome = carry(filled, master)

    assert outcome.failed == []
    assert unlike(filled, master, outcome) == []
    assert outcome.summary == {
        "created": 13,
        "changed": 0,
        "removed": 0,
        "unchanged": 0,
        "skipped": 3,
        "failed": 0,
    }
    assert all(entry.reason and entry.remedy for entry in outcome.skipped)
    there, here = accounts(filled), accounts(target_root)
    listed = {(entry.account, entry.what) for entry in outcome.skipped}
    assert {(who, "account") for who in ("root@localhost", "mariadb.sys@localhost", "PUBLIC")} <= listed
    for label in set(there) - {"root@localhost", "mariadb.sys@localhost", "PUBLIC", "power@%"}:
        wanted, got = there[label], here[label]
        assert (got.authentication, got.tls, got.limits, got.password, got.locked) == (
            wanted.authentication,
            wanted.tls,
            wanted.limits,
            wanted.password,
            wanted.locked,
        ), label
        assert got.default_roles == wanted.default_roles, label
        assert got.roles == wanted.roles, label
        lost = {scope for scope in wanted.grants if got.grants.get(scope) != wanted.grants[scope]}
        if label == "app@%":
            assert {scope.level for scope in lost} == {"proxy"}
            assert ("app@%", "PROXY ON 'ever'@'%'") in listed
        else:
            assert not lost, label
    power = here["power@%"]
    (held,) = power.grants.values()
    missing = there["power@%"].grants[next(iter(power.grants))].privileges - held.privileges
    assert "SUPER" in missing and "SELECT" in held.privileges
    assert {what for who, what in listed if who == "power@%"} == {f"{name} ON *.*" for name in missing}


def test_second_run_sends_nothing(filled: Connection, master: Connection) -> None:
    carry(filled, master)
    sent = changing(master)
    assert sent["Com_create_user"] and sent["Com_grant"]
    before = carry(filled, master, check=True)
    outcome = carry(filled, master)

    assert changing(master) == sent
    assert (before.changed, outcome.changed) == (False, False)
    assert outcome.summary["unchanged"] == 13
    assert outcome.diff == {"before": "", "after": ""}


def test_copied_accounts_log_in_with_their_old_passwords(
    filled: Connection, master: Connection, target: DatabaseServer
) -> None:
    run(filled, ["ALTER USER `ünï`@'host.example.com' ACCOUNT LOCK", "CREATE USER `ünï`@'%' IDENTIFIED BY 'pässwörd'"])
    carry(filled, master)
    for user, password in (("app", "geheim"), ("ünï", "pässwörd"), ("o'b\"r`\\\\n%_", "odd"), ("ever", "x")):
        with connect(target.login(user, password)) as connection:
            assert connection.value("SELECT CURRENT_USER()") == f"{user}@%"
    for user in ("nobody", "shut", "app"):
        with pytest.raises(MysqlError):
            connect(target.login(user, "wrong"))
    with connect(target.login("app", "geheim")) as connection:
        assert connection.value("SELECT CURRENT_ROLE()") == "writer"
        connection.execute("INSERT INTO shop.t (id) VALUES (1)")
        with pytest.raises(MysqlError, match=r"\[mysql.privilege_missing\]"):
            connection.execute("DELETE FROM shop.t")


def test_only_differences_are_sent_and_nothing_is_taken_away(
    filled: Connection, master: Connection, target_root: Connection
) -> None:
    carry(filled, master)
    run(
        target_root,
        [
            "GRANT DELETE ON shop.* TO app",
            "REVOKE INSERT ON shop.* FROM app",
            "ALTER USER app IDENTIFIED BY 'other' ACCOUNT LOCK",
            "CREATE USER local@localhost IDENTIFIED BY 'x'",
        ],
    )
    planned = carry(filled, master, check=True)
    outcome = carry(filled, master)

    assert (planned.summary, planned.diff) == (outcome.summary, outcome.diff)
    assert (outcome.summary["changed"], outcome.summary["created"], outcome.summary["unchanged"]) == (1, 0, 12)
    changed = accounts(target_root)["app@%"]
    assert changed.authentication == accounts(filled)["app@%"].authentication
    assert not changed.locked
    assert {"SELECT", "INSERT", "DELETE"} == {
        name for scope, grant in changed.grants.items() if scope.schema == "shop" for name in grant.privileges
    }
    assert "local@localhost" in accounts(target_root)
    assert "<another hash>" in outcome.diff["before"] and "<hash>" in outcome.diff["after"]
    assert "*" + changed.authentication[0].data_hex[:8] not in str(outcome.diff)


def test_purge_takes_away_what_the_source_has_not(
    filled: Connection, master: Connection, target_root: Connection
) -> None:
    carry(filled, master)
    run(target_root, ["GRANT DELETE, SELECT ON shop.* TO ever", "CREATE USER local@localhost"])
    master.execute("GRANT reader TO ever")
    run(target_root, ["GRANT INSERT (id) ON shop.t TO ever", "CREATE USER keep@localhost"])
    outcome = carry(filled, master, purge=True, exclude=["keep"])

    assert outcome.failed == []
    assert outcome.summary["removed"] == 1
    here = accounts(target_root)
    assert here["ever@%"].grants == accounts(filled)["ever@%"].grants
    assert "local@localhost" not in here
    assert {"keep@localhost", f"{MASTER}@%", "root@localhost"} <= set(here)
    assert not carry(filled, master, purge=True, exclude=["keep"]).changed
    # An export of some accounts says nothing of others.
    assert not carry(filled, master, purge=True, taken=["ever", "reader"]).changed


def test_absent_drops_the_named_accounts_only(filled: Connection, master: Connection, target_root: Connection) -> None:
    carry(filled, master)
    outcome = carry(filled, master, absent=True, include=["app", "reader", "cert@10.*"])

    assert outcome.failed == []
    assert outcome.summary["removed"] == 3
    assert not {"app@%", "reader", "cert@10.%"} & set(accounts(target_root))
    assert not carry(filled, master, absent=True, include=["app", "reader", "cert@10.*"]).changed


def test_check_mode_sends_nothing(filled: Connection, master: Connection, target_root: Connection) -> None:
    before = accounts(target_root)
    outcome = carry(filled, master, check=True)

    assert outcome.changed and outcome.summary["created"] == 13
    assert "GRANT SELECT, INSERT" in outcome.diff["after"] or "GRANT INSERT, SELECT" in outcome.diff["after"]
    assert accounts(target_root) == before


def test_routine_grants_wait_for_their_routine(
    source_root: Connection, master: Connection, target_root: Connection
) -> None:
    run(source_root, [*SCHEMA, "CREATE USER u@'%'", "GRANT EXECUTE ON PROCEDURE shop.p TO u"])
    run(target_root, ["CREATE DATABASE shop"])
    first = carry(source_root, master)
    assert [(entry.what, entry.remedy != "") for entry in first.skipped if entry.account == "u@%"] == [
        ("grants ON PROCEDURE `shop`.`p`", True)
    ]
    target_root.execute("CREATE PROCEDURE shop.p() SELECT 1")
    second = carry(source_root, master)
    assert second.changed and second.summary["changed"] == 1
    assert accounts(target_root)["u@%"].grants == accounts(source_root)["u@%"].grants


def test_bad_account_costs_only_itself(source_root: Connection, master: Connection, target_root: Connection) -> None:
    run(source_root, ["CREATE DATABASE shop", "CREATE TABLE shop.t (a INT)"])
    run(source_root, [f"CREATE USER u{n}@'%' IDENTIFIED BY 'x'" for n in range(5)])
    run(source_root, [f"GRANT SELECT ON shop.t TO u{n}" for n in range(5)])
    run(source_root, ["GRANT INSERT (a) ON shop.t TO u2"])
    taken = take_accounts(source_root, (), ())
    secret = "*462366917EEDD1970A48E87D8EF59EB67D2CA26"  # one digit short: no server takes it
    bad = tuple(
        Account(**{**one.__dict__, "authentication": (one.authentication[0]._replace(data_hex=secret.encode().hex()),)})
        if one.name.user == "u3"
        else one
        for one in taken.accounts
    )
    run(target_root, ["CREATE DATABASE shop", "CREATE TABLE shop.t (b INT)"])
    outcome = bring_accounts(master, taken._replace(accounts=bad), Options(), check=False)

    assert [entry.account for entry in outcome.failed] == ["u3@%"]
    assert secret[1:20] not in str(outcome)
    assert outcome.summary["created"] == 4 and outcome.summary["failed"] == 1
    here = accounts(target_root)
    assert {f"u{n}@%" for n in (0, 1, 2, 4)} <= set(here) and "u3@%" not in here
    waiting = [entry for entry in outcome.skipped if entry.account == "u2@%"]
    assert len(waiting) == 1 and "1054" in waiting[0].reason


def refuses_to_log_in(server: Connection, user: str) -> None:
    """Nobody logs in as a user whose hash is all zeros, least of all without a password."""
    for password in ("", "0" * 40, "." * 43):
        login = {"login_host": server.login.host, "login_port": server.login.port, "login_user": user}
        with pytest.raises(MysqlError, match="refused the login"), connect({**login, "login_password": password}):
            pass


def test_unsupported_plugin_is_skipped_or_locked(
    source_root: Connection, master: Connection, target_root: Connection
) -> None:
    run(source_root, ["CREATE DATABASE shop", "CREATE USER pam@'%' IDENTIFIED BY 'x'", "GRANT SELECT ON shop.* TO pam"])
    taken = take_accounts(source_root, (), ())
    (pam,) = taken.accounts
    taken = taken._replace(
        accounts=(Account(**{**pam.__dict__, "authentication": (pam.authentication[0]._replace(plugin="pam"),)}),)
    )
    skipped = bring_accounts(master, taken, Options(), check=False)
    assert not skipped.changed and skipped.summary["created"] == 0
    assert [entry.what for entry in skipped.skipped if entry.account == "pam@%"] == ["account"]

    locked = bring_accounts(master, taken, Options(unsupported_plugin="lock"), check=False)
    assert locked.summary["created"] == 1
    here = accounts(target_root)["pam@%"]
    assert here.locked and here.authentication[0].data_hex and here.grants == pam.grants
    assert not bring_accounts(master, taken, Options(unsupported_plugin="lock"), check=False).changed
    script = accounts_script(master, taken, Options(unsupported_plugin="lock"), "")
    assert "pam" in script
    assert accounts_script(master, taken, Options(unsupported_plugin="lock"), "") == script
    target_root.execute("ALTER USER pam@'%' ACCOUNT UNLOCK")
    refuses_to_log_in(target_root, "pam")


def test_master_without_create_user_is_told_so(
    source_root: Connection, target_root: Connection, target: DatabaseServer
) -> None:
    run(target_root, ["CREATE USER poor@'%' IDENTIFIED BY 'x'", "GRANT SELECT ON *.* TO poor"])
    with connect(target.login("poor", "x"), multi_statements=True) as poor:
        with pytest.raises(MysqlError, match=r"\[accounts.create_user_missing\].*poor@%"):
            bring_accounts(poor, take_accounts(source_root, (), ()), Options(), check=False)


def test_unreadable_grant_tables_are_named(source_root: Connection, source: DatabaseServer) -> None:
    run(source_root, ["CREATE USER poor@'%' IDENTIFIED BY 'x'"])
    with connect(source.login("poor", "x")) as poor:
        with pytest.raises(MysqlError, match=r"\[accounts.unreadable\].*SELECT on mysql"):
            take_accounts(poor, (), ())
