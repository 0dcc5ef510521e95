# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches, against a server that refuses chosen statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import batches
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError

from . import strategies


class Work(NamedTuple):
    sql: str
    secret: bool
    account: int


class Refusing:
    """Does statements in order and stops at one that it refuses, as a server does with several in one packet."""

    def __init__(self, refused: set[str]) -> None:
        self.refused = refused
        self.did: list[str] = []
        self.trips = 0

    def execute_batch(self, statements: Sequence[str]) -> tuple[int, MysqlError | None]:
        self.trips += 1
        for done, statement in enumerate(statements):
            if statement in self.refused:
                return done, MysqlError("no", errno=1064, server_text=f"no near '{statement}'")
            self.did.append(statement)
        return len(statements), None


@strategies.examples
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), max_size=40))
def test_each_statement_runs_once_or_is_told(plan: list[tuple[int, bool, bool]]) -> None:
    work = [Work(f"s{number}", False, account) for number, (account, _refused, _stops) in enumerate(plan)]
    server = Refusing({one.sql for one, (_account, refused, _stops) in zip(work, plan) if refused})
    failures = {one.position for one in batches.run(server, work, [stops for _account, _refused, stops in plan])}
    expected, told, gone = [], set(), set()
    for number, (account, refused, stops) in enumerate(plan):
        if account in gone:
            continue
        if refused:
            told.add(number)
            gone |= {account} if stops else set()
        else:
            expected.append(f"s{number}")
    assert (server.did, failures) == (expected, told)


def test_round_trips_and_size_are_bounded() -> None:
    server = Refusing(set())
    assert batches.run(server, [Work(f"s{n}", False, n) for n in range(1000)], [True] * 1000) == []
    assert (server.trips, len(server.did)) == (4, 1000)
    server = Refusing(set())
    batches.run(server, [Work("x" * batches.BATCH_BYTES, False, n) for n in range(3)], [True] * 3)
    assert server.trips == 3


def test_no_hash_in_what_a_server_says() -> None:
    text = "You have an error near '*462366917EEDD1970A48E87D8EF59EB67D2CA26F' at line 1"
    assert "4623" not in batches.redact(text, secret=True)
    assert "4623" not in batches.redact(text, secret=False)
    for hidden in ("0x24412430", "$A$005$abc", "$5$salt$hash"):
        assert hidden not in batches.redact(f"odd {hidden} thing", secret=False)
