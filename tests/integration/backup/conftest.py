# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real server with data in it, and the module run as Ansible runs it: a process with its arguments on stdin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ..servers import ROOT_PASSWORD, DatabaseServer, mariadb_server

MODULE = "ansible_collections.dbferry.aurora_mysql.plugins.modules.xtrabackup"
BACKUP_USER = "backup"
# What no quoting changes: it is looked for where the password may not be.
BACKUP_PASSWORD_CORE = "core-of-the-backup-4711"
# Every character that an option file, a shell or a log could stumble over.
BACKUP_PASSWORD = f"s3cr#t 'of\" \\the\\n {BACKUP_PASSWORD_CORE} é;$(x)"


class Site(NamedTuple):
    """A server and the directories of its backups."""

    server: DatabaseServer
    staging: Path

    @property
    def target(self) -> Path:
        return self.staging / "backup" / "full"

    @property
    def work(self) -> Path:
        return self.staging / "work"

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """The module's arguments for a backup that succeeds, with changes; ``None`` takes one away."""
        arguments = {
            "target_dir": str(self.target),
            "work_dir": str(self.work),
            "datadir": str(self.server.datadir),
            "executable": "mariabackup",
            "login_host": self.server.host,
            "login_port": self.server.port,
            "login_user": BACKUP_USER,
            "login_password": BACKUP_PASSWORD,
            "allow_mariadb": True,
            "min_free_percent": 1,
            "lock_timeout": 60,
            **changes,
        }
        return {name: value for name, value in arguments.items() if value is not None}


def sql(server: DatabaseServer, statements: str) -> str:
    """Run statements as root; their rows, in fields between tabs."""
    return subprocess.run(
        ["mariadb", f"--socket={server.socket}", "--user=root", "--batch", "--skip-column-names"],
        input=statements,
        env={**os.environ, "MYSQL_PWD": ROOT_PASSWORD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def start_module(
    arguments: dict[str, Any],
    check_mode: bool = False,
    python: str = sys.executable,
    path: list[str] | None = None,
    module: str = MODULE,
) -> subprocess.Popen[str]:
    """Start the module; ``finish_module`` takes its result."""
    collections = next(entry for entry in sys.path if (Path(entry) / "ansible_collections").is_dir())
    process = subprocess.Popen(
        [python, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([collections, *(path or [])])},
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, "_ansible_check_mode": check_mode}}))
    process.stdin.close()
    process.stdin = None
    return process


def finish_module(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for the module and return its result."""
    output, errors = process.communicate(timeout=120)
    assert BACKUP_PASSWORD_CORE not in output + errors
    assert output.strip(), errors
    result: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return result


def run_module(arguments: dict[str, Any], **how: Any) -> dict[str, Any]:
    """Run the module to its end."""
    return finish_module(start_module(arguments, **how))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """A MariaDB with some 40 MB of rows and an account that may take backups, and one that may not."""
    with mariadb_server(tmp_path_factory.mktemp("source")) as running:
        password = BACKUP_PASSWORD.replace("\\", "\\\\").replace("'", "''")
        sql(
            running,
            f"""
            CREATE USER '{BACKUP_USER}'@'%' IDENTIFIED BY '{password}';
            GRANT RELOAD, PROCESS, LOCK TABLES, REPLICATION CLIENT ON *.* TO '{BACKUP_USER}'@'%';
            CREATE USER 'nobody'@'%' IDENTIFIED BY 'nothing';
            CREATE DATABASE shop;
            CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note TEXT) ENGINE=InnoDB;
            INSERT INTO shop.orders (note) SELECT REPEAT(MD5(seq), 60) FROM shop.seq_1_to_16000;
            """,
        )
        yield running


@pytest.fixture
def site(server: DatabaseServer, tmp_path: Path) -> Site:
    """The server, with empty directories for a backup."""
    return Site(server, tmp_path / "staging")


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the module in the background; what still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def start(arguments: dict[str, Any], **how: Any) -> subprocess.Popen[str]:
        running.append(start_module(arguments, **how))
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()
