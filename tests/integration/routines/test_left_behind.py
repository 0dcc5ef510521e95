# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not travel, or was not shown, is listed, and a purge drops nothing because of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison import Context, compare_objects
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_stored import stored_objects
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import Inventory, Key, Selection
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_read import read_inventory

from .carrying import carry, changed
from .side import EVERYTHING, Side

STATES = "SELECT EVENT_NAME AS name, STATUS AS status FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'"


def shown_to_reader(source: Side, privileges: str, selection: Selection = EVERYTHING) -> Inventory:
    """What an account reads that has these privileges on schema ``shop`` and no others."""
    source.run("CREATE USER reader@'%' IDENTIFIED BY 'p'", f"GRANT {privileges} ON shop.* TO reader@'%'")
    login = source.server.login("reader", "p", ssl_mode="disabled", connect_timeout=10)
    with connect(login, multi_statements=True) as connection:
        return read_inventory(connection, selection)


def test_purge_drops_strangers_of_the_sources_kinds_in_its_schemas_only(shop: tuple[Side, Side]) -> None:
    source, target = shop
    target.run("CREATE DATABASE other")
    for schema in ("shop", "other"):
        target.run(
            f"CREATE PROCEDURE {schema}.stranger() SELECT 1",
            f"CREATE EVENT {schema}.`ström` ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1",
        )
    of_one_kind = carry(source.inventory(Selection(("event",))), target, Policy(purge=True))
    assert changed(of_one_kind) == {"ström": "drop"}
    outcome = carry(source.inventory(), target, Policy(purge=True))
    assert changed(outcome) == {"stranger": "drop"}
    assert {each.schema for each in target.inventory().objects} == {"other"}


