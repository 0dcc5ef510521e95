# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a definer becomes, and what the target's account may do."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.definers import (
    DefinerRights,
    definer_on_target,
    global_privileges,
    is_reserved,
)


@pytest.mark.parametrize(
    ("mode", "definer", "expected"),
    [
        ("keep", "a@%", "a@%"),
        ("map", "a@%", "b@host"),
        ("map", "c@%", "app@%"),
        ("map", "other@%", "other@%"),
        ("master", "a@%", "admin@%"),
        ("master_if_missing", "a@%", "a@%"),
        ("master_if_missing", "root@localhost", "admin@%"),
    ],
)
def test_the_definer_on_the_target(mode: str, definer: str, expected: str) -> None:
    rights = DefinerRights("admin@%", frozenset({"admin@%", "a@%"}), frozenset(), False, False)
    assert definer_on_target(definer, mode, {"a@%": "b@host", "c@%": "app"}, rights) == expected


def test_a_definer_of_whom_nobody_can_say_whether_it_is_there_is_kept() -> None:
    rights = DefinerRights("admin@%", None, frozenset(), False, False)
    assert definer_on_target("root@localhost", "master_if_missing", {}, rights) == "root@localhost"


@pytest.mark.parametrize("user", ["rdsadmin", "mysql.sys", "mariadb.sys", "AWS_LAMBDA_ACCESS", "rds_superuser_role"])
def test_reserved_accounts(user: str) -> None:
    assert is_reserved(f"{user}@localhost")
    assert not is_reserved(f"my{user}@localhost")


def test_privileges_of_an_aurora_3_master_are_read_from_its_grants() -> None:
    grants = [
        "GRANT SELECT, INSERT, CREATE ROUTINE ON *.* TO `admin`@`%` WITH GRANT OPTION",
        "GRANT ROLE_ADMIN,SET_USER_ID ON *.* TO `admin`@`%` WITH GRANT OPTION",
        "GRANT SUPER ON `shop`.* TO `admin`@`%`",
        "GRANT `rds_superuser_role`@`%` TO `admin`@`%`",
    ]
    assert global_privileges(grants) == {"SELECT", "INSERT", "CREATE ROUTINE", "ROLE_ADMIN", "SET_USER_ID"}
