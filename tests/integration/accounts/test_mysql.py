# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts from a real MySQL 9.7 to another one, judged by what the servers themselves say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import (
    Outcome,
    bring_accounts,
    take_accounts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import pack, unpack
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import Account
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_read import read_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.privileges import SUPER_PARTS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.quoting import quote_text
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import read_version

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer
from .generated import PASSWORD, SCHEMA, Person, people
from .masters import DEFINERS, MASTER, MASTER_PASSWORD, MASTERS, ROLE, make_master

GENERATED = settings(
    max_examples=40,
    phases=(Phase.generate,),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
OF_THE_SERVER = ("root", "mysql.session", "mysql.sys", "mysql.infoschema")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with mysql_server(tmp_path_factory.mktemp("source"), "9.7") as server:
        yield server


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with mysql_server(tmp_path_factory.mktemp("target"), "9.7") as server:
        yield server


@pytest.fixture(scope="module")
def source_root(source: DatabaseServer) -> Iterator[Connection]:
    with connect(source.login(), multi_statements=True) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        yield connection


@pytest.fixture(scope="module")
def target_root(target: DatabaseServer) -> Iterator[Connection]:
    with connect(target.login(), multi_statements=True) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        yield connection


@pytest.fixture(params=MASTERS)
def master(request: pytest.FixtureRequest, target: DatabaseServer, target_root: Connection) -> Iterator[Connection]:
    """A master user with exactly what one of Aurora has."""
    make_master(target_root, request.param)
    with connect(target.login(MASTER, MASTER_PASSWORD), multi_statements=True) as connection:
        yield connection
    empty(target_root, kept=())


def empty(*servers: Connection, kept: tuple[str, ...] = (MASTER, ROLE)) -> None:
    """Drop all accounts but the server's own and those that are kept."""
    for server in servers:
        marks = ", ".join(["%s"] * len(OF_THE_SERVER + kept))
        names = server.rows(
            f"SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) AS name FROM mysql.user WHERE User NOT IN ({marks})",
            OF_THE_SERVER + kept,
        )
        for row in names:
            server.execute(f"DROP USER {row['name']}")
        # It keeps the rows of accounts whose names are not ASCII.
        server.execute("DELETE FROM mysql.procs_priv")
        server.execute("FLUSH PRIVILEGES")


def make(server: Connection, accounts: list[Person]) -> None:
    for account in accounts:
        for statement in account.statements:
            server.execute(statement)


def carry(source: Connection, target: Connection, check: bool = False) -> Outcome:
    """Export, pack, unpack and bring, as the two modules do."""
    taken = take_accounts(source, (), ())
    return bring_accounts(target, unpack(pack(taken)), Options(), check)


def told(server: Connection, account: Person) -> list[str]:
    """What a server says of an account, hashes included."""
    server.execute("SET SESSION print_identified_with_as_hex = ON")
    lines = [str(server.value(f"SHOW CREATE USER {account.name}"))]
    lines += sorted(str(next(iter(row.values()))) for row in server.rows(f"SHOW GRANTS FOR {account.name}"))
    return lines


@GENERATED
@given(accounts=people())
def test_whoever_may_give_everything_brings_every_account_as_it_is(
    source_root: Connection, target_root: Connection, accounts: list[Person]
) -> None:
    try:
        make(source_root, accounts)
        outcome = carry(source_root, target_root)
        assert outcome.failed == []
        assert {one.account.split("@")[0] for one in outcome.skipped} <= set(OF_THE_SERVER)
        for account in accounts:
            assert told(source_root, account) == told(target_root, account)
        again = carry(source_root, target_root)
        assert (again.changed, again.summary["unchanged"]) == (False, len(accounts))
    finally:
        empty(source_root, target_root)


def by_name(server: Connection) -> dict[str, Account]:
    return {account.name.label: account for account in read_accounts(server, read_version(server)).accounts}


def lost(one: Account, other: Account) -> Iterator[str]:
    """What an account has on one server and not on the other, in the words of the list of what was left behind."""
    for scope, grant in one.grants.items():
        held = other.grants.get(scope)
        privileges = set(grant.privileges) - set(held.privileges if held else ())
        # Where nothing of it is there, there is nothing to pass on.
        if grant.grantable and not (held.grantable if held else grant.privileges):
            privileges.add("GRANT OPTION")
        yield from (f"{privilege} ON {where(scope)}" for privilege in privileges)
    for role, admin in one.roles.items():
        if role not in other.roles or (admin and not other.roles[role]):
            yield f"membership in role {role.label}"


def where(scope: Any) -> str:
    """A scope as the list of what was left behind names it."""
    if scope.level in ("global", "dynamic"):
        return "*.*"
    if scope.level == "proxy":
        return f"{quote_text(scope.name)}@{quote_text(scope.detail)}"
    name = "*" if scope.level == "schema" else f"`{scope.name}`"
    return (f"{scope.detail} " if scope.level == "routine" else "") + f"`{scope.schema}`.{name}"


@GENERATED
@given(accounts=people())
def test_what_a_master_user_cannot_give_is_listed_and_all_else_arrives(
    source_root: Connection, target_root: Connection, master: Connection, accounts: list[Person]
) -> None:
    try:
        make(source_root, accounts)
        outcome = carry(source_root, master)
        assert outcome.failed == []
        listed = {(one.account, one.what) for one in outcome.skipped}
        there, here = by_name(source_root), by_name(target_root)
        for account in accounts:
            label = "@".join(account.plain)
            if label not in here:
                assert (label, "account") in listed
                continue
            wanted, got = there[label], here[label]
            for member in ("authentication", "second_password_hex", "tls", "limits", "password", "locked"):
                assert getattr(got, member) == getattr(wanted, member), member
            assert got.attributes_json == wanted.attributes_json
            missing = set(lost(wanted, got))
            assert {(label, what) for what in missing} <= listed
            # Nothing came that was not there, but what SUPER and the definers' privileges are called today.
            extra = {name.removesuffix(" ON *.*") for name in lost(got, wanted)}
            renamed = {"GRANT OPTION", *SUPER_PARTS} if "SUPER ON *.*" in missing else set(DEFINERS)
            assert extra <= renamed
        again = carry(source_root, master)
        assert (again.changed, again.failed) == (False, [])
    finally:
        empty(source_root, target_root)


def test_a_copied_account_logs_in_with_its_old_passwords(
    source_root: Connection, target_root: Connection, target: DatabaseServer
) -> None:
    try:
        for plugin in ("caching_sha2_password", "sha256_password"):
            source_root.execute(f"CREATE USER {plugin} IDENTIFIED WITH {plugin} BY %s", (PASSWORD,))
        source_root.execute("CREATE USER two IDENTIFIED BY 'first'")
        source_root.execute("ALTER USER two IDENTIFIED BY 'second' RETAIN CURRENT PASSWORD")
        assert carry(source_root, target_root).failed == []
        logins = [
            ("caching_sha2_password", PASSWORD),
            ("sha256_password", PASSWORD),
            ("two", "first"),
            ("two", "second"),
        ]
        for user, password in logins:
            with connect(target.login(user, password)) as connection:
                assert connection.value("SELECT CURRENT_USER()") == f"{user}@%"
    finally:
        empty(source_root, target_root)


def test_roles_that_everybody_has_by_a_variable_are_named(source_root: Connection, target_root: Connection) -> None:
    try:
        source_root.execute("CREATE ROLE reader, 'wri,ter'@'10.%'")
        source_root.execute("SET GLOBAL mandatory_roles = 'reader, `wri,ter`@`10.%`'")
        outcome = carry(source_root, target_root)
        told = [entry.what for entry in outcome.skipped if entry.account == "*"]
        assert told == ["mandatory role reader@%", "mandatory role wri,ter@10.%"]
        target_root.execute("SET GLOBAL mandatory_roles = 'reader, `wri,ter`@`10.%`'")
        assert not [entry for entry in carry(source_root, target_root).skipped if entry.account == "*"]
    finally:
        for server in (source_root, target_root):
            server.execute("SET GLOBAL mandatory_roles = ''")
        empty(source_root, target_root)


@pytest.mark.parametrize("target_has_them", [True, False])
def test_partial_revokes_arrive_or_cost_the_global_privilege(
    source_root: Connection, target_root: Connection, target_has_them: bool
) -> None:
    try:
        source_root.execute("SET GLOBAL partial_revokes = ON")
        target_root.execute(f"SET GLOBAL partial_revokes = {'ON' if target_has_them else 'OFF'}")
        source_root.execute("CREATE USER part IDENTIFIED BY 'secret of part'")
        source_root.execute("GRANT SELECT, INSERT, DELETE ON *.* TO part")
        source_root.execute("REVOKE SELECT, INSERT ON `sh_op%`.* FROM part")
        outcome = carry(source_root, target_root)
        assert outcome.failed == []
        grants = [next(iter(row.values())) for row in target_root.rows("SHOW GRANTS FOR part")]
        lost = [entry.what for entry in outcome.skipped if entry.account == "part@%"]
        if target_has_them:
            assert grants == [next(iter(row.values())) for row in source_root.rows("SHOW GRANTS FOR part")]
            assert lost == []
        else:
            assert grants == ["GRANT DELETE ON *.* TO `part`@`%`"]
            assert lost == ["INSERT ON *.*", "SELECT ON *.*"]
        assert not carry(source_root, target_root).changed
    finally:
        empty(source_root, target_root)
        for server in (source_root, target_root):
            server.execute("SET GLOBAL partial_revokes = OFF")
