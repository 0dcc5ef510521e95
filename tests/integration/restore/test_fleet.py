# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One controller that waits for a whole fleet at once, while AWS throttles a fifth of the calls: none is lost."""

from __future__ import annotations

import re
import subprocess
import time

import yaml

# A run of the tests takes the oldest generation through the modules only when it is to be thorough.
CLUSTERS = {"newest": 40, "oldest": 200}
SECONDS = 900
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


def test_none_of_a_throttled_fleet_is_lost(aurora, restorer, generation, tmp_path):
    restorer.backups_under("fleet/")
    names = [f"fleet-{number:03}" for number in range(CLUSTERS[generation.name])]
    (tmp_path / "hosts").write_text("\n".join(names))
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(generation.bin / "python"),
            "ansible_pipelining": True,
        },
        "tasks": [
            {
                "name": "Restore",
                "dbferry.aurora_mysql.aurora_cluster_restore": restorer.options(
                    "{{ inventory_hostname }}", "fleet/", "whole", poll_interval=5, wait_timeout=SECONDS
                ),
            }
        ],
    }
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump([play]))
    argv = [str(generation.playbook), "-i", str(tmp_path / "hosts"), "--forks", str(len(names)), "fleet.yml"]
    with aurora.faults(throttled_share=0.2, reads_nothing=True, hangs_in="migrating"):
        with (tmp_path / "output").open("w") as output:
            process = subprocess.Popen(
                argv, env=generation.environment(), cwd=tmp_path, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + SECONDS
        # Nobody gets further before all are there.
        while aurora.count("fleet-", "migrating") < len(names):
            assert process.poll() is None, (tmp_path / "output").read_text()[-3000:]
            assert time.monotonic() < deadline, (tmp_path / "output").read_text()[-3000:]
            time.sleep(2)
        aurora.set_faults(throttled_share=0.2, reads_nothing=True)
        process.wait(SECONDS)
    text = (tmp_path / "output").read_text()
    recap = {name: tuple(map(int, numbers)) for name, *numbers in RECAP.findall(text)}
    assert recap == dict.fromkeys(names, (1, 1, 0, 0)), text[-3000:]
    assert aurora.count("fleet-", "available") == len(names)
