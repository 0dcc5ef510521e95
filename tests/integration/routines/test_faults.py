# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot arrive costs only itself and is named."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import (
    Connection,
    MysqlError,
    connect,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_apply import Outcome, bring_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy

from .carrying import broken, carry, changed, failed
from .side import EVERYTHING, Side

MASTER = "master@%"


def test_a_routine_that_the_target_does_not_understand_fails_alone(shop: tuple[Side, Side]) -> None:
    source, target = shop
    for name in "abc":
        source.run(f"CREATE PROCEDURE shop.{name}() SELECT '{name}'")
    outcome = carry(broken(source.inventory(), "b", "SELECT FROM WHERE"), target)
    assert changed(outcome) == {"a": "create", "c": "create"}
    assert failed(outcome)["b"].endswith("(error 1064)")
    assert {each.name for each in target.inventory().objects} == {"a", "c"}


def test_views_arrive_whatever_their_order_and_one_without_its_table_fails_alone(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run(
        "CREATE TABLE shop.missing (a INT)",
        "CREATE VIEW shop.a_broken AS SELECT a FROM shop.missing",
        "CREATE VIEW shop.z AS SELECT a FROM shop.t",
        "CREATE VIEW shop.b AS SELECT a FROM shop.z",
        "CREATE FUNCTION shop.f() RETURNS INT DETERMINISTIC READS SQL DATA RETURN (SELECT MAX(a) FROM shop.b)",
        "CREATE VIEW shop.c AS SELECT shop.f() AS f",
    )
    outcome = carry(source.inventory(), target)
    assert changed(outcome) == {"z": "create", "b": "create", "f": "create", "c": "create"}
    assert "error 1146" in failed(outcome)["a_broken"]


def test_definers_that_the_master_may_not_set_are_named_before_anything_is_sent(
    shop: tuple[Side, Side], master: str
) -> None:
    source, target = shop
    source.run("CREATE PROCEDURE shop.p() SELECT 1")
    inventory = source.inventory()
    outcomes: list[Outcome] = []
    log = target.log_of(lambda: outcomes.append(carry(inventory, target, user=master)))
    assert f"{MASTER} may not make objects for the definer root@localhost" in failed(outcomes[0])["p"]
    assert [statement for statement in log if statement.upper().startswith(b"CREATE")] == []

    assert changed(carry(inventory, target, Policy(definer="master"), user=master)) == {"p": "create"}
    assert target.stored("p").definer == MASTER
    again = carry(inventory, target, Policy(definer="master"), user=master)
    assert (again.done, again.failed) == ((), ())


def test_a_map_names_the_new_definer_and_a_missing_one_is_warned_of(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run("CREATE PROCEDURE shop.p() SELECT 1")
    outcome = carry(source.inventory(), target, Policy(definer="map", definer_map={"root@localhost": "app"}))
    assert changed(outcome) == {"p": "create"}
    assert target.stored("p").definer == "app@%"
    assert [each.key.name for each in outcome.plan.without_definer] == ["p"]
    assert "app@% does not exist" in outcome.plan.without_definer[0].reason


def test_functions_and_triggers_wait_for_trust_while_the_binary_log_is_on(shop: tuple[Side, Side], master: str) -> None:
    source, target = shop
    source.run(
        "CREATE FUNCTION shop.f() RETURNS INT DETERMINISTIC NO SQL RETURN 1",
        "CREATE FUNCTION shop.unsafe() RETURNS INT RETURN RAND()",
        "CREATE TRIGGER shop.tr BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.a = 1",
        "CREATE PROCEDURE shop.p() SELECT 1",
    )
    target.run("SET GLOBAL log_bin_trust_function_creators = 0")
    outcome = carry(source.inventory(), target, Policy(definer="master"), user=master)
    assert changed(outcome) == {"p": "create"}
    assert set(failed(outcome)) == {"f", "unsafe", "tr"}
    assert all("log_bin_trust_function_creators to 1" in problem.remedy for problem in outcome.failed)

    as_root = carry(source.inventory(), target, Policy(definer="master"))
    assert set(failed(as_root)) == {"unsafe"}
    target.run("SET GLOBAL log_bin_trust_function_creators = 1")
    assert failed(carry(source.inventory(), target, Policy(definer="master"))) == {}


def test_events_arrive_disabled_and_in_a_named_zone_on_wish(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run(
        "SET SESSION time_zone = 'SYSTEM'",
        "CREATE EVENT shop.e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 04:00:00' DO SELECT 1",
        "SET SESSION time_zone = '+00:00'",
    )
    policy = Policy(events="disabled", system_time_zone="+02:00")
    assert changed(carry(source.inventory(), target, policy)) == {"e": "create"}
    clauses = target.stored("e").clauses
    assert (clauses["status"], clauses["time_zone"]) == ("DISABLED", "+02:00")
    assert "STARTS '2030-01-01 04:00:00'" in clauses["schedule"]
    assert changed(carry(source.inventory(), target, policy)) == {}
    assert changed(carry(source.inventory(), target, Policy(system_time_zone="+02:00"))) == {"e": "replace"}
    assert target.stored("e").clauses["status"] == "ENABLED"


def test_an_event_whose_time_has_passed_is_told_and_not_silently_lost(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run("CREATE EVENT shop.e ON SCHEDULE AT '2036-01-01 00:00:00' DO SELECT 1")
    inventory = source.inventory()
    (event,) = inventory.objects
    past = dataclasses.replace(event, clauses={**event.clauses, "schedule": "AT '2001-01-01 00:00:00'"})
    outcome = carry(dataclasses.replace(inventory, objects=(past,)), target)
    assert changed(outcome) == {}
    assert "stored nothing" in failed(outcome)["e"]


def test_check_mode_tells_what_would_be_done_and_does_nothing(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run("CREATE PROCEDURE shop.p() SELECT 1")
    assert changed(carry(source.inventory(), target, check=True)) == {"p": "create"}
    assert target.inventory().objects == ()


@pytest.mark.parametrize(("body", "left"), [("SELECT {}", {"p1", "p2"}), ("BEGIN SELECT {}; END", {"p0", "p1", "p2"})])
def test_a_lost_connection_is_raised_with_the_object_that_was_in_hand(
    shop: tuple[Side, Side], body: str, left: set[str]
) -> None:
    source, target = shop
    source.run(*(f"CREATE PROCEDURE shop.p{number}() {body.format(number)}" for number in range(3)))
    inventory = source.inventory()
    login = target.server.login(ssl_mode="disabled", connect_timeout=10)
    with connect(login, multi_statements=True) as connection:
        execute, execute_batch = connection.execute, connection.execute_batch

        def kill_before_the_second(statement: bytes) -> None:
            if b"`p1`" in statement:
                target.run(f"KILL {thread}")

        def watched(sql: str) -> int:
            kill_before_the_second(sql if isinstance(sql, bytes) else sql.encode())
            return execute(sql)

        def watched_batch(statements: Sequence[str | bytes]) -> tuple[int, MysqlError | None]:
            kill_before_the_second(b"".join(each for each in statements if isinstance(each, bytes)))
            return execute_batch(statements)

        thread = connection.value("SELECT CONNECTION_ID()")
        connection.execute = watched  # type: ignore[assignment, method-assign]
        connection.execute_batch = watched_batch  # type: ignore[method-assign]
        with pytest.raises(MysqlError) as caught:
            bring_over(connection, inventory, EVERYTHING, Policy(), check_mode=False)
    assert caught.value.error_id == "mysql.connection_lost"
    assert f"procedure shop.{min(left)}" in str(caught.value)
    assert changed(carry(inventory, target)) == dict.fromkeys(sorted(left), "create")


@contextlib.contextmanager
def killed_before(target: Side, words: str, login: dict[str, Any]) -> Iterator[Connection]:
    """A connection that the server ends just before it gets the first statement that begins with these words."""
    with connect(login, multi_statements=True) as connection:
        thread, execute = connection.value("SELECT CONNECTION_ID()"), connection.execute

        def watched(sql: str) -> int:
            text = sql.decode() if isinstance(sql, bytes) else sql
            if text.startswith(words):
                target.run(f"KILL {thread}")
            return execute(sql)

        connection.execute = watched  # type: ignore[assignment, method-assign]
        yield connection


@pytest.mark.parametrize(
    "words", ["ALTER DATABASE `shöp` COLLATE latin1", "CREATE ", "ALTER DATABASE `shöp` COLLATE utf8"]
)
@pytest.mark.parametrize("again", [True, False])
def test_a_lost_connection_leaves_no_schema_with_another_collation_unsaid(
    source: Side, target: Side, words: str, again: bool
) -> None:
    for side in (source, target):
        side.run("CREATE DATABASE `shöp` COLLATE utf8mb4_unicode_ci")
    source.run(
        "ALTER DATABASE `shöp` COLLATE latin1_german1_ci",
        "CREATE PROCEDURE `shöp`.p() SELECT 1",
        "ALTER DATABASE `shöp` COLLATE utf8mb4_unicode_ci",
    )
    inventory = source.inventory()
    login = target.server.login(ssl_mode="disabled", connect_timeout=10)

    def beside() -> Connection:
        return connect(login if again else {**login, "login_password": "none of its", "login_user": "nobody"})

    def collation() -> str:
        query = "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shöp'"
        return str(target.connection.value(query))

    with killed_before(target, words, login) as connection, pytest.raises(MysqlError) as caught:
        bring_over(connection, inventory, EVERYTHING, Policy(), check_mode=False, beside=beside)
    assert caught.value.error_id == "mysql.connection_lost"
    assert "procedure shöp.p" in str(caught.value)
    told = "Schema shöp may still have the default collation latin1_german1_ci" in caught.value.message
    statement = "ALTER DATABASE `shöp` COLLATE utf8mb4_unicode_ci"
    assert (told, statement in caught.value.remedy) == (not again, not again)
    if not again:
        target.run(statement)
    assert collation() == "utf8mb4_unicode_ci"
    carry(inventory, target)
    assert (collation(), target.stored("p").database_collation) == ("utf8mb4_unicode_ci", "latin1_german1_ci")


def test_many_routines_take_few_round_trips_and_a_bad_one_costs_only_itself(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run(*(f"CREATE PROCEDURE shop.p{number:03}() BEGIN SELECT {number}; END" for number in range(300)))
    inventory = source.inventory()
    broken = [
        dataclasses.replace(each, body="BEGIN SELECT no such thing; END") if each.name == "p123" else each
        for each in inventory.objects
    ]
    with connect(target.server.login(), multi_statements=True) as connection:
        inventory = dataclasses.replace(inventory, objects=tuple(broken))
        outcome = bring_over(connection, inventory, EVERYTHING, Policy(), check_mode=False)
        assert connection.statements <= 30
    assert [each.key.name for each in outcome.failed] == ["p123"]
    assert len(outcome.done) == 299
