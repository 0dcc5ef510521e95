# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot arrive costs only itself, is named, and loses nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import (
    Connection,
    MysqlError,
    connect,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import Inventory, Key, Selection
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_apply import Outcome, bring_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_read import read_inventory

from .side import EVERYTHING, Side

MASTER = "master@%"
AS_IT_IS = Policy()


def carry(
    inventory: Inventory, target: Side, policy: Policy = AS_IT_IS, user: str = "", check: bool = False
) -> Outcome:
    """Bring an inventory to the target, as root or as another account."""
    if not user:
        return bring_over(target.connection, inventory, EVERYTHING, policy, check)
    login = target.server.login(user, "p", ssl_mode="disabled", connect_timeout=10)
    with connect(login, multi_statements=True) as connection:
        return bring_over(connection, inventory, EVERYTHING, policy, check)


def changed(outcome: Outcome) -> dict[str, str]:
    """Name to action of what was done."""
    return {change.key.name: change.action for change in outcome.done}


def failed(outcome: Outcome) -> dict[str, str]:
    """Name to reason of what was not."""
    return {problem.key.name: problem.reason for problem in outcome.failed}


@pytest.fixture
def shop(source: Side, target: Side) -> tuple[Side, Side]:
    """Both servers with a schema ``shop`` that has a table ``t``."""
    for side in (source, target):
        side.run("CREATE DATABASE shop", "CREATE TABLE shop.t (a INT)")
    return source, target


@pytest.fixture
def master(target: Side) -> str:
    """An account on the target with rights on the schema and on what is stored there, but none on definers."""
    target.run(
        "CREATE USER master@'%' IDENTIFIED BY 'p'",
        "GRANT ALL ON shop.* TO master@'%'",
        "GRANT SELECT ON mysql.* TO master@'%'",
    )
    return "master"


def broken(inventory: Inventory, name: str, body: str) -> Inventory:
    """The inventory with another body for one object: what the target does not understand."""
    objects = tuple(dataclasses.replace(each, body=body) if each.name == name else each for each in inventory.objects)
    return dataclasses.replace(inventory, objects=objects)


def test_a_routine_that_the_target_does_not_understand_fails_alone(shop: tuple[Side, Side]) -> None:
    source, target = shop
    for name in "abc":
        source.run(f"CREATE PROCEDURE shop.{name}() SELECT '{name}'")
    outcome = carry(broken(source.inventory(), "b", "SELECT FROM WHERE"), target)
    assert changed(outcome) == {"a": "create", "c": "create"}
    assert failed(outcome)["b"].endswith("(error 1064)")
    assert {each.name for each in target.inventory().objects} == {"a", "c"}


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
    assert changed(outcome) == {}
    assert "error 1064" in failed(outcome)["x"]
    assert target.stored("x") == before


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
    shown = [f"SHOW GRANTS FOR {account}" for account in ("`o'x`@'%'", "owner@localhost")]
    before = [sorted(next(iter(row.values())) for row in target.connection.rows(each)) for each in shown]
    assert "shop" in str(before[0]) and len(before[1]) == 3

    outcome = carry(broken(source.inventory(), "Größe", body), target)

    assert (changed(outcome) == {"Größe": "replace"}) is (body == "SELECT 2")
    assert [sorted(next(iter(row.values())) for row in target.connection.rows(each)) for each in shown] == before


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
        grants = target.connection.rows(f"SHOW GRANTS FOR {user}@'%'")
        assert "ON PROCEDURE `shop`.`p`" in str(grants)
    assert target.body("p") == source.body("p")


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


def test_a_reader_without_rights_gets_a_list_of_what_it_may_not_see(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run(
        "CREATE PROCEDURE shop.p() SELECT 1",
        "CREATE USER reader@'%' IDENTIFIED BY 'p'",
        "GRANT EXECUTE ON shop.* TO reader@'%'",
    )
    login = source.server.login("reader", "p", ssl_mode="disabled", connect_timeout=10)
    with connect(login, multi_statements=True) as connection:
        inventory = read_inventory(connection, Selection(("procedure",)))
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
        "CREATE USER reader@'%' IDENTIFIED BY 'p'",
        "GRANT SELECT, SHOW VIEW, EXECUTE ON shop.* TO reader@'%'",
    )
    login = source.server.login("reader", "p", ssl_mode="disabled", connect_timeout=10)
    with connect(login, multi_statements=True) as connection:
        inventory = read_inventory(connection, EVERYTHING)
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


@pytest.fixture
def many(shop: tuple[Side, Side]) -> tuple[Side, Side, Inventory]:
    """Both servers, and so many procedures that some are read back while others are made."""
    source, target = shop
    source.run(*(f"CREATE PROCEDURE shop.p{number:03}() BEGIN SELECT {number}; END" for number in range(300)))
    return source, target, source.inventory()


def test_many_routines_are_compared_as_a_second_connection_reads_them(many: tuple[Side, Side, Inventory]) -> None:
    source, target, inventory = many
    source.run("DROP PROCEDURE shop.p123", "CREATE PROCEDURE shop.p123() BEGIN SELECT 'another'; END")

    def look_elsewhere() -> Connection:
        return connect(source.server.login(), multi_statements=True)

    outcome = bring_over(target.connection, inventory, EVERYTHING, Policy(), False, beside=look_elsewhere)
    assert list(failed(outcome)) == ["p123"]
    assert "stored it with another body" in failed(outcome)["p123"]
    assert len(outcome.done) == 299


@pytest.mark.parametrize("lost", ["refused", "killed"])
def test_without_a_second_connection_many_routines_are_read_back_all_the_same(
    many: tuple[Side, Side, Inventory], lost: str
) -> None:
    _source, target, inventory = many
    login = target.server.login()

    def second() -> Connection:
        if lost == "refused":
            return connect({**login, "login_user": "nobody"})
        connection = connect(login, multi_statements=True)
        thread = connection.value("SELECT CONNECTION_ID()")
        with connect(login) as other:
            other.execute(f"KILL {thread}")
        return connection

    outcome = bring_over(target.connection, inventory, EVERYTHING, Policy(), False, beside=second)
    assert (len(outcome.done), outcome.failed) == (300, ())
    assert target.inventory().objects == inventory.objects
