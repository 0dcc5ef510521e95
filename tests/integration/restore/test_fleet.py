# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One controller that waits for a whole fleet at once, while AWS throttles a fifth of the calls: none is lost."""

from __future__ import annotations

import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.clusters import Clusters
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.ownership import restore_tags
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.request import restore_request
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.restore import Outcome, Patience, Restore
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.waiter import Pace, Surroundings
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session import make_client
from ansible_collections.dbferry.aurora_mysql.plugins.modules.aurora_cluster_restore import SHORT_CALLS, restore_facts

# A playbook has a process for each host that it works on, and begins with the next where one has ended.
HOSTS, FORKS = 200, 50
DOZEN = "a dozen clusters of one process"
CONNECTIONS = 20
SECONDS = 600
WITHOUT = dict.fromkeys(("backup_facts",))
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@pytest.fixture
def fleet(aurora, restorer):
    """Lets AWS throttle, and keeps every restore in one status until as many as are wanted are there at once."""
    restorer.backups_under("fleet/")
    faults = {"throttled_share": 0.2, "reads_nothing": True}

    def release(beginning: str, number: int, alive) -> None:
        deadline = time.monotonic() + SECONDS
        while aurora.count(beginning, "migrating") < number:
            alive()
            assert time.monotonic() < deadline, aurora.count(beginning, "migrating")
            time.sleep(3)
        aurora.set_faults(**faults)

    with aurora.faults(**faults, hangs_in="migrating"):
        yield release


@pytest.mark.thorough(DOZEN)
def test_the_hosts_of_one_playbook(aurora, restorer, generation, fleet, tmp_path):
    names = [f"host-{number:03}" for number in range(HOSTS)]
    (tmp_path / "hosts").write_text("\n".join(names))
    options = restorer.options("{{ inventory_hostname }}", "fleet/", "whole", poll_interval=5, wait_timeout=SECONDS)
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(generation.bin / "python"),
            "ansible_pipelining": True,
        },
        "tasks": [{"name": "Restore", "dbferry.aurora_mysql.aurora_cluster_restore": options}],
    }
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump([play]))
    argv = [str(generation.playbook), "-i", str(tmp_path / "hosts"), "--forks", str(FORKS), "fleet.yml"]
    shown = tmp_path / "output"
    with shown.open("w") as output:
        process = subprocess.Popen(
            argv, env=generation.environment(), cwd=tmp_path, stdout=output, stderr=subprocess.STDOUT
        )

    def alive() -> None:
        assert process.poll() is None, shown.read_text()[-3000:]

    try:
        fleet("host-", FORKS, alive)
        process.wait(SECONDS)
    finally:
        process.terminate()
    text = shown.read_text()
    recap = {name: tuple(map(int, numbers)) for name, *numbers in RECAP.findall(text)}
    assert recap == dict.fromkeys(names, (1, 1, 0, 0)), text[-3000:]
    assert aurora.count("host-", "available") == HOSTS


@pytest.mark.parametrize("clusters", [12, pytest.param(200, marks=pytest.mark.thorough(DOZEN))])
def test_many_clusters_of_one_process(aurora, restorer, fleet, clusters):
    # As the module has it, botocore makes no call again, so that the wait itself meets what AWS throttles. One server
    # stands for AWS here, so a call may take longer than the module's.
    beginning, retries = f"fleet-{clusters}-", SHORT_CALLS["retries"]
    client = make_client(aurora.aws_options(), "rds", max_pool_connections=CONNECTIONS, retries=retries)

    def restore(number: int) -> Outcome:
        name = f"{beginning}{number:03}"
        options = {**restorer.options(name, "fleet/", "whole"), **WITHOUT}
        tags = restore_tags(aurora.bucket, "fleet/", name, None, None)
        request = restore_request({**options, "source_engine": "mysql"}, tags)
        around = Surroundings(clock=time.monotonic, sleep=time.sleep, stopped=lambda: False)
        one = Restore(Clusters(client), request, tags, restore_facts(options), around, lambda *_: None, _refuse)
        return one.run(False, Patience(Pace(SECONDS, 10), iam_propagation=60, deletion=Pace(60, 5)))

    with ThreadPoolExecutor(clusters) as pool:
        waits = [pool.submit(restore, number) for number in range(clusters)]

        def alive() -> None:
            for wait in waits:
                assert not wait.done(), wait.result()

        fleet(beginning, clusters, alive)
        outcomes = [wait.result() for wait in waits]
    assert {(outcome.action.value, outcome.cluster["Status"]) for outcome in outcomes} == {("create", "available")}
    assert len({outcome.cluster["DBClusterIdentifier"] for outcome in outcomes}) == clusters


def _refuse(text: str) -> None:
    raise AssertionError(text)
