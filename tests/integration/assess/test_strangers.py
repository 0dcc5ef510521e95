# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server whose schemas nobody here wrote: the findings are compared with what it says when it is asked by hand.

The schemas are those that Debian's packages of ZoneMinder and Icinga bring. Nothing is asked here as the collection
asks: SHOW statements table by table, and the files on the disk.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from tests.conftest import BUILD

from ..module_process import ModuleProcess
from ..mysql_servers import SERVERS, mysql_server
from ..servers import ROOT_PASSWORD, DatabaseServer, mariadb_server, run_program
from .content_states import MARIADB, MYSQL_97, execute

pytestmark = pytest.mark.thorough("each check on states that are made for it")

PACKAGES = ("zoneminder", "icinga2-ido-mysql")
SCHEMAS = ("zm", "icinga")
_STRANGERS = BUILD / "strangers"
# As the packages' own instructions make them.
_ACCOUNTS = (
    "CREATE USER zmuser@localhost IDENTIFIED BY 'a-Password-of-9'",
    "GRANT ALL ON zm.* TO zmuser@localhost",
    "CREATE USER icinga@'10.0.0.%' IDENTIFIED BY 'a-Password-of-9'",
    "GRANT SELECT, INSERT, UPDATE, DELETE, DROP, CREATE VIEW, CREATE, INDEX, EXECUTE, ALTER ON icinga.*"
    " TO icinga@'10.0.0.%'",
)


class Told(NamedTuple):
    """What a server says when it is asked by hand."""

    tables: dict[str, dict[str, Any]]
    """``schema.table`` to its row of SHOW TABLE STATUS."""
    indexes: dict[str, list[dict[str, Any]]]
    triggers: list[dict[str, Any]]


@pytest.fixture(scope="module")
def files() -> Path:
    """Where the packages are unpacked, by apt and dpkg, without being installed."""
    if not _STRANGERS.exists():
        scratch = _STRANGERS.with_suffix(".new")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        done = subprocess.run(
            ["apt-get", "-q", "download", *PACKAGES], cwd=scratch, capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"apt-get cannot download {', '.join(PACKAGES)}: {done.stderr.strip()[-300:]}")
        for package in scratch.glob("*.deb"):
            run_program(["dpkg-deb", "--extract", str(package), str(scratch)])
            package.unlink()
        scratch.rename(_STRANGERS)
    return _STRANGERS / "usr" / "share"


@pytest.fixture(scope="module", params=[MYSQL_97, MARIADB])
def strange(
    request: pytest.FixtureRequest, files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseServer]:
    """A server with the schemas."""
    kind, home = request.param, tmp_path_factory.mktemp("strange")
    with mariadb_server(home) if kind == MARIADB else mysql_server(home, kind) as server:
        client = "mariadb" if kind == MARIADB else str(SERVERS / f"mysql-{kind}" / "bin" / "mysql")
        login = [client, "--user=root", f"--password={ROOT_PASSWORD}", f"--socket={server.socket}"]
        run_program(login, _zoneminder(files / "zoneminder" / "db"))
        execute(server, [*_ACCOUNTS, "CREATE DATABASE icinga"])
        run_program([*login, "icinga"], (files / "icinga2-ido-mysql/schema/mysql.sql").read_text(encoding="utf-8"))
        yield server


@pytest.fixture
def assessed(strange: DatabaseServer, generation: Any) -> dict[str, Any]:
    """What the module says of it."""
    module = ModuleProcess("mysql_assessment_info", str(generation.bin / "python"), str(generation.collections))
    told: dict[str, Any] = module.finish(module.start({**strange.login(), "aws": False}))["assessment"]
    return told


@pytest.fixture(scope="module")
def told(strange: DatabaseServer) -> Told:
    """What it says of itself."""
    tables: dict[str, dict[str, Any]] = {}
    indexes: dict[str, list[dict[str, Any]]] = {}
    triggers: list[dict[str, Any]] = []
    with connect(strange.login()) as root:
        for schema in SCHEMAS:
            for row in root.rows(f"SHOW TABLE STATUS FROM {schema}"):
                name = f"{schema}.{row['Name']}"
                tables[name] = row
                indexes[name] = root.rows(f"SHOW INDEX FROM {schema}.`{row['Name']}`")
            triggers += [{**row, "schema": schema} for row in root.rows(f"SHOW TRIGGERS FROM {schema}")]
    return Told(tables, indexes, triggers)


