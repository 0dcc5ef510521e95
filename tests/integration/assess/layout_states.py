# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers in a bad state, as checks of settings and tables see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import (
    checks_files,
    checks_innodb,
    checks_size,
    checks_tables,
    checks_variables,
    checks_version,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import Check, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.parts import Parts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.source_facts import read_source_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

from ..servers import DatabaseServer
from .content_states import AURORA_3

NOTHING_WANTED = Wanted()
PARTS = (checks_version, checks_size, checks_innodb, checks_files, checks_tables, checks_variables)
CHECKS: dict[str, Check] = {check.id: check for part in PARTS for check in part.CHECKS}


class LayoutCase(NamedTuple):
    """A bad state of a server, brought about by statements or by how it was started."""

    check_id: str
    server: str
    bad: tuple[str, ...] = ()
    """Statements that bring it about, in schema shop."""
    names: Optional[tuple[str, ...]] = None
    text: str = ""
    engine: str = AURORA_3
    wanted: Wanted = Wanted()
    undo: tuple[str, ...] = ()
    """Statements after it; schema shop is dropped in any case."""
    severity: str = ""

    @property
    def label(self) -> str:
        """The case's name in a test report."""
        return f"{self.check_id}-{self.server}"


def facts_of(server: DatabaseServer, engine: str = AURORA_3, wanted: Wanted = NOTHING_WANTED) -> Facts:
    """What an assessment knows of a server's settings and tables."""
    with connect(server.login()) as connection:
        parts = Parts({})
        source = read_source_facts(connection, wanted, {}, parts)
    assert not parts.missing
    return Facts(
        wanted,
        engine=parse_engine_version(engine),
        server=source.server,
        tables=source.tables,
        content=source.content,
    )


def look(check_id: str, facts: Facts) -> Optional[Seen]:
    """What one check sees."""
    return CHECKS[check_id].find(facts)


def execute(server: DatabaseServer, statements: Sequence[str]) -> None:
    """Run statements as root, in schema shop, which is made."""
    with connect(server.login()) as root:
        root.execute("CREATE DATABASE IF NOT EXISTS shop")
        root.execute("USE shop")
        for statement in statements:
            root.execute(statement)


def assert_seen(case: LayoutCase, seen: Optional[Seen]) -> None:
    """The check fired as the case says."""
    assert seen is not None
    assert case.text in seen.text
    # The order is that of the server's rows.
    assert case.names is None or sorted(seen.objects.names) == sorted(case.names)
    assert not case.severity or seen.severity == case.severity


def prove(case: LayoutCase, server: DatabaseServer) -> None:
    """The check of the case is quiet, then fires."""
    assert look(case.check_id, facts_of(server, case.engine)) is None
    try:
        execute(server, case.bad)
        assert_seen(case, look(case.check_id, facts_of(server, case.engine, case.wanted)))
    finally:
        execute(server, ["DROP DATABASE shop", *case.undo])
