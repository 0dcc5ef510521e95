# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo ends its own processes and no other's, and works in any folder."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DEMO = Path(__file__).resolve().parents[2] / "tests/demo"
# Starts a child in a session of its own, as Ansible's workers do, and tells its pid.
PARENT = """
import subprocess, time
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


# A demo whose lab never comes up.
WAITING_DEMO = """
import contextlib, runpy, sys, time
class Lab:
    def taken(self): return contextlib.nullcontext()
    def up(self, options): print("up", flush=True); time.sleep(600)
    def abandon(self): print("abandoned", flush=True)
main = runpy.run_path(sys.argv.pop(1) + "/__main__.py")["main"]
main.__globals__["Lab"] = Lab
sys.exit(main())
"""


@pytest.fixture(name="belongings")
def fixture_belongings() -> dict[str, Any]:
    return runpy.run_path(str(DEMO / "belongings.py"))


@pytest.fixture(name="sleepers")
def fixture_sleepers() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are killed at the test's end."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def runs(pid: int) -> bool:
    """Tell whether *pid* runs: not gone, and no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_all_of_a_demo_ends_with_its_children_in_other_sessions(
    belongings: dict[str, Any], sleepers: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    mine, others = tmp_path / "mine", tmp_path / "others"
    mine.mkdir()
    others.mkdir()
    mark, other_mark = belongings["mark"](mine), belongings["mark"](others)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], env={**os.environ, **mark}, stdout=subprocess.PIPE, text=True
    )
    sleepers.append(parent)
    for environment in (other_mark, {}):
        sleepers.append(subprocess.Popen(["sleep", "600"], env={**os.environ, **environment}, text=True))
    assert parent.stdout
    child = int(parent.stdout.readline())

    assert belongings["end_all"](mark) == 2

    assert parent.wait() == -15
    assert not runs(child)
    assert [process.poll() for process in sleepers[1:]] == [None, None]
    assert belongings["end_all"](mark) == 0


def test_a_folder_of_the_same_name_has_another_mark(belongings: dict[str, Any], tmp_path: Path) -> None:
    build = tmp_path / "build"
    build.mkdir()
    before = belongings["mark"](build)
    build.rename(tmp_path / "moved")
    build.mkdir()
    assert belongings["mark"](build) != before


def test_the_report_goes_to_a_folder_with_a_space_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DEMO)
    options = runpy.run_path(str(DEMO / "play.py"))["options"](Path("localhost,"), tmp_path / 'd\'été "1" x=y')
    shown = subprocess.run(
        [
            Path(sys.executable).parent / "ansible",
            *["localhost", *options, "-c", "local", "-m", "ansible.builtin.debug", "-a", "var=report_dir"],
        ],
        env={**os.environ, "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    answer = shown.stdout.partition("=>")[2]
    assert json.loads(answer)["report_dir"] == str(tmp_path / 'd\'été "1" x=y')


def test_two_signals_at_once_do_not_keep_the_demo_from_stopping_its_lab() -> None:
    """A terminal whose `make` is killed sends SIGHUP, and the demo asks for SIGTERM at its parent's end."""
    demo = subprocess.Popen(
        [sys.executable, "-c", WAITING_DEMO, DEMO],
        env={**os.environ, "PYTHONPATH": str(DEMO)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout and demo.stdout.readline() == "up\n"

    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCONT):
        demo.send_signal(number)

    output, _errors = demo.communicate()
    assert output == "abandoned\n"
    assert demo.returncode == 130
