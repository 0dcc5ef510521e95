# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same restore in a terminal and through ansible-runner: shown while it runs, left, killed and taken up again."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time

import ansible_runner
import pytest
import yaml

from ..process_tree import kill_tree

OPENING = (
    "is being restored, Control-C or a cancelled job ends the wait only: it goes on by itself, and the same run again "
    "takes it up."
)
REMINDER = "Control-C ends the wait only"
SECONDS = 120
# Status, elapsed time of the task, since when, how long, and the last event with its time.
LINE = re.compile(
    r"aurora_cluster_restore\] (?P<status>[a-z-]+) \| after \d+ s \| since (?:before )?\d\d:\d\d:\d\d UTC, "
    r"for \d+ s(?:, \d+ % done)?(?:; last event \d\d:\d\d:\d\d: (?P<event>[^|]+?))?(?: \| " + REMINDER + r")?$"
)


@pytest.fixture
def playbook(account, generation, tmp_path):
    """Writes a playbook with the one task, and tells how to run it: the path, the inventory and the environment."""

    def write(part: str, name: str, interval: int = 3600) -> tuple[str, dict[str, str]]:
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {
                "ansible_connection": "local",
                "ansible_python_interpreter": str(generation.bin / "python"),
                "ansible_pipelining": True,
                "migration_progress_interval": interval,
            },
            "tasks": [
                {
                    "name": "Restore",
                    "dbferry.aurora_mysql.aurora_cluster_restore": {
                        **account.aws_options,
                        **account.options(part, name, poll_interval=1),
                    },
                }
            ],
        }
        path = tmp_path / f"{name}.yml"
        path.write_text(yaml.safe_dump([play]))
        return str(path), {**generation.environment(), "ANSIBLE_LOCALHOST_WARNING": "False", "TERM": "dumb"}

    return write


class Terminal:
    """ansible-playbook at a terminal of its own."""

    def __init__(self, generation, path, environment):
        self.output = ""
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            # As a terminal has it; tests that run in the background have it ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            argv = [str(generation.playbook), "-i", "localhost,", path]
            os.execve(argv[0], argv, environment)  # noqa: S606

    def read_until(self, text):
        """Read what is shown until the text is there, or until the end where it is None."""
        deadline = time.monotonic() + SECONDS
        while text is None or text not in self.output:
            silent = not select.select([self._terminal], [], [], max(0.0, deadline - time.monotonic()))[0]
            assert not silent, f"nothing more after:\n{self.output}"
            try:
                fresh = os.read(self._terminal, 65536)
            except OSError:  # how Linux tells that the other side has gone
                fresh = b""
            if not fresh:
                assert text is None, self.output
                return
            self.output += fresh.decode(errors="replace").replace("\r\n", "\n")

    def type(self, keys):
        os.write(self._terminal, keys)

    def close(self):
        """Kill what is left."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)


@pytest.fixture
def terminal(generation):
    """Starts playbooks at terminals."""
    opened = []

    def start(path, environment):
        opened.append(Terminal(generation, path, environment))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def lines(output):
    """The lines of progress."""
    return [line for line in output.splitlines() if "aurora_cluster_restore]" in line]


def test_control_c_at_a_terminal(playbook, terminal, account):
    shown = terminal(*playbook("endless", "typed"))
    shown.read_until(REMINDER)
    shown.read_until("migrating |")
    # The line is on the screen a moment before the process that sent it lets go of the queue to it.
    time.sleep(1)
    shown.type(b"\x03")
    shown.read_until(None)
    assert "User interrupted execution" in shown.output
    first, *others = lines(shown.output)
    assert first.endswith(OPENING)
    assert others
    assert all(line.endswith(REMINDER) for line in others)
    statuses = [LINE.search(line)["status"] for line in others]
    # The interval is an hour here, so that a status shows once: when it comes.
    assert sorted(set(statuses)) == sorted(statuses)
    assert statuses[-1] == "migrating"
    assert account.status("typed") == "migrating"


def cancel(process):
    """As ansible-runner and AWX do it; a later ansible-core's workers are in another group."""
    os.killpg(process, signal.SIGKILL)


def terminate(process):
    os.killpg(process, signal.SIGTERM)


@pytest.mark.parametrize("end", [terminate, cancel, kill_tree])
def test_a_run_that_is_ended_is_taken_up_again(playbook, account, generation, end):
    name = f"ended-by-{end.__name__}".replace("_", "-")
    path, environment = playbook("slow", name)
    argv = [str(generation.playbook), "-i", "localhost,", path]
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
    account.wait_for(name, process)
    end(process.pid)
    output, _errors = process.communicate(timeout=SECONDS)
    assert OPENING in output
    made = account.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["ClusterCreateTime"]
    again = account.restore("slow", name)
    assert (again["changed"], again["cluster"]["status"]) == (False, "available")
    assert account.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["ClusterCreateTime"] == made


def test_through_ansible_runner(playbook, account, tmp_path):
    path, environment = playbook("long", "runner", interval=1)
    (tmp_path / "runner").mkdir()
    seen = []

    def note(event):
        seen.append((event, account.status("runner")))
        return True

    # It finds the generation's ansible-playbook by the PATH of the environment.
    result = ansible_runner.run(
        private_data_dir=str(tmp_path / "runner"),
        playbook=path,
        inventory="localhost,",
        envvars=environment,
        event_handler=note,
        quiet=True,
    )
    assert result.status == "successful", result.stdout.read()
    counters = [event["counter"] for event, _status in seen]
    assert counters == sorted(counters)
    kinds = [event["event"] for event, _status in seen]
    start, end = kinds.index("runner_on_start"), kinds.index("runner_on_ok")
    progress = [
        (index, event["stdout"], status)
        for index, (event, status) in enumerate(seen)
        if event["event"] == "verbose" and "aurora_cluster_restore]" in event["stdout"]
    ]
    assert OPENING in progress[0][1]
    assert all(start < index < end for index, _line, _status in progress)
    told = [LINE.search(line) for _index, line, _status in progress[1:]]
    assert all(told), progress
    assert sum(line["status"] == "migrating" for line in told) > 1
    assert any(line["event"] for line in told)
    # In time: an event of the work arrives while the work goes on.
    assert any("migrating |" in line and status == "migrating" for _index, line, status in progress)
    answer = next(event for event, _status in seen if event["event"] == "runner_on_ok")["event_data"]["res"]
    assert (answer["action"], answer["cluster"]["status"]) == ("create", "available")
    assert "not-to-be-shown-anywhere" not in json.dumps([event for event, _status in seen])
