# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One real database server as the description tells it: data directory, my.cnf, process, connections."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO, Any

import pymysql
from pymysql.cursors import DictCursor

from .certificates import ServerCertificate
from .description import ServerDescription, fill
from .errors import LabError
from .processes import Process, last_lines
from .state import State, write_secret


def quoted(value: object) -> str:
    """A value as my.cnf takes it, also with spaces, `#` and backslashes in it."""
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def literal(text: str) -> str:
    """A string as an SQL literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


class DatabaseServer:
    """A server under `home`: home/data, home/my.cnf, its socket and its process."""

    def __init__(self, name: str, home: Path, state: State, server: ServerDescription):
        self.name = name
        self.home = home
        self.server = server
        self.datadir = home / "data"
        # A starting server removes the temporary tables that it finds in its tmpdir, other servers' among them.
        self.tmpdir = home / "tmp"
        self.config_file = home / "my.cnf"
        self.log = state.log / f"{name}.log"
        self.socket = state.socket_dir() / f"{name}.sock"
        self.process = Process(name, state.run)

    def initialize(self) -> None:
        """Make an empty data directory with the described command; raise LabError with its output when it fails."""
        self.tmpdir.mkdir(parents=True, exist_ok=True)
        command = fill(self.server.initialize, datadir=self.datadir)
        environment = {**os.environ, "TMPDIR": str(self.tmpdir)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.home, env=environment)
        if done.returncode:
            raise LabError(f"{command[0]} could not make {self.datadir}:\n{(done.stdout + done.stderr)[-3000:]}")

    def write_config(self, arguments: list[str], **options: Any) -> None:
        """Write my.cnf: the server's own places, `arguments` ("--name=value" or "--name") and then `options`."""
        self.tmpdir.mkdir(parents=True, exist_ok=True)
        lines = ["[mysqld]", f"datadir={quoted(self.datadir)}", f"socket={quoted(self.socket)}"]
        lines += [f"tmpdir={quoted(self.tmpdir)}"]
        lines += [f"pid_file={quoted(self.home / 'server.pid')}", "bind_address=127.0.0.1", "skip_name_resolve"]
        # MySQL 8's second listener; servers without it pass over this.
        lines += ["loose_mysqlx=OFF"]
        if os.geteuid() == 0:
            lines.append("user=root")
        for argument in arguments:
            name, separator, value = argument.removeprefix("--").partition("=")
            lines.append(name.replace("-", "_") + (f"={quoted(value)}" if separator else ""))
        for name, value in options.items():
            lines.append(name if value is True else f"{name}={quoted(value)}")
        self.config_file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def tls_options(self, certificate: ServerCertificate) -> dict[str, Any]:
        """The options of write_config that switch TLS on."""
        return {"ssl_ca": certificate.ca, "ssl_cert": certificate.certificate, "ssl_key": certificate.key}

    def start(self, *arguments: str, password: str = "", user: str = "root", seconds: float = 120.0) -> None:
        """Start the server and wait until it takes a connection over its socket."""
        self.process.start([self.server.executable, f"--defaults-file={self.config_file}", *arguments], self.log)

        def answers() -> bool:
            try:
                self.connect(user=user, password=password).close()
            except pymysql.err.OperationalError as exc:
                # 1045 and 1698 are the server's own refusals: it is up, and this password is wrong.
                if exc.args[0] in (1045, 1698):
                    raise LabError(f"{self.name} refuses {user}: {exc.args[1]}\n{last_lines(self.log)}") from exc
                return False
            return True

        self.process.wait_until(answers, self.log, seconds)

    def stop(self) -> bool:
        """Stop the server; True if it ran."""
        return self.process.stop()

    def connect(self, user: str = "root", password: str = "") -> pymysql.connections.Connection[DictCursor]:
        """A connection over the socket, in autocommit mode, whose rows are dictionaries."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user=user,
            password=password,
            charset="utf8mb4",
            autocommit=True,
            cursorclass=DictCursor,
            connect_timeout=10,
        )

    def client_config(self, user: str, password: str) -> Path:
        """Write an option file for the command line client, readable by its owner only; returns its path."""
        path = self.home / "client.cnf"
        write_secret(
            path, f"[client]\nuser={quoted(user)}\npassword={quoted(password)}\nsocket={quoted(self.socket)}\n"
        )
        return path

    def run_sql(self, config: Path, sql: str | IO[bytes], database: str | None = None) -> None:
        """Feed SQL (a text, or a file with a descriptor) to the client; raise LabError with its message on an error."""
        command = [self.server.client, f"--defaults-file={config}", "--default-character-set=utf8mb4"]
        if database:
            command.append(f"--database={database}")
        if isinstance(sql, str):
            done = subprocess.run(
                command, input=sql.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
            )
        else:
            done = subprocess.run(command, stdin=sql, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise LabError(f"{self.name}: {done.stderr.decode('utf-8', 'replace').strip()}")


def rows(connection: pymysql.connections.Connection[DictCursor], sql: str) -> list[dict[str, Any]]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def execute(connection: pymysql.connections.Connection[DictCursor], *statements: str) -> None:
    """Run statements one after another."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
