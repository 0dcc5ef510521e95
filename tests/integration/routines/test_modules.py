# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for stored objects as a user runs them: results, check mode, diff mode, failure at the end."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import bring_accounts, take_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import pack
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_to_come import accounts_to_come
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import Selection, export_inventory
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_apply import bring_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy

from .side import Side


@pytest.fixture
def logins(source: Side, target: Side) -> tuple[dict[str, Any], dict[str, Any]]:
    """Login options of both servers, with a schema and some stored objects on the source."""
    for side in (source, target):
        side.run("CREATE DATABASE shop", "CREATE TABLE shop.t (a INT)")
    source.run(
        "CREATE PROCEDURE shop.`{{ odd }}`() SELECT '😀 {% odd %}'",
        "CREATE FUNCTION shop.f(x INT) RETURNS INT DETERMINISTIC NO SQL RETURN x + 1",
        "CREATE VIEW shop.v AS SELECT shop.f(a) AS a FROM shop.t",
    )
    return source.server.login(ssl_mode="disabled"), target.server.login(ssl_mode="disabled")


def test_info_lists_what_is_there_and_exports_on_wish(run_module: Any, logins: tuple[dict[str, Any], Any]) -> None:
    result = run_module("mysql_routines_info", logins[0])
    assert not result["changed"] and "export" not in result
    assert {kind: result["summary"][kind] for kind in ("functions", "procedures", "triggers", "events", "views")} == {
        "functions": 1,
        "procedures": 1,
        "triggers": 0,
        "events": 0,
        "views": 1,
    }
    assert [each["name"] for each in result["routines"]] == ["f", "{{ odd }}", "v"]
    chosen = run_module("mysql_routines_info", {**logins[0], "kinds": ["views"], "schemas": ["sh*"], "export": True})
    assert [each["name"] for each in chosen["routines"]] == ["v"] and chosen["export"]
    excluded = run_module("mysql_routines_info", {**logins[0], "exclude_schemas": ["shop"]})
    assert excluded["routines"] == []


def test_apply_check_apply_again(run_module: Any, target: Side, logins: tuple[dict[str, Any], dict[str, Any]]) -> None:
    export = run_module("mysql_routines_info", {**logins[0], "export": True})["export"]
    options = {**logins[1], "export": export}

    planned = run_module("mysql_routines", options, "--check", "--diff")
    assert planned["changed"] and planned["summary"]["created"] == 3
    assert any("RETURN x + 1" in each["after"] and each["before"] == "" for each in planned["diff"])
    assert target.inventory().objects == ()

    applied = run_module("mysql_routines", options, "--diff")
    assert applied["diff"] == planned["diff"]
    assert applied["changed"] and applied["not_created"] == [] and applied["left_behind"] == []
    assert [each["action"] for each in applied["changes"]] == ["create"] * 3
    assert export not in applied["console"]

    again = run_module("mysql_routines", options)
    assert not again["changed"] and again["summary"]["unchanged"] == 3


