# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real MySQL 9.7 servers for the measurement, with what is counted in them, and the long line before one."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Sequence

import pymysql
from measure import BenchError
from places import CHECKOUT
from pymysql.constants import CLIENT

# The servers of the integration tests are what is measured here, too.
sys.path.insert(0, str(CHECKOUT / "tests"))
from integration.mysql_servers import mysql_server
from integration.servers import ROOT_PASSWORD, ROOT_USER, free_port, mariadb_server

VERSION = "9.7"
MARIADB = "10.11"
_START_SECONDS = 10
_TABLES = ("user", "db", "tables_priv", "role_edges")
# What a server has of its own: its routines are those of schema sys.
_ROUTINES = "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA <> 'sys'"


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    socket: Path

    def login(self) -> dict[str, Any]:
        """What PyMySQL takes."""
        return {"host": "127.0.0.1", "port": self.port, "user": ROOT_USER, "password": ROOT_PASSWORD}

    def module_login(self, port: int = 0) -> dict[str, Any]:
        """What the collection's modules take; *port* is that of a line to the server."""
        return {
            "login_host": "127.0.0.1",
            "login_port": port or self.port,
            "login_user": ROOT_USER,
            "login_password": ROOT_PASSWORD,
        }

    def run(self, statements: Sequence[str]) -> None:
        """Run statements; each has to succeed."""
        with pymysql.connect(**self.login(), autocommit=True, client_flag=CLIENT.MULTI_STATEMENTS) as connection:
            with connection.cursor() as cursor:
                for first in range(0, len(statements), 250):
                    cursor.execute(";\n".join(statements[first : first + 250]))
                    while cursor.nextset():
                        pass

    def statements(self) -> int:
        """How many statements clients have sent it so far."""
        return int(self._value("SHOW GLOBAL STATUS LIKE 'Questions'", 1))

    def holds(self) -> dict[str, int]:
        """How many rows its grant tables have, and how many routines it has."""
        counted = {table: int(self._value(f"SELECT COUNT(*) FROM mysql.{table}")) for table in _TABLES}
        return {**counted, "routines": int(self._value(_ROUTINES))}

    def _value(self, query: str, column: int = 0) -> Any:
        with pymysql.connect(**self.login()) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[column]


@contextlib.contextmanager
def server(before: Sequence[str], version: str = VERSION, arguments: Sequence[str] = ()) -> Iterator[Server]:
    """A fresh server in which the statements *before* were run; *version*: of MySQL, or ``MARIADB``."""
    with tempfile.TemporaryDirectory(prefix="dbferry-bench-") as home:
        if version == MARIADB:
            started = mariadb_server(Path(home), server_args=arguments, binlog=False)
        else:
            started = mysql_server(Path(home), version, server_args=arguments)
        with started as running:
            found = Server(running.port, running.socket)
            found.run(before)
            yield found


@contextlib.contextmanager
def long_line(to: Server, seconds: float) -> Iterator[int]:
    """A port that leads to the server, with so many seconds of round trip."""
    port = free_port()
    argv = [sys.executable, str(Path(__file__).with_name("delay.py")), str(port), str(to.port), str(seconds)]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as process:
        try:
            limit = time.monotonic() + _START_SECONDS
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > limit:
                    raise BenchError("the long line could not be laid")
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError, pymysql.err.Error):
        with pymysql.connect(host="127.0.0.1", port=port, user=ROOT_USER, password=ROOT_PASSWORD):
            return True
    return False
