# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no server at hand can be brought into: versions, sizes, encryption, damage."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import (
    checks_files,
    checks_innodb,
    checks_server,
    checks_tables,
    checks_variables,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_facts import ContentFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError, Objects
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ServerFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.table_facts import (
    Largest,
    TableFacts,
    table_name,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

PARTS = (checks_server, checks_innodb, checks_files, checks_tables, checks_variables)
CHECKS = {check.id: check for part in PARTS for check in part.CHECKS}
AURORA_3 = parse_engine_version("8.0.mysql_aurora.3.10.0")
NAMED = Objects(1, ("shop.t",))
TIB = 1024**4


def facts(*version: int, variables: dict[str, str] | None = None, **tables: Any) -> Facts:
    """A server of a version, with tables of which some things are known."""
    known = ServerVersion("mysql", version or (8, 0, 36))  # type: ignore[arg-type]
    given = TableFacts(**{"engines": {}, "data_bytes": 0, "files": 0, **tables})
    return Facts(Wanted(), AURORA_3, ServerFacts(known, known.text, variables or {}), given)


CASES = [
    ("source.version_unsupported", facts(5, 1, 73)),
    ("source.version_physical", facts(5, 5, 62)),
    ("source.version_too_new", facts(8, 4, 3)),
    ("source.newer_than_engine", facts(8, 4, 3)),
    ("source.version_pair", facts(8, 0, 44)),
    ("source.early_80", facts(8, 0, 13)),
    ("source.data_too_large", facts(data_bytes=65 * TIB)),
    ("source.too_many_files", facts(files=1_000_000)),
    ("source.object_too_large", facts(largest=Largest("shop.t", 6 * 10**12))),
    ("source.encrypted_tables", facts(objects={"encrypted_space": NAMED})),
    ("source.encrypted_tables", facts(objects={"encrypted": NAMED})),
    ("source.encrypted_logs", facts(variables={"innodb_redo_log_encrypt": "ON"})),
    ("source.row_versions", facts(8, 0, 30, objects={"row_versions": NAMED})),
    ("source.broken_tables", facts(objects={"engine:": NAMED})),
    ("source.old_names", facts(objects={"old_name": NAMED})),
    ("source.lower_case_table_names", facts(variables={"lower_case_table_names": "2"})),
    ("source.undo_directory", facts(variables={"datadir": "/data/", "innodb_undo_directory": "/undo"})),
]


@pytest.mark.parametrize(("check_id", "bad"), CASES)
def test_fires(check_id: str, bad: Facts) -> None:
    assert CHECKS[check_id].find(facts()) is None
    assert CHECKS[check_id].find(bad) is not None


@pytest.mark.parametrize(
    ("written_mib", "seconds", "fires"),
    [(47, 5, False), (49, 5, True), (49, 3000, True), (49, 3700, False), (0, 5, False)],
)
def test_a_redo_log_that_has_not_gone_round_tells_nothing_of_an_hour(
    written_mib: int, seconds: int, fires: bool
) -> None:
    status = {"innodb_os_log_written": str(written_mib * 2**20), "uptime": str(seconds)}
    server = facts(variables={"innodb_redo_log_capacity": str(48 * 2**20)})
    content = ContentFacts(ServerVersion("mysql", (8, 0, 36)), AccountName("root", "localhost"), status=status)
    seen = CHECKS["source.redo_overwritten"].find(server._replace(content=content))
    assert (seen is not None) is fires


@pytest.mark.parametrize("value", ["./", "", "/data", "/data/"])
def test_a_directory_that_is_the_data_directory_is_well(value: str) -> None:
    variables = {"datadir": "/data/", "innodb_undo_directory": value}
    assert CHECKS["source.undo_directory"].find(facts(variables=variables)) is None


def test_what_is_not_known_is_not_judged() -> None:
    with pytest.raises(NotKnownError, match="PROCESS"):
        CHECKS["source.no_primary_key"].find(facts(unknown={"no_primary_key": "GRANT PROCESS."}))


def test_an_early_80_passes_into_an_early_aurora() -> None:
    early = facts(8, 0, 13)._replace(engine=parse_engine_version("8.0.mysql_aurora.3.04.0"))
    seen = CHECKS["source.early_80"].find(early)
    assert seen is not None
    assert seen.severity == "note"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop/a@002db#p#p0", "shop.a-b"),
        ("shop/t#P#p1#SP#s0", "shop.t"),
        ("/far/shop/t.ibd", "/far/shop/t.ibd"),
        ("wide", "wide"),
    ],
)
def test_names_are_written_as_a_person_does(name: str, expected: str) -> None:
    assert table_name(name) == expected
