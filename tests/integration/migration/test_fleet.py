# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hundred servers assessed in one run. They are the lab's two, each under a hundred names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from .playbook import PlaybookRunner

SERVERS = 200


@pytest.mark.thorough("two hundred servers in one run; test_assess.py has two")
def test_two_hundred_servers_are_assessed_in_one_run(generation, lab, tmp_path: Path):
    both = [lab.host_variables(name) for name in lab.endpoints["sources"]]
    names = [f"db{number:03}" for number in range(SERVERS)]
    hosts = {
        name: {**both[number % 2], "migration_id": f"assessed-{name}", "report_fleet_id": "assessed-all"}
        for number, name in enumerate(names)
    }
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"mysql_sources": {"hosts": hosts}}))
    inventory.chmod(0o600)
    run = PlaybookRunner(generation.environment(), generation.playbook, inventory, tmp_path / "home")
    outcome = run("assess", "--forks", "10").succeeded()

    assert all(outcome.recap(name)["failed"] == 0 for name in names)
    body = lab.client("s3").get_object(Bucket=lab.bucket, Key="assessed-all/record/fleet.json")["Body"].read()
    rows = {row["source"]: row for row in json.loads(body)["rows"]}
    assert sorted(rows) == names
    assert {row["state"] for row in rows.values()} == {"assessed"}
    kept = lab.objects("assessed-db")
    for name in names:
        assert {f"assessed-{name}/record/{each}" for each in ("assessment.json", "report.html", "report.json")} <= set(
            kept
        )
