# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and privileges of real servers, as checks see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_accounts, checks_privileges
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

from ..servers import DatabaseServer
from .content_states import (
    AURORA_2,
    AURORA_84,
    MARIADB,
    MYSQL_56,
    MYSQL_97,
    NARROW,
    NARROW_PASSWORD,
    NARROW_USER,
    ContentCase,
    content_of,
    execute,
    find,
    prove,
    read,
    running,
)

CHECKS = (*checks_accounts.CHECKS, *checks_privileges.CHECKS)
ADMIN = Wanted(master_username="admin")
PASSWORD = "IDENTIFIED BY 'Of the tests 1'"
READS_ACCOUNTS = f"GRANT SELECT ON mysql.* TO {NARROW}@'%'"
DROP_NARROW = f"DROP USER {NARROW}@'%'"

CASES = [
    *(
        ContentCase(
            "source.reserved_accounts",
            server,
            (f"CREATE USER rdsadmin@localhost {PASSWORD}",),
            ("DROP USER rdsadmin@localhost",),
            names=("rdsadmin@localhost",),
        )
        for server in (MARIADB, MYSQL_97, MYSQL_56)
    ),
    ContentCase(
        "source.master_user_exists",
        MARIADB,
        (f"CREATE USER admin@'10.%' {PASSWORD}",),
        ("DROP USER admin@'10.%'",),
        names=("admin@10.%",),
        wanted=ADMIN,
    ),
    ContentCase(
        "source.authentication_plugins",
        MARIADB,
        ("CREATE USER ann@localhost IDENTIFIED VIA unix_socket",),
        ("DROP USER ann@localhost",),
        names=("ann@localhost (unix_socket)",),
    ),
    ContentCase(
        "source.authentication_plugins",
        MYSQL_97,
        ("CREATE USER bob@localhost IDENTIFIED WITH sha256_password BY 'Of the tests 1'",),
        ("DROP USER bob@localhost",),
        names=("bob@localhost (sha256_password)",),
    ),
    ContentCase(
        "source.old_passwords",
        MYSQL_56,
        (
            "CREATE USER old@localhost IDENTIFIED WITH mysql_old_password",
            "SET SESSION old_passwords = 1",
            "SET PASSWORD FOR old@localhost = PASSWORD('of the tests')",
        ),
        ("DROP USER old@localhost",),
        names=("old@localhost",),
    ),
    *(
        ContentCase(
            "source.empty_passwords",
            server,
            ("CREATE USER guest@localhost",),
            ("DROP USER guest@localhost",),
            names=("guest@localhost",),
        )
        for server in (MARIADB, MYSQL_97, MYSQL_56)
    ),
    ContentCase(
        "source.anonymous_accounts",
        MYSQL_56,
        ("CREATE USER ''@'10.0.0.1'",),
        ("DROP USER ''@'10.0.0.1'",),
        names=("''@10.0.0.1",),
    ),
    ContentCase(
        "source.second_factors",
        MYSQL_97,
        (
            "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'",
            "CREATE USER ann@localhost IDENTIFIED BY 'Of the tests 1' AND IDENTIFIED WITH auth_socket",
        ),
        ("DROP USER ann@localhost", "UNINSTALL PLUGIN auth_socket"),
        names=("ann@localhost",),
    ),
    ContentCase(
        "source.locked_accounts",
        MARIADB,
        (
            f"CREATE USER gone@localhost {PASSWORD} ACCOUNT LOCK",
            f"CREATE USER stale@localhost {PASSWORD} PASSWORD EXPIRE",
        ),
        ("DROP USER gone@localhost, stale@localhost",),
        names=("gone@localhost", "stale@localhost"),
    ),
    ContentCase(
        "source.locked_accounts",
        MYSQL_97,
        (f"CREATE USER gone@localhost {PASSWORD} ACCOUNT LOCK", "CREATE ROLE readers"),
        ("DROP USER gone@localhost, readers",),
        names=("gone@localhost",),
    ),
    *(
        ContentCase(
            "source.local_accounts",
            server,
            (
                f"CREATE USER shop@localhost {PASSWORD}",
                f"CREATE USER app@localhost {PASSWORD}",
                f"CREATE USER app@'10.%' {PASSWORD}",
            ),
            ("DROP USER shop@localhost, app@localhost, app@'10.%'",),
            names=("shop@localhost",),
        )
        for server in (MARIADB, MYSQL_97, MYSQL_56)
    ),
    ContentCase(
        "source.client_certificates",
        MYSQL_97,
        (f"CREATE USER bank@localhost {PASSWORD} REQUIRE SUBJECT '/CN=bank'",),
        ("DROP USER bank@localhost",),
        names=("bank@localhost",),
    ),
    ContentCase(
        "source.clear_connections",
        MYSQL_97,
        ("SET GLOBAL require_secure_transport = OFF",),
        good=("SET GLOBAL require_secure_transport = ON",),
        engine=AURORA_84,
    ),
    ContentCase(
        "source.privileges_lost",
        MARIADB,
        (f"CREATE USER ops@localhost {PASSWORD}", "GRANT SUPER, FILE, SELECT ON *.* TO ops@localhost"),
        ("DROP USER ops@localhost",),
        text="FILE (1)",
    ),
    ContentCase(
        "source.privileges_lost",
        MYSQL_97,
        (
            f"CREATE USER ops@localhost {PASSWORD}",
            "GRANT FILE, SELECT ON *.* TO ops@localhost",
            "GRANT SYSTEM_VARIABLES_ADMIN, ROLE_ADMIN ON *.* TO ops@localhost",
        ),
        ("DROP USER ops@localhost",),
        names=("ops@localhost: FILE, SYSTEM_VARIABLES_ADMIN",),
    ),
    *(
        ContentCase(
            "source.grants_in_mysql",
            server,
            (
                f"CREATE USER panel@localhost {PASSWORD}",
                "GRANT SELECT, DROP, CREATE VIEW ON mysql.* TO panel@localhost",
                "GRANT SELECT ON mysql.db TO panel@localhost",
                "GRANT INSERT, GRANT OPTION ON mysql.help_topic TO panel@localhost",
                "GRANT UPDATE (name) ON mysql.help_keyword TO panel@localhost",
                f"CREATE USER monitor@localhost {PASSWORD}",
                "GRANT SELECT ON mysql.* TO monitor@localhost",
                "GRANT SELECT ON mysql.db TO monitor@localhost",
                "GRANT ALL ON `mysql\\_ours`.* TO monitor@localhost",
            ),
            ("DROP USER panel@localhost, monitor@localhost",),
            names=(
                "panel@localhost: CREATE VIEW, DROP ON mysql.*",
                "panel@localhost: UPDATE ON mysql.help_keyword",
                "panel@localhost: INSERT ON mysql.help_topic",
            ),
        )
        for server in (MARIADB, MYSQL_97, MYSQL_56)
    ),
    *(
        ContentCase(
            "source.proxy_grants",
            server,
            (
                f"CREATE USER ann@localhost {PASSWORD}",
                f"CREATE USER staff@localhost {PASSWORD}",
                "GRANT PROXY ON staff@localhost TO ann@localhost",
            ),
            ("DROP USER ann@localhost, staff@localhost",),
            names=("ann@localhost as staff@localhost",),
        )
        for server in (MARIADB, MYSQL_97)
    ),
    ContentCase(
        "source.roles_lost",
        MARIADB,
        ("CREATE ROLE readers",),
        ("DROP ROLE readers",),
        names=("readers",),
        engine=AURORA_2,
    ),
    ContentCase(
        "source.mandatory_roles",
        MYSQL_97,
        ("CREATE ROLE readers", "SET GLOBAL mandatory_roles = 'readers'"),
        ("SET GLOBAL mandatory_roles = ''", "DROP ROLE readers"),
        names=("readers@%",),
    ),
    ContentCase(
        "source.partial_revokes",
        MYSQL_97,
        (
            "SET GLOBAL partial_revokes = ON",
            f"CREATE USER part@localhost {PASSWORD}",
            "GRANT SELECT ON *.* TO part@localhost",
            "REVOKE SELECT ON mysql.* FROM part@localhost",
        ),
        ("DROP USER part@localhost", "SET GLOBAL partial_revokes = OFF"),
        names=("part@localhost: mysql",),
    ),
    *(
        ContentCase(
            "source.missing_privileges",
            server,
            (NARROW_USER, f"GRANT RELOAD, PROCESS ON *.* TO {NARROW}@'%'", READS_ACCOUNTS),
            (DROP_NARROW,),
            names=names,
            narrow=True,
        )
        for server, names in (
            (MARIADB, ("LOCK TABLES", "REPLICATION CLIENT")),
            (MYSQL_56, ("LOCK TABLES", "REPLICATION CLIENT")),
            (
                MYSQL_97,
                (
                    "LOCK TABLES",
                    "REPLICATION CLIENT",
                    "BACKUP_ADMIN",
                    "SELECT ON performance_schema.log_status",
                    "SELECT ON performance_schema.keyring_component_status",
                    "SELECT ON performance_schema.replication_group_members",
                ),
            ),
        )
    ),
    *(
        ContentCase(
            "source.missing_reading_privileges",
            server,
            (NARROW_USER, f"GRANT SELECT, PROCESS ON *.* TO {NARROW}@'%'"),
            (DROP_NARROW,),
            names=("SHOW VIEW", "TRIGGER", "EVENT"),
            narrow=True,
        )
        for server in (MARIADB, MYSQL_97, MYSQL_56)
    ),
]
NOT_FIRED_FOR_REAL: dict[str, str] = {}
ELSEWHERE = {"source.queries_ended"}
"""Fired by ``test_slow_queries``."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """Servers of each kind that a case names."""
    with running(tmp_path_factory, MARIADB, MYSQL_97, MYSQL_56) as started:
        yield started


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_fires(case: ContentCase, servers: dict[str, DatabaseServer]) -> None:
    prove(CHECKS, case, servers[case.server])


def test_every_check_fires_for_real() -> None:
    assert {case.check_id for case in CASES} | set(NOT_FIRED_FOR_REAL) | ELSEWHERE == {check.id for check in CHECKS}


@pytest.mark.parametrize("server", [MARIADB, MYSQL_97, MYSQL_56])
def test_an_account_without_rights_learns_which_it_needs(server: str, servers: dict[str, DatabaseServer]) -> None:
    execute(servers[server], [NARROW_USER])
    try:
        content = read(servers[server], NARROW, "Narrow of the tests 1")
    finally:
        execute(servers[server], [DROP_NARROW])
    assert content.accounts is None
    assert content.functions is None
    assert content.zone_names is None
    assert content.variables["time_zone"]
    assert content.plugins
    assert "GRANT SELECT ON mysql.*" in content.unknown["accounts"]
    assert "GRANT SELECT ON mysql.*" in content.unknown["functions"]
    assert "GRANT REPLICATION CLIENT" in content.unknown["replicas"]


@pytest.mark.parametrize("server", [MARIADB, MYSQL_97, MYSQL_56])
def test_the_account_that_the_server_takes_the_backup_for_is_judged(
    server: str, servers: dict[str, DatabaseServer]
) -> None:
    local = f"{NARROW}@localhost"
    needed = [f"GRANT SELECT, RELOAD, LOCK TABLES, PROCESS, REPLICATION CLIENT ON *.* TO {NARROW}@'%'"]
    if server == MYSQL_97:
        needed.append(f"GRANT BACKUP_ADMIN ON *.* TO {NARROW}@'%'")
    narrower = [f"CREATE USER {local} IDENTIFIED BY '{NARROW_PASSWORD}'", f"GRANT SELECT, RELOAD ON *.* TO {local}"]

    def taken() -> tuple[str, Optional[Seen]]:
        """Whom the server takes the user for over its socket, and what is said of it."""
        by_socket = {"login_user": NARROW, "login_password": NARROW_PASSWORD}
        with connect({**by_socket, "login_unix_socket": str(servers[server].socket)}) as connection:
            current = str(connection.value("SELECT CURRENT_USER()"))
        wanted = Wanted(backup_user=NARROW)
        with connect(servers[server].login()) as connection:
            content = content_of(connection, wanted)
        return current, find(CHECKS, "source.missing_privileges", Facts(wanted, content=content))

    try:
        execute(servers[server], [NARROW_USER, *needed])
        assert taken() == (f"{NARROW}@%", None)
        execute(servers[server], narrower)
        current, seen = taken()
        assert current == local and seen is not None
        assert seen.text.startswith(f"{local} lacks ")
        assert seen.objects.names[:3] == ("LOCK TABLES", "PROCESS", "REPLICATION CLIENT")
        assert "TO 'narrow'@'localhost';" in seen.statement
    finally:
        execute(servers[server], [DROP_NARROW, f"DROP USER {local}"])


@pytest.mark.parametrize("server", [MARIADB, MYSQL_97, MYSQL_56])
def test_the_statement_that_is_named_makes_an_account_for_the_backup(
    server: str, servers: dict[str, DatabaseServer]
) -> None:
    def lacks() -> Optional[Seen]:
        wanted = Wanted(backup_user="newcomer")
        with connect(servers[server].login()) as connection:
            content = content_of(connection, wanted)
        return find(CHECKS, "source.missing_privileges", Facts(wanted, content=content))

    seen = lacks()
    assert seen is not None
    try:
        execute(servers[server], seen.statement.replace("'...'", f"'{NARROW_PASSWORD}'").split("\n"))
        assert lacks() is None
    finally:
        execute(servers[server], ["DROP USER newcomer@localhost"])


@pytest.mark.parametrize("server", [MARIADB, MYSQL_97, MYSQL_56])
def test_the_new_name_for_a_reserved_one_is_not_too_long(server: str, servers: dict[str, DatabaseServer]) -> None:
    reserved = "rdsproxyadmin" if server == MYSQL_56 else "rdsrepladmin_priv_checks_user"

    def look() -> Optional[Seen]:
        return find(CHECKS, "source.reserved_accounts", Facts(Wanted(), content=read(servers[server])))

    execute(servers[server], [f"CREATE USER {reserved}@'%' {PASSWORD}"])
    try:
        seen = look()
        assert seen is not None
        execute(servers[server], [seen.statement])
        assert look() is None
    finally:
        others = [account.name for account in read(servers[server]).people if account.name.user.startswith("rds")]
        execute(servers[server], [f"DROP USER IF EXISTS {reserved}@'%'"] if server != MYSQL_56 else [])
        execute(servers[server], [f"DROP USER '{name.user}'@'{name.host}'" for name in others])
