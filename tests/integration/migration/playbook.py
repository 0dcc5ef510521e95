# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the collection's playbooks as a user does, and reads what came of it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Callable, NamedTuple

_TASK = re.compile(r"^TASK \[(.*)\] \*+$")
_RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


class Outcome(NamedTuple):
    """What a playbook run left on the screen, and what its recap says."""

    status: int
    output: str

    def recap(self, host: str) -> dict[str, int]:
        """The recap's numbers of one host."""
        for name, ok, changed, unreachable, failed in _RECAP.findall(self.output):
            if name == host:
                return {"ok": int(ok), "changed": int(changed), "unreachable": int(unreachable), "failed": int(failed)}
        raise AssertionError(f"{host} is not in the recap:\n{self.output[-3000:]}")

    def changed_tasks(self) -> set[str]:
        """The names of the tasks that changed something."""
        task, found = "", set()
        for line in self.output.splitlines():
            begun = _TASK.match(line)
            if begun:
                task = begun[1].rpartition(" : ")[2]
            elif line.startswith("changed: ["):
                found.add(task)
        return found

    def succeeded(self) -> "Outcome":
        """This outcome, which has to be a success."""
        assert self.status == 0, self.output[-6000:]
        return self

    def failed_with(self, text: str) -> "Outcome":
        """This outcome, which has to be a failure whose output holds ``text``."""
        assert self.status != 0, self.output[-3000:]
        assert text in self.output, self.output[-6000:]
        return self


class PlaybookRunner:
    """Runs playbooks with one generation of ansible and one inventory.

    :param environment: the process environment of that generation.
    :param program: its ``ansible-playbook``.
    :param inventory: the inventory file.
    :param home: the controller's home, which a run may fill; an empty one is a controller that has never seen the run.
    """

    def __init__(self, environment: dict[str, str], program: Path, inventory: Path, home: Path) -> None:
        self._environment = {
            **environment,
            "HOME": str(home),
            "ANSIBLE_HOME": str(home / ".ansible"),
            "ANSIBLE_LOG_PATH": str(home / "ansible.log"),
        }
        self._program = program
        self._inventory = inventory
        self.home = home

    @property
    def log(self) -> Path:
        """Ansible's own log."""
        return self.home / "ansible.log"

    def __call__(self, playbook: str, *options: str, **variables: Any) -> Outcome:
        """Run a playbook of the collection to its end; ``variables`` become extra variables."""
        done = subprocess.run(
            self._command(playbook, options, variables),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def start(self, playbook: str, *options: str, **variables: Any) -> "subprocess.Popen[str]":
        """Start a playbook in a process group of its own, its output in a pipe."""
        return subprocess.Popen(
            self._command(playbook, options, variables),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def kill_when(
        self, seen: Callable[[], bool], kill: Callable[[int], Any], playbook: str, *options: str, **variables: Any
    ) -> None:
        """Start a playbook and end it by ``kill(its process number)`` as soon as ``seen()`` holds."""
        process = self.start(playbook, *options, **variables)
        try:
            while not seen():
                assert process.poll() is None, f"it ended too early:\n{process.stdout.read()[-4000:]}"
        finally:
            kill(process.pid)
            process.wait()
            process.stdout.close()

    def _command(self, playbook: str, options: tuple[str, ...], variables: dict[str, Any]) -> list[str]:
        command = [str(self._program), "-i", str(self._inventory), f"dbferry.aurora_mysql.{playbook}", *options]
        return [*command, "-e", json.dumps(variables)] if variables else command
