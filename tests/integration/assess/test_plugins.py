# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plug-ins and components of real servers, as checks see them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.checks_plugins import CHECKS
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted

from ..mariadb_plugins import mariadb_plugins
from ..mysql_servers import mysql_server
from ..servers import ROOT_PASSWORD, ROOT_USER, DatabaseServer, free_port, mariadb_server
from ..x_protocol import log_in_by_x_protocol
from .content_states import MARIADB, MYSQL_97, ContentCase, find, prove, read, running


def _component(check_id: str, name: str) -> ContentCase:
    install, remove = f"INSTALL COMPONENT 'file://{name}'", f"UNINSTALL COMPONENT 'file://{name}'"
    return ContentCase(check_id, MYSQL_97, (install,), (remove,), names=(name,))


def _plugin(check_id: str, name: str, library: str) -> ContentCase:
    install, remove = f"INSTALL PLUGIN {name} SONAME '{library}'", f"UNINSTALL PLUGIN {name}"
    return ContentCase(check_id, MYSQL_97, (install,), (remove,), names=(name,))


CASES = [
    _component("source.password_validation", "component_validate_password"),
    _plugin("source.password_validation", "validate_password", "validate_password.so"),
    _plugin("source.keyring", "keyring_udf", "keyring_udf.so"),
    _plugin("source.plugins_lost", "clone", "mysql_clone.so"),
    _plugin("source.plugins_lost", "CONNECTION_CONTROL", "connection_control.so"),
    _component("source.plugins_lost", "component_query_attributes"),
    ContentCase(
        "source.audit_log",
        MARIADB,
        ("INSTALL SONAME 'server_audit'",),
        ("UNINSTALL SONAME 'server_audit'",),
        names=("SERVER_AUDIT",),
    ),
]
FIRED = ("source.x_protocol",)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """Servers of each kind that a case names."""
    plugins = [f"--plugin-dir={mariadb_plugins()}"]
    with (
        running(tmp_path_factory, MYSQL_97) as started,
        mariadb_server(tmp_path_factory.mktemp("source"), server_args=plugins) as mariadb,
    ):
        yield {**started, MARIADB: mariadb}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.label}-{case.names[0]}")
def test_fires(case: ContentCase, servers: dict[str, DatabaseServer]) -> None:
    prove(CHECKS, case, servers[case.server])


def test_every_check_fires_for_real() -> None:
    assert {case.check_id for case in CASES} | {*FIRED} == {check.id for check in CHECKS}


def test_a_session_of_the_x_protocol_is_seen(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="dbferry-") as short:
        # A socket's path may have 107 bytes, pytest's directories are longer.
        path = f"{short}/x"
        arguments = ["--mysqlx=ON", f"--mysqlx-port={free_port()}", f"--mysqlx-socket={path}"]
        with mysql_server(tmp_path, MYSQL_97, server_args=arguments) as server:
            before = find(CHECKS, "source.x_protocol", Facts(Wanted(), content=read(server)))
            log_in_by_x_protocol(path, ROOT_USER, ROOT_PASSWORD)
            seen = find(CHECKS, "source.x_protocol", Facts(Wanted(), content=read(server)))
    assert before is None
    assert seen is not None and "has accepted 1 session by the X Protocol" in seen.text
