# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role report, run once over sources of every kind with moto in S3's place, and a browser to open its pages in."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Iterator, NamedTuple, Optional

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

from ..module_process import ModuleProcess
from ..servers import MotoServer, mariadb_server, moto_server
from . import records

BUCKET = "records"
SECRET = "planted-7391-secret"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Bring in what the stations found out
      ansible.builtin.set_fact:
        migration_record: "{{ lookup('ansible.builtin.file', record) | from_json }}"
      vars:
        record: "{{ records }}/{{ inventory_hostname }}.json"
    - name: Break down
      ansible.builtin.fail:
      when: inventory_hostname == 'broken'

- hosts: all
  gather_facts: false
  tasks:
    - name: Tell
      ansible.builtin.import_role:
        name: dbferry.aurora_mysql.report
        rolespec_validate: false
"""


def record_of(host: str) -> dict[str, Any]:
    """The record that the host of this name has."""
    return {
        "assessed": {"assessment": records.assessment()},
        "moved": records.migrated(),
        "different": records.migrated(equal=False),
        "hostile": records.hostile(),
        "new": {},
        "broken": {"source": records.migrated()["source"]},
    }[host]


LOOKED_AT = "looked-at"
"""The host whose record has what was found on a real server; those of the others are written by hand."""
HOSTS = ("assessed", "moved", "different", "hostile", "new", "broken", LOOKED_AT)
# They do harm wherever they are not escaped.
SCHEMA, TABLE = "<img src=x onerror=window.harmed=3>", "</script>\"'{{ 7 * 6 }}&amp;<!--"
STATEMENTS = (
    f"CREATE DATABASE `{SCHEMA}`",
    f"CREATE TABLE `{SCHEMA}`.`{TABLE}` (a INT) ENGINE=MyISAM",
    f"CREATE TABLE `{SCHEMA}`.aria (a INT PRIMARY KEY) ENGINE=Aria",
    f"CREATE TABLE `{SCHEMA}`.large (a INT PRIMARY KEY, b TEXT) ENGINE=InnoDB",
    f"INSERT INTO `{SCHEMA}`.large SELECT seq, REPEAT('x', 4000) FROM `{SCHEMA}`.seq_1_to_1000",
    f"CREATE DEFINER=`gone`@`%` VIEW `{SCHEMA}`.`of nobody` AS SELECT 1",
    "CREATE USER `<b>guest</b>`@`%`",
)


class Told(NamedTuple):
    """What a run of the role has left."""

    status: int
    output: str
    pages: Path

    def page(self, name: str) -> Path:
        return self.pages / f"{name}.html"

    def document(self, name: str) -> dict[str, Any]:
        return dict(json.loads((self.pages / f"{name}.json").read_text(encoding="utf-8")))


class Teller:
    """Runs the role over hosts with given records."""

    def __init__(self, generation: Any, moto: MotoServer, home: Path) -> None:
        self._generation, self._moto, self._home = generation, moto, home

    def __call__(self, given: dict[str, Optional[dict[str, Any]]], *arguments: str, **variables: Any) -> Told:
        """Run the role; *given*: the record by the host's name."""
        (self._home / "play.yml").write_text(PLAYBOOK)
        for host, record in given.items():
            (self._home / f"{host}.json").write_text(json.dumps(record), encoding="utf-8")
        aws = self._moto.aws_options()
        options = {
            "records": str(self._home),
            "report_dir": str(self._home / "pages"),
            "migration_bucket": BUCKET,
            "migration_region": aws["region"],
            "migration_aws_endpoint_url": aws["endpoint_url"],
            "migration_aws_access_key": aws["access_key"],
            "migration_aws_secret_key": aws["secret_key"],
            "migration_source_login_password": SECRET,
            "migration_target_login_password": SECRET,
            "ansible_connection": "local",
            "ansible_pipelining": True,
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            **variables,
        }
        (self._home / "variables.json").write_text(json.dumps(options))
        command = [str(self._generation.playbook), "-i", ",".join([*given, ""]), "--forks", "4"]
        command += [str(self._home / "play.yml"), "-e", f"@{self._home / 'variables.json'}", *arguments]
        done = subprocess.run(command, env=self._generation.environment(), capture_output=True, text=True, check=False)
        return Told(done.returncode, done.stdout + done.stderr, self._home / "pages")


@pytest.fixture(scope="package")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    with moto_server(tmp_path_factory.mktemp("moto")) as server:
        place = {"LocationConstraint": server.aws_options()["region"]}
        server.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield server


@pytest.fixture(scope="package")
def looked_at(generation: Any, moto: MotoServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of a real assessment, of a server with much to be said of."""
    module = ModuleProcess("mysql_assessment_info", str(generation.bin / "python"), str(generation.collections))
    options = {
        **moto.aws_options(),
        "bucket": BUCKET,
        "migration_id": LOOKED_AT,
        "source_engine_version": "8.0.36",
        "allow_mariadb": True,
        "ignore": ["source.orphan_definers: it goes with the view, which nobody needs"],
    }
    with mariadb_server(tmp_path_factory.mktemp("source")) as server:
        with connect(server.login()) as root:
            for statement in STATEMENTS:
                root.execute(statement)
        done = module.finish(module.start({**server.login(), **options}))
    return records.document("assessment", "08:00:05", **done["assessment"])


@pytest.fixture(scope="package")
def tell(generation: Any, moto: MotoServer, tmp_path_factory: pytest.TempPathFactory) -> Teller:
    return Teller(generation, moto, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="package")
def told(tell: Teller, looked_at: dict[str, Any]) -> Told:
    """A run over sources of every kind, one of which it fails for."""
    by_hand = {host: record_of(host) for host in HOSTS if host != LOOKED_AT}
    return tell({**by_hand, LOOKED_AT: {"assessment": looked_at}}, "-vv")
