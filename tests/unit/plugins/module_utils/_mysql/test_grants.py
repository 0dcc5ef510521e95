# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SHOW GRANTS read, GRANT written: what is written is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    GLOBAL,
    Account,
    AccountName,
    Grant,
    Scope,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_render import Dialect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.grants import parse_grants, together
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from . import strategies

MYSQL = Dialect(ServerVersion("aurora", (8, 0, 39)))
MARIADB = Dialect(ServerVersion("mariadb", (10, 11, 0)))


@strategies.examples
@given(strategies.account_names, strategies.grants, st.sampled_from([MYSQL, MARIADB]))
def test_written_grants_are_read_back(name: AccountName, grants: dict[Scope, Grant], dialect: Dialect) -> None:
    statements = [statement.sql for statement in dialect.grant(Account(name), grants)]
    assert parse_grants(statements).grants == grants


@strategies.examples
@given(strategies.account_names, strategies.account_names, st.booleans())
def test_written_roles_are_read_back(name: AccountName, role: AccountName, admin: bool) -> None:
    assert parse_grants([MYSQL.grant_role(role, Account(name), admin).sql]).roles == {role: admin}


@strategies.examples
@given(strategies.names, strategies.static)
def test_partial_revokes_are_read_back(schema: str, privileges: frozenset[str]) -> None:
    statement = MYSQL.restrict(Account(AccountName("u")), schema, privileges)
    assert parse_grants([statement.sql]).restrictions == {schema: privileges}


def test_lines_of_real_servers() -> None:
    granted = parse_grants(
        [
            "GRANT RELOAD, PROCESS ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*46' REQUIRE X509 WITH GRANT OPTION"
            " MAX_USER_CONNECTIONS 5",
            "GRANT BINLOG MONITOR ON *.* TO 'old'@'%'",
            "GRANT SELECT, INSERT (`a`), UPDATE (`a`, `b`) ON `shop`.`t` TO `app`@`%`",
            "GRANT `r1` TO `app`@`%`",
            "GRANT `r2`@`%`,`r3`@`h` TO `app`@`%` WITH ADMIN OPTION",
            "SET DEFAULT ROLE `r1` FOR `app`@`%`",
            "GRANT USAGE ON `x`.* TO `app`@`%`",
        ]
    )
    assert granted.grants == {
        GLOBAL: Grant(frozenset({"RELOAD", "PROCESS", "REPLICATION CLIENT"}), True),
        Scope("table", "shop", "t"): Grant(frozenset({"SELECT"})),
        Scope("column", "shop", "t", "a"): Grant(frozenset({"INSERT", "UPDATE"})),
        Scope("column", "shop", "t", "b"): Grant(frozenset({"UPDATE"})),
    }
    assert granted.roles == {AccountName("r1", ""): False, AccountName("r2", "%"): True, AccountName("r3", "h"): True}


@pytest.mark.parametrize("line", ["GRANT", "GRANT SELECT", "GRANT SELECT ON", "GRANT SELECT (`a ON x.y TO z"])
def test_unreadable_line_is_shown_without_its_hash(line: str) -> None:
    with pytest.raises(MysqlError) as caught:
        parse_grants([line + " IDENTIFIED BY PASSWORD '*462366917EEDD1970A48E87D8EF59EB67D2CA26F'"])
    assert caught.value.error_id == "grants.unreadable" and "4623" not in str(caught.value)


def test_a_restriction_of_a_role_counts_with_the_role() -> None:
    own = parse_grants(["GRANT CREATE USER ON *.* TO `m`@`%` WITH GRANT OPTION", "GRANT `r`@`%` TO `m`@`%`"])
    lines = [
        "GRANT SELECT, INSERT, CREATE USER ON *.* TO `m`@`%` WITH GRANT OPTION",
        "REVOKE SELECT ON `shop`.* FROM `m`@`%`",
        "GRANT `r`@`%` TO `m`@`%`",
    ]
    both = together(own, parse_grants(lines))
    assert both == parse_grants(lines)
    # Its own stays where a role, which may be inactive, is said to lift it.
    assert together(parse_grants(lines), own).restrictions == {"shop": frozenset({"SELECT"})}
