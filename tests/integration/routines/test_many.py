# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many routines are made on several connections at once; what that may cost is nothing but time."""

from __future__ import annotations

import functools
from typing import Callable, Optional, Sequence, Union

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import Inventory
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_apply import Outcome, bring_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy

from .carrying import broken, failed
from .side import EVERYTHING, Side

MANY = 520


@pytest.fixture
def many(shop: tuple[Side, Side]) -> tuple[Side, Side, Inventory]:
    """Both servers, and more procedures than one connection is given."""
    source, target = shop
    source.run(*(f"CREATE PROCEDURE shop.p{number:03}() BEGIN SELECT {number}; END" for number in range(MANY)))
    return source, target, source.inventory()


def bring(target: Side, inventory: Inventory, beside: Optional[Callable[[], Connection]] = None) -> Outcome:
    """Bring the inventory over as the module does.

    *beside*: makes further sessions; by default such as the first one.
    """
    further = beside or functools.partial(connect, target.server.login(), multi_statements=True)
    return bring_over(target.connection, inventory, EVERYTHING, Policy(), False, beside=further)


def batches_by_session(target: Side) -> list[int]:
    """How many batches of routines each session of the target was sent, as the general log has it; the log is ended."""
    target.run("SET GLOBAL general_log = OFF")
    found = target.connection.rows(
        "SELECT thread_id, COUNT(*) AS n FROM mysql.general_log WHERE argument LIKE 'CREATE DEFINER%%' GROUP BY 1"
    )
    return sorted(row["n"] for row in found)


@pytest.fixture
def log(target: Side) -> None:
    """The target's general log, empty, in a table."""
    target.run("SET GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log", "SET GLOBAL general_log = ON")


@pytest.mark.usefixtures("log")
def test_several_sessions_make_them(many: tuple[Side, Side, Inventory]) -> None:
    _source, target, inventory = many
    outcome = bring(target, inventory)
    assert outcome.failed == ()
    assert len(batches_by_session(target)) > 1
    assert target.inventory().objects == inventory.objects


def test_what_was_done_is_told_in_the_order_of_the_plan(many: tuple[Side, Side, Inventory]) -> None:
    _source, target, inventory = many
    outcome = bring(target, inventory)
    assert outcome.done == outcome.plan.changes


def test_a_bad_one_costs_only_itself(many: tuple[Side, Side, Inventory]) -> None:
    _source, target, inventory = many
    outcome = bring(target, broken(inventory, "p456", "BEGIN SELEC 1; END"))
    assert list(failed(outcome)) == ["p456"]
    assert len(outcome.done) == MANY - 1


def test_an_account_that_may_have_one_session_only_makes_them_all_the_same(many: tuple[Side, Side, Inventory]) -> None:
    _source, target, inventory = many
    target.run(
        "CREATE USER single@'%' IDENTIFIED BY 'p' WITH MAX_USER_CONNECTIONS 1",
        "GRANT ALL ON *.* TO single@'%' WITH GRANT OPTION",
    )
    login = target.server.login("single", "p", ssl_mode="disabled", connect_timeout=10)

    def beside() -> Connection:
        return connect(login, multi_statements=True)

    with connect(login, multi_statements=True) as connection:
        outcome = bring_over(connection, inventory, EVERYTHING, Policy(), False, beside=beside)
    assert (len(outcome.done), outcome.failed) == (MANY, ())


def test_routines_of_another_schema_collation_keep_it(shop: tuple[Side, Side]) -> None:
    source, target = shop
    source.run("ALTER DATABASE shop COLLATE latin1_german2_ci")
    source.run(*(f"CREATE PROCEDURE shop.o{number:03}() BEGIN SELECT {number}; END" for number in range(3)))
    source.run("ALTER DATABASE shop COLLATE utf8mb4_bin")
    source.run(*(f"CREATE PROCEDURE shop.p{number:03}() BEGIN SELECT {number}; END" for number in range(MANY)))
    target.run("ALTER DATABASE shop COLLATE utf8mb4_bin")
    inventory = source.inventory()
    outcome = bring(target, inventory)
    assert (len(outcome.done), outcome.failed) == (MANY + 3, ())
    assert target.inventory().objects == inventory.objects


def test_after_a_lost_session_a_second_run_does_the_rest(many: tuple[Side, Side, Inventory]) -> None:
    _source, target, inventory = many

    def killed() -> Connection:
        """Another session, which is killed when it is about to make something."""
        connection = connect(target.server.login(), multi_statements=True)
        thread, send = connection.value("SELECT CONNECTION_ID()"), connection.execute_batch

        def send_too_late(statements: Sequence[Union[str, bytes]]) -> tuple[int, Optional[MysqlError]]:
            with connect(target.server.login()) as other:
                other.execute(f"KILL {thread}")
            return send(statements)

        connection.execute_batch = send_too_late  # type: ignore[method-assign]
        return connection

    with pytest.raises(MysqlError) as lost:
        bring(target, inventory, killed)
    assert lost.value.error_id == "mysql.connection_lost"
    assert "It happened at procedure shop.p" in str(lost.value)
    there = len(target.inventory().objects)
    assert 0 < there < MANY
    second = bring(target, inventory)
    assert (len(second.done), second.failed) == (MANY - there, ())
    assert target.inventory().objects == inventory.objects
