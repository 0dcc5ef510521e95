# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions and settings of real servers that are started in a bad state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted

from ..mysql_servers import mysql_server
from ..servers import DatabaseServer, mariadb_server
from .content_states import AURORA_2, MARIADB, MYSQL_56, MYSQL_97, running
from .layout_states import LayoutCase, assert_seen, execute, facts_of, look

SCATTERED = "5.6 with files all over"
RECOVERY = "MariaDB in forced recovery"
ENCRYPTED = "9.7 with a keyring"

CASES = [
    LayoutCase("source.not_mysql_flavour", MARIADB, text="mariadb"),
    LayoutCase("source.not_mysql_flavour", MARIADB, wanted=Wanted(allow_mariadb=True), severity="note"),
    LayoutCase("source.version_physical", MYSQL_56, text="5.6.24"),
    LayoutCase("source.version_too_new", MYSQL_97, text="9.7"),
    LayoutCase("source.newer_than_engine", MYSQL_97, text="9.7.4, and 8.0.mysql_aurora"),
    LayoutCase("source.extended_support", MYSQL_56, engine=AURORA_2),
    LayoutCase("source.page_size", SCATTERED, text="8192"),
    LayoutCase("source.system_tablespace", SCATTERED, text="ibdata2"),
    LayoutCase("source.data_home_dir", SCATTERED),
    LayoutCase("source.undo_directory", SCATTERED),
    LayoutCase("source.log_group_home_dir", SCATTERED),
    LayoutCase("source.log_files_in_group", SCATTERED, text="3"),
    LayoutCase("source.file_per_table_off", SCATTERED),
    LayoutCase("source.checksums_off", SCATTERED, text="none"),
    LayoutCase("source.fulltext_settings", SCATTERED, names=("shop.words",), text="innodb_ft_min_token_size is 2"),
    LayoutCase("source.files_outside_datadir", SCATTERED, text="1 file"),
    LayoutCase("source.files_outside_datadir", ENCRYPTED, text="1 file"),
    LayoutCase("source.force_recovery", RECOVERY, text="1"),
    LayoutCase("source.redo_overwritten", MYSQL_97, text="8 MiB"),
    LayoutCase("source.encrypted_tables", ENCRYPTED, names=("mysql", "shop.secret", "shop.größe"), text="3 tables"),
    LayoutCase("source.encrypted_logs", ENCRYPTED, text="innodb_redo_log_encrypt, innodb_undo_log_encrypt are ON"),
    LayoutCase("source.encryption_by_default", ENCRYPTED, text="default_table_encryption is ON"),
]
# the other server shows that the check is quiet where all is well
GOOD = {
    MARIADB: MYSQL_97,
    MYSQL_56: MYSQL_97,
    MYSQL_97: MYSQL_56,
    SCATTERED: MYSQL_97,
    RECOVERY: MYSQL_97,
    ENCRYPTED: MYSQL_56,
}
ENCRYPTING = [
    "CREATE TABLE secret (id INT PRIMARY KEY) ENCRYPTION='Y'",
    "CREATE TABLE `größe` (id INT PRIMARY KEY) ENCRYPTION='Y' PARTITION BY HASH (id) PARTITIONS 2",
    "CREATE TABLE plain (id INT PRIMARY KEY)",
    "ALTER TABLESPACE mysql ENCRYPTION='Y'",
    "SET GLOBAL innodb_redo_log_encrypt = ON",
    "SET GLOBAL innodb_undo_log_encrypt = ON",
    "SET GLOBAL default_table_encryption = ON",
]
FIRED = ("source.data_too_large", "source.object_too_large")
NOT_FIRED_FOR_REAL = {
    "source.version_unsupported": "MySQL 5.1 and older do not come for the systems of today",
    "source.version_pair": "it is about sources of MySQL 5.7 and 8.0, which are not to be had here",
    "source.early_80": "it is about MySQL 8.0.11, 8.0.13 and 8.0.15, which are not to be had here",
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """Servers of each kind that a case names."""
    home = tmp_path_factory.mktemp("scattered")
    for name in ("home", "undo", "redo", "tables", "more"):
        (home / name).mkdir()
    scattered = [
        "--innodb-page-size=8k",
        f"--innodb-data-home-dir={home}/home",
        "--innodb-data-file-path=ibdata1:12M;ibdata2:12M:autoextend",
        f"--innodb-undo-directory={home}/undo",
        f"--innodb-log-group-home-dir={home}/redo",
        "--innodb-log-file-size=4M",
        "--innodb-log-files-in-group=3",
        "--innodb-file-per-table=OFF",
        "--innodb-checksum-algorithm=none",
        "--innodb-ft-min-token-size=2",
    ]
    forcing = mariadb_server(tmp_path_factory.mktemp("recovery"), server_args=["--innodb-force-recovery=1"])
    scattering = mysql_server(home, "5.6", server_args=scattered)
    encrypting = mysql_server(
        tmp_path_factory.mktemp("encrypted"), "9.7", server_args=[f"--innodb-directories={home}/more"], keyring=True
    )
    others = running(tmp_path_factory, MARIADB, MYSQL_97, MYSQL_56)
    with others as started, scattering as far, forcing as forced, encrypting as encrypted:
        execute(far, ["CREATE TABLE words (id INT PRIMARY KEY, t TEXT, FULLTEXT (t))"])
        place = f"CREATE TABLE far (id INT PRIMARY KEY) DATA DIRECTORY='{home}/tables'"
        execute(far, ["SET GLOBAL innodb_file_per_table = ON", place, "SET GLOBAL innodb_file_per_table = OFF"])
        filling = "INSERT INTO busy (t) SELECT REPEAT('a', 60000) FROM information_schema.COLUMNS LIMIT 400"
        execute(started[MYSQL_97], ["CREATE TABLE busy (id INT PRIMARY KEY AUTO_INCREMENT, t TEXT)", filling])
        execute(encrypted, [*ENCRYPTING, f"CREATE UNDO TABLESPACE more ADD DATAFILE '{home}/more/more.ibu'"])
        yield {**started, SCATTERED: far, RECOVERY: forced, ENCRYPTED: encrypted}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_fires(case: LayoutCase, servers: dict[str, DatabaseServer]) -> None:
    assert look(case.check_id, facts_of(servers[GOOD[case.server]])) is None
    assert_seen(case, look(case.check_id, facts_of(servers[case.server], case.engine, case.wanted)))


def test_the_statement_that_is_named_decrypts(servers: dict[str, DatabaseServer]) -> None:
    counts = []
    for _table in range(3):
        seen = look("source.encrypted_tables", facts_of(servers[ENCRYPTED]))
        assert seen is not None
        counts.append(seen.objects.count)
        execute(servers[ENCRYPTED], [seen.statement])
    assert counts == [3, 2, 1]
    assert look("source.encrypted_tables", facts_of(servers[ENCRYPTED])) is None
    again = ("TABLESPACE mysql", "TABLE shop.secret", "TABLE shop.`größe`")
    execute(servers[ENCRYPTED], [f"ALTER {each} ENCRYPTION='Y'" for each in again])


def test_the_statement_that_is_named_ends_the_encryption_of_logs(servers: dict[str, DatabaseServer]) -> None:
    seen = look("source.encrypted_logs", facts_of(servers[ENCRYPTED]))
    assert seen is not None
    execute(servers[ENCRYPTED], [seen.statement])
    assert look("source.encrypted_logs", facts_of(servers[ENCRYPTED])) is None
    execute(servers[ENCRYPTED], [each for each in ENCRYPTING if "_log_encrypt" in each])


def test_a_keyring_component_is_seen(servers: dict[str, DatabaseServer]) -> None:
    assert facts_of(servers[ENCRYPTED]).content.keyring == ("component_keyring_file",)
    assert facts_of(servers[MYSQL_97]).content.keyring == ()


@pytest.mark.parametrize("server", [MARIADB, MYSQL_97])
def test_files_that_are_too_large_are_seen(server: str, servers: dict[str, DatabaseServer]) -> None:
    """Sparse files: large to whom asks for their size, and nothing to the disk. MySQL 5.6 tells no sizes of files."""
    single = Wanted(backup_format="directory")
    execute(servers[server], [f"CREATE TABLE huge{number} (id INT PRIMARY KEY)" for number in range(5)])
    try:
        before = facts_of(servers[server], wanted=single)
        for number in range(5):
            # A file of ext4 has 16 TiB at most.
            with (servers[server].datadir / "shop" / f"huge{number}.ibd").open("r+b") as stream:
                stream.truncate(15 << 40)
        after = facts_of(servers[server], wanted=single)
    finally:
        execute(servers[server], [f"DROP TABLE huge{number}" for number in range(5)])
    assert [look(check_id, before) for check_id in FIRED] == [None, None]
    size, largest = (look(check_id, after) for check_id in FIRED)
    assert size is not None and size.text == "The data take 75.0 TiB."
    assert largest is not None and largest.text == "The largest file has 16.5 TB."
    assert largest.objects.names[0].startswith("shop.huge")