def test_what_belongs_to_the_server_and_what_mysql_has_not_is_listed(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run(
        "CREATE DEFINER='rdsadmin'@'localhost' PROCEDURE shop.reserved() SELECT 1",
        "CREATE SEQUENCE shop.seq",
        "SET SESSION sql_mode = 'ORACLE'",
        "CREATE PACKAGE shop.pkg AS PROCEDURE p1(); END",
        "CREATE PROCEDURE shop.oracle AS BEGIN SELECT 1; END",
        "SET SESSION sql_mode = ''",
        "INSERT INTO mysql.func (name, ret, dl, type) VALUES ('myhash', 0, 'myhash.so', 'function')",
    )
    try:
        outcome = carry(source.inventory(), target)
    finally:
        source.run("DELETE FROM mysql.func")
    assert (outcome.done, outcome.failed) == ((), ())
    reasons = {problem.key.name: problem.reason for problem in outcome.plan.skipped}
    assert set(reasons) == {"reserved", "seq", "pkg", "oracle", "myhash"}
    assert "rdsadmin@localhost" in reasons["reserved"] and "myhash.so" in reasons["myhash"]


@pytest.mark.parametrize("servers", ["9.7 to 9.7"], indirect=True, scope="session")
def test_code_in_another_language_is_listed(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run(
        "CREATE FUNCTION shop.js() RETURNS INT LANGUAGE JAVASCRIPT AS $$ return 1 $$",
        "CREATE LIBRARY shop.lib LANGUAGE JAVASCRIPT AS $$ export function one() { return 1; } $$",
    )
    outcome = carry(source.inventory(), target)
    assert (outcome.done, outcome.failed) == ((), ())
    assert {str(problem.key) for problem in outcome.plan.skipped} == {"function shop.js", "library shop.lib"}


def test_a_reader_without_rights_gets_a_list_of_what_it_may_not_see(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run("CREATE PROCEDURE shop.p() SELECT 1")
    inventory = shown_to_reader(source, "EXECUTE", Selection(("procedure",)))
    outcome = carry(inventory, target)
    assert outcome.done == ()
    assert [problem.key for problem in outcome.failed] == [Key("procedure", "shop", "p")]
    assert "mysql.proc" in outcome.failed[0].remedy


def test_what_a_reader_is_not_even_shown_is_told(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run(
        "CREATE TRIGGER shop.noted BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.a = 1",
        "CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1",
        "CREATE DATABASE unseen",
        "CREATE PROCEDURE unseen.p() SELECT 1",
    )
    inventory = shown_to_reader(source, "SELECT, SHOW VIEW, EXECUTE")
    for name in ("noted", "stranger"):
        target.run(f"CREATE TRIGGER shop.{name} BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.a = 1")
    target.run("CREATE VIEW shop.strange AS SELECT 1 AS a")
    outcome = carry(inventory, target, Policy(purge=True))
    assert changed(outcome) == {"strange": "drop"}
    assert {"noted", "stranger"} <= {problem.key.name for problem in outcome.plan.skipped}
    told = {problem.key.kind: problem for problem in outcome.plan.skipped if problem.key.name == "*"}
    assert set(told) == {"schema", "trigger", "event", "loadable function"}
    assert "every trigger of shop;" in told["trigger"].reason
    assert "Grant it TRIGGER" in told["trigger"].remedy
    assert {each.kind for each in source.inventory().not_portable} == set()


def test_code_in_the_servers_own_schemas_is_listed_and_a_schema_named_tmp_travels(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run(
        "CREATE PROCEDURE mysql.cleanup() SELECT 1",
        "CREATE EVENT sys.nightly ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1",
        "CREATE DATABASE tmp",
        "CREATE PROCEDURE tmp.p() SELECT 1",
    )
    target.run("CREATE DATABASE tmp")
    try:
        outcome = carry(source.inventory(), target)
        assert source.inventory(Selection(exclude_schemas=("mysql", "sys"))).not_portable == ()
    finally:
        source.run("DROP PROCEDURE mysql.cleanup", "DROP EVENT sys.nightly")
    assert changed(outcome) == {"p": "create"}
    assert {str(problem.key): problem.reason for problem in outcome.plan.skipped} == {
        "procedure mysql.cleanup": "it is stored in the server's own schema mysql, which a cluster keeps for itself",
        "event sys.nightly": "it is stored in the server's own schema sys, which a cluster keeps for itself",
    }


@pytest.mark.parametrize("servers", ["MariaDB to MariaDB", "5.6 to 9.7", "9.7 to 9.7"], indirect=True, scope="session")
def test_events_that_a_replica_does_not_run_arrive_disabled_and_are_listed(
    run_module: Any, shop: tuple[Side, Side], tmp_path: Path
) -> None:
    source, target = shop
    replica = "REPLICA" if source.inventory().family == "mysql-9" else "SLAVE"
    source.run(
        f"CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DISABLE ON {replica} DO SELECT 1",
        "CREATE EVENT shop.off ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1",
    )
    whole = tmp_path / "left.json"
    logins = [side.server.login(ssl_mode="disabled") for side in shop]
    read = run_module("mysql_routines_info", {**logins[0], "export": True})
    options = {**logins[1], "export": read["export"], "left_behind_file": str(whole)}
    for first in (True, False):
        result = run_module("mysql_routines", options)
        assert result["changed"] == first
        (told,) = result["disabled_on_replica"]
        assert (told["kind"], told["schema"], told["name"]) == ("event", "shop", "nightly")
        assert "arrives disabled" in told["reason"]
        assert "ALTER EVENT `shop`.`nightly` ENABLE" in told["remedy"]
        assert result["summary"]["disabled_on_replica"] == 1 and result["left_behind"] == []
        assert json.loads(whole.read_text())["disabled_on_replica"] == [told]
        (warning,) = result["warnings"]
        assert "event shop.nightly" in warning and "ENABLE" in warning
    states = {row["name"]: row["status"] for row in target.connection.rows(STATES)}
    assert states == {"nightly": "DISABLED", "off": "DISABLED"}
    ours, theirs = (stored_objects(side.inventory(), loose=True, fold=False) for side in shop)
    assert list(compare_objects(ours, theirs, Context("root@localhost", {}))) == []
    target.run("ALTER EVENT shop.nightly ENABLE")
    assert run_module("mysql_routines", options, "--check")["changed"]
