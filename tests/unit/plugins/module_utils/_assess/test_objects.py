# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of stored objects and definers, each with facts that make it fire and with some that do not."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_definers, checks_objects
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import content_code as trait
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_inventory import Entry
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NAMED, NOTE, NotKnownError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted

from .content_cases import AURORA_2, MARIADB, MYSQL_57, Case, assert_fires, assert_quiet, code, facts_of

CHECKS = (*checks_definers.CHECKS, *checks_objects.CHECKS)
BINLOG = Wanted(cluster_parameters={"binlog_format": "ROW"})

CASES = [
    Case(
        "source.orphan_definers",
        facts_of(code=(code("view", "v", "gone@%"), code("procedure", "p"))),
        "1 object has a definer that is no account of the source: gone@% (1)",
        ("view shop.v (gone@%)",),
    ),
    Case(
        "source.broken_views",
        facts_of(
            code=(code("view", "v", traits=trait.BROKEN), code("view", "orphan", "gone@%", traits=trait.BROKEN)),
        ),
        "1 view uses",
        ("view shop.v",),
        "CHECK TABLE `shop`.`v`;",
    ),
    Case(
        "source.reserved_definers",
        facts_of(code=(code("procedure", "p", "rdsadmin@localhost"), code("event", "e", "mysql.sys@localhost"))),
        names=("procedure shop.p (rdsadmin@localhost)", "event shop.e (mysql.sys@localhost)"),
    ),
    Case(
        "source.definers_redefined",
        facts_of(code=(code("trigger", "t", "root@localhost"),)),
        names=("trigger shop.t (root@localhost)",),
    ),
    Case("source.definers_refused", facts_of(engine=AURORA_2), "app@% (2)"),
    Case(
        "source.code_uses_files",
        facts_of(code=(code("procedure", "export", traits=trait.FILES),)),
        names=("procedure shop.export",),
    ),
    Case(
        "source.code_administers",
        facts_of(code=(code("procedure", "tune", traits=trait.ADMINISTRATION | trait.FILES),)),
        names=("procedure shop.tune",),
    ),
    Case(
        "source.code_uses_mysql_schema",
        facts_of(code=(code("procedure", "users", traits=trait.SYSTEM_TABLES),)),
        names=("procedure shop.users",),
    ),
    Case(
        "source.code_in_mysql_schema",
        facts_of(code=(code("procedure", "rotate", schema="mysql", traits=trait.SYSTEM_TABLES),)),
        names=("procedure mysql.rotate",),
    ),
    Case(
        "source.events",
        facts_of(code=(code("event", "e", status="ENABLED"), code("event", "off", status="DISABLED"))),
        names=("event shop.e",),
    ),
    Case(
        "source.events",
        facts_of({"event_scheduler": "OFF"}, code=(code("event", "e", status="ENABLED"),)),
        "event_scheduler is OFF",
        severity=NOTE,
    ),
    *(
        Case(
            "source.events_disabled_on_replica",
            facts_of(code=(code("event", "e", status=status), code("event", "off", status="DISABLED"))),
            "1 event is disabled on this replica",
            ("event shop.e",),
        )
        # Before and from MySQL 8.4 on.
        for status in ("SLAVESIDE_DISABLED", "REPLICA_SIDE_DISABLED")
    ),
    Case(
        "source.function_creators",
        facts_of(code=(code("trigger", "t"), code("function", "f", traits=trait.UNDECLARED)), wanted=BINLOG),
        "there are 2 triggers, or functions",
    ),
    Case(
        "source.code_sql_modes",
        facts_of(code=(code("procedure", "p", sql_mode="STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER"),)),
        "NO_AUTO_CREATE_USER (1)",
        ("procedure shop.p",),
    ),
    Case(
        "source.code_not_portable",
        facts_of(
            code=(
                code("package", "p"),
                code("procedure", "o", sql_mode="PIPES_AS_CONCAT,ORACLE"),
                code("function", "js", language="JAVASCRIPT"),
            )
        ),
        names=(
            "package shop.p (no such thing in MySQL)",
            "procedure shop.o (written in Oracle mode)",
            "function shop.js (written in JAVASCRIPT)",
        ),
    ),
    Case("source.code_unseen", facts_of(code=(code("procedure", "p", traits=trait.UNSEEN),)), "hidden from ferry@%"),
    Case(
        "source.loadable_functions",
        facts_of(functions=(Entry("sys_exec", "lib_mysqludf_sys.so"),)),
        names=("sys_exec (lib_mysqludf_sys.so)",),
    ),
    Case("source.foreign_servers", facts_of(servers=(Entry("erp", "mysql"),)), names=("erp (mysql)",)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check_id)
def test_fires(case: Case) -> None:
    assert_fires(CHECKS, case)


@pytest.mark.parametrize(
    "facts",
    [
        facts_of(),
        facts_of(code=()),
        facts_of(code=(code("procedure", "p"),), engine=AURORA_2, wanted=Wanted(master_username="app")),
        facts_of(code=(code("procedure", "p"),), wanted=BINLOG),
        facts_of({"log_bin_trust_function_creators": "ON"}, code=(code("trigger", "t"),), wanted=BINLOG),
        facts_of(code=(code("trigger", "t"),)),
        facts_of(code=(code("function", "f", sql_mode="STRICT_TRANS_TABLES"),)),
    ],
)
def test_quiet(facts: object) -> None:
    assert_quiet(CHECKS, facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", [MYSQL_57, MARIADB])
def test_who_would_have_to_open_every_table_is_not_asked_for_broken_views(version: object) -> None:
    check = next(check for check in CHECKS if check.id == "source.broken_views")
    with pytest.raises(NotKnownError, match=r"MySQL 8\.0"):
        check.find(facts_of(version=version))


def test_every_check_has_a_case() -> None:
    assert {case.check_id for case in CASES} == {check.id for check in CHECKS}


def test_of_many_objects_the_first_are_named() -> None:
    facts = facts_of(code=tuple(code("view", f"v{number}", "gone@%") for number in range(1000)))
    seen = CHECKS[0].find(facts)
    assert seen is not None
    assert seen.objects.count == 1000
    assert len(seen.objects.names) == NAMED


def test_an_unread_list_of_loadable_functions_is_not_known() -> None:
    facts = facts_of(functions=None, unknown={"functions": "SELECT command denied. GRANT SELECT ON mysql.*."})
    check = next(check for check in CHECKS if check.id == "source.loadable_functions")
    with pytest.raises(NotKnownError, match="GRANT SELECT"):
        check.find(facts)
