# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From source to target, without servers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    GLOBAL,
    Account,
    AccountName,
    Authentication,
    Grant,
    Scope,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import (
    Options,
    Phase,
    Plan,
    make_plan,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_translate import Target
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.grants import parse_grants
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.privileges import rights_of
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from . import strategies

# AWS, "Master user account privileges" of Aurora MySQL 3 (with its role) and of Aurora MySQL 2.
STATIC = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)
DYNAMIC = "APPLICATION_PASSWORD_ADMIN,CONNECTION_ADMIN,ROLE_ADMIN,SET_USER_ID,XA_RECOVER_ADMIN"
MASTER_3 = [
    f"GRANT {STATIC} ON *.* TO `admin`@`%` WITH GRANT OPTION",
    f"GRANT {DYNAMIC} ON *.* TO `admin`@`%` WITH GRANT OPTION",
    "GRANT `rds_superuser_role`@`%` TO `admin`@`%` WITH ADMIN OPTION",
]
AURORA_3 = ServerVersion("aurora", (8, 0, 39))
AURORA_2 = ServerVersion("aurora", (5, 7, 44))
SOURCE = ServerVersion("mysql", (8, 0, 36))
PLUGINS = frozenset({"mysql_native_password", "caching_sha2_password"})
HASH = b"*462366917EEDD1970A48E87D8EF59EB67D2CA26F".hex().upper()
NATIVE = (Authentication("mysql_native_password", HASH),)


def target(version: ServerVersion = AURORA_3, **changes: object) -> Target:
    lines = MASTER_3 if version.number >= (8, 0, 0) else MASTER_3[:1]
    base = Target(version, AccountName("admin"), rights_of(parse_grants(lines), version), PLUGINS)
    return replace(base, **changes)


def plan(
    wanted: list[Account],
    to: Target,
    actual: tuple[Account, ...] = (),
    source: ServerVersion = SOURCE,
    **options: object,
) -> Plan:
    return make_plan(wanted, source, actual, to, Options(**options), lambda _name: "nobody knows")


def user(name: str = "app", **members: object) -> Account:
    return Account(AccountName(name), **{"authentication": NATIVE, **members})


def what(made: Plan) -> dict[str, str]:
    return {entry.what: entry.reason for entry in made.skipped}


def test_steps_stand_in_the_order_in_which_they_can_be_done() -> None:
    role = AccountName("reader")
    app = user(roles={role: False}, default_roles=frozenset({role}), grants={GLOBAL: Grant(frozenset({"SELECT"}))})
    made = plan([app, user("reader")], target())
    assert [step.phase for step in made.steps] == sorted(step.phase for step in made.steps)
    assert [step.sql for step in made.steps if step.account.user == "app"][1:] == [
        "GRANT 'reader'@'%' TO 'app'@'%'",
        "GRANT SELECT ON *.* TO 'app'@'%'",
        "SET DEFAULT ROLE 'reader'@'%' TO 'app'@'%'",
    ]


def test_super_becomes_the_dynamic_privileges_that_the_target_gives() -> None:
    made = plan([user(grants={GLOBAL: Grant(frozenset({"SUPER", "SHUTDOWN"}))})], target())
    assert made.steps[-1].sql == (f"GRANT {DYNAMIC.replace(',', ', ')} ON *.* TO 'app'@'%'")
    assert "in its place" in what(made)["SUPER ON *.*"]
    assert "admin@% that we are" in what(made)["SHUTDOWN ON *.*"]


def test_aurora_two_has_no_roles_and_says_so() -> None:
    role = AccountName("reader")
    made = plan([user(roles={role: True}, default_roles=frozenset({role}))], target(AURORA_2))
    assert what(made) == {"membership in role reader@%": "the target has no roles"}
    assert [step.phase for step in made.steps] == [Phase.CREATE]


def test_role_of_mariadb_becomes_a_locked_account_of_mysql() -> None:
    reader = Account(
        AccountName("reader", ""), is_role=True, grants={Scope("schema", "shop"): Grant(frozenset({"SELECT"}))}
    )
    app = user(roles={AccountName("reader", ""): False})
    made = plan([reader, app], target(), source=ServerVersion("mariadb", (10, 11, 0)))
    created = next(step.sql for step in made.steps if step.account.user == "reader")
    assert created.startswith("CREATE USER 'reader'@'%'") and "ACCOUNT LOCK" in created
    assert "GRANT 'reader'@'%' TO 'app'@'%'" in [step.sql for step in made.steps]


def test_partial_revoke_never_widens_what_an_account_may_do() -> None:
    restricted = user(
        grants={GLOBAL: Grant(frozenset({"SELECT", "INSERT"}))}, restrictions={"mysql": frozenset({"INSERT"})}
    )
    without = plan([restricted], target())
    assert [step.sql for step in without.steps][1:] == ["GRANT SELECT ON *.* TO 'app'@'%'"]
    assert "partial_revokes is off" in what(without)["INSERT ON *.*"]
    having = plan([restricted], target(partial_revokes=True))
    assert [step.sql for step in having.steps][1:] == [
        "GRANT INSERT, SELECT ON *.* TO 'app'@'%'",
        "REVOKE INSERT ON `mysql`.* FROM 'app'@'%'",
    ]


