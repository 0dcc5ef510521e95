# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an assessment says of queries that a real server ended, because they took longer than they may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

from ..module_process import ModuleProcess
from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server
from .content_states import MARIADB, MYSQL_97, execute

FIRED = ("source.queries_ended",)
# What nobody but the lock's holder can read.
LOCKED = {MARIADB: "mysql.global_priv", MYSQL_97: "mysql.user"}


@pytest.fixture(params=LOCKED)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of the server."""
    return str(request.param)


@pytest.fixture
def server(kind: str, tmp_path: Path) -> Iterator[DatabaseServer]:
    """A server that can limit the time of a statement."""
    with mariadb_server(tmp_path) if kind == MARIADB else mysql_server(tmp_path, kind) as started:
        execute(started, ["CREATE DATABASE shop", "CREATE TABLE shop.orders (id INT PRIMARY KEY)"])
        yield started


def test_what_was_not_read_in_time_is_said_with_what_to_do(kind: str, server: DatabaseServer, generation: Any) -> None:
    module = ModuleProcess("mysql_assessment_info", str(generation.bin / "python"), str(generation.collections))

    def assess() -> tuple[dict[str, Any], dict[str, str]]:
        options = {**server.login(), "aws": False, "statement_timeout": 1}
        told = module.finish(module.start(options))["assessment"]
        return (
            {finding["id"]: finding for finding in told["findings"]},
            {check["id"]: check["reason"] for check in told["not_checked"]},
        )

    quiet, _reasons = assess()
    assert FIRED[0] not in quiet
    with connect(server.login()) as holder:
        holder.execute(f"LOCK TABLES {LOCKED[kind]} WRITE")
        findings, reasons = assess()
    found = findings[FIRED[0]]
    assert found["severity"] == "warning"
    assert found["seen"] == "The server ended 1 query of the assessment, which took longer than it may."
    assert "assess_statement_timeout" in found["remedy"]
    told = reasons["source.anonymous_accounts"]
    assert told.startswith("A query was ended by 127.0.0.1") and "GRANT" not in told
    assert "statement_timeout" in told
