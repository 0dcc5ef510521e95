# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers and buffers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.parallel import BufferPool, run_all

LONG = 30


def test_every_task_runs_once_and_the_iterable_is_not_read_ahead() -> None:
    done: list[int] = []
    made: list[int] = []

    def tasks() -> Iterator[Callable[[], None]]:
        for number in range(1000):
            assert len(made) - len(done) <= 4
            made.append(number)
            yield lambda number=number: done.append(number)  # type: ignore[misc]

    run_all(tasks(), 4)
    assert sorted(done) == list(range(1000))


def test_workers_work_at_the_same_time() -> None:
    together = threading.Barrier(4)
    run_all([lambda: together.wait(LONG) and None] * 4, 4)
    assert not together.broken


def test_the_first_error_is_raised_and_no_task_begins_after_it() -> None:
    begun: list[int] = []

    def task(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        run_all((lambda n=n: task(n) for n in range(10_000)), 1)  # type: ignore[misc]
    assert begun == [0, 1, 2, 3]


def test_an_error_of_the_iterable_is_raised_too() -> None:
    def tasks() -> Iterator[Callable[[], None]]:
        yield lambda: None
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        run_all(tasks(), 2)


def test_buffers_never_pass_the_limit() -> None:
    pool = BufferPool(100, 25)
    lock = threading.Lock()
    taken = 0
    most = 0

    def task(size: int) -> None:
        nonlocal taken, most
        buffer = pool.take(size)
        assert len(buffer) == size
        with lock:
            taken += size
            most = max(most, taken)
        with lock:
            taken -= size
        pool.give_back(buffer)

    run_all((lambda n=n: task((25, 60, 3, 0, 100)[n % 5]) for n in range(2000)), 8)  # type: ignore[misc]
    assert 0 < most <= 100


def test_a_buffer_waits_until_there_is_room() -> None:
    pool = BufferPool(100, 50)
    first, second = pool.take(50), pool.take(50)
    got: list[bytearray] = []
    waiter = threading.Thread(target=lambda: got.append(pool.take(80)))
    waiter.start()
    pool.give_back(first)
    assert not got
    pool.give_back(second)
    waiter.join(LONG)
    assert [len(each) for each in got] == [80]


def test_a_usual_buffer_is_used_again() -> None:
    pool = BufferPool(100, 50)
    first = pool.take(50)
    pool.give_back(first)
    assert pool.take(50) is first


def test_a_buffer_past_the_limit_passes_alone() -> None:
    pool = BufferPool(100, 50)
    buffer: Any = pool.take(500)
    assert len(buffer) == 500
