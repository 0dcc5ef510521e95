# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reader with few rights is told of what it may not be shown."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.grants import parse_grants
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.privileges import rights_of
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import KINDS, Selection
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_left import out_of_sight
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

OLD = ServerVersion("mysql", (5, 7, 44))
NEW = ServerVersion("mysql", (8, 0, 36))
MARIADB = ServerVersion("mariadb", (10, 11, 14))
ROUTINES = {"function", "procedure"}


def hidden(version: ServerVersion, *grants: str, schemas: tuple[str, ...] = ()) -> dict[str, str]:
    """The kinds of which something may be hidden in the schemas a and b_1, with the reasons."""
    rights = rights_of(parse_grants([f"GRANT {each} TO `r`@`%`" for each in grants]), version)
    found = list(out_of_sight(Selection(KINDS, schemas), ("a", "b_1"), rights, version))
    assert {(each.schema, each.name, each.unreadable) for each in found} <= {("", "*", False)}
    assert all(each.remedy for each in found)
    return {each.kind: each.reason for each in found}


@pytest.mark.parametrize("version", [OLD, NEW, MARIADB])
def test_who_may_see_everything_is_told_nothing(version: ServerVersion) -> None:
    assert hidden(version, "ALL PRIVILEGES ON *.*") == {}
    assert hidden(version, "SELECT, TRIGGER, EVENT ON *.*") == {}
    everything = "SELECT, EXECUTE, TRIGGER, EVENT"
    assert hidden(version, f"{everything} ON `a`.*", f"{everything} ON `b\\_1`.*", schemas=("a", "b_1")) == {}


@pytest.mark.parametrize("version", [OLD, NEW, MARIADB])
def test_each_kind_has_its_own_right(version: ServerVersion) -> None:
    assert set(hidden(version, "SELECT ON *.*")) == {"trigger", "event"}
    assert set(hidden(version, "SELECT, TRIGGER ON *.*", "EVENT ON `a`.*")) == {"event"}
    assert set(hidden(version, "SHOW DATABASES ON *.*")) == set(KINDS)
    few = ("USAGE ON *.*", "SELECT ON `a`.*", "SELECT ON `b\\_1`.*")
    assert set(hidden(version, *few)) == ROUTINES | {"trigger", "event", "schema"}
    # a right on one table shows that table's triggers only
    assert "trigger" in hidden(version, "SELECT, EVENT ON *.*", "TRIGGER ON `a`.`t`", "TRIGGER ON `b_1`.`t`")


def test_the_schemas_in_the_dark_are_named() -> None:
    told = hidden(NEW, "SELECT, EVENT ON *.*", "TRIGGER ON `b\\_1`.*")
    assert set(told) == {"trigger"}
    assert "every trigger of a;" in told["trigger"]


def test_a_schema_may_hide_only_from_who_did_not_name_it() -> None:
    own = ("USAGE ON *.*", "SELECT, EXECUTE, TRIGGER, EVENT ON `%`.*")
    assert set(hidden(NEW, *own, schemas=("a",))) == set()
    assert set(hidden(NEW, *own, schemas=("a", "c"))) == {"schema"}
    assert set(hidden(NEW, *own, schemas=("a*",))) == {"schema"}


def test_routines_are_shown_by_their_table_or_by_a_right_of_their_own() -> None:
    rest = "SHOW DATABASES, SHOW VIEW, TRIGGER, EVENT ON *.*"
    table = "SELECT ON `mysql`.`proc`"
    assert hidden(OLD, rest, table) == hidden(MARIADB, rest, table) == {}
    assert hidden(OLD, rest, "SELECT ON `mysql`.*") == {}
    assert set(hidden(NEW, rest, table)) == ROUTINES
    assert hidden(NEW, rest, "SHOW_ROUTINE ON *.*") == {}
    assert hidden(MARIADB, "SHOW CREATE ROUTINE, SHOW DATABASES, SHOW VIEW, TRIGGER, EVENT ON *.*") == {}


def test_a_partial_revoke_takes_a_schema_out_of_sight() -> None:
    lines = ["GRANT SELECT, TRIGGER, EVENT ON *.* TO `r`@`%`", "REVOKE TRIGGER ON `b_1`.* FROM `r`@`%`"]
    rights = rights_of(parse_grants(lines), NEW)
    (told,) = out_of_sight(Selection(KINDS), ("a", "b_1"), rights, NEW)
    assert told.kind == "trigger"
    assert "of b_1;" in told.reason
