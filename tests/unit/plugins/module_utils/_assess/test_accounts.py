# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of accounts and privileges, each with facts that make it fire and with some that do not."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_accounts, checks_privileges
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.backup_account import (
    BackupAccount,
    choose_account,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.target_accounts import master_privileges
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    Account,
    AccountName,
    PasswordRules,
    Tls,
)

from .content_cases import (
    AURORA_2,
    AURORA_84,
    MARIADB,
    MARIADB_103,
    ME,
    MYSQL_56,
    MYSQL_57,
    Case,
    account,
    assert_fires,
    assert_quiet,
    facts_of,
    holder,
    rights,
)

CHECKS = (*checks_accounts.CHECKS, *checks_privileges.CHECKS)
MASTER = Wanted(master_username="admin")

CASES = [
    Case(
        "source.reserved_accounts",
        facts_of(accounts=(account("rdsadmin", "localhost"), account("AWS_S3_ACCESS"), account("mysql.sys"))),
        "2 accounts",
        ("rdsadmin@localhost", "AWS_S3_ACCESS@%"),
        "RENAME USER 'rdsadmin'@'localhost' TO 'rdsadmin_ours'@'localhost';",
    ),
    Case(
        "source.master_user_exists",
        facts_of(accounts=(account("admin", "10.%"),), wanted=MASTER),
        "admin@10.% is more specific than admin@%",
        ("admin@10.%",),
    ),
    Case(
        "source.authentication_plugins",
        facts_of(
            accounts=(
                account("ann", plugin="unix_socket", data=""),
                account("bob", plugin="sha256_password"),
                account("old", plugin="mysql_old_password"),
                account("app"),
            )
        ),
        "2 accounts log in by plug-ins that the target does not have: unix_socket (1: it trusts the operating",
        ("ann@% (unix_socket)", "bob@% (sha256_password)"),
    ),
    Case(
        "source.authentication_plugins",
        facts_of(accounts=(account("app"),), engine=AURORA_2),
        "caching_sha2_password (1)",
    ),
    Case(
        "source.old_passwords",
        facts_of(accounts=(account("old", plugin="mysql_old_password", data="AA" * 16),)),
        names=("old@%",),
    ),
    Case(
        "source.empty_passwords",
        facts_of(accounts=(account("guest", data=""), account("locked", data="", locked=True), account("", data=""))),
        "1 account lets in",
        ("guest@%",),
        "ALTER USER 'guest'@'%' ACCOUNT LOCK;",
    ),
    Case(
        "source.empty_passwords",
        facts_of(accounts=(account("guest", plugin="mysql_native_password", data=""),), version=MYSQL_56),
        statement="",
    ),
    Case(
        "source.empty_passwords",
        facts_of(accounts=(account("guest", plugin="mysql_native_password", data=""),), version=MARIADB_103),
        statement="",
    ),
    Case(
        "source.anonymous_accounts",
        facts_of(accounts=(account("", "localhost"),)),
        names=("''@localhost",),
        statement="DROP USER ''@'localhost';",
    ),
    Case(
        "source.second_factors",
        facts_of(accounts=(account("ann", further_factors=("authentication_fido",)),)),
        names=("ann@%",),
    ),
    Case(
        "source.locked_accounts",
        facts_of(
            accounts=(
                account("gone", locked=True),
                account("stale", password=PasswordRules(expired=True)),
                account("a_role", data="", locked=True, password=PasswordRules(expired=True)),
            )
        ),
        "1 account is locked, 1 other has",
        ("gone@%", "stale@%"),
    ),
    Case(
        "source.local_accounts",
        facts_of(
            accounts=(
                account("shop", "localhost"),
                account("shop", "127.0.0.1"),
                account("cron", "::1"),
                # Its user gets in from elsewhere, too.
                account("app", "localhost"),
                account("app", "10.%"),
                account("gone", "localhost", locked=True),
                account("cron", "%", locked=True),
                account("", "localhost"),
                account("root", "localhost"),
                account("ferry", "localhost"),
            ),
            me=AccountName("ferry", "localhost"),
        ),
        "3 accounts let in",
        ("shop@localhost", "shop@127.0.0.1", "cron@::1"),
    ),
    Case(
        "source.client_certificates",
        facts_of(accounts=(account("bank", tls=Tls("x509")), account("app", tls=Tls("any")))),
        names=("bank@%",),
        statement="ALTER USER 'bank'@'%' REQUIRE SSL;",
    ),
    Case("source.clear_connections", facts_of(engine=AURORA_84)),
    Case(
        "source.privileges_lost",
        facts_of(
            accounts=(holder("ops", "SUPER", "SELECT"), holder("etl", "FILE"), holder("root", "SHUTDOWN")),
            dynamic={AccountName("etl"): frozenset({"SYSTEM_VARIABLES_ADMIN", "ROLE_ADMIN"})},
        ),
        "SUPER (1; instead APPLICATION_PASSWORD_ADMIN, CONNECTION_ADMIN, ROLE_ADMIN, SET_USER_ID, XA_RECOVER_ADMIN)",
        ("ops@%: SUPER", "etl@%: FILE, SYSTEM_VARIABLES_ADMIN"),
    ),
    Case(
        "source.privileges_lost",
        # The migration's own accounts are made for the time of it.
        facts_of(
            accounts=(holder("ferry", "RELOAD"), account("carrier", "localhost"), holder("etl", "FILE")),
            dynamic={
                ME: frozenset({"BACKUP_ADMIN"}),
                AccountName("carrier", "localhost"): frozenset({"BACKUP_ADMIN"}),
            },
            backup=BackupAccount("carrier", AccountName("carrier", "localhost"), rights("BACKUP_ADMIN")),
        ),
        "1 account has",
        ("etl@%: FILE",),
    ),
    Case(
        "source.privileges_lost",
        facts_of(accounts=(holder("ops", "SUPER"),), engine=AURORA_2),
        "SUPER (1).",
    ),
    Case(
        "source.privileges_lost",
        facts_of(accounts=(holder("ops", "RELOAD"),), engine=AURORA_84),
        "RELOAD (1; instead FLUSH_OPTIMIZER_COSTS, FLUSH_PRIVILEGES, FLUSH_STATUS,",
    ),
    Case(
        "source.roles_lost",
        facts_of(accounts=(Account(AccountName("readers", ""), is_role=True),), engine=AURORA_2),
        names=("readers",),
    ),
    Case(
        "source.mandatory_roles", facts_of({"mandatory_roles": "`reader`@`%`,writer"}), names=("reader@%", "writer@%")
    ),
    Case(
        "source.partial_revokes",
        facts_of(accounts=(account("app", restrictions={"secret": frozenset({"SELECT"})}),)),
        names=("app@%: secret",),
    ),
    Case(
        "source.grants_in_mysql",
        facts_of(
            accounts=(account("panel", "localhost"), account("monitor"), account("root", "localhost")),
            changes_in_mysql={
                AccountName("panel", "localhost"): {
                    "user": frozenset({"UPDATE", "INSERT"}),
                    "db": frozenset({"DELETE"}),
                },
                AccountName("root", "localhost"): {"*": frozenset({"DROP"})},
            },
        ),
        "1 account may change",
        ("panel@localhost: DELETE ON mysql.db", "panel@localhost: INSERT, UPDATE ON mysql.user"),
    ),
    Case(
        "source.proxy_grants",
        facts_of(
            accounts=(account("", "%"), account("ann"), account("root", "localhost")),
            proxies={
                AccountName(""): (AccountName("staff"), AccountName("boss", "10.%")),
                AccountName("ann"): (AccountName("staff"),),
                AccountName("root", "localhost"): (AccountName("", ""),),
            },
        ),
        "2 accounts may act as others",
        ("@% as staff@%", "@% as boss@10.%", "ann@% as staff@%"),
    ),
    Case(
        "source.missing_privileges",
        facts_of(backup=BackupAccount("ferry", ME, rights("RELOAD", "PROCESS", "SELECT"))),
        "lacks 3 of the privileges",
        ("LOCK TABLES", "REPLICATION CLIENT", "BACKUP_ADMIN"),
        "GRANT LOCK TABLES, REPLICATION CLIENT, BACKUP_ADMIN ON *.* TO 'ferry'@'%';",
    ),
    Case(
        "source.missing_privileges",
        facts_of(
            backup=BackupAccount(
                "ferry",
                AccountName("ferry", "localhost"),
                rights("RELOAD", "PROCESS", "LOCK TABLES", "REPLICATION CLIENT", "BACKUP_ADMIN"),
            )
        ),
        "ferry@localhost lacks 3",
        names=(
            "SELECT ON performance_schema.log_status",
            "SELECT ON performance_schema.keyring_component_status",
            "SELECT ON performance_schema.replication_group_members",
        ),
    ),
    Case(
        "source.missing_privileges",
        facts_of(backup=BackupAccount("backup"), version=MYSQL_57),
        "No account lets backup in",
        statement="CREATE USER 'backup'@'localhost' IDENTIFIED BY '...';\n"
        "GRANT RELOAD, LOCK TABLES, PROCESS, REPLICATION CLIENT ON *.* TO 'backup'@'localhost';",
    ),
    Case(
        "source.missing_reading_privileges",
        facts_of(rights=rights("SELECT", "PROCESS")),
        "SHOW VIEW, TRIGGER, EVENT",
        statement="GRANT SHOW VIEW, TRIGGER, EVENT ON *.* TO 'ferry'@'%';",
    ),
    Case("source.queries_ended", facts_of()._replace(ended_queries=2), "ended 2 queries of the assessment, each of"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check_id)
def test_fires(case: Case) -> None:
    assert_fires(CHECKS, case)


@pytest.mark.parametrize(
    "facts",
    [
        facts_of(),
        facts_of(wanted=MASTER),
        facts_of(accounts=(account("app", plugin="mysql_native_password"),), engine=AURORA_2),
        facts_of(
            version=MYSQL_57,
            rights=rights(
                "RELOAD", "PROCESS", "LOCK TABLES", "REPLICATION CLIENT", "SELECT", "SHOW VIEW", "TRIGGER", "EVENT"
            ),
        ),
        facts_of({"require_secure_transport": "ON"}, engine=AURORA_84),
        facts_of(engine=AURORA_84, wanted=Wanted(cluster_parameters={"require_secure_transport": "OFF"})),
        facts_of(version=MARIADB, accounts=(Account(AccountName("readers", ""), is_role=True),)),
        facts_of(
            accounts=(account("app", restrictions={"secret": frozenset({"SELECT"})}),),
            wanted=Wanted(cluster_parameters={"partial_revokes": "1"}),
        ),
    ],
)
def test_quiet(facts: object) -> None:
    assert_quiet(CHECKS, facts)  # type: ignore[arg-type]


def test_every_check_has_a_case() -> None:
    assert {case.check_id for case in CASES} == {check.id for check in CHECKS}


def test_unreadable_accounts_are_not_known() -> None:
    facts = facts_of(accounts=None, unknown={"accounts": "SELECT command denied. GRANT SELECT ON mysql.*."})
    check = next(check for check in CHECKS if check.id == "source.anonymous_accounts")
    with pytest.raises(NotKnownError, match="GRANT SELECT"):
        check.find(facts)


@pytest.mark.parametrize(
    ("engine", "has", "lacks"),
    [
        ("5.7.mysql_aurora.2.12.5", "RELOAD", "CONNECTION_ADMIN"),
        ("8.0.mysql_aurora.3.03.1", "SET_USER_ID", "SHOW_ROUTINE"),
        ("8.0.mysql_aurora.3.04.0", "SHOW_ROUTINE", "FLUSH_TABLES"),
        ("8.0.mysql_aurora.3.10.0", "FLUSH_TABLES", "SET_ANY_DEFINER"),
        ("8.4.mysql_aurora.8.4.1", "SET_ANY_DEFINER", "SET_USER_ID"),
    ],
)
def test_privileges_of_master_users(engine: str, has: str, lacks: str) -> None:
    privileges = master_privileges(parse_engine_version(engine))
    assert has in privileges
    assert not privileges & {lacks, "SUPER", "FILE", "SHUTDOWN"}


def test_an_account_of_the_backup_that_is_not_known_is_not_judged_by_another():
    check = next(check for check in CHECKS if check.id == "source.missing_privileges")
    with pytest.raises(NotKnownError, match="SELECT on mysql"):
        check.find(facts_of(rights=rights("SELECT"), backup=None, unknown={"backup": "GRANT SELECT on mysql.*"}))


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (("%", "localhost"), "localhost"),
        (("%", "10.%", "127.0.0.1"), "%"),
        (("%", "local%", "", "l%"), "local%"),
        (("local\\%", "10.%"), None),
    ],
)
def test_over_the_socket_the_server_takes_the_account_of_the_most_specific_host(hosts, expected):
    accounts = [account("ferry", host) for host in hosts] + [account("other", "localhost")]
    found = choose_account(accounts, "ferry", over_tcp=False)
    assert (found.host if found else None) == expected


def test_an_anonymous_account_of_the_host_is_taken_before_one_of_any_host():
    accounts = [account("ferry"), account("", "localhost")]
    assert choose_account(accounts, "ferry", over_tcp=False) == AccountName("", "localhost")
    assert choose_account([*accounts, account("ferry", "localhost")], "ferry", over_tcp=False) == AccountName(
        "ferry", "localhost"
    )


def test_over_tcp_one_account_of_the_name_is_it_and_of_several_nobody_knows_which():
    assert choose_account([account("ferry", "10.%")], "ferry", over_tcp=True) == AccountName("ferry", "10.%")
    assert choose_account([], "ferry", over_tcp=True) is None
    with pytest.raises(NotKnownError, match=r"ferry@10\.%, ferry@%"):
        choose_account([account("ferry", "10.%"), account("ferry")], "ferry", over_tcp=True)
