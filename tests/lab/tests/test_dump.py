# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user's own dump: whether it names its schema, and what of a MySQL 8's the lab's servers take."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace

import pytest
from lab import dump
from lab.description_file import load
from lab.errors import LabError
from lab_client import LAB

# As mysqldump 8.0 writes it of a server with GTIDs.
BINLOG = b"""SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '0d586fde-7c73-11e8-a890-525400486aa0:1-5,
3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77';
"""
KEPT = b"""/*!40101 SET NAMES utf8mb4 */;
USE `shop`;
"""
END = b"SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n"


@pytest.mark.parametrize(
    ("line", "chooses"),
    [
        (b"USE `shop`;", True),
        (b"use shop ;", True),
        (b"USE `odd ``name`;", True),
        (b"CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;", True),
        (b"/*!50003 CREATE SCHEMA shop */;", True),
        (b"    USE INDEX (by_name)", False),
        (b"USE INDEX (by_name) WHERE a = 1;", False),
        (b"CREATE TABLE t (a INT);", False),
    ],
)
def test_a_dump_chooses_its_schema_by_a_whole_statement(tmp_path: Path, line: bytes, chooses: bool) -> None:
    path = tmp_path / "shop.sql"
    path.write_bytes(b"-- a dump\n" + line + b"\n")
    assert dump.chooses_schema(path) is chooses


def test_what_is_about_another_server_s_binary_log_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "shop.sql.gz"
    path.write_bytes(gzip.compress(BINLOG + KEPT + END))
    assert b"".join(dump.translated(path, {})) == KEPT


@pytest.mark.parametrize(
    ("description", "stands_in"),
    [
        (
            "lab.yml",
            {
                "utf8mb4_0900_ai_ci": "utf8mb4_unicode_520_nopad_ci",
                "utf8mb4_de_pb_0900_ai_ci": "utf8mb4_unicode_520_nopad_ci",
                "utf8mb4_0900_as_ci": "utf8mb4_uca1400_nopad_as_ci",
                "utf8mb4_zh_0900_as_cs": "utf8mb4_nopad_bin",
                "utf8mb4_ja_0900_as_cs_ks": "utf8mb4_nopad_bin",
                "utf8mb4_0900_bin": "utf8mb4_nopad_bin",
            },
        ),
        (
            "mysql-5.6.yml",
            {
                "utf8mb4_0900_ai_ci": "utf8mb4_unicode_520_ci",
                "utf8mb4_0900_as_ci": "utf8mb4_bin",
                "utf8mb4_ja_0900_as_cs_ks": "utf8mb4_bin",
            },
        ),
    ],
)
def test_collations_that_a_server_lacks_are_replaced_outside_of_rows(
    tmp_path: Path, description: str, stands_in: dict[str, str]
) -> None:
    replacements = load(LAB / description).server.dump_replacements
    path = tmp_path / "shop.sql"
    for old, new in stands_in.items():
        rows = f"INSERT INTO `t` VALUES ('{old}');\n"
        path.write_text(f"  `a` varchar(9) COLLATE {old},\n) COLLATE={old};\n{rows}")
        told = b"".join(dump.translated(path, replacements)).decode()
        assert told == f"  `a` varchar(9) COLLATE {new},\n) COLLATE={new};\n{rows}"


def test_what_the_client_says_when_it_gives_up_is_what_is_told(tmp_path: Path) -> None:
    client = tmp_path / "client"
    client.write_text("#!/bin/sh\necho 'ERROR 1665 (HY000) at line 6: so it is' >&2\nexit 1\n")
    client.chmod(0o755)
    server = SimpleNamespace(server=SimpleNamespace(client=str(client), dump_replacements={}), home=tmp_path)
    path = tmp_path / "shop.sql"
    # More than a pipe takes, so that the client is gone while there is something to write.
    path.write_bytes(b"USE shop;\n" + b"INSERT INTO t VALUES (1);\n" * 100_000)
    with pytest.raises(LabError, match="does not load: ERROR 1665"):
        dump.load(server, tmp_path / "my.cnf", path)  # type: ignore[arg-type]
