# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs roles and playbooks as a user does, against the lab's AWS alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Union

import yaml

from tests.integration.migration.playbook import Outcome

from .lab_aws import REGION, LabAws

COLLECTION = "dbferry.aurora_mysql"
Hosts = Union[tuple[str, ...], dict[str, dict[str, Any]]]


class Operator:
    """A person with access keys, some hosts and a controller of their own.

    :param aws: the account.
    :param keys: whose keys; the administrator's without them.
    :param bucket: the bucket of the migrations.
    """

    def __init__(
        self, generation: Any, home: Path, aws: LabAws, bucket: str, keys: dict[str, str] | None = None
    ) -> None:
        given = keys or aws.keys
        self._variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "migration_bucket": bucket,
            "migration_region": REGION,
            "migration_aws_endpoint_url": aws.endpoint_url,
            "migration_aws_access_key": given["access_key"],
            "migration_aws_secret_key": given["secret_key"],
            "migration_work_dir": str(home / "work"),
        }
        self._home = home
        self._generation = generation

    def play(
        self, *roles: str, hosts: Hosts = ("shop",), check: bool = False, diff: bool = False, **variables: Any
    ) -> Outcome:
        """Run roles of the collection one after the other.

        :param hosts: names, or names with variables of their own.
        :param check: run in check mode, which shows differences.
        :param diff: show differences.
        """
        tasks = [
            {
                "name": f"Run role {role}",
                "ansible.builtin.include_role": {"name": f"{COLLECTION}.{role}", "rolespec_validate": False},
            }
            for role in roles
        ]
        play = {"name": "Run roles", "hosts": "mysql_sources", "gather_facts": False, "tasks": tasks}
        self._home.mkdir(parents=True, exist_ok=True)
        path = self._home / "play.yml"
        path.write_text(json.dumps([play]), encoding="utf-8")
        return self._run(
            str(path), hosts, [*(["--check"] if check else []), *(["--diff"] if check or diff else [])], variables
        )

    def playbook(self, name: str, hosts: Hosts = ("shop",), check: bool = False, **variables: Any) -> Outcome:
        """Run a playbook of the collection."""
        return self._run(f"{COLLECTION}.{name}", hosts, ["--check", "--diff"] if check else [], variables)

    def _run(self, playbook: str, hosts: Hosts, options: list[str], variables: dict[str, Any]) -> Outcome:
        self._home.mkdir(parents=True, exist_ok=True)
        inventory = self._home / "inventory.yml"
        own = hosts if isinstance(hosts, dict) else {}
        groups = {"mysql_sources": {"hosts": {host: own.get(host, {}) for host in hosts}, "vars": self._variables}}
        inventory.write_text(yaml.safe_dump(groups), encoding="utf-8")
        home = {"HOME": str(self._home), "ANSIBLE_HOME": str(self._home / ".ansible")}
        command = [str(self._generation.playbook), "-i", str(inventory), playbook, "-e", json.dumps(variables)]
        done = subprocess.run(
            [*command, *options],
            env={**self._generation.environment(), **home},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)
