# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real servers that hold the same, until a test changes one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import comparison_checksum
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_run import Request, compare_servers
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile

from ..servers import DatabaseServer, mariadb_server

SAMPLE = """
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE shop.customer (id INT PRIMARY KEY, name VARCHAR(40), note TEXT, nick VARCHAR(20) CHARACTER SET latin1);
INSERT INTO shop.customer VALUES (1, 'Ada', 'first', 'a'), (2, 'Grace', 'second', 'g'), (3, 'Edsger', NULL, 'e'),
  (4, 'Barbara', '', 'é'), (5, 'Donald', 'fifth', 'd'), (9, 'Tony', 'ninth', 't');
CREATE TABLE shop.item (customer INT NOT NULL, line SMALLINT NOT NULL, code VARCHAR(10) NOT NULL DEFAULT 'x',
  price DECIMAL(9,2) NOT NULL DEFAULT 0, weight FLOAT, size DOUBLE, bits BIT(12), kind ENUM('big', 'small'),
  flags SET('a', 'b', 'c'), bought DATETIME(3), stamp TIMESTAMP(6) NULL, took TIME(2), made YEAR, picture BLOB,
  raw BINARY(4), place GEOMETRY, extra JSON, total DECIMAL(12,2) AS (price * 2) STORED,
  PRIMARY KEY (customer, line), UNIQUE KEY code_line (code, line), KEY by_kind (kind, code(3)),
  CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES shop.customer (id) ON DELETE CASCADE,
  CONSTRAINT priced CHECK (price >= 0));
INSERT INTO shop.item (customer, line, code, price, weight, size, bits, kind, flags, bought, stamp, took, made, picture,
  raw, place, extra) VALUES
  (1, 1, 'a', 1.50, 0.1, 0.1, b'101', 'big', 'a,c', '2020-02-29 12:00:00.123', '2020-10-25 01:30:00.5', '-12:00:00.25',
   1999, x'00ff00', 'ab', ST_GeomFromText('POINT(1 2)'), '{"a": 1}'),
  (1, 2, 'b', 2, 1e-30, 1.7976931348623157e308, 0, 'small', '', '2020-01-01', NULL, NULL, NULL, '', '', NULL,
   NULL),
  (2, 1, 'c ', 3, 16777216, 123456789.123456789, NULL, NULL, NULL, NULL, '2020-10-25 00:30:00.5', '10:00:00', 2024,
   NULL, 'abcd', ST_GeomFromText('LINESTRING(0 0, 1 1)'), '[]');
CREATE TABLE shop.log (at DATETIME, text VARCHAR(300)) ENGINE=MyISAM;
INSERT INTO shop.log VALUES ('2024-01-01', 'same'), ('2024-01-01', 'same'), ('2024-01-02', 'other');
CREATE TABLE shop.years (id INT, made DATE, PRIMARY KEY (id, made)) PARTITION BY RANGE (YEAR(made))
  (PARTITION old VALUES LESS THAN (2000), PARTITION young VALUES LESS THAN MAXVALUE);
INSERT INTO shop.years VALUES (1, '1990-01-01'), (1, '2020-01-01'), (2, '1990-01-01');
CREATE VIEW shop.dear AS SELECT id, name FROM shop.customer WHERE id > 1;
CREATE TRIGGER shop.stamp BEFORE INSERT ON shop.customer FOR EACH ROW SET NEW.nick = LOWER(NEW.nick);
CREATE FUNCTION shop.twice(n INT) RETURNS INT DETERMINISTIC NO SQL RETURN n * 2;
CREATE PROCEDURE shop.forget(IN who INT) DELETE FROM shop.customer WHERE id = who;
CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM shop.log;
CREATE USER app@'%' IDENTIFIED BY 'secret of app';
GRANT SELECT, INSERT ON shop.* TO app@'%';
GRANT UPDATE (name) ON shop.customer TO app@'%';
CREATE ROLE reader;
GRANT PROCESS ON *.* TO reader;
GRANT reader TO app@'%';
SET DEFAULT ROLE reader FOR app@'%'
"""


class Pair:
    """The two servers, and a comparison of them."""

    def __init__(self, source: DatabaseServer, target: DatabaseServer) -> None:
        self.source = source
        self.target = target

    def run(self, side: DatabaseServer, *statements: str) -> None:
        """Run statements on one side, as root, with the server's default SQL mode off."""
        with connect(side.login()) as connection:
            for statement in statements:
                connection.execute(statement)

    def compare(self, **options: Any) -> dict[str, Any]:
        """Compare them; options are members of ``Request``."""
        request: dict[str, Any] = {
            "source": self.source.login(),
            "target": self.target.login(),
            "schemas": [],
            "exclude_schemas": [],
            "data": "checksum",
            "parallel": 2,
            "max_differences": 50,
            "backup_binlog": None,
            "left_behind": {},
        }
        return compare_servers(Request(**{**request, **options}), ProgressFile(None))

    def differences(self, **options: Any) -> list[tuple[str, str, str]]:
        """Kind, object and severity of what differs."""
        return [(one["kind"], one["object"], one["severity"]) for one in self.compare(**options)["differences"]]

    def refill(self) -> None:
        """Bring both sides back to the sample."""
        for side in (self.source, self.target):
            with connect(side.login()) as connection:
                schemas = [row["Database"] for row in connection.rows("SHOW DATABASES")]
                for name in set(schemas) - {"mysql", "information_schema", "performance_schema", "sys"}:
                    connection.execute("DROP DATABASE `{}`".format(name.replace("`", "``")))
                for row in connection.rows(
                    "SELECT User, Host, is_role FROM mysql.user WHERE User NOT IN ('root', 'mariadb.sys', 'PUBLIC')"
                ):
                    if row["is_role"] == "Y":
                        connection.execute("DROP ROLE %s", (row["User"],))
                    else:
                        connection.execute("DROP USER %s@%s", (row["User"], row["Host"]))
                for statement in SAMPLE.split(";\n"):
                    connection.execute(statement)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two servers whose time zone is not UTC, with different default character sets."""
    home = tmp_path_factory.mktemp("verify")
    # A starting MariaDB clears its tmpdir of temporary tables, also of another server's that shares it.
    for name in ("source-tmp", "target-tmp"):
        (home / name).mkdir()
    common = ["--default-time-zone=+02:00"]
    ours = [*common, "--character-set-server=latin1", f"--tmpdir={home / 'source-tmp'}"]
    theirs = [*common, "--character-set-server=utf8mb4", f"--tmpdir={home / 'target-tmp'}"]
    with mariadb_server(home, "source", ours) as source, mariadb_server(home, "target", theirs) as target:
        yield Pair(source, target)


@pytest.fixture
def pair(servers: Pair) -> Pair:
    """Both sides hold the sample."""
    servers.refill()
    return servers


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows a chunk, so that the sample's tables have several."""
    monkeypatch.setattr(comparison_checksum, "_CHUNK_ROWS", (2, 2))
    monkeypatch.setattr(comparison_checksum, "_CHUNK_ROWS_UNKNOWN", 2)
