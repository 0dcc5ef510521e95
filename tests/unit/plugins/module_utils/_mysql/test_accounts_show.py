# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts from SHOW statements, as real servers answered them (MySQL 5.6.24, MySQL 9.7.4, MariaDB 10.11)."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import from_document
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
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_show import (
    account_of_create_user,
    account_of_grants,
    grant_lines,
    with_grants,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from .strategies import account_names, examples, hexes, text

RECORDED = Path(__file__).parent / "recorded"
NEWEST = ServerVersion("mysql", (9, 7, 0))
APP = AccountName("app", "%")
HASH = "*2470C0C06DEE42FD1618BBB99005ADCA2EC9D1E9"


def recorded(name: str) -> list[Any]:
    whole = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    version = ServerVersion(whole["flavour"], tuple(whole["version"]))
    return [pytest.param(version, one, id=f"{name}-{one['account']['user']}") for one in whole["accounts"]]


def read(version: ServerVersion, one: dict[str, Any], name: AccountName) -> Account:
    lines = grant_lines(name, one["grants"])
    if "create" in one:
        account = account_of_create_user(name, one["create"], version)
    elif version.mariadb:
        account = Account(name, is_role=True)
    else:
        account = account_of_grants(name, lines.tail)
    return with_grants(account, lines, version, literal_schemas=False)


@pytest.mark.parametrize(
    ("version", "one"), recorded("show_mysql_9_7") + recorded("show_mysql_5_6") + recorded("show_mariadb_10_11")
)
def test_what_a_server_shows_is_what_its_grant_tables_say(version: ServerVersion, one: dict[str, Any]) -> None:
    expected = replace(from_document(one["account"]), second_password_hex="")
    if version.number < (5, 7, 0) and not expected.authentication[0].data_hex:
        with pytest.raises(ValueError, match="without password"):
            read(version, one, expected.name)
        return
    got = read(version, one, expected.name)
    if version.mariadb and expected.name.user == "root":
        grants = dict(expected.grants)
        # It shows a proxy right on any user as one from any host.
        grants[Scope("proxy", "", "", "%")] = grants.pop(Scope("proxy"))
        expected = replace(expected, grants=grants)
    assert got == expected


def test_mysql_5_7_as_its_manual_shows_it() -> None:
    # MySQL 5.7 Reference Manual, "SHOW CREATE USER Statement" and "SHOW GRANTS Statement"
    jeffrey = AccountName("jeffrey", "localhost")
    version = ServerVersion("mysql", (5, 7, 44))
    line = (
        f"CREATE USER 'jeffrey'@'localhost' IDENTIFIED WITH 'mysql_native_password' AS '{HASH}'"
        " REQUIRE NONE PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK"
    )
    account = account_of_create_user(jeffrey, [line], version)
    assert account == Account(
        jeffrey, authentication=(Authentication("mysql_native_password", HASH.encode().hex().upper()),)
    )
    lines = grant_lines(jeffrey, ["GRANT SELECT, INSERT, UPDATE ON *.* TO 'jeffrey'@'localhost' WITH GRANT OPTION"])
    held = with_grants(account, lines, version, literal_schemas=False).grants
    assert held == {GLOBAL: Grant(frozenset({"SELECT", "INSERT", "UPDATE"}), True)}


@pytest.mark.parametrize(
    ("clauses", "words"),
    [
        (" IDENTIFIED WITH 'caching_sha2_password' AS <secret> REQUIRE NONE", "hides"),
        (f" IDENTIFIED WITH 'a' AS '{HASH}' AND IDENTIFIED WITH 'webauthn' REQUIRE NONE", "more than one factor"),
        (" IDENTIFIED WITH 'a' INITIAL AUTHENTICATION IDENTIFIED WITH 'b'", "more than one factor"),
        (f" IDENTIFIED WITH 'a' AS '{HASH}' REQUIRE NONE TASTES 'secret'", "clause TASTES is not known"),
        (f" IDENTIFIED WITH 'a' AS '{HASH}' REQUIRE NONE WITH MAX_FUN 3", "MAX_FUN is not known"),
        (r" IDENTIFIED WITH 'a' AS 'neither\nnor' REQUIRE NONE", "byte for byte"),
        (" REQUIRE NONE", "how the account logs in"),
    ],
)
def test_what_is_not_told_whole_is_refused_without_a_secret(clauses: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        account_of_create_user(APP, [f"CREATE USER `app`@`%`{clauses}"], NEWEST)
    assert "secret" not in str(caught.value) and HASH not in str(caught.value)


def test_somebody_elses_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="name the account"):
        account_of_create_user(APP, ["CREATE USER `app`@`%.example.com` REQUIRE NONE"], NEWEST)
    with pytest.raises(ValueError, match="does not name it"):
        grant_lines(APP, ["GRANT USAGE ON *.* TO `app`@`localhost`"])


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("$A$00A$" + "a" * 20 + "b" * 43, "$A$00A$" + "a" * 20 + "b" * 43),
        ("$A$00A$'\"\\\n" + "a" * 16 + "b" * 43, "$A$00A$\\'\\\"\\\\\\n" + "a" * 16 + "b" * 43),
        ("$5$\\n'" + "a" * 17 + "$" + "b" * 43, "$5$\\\\n\\'" + "a" * 17 + "$" + "b" * 43),
        # not escaped, as old servers show it
        ("$5$\\n'" + "a" * 17 + "$" + "b" * 43, "$5$\\n'" + "a" * 17 + "$" + "b" * 43),
    ],
)
def test_hashes_between_quotes_are_byte_exact(stored: str, shown: str) -> None:
    line = f"CREATE USER `app`@`%` IDENTIFIED WITH 'plugin' AS '{shown}' REQUIRE NONE ACCOUNT UNLOCK"
    account = account_of_create_user(APP, [line], NEWEST)
    assert bytes.fromhex(account.authentication[0].data_hex).decode() == stored