def test_no_table_is_missed(assessed: dict[str, Any], told: Told) -> None:
    assert len(told.tables) > 90
    assert assessed["source"]["tables"] == len(told.tables)
    assert assessed["source"]["schemas"] == len(SCHEMAS)


@pytest.mark.parametrize(
    ("check_id", "column", "values"),
    [
        ("source.myisam_tables", "Engine", ("MyISAM",)),
        ("source.memory_tables", "Engine", ("MEMORY",)),
        ("source.engines_without_data", "Engine", ("BLACKHOLE", "FEDERATED")),
        ("source.row_format_compressed", "Row_format", ("Compressed",)),
        ("source.utf8mb3", "Collation", ("utf8mb3_general_ci", "utf8mb3_unicode_ci", "utf8mb3_bin", "utf8_general_ci")),
    ],
)
def test_what_tables_are_like(
    check_id: str, column: str, values: tuple[str, ...], assessed: dict[str, Any], told: Told
) -> None:
    by_hand = [name for name, row in told.tables.items() if row[column] in values]
    found = _finding(assessed, check_id)
    assert (found is not None) == bool(by_hand)
    assert found is None or str(len(by_hand)) in found["seen"]


def test_tables_without_a_key(assessed: dict[str, Any], told: Told) -> None:
    def has_key(rows: list[dict[str, Any]]) -> bool:
        unique = {row["Key_name"] for row in rows if not row["Non_unique"]}
        return any(all(row["Null"] != "YES" for row in rows if row["Key_name"] == key) for key in unique)

    _same_objects(
        _finding(assessed, "source.no_primary_key"), {n for n, rows in told.indexes.items() if not has_key(rows)}
    )


def test_stored_code_and_who_defines_it(assessed: dict[str, Any], told: Told) -> None:
    named = {f"trigger {each['schema']}.{each['Trigger']}": each for each in told.triggers}
    assert len(named) > 10
    of_root = {f"{name} ({each['Definer']})" for name, each in named.items() if each["Definer"] == "root@localhost"}
    _same_objects(_finding(assessed, "source.definers_redefined"), of_root)
    old = {name for name, each in named.items() if "NO_AUTO_CREATE_USER" in each["sql_mode"].split(",")}
    _same_objects(_finding(assessed, "source.code_sql_modes"), old)
    for quiet in ("source.events", "source.code_uses_files", "source.code_administers", "source.orphan_definers"):
        assert _finding(assessed, quiet) is None


def test_accounts(assessed: dict[str, Any]) -> None:
    _same_objects(_finding(assessed, "source.local_accounts"), {"zmuser@localhost"})
    assert _finding(assessed, "source.privileges_lost") is None


def test_sizes_are_those_of_the_files(strange: DatabaseServer, assessed: dict[str, Any]) -> None:
    tables = {
        f"{schema}.{each.stem}": each.stat().st_size for schema in SCHEMAS for each in _ibd(strange.datadir / schema)
    }
    largest = assessed["source"]["largest_tables"]
    assert [each["bytes"] for each in largest] == sorted(tables.values(), reverse=True)[: len(largest)]
    assert all(tables[each["name"]] == each["bytes"] for each in largest)
    own = [*_ibd(strange.datadir), *(_ibd(strange.datadir / "mysql")), *(_ibd(strange.datadir / "sys"))]
    own += [*strange.datadir.glob("ibdata*"), *strange.datadir.glob("undo_*")]
    assert assessed["source"]["data_bytes"] == sum(tables.values()) + sum(each.stat().st_size for each in own)


def _zoneminder(home: Path) -> str:
    """The script, with the other one in it that it names; not every client follows a name in what it is sent."""
    lines = (home / "zm_create.sql").read_text(encoding="utf-8").splitlines(keepends=True)
    triggers = (home / "triggers.sql").read_text(encoding="utf-8")
    return "".join(triggers if line.startswith("source ") else line for line in lines)


def _ibd(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.ibd"))


def _finding(assessed: dict[str, Any], check_id: str) -> dict[str, Any] | None:
    assert check_id in {each["id"] for each in (*assessed["findings"], *assessed["passed"])}
    return next((each for each in assessed["findings"] if each["id"] == check_id), None)


def _same_objects(found: dict[str, Any] | None, by_hand: set[str]) -> None:
    """A finding is about these, of which it names the first 20."""
    assert (found is not None) == bool(by_hand)
    if found is not None:
        assert found["count"] == len(by_hand)
        assert len(found["objects"]) == min(len(by_hand), 20)
        assert set(found["objects"]) <= by_hand
