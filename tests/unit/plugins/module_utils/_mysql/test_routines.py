# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of stored objects, its normal form and its transport form; the plan made from two inventories."""

from __future__ import annotations

import base64
import dataclasses
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import routines as model
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.definers import DefinerRights
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy, chosen, plan

RIGHTS = DefinerRights("root@%", frozenset(("root@%", "a@%")), frozenset(("SUPER",)), False, False)


def stored(kind: str = "procedure", name: str = "p", body: str = "SELECT 1", **more: object) -> model.StoredObject:
    clauses = {
        "procedure": {"parameters": "", "deterministic": "NO", "data_access": "CONTAINS SQL"},
        "function": {
            "parameters": "",
            "deterministic": "NO",
            "data_access": "CONTAINS SQL",
            "returns": "int(11)",
            "aggregate": "NO",
        },
        "view": {"algorithm": "UNDEFINED", "columns": ""},
        "trigger": {"timing": "BEFORE", "event": "INSERT", "table": "t", "follows": ""},
        "event": {"schedule": "EVERY 1 DAY", "on_completion": "PRESERVE", "status": "ENABLED", "time_zone": "SYSTEM"},
    }[kind]
    members = {
        "kind": kind,
        "schema": "shop",
        "name": name,
        "definer": "a@%",
        "security": "DEFINER",
        "sql_mode": "",
        "character_set_client": "utf8",
        "collation_connection": "utf8_general_ci",
        "database_collation": "utf8mb4_general_ci",
        "comment": "",
        "body": body,
        "clauses": clauses,
    }
    return model.StoredObject(**{**members, **more})  # type: ignore[arg-type]


def inventory(*objects: model.StoredObject, family: str = "mysql-8.0") -> model.Inventory:
    return model.Inventory(family, ("shop",), model.KINDS, objects)


@given(st.binary())
def test_any_bytes_survive_as_text(data: bytes) -> None:
    assert model.to_bytes(model.to_text(data)) == data


@given(st.binary())
def test_an_export_gives_back_the_inventory(data: bytes) -> None:
    hidden = model.NotPortable("trigger", "", "*", "hidden", "grant it", schemas=("shop",))
    whole = dataclasses.replace(
        inventory(stored(body=model.to_text(data)), stored("event", "e")), not_portable=(hidden,)
    )
    assert model.import_inventory(model.export_inventory(whole)) == whole


def _packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "é",
        "AAAA",
        _packed(b"[]"),
        _packed(b'{"schema_version": 99}'),
        model.export_inventory(inventory(stored()))[:40],
    ],
)
def test_a_damaged_export_is_refused(text: str) -> None:
    with pytest.raises(model.ExportError):
        model.import_inventory(text)


@pytest.mark.parametrize(
    "change",
    [
        {"character_set_client": "utf8mb3", "collation_connection": "utf8mb3_general_ci"},
        {"sql_mode": "NO_AUTO_CREATE_USER,POSTGRESQL"},
    ],
)
def test_what_servers_write_in_two_ways_is_the_same(change: dict[str, str]) -> None:
    assert model.digest(stored(**change)) == model.digest(stored())


@pytest.mark.parametrize(
    "change",
    [
        {"body": "SELECT  1"},
        {"definer": "b@%"},
        {"security": "INVOKER"},
        {"sql_mode": "ANSI_QUOTES"},
        {"character_set_client": "latin1"},
        {"collation_connection": "utf8_bin"},
        {"database_collation": "utf8mb4_bin"},
        {"comment": "x"},
    ],
)
def test_what_means_something_else_is_not_the_same(change: dict[str, str]) -> None:
    assert model.digest(stored(**change)) != model.digest(stored())


def test_two_families_may_write_a_view_and_a_type_in_their_own_ways() -> None:
    mariadb = stored("view", body="select `t`.`a` + `t`.`b` * 2 AS `z` from `t`")
    mysql = stored("view", body="select (`t`.`a` + (`t`.`b` * 2)) AS `z` from `t`")
    assert model.same(mariadb, mysql, loose=True) and not model.same(mariadb, mysql)
    older = stored("view", body="select `t`.`a``b` AS `x` from `shop`.`t` where ('`a`.b' = `t`.`a``b`)")
    newer = stored("view", body="select `shop`.`t`.`a``b` AS `x` from `shop`.`t` where ('`a`.b' = `shop`.`t`.`a``b`)")
    assert model.same(older, newer, loose=True) and not model.same(older, newer)
    assert not model.same(mariadb, stored("view", body="select `t`.`a` AS `z` from `t`"), loose=True)
    function = stored("function")
    modern = dataclasses.replace(function, clauses={**function.clauses, "returns": "int"})
    assert model.same(function, modern, loose=True) and not model.same(function, modern)


