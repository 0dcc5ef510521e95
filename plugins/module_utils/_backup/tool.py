# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Which backup tool stands on the host, and whether it fits the server."""

import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from .._errors import DbferryError

Numbers = Tuple[int, int, int]

OLDEST_XTRABACKUP = (2, 3, 0)

# XtraBackup 8.0.34 was the first to take servers newer than itself, and 8.0.35 ended the support of servers
# older than 8.0.34 (Percona: "Supported versions").
_FIRST_OPEN_ENDED = (8, 0, 34)
_FIRST_WITHOUT_OLDER_SERVERS = (8, 0, 35)

_VERSION = re.compile(r"(?:^|/|\s)(?:xtrabackup\w*|innobackupex) version (\d+)\.(\d+)(?:\.(\d+))?(\S*)")
_OLD_VERSION = re.compile(r"(?:xtrabackup\w*\s+Ver |InnoDB Backup Utility v)(\d+)\.(\d+)(?:\.(\d+))?([^\s;]*)")
_MARIADB = re.compile(r"based on MariaDB server (\d+)\.(\d+)\.(\d+)(\S*)")
_SERVER = re.compile(r"^(\d+)\.(\d+)(?:\.(\d+))?")

# Server series to the XtraBackup series that can read it, best first (Percona: "Supported versions" of each series).
_SERIES_OF_SERVER: Dict[Tuple[int, int], Tuple[str, ...]] = {
    (5, 1): ("2.4", "2.3"),
    (5, 5): ("2.4", "2.3"),
    (5, 6): ("2.4", "2.3"),
    (5, 7): ("2.4",),
    (8, 0): ("8.0",),
    (8, 4): ("8.4",),
}


class Tool(NamedTuple):
    """A backup tool: its path, ``version`` as it says it, the same as numbers, and its kind."""

    executable: str
    version: str
    numbers: Numbers
    series: str
    """``2.3``, ``2.4``, ``8.0``, ``8.4``; for mariabackup the MariaDB series, such as ``10.11``."""
    flavour: str
    """``xtrabackup`` or ``mariabackup``."""


class Package(NamedTuple):
    """What to install for a series: Percona's package, and the folder of Percona's repository that has it."""

    name: str
    repository: str


_PACKAGES = {
    "2.3": Package("percona-xtrabackup", "percona"),
    "2.4": Package("percona-xtrabackup-24", "pxb-24"),
    "8.0": Package("percona-xtrabackup-80", "pxb-80"),
    "8.4": Package("percona-xtrabackup-84", "pxb-84-lts"),
}

SERIES = tuple(_PACKAGES)


class Server(NamedTuple):
    """A server's version as numbers, as it says it, and its flavour: ``mysql``, ``percona`` or ``mariadb``."""

    numbers: Numbers
    version: str
    flavour: str


def parse_version_output(executable: str, text: str) -> Tool:
    """The tool that printed ``text`` for ``--version``.

    :param executable: its path, taken into the result.
    :param text: standard output and standard error together.
    :raises DbferryError: ``tool.version_unknown``, nothing in the text is a version.
    """
    mariadb = _MARIADB.search(text)
    if mariadb:
        return _tool(executable, mariadb, "mariabackup")
    match = _VERSION.search(text) or _OLD_VERSION.search(text)
    if match is None:
        raise DbferryError(
            "{0} --version printed no version that XtraBackup or mariabackup prints: {1!r}.".format(
                executable, text.strip()[-300:]
            ),
            "tool.version_unknown",
            "Check that the path is the backup program itself and that it starts on this host.",
        )
    return _tool(executable, match, "mariabackup" if "MariaDB" in match.group(4) else "xtrabackup")


def _tool(executable: str, match: "re.Match[str]", flavour: str) -> Tool:
    major, minor, patch = int(match.group(1)), int(match.group(2)), int(match.group(3) or 0)
    version = "{0}.{1}.{2}{3}".format(major, minor, patch, match.group(4))
    return Tool(executable, version, (major, minor, patch), "{0}.{1}".format(major, minor), flavour)


def parse_server(version: str, flavour: str = "") -> Server:
    """A server from what ``SELECT VERSION()`` says.

    :param version: such as ``8.0.36``, ``5.7.44-log`` or ``10.11.19-MariaDB-0+deb12u1-log``.
    :param flavour: ``mysql``, ``percona`` or ``mariadb``; "" takes it from the version.
    :raises DbferryError: ``server.version_unknown``.
    """
    match = _SERVER.match(version.strip())
    if match is None:
        raise DbferryError(
            "{0!r} is not a MySQL server's version.".format(version),
            "server.version_unknown",
            "Give the version as SELECT VERSION() prints it, such as 8.0.36.",
        )
    numbers = (int(match.group(1)), int(match.group(2)), int(match.group(3) or 0))
    if not flavour:
        flavour = "mariadb" if "mariadb" in version.lower() or numbers[0] >= 10 else "mysql"
    return Server(numbers, version.strip(), flavour)


