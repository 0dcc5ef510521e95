# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers are put into a bad state, and the check that is about it fires; before, in a good one, it does not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Optional

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_facts import ContentFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import Check, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.parts import Parts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.source_facts import read_source_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection, connect

from ..mysql_servers import mysql_server
from ..servers import ROOT_PASSWORD, ROOT_USER, DatabaseServer, mariadb_server

NOTHING_WANTED = Wanted()
MARIADB, MYSQL_97, MYSQL_56 = "mariadb", "9.7", "5.6"
AURORA_2 = "5.7.mysql_aurora.2.12.5"
AURORA_3 = "8.0.mysql_aurora.3.10.0"
AURORA_84 = "8.4.mysql_aurora.8.4.1"
NARROW, NARROW_PASSWORD = "narrow", "Narrow of the tests 1"
NARROW_USER = f"CREATE USER {NARROW}@'%' IDENTIFIED BY '{NARROW_PASSWORD}'"


class ContentCase(NamedTuple):
    """A bad state of a server."""

    check_id: str
    server: str
    bad: tuple[str, ...] = ()
    """Statements that bring it about."""
    undo: tuple[str, ...] = ()
    good: tuple[str, ...] = ()
    """Statements before, where a fresh server is not good as it is."""
    names: Optional[tuple[str, ...]] = None
    """All objects that are named."""
    text: str = ""
    """A part of what is said."""
    engine: str = AURORA_3
    good_engine: str = ""
    wanted: Wanted = Wanted()
    target: Any = None
    narrow: bool = False
    """Whether account NARROW reads the facts, which the bad state makes."""

    @property
    def label(self) -> str:
        """The case's name in a test report."""
        return f"{self.check_id}-{self.server}"


@contextlib.contextmanager
def running(tmp_path_factory: pytest.TempPathFactory, *kinds: str) -> Iterator[dict[str, DatabaseServer]]:
    """Fresh servers of some kinds."""
    with contextlib.ExitStack() as stack:
        servers = {}
        for kind in kinds:
            home = tmp_path_factory.mktemp("source")
            manager = mariadb_server(home) if kind == MARIADB else mysql_server(home, kind)
            servers[kind] = stack.enter_context(manager)
        yield servers


def read(server: DatabaseServer, user: str = ROOT_USER, password: str = ROOT_PASSWORD) -> ContentFacts:
    """The facts of a server, as an account sees them."""
    with connect(server.login(user, password)) as connection:
        return content_of(connection)


def content_of(connection: Connection, wanted: Wanted = NOTHING_WANTED) -> ContentFacts:
    """What a server has besides tables."""
    content = read_source_facts(connection, wanted, {}, Parts({})).content
    assert content is not None
    return content


def execute(server: DatabaseServer, statements: Sequence[str]) -> None:
    """Run statements as root, in one session."""
    with connect(server.login()) as root:
        for statement in statements:
            root.execute(statement)


def find(checks: Sequence[Check], check_id: str, facts: Facts) -> Optional[Seen]:
    """What one check sees."""
    return next(check for check in checks if check.id == check_id).find(facts)


def prove(checks: Sequence[Check], case: ContentCase, server: DatabaseServer) -> None:
    """The check of the case is quiet, then fires."""

    def look(engine: str, user: str = ROOT_USER, password: str = ROOT_PASSWORD) -> Optional[Seen]:
        content = read(server, user, password)
        facts = Facts(case.wanted, engine=parse_engine_version(engine), content=content, target=case.target)
        return find(checks, case.check_id, facts)

    try:
        execute(server, case.good)
        assert look(case.good_engine or case.engine) is None
        execute(server, case.bad)
        seen = look(case.engine, NARROW, NARROW_PASSWORD) if case.narrow else look(case.engine)
        assert seen is not None
        assert case.text in seen.text
        # The order is that of the server's rows.
        assert case.names is None or sorted(seen.objects.names) == sorted(case.names)
    finally:
        execute(server, case.undo)
