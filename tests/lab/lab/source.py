# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The source servers: real ones, with TLS, binlog, a named time zone, accounts, and data that looks like a shop's."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path
from typing import Any

from . import dump
from .certificates import ServerCertificate
from .database_server import DatabaseServer, execute, literal, rows
from .description import Description
from .errors import LabError
from .processes import free_port
from .sample_text import features, render
from .state import State

SAMPLE_DIR = Path(__file__).parent / "sample"
SAMPLE_FILES = ("data.sql", "code.sql", "accounts.sql", "views.sql")
# Thousands of orders; the other tables follow. 80 makes more than 200 MB of InnoDB data.
FULL_SIZE = 80
SMALL_SIZE = 4
FAST_SIZE = 1


def password() -> str:
    """A random password with a character that needs care in option files and YAML."""
    return secrets.token_urlsafe(15) + "#'x"


class Source:
    """One source server of the lab."""

    def __init__(self, name: str, state: State, description: Description, server_id: int):
        self.name = name
        self.state = state
        self.description = description
        self.server_id = server_id
        self.server = DatabaseServer(name, state.sources / name, state, description.server)
        self.root_password = password()
        self.migrator_password = password()
        self.sample_password = password()
        self.port = free_port()

    def start(self, certificate: ServerCertificate) -> None:
        """Initialise and start the server, load the zone tables, make root and migrator."""
        server = self.server
        server.initialize()
        options: dict[str, Any] = {"port": self.port, "server_id": self.server_id}
        if self.description.server.tls:
            options.update(server.tls_options(certificate))
        server.write_config(self.description.server.arguments, **options)
        server.start()
        config = server.client_config("root", "")
        with open(self.state.zone_sql, "rb") as zones:
            server.run_sql(config, zones, database="mysql")
        self._make_accounts()
        server.client_config("root", self.root_password)
        # Named zones are known only now, so the configuration gets the zone for the next start.
        zone = self.description.server.time_zone
        server.write_config(self.description.server.arguments, **options, default_time_zone=zone)
        connection = server.connect(password=self.root_password)
        execute(connection, f"SET GLOBAL time_zone = {literal(zone)}")
        connection.close()

    def _make_accounts(self) -> None:
        connection = self.server.connect()
        # What stands in `mysql` on a new server; everything else there is a user's and does not reach Aurora.
        tables = [row["Tables_in_mysql"] for row in rows(connection, "SHOW TABLES FROM mysql")]
        self.state.write(self.state.system_tables, {"tables": tables})
        for row in rows(connection, "SELECT User AS user, Host AS host FROM mysql.user"):
            kept = self.description.aurora.kept_accounts
            if (row["user"], row["host"]) != ("root", "localhost") and row["user"] not in kept:
                execute(connection, f"DROP USER {literal(row['user'])}@{literal(row['host'])}")
        privileges = ", ".join(self.description.server.migrator_privileges)
        secret = literal(self.migrator_password)
        only_with_tls = " REQUIRE SSL" if self.description.server.tls else ""
        set_password = self.description.server.set_password
        for name, value in (("account", "'root'@'localhost'"), ("password", literal(self.root_password))):
            set_password = set_password.replace("{" + name + "}", value)
        execute(
            connection,
            f"CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY {literal(self.root_password)}",
            "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION",
            # The backup comes over the socket, the controller over TCP and only with TLS.
            f"CREATE USER 'migrator'@'localhost' IDENTIFIED BY {secret}",
            f"CREATE USER 'migrator'@'127.0.0.1' IDENTIFIED BY {secret}{only_with_tls}",
            f"GRANT {privileges} ON *.* TO 'migrator'@'localhost'",
            f"GRANT {privileges} ON *.* TO 'migrator'@'127.0.0.1'",
            set_password,
        )
        connection.close()

    def load_sample(self, size: int) -> str:
        """Load the sample database; `size` is the number of thousands of orders. Returns a line about what came in."""
        config = self.server.client_config("root", self.root_password)
        without = self.description.server.sample_without
        for text in _sample_texts():
            text = render(text, without)
            text = text.replace("{{size}}", str(size)).replace("{{password}}", literal(self.sample_password))
            self.server.run_sql(config, text)
        return self.describe_data()

    def load_dump(self, path: Path) -> str:
        """Load the user's own dump. Returns a line about what came in."""
        schema = dump.load(self.server, self.server.client_config("root", self.root_password), path)
        return (f"into schema {schema}: " if schema else "") + self.describe_data()

    def describe_data(self) -> str:
        """A line with the size and the number of tables of the user schemas."""
        connection = self.server.connect(password=self.root_password)
        (found,) = rows(
            connection,
            "SELECT COUNT(*) AS tables, COALESCE(SUM(data_length + index_length), 0) AS bytes"
            " FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')",
        )
        connection.close()
        return f"{found['tables']} tables, {int(found['bytes']) // 1_000_000} MB"

    def endpoint(self, certificate: ServerCertificate) -> dict[str, Any]:
        """What endpoints.json says of this source."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "unix_socket": str(self.server.socket),
            "config_file": str(self.server.config_file),
            "datadir": str(self.server.datadir),
            "user": "migrator",
            "password": self.migrator_password,
            "root_user": "root",
            "root_password": self.root_password,
            "sample_password": self.sample_password,
            "ca_cert": str(certificate.ca) if self.description.server.tls else "",
        }


def _sample_texts() -> list[str]:
    return [(SAMPLE_DIR / file).read_text(encoding="utf-8") for file in SAMPLE_FILES]


def require_known_features(description: Description) -> None:
    """Raise LabError when the description takes something out of the sample data that is not in it."""
    known = set().union(*map(features, _sample_texts()))
    for feature in description.server.sample_without:
        if feature not in known:
            raise LabError(
                f"{description.path}: server.sample_without names {feature}, which the sample lacks"
                f" (it has {', '.join(sorted(known))})"
            )


def write_zone_sql(state: State, description: Description) -> None:
    """Write the zone tables of this machine's zoneinfo as SQL, for the sources and for Aurora's stand-in."""
    command = description.server.time_zone_sql
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise LabError(f"{command[0]} made no zone tables: {done.stderr.decode('utf-8', 'replace')[-1000:]}")
    state.zone_sql.write_bytes(done.stdout)