def test_check_mode_counts_on_the_accounts_that_will_have_come(
    run_module: Any, source: Side, target: Side, logins: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    # No server takes hashes of the kind that MySQL 4.0 had.
    for user, identified in (("owner", "BY 'x'"), ("ancient", "VIA mysql_old_password USING '0123456789abcdef'")):
        source.run(f"CREATE USER {user}@'%' IDENTIFIED {identified}")
        source.run(f"CREATE DEFINER={user}@'%' PROCEDURE shop.of_{user}() SELECT 1")
    accounts, stored = take_accounts(source.connection, (), ()), source.inventory(Selection(("procedure",)))

    def redefined(check: bool = True, to_come: frozenset[str] = frozenset()) -> set[str]:
        policy = Policy(definer="master_if_missing")
        brought = bring_over(target.connection, stored, Selection(("procedure",)), policy, check, to_come)
        return {each.key.name for each in brought.plan.redefined if each.source != "root@localhost"}

    assert redefined() == {"of_owner", "of_ancient"}
    locked = Options(unsupported_plugin="lock")
    assert accounts_to_come(target.connection, pack(accounts), locked) == {"owner@%", "ancient@%"}
    for patterns in ({"exclude": ["anc*"]}, {"include": ["owner@%"]}):
        assert accounts_to_come(target.connection, pack(accounts), locked._replace(**patterns)) == {"owner@%"}
    to_come = accounts_to_come(target.connection, pack(accounts), Options())
    planned = redefined(to_come=to_come)
    assert planned == {"of_ancient"}
    options = {"definer": "master_if_missing", "accounts_export": pack(accounts), "kinds": ["procedures"]}
    told = run_module("mysql_routines", {**logins[1], **options, "export": export_inventory(stored)}, "--check")
    assert [each["name"] for each in told["redefined"]] == ["of_ancient"]
    assert pack(accounts) not in told["console"]
    excluding = {**options, "accounts_exclude": ["owner"], "export": export_inventory(stored)}
    told = run_module("mysql_routines", {**logins[1], **excluding}, "--check")
    assert {each["name"] for each in told["redefined"]} == {"of_owner", "of_ancient"}
    assert target.inventory().objects == ()
    bring_accounts(target.connection, accounts, Options(), check=False)
    assert redefined(check=False) == planned


def test_the_task_fails_at_the_end_and_names_what_is_missing(
    run_module: Any, source: Side, target: Side, logins: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    source.run("CREATE DATABASE other", "CREATE PROCEDURE other.p() SELECT 1")
    export = run_module("mysql_routines_info", {**logins[0], "export": True})["export"]
    result = run_module("mysql_routines", {**logins[1], "export": export})
    assert result["error_id"] == "routines.not_created"
    assert "procedure other.p: the target has no schema other" in result["msg"]
    assert result["not_created"][0]["name"] == "p" and result["summary"]["failed"] == 1
    assert len(target.inventory().objects) == 3


def test_a_task_that_fails_over_what_it_made_has_changed_the_target(
    run_module: Any, target: Side, logins: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    """The target drops an event at once that is to run once and whose time has passed."""
    target.run("CREATE EVENT shop.once ON SCHEDULE AT '2036-01-01 00:00:00' DISABLE DO SELECT 1")
    inventory = target.inventory(Selection(("event",)))
    (once,) = inventory.objects
    past = dataclasses.replace(once, clauses={**once.clauses, "schedule": "AT '2001-01-01 00:00:00'"})
    export = export_inventory(dataclasses.replace(inventory, objects=(past,)))
    result = run_module("mysql_routines", {**logins[1], "kinds": ["events"], "export": export})
    assert result["error_id"] == "routines.not_created"
    assert result["changed"] and target.inventory(Selection(("event",))).objects == ()
    assert (result["changes"], result["summary"]["replaced"]) == ([], 0)


def procedures_of_nobody(source: Side, count: int, whole: Path) -> dict[str, Any]:
    """Make procedures p000, p001, ... whose definer no target has; the options that bring them, and write lists."""
    source.run(*(f"CREATE DEFINER=gone@'%' PROCEDURE shop.p{number:03}() BEGIN END" for number in range(count)))
    stored = source.inventory(Selection(("procedure",)))
    return {"kinds": ["procedures"], "left_behind_file": str(whole), "export": export_inventory(stored)}


def test_whatever_is_without_its_definer_is_listed_and_in_the_file_whole(
    run_module: Any, source: Side, tmp_path: Path, logins: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    whole = tmp_path / "left.json"
    result = run_module("mysql_routines", {**logins[1], **procedures_of_nobody(source, 220, whole)})
    assert result["summary"]["without_definer"] == 220 and result["summary"]["truncated"]
    assert len(result["without_definer"]) == 200 and len(result["warnings"]) == 21
    assert "200 more objects are without their definer" in result["warnings"][-1]
    written = json.loads(whole.read_text())["without_definer"]
    assert {each["name"] for each in written} == {f"p{number:03}" for number in range(220)}
    assert all("gone@% does not exist" in each["reason"] and each["remedy"] for each in written)


def test_whatever_has_another_definer_is_in_the_file_whole(
    run_module: Any, source: Side, tmp_path: Path, logins: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    whole = tmp_path / "left.json"
    options = procedures_of_nobody(source, 210, whole)
    result = run_module("mysql_routines", {**logins[1], **options, "definer": "master_if_missing"})
    written = json.loads(whole.read_text())["redefined"]
    assert (len(result["redefined"]), len(written), result["summary"]["redefined"]) == (200, 210, 210)
    assert written[:200] == result["redefined"]
    assert written[209] == {
        "kind": "procedure",
        "schema": "shop",
        "name": "p209",
        "definer_source": "gone@%",
        "definer_target": "root@localhost",
    }


def test_a_damaged_export_is_refused(run_module: Any, logins: tuple[Any, dict[str, Any]]) -> None:
    result = run_module("mysql_routines", {**logins[1], "export": "bm90IG91cnM="})
    assert result["error_id"] == "routines.export_unreadable"


def test_definers_events_and_zones_are_as_the_options_say(
    run_module: Any, source: Side, target: Side, logins: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    for side in (source, target):
        side.run("CREATE USER old@'%', young@'%'")
    source.run(
        "CREATE DEFINER=old@'%' PROCEDURE shop.mapped() SELECT 1",
        "CREATE DEFINER=young@'%' PROCEDURE shop.kept() SELECT 1",
        "SET SESSION time_zone = 'SYSTEM'",
        "CREATE DEFINER=young@'%' EVENT shop.e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    )
    export = run_module("mysql_routines_info", {**logins[0], "export": True})["export"]
    options = {
        **logins[1],
        "export": export,
        "definer": "map",
        "definer_map": {"old@%": "young@%"},
        "events": "disabled",
        "system_time_zone": "+03:00",
    }
    assert run_module("mysql_routines", options)["changed"]
    assert target.stored("mapped").definer == target.stored("kept").definer == "young@%"
    event = target.stored("e").clauses
    assert event["status"] != "ENABLED" and event["time_zone"] == "+03:00"
    assert not run_module("mysql_routines", options)["changed"]
    run_module("mysql_routines", {**options, "events": "as_source"})
    assert target.stored("e").clauses["status"] == "ENABLED"
