# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading accounts, against what real servers answered (recorded from MySQL 5.6.24, MySQL 9.7.4, MariaDB 10.11)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    GLOBAL,
    Account,
    AccountName,
    Grant,
    PasswordRules,
    Scope,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_read import read_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.grants import parse_grants
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.privileges import expand, rights_of
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion, read_version

RECORDED = Path(__file__).parent / "recorded"


class Replayed:
    """A connection that gives a recorded server's answers; a question that was not recorded is an error."""

    where = "recorded"

    def __init__(self, name: str) -> None:
        self.answers: dict[str, list[dict[str, Any]]] = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
        self.asked = 0

    def rows(self, sql: str, args: object = None) -> list[dict[str, Any]]:
        assert args is None or "%s" in sql
        self.asked += 1
        return self.answers[sql]


def read(name: str) -> tuple[ServerVersion, dict[str, Account], Replayed]:
    connection = Replayed(name)
    version = read_version(connection)
    return version, {account.name.label: account for account in read_accounts(connection, version).accounts}, connection


@pytest.mark.parametrize(
    ("name", "version", "flavour", "queries"),
    [
        ("mysql_5_6", "5.6.24", "mysql", 10),
        ("mysql_9_7", "9.7.4", "mysql", 13),
        ("mariadb_10_11", "10.11.19", "mariadb", 9),
    ],
)
def test_version_and_number_of_queries(name: str, version: str, flavour: str, queries: int) -> None:
    told, accounts, connection = read(name)
    assert (told.text, told.flavour) == (version, flavour)
    assert accounts and connection.asked == queries


@pytest.mark.parametrize("name", ["mysql_5_6", "mysql_9_7", "mariadb_10_11"])
def test_grant_tables_and_show_grants_agree_on_root(name: str) -> None:
    version, accounts, connection = read(name)
    shown = parse_grants(next(iter(row.values())) for row in connection.answers["SHOW GRANTS FOR CURRENT_USER()"])
    rights = rights_of(shown, version)
    table = dict(accounts["root@localhost"].grants)
    if version.mariadb:
        # SHOW GRANTS shows a proxy right on any user as one from any host
        table[Scope("proxy", "", "", "%")] = table.pop(Scope("proxy"))
    assert rights.grants == table


def test_old_servers_hashes_and_plugins() -> None:
    _version, accounts, _connection = read("mysql_5_6")
    plugins = {label: account.authentication[0] for label, account in accounts.items()}
    assert plugins["ancient@%"].plugin == "mysql_old_password"
    assert len(bytes.fromhex(plugins["ancient@%"].data_hex)) == 16
    assert bytes.fromhex(plugins["app@%"].data_hex) == b"*462366917EEDD1970A48E87D8EF59EB67D2CA26F"
    assert plugins["sha@%"].plugin == "sha256_password" and plugins["sha@%"].data_hex.startswith("243524")
    assert accounts["app@%"].tls.require == "x509" and accounts["app@%"].limits.user_connections == 5
    assert accounts["power@10.%"].password.expired and not accounts["app@%"].password.expired
    assert accounts["power@10.%"].grants == {
        GLOBAL: Grant(frozenset({"REPLICATION SLAVE", "SUPER"})),
        Scope("column", "shop", "t", "a"): Grant(frozenset({"UPDATE"})),
    }
    assert accounts["app@%"].grants[Scope("schema", "my\\_app")].grantable


