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
    checks_size,
    checks_tables,
    checks_variables,
    checks_version,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_facts import ContentFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError, Objects
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ServerFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.table_facts import Largest, TableFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.table_names import TableName, innodb_name
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.target_facts import TargetFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.parameter_rules import RULES
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.parameter_values import FamilyParameter
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

PARTS = (checks_version, checks_size, checks_innodb, checks_files, checks_tables, checks_variables)
CHECKS = {check.id: check for part in PARTS for check in part.CHECKS}
AURORA_3 = parse_engine_version("8.0.mysql_aurora.3.10.0")
NAMED = Objects(1, ("shop.t",), ("shop", "t"))
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
    ("wanted", "files", "severity"),
    [
        ({"backup_format": "directory"}, 1_000_001, ""),
        ({"backup_format": "directory"}, 400_000, "warning"),
        ({"backup_format": "directory", "staging": False}, 1_000_001, "note"),
        ({}, 400_000, "note"),
    ],
)
def test_only_a_backup_of_single_files_can_have_too_many(wanted: dict[str, Any], files: int, severity: str) -> None:
    bad = facts(files=files)._replace(wanted=Wanted(**wanted))
    seen = CHECKS["source.too_many_files"].find(bad)
    assert seen is not None
    assert seen.severity == severity
    assert CHECKS["source.too_many_files"].find(facts(files=333_333)) is None


def test_only_a_backup_of_single_files_can_have_one_too_large() -> None:
    bad = facts(largest=Largest("shop.t", 6 * 10**12))
    streamed = CHECKS["source.object_too_large"].find(bad)
    single = CHECKS["source.object_too_large"].find(bad._replace(wanted=Wanted(backup_format="directory")))
    assert streamed is not None and single is not None
    assert (streamed.severity, single.severity) == ("note", "")


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
        ("shop/a@002db#p#p0", TableName("shop", "a@002db", True)),
        ("shop/t#P#p1#SP#s0", TableName("shop", "t", True)),
        ("/far/shop/t.ibd", TableName("", "/far/shop/t.ibd")),
        ("wide", TableName("", "wide")),
    ],
)
def test_a_name_of_innodb_tells_its_table(name: str, expected: TableName) -> None:
    assert innodb_name(name, True) == expected


def test_the_redo_log_is_never_made_smaller() -> None:
    for capacity, proposed in ((48 * 2**20, 8 * 2**30), (32 * 2**30, 64 * 2**30)):
        status = {"innodb_os_log_written": str(100 * capacity), "uptime": "3600"}
        server = facts(variables={"innodb_redo_log_capacity": str(capacity)})
        content = ContentFacts(ServerVersion("mysql", (8, 0, 36)), AccountName("root", "localhost"), status=status)
        seen = CHECKS["source.redo_overwritten"].find(server._replace(content=content))
        assert seen is not None and seen.statement == f"SET GLOBAL innodb_redo_log_capacity = {proposed};"


@pytest.mark.parametrize(
    ("check_id", "group", "statement"),
    [
        ("source.engines_without_data", "engine:federated", "DROP TABLE `my.db`.`t`;"),
        ("source.engines_without_data", "engine:blackhole", "DROP TABLE `my.db`.`t`;"),
        ("source.myisam_tables", "engine:myisam", "ALTER TABLE `my.db`.`t` ENGINE=InnoDB;"),
        ("source.broken_tables", "engine:", "CHECK TABLE `my.db`.`t`;"),
    ],
)
def test_a_statement_names_the_schema_with_its_dots(check_id: str, group: str, statement: str) -> None:
    seen = CHECKS[check_id].find(facts(objects={group: Objects(1, ("my.db.t",), ("my.db", "t"))}))
    assert seen is not None and seen.statement == statement


@pytest.mark.parametrize(
    ("variable", "statement"),
    [("innodb_undo_log_encrypt", "SET GLOBAL innodb_undo_log_encrypt = OFF;"), ("innodb_encrypt_log", "")],
)
def test_logs_are_decrypted_by_a_statement_where_a_server_that_runs_takes_one(variable: str, statement: str) -> None:
    seen = CHECKS["source.encrypted_logs"].find(facts(variables={variable: "ON"}))
    assert seen is not None and seen.statement == statement


@pytest.mark.parametrize(
    ("flavour", "clause"), [("mysql", "COMPRESSION='NONE', FORCE"), ("mariadb", "PAGE_COMPRESSED=0")]
)
def test_page_compression_is_switched_off_in_the_words_of_the_flavour(flavour: str, clause: str) -> None:
    known = ServerVersion(flavour, (10, 11, 14) if flavour == "mariadb" else (8, 0, 36))
    compressed = facts(objects={"page_compressed": NAMED})._replace(server=ServerFacts(known, known.text))
    seen = CHECKS["source.page_compression"].find(compressed)
    assert seen is not None and seen.statement == f"ALTER TABLE `shop`.`t` {clause};"


def test_settings_are_planned_against_the_parameters_of_the_region() -> None:
    own = facts(variables={"group_concat_max_len": "4096", "max_allowed_packet": "1073741824"})
    there = {"group_concat_max_len": FamilyParameter("group_concat_max_len", None, "4-2048", "integer", True)}
    assert CHECKS["source.parameters_changed"].find(own) is None
    target = own._replace(target=TargetFacts(parameters=there))
    told = [CHECKS[f"source.parameters_{what}"].find(target) for what in ("changed", "left")]
    assert any(name.startswith("group_concat_max_len: 4096") for seen in told if seen for name in seen.objects.names)
    assert any(name.startswith("max_allowed_packet: ") for seen in told if seen for name in seen.objects.names)


def test_settings_that_a_new_cluster_has_anyway_stay_behind_unsaid() -> None:
    usual = {rule.variables[0]: rule.defaults["8.0"] for rule in RULES if "8.0" in rule.defaults}
    assert CHECKS["source.parameters_left"].find(facts(variables=usual)) is None
    seen = CHECKS["source.parameters_left"].find(facts(variables={**usual, "max_connections": "500"}))
    assert seen is not None and seen.objects.names[0].startswith("max_connections: 500 is left")


def test_the_word_length_of_myisam_is_no_matter_of_indexes_of_innodb() -> None:
    indexed = {"fulltext": NAMED}
    assert CHECKS["source.fulltext_settings"].find(facts(variables={"ft_min_word_len": "2"}, objects=indexed)) is None
    assert CHECKS["source.fulltext_settings"].find(facts(variables={"innodb_ft_min_token_size": "2"}, objects=indexed))