@pytest.mark.parametrize(
    ("body", "same"),
    [
        ("BEGIN SELECT 1; END -- END", True),
        ("BEGIN SELECT 1; END /* a * b */ # c\n  -- d", True),
        ("BEGIN SELECT 1; END\n", True),
        ("BEGIN SELECT 1; END x", False),
        ("BEGIN SELECT 1; /* a */ END", False),
        ("BEGIN SELECT 1; END /* a */ x", False),
        ("BEGIN SELECT 1; END" + " /* a */" * 50 + "x", False),
    ],
)
def test_two_families_may_differ_in_comments_behind_the_end_only(body: str, same: bool) -> None:
    plain = stored(body="BEGIN SELECT 1; END")
    assert model.same(plain, stored(body=body), loose=True) is same
    assert not model.same(plain, stored(body=body))


def test_a_selection_takes_patterns_and_never_a_system_schema() -> None:
    selection = model.Selection(schemas=["s*"], exclude_schemas=["shop_old"])
    names = ("shop", "shop_old", "sys", "mysql", "other")
    assert [name for name in names if selection.has_schema(name)] == ["shop"]
    whole = dataclasses.replace(inventory(stored(), stored("view", "v")), schemas=names)
    part = chosen(whole, model.Selection(["view"], ["sh*"]))
    assert ([each.name for each in part.objects], part.schemas) == (["v"], ("shop", "shop_old"))


def test_a_plan_orders_by_use_and_leaves_what_is_equal() -> None:
    source = inventory(
        stored("event", "e"),
        stored("view", "a", "select 1 from `shop`.`z`"),
        stored("view", "z", "select 1"),
        stored("procedure", "same"),
        stored("trigger", "tr"),
        stored("function", "f"),
    )
    made = plan(source, inventory(stored("procedure", "same")), RIGHTS, Policy())
    assert [change.key.name for change in made.changes] == ["f", "z", "a", "tr", "e"]
    assert [key.name for key in made.unchanged] == ["same"]


def test_modes_that_mysql_8_removed_stay_behind_there_only() -> None:
    source = inventory(stored(sql_mode="ANSI_QUOTES,NO_AUTO_CREATE_USER"), family="mariadb")
    (change,) = plan(source, inventory(), RIGHTS, Policy()).changes
    assert change.wanted is not None and change.wanted.sql_mode == "ANSI_QUOTES"
    (change,) = plan(source, inventory(family="mariadb"), RIGHTS, Policy()).changes
    assert change.wanted is not None and change.wanted.sql_mode == "ANSI_QUOTES,NO_AUTO_CREATE_USER"


def test_an_aggregate_function_is_not_for_mysql() -> None:
    function = stored("function")
    aggregate = dataclasses.replace(function, clauses={**function.clauses, "aggregate": "YES"})
    assert plan(inventory(aggregate), inventory(), RIGHTS, Policy()).changes == ()
    assert len(plan(inventory(aggregate), inventory(), RIGHTS, Policy()).skipped) == 1
    assert len(plan(inventory(aggregate), inventory(family="mariadb"), RIGHTS, Policy()).changes) == 1


def test_a_missing_definer_is_an_obstacle_only_without_the_right_to_name_it() -> None:
    source = inventory(stored(definer="nobody@%"))
    aurora_84 = dataclasses.replace(RIGHTS, privileges=frozenset(("SET_ANY_DEFINER",)))
    assert "does not exist" in plan(source, inventory(), aurora_84, Policy()).failed[0].reason
    allowed = dataclasses.replace(RIGHTS, privileges=frozenset(("SET_ANY_DEFINER", "ALLOW_NONEXISTENT_DEFINER")))
    made = plan(source, inventory(), allowed, Policy())
    assert len(made.changes) == 1 and "nobody@%" in made.without_definer[0].reason


def test_a_purge_spares_what_the_reader_of_the_source_may_not_have_been_shown() -> None:
    hidden = model.NotPortable("trigger", "", "*", "it may not be shown them", "grant it TRIGGER", schemas=("shop",))
    source = dataclasses.replace(inventory(), schemas=("shop", "crm"), not_portable=(hidden,))
    target = inventory(
        stored("trigger", "a"), stored("trigger", "b", schema="crm"), stored("view", "v"), stored(schema="other")
    )
    made = plan(source, target, RIGHTS, Policy(purge=True))
    assert {(change.action, change.key.name) for change in made.changes} == {("drop", "b"), ("drop", "v")}
    (told,) = [each for each in made.skipped if each.key.name != "*"]
    assert (told.key.name, told.remedy) == ("a", "grant it TRIGGER") and hidden.reason in told.reason
    assert len(plan(source, target, RIGHTS, Policy()).skipped) == 1


def test_a_purge_touches_only_the_kinds_that_the_export_holds() -> None:
    source = dataclasses.replace(inventory(stored("function", "f")), kinds=("function", "view"))
    target = inventory(stored("function", "g"), stored("procedure", "p"), stored("view", "v"), stored("event", "e"))
    exported = model.import_inventory(model.export_inventory(source))
    made = plan(exported, target, RIGHTS, Policy(purge=True))
    assert {change.key.name for change in made.changes if change.action == "drop"} == {"g", "v"}
    assert made.skipped == ()
    # What is chosen of it holds no more than both: an export of two kinds does not get others by being asked for them.
    assert chosen(exported, model.Selection(("procedure", "view"))).kinds == ("view",)