def test_patterns_where_partial_revokes_is_on() -> None:
    grants = {
        Scope("schema", "my\\_app"): Grant(frozenset({"SELECT"})),
        Scope("schema", "my_app"): Grant(frozenset({"SELECT"})),
    }
    made = plan([user(grants=grants)], target(partial_revokes=True))
    assert [step.sql for step in made.steps][1:] == ["GRANT SELECT ON `my_app`.* TO 'app'@'%'"]
    assert [entry.what for entry in made.skipped] == ["grants ON `my_app`.*"]


@pytest.mark.parametrize(
    "name", ["root", "rdsadmin", "mysql.sys", "AWS_LAMBDA_ACCESS", "rds_superuser_role", "mariadb.sys", "admin"]
)
def test_accounts_of_the_server_never_travel(name: str) -> None:
    made = plan([user(name)], target(), purge=True)
    assert (made.steps, made.left_out, len(made.skipped)) == ([], 1, 1)
    # nor are they touched where they are
    assert not plan([], target(), (user(name),), purge=True).steps


def test_statements_with_hashes_are_marked() -> None:
    made = plan([user(grants={GLOBAL: Grant(frozenset({"SELECT"}))})], target())
    assert [(HASH in step.sql or "*46" in step.sql, step.secret) for step in made.steps] == [
        (True, True),
        (False, False),
    ]
    assert "*46" not in made.after.text() and HASH not in made.after.text()


def test_hash_that_is_none_of_mysqls_is_not_sent() -> None:
    odd = user(authentication=(Authentication("mysql_native_password", b"invalid".hex()),))
    assert plan([odd], target()).left_out == 1
    locked = plan([odd], target(), unsupported_plugin="lock")
    assert locked.steps[0].sql == "CREATE USER 'app'@'%' IDENTIFIED BY 'nobody knows' ACCOUNT LOCK"
    assert locked.steps[0].secret


def test_an_account_with_a_second_factor_is_not_made_without_it() -> None:
    made = plan([user(further_factors=("authentication_webauthn",))], target())
    assert (made.steps, made.left_out) == ([], 1)
    assert "authentication_webauthn" in made.skipped[0].reason


def test_a_role_that_is_there_and_cannot_be_seen_is_given() -> None:
    role = AccountName("hidden_role")
    member = user(roles={role: False})
    assert [entry.reason for entry in plan([member], target()).skipped] == ["the role itself does not travel"]
    seen = plan([member], target(hidden=frozenset({role})))
    assert seen.skipped == [] and "GRANT 'hidden_role'@'%'" in seen.steps[-1].sql


def test_bytes_of_a_hash_are_sent_as_hexadecimal_digits() -> None:
    way = Authentication("caching_sha2_password", b"$A$005$\x01'\\".hex().upper())
    made = plan([user(authentication=(way,))], target())
    assert made.steps[0].sql == f"CREATE USER 'app'@'%' IDENTIFIED WITH 'caching_sha2_password' AS 0x{way.data_hex}"


@strategies.examples
@given(
    st.lists(strategies.accounts, max_size=4, unique_by=lambda account: account.name),
    st.sampled_from([AURORA_2, AURORA_3]),
)
def test_what_is_planned_or_listed_is_everything(accounts: list[Account], version: ServerVersion) -> None:
    """Every wanted grant is in a statement, or an entry names the account."""
    made = plan(accounts, target(version))
    for account in accounts:
        statements = [s.sql for s in made.steps if s.account == account.name and s.phase == Phase.GRANT]
        sent = parse_grants(sql for sql in statements if sql.startswith("GRANT"))
        lost = set(account.grants) - set(sent.grants)
        assert not lost or any(entry.account == account.name.label for entry in made.skipped)


@strategies.examples
@given(st.lists(strategies.accounts, max_size=4, unique_by=lambda account: account.name))
def test_equal_accounts_need_nothing(accounts: list[Account]) -> None:
    """An account that is there as it is wanted is left alone, whatever it is."""
    root = target(rights=rights_of(parse_grants(["GRANT ALL PRIVILEGES ON *.* TO x WITH GRANT OPTION"]), AURORA_2))
    translated = [account for account in accounts if len(account.name.user) <= 32]
    made = plan(
        [replace(account, grants={}, roles={}, restrictions={}) for account in translated], root, include=("*",)
    )
    there = tuple(replace(account, grants={}, roles={}, restrictions={}) for account in translated)
    again = plan(list(there), root, there, include=("*",))
    assert again.steps == [] and again.unchanged == len(translated) - again.left_out
    assert len(made.created) == again.unchanged


@pytest.mark.parametrize(("host", "include", "made"), [("%", (), 1), ("10.%", (), 0), ("10.%", ("@*",), 1)])
def test_an_anonymous_account_does_not_take_the_master_user_s_logins(host, include, made):
    nobody = Account(AccountName("", host), authentication=NATIVE)
    plan = make_plan([nobody], SOURCE, [], target(), Options(include=include), str)
    assert len(plan.created) == made
    left = [one for one in plan.skipped if one.what == "account"]
    assert len(left) == 1 - made
    for one in left:
        assert "admin@%" in one.reason and "include" in one.remedy
