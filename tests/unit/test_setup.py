# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set-up says what it needs before it makes anything, and can be interrupted and killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SETUP = CHECKOUT / "tests/setup"
# Says that it has begun, and ends when it may.
COMMAND = "touch begun; until [ -e go ]; do sleep 0.05; done; touch done"


def start(folder: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Python in *folder* with set-up's modules at hand, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SETUP), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # What runs the tests may ignore Ctrl-C, as a shell's background job does, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds; what never comes is ended by the limit."""
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.02)


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
    path.chmod(0o755)


@pytest.fixture(name="checkout")
def fixture_checkout(tmp_path: Path) -> Path:
    """A checkout with set-up and nothing made, whose only programs are an apt-get and what a test adds."""
    shutil.copytree(SETUP, tmp_path / "tests/setup", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests/lab").mkdir()
    shutil.copy(CHECKOUT / "tests/lab/requirements.txt", tmp_path / "tests/lab")
    executable(tmp_path / "bin/apt-get", "exit 1")
    return tmp_path


def set_up_as_user(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run set-up for the lab as one who is not root."""
    script = "import os, runpy, sys; os.geteuid = lambda: 1000; sys.argv = ['setup', 'lab']"
    return subprocess.run(
        [sys.executable, "-c", f"{script}; runpy.run_path('tests/setup', run_name='__main__')"],
        cwd=checkout,
        env={"PATH": str(checkout / "bin"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("sudo", [None, "exit 1"], ids=["no sudo", "sudo wants a password"])
def test_who_cannot_install_packages_is_told_what_to_type_and_nothing_is_made(checkout: Path, sudo: str | None) -> None:
    if sudo:
        executable(checkout / "bin/sudo", sudo)

    ended = set_up_as_user(checkout)

    assert ended.returncode == 1
    typed = [line for line in ended.stdout.splitlines() if "apt-get install" in line]
    assert len(typed) == 1
    assert {"mariadb-backup", "mariadb-client", "openssl"} <= set(typed[0].split())
    assert not (checkout / "build").exists()


def test_packages_are_named_before_they_are_installed_through_sudo(checkout: Path) -> None:
    executable(checkout / "bin/sudo", f'echo "$*" >> {checkout}/sudo.log; [ "$2" = true ]')

    ended = set_up_as_user(checkout)

    assert ended.returncode == 1, "this apt-get installs nothing"
    named = next(line for line in ended.stdout.splitlines() if "Debian packages: " in line)
    asked = (checkout / "sudo.log").read_text(encoding="ascii").splitlines()
    assert asked[0] == "-n true"
    assert "mariadb-backup" in named and any("mariadb-backup" in line for line in asked)
    assert not (checkout / "build/venvs").exists(), "an environment was begun without its packages"


@pytest.mark.parametrize("uninterrupted", [True, False])
def test_ctrl_c_ends_a_command_unless_it_must_not_be_cut_off(tmp_path: Path, uninterrupted: bool) -> None:
    script = (
        "import commands, pathlib, sys\n"
        f"commands.run(['sh', '-c', sys.argv[1]], pathlib.Path('log'), uninterrupted={uninterrupted})"
    )
    process = start(tmp_path, script, COMMAND)
    wait_for((tmp_path / "begun").exists)

    os.killpg(process.pid, signal.SIGINT)

    if uninterrupted:
        assert process.stdout and "must not be cut off" in process.stdout.readline()
        (tmp_path / "go").touch()
    output, _errors = process.communicate()
    assert "KeyboardInterrupt" in output
    assert (tmp_path / "done").exists() is uninterrupted


def test_what_a_killed_set_up_left_running_holds_its_lock(tmp_path: Path) -> None:
    script = (
        "import commands, pathlib, stamps, sys\n"
        "with stamps.locked(pathlib.Path('stamps'), lambda: None) as lock:\n"
        "    commands.inherited_descriptors.append(lock)\n"
        "    commands.run(['sh', '-c', sys.argv[1]], pathlib.Path('log'))"
    )
    process = start(tmp_path, script, COMMAND)
    wait_for((tmp_path / "begun").exists)

    process.kill()
    process.wait()

    with (tmp_path / "stamps/lock").open("w", encoding="ascii") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (tmp_path / "go").touch()
        fcntl.flock(lock, fcntl.LOCK_EX)
    assert (tmp_path / "done").exists()


def test_after_the_end_was_ordered_commands_end_and_no_other_one_starts(tmp_path: Path) -> None:
    script = (
        "import commands, pathlib, sys, threading, time\n"
        "def run(*argv):\n"
        "    try:\n"
        "        commands.run(argv, pathlib.Path('log'))\n"
        "    except commands.SetupError as error:\n"
        "        print(error)\n"
        "thread = threading.Thread(target=run, args=('sh', '-c', sys.argv[1]))\n"
        "thread.start()\n"
        "while not pathlib.Path('begun').exists(): time.sleep(0.02)\n"
        "commands.end_all()\n"
        "thread.join()\n"
        "run('touch', 'another')\n"
    )
    output, _errors = start(tmp_path, script, COMMAND).communicate()

    assert "ended with status -15" in output
    assert "interrupted before 'touch another'" in output
    assert not (tmp_path / "done").exists() and not (tmp_path / "another").exists()


def test_an_ordinary_users_path_reaches_the_servers() -> None:
    # Debian's default PATH for all but root; mariadbd lies in /usr/sbin.
    path = subprocess.check_output(
        ["make", "--silent", "--eval", "probe: ; @printenv PATH", "probe"],
        cwd=CHECKOUT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"},
        text=True,
    )
    assert "/usr/sbin" in path.strip().split(":")
