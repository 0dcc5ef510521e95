# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what accounts differ, and what of it is told as expected."""

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
    Limits,
    PasswordRules,
    Scope,
    Tls,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options, make_plan
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_target import Target
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_accounts import (
    LeftBehind,
    SourceAccounts,
    compare_accounts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_model import Difference
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from . import strategies
from .test_accounts_plan import SOURCE, target, user

OTHER_HASH = b"*" + b"0" * 40
READER = AccountName("reader")
SHOP = Scope("schema", "shop")
SELECT = Grant(frozenset({"SELECT"}))
FULL = user(
    tls=Tls("any"),
    limits=Limits(user_connections=5),
    password=PasswordRules(lifetime_days=90),
    second_password_hex="AB",
    attributes_json='{"comment": "of the shop"}',
    roles={READER: True},
    default_roles=frozenset({READER}),
    grants={GLOBAL: SELECT, SHOP: Grant(frozenset({"INSERT", "UPDATE"}), True)},
)
ROLE = user("reader", locked=True)


def compare(
    source: list[Account],
    actual: list[Account],
    to: Target | None = None,
    left_behind: LeftBehind | None = None,
    login: str = "dbferry",
) -> list[Difference]:
    ours = SourceAccounts(SOURCE, source, AccountName(login))
    return list(compare_accounts(ours, actual, to or target(), left_behind or {}))


def brief(found: list[Difference]) -> list[tuple[str, str]]:
    return [(one.kind, one.severity) for one in found]


def test_equal_accounts_do_not_differ() -> None:
    assert compare([FULL, ROLE], [FULL, ROLE]) == []


@pytest.mark.parametrize(
    ("changed", "kind", "source", "there"),
    [
        (
            {"authentication": (Authentication("mysql_native_password", OTHER_HASH.hex().upper()),)},
            "password",
            "mysql_native_password",
            "mysql_native_password, another hash",
        ),
        (
            {"authentication": (Authentication("caching_sha2_password", "AA"),)},
            "password",
            "mysql_native_password",
            "caching_sha2_password",
        ),
        ({"second_password_hex": ""}, "second_password", "there", ""),
        ({"second_password_hex": "CD"}, "second_password", "there", "another one"),
        ({"tls": Tls()}, "tls", "require any", "require none"),
        ({"limits": Limits()}, "limits", "user_connections 5", "user_connections 0"),
        ({"password": PasswordRules()}, "password_rules", "lifetime_days 90", "lifetime_days default"),
        ({"locked": True}, "lock", "not locked", "locked"),
        ({"attributes_json": ""}, "attributes", '{"comment": "of the shop"}', ""),
        ({"roles": {READER: False}}, "roles", "reader@% with admin option", "reader@%"),
        ({"roles": {}}, "roles", "reader@% with admin option", ""),
        ({"default_roles": frozenset()}, "default_roles", "reader@%", ""),
        (
            {"grants": {GLOBAL: SELECT, SHOP: Grant(frozenset({"INSERT"}), True)}},
            "grants",
            "UPDATE ON `shop`.*",
            "",
        ),
        (
            {"grants": {GLOBAL: SELECT, SHOP: Grant(frozenset({"INSERT", "UPDATE"}))}},
            "grants",
            "GRANT OPTION ON `shop`.*",
            "",
        ),
        ({"grants": {SHOP: Grant(frozenset({"INSERT", "UPDATE"}), True)}}, "grants", "SELECT ON *.*", ""),
        (
            {"grants": {**FULL.grants, Scope("schema", "hr"): SELECT}},
            "extra_grants",
            "",
            "SELECT ON `hr`.*",
        ),
        ({"restrictions": {"hr": frozenset({"SELECT"})}}, "partial_revokes", "", "SELECT ON hr.*"),
    ],
)
def test_every_part_that_differs_is_told(changed: dict, kind: str, source: str, there: str) -> None:
    (found,) = compare([FULL, ROLE], [replace(FULL, **changed), ROLE], target(partial_revokes=True))
    assert (found.kind, found.object, found.severity) == (f"account.{kind}", "app@%", "error")
    assert (found.source, found.target) == (source, there)


def test_one_account_that_is_missing_and_one_that_only_the_target_has() -> None:
    found = compare([user()], [user("admin"), user("new")])
    assert brief(found) == [
        ("account.missing", "error"),
        ("account.extra", "expected"),
        ("account.extra", "expected"),
    ]


def test_accounts_of_the_servers_own_are_not_compared() -> None:
    assert compare([Account(AccountName("mysql.sys", "localhost"))], [Account(AccountName("rdsadmin"))]) == []


def test_what_the_target_cannot_give_is_expected_with_its_reason() -> None:
    ours = user(grants={GLOBAL: Grant(frozenset({"SELECT", "SHUTDOWN"}))})
    (found,) = compare([ours], [user(grants={GLOBAL: SELECT})])
    assert (found.kind, found.severity, found.source) == ("account.left_behind", "expected", "SHUTDOWN ON *.*")
    assert "does not have it to give" in found.note


def test_what_is_left_for_the_same_reason_is_told_together_and_not_at_any_length() -> None:
    names = frozenset({"SHUTDOWN", "FILE", "CREATE TABLESPACE"})
    (found,) = compare([user(grants={GLOBAL: Grant(names)})], [user()])
    assert found.source == "CREATE TABLESPACE ON *.*, FILE ON *.*, SHUTDOWN ON *.*"
    many = frozenset(f"PRIVILEGE OF NUMBER {number}" for number in range(100))
    (found,) = compare([user(grants={GLOBAL: Grant(many)})], [user()])
    assert len(found.source) <= 200


def test_what_the_target_cannot_give_and_has_all_the_same_is_no_extra() -> None:
    ours = user(grants={GLOBAL: Grant(frozenset({"SELECT", "SHUTDOWN"}))})
    assert brief(compare([ours], [ours])) == [("account.left_behind", "expected")]


def test_one_thing_left_behind_hides_no_other() -> None:
    ours = user(grants={GLOBAL: Grant(frozenset({"SELECT", "SHUTDOWN"}))})
    left = {("app@%", "SHUTDOWN ON *.*"): "the master user has it not to give"}
    assert ("account.missing", "error") in brief(compare([ours], [], left_behind=left))
    assert ("account.lock", "error") in brief(
        compare([ours], [user(locked=True, grants={GLOBAL: SELECT})], left_behind=left)
    )


@pytest.mark.parametrize("part", ["INSERT, UPDATE ON `shop`.*", "grants ON `shop`.*"])
def test_grants_that_the_target_refused_are_expected(part: str) -> None:
    lacking = replace(FULL, grants={GLOBAL: SELECT})
    found = compare([FULL, ROLE], [lacking, ROLE], left_behind={("app@%", part): "no such schema"})
    assert {(one.source, one.severity) for one in found} == {
        ("INSERT ON `shop`.*", "expected"),
        ("UPDATE ON `shop`.*", "expected"),
    }
    assert all("no such schema" in one.note for one in found)


def test_a_refused_privilege_hides_no_other_on_the_same_object() -> None:
    lacking = replace(FULL, grants={GLOBAL: SELECT})
    found = compare([FULL, ROLE], [lacking, ROLE], left_behind={("app@%", "UPDATE ON `shop`.*"): "refused"})
    assert {(one.source, one.severity) for one in found} == {
        ("INSERT ON `shop`.* WITH GRANT OPTION", "error"),
        ("UPDATE ON `shop`.*", "expected"),
    }


@pytest.mark.parametrize(
    ("reason", "login", "left"),
    [
        ("a pattern of exclude fits it", "dbferry", {("app@%", ""): "a pattern of exclude fits it"}),
        ("account of the migration", "app", {}),
    ],
)
def test_a_missing_account_may_have_its_reason(reason: str, login: str, left: LeftBehind) -> None:
    (found,) = compare([user()], [], left_behind=left, login=login)
    assert (found.kind, found.severity) == ("account.missing", "expected")
    assert reason in found.note


def test_an_account_that_was_left_alone_may_differ() -> None:
    left = {("app@%", ""): "a pattern of exclude fits it"}
    (found,) = compare([user()], [user(locked=True)], left_behind=left)
    assert (found.kind, found.severity) == ("account.lock", "expected")
    assert "a pattern of exclude fits it" in found.note


def test_the_targets_login_is_left_alone() -> None:
    assert brief(compare([user("admin")], [user("admin", locked=True)])) == [("account.lock", "expected")]


def test_an_account_whose_plug_in_the_target_does_not_have() -> None:
    ours = user(authentication=(Authentication("auth_pam", "AA"),))
    (missing,) = compare([ours], [])
    assert (missing.kind, missing.severity) == ("account.missing", "expected")
    assert "auth_pam" in missing.note
    found = compare([ours], [user(locked=True)])
    assert brief(found) == [("account.lock", "expected"), ("account.left_behind", "expected")]


def test_a_role_that_became_a_user_is_told() -> None:
    mariadb = ServerVersion("mariadb", (10, 11, 6))
    role = Account(AccountName("reader", ""), is_role=True)
    ours = SourceAccounts(mariadb, [role], AccountName("dbferry"))
    found = list(compare_accounts(ours, [Account(AccountName("reader", ""))], target(mariadb), {}))
    assert [(one.kind, one.source, one.target) for one in found] == [("account.kind", "role", "user")]


def test_a_default_role_that_everybody_has_on_the_source_is_expected_to_be_missing() -> None:
    ours = user(default_roles=frozenset({READER}))
    (found,) = compare([ours, ROLE], [user(), ROLE])
    assert (found.kind, found.severity, found.source) == ("account.left_behind", "expected", "default role reader@%")
    everybodys = target(mandatory_roles=frozenset({READER}))
    assert compare([ours, ROLE], [ours, ROLE], everybodys) == []
    assert brief(compare([ours, ROLE], [user(), ROLE], everybodys)) == [("account.default_roles", "error")]


def test_a_role_whose_name_a_user_has_is_expected_to_be_missing() -> None:
    mariadb = ServerVersion("mariadb", (10, 11, 6))
    role = AccountName("team", "")
    accounts = [Account(role, is_role=True, grants={SHOP: SELECT}), user("team"), user(roles={role: False})]
    ours = SourceAccounts(mariadb, accounts, AccountName("dbferry"))
    found = list(compare_accounts(ours, [user("team"), user()], target(), {}))
    assert {(one.kind, one.object, one.severity) for one in found} == {
        ("account.missing", "team", "expected"),
        ("account.left_behind", "app@%", "expected"),
    }
    assert all("the source has a user of this name" in one.note for one in found)


def test_accounts_that_the_target_hides_are_not_called_missing() -> None:
    assert compare([user()], [], target(hidden=frozenset({AccountName("app")}))) == []


@strategies.examples
@given(
    st.lists(strategies.accounts, max_size=4, unique_by=lambda account: account.name),
    st.lists(strategies.accounts, max_size=4, unique_by=lambda account: account.name),
)
def test_accounts_are_called_equal_only_where_bringing_them_has_nothing_to_do(
    wanted: list[Account], actual: list[Account]
) -> None:
    to = target()
    plan = make_plan(wanted, SOURCE, actual, to, Options(), lambda _name: "nobody knows")
    unlike = {one.object for one in compare(wanted, actual, to) if one.severity == "error"}
    to_do = {step.account.label for step in plan.steps}
    translated = {account.name.label for account in wanted if account.name.host}
    assert to_do & translated <= unlike


@strategies.examples
@given(st.lists(strategies.accounts, max_size=4, unique_by=lambda account: account.name))
def test_no_hash_is_ever_shown(accounts: list[Account]) -> None:
    changed = [replace(one, authentication=(Authentication("other", "ABCDEF"),)) for one in accounts]
    for found in compare(accounts, changed):
        for text in (found.source, found.target, found.note):
            for one in accounts:
                assert len(one.second_password_hex) < 12 or one.second_password_hex not in text
                assert len(one.authentication[0].data_hex) < 12 or one.authentication[0].data_hex not in text
