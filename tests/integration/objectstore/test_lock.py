# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs of ``s3_tree`` for one prefix, as a killed controller and a second try leave them."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import Place, Tree
from .faults import Fault, Request

LONG = 120


class FirstRun:
    """A run that is held in the middle of a large file until it is let go."""

    def __init__(self, place: Place, tree: Tree, state_dir: Path) -> None:
        self._in_the_middle = threading.Event()
        self._go_on = threading.Event()
        place.proxy.fault = self._hold
        self.process = place.start(tree.root, parallel=1, state_dir=str(state_dir))
        assert self._in_the_middle.wait(LONG)

    def _hold(self, request: Request) -> Fault:
        if request.query.get("partNumber") == "2" and not self._go_on.is_set():
            self._in_the_middle.set()
            self._go_on.wait(LONG)
        return None

    def let_go(self) -> None:
        self._go_on.set()


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


def wait_until_it_waits(process: subprocess.Popen[str], progress: Path) -> None:
    deadline = time.monotonic() + LONG
    while not (progress.exists() and "waiting for another upload" in progress.read_text()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_second_run_waits_and_finds_all_of_it_sent(place: Place, tree: Tree, state_dir: Path, tmp_path: Path) -> None:
    first = FirstRun(place, tree, state_dir)
    second = place.start(tree.root, state_dir=str(state_dir), progress_file=str(tmp_path / "progress"))
    wait_until_it_waits(second, tmp_path / "progress")
    first.let_go()
    results: list[dict[str, Any]] = [place.finish(process) for process in (first.process, second)]
    assert [result.get("msg") for result in results] == [None, None]
    assert [result["changed"] for result in results] == [True, False]
    assert results[1]["bytes_uploaded"] == 0
    assert place.contents() == tree.contents()
    assert place.open_uploads() == []


def test_a_second_run_gives_up_and_harms_nothing(place: Place, tree: Tree, state_dir: Path) -> None:
    first = FirstRun(place, tree, state_dir)
    failure = place.fail(tree.root, state_dir=str(state_dir), lock_timeout=1)
    assert failure["error_id"] == "objectstore.running"
    assert "raise lock_timeout" in failure["msg"]
    first.let_go()
    assert place.finish(first.process)["changed"] is True
    assert place.contents() == tree.contents()


def test_check_mode_does_not_wait(place: Place, tree: Tree, state_dir: Path) -> None:
    first = FirstRun(place, tree, state_dir)
    told = place.run(tree.root, state_dir=str(state_dir), _ansible_check_mode=True)
    assert told["changed"] is True
    first.let_go()
    assert not place.finish(first.process).get("failed")


def test_a_run_that_is_killed_holds_nothing_any_more(place: Place, tree: Tree, state_dir: Path) -> None:
    first = FirstRun(place, tree, state_dir)
    first.process.kill()
    first.process.wait(LONG)
    first.let_go()
    first.process.communicate()
    assert place.run(tree.root, state_dir=str(state_dir), lock_timeout=30)["changed"] is True
    assert place.contents() == tree.contents()
    assert json.loads((next(state_dir.glob("*.state"))).read_text().splitlines()[0])["bucket"] == "migrations"
