# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From source to target, without servers."""

from __future__ import annotations

import json
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
    Limits,
    PasswordRules,
    Scope,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import (
    Options,
    Plan,
    make_plan,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_steps import Phase
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_target import Target
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


def test_an_empty_host_of_mysql_is_a_host_of_its_own() -> None:
    """''@'' can come, too: every account's host is more specific than its."""
    role, name = AccountName("reader", ""), AccountName("app", "")
    hostless = replace(user(roles={role: False}, default_roles=frozenset({role})), name=name)
    accounts = [hostless, user(), replace(user(), name=role), replace(user(), name=AccountName("", ""))]
    made = plan(accounts, target(), actual=(user("reader"),))
    assert made.skipped == []
    assert sorted(made.created) == sorted(account.name for account in accounts)
    assert [step.sql for step in made.steps if step.phase > Phase.CREATE] == [
        "GRANT 'reader'@'' TO 'app'@''",
        "SET DEFAULT ROLE 'reader'@'' TO 'app'@''",
    ]


def test_a_limit_of_mariadb_that_lets_nobody_in_becomes_a_lock() -> None:
    barred = user(limits=Limits(user_connections=-1, queries_per_hour=7))
    made = plan([barred], target(), source=MARIADB)
    (step,) = made.steps
    assert "WITH MAX_QUERIES_PER_HOUR 7 ACCOUNT LOCK" in step.sql
    assert "locked" in what(made)["limit MAX_USER_CONNECTIONS -1"]
    there = replace(barred, limits=Limits(queries_per_hour=7), locked=True)
    assert plan([barred], target(), (there,), MARIADB).unchanged == 1


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


MARIADB = ServerVersion("mariadb", (10, 11, 0))


def of_mariadb(name: str, *members: str, **parts: object) -> Account:
    return Account(AccountName(name, ""), is_role=True, roles={AccountName(one, ""): False for one in members}, **parts)


@pytest.mark.parametrize(
    ("others", "actual", "who"),
    [
        ([user("team")], (), "the source has a user"),
        ([], (user("team"),), "the target has a user"),
        ([user("team", authentication=(Authentication("auth_pam", "AA"),))], (), "the source has a user"),
    ],
)
def test_a_role_does_not_take_the_name_of_a_user(others: list[Account], actual: tuple[Account, ...], who: str) -> None:
    team = AccountName("team", "")
    app = user(roles={team: True}, default_roles=frozenset({team}))
    made = plan([of_mariadb("team"), app, *others], target(), actual, source=MARIADB, purge=True)
    lines = [step.sql for step in made.steps]
    assert not any("LOCK" in line or "'team'@'%' TO" in line or "DROP" in line for line in lines)
    left = {(one.account, one.what): one for one in made.skipped}
    assert who in left["team", "account"].reason and "another name" in left["team", "account"].remedy
    assert who in left["app@%", "membership in role team"].reason


def test_a_role_does_not_take_the_name_of_the_account_that_we_are() -> None:
    for actual in ((), (user("admin", locked=True),)):
        made = plan([of_mariadb("admin")], target(), actual, source=MARIADB)
        assert made.steps == [] and "that we are on the target" in what(made)["account"]


def test_a_role_that_came_before_is_still_the_role() -> None:
    reader = of_mariadb("reader", grants={Scope("schema", "shop"): Grant(frozenset({"SELECT"}))})
    there = user("reader", authentication=(), locked=True, password=PasswordRules(expired=True))
    made = plan([reader], target(), (there,), source=MARIADB)
    assert [step.sql for step in made.steps] == ["GRANT SELECT ON `shop`.* TO 'reader'@'%'"]


def test_absent_drops_a_role_of_mariadb_by_the_name_that_it_has_on_mysql() -> None:
    there = user("reader", authentication=(), locked=True, password=PasswordRules(expired=True))
    made = plan([of_mariadb("reader")], target(), (there,), source=MARIADB, absent=True)
    assert [step.sql for step in made.steps] == ["DROP USER 'reader'@'%'"]
    assert (made.removed, made.unchanged) == ([AccountName("reader")], 0)
    spared = plan([of_mariadb("reader")], target(), (there,), source=MARIADB, absent=True, exclude=("reader@%",))
    assert (spared.steps, [entry.account for entry in spared.skipped]) == ([], ["reader"])


@pytest.mark.parametrize("rules", [{}, {"locked": True}])
def test_absent_drops_no_user_for_a_role_of_the_same_name(rules: dict[str, bool]) -> None:
    made = plan([of_mariadb("team")], target(), (user("team", **rules),), source=MARIADB, absent=True)
    assert made.steps == [] and made.left_out == 1
    (entry,) = made.skipped
    assert "the target has a user of this name" in entry.reason and "Drop the user" in entry.remedy


def test_absent_drops_a_user_once_though_a_role_has_its_name() -> None:
    made = plan([of_mariadb("team"), user("team")], target(), (user("team"),), source=MARIADB, absent=True)
    assert [step.sql for step in made.steps] == ["DROP USER 'team'@'%'"]


def test_absent_spares_the_account_that_we_are_whatever_it_is_called_for() -> None:
    made = plan([of_mariadb("admin")], target(), (user("admin", locked=True),), source=MARIADB, absent=True)
    assert made.steps == [] and "that we are on the target" in what(made)["account"]


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
    # all zeros: a hash that no password is known to have
    zeros = "$A$005$" + "." * 63
    assert locked.steps[0].sql == (
        f"CREATE USER 'app'@'%' IDENTIFIED WITH 'caching_sha2_password' AS '{zeros}' ACCOUNT LOCK"
    )
    assert plan([odd], target(), unsupported_plugin="new_password").steps[0].sql.endswith("BY 'nobody knows'")
    elsewhere = plan([odd], target(plugins=frozenset({"sha256_password"})), unsupported_plugin="lock")
    assert elsewhere.steps[0].sql == "CREATE USER 'app'@'%' IDENTIFIED BY 'nobody knows' ACCOUNT LOCK"
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
    assert all(entry.reason and entry.remedy for entry in made.skipped)


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


def sql(made: Plan) -> list[str]:
    return [step.sql for step in made.steps]


def test_an_account_that_is_made_locked_is_let_alone_once_it_is_there() -> None:
    ours = user(authentication=(Authentication("auth_pam", "AA"),))
    (made,) = sql(plan([ours], target(), unsupported_plugin="lock"))
    assert "ACCOUNT LOCK" in made
    for locked in (False, True):
        assert sql(plan([ours], target(), (user(locked=locked),), unsupported_plugin="lock")) == []
    locked_there = plan([replace(ours, locked=True)], target(), (user(),), unsupported_plugin="lock")
    assert sql(locked_there) == ["ALTER USER 'app'@'%' ACCOUNT LOCK"]


@pytest.mark.parametrize("way", ["lock", "new_password"])
def test_a_second_password_does_not_come_without_the_first(way: str) -> None:
    ours = user(authentication=(Authentication("auth_pam", "AA"),), second_password_hex="BB")
    for actual in ((), (user(),)):
        made = plan([ours], target(), actual, unsupported_plugin=way)
        assert "second password" in what(made)
        assert not any("BB" in statement or "RETAIN" in statement for statement in sql(made))


def test_an_expired_password_is_expired_whatever_is_set_after_it() -> None:
    both = user(second_password_hex="BB", password=PasswordRules(expired=True))
    *_others, last = sql(plan([both], target()))
    assert last == "ALTER USER 'app'@'%' PASSWORD EXPIRE"
    aging = user(password=PasswordRules(expired=True, lifetime_days=90))
    made, after = sql(plan([aging], target()))
    assert "PASSWORD EXPIRE INTERVAL 90 DAY" in made and not made.endswith("EXPIRE")
    assert after == "ALTER USER 'app'@'%' PASSWORD EXPIRE"


def test_a_restriction_that_only_the_target_has_is_lifted() -> None:
    ours = user(grants={GLOBAL: Grant(frozenset({"SELECT", "INSERT"}))}, restrictions={"hr": frozenset({"INSERT"})})
    actual = replace(ours, restrictions={"hr": frozenset({"SELECT", "INSERT"}), "shop": frozenset({"SELECT"})})
    made = plan([ours], target(partial_revokes=True), (actual,))
    assert sql(made) == ["GRANT SELECT ON `hr`.* TO 'app'@'%'", "GRANT SELECT ON `shop`.* TO 'app'@'%'"]


def test_a_second_password_that_only_the_target_has_is_discarded_and_nothing_else_done() -> None:
    made = plan([user()], target(), (user(second_password_hex="CC"),))
    assert sql(made) == ["ALTER USER 'app'@'%' DISCARD OLD PASSWORD"]


def test_default_roles_that_only_the_target_has_stay_unless_purged() -> None:
    first, second = AccountName("first"), AccountName("second")
    roles = {first: False, second: False}
    ours = user(roles=roles, default_roles=frozenset({first}))
    actual = user(roles=roles, default_roles=frozenset({second}))
    there = (actual, user("first"), user("second"))
    assert sql(plan([ours], target(), there)) == [
        "SET DEFAULT ROLE 'first'@'%', 'second'@'%' TO 'app'@'%'",
    ]
    purged = plan([ours], target(), there, purge=True, exclude=("first", "second"))
    assert sql(purged) == ["SET DEFAULT ROLE 'first'@'%' TO 'app'@'%'"]


def test_default_roles_that_everybody_has_stay_where_the_target_gives_them_too() -> None:
    everybodys, own = AccountName("everybodys"), AccountName("own")
    ours = [user("everybodys"), user("own"), user(roles={own: False}, default_roles=frozenset({everybodys, own}))]
    kept = plan(ours, target(mandatory_roles=frozenset({everybodys})))
    assert sql(kept)[-1] == "SET DEFAULT ROLE 'everybodys'@'%', 'own'@'%' TO 'app'@'%'"
    assert kept.skipped == []
    lost = plan(ours, target())
    assert sql(lost)[-1] == "SET DEFAULT ROLE 'own'@'%' TO 'app'@'%'"
    (entry,) = lost.skipped
    assert (entry.account, entry.what) == ("app@%", "default role everybodys@%")
    assert "mandatory_roles" in entry.reason and "mandatory_roles" in entry.remedy
    # A role that is not there is nobody's.
    unknown = plan(ours[1:], target(mandatory_roles=frozenset({everybodys})))
    assert [one.what for one in unknown.skipped] == ["default role everybodys@%"]


def test_a_role_that_is_held_stays_where_the_master_may_not_give_it() -> None:
    role = AccountName("reader")
    weak = rights_of(parse_grants([f"GRANT {STATIC} ON *.* TO `admin`@`%` WITH GRANT OPTION"]), AURORA_3)
    held = user(roles={role: False})
    made = plan([held], target(rights=weak), (held, user("reader")), purge=True, exclude=("reader",))
    assert (sql(made), made.skipped) == ([], [])
    wished = plan([user(roles={role: True})], target(rights=weak), (held, user("reader")))
    assert sql(wished) == []
    assert "admin option of role reader@%" in what(wished)


def test_purge_does_not_drop_what_the_source_has_and_does_not_show() -> None:
    there = [user("shown"), user("hidden"), user("role", locked=True), user("extra")]
    unseen = [AccountName("hidden"), AccountName("role", "")]
    made = make_plan([user("shown")], MARIADB, there, target(), Options(purge=True), str, unseen)
    assert sql(made) == ["DROP USER 'extra'@'%'"]


def test_purge_takes_the_option_and_leaves_the_privilege() -> None:
    scope = Scope("dynamic", "", "ROLE_ADMIN")
    ours = user(grants={scope: Grant(frozenset({"ROLE_ADMIN"}))})
    actual = user(grants={scope: Grant(frozenset({"ROLE_ADMIN"}), True)})
    assert sql(plan([ours], target(), (actual,), purge=True)) == [
        "REVOKE ROLE_ADMIN ON *.* FROM 'app'@'%'",
        "GRANT ROLE_ADMIN ON *.* TO 'app'@'%'",
    ]


def test_the_grant_option_for_static_privileges_is_no_option_for_dynamic_ones() -> None:
    scope = Scope("dynamic", "", "ROLE_ADMIN")
    dynamic = {scope: Grant(frozenset({"ROLE_ADMIN"}))}
    ours = user(grants={GLOBAL: Grant(frozenset({"SELECT"}), True), **dynamic})
    made = plan([ours], target(), (user(grants={GLOBAL: Grant(frozenset({"SELECT"})), **dynamic}),))
    assert [(step.sql, step.what) for step in made.steps] == [
        ("GRANT USAGE ON *.* TO 'app'@'%' WITH GRANT OPTION", "GRANT OPTION ON *.*")
    ]


def test_nested_attributes_are_what_they_are_wanted_to_be() -> None:
    ours, actual = '{"a": {"b": 1}, "k": 2}', '{"a": {"c": 2}, "d": {"e": 1}}'
    (made,) = sql(plan([user(attributes_json=ours)], target(), (user(attributes_json=actual),)))
    patch = json.loads(made.partition("ATTRIBUTE ")[2].strip("'"))
    assert patch == {"a": {"c": None, "b": 1}, "d": None, "k": 2}


def test_reload_becomes_what_the_master_of_8_4_has_in_its_place() -> None:
    lines = [
        MASTER_3[0].replace("RELOAD, ", ""),
        "GRANT FLUSH_TABLES,FLUSH_STATUS ON *.* TO `admin`@`%` WITH GRANT OPTION",
    ]
    to = target(rights=rights_of(parse_grants(lines), AURORA_3))
    made = plan([user(grants={GLOBAL: Grant(frozenset({"RELOAD"}))})], to)
    assert "GRANT FLUSH_STATUS, FLUSH_TABLES ON *.* TO 'app'@'%'" in sql(made)
    assert "FLUSH_STATUS, FLUSH_TABLES" in what(made)["RELOAD ON *.*"]


def test_set_user_id_becomes_what_the_master_of_8_4_has_in_its_place() -> None:
    successors = "ALLOW_NONEXISTENT_DEFINER, SET_ANY_DEFINER"
    lines = [MASTER_3[0], f"GRANT {successors} ON *.* TO `admin`@`%` WITH GRANT OPTION"]
    to = target(rights=rights_of(parse_grants(lines), AURORA_3))
    made = plan([user(grants={Scope("dynamic", "", "SET_USER_ID"): Grant(frozenset({"SET_USER_ID"}))})], to)
    assert f"GRANT {successors} ON *.* TO 'app'@'%'" in sql(made)
    assert "in its place" in what(made)["SET_USER_ID ON *.*"]


def test_what_an_older_target_does_not_know_is_named_a_part_at_a_time() -> None:
    rules = PasswordRules(False, 90, history=3, reuse_days=4, require_current=True, failed_attempts=5, lock_days=-1)
    limits = Limits(user_connections=3, statement_seconds=2.5)
    ours = user(second_password_hex="BB", attributes_json='{"comment": "x"}', password=rules, limits=limits)
    made = plan([ours], target(AURORA_2))
    (created,) = sql(made)
    assert created.endswith("WITH MAX_USER_CONNECTIONS 3 PASSWORD EXPIRE INTERVAL 90 DAY")
    assert set(what(made)) == {
        "second password",
        "comment and attributes",
        "limit MAX_STATEMENT_TIME",
        "password rules history, reuse_days, require_current, failed_attempts, lock_days",
    }


@pytest.mark.parametrize(
    ("name", "version", "fits"),
    [
        (AccountName("u" * 32, "h" * 60), AURORA_2, True),
        (AccountName("u" * 33), AURORA_3, False),
        (AccountName("app", "h" * 61), AURORA_2, False),
        (AccountName("app", "h" * 255), AURORA_3, True),
    ],
)
def test_a_name_that_is_too_long_for_the_target_is_not_cut(
    name: AccountName, version: ServerVersion, fits: bool
) -> None:
    made = plan([Account(name, authentication=NATIVE)], target(version))
    assert [one.account for one in made.skipped if one.what == "account"] == ([] if fits else [name.label])
    assert bool(made.steps) is fits


def test_of_several_ways_to_log_in_the_first_that_the_target_takes_comes() -> None:
    socket, old = Authentication("unix_socket"), Authentication("mysql_old_password", b"0123456789abcdef".hex().upper())
    made = plan([user(authentication=(socket, *NATIVE))], target())
    assert "IDENTIFIED WITH 'mysql_native_password'" in made.steps[0].sql
    assert (
        "Log in by mysql_native_password"
        in {one.what: one.remedy for one in made.skipped}["authentication by unix_socket"]
    )
    # A server that still lists the plug-in of MySQL 4.0 takes no such hash either.
    left = plan([user(authentication=(old,))], target(plugins=PLUGINS | {"mysql_old_password"}))
    assert left.steps == [] and "mysql_old_password" in what(left)["account"]


def test_an_account_that_logs_in_by_iam_stays_one() -> None:
    way = Authentication("AWSAuthenticationPlugin", b"RDS".hex())
    made = plan([user(authentication=(way,))], target(plugins=PLUGINS | {"AWSAuthenticationPlugin"}))
    assert sql(made) == ["CREATE USER 'app'@'%' IDENTIFIED WITH 'AWSAuthenticationPlugin' AS 'RDS'"]


def test_names_are_in_lower_case_where_the_target_keeps_them_so() -> None:
    scope = Scope("column", "Shop", "Orders", "id")
    made = plan([user(grants={scope: Grant(frozenset({"SELECT"}))})], target(lower_case_names=True))
    assert sql(made)[1:] == ["GRANT SELECT (`id`) ON `shop`.`orders` TO 'app'@'%'"]


def test_a_password_without_a_name_gets_its_lifetime_afterwards_and_cannot_have_expired() -> None:
    """Seen at MySQL 9.7: CREATE USER refuses both of an account without a name, ALTER USER takes the first."""
    nobody = Account(AccountName("", "%"), authentication=NATIVE, password=PasswordRules(lifetime_days=90, history=3))
    created, altered = sql(plan([nobody], target()))
    assert created.endswith(" PASSWORD HISTORY 3")
    assert altered == "ALTER USER ''@'%' PASSWORD EXPIRE INTERVAL 90 DAY"
    made = plan([replace(nobody, password=PasswordRules(expired=True))], target())
    assert (made.steps, made.left_out) == ([], 1) and "expired" in what(made)["account"]


def test_rights_without_a_name_come_after_what_is_revoked_of_others() -> None:
    """Seen at MySQL 9.7: what ''@'%' may do in a schema makes it refuse everybody's partial revokes there (1141)."""
    select = Grant(frozenset({"SELECT"}))
    nobody = Account(AccountName("", "%"), authentication=NATIVE, grants={Scope("schema", "shop"): select})
    restricted = user(grants={GLOBAL: select}, restrictions={"shop": frozenset({"SELECT"})})
    made = plan([nobody, restricted], target(partial_revokes=True))
    assert sql(made)[-2:] == ["REVOKE SELECT ON `shop`.* FROM 'app'@'%'", "GRANT SELECT ON `shop`.* TO ''@'%'"]


def test_a_grant_of_its_own_stands_in_where_rights_without_a_name_are_there_already() -> None:
    """Seen at MySQL 9.7: it keeps the server from looking at what ''@'%' may do in the schema."""
    select = Grant(frozenset({"SELECT"}))
    nobody = Account(AccountName("", "%"), authentication=NATIVE, grants={Scope("schema", "my\\_app"): select})
    restricted = user(
        grants={GLOBAL: Grant(frozenset({"SELECT", "LOCK TABLES"}))},
        restrictions={"my_app": frozenset({"SELECT", "LOCK TABLES"}), "hr": frozenset({"SELECT"})},
    )
    assert sql(plan([restricted], target(partial_revokes=True), (nobody,)))[2:] == [
        "REVOKE SELECT ON `hr`.* FROM 'app'@'%'",
        "GRANT CREATE TEMPORARY TABLES ON `my_app`.* TO 'app'@'%'",
        "REVOKE LOCK TABLES, SELECT ON `my_app`.* FROM 'app'@'%'",
        "REVOKE CREATE TEMPORARY TABLES ON `my_app`.* FROM 'app'@'%'",
    ]
