# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two servers, emptied before each test, and the modules run by ansible-playbook."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Iterator

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


@pytest.fixture
def shop(source: Side, target: Side) -> tuple[Side, Side]:
    """Both servers with a schema ``shop`` that has a table ``t``."""
    for side in (source, target):
        side.run("CREATE DATABASE shop", "CREATE TABLE shop.t (a INT)")
    return source, target


@pytest.fixture
def master(target: Side) -> str:
    """An account on the target with rights on the schema and on what is stored there, but none on definers."""
    target.run(
        "CREATE USER master@'%' IDENTIFIED BY 'p'",
        "GRANT ALL ON shop.* TO master@'%'",
        "GRANT SELECT ON mysql.* TO master@'%'",
    )
    return "master"
