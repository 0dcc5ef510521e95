# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts from a real MySQL 9.7 to another one, judged by what the servers themselves say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import (
    Outcome,
    bring_accounts,
    read_rights,
    take_accounts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import (
    Skipped,
    pack,
    unpack,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    GLOBAL,
    Account,
    AccountName,
    Grant,
    Scope,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_read import read_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_script import accounts_script
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.objects_dump import dump_document
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.privileges import SUCCESSORS, SUPER_PARTS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.quoting import quote_text
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import read_version

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer
from .comparison import changing, unlike
from .generated import PASSWORD, SCHEMA, Crowd, Person, crowds
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
    """Drop all accounts but the server's own and those that are kept, and with them partial revokes."""
    for server in servers:
        marks = ", ".join(["%s"] * len(OF_THE_SERVER + kept))
        names = server.rows(
            f"SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) AS name FROM mysql.user WHERE User NOT IN ({marks})",
            OF_THE_SERVER + kept,
        )
        for row in names:
            server.execute(f"DROP USER {row['name']}")
        server.execute("SET GLOBAL partial_revokes = OFF")
        # It keeps the rows of accounts whose names are not ASCII.
        server.execute("DELETE FROM mysql.procs_priv")
        server.execute("FLUSH PRIVILEGES")


def run(server: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        server.execute(statement)


def make(server: Connection, crowd: Crowd) -> None:
    server.execute(f"SET GLOBAL partial_revokes = {'ON' if crowd.partial_revokes else 'OFF'}")
    for account in crowd.people:
        for statement in account.statements:
            server.execute(statement)


def carry(source: Connection, target: Connection, check: bool = False, include: Sequence[str] = ()) -> Outcome:
    """Export, pack, unpack and bring, as the two modules do."""
    taken = take_accounts(source, (), ())
    return bring_accounts(target, unpack(pack(taken)), Options(include), check)


def told(server: Connection, account: Person) -> list[str]:
    """What a server says of an account, hashes included."""
    server.execute("SET SESSION print_identified_with_as_hex = ON")
    lines = [str(server.value(f"SHOW CREATE USER {account.name}"))]
    lines += sorted(str(next(iter(row.values()))) for row in server.rows(f"SHOW GRANTS FOR {account.name}"))
    return lines


@GENERATED
@given(crowd=crowds())
def test_whoever_may_give_everything_brings_every_account_as_it_is(
    source_root: Connection, target_root: Connection, crowd: Crowd
) -> None:
    try:
        make(source_root, crowd)
        make(target_root, crowd._replace(people=[]))
        # Named by a pattern, accounts without a name come from wherever they are.
        outcome = carry(source_root, target_root, include=["*"])
        assert outcome.failed == []
        others = [one.account.split("@")[0] for one in outcome.skipped if one.what != "former passwords"]
        assert set(others) <= set(OF_THE_SERVER)
        for account in crowd.people:
            assert told(source_root, account) == told(target_root, account)
        assert unlike(source_root, target_root) == []
        sent = changing(target_root)
        again = carry(source_root, target_root, include=["*"])
        assert changing(target_root) == sent
        assert (again.changed, again.summary["unchanged"]) == (False, len(crowd.people))
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
@given(crowd=crowds())
def test_what_a_master_user_cannot_give_is_listed_and_all_else_arrives(
    source_root: Connection, target_root: Connection, master: Connection, crowd: Crowd
) -> None:
    try:
        make(source_root, crowd)
        make(target_root, crowd._replace(people=[]))
        outcome = carry(source_root, master)
        assert outcome.failed == []
        listed = {(one.account, one.what) for one in outcome.skipped}
        there, here = by_name(source_root), by_name(target_root)
        for account in crowd.people:
            label = AccountName(*account.plain).label
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
            renamed |= {"GRANT OPTION", *SUCCESSORS["RELOAD"]} if "RELOAD ON *.*" in missing else set()
            assert extra <= renamed
            # What did not come needs no revoking.
            held = got.grants.get(GLOBAL, Grant(frozenset())).privileges
            revoked = {schema: names & held for schema, names in wanted.restrictions.items() if names & held}
            assert got.restrictions == revoked
        # Only that a nameless one stays, so that it takes nobody's logins, does not follow from what both servers say.
        nameless = {AccountName(*account.plain).label for account in crowd.people if not account.plain[0]}
        stayed = [one for one in outcome.skipped if one.account in nameless]
        assert unlike(source_root, master, outcome._replace(skipped=stayed)) == []
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


def test_what_accounts_have_from_variables_is_named_where_the_target_has_it_not(
    source_root: Connection, target_root: Connection
) -> None:
    wanted = {
        "activate_all_roles_on_login": "ON",
        "default_password_lifetime": "90",
        "password_history": "5",
        "password_reuse_interval": "30",
        "password_require_current": "ON",
    }
    usual = {name: str(source_root.value(f"SELECT @@GLOBAL.{name}")) for name in wanted}

    def told() -> dict[str, Skipped]:
        return {one.what: one for one in carry(source_root, target_root).skipped if one.what in wanted}

    try:
        for name, value in wanted.items():
            source_root.execute(f"SET GLOBAL {name} = {value}")
        run(source_root, ["CREATE ROLE reader", "CREATE USER plain IDENTIFIED BY 'x'"])
        run(source_root, ["CREATE USER member IDENTIFIED BY 'x' PASSWORD HISTORY 5", "GRANT reader TO member"])
        found = told()
        script = accounts_script(target_root, take_accounts(source_root, (), ()), Options(), "")
        assert all(f"-- {name}: {one.reason}\n" in script for name, one in found.items())
        assert list(found) == list(wanted) and {one.account for one in found.values()} == {"*"}
        assert found["activate_all_roles_on_login"].reason.startswith("1 account has")
        assert "SET DEFAULT ROLE ALL" in found["activate_all_roles_on_login"].remedy
        assert found["password_history"].reason.startswith("1 account has")
        assert found["default_password_lifetime"].reason.startswith("2 accounts")
        assert found["default_password_lifetime"].reason.endswith("is 90 on the source, 0 on the target")
        # What the remedies say is what the server understands.
        for name in list(wanted)[1:]:
            for account in ("plain", "member"):
                source_root.execute(f"ALTER USER {account} {found[name].remedy.split('... ')[1].split(')')[0]}")
        source_root.execute("SET DEFAULT ROLE ALL TO member")
        assert told() == {}
        source_root.execute("ALTER USER plain PASSWORD HISTORY DEFAULT")
        assert list(told()) == ["password_history"]
        target_root.execute("SET GLOBAL password_history = 5")
        assert told() == {}
    finally:
        for server in (source_root, target_root):
            for name, value in usual.items():
                server.execute(f"SET GLOBAL {name} = {value}")
        empty(source_root, target_root)


def test_roles_that_everybody_has_by_a_variable_are_named(source_root: Connection, target_root: Connection) -> None:
    try:
        source_root.execute("CREATE ROLE reader, 'wri,ter'@'10.%'")
        source_root.execute("SET GLOBAL mandatory_roles = 'reader, `wri,ter`@`10.%`'")
        source_root.execute("CREATE USER member IDENTIFIED BY 'x' DEFAULT ROLE reader")
        outcome = carry(source_root, target_root)
        told = [entry.what for entry in outcome.skipped if entry.account in ("*", "member@%")]
        assert told == ["default role reader@%", "mandatory role reader@%", "mandatory role wri,ter@10.%"]
        assert outcome.failed == [] and unlike(source_root, target_root, outcome) == []
        export = take_accounts(source_root, (), ())
        dumped = dump_document(export, None, None)["accounts"]
        assert dumped["mandatory_roles"] == ["reader@%", "wri,ter@10.%"]
        assert "mandatory_roles: reader@%, wri,ter@10.%\n" in accounts_script(target_root, export, Options(), "")
        target_root.execute("SET GLOBAL mandatory_roles = 'reader, `wri,ter`@`10.%`'")
        outcome = carry(source_root, target_root)
        assert not [entry for entry in outcome.skipped if entry.account in ("*", "member@%")]
        assert outcome.failed == [] and unlike(source_root, target_root) == []
        assert "DEFAULT ROLE `reader`@`%`" in str(target_root.value("SHOW CREATE USER member"))
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


def test_rights_without_a_name_on_the_target_do_not_keep_others_from_being_restricted(
    source_root: Connection, target_root: Connection, master: Connection
) -> None:
    """Seen at MySQL 9.7: what ''@'%' may do in a schema makes it refuse everybody's partial revokes there (1141)."""
    try:
        for server in (source_root, target_root):
            server.execute("SET GLOBAL partial_revokes = ON")
        for statement in ("CREATE USER ''@'%'", "GRANT SELECT ON shop.* TO ''@'%'"):
            target_root.execute(statement)
        for statement in (
            "CREATE USER part IDENTIFIED BY 'secret of part'",
            "GRANT SELECT, INSERT, LOCK TABLES ON *.* TO part",
            "REVOKE SELECT, INSERT, LOCK TABLES ON shop.* FROM part",
            "CREATE USER own IDENTIFIED BY 'secret of own'",
            "GRANT SELECT ON *.* TO own",
            "GRANT UPDATE ON shop.* TO own",
            "REVOKE SELECT ON shop.* FROM own",
        ):
            source_root.execute(statement)
        outcome = carry(source_root, master)
        assert outcome.failed == []
        for user in ("part", "own"):
            shown = [
                [next(iter(row.values())) for row in server.rows(f"SHOW GRANTS FOR {user}")]
                for server in (source_root, target_root)
            ]
            assert shown[0] == shown[1]
        assert not carry(source_root, master).changed
    finally:
        empty(source_root, target_root)


HERE = """
CREATE USER aging IDENTIFIED BY 'a' PASSWORD EXPIRE INTERVAL 90 DAY;
ALTER USER aging PASSWORD EXPIRE;
CREATE USER twin IDENTIFIED BY 'first';
ALTER USER twin IDENTIFIED BY 'second' RETAIN CURRENT PASSWORD;
ALTER USER twin PASSWORD EXPIRE;
CREATE USER plain IDENTIFIED BY 'p' ATTRIBUTE '{"a": {"b": 1}, "k": 2}';
CREATE ROLE first, second;
GRANT first, second TO plain;
SET DEFAULT ROLE first TO plain;
CREATE USER giver IDENTIFIED BY 'p';
GRANT SELECT ON *.* TO giver WITH GRANT OPTION;
GRANT ROLE_ADMIN ON *.* TO giver;
GRANT XA_RECOVER_ADMIN ON *.* TO giver WITH GRANT OPTION;
CREATE USER part IDENTIFIED BY 'p';
GRANT SELECT, INSERT ON *.* TO part;
REVOKE INSERT ON shop.* FROM part
"""
THERE = """
CREATE USER plain IDENTIFIED BY 'older' ATTRIBUTE '{"a": {"c": 2}, "d": {"e": 1}}';
ALTER USER plain IDENTIFIED BY 'p' RETAIN CURRENT PASSWORD;
CREATE ROLE first, second;
GRANT first, second TO plain;
SET DEFAULT ROLE first TO plain;
CREATE USER giver IDENTIFIED BY 'p';
GRANT SELECT ON *.* TO giver;
GRANT ROLE_ADMIN, XA_RECOVER_ADMIN ON *.* TO giver;
CREATE USER part IDENTIFIED BY 'p';
GRANT SELECT, INSERT ON *.* TO part;
REVOKE SELECT, INSERT ON shop.* FROM part;
REVOKE SELECT ON my_app.* FROM part
"""


def test_what_is_there_and_not_alike_becomes_alike(
    source_root: Connection, target_root: Connection, target: DatabaseServer
) -> None:
    servers = (source_root, target_root)
    try:
        for server, statements in zip(servers, (HERE, THERE)):
            server.execute("SET GLOBAL partial_revokes = ON")
            for statement in statements.split(";"):
                server.execute(statement)
        assert len(unlike(source_root, target_root)) > 5
        outcome = carry(source_root, target_root)
        assert outcome.failed == []
        for name in ("aging", "twin", "plain", "first", "second", "giver", "part"):
            account = Person(f"'{name}'", (name, "%"), [])
            assert told(source_root, account) == told(target_root, account)
        assert unlike(source_root, target_root) == []
        assert not carry(source_root, target_root).changed
        with connect(target.login("plain", "p")) as connection:
            assert connection.value("SELECT CURRENT_USER()") == "plain@%"
        with pytest.raises(MysqlError, match="denied"), connect(target.login("plain", "older")):
            pass
    finally:
        empty(*servers)


def test_what_was_refused_is_no_change(source_root: Connection, target_root: Connection, master: Connection) -> None:
    try:
        target_root.execute("CREATE USER strong IDENTIFIED BY 'p'")
        target_root.execute("GRANT SYSTEM_USER ON *.* TO strong")
        source_root.execute("CREATE USER strong IDENTIFIED BY 'other'")
        outcome = carry(source_root, master)
        assert (outcome.changed, outcome.failed) == (False, [])
        assert [one.account for one in outcome.skipped if one.account == "strong@%"]
    finally:
        empty(source_root, target_root)


def test_what_a_role_of_the_master_may_not_pass_on_is_not_tried(
    target_root: Connection, target: DatabaseServer
) -> None:
    try:
        for statement in (
            "SET GLOBAL partial_revokes = ON",
            "CREATE ROLE giver",
            "GRANT SELECT ON *.* TO giver WITH GRANT OPTION",
            "REVOKE SELECT ON shop.* FROM giver",
            "CREATE USER weak IDENTIFIED BY 'w'",
            "GRANT CREATE USER ON *.* TO weak WITH GRANT OPTION",
            "GRANT giver TO weak",
        ):
            target_root.execute(statement)
        with connect(target.login("weak", "w")) as weak:
            rights = read_rights(weak, read_version(weak))
        assert rights.may_grant(Scope("schema", "other"), "SELECT")
        assert not rights.may_grant(Scope("schema", "shop"), "SELECT")
    finally:
        empty(target_root)
