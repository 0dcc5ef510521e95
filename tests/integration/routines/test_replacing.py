# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs is replaced, and neither the old one nor a right on it is lost."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy

from .carrying import broken, carry, changed, failed
from .side import Side


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE PROCEDURE shop.x() SELECT 'old'",
        "CREATE FUNCTION shop.x() RETURNS INT DETERMINISTIC NO SQL RETURN 1",
        "CREATE TRIGGER shop.x BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.a = 1",
        "CREATE EVENT shop.x ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO SELECT 1",
        "CREATE VIEW shop.x AS SELECT 1 AS a",
    ],
)
def test_the_old_one_stays_where_the_new_one_is_refused(shop: tuple[Side, Side], statement: str) -> None:
    source, target = shop
    source.run(statement)
    target.run(statement)
    before = target.stored("x")
    outcome = carry(broken(source.inventory(), "x", "SELECT FROM WHERE"), target)
    assert changed(outcome) == {} and not outcome.changed
    assert "error 1064" in failed(outcome)["x"]
    assert target.stored("x") == before


def test_an_old_one_that_cannot_be_put_back_is_a_change(shop: tuple[Side, Side], master: str) -> None:
    """The master may drop what root has made, but may not make it for root again."""
    source, target = shop
    for side in shop:
        side.run("CREATE PROCEDURE shop.x() SELECT 'old'")
    inventory = broken(source.inventory(), "x", "SELECT FROM WHERE")
    outcome = carry(inventory, target, Policy(definer="master"), user=master)
    assert changed(outcome) == {} and outcome.changed
    assert "the old one could not be put back" in failed(outcome)["x"]
    assert target.inventory().objects == ()


def test_what_differs_is_replaced_and_the_rest_is_left_alone(shop: tuple[Side, Side]) -> None:
    source, target = shop
    for side in shop:
        side.run("CREATE PROCEDURE shop.same() SELECT 1", f"CREATE PROCEDURE shop.other() SELECT {side.server.port}")
    target.run("CREATE PROCEDURE shop.stranger() SELECT 1")
    assert changed(carry(source.inventory(), target)) == {"other": "replace"}
    assert target.stored("other") == source.stored("other")
    assert target.stored("stranger")


@pytest.mark.parametrize("body", ["SELECT 2", "SELECT FROM WHERE"], ids=["replaced", "refused and put back"])
def test_who_may_call_the_old_one_may_call_the_new_one(shop: tuple[Side, Side], body: str) -> None:
    source, target = shop
    for side in shop:
        side.run(f"CREATE PROCEDURE shop.`Größe`() SELECT {side.server.port}", "CREATE PROCEDURE shop.p() SELECT 1")
    target.run(
        "CREATE USER `o'x`@'%', owner@localhost",
        "GRANT EXECUTE ON PROCEDURE shop.`Größe` TO `o'x`@'%'",
        "GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE shop.`Größe` TO owner@localhost WITH GRANT OPTION",
        "GRANT EXECUTE ON PROCEDURE shop.p TO owner@localhost",
    )
    accounts = ("`o'x`@'%'", "owner@localhost")
    before = [target.grants(account) for account in accounts]
    assert "shop" in str(before[0]) and len(before[1]) == 3

    outcome = carry(broken(source.inventory(), "Größe", body), target)

    assert (changed(outcome) == {"Größe": "replace"}) is (body == "SELECT 2")
    assert [target.grants(account) for account in accounts] == before


def test_rights_that_cannot_be_seen_are_not_lost_in_silence(shop: tuple[Side, Side], master: str) -> None:
    source, target = shop
    for side in shop:
        side.run(f"CREATE PROCEDURE shop.p() SELECT {side.server.port}")
    before = target.stored("p")
    target.run("REVOKE SELECT ON mysql.* FROM master@'%'", "GRANT SELECT ON mysql.proc TO master@'%'")
    outcome = carry(source.inventory(), target, Policy(definer="master"), user=master)
    assert changed(outcome) == {}
    assert "give back the rights on the old one" in failed(outcome)["p"]
    assert target.stored("p") == before


def test_rights_that_cannot_be_given_back_are_named_and_cost_no_others(shop: tuple[Side, Side], master: str) -> None:
    source, target = shop
    for side in shop:
        side.run(f"CREATE PROCEDURE shop.p() SELECT {side.server.port}")
    # The server does not know those that were written into its tables, and the master may not make them.
    unknown = ("a", "d")
    for user in "abcd":
        if user in unknown:
            target.run(
                f"INSERT INTO mysql.global_priv (Host, User, Priv) VALUES ('%', '{user}', '{{}}')",
                "INSERT INTO mysql.procs_priv (Host, Db, User, Routine_name, Routine_type, Grantor, Proc_priv) "
                f"VALUES ('%', 'shop', '{user}', 'p', 'PROCEDURE', '', 'Execute')",
            )
        else:
            target.run(f"CREATE USER {user}@'%'", f"GRANT EXECUTE ON PROCEDURE shop.p TO {user}@'%'")
    target.run("GRANT EXECUTE ON shop.* TO master@'%' WITH GRANT OPTION")
    try:
        outcome = carry(source.inventory(), target, Policy(definer="master"), user=master)
    finally:
        for table in ("global_priv", "procs_priv"):
            target.run(f"DELETE FROM mysql.{table} WHERE User IN {unknown}")
    assert changed(outcome) == {"p": "replace"}
    told = failed(outcome)["p"]
    for user in "abcd":
        assert (f"GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `{user}`@`%`" in told) is (user in unknown)
    for user in "bc":
        assert "ON PROCEDURE `shop`.`p`" in str(target.grants(f"{user}@'%'"))
    assert target.body("p") == source.body("p")


def test_a_replaced_trigger_keeps_its_place_in_the_order(shop: tuple[Side, Side]) -> None:
    source, target = shop
    for side in shop:
        side.run(
            f"CREATE TRIGGER shop.z BEFORE INSERT ON shop.t FOR EACH ROW SET @z = {side.server.port}",
            "CREATE TRIGGER shop.m BEFORE INSERT ON shop.t FOR EACH ROW SET @m = 1",
            f"CREATE TRIGGER shop.a BEFORE INSERT ON shop.t FOR EACH ROW SET @a = {side.server.port}",
        )
    assert changed(carry(source.inventory(), target)) == {"z": "replace", "a": "replace"}
    assert target.inventory().objects == source.inventory().objects
    assert [each.name for each in target.inventory().objects] == ["z", "m", "a"]
