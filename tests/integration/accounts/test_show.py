# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts from SHOW statements: the same as from the grant tables, and said where they are not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import batches
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import bring_accounts, take_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import pack, unpack
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import Account, AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_read import read_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_read_show import (
    Reading,
    current_user,
    show_accounts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import read_version

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server
from .generated import SCHEMA, Crowd, crowds
from .test_mariadb import ACCOUNTS as OF_MARIADB
from .test_mysql import GENERATED, empty, make
from .test_other_sources import OF_MYSQL_56

# Accounts that use what only one grant table tells, each of another one, and a name that is hard to write.
OF_MYSQL_97 = [
    "CREATE USER reader, 'o''b\"r`\\\\n%_ü'@'host.example.com' IDENTIFIED BY 'x'",
    "CREATE USER two IDENTIFIED BY 'first' PASSWORD EXPIRE INTERVAL 9 DAY COMMENT 'it''s \\\\ \"ü\" \\n'",
    "ALTER USER two IDENTIFIED BY 'second' RETAIN CURRENT PASSWORD",
    "GRANT SELECT ON `s%`.* TO reader",
    "GRANT SELECT, UPDATE (a, `b``c`) ON shop.t TO two WITH GRANT OPTION",
    "GRANT EXECUTE ON PROCEDURE shop.p TO two",
    "GRANT BACKUP_ADMIN ON *.* TO two WITH GRANT OPTION",
    "GRANT reader TO two WITH ADMIN OPTION",
    "GRANT PROXY ON reader TO 'o''b\"r`\\\\n%_ü'@'host.example.com'",
    "SET DEFAULT ROLE reader TO two",
]
TABLES = ("db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv")
ROLE_TABLES = ("global_grants", "role_edges", "default_roles")


@pytest.fixture(scope="module")
def mysql97(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with mysql_server(tmp_path_factory.mktemp("97"), "9.7") as server:
        yield server


@pytest.fixture(scope="module")
def root97(mysql97: DatabaseServer) -> Iterator[Connection]:
    with connect(mysql97.login(), multi_statements=True) as connection:
        run(connection, SCHEMA)
        yield connection


@pytest.fixture
def filled97(root97: Connection) -> Iterator[Connection]:
    run(root97, OF_MYSQL_97)
    yield root97
    empty(root97, kept=())


@pytest.fixture
def filled56(tmp_path: Path) -> Iterator[tuple[DatabaseServer, Connection]]:
    with mysql_server(tmp_path, "5.6") as server, connect(server.login(), multi_statements=True) as connection:
        run(connection, SCHEMA + OF_MYSQL_56)
        run(connection, ["SET old_passwords = 2", "SET PASSWORD FOR sha = PASSWORD('x')", "SET old_passwords = 0"])
        yield server, connection


@pytest.fixture
def filled_mariadb(tmp_path: Path) -> Iterator[tuple[DatabaseServer, Connection]]:
    with mariadb_server(tmp_path) as server, connect(server.login(), multi_statements=True) as connection:
        run(connection, SCHEMA + OF_MARIADB)
        run(connection, ["ALTER USER shut PASSWORD EXPIRE", "ALTER USER cert@'10.%' WITH MAX_STATEMENT_TIME 2.5"])
        yield server, connection


def run(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def from_tables(connection: Connection) -> dict[AccountName, Account]:
    """What the grant tables say; they can be read."""
    reading = read_accounts(connection, read_version(connection))
    assert (reading.hidden, reading.notes, reading.complete) == ({}, (), True)
    return {account.name: account for account in reading.accounts}


def from_show(connection: Connection) -> Reading:
    """What the fallback says of a server that refuses a grant table."""
    reading = read_accounts(connection, read_version(connection))
    assert [(note.account, note.what) for note in reading.notes][:1] == [("*", "grant tables")]
    return reading


def shown(connection: Connection, names: Mapping[AccountName, Account]) -> Reading:
    """What SHOW statements alone say of some accounts."""
    return show_accounts(connection, read_version(connection), names, current_user(connection), {})


def by_name(reading: Reading) -> dict[AccountName, Account]:
    return {account.name: account for account in reading.accounts}


@contextlib.contextmanager
def without(connection: Connection, table: str) -> Iterator[None]:
    """A server whose grant table is gone; what it says is in its memory."""
    connection.execute(f"RENAME TABLE mysql.{table} TO mysql.{table}_away")
    try:
        yield
    finally:
        connection.execute(f"RENAME TABLE mysql.{table}_away TO mysql.{table}")


@contextlib.contextmanager
def logged_in(server: DatabaseServer, root: Connection, *grants: str) -> Iterator[Connection]:
    """An account with these grants and no others."""
    run(root, ["CREATE USER poor@'%' IDENTIFIED BY 'x'", *grants])
    try:
        with connect(server.login("poor", "x"), multi_statements=True) as poor:
            yield poor
    finally:
        root.execute("DROP USER poor@'%'")


@GENERATED
@given(crowd=crowds())
def test_show_tells_every_account_of_mysql_9_as_the_grant_tables_do(root97: Connection, crowd: Crowd) -> None:
    try:
        make(root97, crowd)
        tables = from_tables(root97)
        reading = shown(root97, tables)
        assert reading.hidden == {}
        # The one thing that no SHOW statement tells.
        told = {name: replace(account, second_password_hex="") for name, account in tables.items()}
        assert by_name(reading) == told
    finally:
        empty(root97, kept=())


def test_show_tells_partial_revokes(root97: Connection) -> None:
    try:
        run(root97, ["SET GLOBAL partial_revokes = ON", "CREATE USER part, `mem_ber`"])
        run(root97, ["GRANT SELECT, INSERT ON *.* TO part", "REVOKE INSERT ON mysql.* FROM part"])
        run(root97, ["REVOKE SELECT, INSERT ON `my_app`.* FROM part", "GRANT SELECT ON `my_app`.* TO `mem_ber`"])
        tables = from_tables(root97)
        assert len(tables[AccountName("part")].restrictions) == 2
        assert by_name(shown(root97, tables)) == tables
    finally:
        empty(root97, kept=())


def test_mandatory_and_active_roles_are_not_shown_as_an_accounts_own(
    filled97: Connection, mysql97: DatabaseServer
) -> None:
    run(filled97, ["SET GLOBAL mandatory_roles = 'reader'", "SET GLOBAL activate_all_roles_on_login = ON"])
    try:
        with logged_in(mysql97, filled97, "GRANT SELECT ON mysql.* TO poor", "GRANT reader TO poor") as poor:
            assert "`reader`" in str(poor.value("SELECT CURRENT_ROLE()"))
            tables = from_tables(poor)
            told = {name: replace(account, second_password_hex="") for name, account in tables.items()}
            assert by_name(shown(poor, tables)) == told
    finally:
        run(filled97, ["SET GLOBAL mandatory_roles = ''", "SET GLOBAL activate_all_roles_on_login = OFF"])


def test_show_tells_every_account_of_mysql_5_6_but_those_without_password(
    filled56: tuple[DatabaseServer, Connection],
) -> None:
    _server, root = filled56
    root.execute("ALTER USER everything PASSWORD EXPIRE")
    tables = from_tables(root)
    reading = shown(root, tables)
    # It shows no plug-in: an account of PAM would look like one that anybody may use.
    assert list(reading.hidden) == [AccountName("", "localhost")]
    assert [note.what for note in reading.notes] == ["whether passwords have expired"]
    everything = tables.pop(AccountName("everything"))
    assert everything.password.expired
    tables[everything.name] = replace(everything, password=everything.password._replace(expired=False))
    del tables[AccountName("", "localhost")]
    assert by_name(reading) == tables
    assert tables[AccountName("sha")].authentication[0].data_hex.startswith("243524")


def test_show_tells_every_account_and_role_of_mariadb(filled_mariadb: tuple[DatabaseServer, Connection]) -> None:
    _server, root = filled_mariadb
    tables = from_tables(root)
    reading = shown(root, tables)
    assert (reading.hidden, reading.notes) == ({}, ())
    told = by_name(reading)
    # It prints the right on every user's account as one from every host.
    me = AccountName("root", "localhost")
    assert set(tables.pop(me).grants) - set(told.pop(me).grants)
    assert told == tables


@pytest.mark.parametrize("table", TABLES + ROLE_TABLES)
def test_mysql_9_without_a_grant_table(filled97: Connection, table: str) -> None:
    before = from_tables(filled97)
    with without(filled97, table):
        reading = from_show(filled97)
    assert "error 1146" in reading.notes[0].reason
    assert (by_name(reading), reading.hidden, reading.complete) == (before, {}, True)
    # mysql.user tells the second passwords
    assert len(reading.notes) == 1


def test_mysql_9_without_its_table_of_accounts_names_them_all(filled97: Connection) -> None:
    before = from_tables(filled97)
    with without(filled97, "user"):
        reading = from_show(filled97)
        taken = take_accounts(filled97, (), ())
    assert (reading.accounts, set(reading.hidden), reading.complete) == ([], set(before), True)
    assert taken.accounts == ()
    listed = {entry.account: entry for entry in taken.skipped}
    assert "doesn't exist (error 1146)" in listed["two@%"].reason and "mysql_upgrade" in listed["two@%"].remedy
    assert "cannot be read" not in listed["root@localhost"].reason


def test_mysql_9_with_select_on_the_table_of_accounts_only(filled97: Connection, mysql97: DatabaseServer) -> None:
    with logged_in(mysql97, filled97, "GRANT SELECT ON mysql.user TO poor") as poor:
        before = from_tables(filled97)
        reading = from_show(poor)
    me = AccountName("poor")
    # SHOW CREATE USER wants more.
    assert [note.what for note in reading.notes] == ["grant tables", "default roles"]
    assert "error 1142" in reading.notes[0].reason and "SELECT on mysql.*" in reading.notes[0].remedy
    two = before[AccountName("two")]
    before[two.name] = replace(two, default_roles=frozenset())
    assert two.default_roles and by_name(reading) == before and me in before


@pytest.mark.parametrize(
    "grants",
    [
        ["GRANT SELECT (User, Host) ON mysql.user TO poor"],
        ["GRANT CREATE USER ON *.* TO poor"],
    ],
)
def test_mysql_9_lists_accounts_that_it_names_and_does_not_show(
    filled97: Connection, mysql97: DatabaseServer, grants: list[str]
) -> None:
    with logged_in(mysql97, filled97, *grants) as poor:
        run(filled97, [f"CREATE USER many{n}" for n in range(250)])
        poor.statements = 0
        taken = take_accounts(poor, (), ())
        assert poor.statements <= 20
        export = {entry.account: entry.reason for entry in taken.skipped}
    assert taken.accounts == ()
    assert {f"many{n}@%" for n in range(250)} <= set(export)
    assert "SELECT command denied" in export["two@%"] and "(error 1142)" in export["two@%"]
    names_all = "User, Host" in grants[0]
    assert ("list of accounts" in {entry.what for entry in taken.skipped}) is not names_all
    # It hides accounts with SYSTEM_USER from those without, and says so.
    assert ("root@localhost" in export) is names_all
    # What was not shown, or not even named, is no reason to drop anything.
    wanted, purge = unpack(pack(taken)), Options(purge=True)
    assert wanted.complete is names_all
    if names_all:
        assert "many" not in bring_accounts(filled97, wanted, purge, check=True).diff["before"]
    else:
        with pytest.raises(MysqlError, match=r"\[accounts.source_incomplete\].*SELECT on mysql"):
            bring_accounts(filled97, wanted, purge, check=True)


@pytest.mark.parametrize(
    "grants",
    [[], ["SET GLOBAL partial_revokes = ON", "GRANT SELECT ON *.* TO poor", "REVOKE SELECT ON mysql.* FROM poor"]],
)
def test_an_account_that_sees_itself_only_is_told_so_unless_it_asks_for_itself(
    filled97: Connection, mysql97: DatabaseServer, grants: list[str]
) -> None:
    try:
        with logged_in(mysql97, filled97, *grants) as poor:
            with pytest.raises(MysqlError, match=r"\[accounts.unreadable\].*poor@%.*SELECT on mysql"):
                take_accounts(poor, (), ())
            taken = take_accounts(poor, ["poor"], ())
    finally:
        filled97.execute("SET GLOBAL partial_revokes = OFF")
    assert [(entry.account, entry.what) for entry in taken.skipped] == [
        ("*", "grant tables"),
        ("*", "list of accounts"),
        ("poor@%", "account"),
    ]
    # It is its own account, and still its hash stays hidden.
    assert "hides its password's hash" in taken.skipped[-1].reason


def test_mysql_5_6_with_damaged_files(filled56: tuple[DatabaseServer, Connection]) -> None:
    server, root = filled56
    before = from_tables(root)
    (server.datadir / "mysql" / "procs_priv.MYI").write_bytes(b"nonsense" * 200)
    root.execute("FLUSH TABLES")
    reading = from_show(root)
    assert (by_name(reading), reading.hidden) == (before, {})

    (server.datadir / "mysql" / "user.MYI").write_bytes(b"nonsense" * 200)
    root.execute("FLUSH TABLES")
    reading = from_show(root)
    assert list(reading.hidden) == [AccountName("", "localhost")]
    assert set(by_name(reading)) == set(before) - set(reading.hidden)
    assert all(before[name] == account for name, account in by_name(reading).items())
    assert "procs_priv" in reading.notes[0].reason or "user" in reading.notes[0].reason


def test_mysql_5_6_hides_hashes_from_who_is_no_administrator(filled56: tuple[DatabaseServer, Connection]) -> None:
    server, root = filled56
    root.execute("DROP USER ''@localhost")
    with logged_in(server, root, "GRANT SELECT ON mysql.* TO poor") as poor, without(root, "procs_priv"):
        reading = from_show(poor)
        assert (by_name(reading), reading.hidden) == (by_name(from_show(root)), {})
        with without(root, "user"):
            reading = from_show(poor)
    assert reading.accounts == [] and reading.complete
    assert "hides its password's hash" in reading.hidden[AccountName("app", "10.%")]


def test_mariadb_without_a_grant_table(filled_mariadb: tuple[DatabaseServer, Connection]) -> None:
    _server, root = filled_mariadb
    before = from_tables(root)
    del before[AccountName("root", "localhost")]
    for table in (*TABLES, "roles_mapping"):
        with without(root, table):
            reading = from_show(root)
        told = by_name(reading)
        del told[AccountName("root", "localhost")]
        assert (told, reading.hidden, reading.complete) == (before, {}, True), table


def test_mariadb_with_a_damaged_table_of_accounts(filled_mariadb: tuple[DatabaseServer, Connection]) -> None:
    server, root = filled_mariadb
    before = from_tables(root)
    (server.datadir / "mysql" / "global_priv.MAI").write_bytes(b"nonsense" * 1024)
    root.execute("FLUSH TABLES")
    reading = from_show(root)
    told = by_name(reading)
    # Everybody's role is not among those that accounts are members of, and travels never.
    assert set(before) - set(told) == {AccountName("PUBLIC", "")}
    assert all(told[name] == before[name] for name in told if name.user != "root")
    assert [note.what for note in reading.notes] == ["grant tables", "list of accounts"]
    assert not reading.complete and "roles that no account is a member of" in reading.notes[1].reason


def test_accounts_are_asked_for_by_the_packet(root97: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, told = [], []
    run(root97, [f"CREATE USER u{n}" for n in range(300)])
    try:
        for size in (batches.BATCH_BYTES, 2048):
            monkeypatch.setattr(batches, "BATCH_BYTES", size)
            with without(root97, "role_edges"):
                root97.statements = 0
                told.append(from_show(root97).accounts)
                asked.append(root97.statements)
    finally:
        empty(root97, kept=())
    assert len(told[0]) > 300
    assert told[1] == told[0]
    assert asked[0] <= 24
    # Two statements of some thirty bytes for each account.
    assert asked[1] - asked[0] > 2 * 300 * 25 / 2048


def test_account_that_the_target_does_not_show_is_not_made_again(filled97: Connection, mysql97: DatabaseServer) -> None:
    run(filled97, ["CREATE USER strong", "GRANT SYSTEM_USER ON *.* TO strong"])
    names = [AccountName("two"), AccountName("strong"), AccountName("new")]
    export = take_accounts(filled97, ["two", "strong"], ())
    assert [account.name for account in export.accounts] == sorted(names[:2])
    wanted = export._replace(accounts=(*export.accounts, replace(export.accounts[1], name=names[2])), skipped=())
    with logged_in(mysql97, filled97, "GRANT CREATE USER ON *.* TO poor") as poor:
        outcome = bring_accounts(poor, wanted, Options(), check=False)
        none = bring_accounts(poor, wanted, Options(exclude=["*"]), check=False)
    assert {entry.reason for entry in none.skipped if entry.account == "two@%"} == {"a pattern of exclude fits it"}
    assert outcome.failed == []
    assert outcome.summary["created"] == 1
    told = {entry.account: entry for entry in outcome.skipped if entry.what == "account"}
    # Named, not shown: not touched. Not even named: the server says why not.
    assert "does not let it be read" in told["two@%"].reason
    assert "SYSTEM_USER" in told["strong@%"].reason and "error 1227" in told["strong@%"].reason
    assert {entry.what for entry in outcome.skipped if entry.account == "*"} == {
        "grant tables of the target",
        "list of accounts of the target",
    }


def test_account_that_the_target_does_not_even_name_is_said_to_be_there(
    filled_mariadb: tuple[DatabaseServer, Connection],
) -> None:
    server, root = filled_mariadb
    run(root, ["DROP USER ''@'%'"])
    wanted = take_accounts(root, ["ever", "old"], ())._replace(skipped=())
    root.execute("DROP USER old@'%'")
    with logged_in(server, root, "GRANT CREATE USER ON *.* TO poor") as poor:
        outcome = bring_accounts(poor, wanted, Options(), check=False)
    assert (outcome.summary["created"], outcome.failed) == (1, [])
    told = [entry.reason for entry in outcome.skipped if (entry.account, entry.what) == ("ever@%", "account")]
    assert len(told) == 1
    assert "seems to be there already, and not all accounts of the target could be read" in told[0]
    assert "error 1396" in told[0]
