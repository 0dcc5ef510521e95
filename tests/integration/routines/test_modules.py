# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for stored objects as a user runs them: results, check mode, diff mode, failure at the end."""

from __future__ import annotations

from typing import Any

import pytest

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

    applied = run_module("mysql_routines", options)
    assert applied["changed"] and applied["not_created"] == [] and applied["left_behind"] == []
    assert [each["action"] for each in applied["changes"]] == ["create"] * 3
    assert export not in applied["console"]

    again = run_module("mysql_routines", options)
    assert not again["changed"] and again["summary"]["unchanged"] == 3


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


def test_a_damaged_export_is_refused(run_module: Any, logins: tuple[Any, dict[str, Any]]) -> None:
    result = run_module("mysql_routines", {**logins[1], "export": "bm90IG91cnM="})
    assert result["error_id"] == "routines.export_unreadable"
