# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real server behind a restored cluster: prepared from a backup, stripped as Aurora does, with a master user."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable

import pymysql

from lab.certificates import TARGET_TLS, existing
from lab.database_server import DatabaseServer, execute, identifier, literal, rows
from lab.description import Description, fill
from lab.errors import LabError
from lab.processes import free_port
from lab.source import password
from lab.state import State

from .backup_chain import Checkpoints

SYSTEM_SCHEMAS = "('mysql', 'sys', 'information_schema', 'performance_schema')"
ACCOUNTS_A_STATEMENT = 200
# The settings with which the backup's files were made; the server on them must have the same.
BACKUP_SETTINGS = ("innodb_page_size", "innodb_data_file_path", "innodb_undo_tablespaces", "innodb_checksum_algorithm")
PAGE_SIZE = "16384"


class RestoreFault(Exception):
    """The backup cannot become a cluster; the text is the reason for the event."""


class AuroraServer:
    """Storage and server of one cluster, under the lab's targets/."""

    def __init__(self, identifier_: str, state: State, description: Description):
        self.state = state
        self.description = description
        self.home = state.targets / identifier_
        self.server = DatabaseServer(f"target-{identifier_}", self.home, state, description.server)
        self.port = free_port()
        self.admin_password = password()
        self.backup_settings: dict[str, str] = {}
        self.lock = threading.Lock()

    @property
    def incoming(self) -> Path:
        """Where the backup is fetched to."""
        return self.home / "incoming"

    def prepare(self, chain: list[Checkpoints]) -> None:
        """Prepare the chain with the described tool and make its full backup the data directory."""
        backup = self.description.backup
        base, *increments = self._taken_apart(chain)
        self.backup_settings = self._read_settings(base)
        if increments:
            self._run(fill(backup.prepare_base, directory=base))
            for increment in increments:
                self._run(fill(backup.prepare_incremental, directory=base, incremental=increment))
        self._run(fill(backup.prepare_full, directory=base))
        for file in [*base.glob("xtrabackup_*"), *base.glob("backup-my.cnf")]:
            file.unlink()
        base.rename(self.server.datadir)
        for directory in (self.incoming, self.home / "apart"):
            shutil.rmtree(directory, ignore_errors=True)

    def _taken_apart(self, chain: list[Checkpoints]) -> list[Path]:
        """The directories of the chain, with none inside another: to the tool and the server it would be a schema."""
        directories = {backup.where: self.incoming / backup.where for backup in chain}
        apart = self.home / "apart"
        apart.mkdir()
        # The innermost leave first, so that nothing that has been moved moves again.
        for number, where in enumerate(sorted(directories, key=lambda name: -len(Path(name).parts))):
            outer, directory = directories[where].parent, apart / str(number)
            directories[where].rename(directory)
            directories[where] = directory
            # A folder that held nothing but increments is no schema either.
            while outer.is_relative_to(self.incoming) and not any(outer.iterdir()):
                outer.rmdir()
                outer = outer.parent
        return [directories[backup.where] for backup in chain]

    def binlog_position(self, chain: list[Checkpoints]) -> str:
        """FILE and POS of the last backup of the chain, "" when its server had no binlog."""
        file = self.incoming / chain[-1].where / "xtrabackup_binlog_info"
        words = file.read_text(encoding="utf-8", errors="replace").split() if file.exists() else []
        return " ".join(words[:2])

    def _read_settings(self, base: Path) -> dict[str, str]:
        try:
            lines = (base / "backup-my.cnf").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError as exc:
            raise RestoreFault("The file backup-my.cnf was not found in the backup.") from exc
        pairs = (line.partition("=") for line in lines if "=" in line)
        settings = {name.strip(): value.strip() for name, _separator, value in pairs}
        if settings.get("innodb_page_size", PAGE_SIZE) != PAGE_SIZE:
            raise RestoreFault(f"innodb_page_size is {settings['innodb_page_size']}, it must be {PAGE_SIZE}.")
        return {name: settings[name] for name in BACKUP_SETTINGS if name in settings}

    def _run(self, command: list[str]) -> None:
        log = self.state.log / f"{self.server.name}-prepare.log"
        with open(log, "ab") as output:
            start = output.tell()
            status = subprocess.run(command, stdout=output, stderr=output, check=False).returncode
        if status:
            with open(log, "rb") as output:
                output.seek(start)
                lines = output.read().decode("utf-8", "replace").splitlines()
            said = [line for line in lines if "rror" in line or "FATAL" in line] or lines
            raise RestoreFault(f"Preparing the backup failed with status {status}: {' '.join(said[-2:])}")

    def _configure(self, parameters: Mapping[str, str]) -> None:
        certificate = existing(self.state.tls, TARGET_TLS)
        options: dict[str, Any] = {"port": self.port, "server_id": self.port, **self.server.tls_options(certificate)}
        options.update(self.backup_settings)
        # "loose": Aurora has parameters that this server does not know, and it shall start all the same.
        options.update({f"loose_{name}": value for name, value in parameters.items()})
        self.server.write_config(self.description.aurora.server_arguments, **options)

    def strip_and_hand_over(
        self,
        parameters: Mapping[str, str],
        master_user: str,
        master_password: str,
        database: str | None,
        warn: Callable[[str], None],
    ) -> None:
        """Drop what Aurora's restore does not bring, convert MyISAM, make rdsadmin and the master user.

        `warn` gets a text for each table that cannot be converted. The server is stopped again at the end.
        """
        # A named zone may not be known before Aurora's own zone tables are there.
        self._configure({name: value for name, value in parameters.items() if name != "default_time_zone"})
        try:
            self.server.start("--skip-grant-tables", "--skip-networking", "--event-scheduler=DISABLED")
            connection = self.server.connect()
            execute(connection, "FLUSH PRIVILEGES", "SET SESSION sql_log_bin = 0")
            self._drop_accounts(connection)
            execute(
                connection,
                f"CREATE USER 'rdsadmin'@'localhost' IDENTIFIED BY {literal(self.admin_password)}",
                "GRANT ALL PRIVILEGES ON *.* TO 'rdsadmin'@'localhost' WITH GRANT OPTION",
            )
            self._drop_code(connection)
            self._drop_strangers_in_mysql(connection)
            self._replace_zone_tables(connection)
            self._convert_tables(connection, warn)
            self._make_master(connection, master_user, master_password)
            if database:
                execute(connection, f"CREATE DATABASE IF NOT EXISTS {identifier(database)}")
            connection.close()
        except (LabError, pymysql.err.MySQLError) as exc:
            raise RestoreFault(f"The server could not open the prepared backup: {exc}") from exc
        finally:
            self.server.stop()

    def _drop_accounts(self, connection: Any) -> None:
        found = rows(connection, "SELECT * FROM mysql.user")
        gone = [row for row in found if row["User"] not in self.description.aurora.kept_accounts]
        roles = [identifier(row["User"]) for row in gone if row.get("is_role") == "Y"]
        users = [f"{literal(row['User'])}@{literal(row['Host'])}" for row in gone if row.get("is_role") != "Y"]
        for kind, names in (("USER", users), ("ROLE", roles)):
            for begin in range(0, len(names), ACCOUNTS_A_STATEMENT):
                execute(connection, f"DROP {kind} {', '.join(names[begin : begin + ACCOUNTS_A_STATEMENT])}")

    def _drop_code(self, connection: Any) -> None:
        routines = rows(
            connection,
            "SELECT routine_type AS kind, routine_schema AS home, routine_name AS name FROM information_schema.routines"
            f" WHERE routine_schema NOT IN {SYSTEM_SCHEMAS}",
        )
        for row in routines:
            execute(connection, f"DROP {row['kind']} {identifier(row['home'])}.{identifier(row['name'])}")
        execute(connection, "DELETE FROM mysql.func", "DELETE FROM mysql.plugin")

    def _drop_strangers_in_mysql(self, connection: Any) -> None:
        known = set(self.state.read(self.state.system_tables)["tables"])
        for row in rows(connection, "SHOW FULL TABLES FROM mysql"):
            name = row["Tables_in_mysql"]
            if name not in known:
                kind = "VIEW" if row["Table_type"] == "VIEW" else "TABLE"
                execute(connection, f"DROP {kind} mysql.{identifier(name)}")

    def _replace_zone_tables(self, connection: Any) -> None:
        for suffix in ("", "_name", "_transition", "_transition_type", "_leap_second"):
            execute(connection, f"DELETE FROM mysql.time_zone{suffix}")
        config = self.server.client_config("rdsadmin", self.admin_password)
        with open(self.state.zone_sql, "rb") as zones:
            self.server.run_sql(config, zones, database="mysql")

    def _convert_tables(self, connection: Any, warn: Callable[[str], None]) -> None:
        tables = rows(
            connection,
            "SELECT table_schema AS home, table_name AS name FROM information_schema.tables"
            f" WHERE engine IN ('MyISAM', 'Aria') AND table_schema NOT IN {SYSTEM_SCHEMAS}",
        )
        for row in tables:
            name = f"{identifier(row['home'])}.{identifier(row['name'])}"
            try:
                execute(connection, f"ALTER TABLE {name} ENGINE=InnoDB")
            except pymysql.err.MySQLError as exc:
                # RDS-EVENT-0077.
                warn(f"Failed to convert {name} to InnoDB. Reason: {exc.args[-1]}")

    def _make_master(self, connection: Any, user: str, secret: str) -> None:
        account = f"{literal(user)}@'%'"
        execute(connection, f"CREATE USER {account} IDENTIFIED BY {literal(secret)}")
        for privilege in self.description.aurora.master_privileges:
            try:
                execute(connection, f"GRANT {privilege} ON *.* TO {account} WITH GRANT OPTION")
            except pymysql.err.MySQLError as exc:
                print(f"{self.server.name}: this server has no privilege {privilege} ({exc.args[0]})", flush=True)

    def start(self, parameters: Mapping[str, str]) -> None:
        """Start the server on its port with the cluster's parameters; raise LabError with its log when it does not."""
        with self.lock:
            if self.server.process.pid() is None:
                self._configure(parameters)
                self.server.start(user="rdsadmin", password=self.admin_password)

    def stop(self) -> None:
        """Stop the server; its data stays."""
        with self.lock:
            self.server.stop()

    def remove(self) -> None:
        """Stop the server and remove its data."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def set_global(self, variable: str, value: str) -> None:
        """SET GLOBAL on the running server; nothing when it is stopped. Raise LabError when the server refuses."""
        if self.server.process.pid() is None:
            return
        connection = self.server.connect("rdsadmin", self.admin_password)
        try:
            number = value.lstrip("-").isdecimal()
            execute(connection, f"SET GLOBAL {variable} = {value if number else literal(value)}")
        except pymysql.err.MySQLError as exc:
            raise LabError(f"{variable}: {exc.args[-1]}") from exc
        finally:
            connection.close()

    def set_master_password(self, user: str, secret: str) -> None:
        """Change the master user's password on the running server."""
        connection = self.server.connect("rdsadmin", self.admin_password)
        execute(connection, f"ALTER USER {literal(user)}@'%' IDENTIFIED BY {literal(secret)}")
        connection.close()

    def endpoint(self) -> dict[str, Any]:
        """What endpoints.json says of this target."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "unix_socket": str(self.server.socket),
            "config_file": str(self.server.config_file),
            "datadir": str(self.server.datadir),
            "admin_user": "rdsadmin",
            "admin_password": self.admin_password,
            "ca_cert": str(existing(self.state.tls, TARGET_TLS).ca),
        }
