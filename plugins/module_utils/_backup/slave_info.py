# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Where a replica stood in its source's binary log, as the tool's ``--slave-info`` tells it. Pure.

The tool writes statements into ``xtrabackup_slave_info``, a file of the backup alone, and a line into its log. Of a
stream that is on its way the line is all there is: the copies in the LSN directory are without that file.
"""

import re
from typing import List, NamedTuple, Tuple

SLAVE_INFO = "xtrabackup_slave_info"

_GTID_STATEMENT = re.compile(r"SET GLOBAL gtid_(?:purged|slave_pos) ?= ?'([^']*)'")
# MySQL names the channel behind, MariaDB the connection in front; XtraBackup 2.3 writes no semicolon.
_CHANGE_STATEMENT = re.compile(r"CHANGE (?:REPLICATION SOURCE|MASTER(?: '([^']*)')?) TO ([^;\n]+)")
_FILE_CLAUSE = re.compile(r"(?:MASTER|SOURCE)_LOG_FILE='([^']*)', (?:MASTER|SOURCE)_LOG_POS=(\d+)")
_CHANNEL_CLAUSE = re.compile(r"FOR CHANNEL '([^']*)'")

_MESSAGE = re.compile(r"MySQL (?:slave|replica) binlog position: (.*)", re.DOTALL)
# XtraBackup gives each channel a line, and names none before 2.4. Up to 2.3 a quote may be missing.
_MYSQL_CHANNEL = re.compile(
    r"(?:master|source) host '[^']*', (?:filename '([^']*)', position '?(\d+)'?|purge list '([^']*)')"
    r"(?:, channel name: '([^']*)')?"
)
_NEXT_CHANNEL = re.compile(r"\s*(?:master|source) host '")
_MARIADB_GTID = re.compile(r"^gtid_slave_pos '([^']*)'")
_MARIADB_CONNECTION = re.compile(r"master '([^']*)' (?:filename '([^']*)' position '(\d+)'|master_use_gtid)")


class SourcePosition(NamedTuple):
    """How far a replica had come with one of its sources."""

    channel: str
    """Its channel (MySQL) or connection (MariaDB); "" for the one without a name."""
    file: str
    """The source's binary log file; "" where the replica goes by GTIDs."""
    position: int
    gtid: str
    """``gtid_purged`` (MySQL) or ``gtid_slave_pos`` (MariaDB) for who goes on by GTIDs, on one line; else ""."""


def one_line(gtid: str) -> str:
    """A GTID set, which the tool spreads over lines, on one."""
    parts = [part.strip() for part in gtid.replace("\n", "").split(",")]
    return ",".join(part for part in parts if part)


def parse_slave_info(text: str) -> Tuple[SourcePosition, ...]:
    """What ``xtrabackup_slave_info`` says; nothing where it is in no known form.

    What is missing here is in the backup all the same, and is no reason to lose that.
    """
    found = _GTID_STATEMENT.search(text)
    gtid = one_line(found.group(1)) if found else ""
    positions: List[SourcePosition] = []
    for connection, clauses in _CHANGE_STATEMENT.findall(text):
        channel = _CHANNEL_CLAUSE.search(clauses)
        at = _FILE_CLAUSE.search(clauses)
        name = channel.group(1) if channel else connection
        positions.append(
            SourcePosition(name, at.group(1), int(at.group(2)), "") if at else SourcePosition(name, "", 0, gtid)
        )
    return tuple(positions)


class SlaveInfoMessage:
    """Picks what the tool says of its replica's position out of its log."""

    def __init__(self) -> None:
        self._lines: List[str] = []
        self._goes_on = False

    def hear(self, line: str) -> None:
        """Take a line of the log."""
        begin = _MESSAGE.search(line)
        if begin:
            self._lines = [begin.group(1)]
        elif self._goes_on and (self._lines[-1].rstrip().endswith(",") or _NEXT_CHANNEL.match(line)):
            self._lines.append(line)
        else:
            self._goes_on = False
            return
        self._goes_on = True

    def positions(self) -> Tuple[SourcePosition, ...]:
        """What was heard; nothing where the server is no replica, or a GTID set was too long for the log."""
        text = "\n".join(self._lines)
        gtid = _MARIADB_GTID.match(text)
        by_gtid = one_line(gtid.group(1)) if gtid else ""
        return (
            *(
                SourcePosition(channel, file, int(position or 0), one_line(purged))
                for file, position, purged, channel in _MYSQL_CHANNEL.findall(text)
            ),
            *(
                SourcePosition(connection, file, int(position or 0), "" if file else by_gtid)
                for connection, file, position in _MARIADB_CONNECTION.findall(text)
            ),
        )
