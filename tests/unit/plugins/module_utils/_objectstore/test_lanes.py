# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks in forked processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.lanes import Lanes
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import Stop, stop_on_signals

LONG = 30.0
Worker = Callable[[list[Any]], tuple[Any, int]]


@pytest.fixture
def stop() -> Iterator[Stop]:
    with stop_on_signals() as stop:
        yield stop


def run(work: Worker, tasks: list[list[Any]], stop: Stop, count: int = 4) -> list[tuple[list[Any], Any, int]]:
    waiting = list(tasks)
    done: list[tuple[list[Any], Any, int]] = []
    with Lanes(count, lambda _wanted: work, stop) as lanes:
        lanes.run(lambda: waiting.pop(0) if waiting else None, lambda *each: done.append(each))
    return done


def gone(process: int) -> bool:
    """Whether a process has ended, waiting for it."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def test_every_task_is_done_once_outside_of_this_process(stop: Stop) -> None:
    done = run(lambda task: ([task[0] * 2, os.getpid()], task[0]), [[number] for number in range(500)], stop)
    assert sorted((task[0], result[0], retries) for task, result, retries in done) == [
        (number, number * 2, number) for number in range(500)
    ]
    processes = {result[1] for _task, result, _retries in done}
    assert os.getpid() not in processes
    assert all(gone(process) for process in processes)


def test_a_message_may_be_larger_than_a_sockets_buffer(stop: Stop) -> None:
    text = "é" * 3_000_000
    assert [result for _task, result, _retries in run(lambda task: (task[0], 0), [[text]], stop)] == [text]


def test_the_first_error_is_raised_as_it_was_and_no_task_begins_after_it(stop: Stop) -> None:
    begun: list[int] = []

    def work(task: list[Any]) -> tuple[Any, int]:
        raise DbferryError("no", "a.b", "do", {"n": task[0]})

    def next_task() -> list[Any]:
        begun.append(len(begun))
        return [len(begun)]

    with pytest.raises(DbferryError) as caught, Lanes(1, lambda _wanted: work, stop) as lanes:
        lanes.run(next_task, lambda *_each: None)
    assert caught.value.as_result() == DbferryError("no", "a.b", "do", {"n": 1}).as_result()
    assert begun == [0]


@pytest.mark.parametrize("how", ["raise", "die"])
def test_a_lane_that_breaks_is_told(stop: Stop, how: str) -> None:
    def work(_task: list[Any]) -> tuple[Any, int]:
        if how == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError("odd")

    with pytest.raises(DbferryError, match="odd" if how == "raise" else "it was killed") as caught:
        run(work, [[1]], stop)
    assert caught.value.error_id == "objectstore.worker_failed"


def test_a_signal_ends_it_between_two_tasks(stop: Stop) -> None:
    def next_task() -> list[Any]:
        os.kill(os.getpid(), signal.SIGTERM)
        return [1]

    with pytest.raises(DbferryError, match="SIGTERM") as caught, Lanes(1, lambda _wanted: _nothing, stop) as lanes:
        lanes.run(next_task, lambda *_each: None)
    assert caught.value.error_id == "objectstore.interrupted"


def _nothing(_task: list[Any]) -> tuple[Any, int]:
    return None, 0


PARENT = """
import os, sys, time
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.lanes import Lanes
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import stop_on_signals
def factory(wanted):
    def work(task):
        os.write(WRITER, b"%d\\n" % os.getpid())
        while wanted():
            time.sleep(0.01)
        return None, 0
    return work
WRITER = os.dup(1)
with stop_on_signals() as stop, Lanes(2, factory, stop) as lanes:
    lanes.run(lambda: [1], lambda *each: None)
"""


def test_lanes_end_when_their_parent_is_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    children = [int(parent.stdout.readline()) for _lane in range(2)]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert all(gone(child) for child in set(children))
