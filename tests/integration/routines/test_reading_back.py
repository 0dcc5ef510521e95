# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many routines are read back on a second connection while others are made; without one they are read afterwards."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import Inventory
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_apply import bring_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy

from .carrying import failed
from .side import EVERYTHING, Side


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