def test_everything_that_mysql_nine_says_of_an_account() -> None:
    _version, accounts, _connection = read("mysql_9_7")
    app = accounts["app@%"]
    assert app.authentication[0].plugin == "caching_sha2_password"
    assert bytes.fromhex(app.authentication[0].data_hex).startswith(b"$A$00")
    assert app.password._asdict() == {
        "expired": False,
        "lifetime_days": 90,
        "history": 3,
        "reuse_days": 4,
        "require_current": True,
        "failed_attempts": 3,
        "lock_days": 2,
    }
    assert json.loads(app.attributes_json) == {"comment": "it's ü"}
    reader = AccountName("reader", "%")
    assert app.roles == {reader: True} and app.default_roles == frozenset({reader})
    assert accounts["reader@%"].roles == {AccountName("writer", "localhost"): False}
    assert accounts["reader@%"].locked and accounts["reader@%"].password.expired
    two = accounts["two@%"]
    assert two.second_password_hex and two.second_password_hex != two.authentication[0].data_hex
    assert two.restrictions == {"mysql": frozenset({"INSERT"})}
    # the recorded server had partial_revokes on, where names in grants are no patterns
    assert Scope("schema", "s\\_op") in app.grants
    assert accounts["nopw@%"].grants[Scope("dynamic", "", "BACKUP_ADMIN")].grantable
    assert accounts["ü@host.example.com"].name.host == "host.example.com"


def test_what_mariadb_says_of_roles_locks_and_expiry() -> None:
    _version, accounts, _connection = read("mariadb_10_11")
    app = accounts["app@%"]
    assert app.roles == {AccountName("r1", ""): False, AccountName("r2", ""): True}
    assert app.default_roles == frozenset({AccountName("r1", "")})
    assert accounts["r1"].is_role and accounts["r1"].authentication == ()
    assert app.locked and app.tls.require == "x509" and app.password.lifetime_days == 90
    assert accounts["exp@%"].password.expired and accounts["nev@%"].password.lifetime_days == 0
    assert accounts["s@localhost"].authentication[0].plugin == "unix_socket"
    assert accounts["inv@%"].grants[Scope("table", "shop", "t")].privileges == expand(
        "ALL PRIVILEGES", "table", ServerVersion("mariadb", (10, 11, 0))
    )
    assert Scope("schema", "we`ird%") in accounts["nopw@%"].grants


def test_further_factors_are_read() -> None:
    connection = Replayed("mysql_9_7")
    question = next(sql for sql in connection.answers if sql.endswith(" FROM mysql.user"))
    row = next(row for row in connection.answers[question] if row["User"] == "app")
    factor = {"plugin": "authentication_webauthn", "authentication_string": "", "passwordless": 0}
    row["User_attributes"] = json.dumps({"multi_factor_authentication": [factor]})
    accounts = {account.name.label: account for account in read_accounts(connection, read_version(connection)).accounts}
    assert accounts["app@%"].further_factors == ("authentication_webauthn",)
    assert accounts["reader@%"].further_factors == ()


def test_mysql_five_five_is_read_by_the_same_code() -> None:
    """The answers of 5.6 in the form of 5.5.62's tables.

    Those have no password_expired, and accounts of no plug-in of their own have none or NULL. No server of 5.5 ran for
    this: the columns are those of a public dump of one.
    """
    connection = Replayed("mysql_5_6")
    columns = connection.answers["SHOW COLUMNS FROM mysql.user"]
    connection.answers["SHOW COLUMNS FROM mysql.user"] = [row for row in columns if row["Field"] != "password_expired"]
    question = next(sql for sql in connection.answers if sql.endswith(" FROM mysql.user"))
    users = []
    for number, row in enumerate(connection.answers.pop(question)):
        native = row["plugin"] in ("", "mysql_native_password", "mysql_old_password")
        nothing = (None, "")[number % 2]
        users.append({**row, "plugin": nothing if native else row["plugin"]})
        if native:
            users[-1]["authentication_string"] = nothing
        del users[-1]["password_expired"]
    connection.answers[question.replace("`password_expired`, ", "")] = users
    version = ServerVersion("mysql", (5, 5, 62))
    accounts = {account.name.label: account for account in read_accounts(connection, version).accounts}
    _version, expected, _connection = read("mysql_5_6")
    assert {account.authentication[0].plugin for account in accounts.values()} >= {
        "mysql_native_password",
        "mysql_old_password",
    }
    for label, account in expected.items():
        assert accounts[label] == replace(account, password=PasswordRules())
