# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time zones in the tables of real servers, put there by each server's own tool from this machine's zone data."""

from __future__ import annotations

import subprocess
from typing import NamedTuple

from ..mysql_servers import SERVERS
from ..servers import ROOT_PASSWORD, ROOT_USER, DatabaseServer

ZONEINFO = "/usr/share/zoneinfo"


class ZoneTools(NamedTuple):
    """A kind of server's programs: what makes SQL from zone data, and what runs it."""

    to_sql: str
    client: str

    def sql(self, *arguments: str) -> str:
        """The SQL that the tool makes; no arguments stand for all zones of this machine, without second copies."""
        done = subprocess.run(
            [self.to_sql, *(arguments or (f"{ZONEINFO}/posix",))], capture_output=True, text=True, check=True
        )
        return done.stdout

    def load(self, server: DatabaseServer, *zones: str) -> None:
        """Fill a server's tables with these zones, or with all."""
        sql = "".join(self.sql(f"{ZONEINFO}/{zone}", zone) for zone in zones) if zones else self.sql()
        self.run(server, _EMPTY + sql)

    def run(self, server: DatabaseServer, sql: str) -> None:
        """Run statements in the schema mysql."""
        # A server of the tests on loopback: its password is no secret.
        login = [f"--socket={server.socket}", f"--user={ROOT_USER}", f"--password={ROOT_PASSWORD}"]
        done = subprocess.run(
            [self.client, "--no-defaults", *login, "mysql"], input=sql, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]


ZONE_TABLES = ("time_zone", "time_zone_name", "time_zone_transition", "time_zone_transition_type")
_EMPTY = "".join(f"TRUNCATE TABLE {table};\n" for table in ZONE_TABLES)

TOOLS = {
    "MariaDB": ZoneTools("mariadb-tzinfo-to-sql", "mariadb"),
    "9.7": ZoneTools(str(SERVERS / "mysql-9.7/bin/mysql_tzinfo_to_sql"), str(SERVERS / "mysql-9.7/bin/mysql")),
    "5.6": ZoneTools(str(SERVERS / "mysql-5.6/bin/time_zone_sql"), "mariadb"),
}