def test_old_servers_hashes_and_the_places_of_hidden_ones() -> None:
    sha = "$5$" + "'\n" * 10 + "$" + "x" * 43
    for shown, plugin in ((HASH, "mysql_native_password"), ("0" * 16, "mysql_old_password"), (sha, "sha256_password")):
        line = (
            f"GRANT USAGE ON *.* TO 'app'@'%' IDENTIFIED BY PASSWORD '{shown}' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3"
        )
        account = account_of_grants(APP, grant_lines(APP, [line]).tail)
        assert account.authentication == (Authentication(plugin, shown.encode().hex().upper()),)
        assert (account.tls, account.limits) == (Tls("any"), Limits(user_connections=3))
    with pytest.raises(ValueError, match="hides"):
        account_of_grants(APP, grant_lines(APP, ["GRANT USAGE ON *.* TO 'app'@'%' IDENTIFIED BY PASSWORD"]).tail)


def test_columns_without_quotes_and_names_without_escapes() -> None:
    name = AccountName("o'b\"r`\\n%_ TO x", "%")
    lines = grant_lines(name, [f"GRANT SELECT, UPDATE (a, b`c), INSERT (id) ON `sh``op`.`t` TO '{name.user}'@'%'"])
    held = with_grants(Account(name), lines, ServerVersion("mysql", (5, 6, 24)), literal_schemas=False).grants
    update, insert = Grant(frozenset({"UPDATE"})), Grant(frozenset({"INSERT"}))
    assert held == {
        Scope("table", "sh`op", "t"): Grant(frozenset({"SELECT"})),
        Scope("column", "sh`op", "t", "a"): update,
        Scope("column", "sh`op", "t", "b`c"): update,
        Scope("column", "sh`op", "t", "id"): insert,
    }


