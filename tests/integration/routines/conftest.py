# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two servers, emptied before each test, and the modules run by ansible-playbook."""

from __future__ import annotations

import json
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator

import pytest

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server

if TYPE_CHECKING:
    from .side import Side


@pytest.fixture(scope="session")
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DatabaseServer, DatabaseServer]]:
    """Source and target: two MariaDB servers, or what a test names as its parameter, such as ``5.6 to 9.7``."""
    home = tmp_path_factory.mktemp("routines")
    one, _to, other = getattr(request, "param", "MariaDB to MariaDB").split()
    with _server(one, home, "source") as source, _server(other, home, "target") as target:
        yield source, target


def _server(kind: str, home: Path, name: str) -> AbstractContextManager[DatabaseServer]:
    return mariadb_server(home, name) if kind == "MariaDB" else mysql_server(home, kind, name)


@pytest.fixture
def source(servers: tuple[DatabaseServer, DatabaseServer]) -> Iterator[Side]:
    """The source, without schemas and accounts of others."""
    yield from _emptied(servers[0])


@pytest.fixture
def target(servers: tuple[DatabaseServer, DatabaseServer]) -> Iterator[Side]:
    """The target, without schemas and accounts of others."""
    yield from _emptied(servers[1])


def _emptied(server: DatabaseServer) -> Iterator[Side]:
    # The collection can be imported only after pytest has configured itself, which is after it has read this file.
    from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

    from .side import Side, empty

    with connect(
        {"ssl_mode": "disabled", "connect_timeout": 10, **server.login()}, multi_statements=True
    ) as connection:
        side = Side(server, connection)
        empty(side)
        yield side


class ModuleRunner:
    """Runs one module by ansible-playbook, as a user does."""

    def __init__(self, generation: Any, home: Path) -> None:
        self._generation = generation
        self._home = home

    def __call__(self, name: str, options: dict[str, Any], *flags: str) -> dict[str, Any]:
        """The module's result; ``flags`` are such as ``--check``."""
        result = self._home / "result.json"
        # Names and bodies may look like templates.
        (self._home / "options.json").write_text(json.dumps({"options": _unsafe(options)}))
        play = [
            {
                "hosts": "localhost",
                "connection": "local",
                "gather_facts": False,
                "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
                "tasks": [
                    {
                        f"dbferry.aurora_mysql.{name}": {key: f"{{{{ options['{key}'] }}}}" for key in options},
                        "register": "result",
                        "ignore_errors": True,
                        "diff": "--diff" in flags,
                    },
                    {
                        "ansible.builtin.copy": {
                            "content": "{{ result | ansible.builtin.to_json }}",
                            "dest": str(result),
                            "mode": "0600",
                        },
                        "check_mode": False,
                        "diff": False,
                    },
                ],
            }
        ]
        playbook = self._home / "play.json"
        playbook.write_text(json.dumps(play))
        done = subprocess.run(
            [
                str(self._generation.playbook),
                "-i",
                "localhost,",
                "-e",
                f"@{self._home}/options.json",
                *flags,
                str(playbook),
            ],
            env={**self._generation.environment(), "HOME": str(self._home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(json.loads(result.read_text()), console=done.stdout + done.stderr)


def _unsafe(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unsafe(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_unsafe(each) for each in value]
    return {"__ansible_unsafe": value} if isinstance(value, str) else value


@pytest.fixture
def run_module(generation: Any, tmp_path: Path) -> ModuleRunner:
    """Runs a module of the collection."""
    return ModuleRunner(generation, tmp_path)