def series_for(server: Server) -> Tuple[str, ...]:
    """The XtraBackup series that can read the server, best first; empty where there is none."""
    if server.flavour == "mariadb":
        return ()
    return _SERIES_OF_SERVER.get(server.numbers[:2], ())


def package_for(series: str) -> Package:
    """Percona's package and repository for one of ``SERIES``."""
    return _PACKAGES[series]


def compatibility_arguments(server: Server, tool: Tool) -> List[str]:
    """Arguments without which the pair would not be supported.

    XtraBackup 8.0.35 and later take servers below 8.0.34 only with these (Percona: "Supported versions").
    """
    if (
        tool.flavour == "xtrabackup"
        and tool.numbers >= _FIRST_WITHOUT_OLDER_SERVERS
        and tool.series == "8.0"
        and server.numbers < _FIRST_OPEN_ENDED
    ):
        return ["--no-server-version-check", "--lock-ddl=ON"]
    return []


def fit_problem(server: Server, tool: Tool, allow_mariadb: bool = False) -> Optional[DbferryError]:
    """Why the tool cannot back up the server so that Aurora reads it; ``None`` when it can.

    :param allow_mariadb: let mariabackup take a MariaDB server; for labs, since Aurora refuses both.
    """
    if server.flavour == "mariadb" or tool.flavour == "mariabackup":
        return _mariadb_problem(server, tool, allow_mariadb)
    if tool.numbers < OLDEST_XTRABACKUP:
        return _misfit(
            "tool.too_old",
            server,
            tool,
            "Aurora reads backups of XtraBackup 2.3 and later only.",
            "Install a newer one{0}.".format(":" + _suggestion(server) if series_for(server) else ""),
        )
    fitting = series_for(server)
    if not fitting:
        return _misfit(
            "server.unsupported",
            server,
            tool,
            "No XtraBackup series supported here reads this server.",
            "Aurora restores backups of MySQL 5.7 and 8.0; copy this server logically with other tools.",
        )
    if tool.series not in fitting:
        return _misfit(
            "tool.wrong_series",
            server,
            tool,
            "XtraBackup {0} cannot read a {1}.{2} server.".format(tool.series, *server.numbers[:2]),
            "Install{0}.".format(_suggestion(server)),
        )
    return _eight_zero_problem(server, tool)


def _eight_zero_problem(server: Server, tool: Tool) -> Optional[DbferryError]:
    if tool.series != "8.0" or tool.numbers >= _FIRST_OPEN_ENDED or tool.numbers >= server.numbers:
        return None
    return _misfit(
        "tool.older_than_server",
        server,
        tool,
        "XtraBackup before 8.0.34 takes no server that is newer than itself.",
        "Install the newest percona-xtrabackup-80.",
    )


def _mariadb_problem(server: Server, tool: Tool, allow_mariadb: bool) -> Optional[DbferryError]:
    if not allow_mariadb:
        return _misfit(
            "tool.mariadb_not_allowed",
            server,
            tool,
            "Aurora MySQL reads neither a MariaDB server's files nor mariabackup's.",
            "Copy a MariaDB server logically; for a MySQL server{0}. Only a lab may allow MariaDB.".format(
                " install" + _suggestion(server) if series_for(server) else " install XtraBackup"
            ),
        )
    if server.flavour != "mariadb" or tool.flavour != "mariabackup":
        return _misfit(
            "tool.wrong_flavour",
            server,
            tool,
            "mariabackup reads MariaDB servers only, and XtraBackup reads none of them.",
            "Use mariabackup for MariaDB and XtraBackup for MySQL.",
        )
    if tool.numbers[:2] != server.numbers[:2]:
        return _misfit(
            "tool.wrong_series",
            server,
            tool,
            "mariabackup reads servers of its own series.",
            "Install the mariadb-backup package that belongs to the server.",
        )
    return None


def _suggestion(server: Server) -> str:
    for series in series_for(server):
        return " {0} (repository {1})".format(*_PACKAGES[series])
    return ""


def _misfit(error_id: str, server: Server, tool: Tool, why: str, remedy: str) -> DbferryError:
    seen = "{0} is {1} {2}, the server is {3} {4}.".format(
        tool.executable, tool.flavour, tool.version, server.flavour, server.version
    )
    return DbferryError("{0} {1}".format(seen, why), error_id, remedy)