def _backticks(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _quotes(value: str) -> str:
    """As MySQL 9 writes strings, but for those of REQUIRE, which it writes as they are."""
    escapes = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"}
    return "'" + "".join(escapes.get(char, char) for char in value) + "'"


_plain = text.filter(lambda value: "'" not in value)
_rules = st.builds(
    PasswordRules,
    lifetime_days=st.none() | st.integers(0, 900),
    history=st.none() | st.integers(0, 900),
    reuse_days=st.none() | st.integers(0, 900),
    require_current=st.none() | st.booleans(),
    failed_attempts=st.integers(0, 30),
    lock_days=st.integers(-1, 30),
    expired=st.booleans(),
    # of a password that has expired it shows nothing else
).map(lambda rules: rules._replace(lifetime_days=None) if rules.expired else rules)
_shown = st.builds(
    Account,
    name=account_names,
    authentication=st.tuples(st.builds(Authentication, st.sampled_from(["caching_sha2_password", "x_y"]), hexes)),
    tls=st.sampled_from([Tls(), Tls("any"), Tls("x509")])
    | st.builds(Tls, st.just("specified"), _plain, _plain, _plain.filter(bool)),
    limits=st.builds(Limits, *[st.integers(0, 9)] * 4, st.just(0)),
    password=_rules,
    locked=st.booleans(),
    default_roles=st.frozensets(account_names, max_size=3),
    attributes_json=st.dictionaries(text, text | st.integers(), max_size=3).map(
        lambda members: json.dumps(members, sort_keys=True, ensure_ascii=False) if members else ""
    ),
)


def written(account: Account) -> str:
    """SHOW CREATE USER, as MySQL 9 writes it."""

    def name(one: AccountName) -> str:
        return f"{_backticks(one.user)}@{_backticks(one.host)}"

    way, rules = account.authentication[0], account.password
    out = f"CREATE USER {name(account.name)} IDENTIFIED WITH '{way.plugin}'"
    if way.data_hex:
        out += f" AS 0x{way.data_hex}"
    if account.default_roles:
        out += " DEFAULT ROLE " + ",".join(name(role) for role in sorted(account.default_roles))
    words = {"none": " NONE", "any": " SSL", "x509": " X509", "specified": ""}
    out += f" REQUIRE{words[account.tls.require]}"
    for word in ("subject", "issuer", "cipher"):
        value = getattr(account.tls, word)
        out += f" {word.upper()} '{value}'" if value else ""
    numbers = zip(("QUERIES_PER_HOUR", "UPDATES_PER_HOUR", "CONNECTIONS_PER_HOUR", "USER_CONNECTIONS"), account.limits)
    limits = "".join(f" MAX_{word} {number}" for word, number in numbers if number)
    out += f" WITH{limits}" if limits else ""
    expiry = {None: " DEFAULT", 0: " NEVER"}.get(rules.lifetime_days, f" INTERVAL {rules.lifetime_days} DAY")
    out += f" PASSWORD EXPIRE{'' if rules.expired else expiry} ACCOUNT {'LOCK' if account.locked else 'UNLOCK'}"
    out += f" PASSWORD HISTORY {'DEFAULT' if rules.history is None else rules.history}"
    out += f" PASSWORD REUSE INTERVAL {'DEFAULT' if rules.reuse_days is None else f'{rules.reuse_days} DAY'}"
    out += " PASSWORD REQUIRE CURRENT" + {None: " DEFAULT", True: "", False: " OPTIONAL"}[rules.require_current]
    if rules.failed_attempts or rules.lock_days:
        time = "UNBOUNDED" if rules.lock_days == -1 else rules.lock_days
        out += f" FAILED_LOGIN_ATTEMPTS {rules.failed_attempts} PASSWORD_LOCK_TIME {time}"
    return out + (f" ATTRIBUTE {_quotes(account.attributes_json)}" if account.attributes_json else "")


@examples
@given(account=_shown)
def test_every_clause_of_create_user_is_read_back(account: Account) -> None:
    assert account_of_create_user(account.name, [written(account)], NEWEST) == account


@examples
@given(account=_shown, cut=st.floats(0, 1), noise=text)
def test_nonsense_is_refused_and_nothing_else_happens(account: Account, cut: float, noise: str) -> None:
    line = written(account)
    broken = line[: int(len(line) * cut)] + noise
    with contextlib.suppress(ValueError):
        account_of_create_user(account.name, [broken], NEWEST)
    with contextlib.suppress(ValueError, MysqlError):
        with_grants(account, grant_lines(account.name, [broken]), NEWEST, literal_schemas=False)
