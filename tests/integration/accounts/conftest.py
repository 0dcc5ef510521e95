# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real servers: a source with accounts of every kind, and a target whose master user is like Aurora's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.quoting import quote_name, quote_text

from ..servers import DatabaseServer, mariadb_server
from .masters import MASTER, MASTER_PASSWORD, STATIC


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """A server without accounts but root."""
    with mariadb_server(tmp_path_factory.mktemp("source")) as server:
        yield server


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """A server with a master user that has what Aurora's has, and no more."""
    with mariadb_server(tmp_path_factory.mktemp("target")) as server:
        with connect(server.login()) as root:
            # MariaDB has no like of Aurora's dynamic privileges.
            root.execute(f"CREATE USER '{MASTER}'@'%' IDENTIFIED BY '{MASTER_PASSWORD}'")
            root.execute(f"GRANT {STATIC} ON *.* TO '{MASTER}'@'%' WITH GRANT OPTION")
        yield server


@pytest.fixture
def source_root(source: DatabaseServer) -> Iterator[Connection]:
    """root on the source; afterwards, all other accounts and all schemas are gone."""
    with connect(source.login(), multi_statements=True) as connection:
        yield connection
        _clean(connection, ("root", "mariadb.sys"))


@pytest.fixture
def target_root(target: DatabaseServer) -> Iterator[Connection]:
    """root on the target; afterwards, all accounts but the master and all schemas are gone."""
    with connect(target.login(), multi_statements=True) as connection:
        yield connection
        _clean(connection, ("root", "mariadb.sys", MASTER))


@pytest.fixture
def master(target: DatabaseServer, target_root: Connection) -> Iterator[Connection]:
    """The master user on the target."""
    assert target_root.login.port == target.port
    with connect(target.login(MASTER, MASTER_PASSWORD), multi_statements=True) as connection:
        yield connection


def _clean(root: Connection, kept: tuple[str, ...]) -> None:
    marks = ", ".join(["%s"] * len(kept))
    rows = root.rows(
        "SELECT User, Host, JSON_VALUE(Priv, '$.is_role') AS is_role FROM mysql.global_priv"
        f" WHERE User NOT IN ({marks}, 'PUBLIC')",
        kept,
    )
    drops = [
        "DROP ROLE " + quote_name(row["User"])
        if row["is_role"]
        else f"DROP USER {quote_text(row['User'])}@{quote_text(row['Host'])}"
        for row in rows
    ]
    for first in range(0, len(drops), 500):
        assert root.execute_batch(drops[first : first + 500])[1] is None
    if any(row["User"] == "PUBLIC" for row in root.rows("SELECT User FROM mysql.global_priv")):
        root.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM PUBLIC")
    for row in root.rows("SHOW DATABASES"):
        name = row["Database"]
        if name not in ("information_schema", "mysql", "performance_schema", "sys"):
            root.execute("DROP DATABASE " + quote_name(name))
