# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What the tool's own messages mean: a stable id, the cause in plain words, and what to do."""

import re
from typing import List, NamedTuple, Pattern, Sequence

from .._errors import DbferryError

# The tools end with exactly this after a backup that is whole (Percona: "Create a full backup").
_COMPLETED = "completed OK!"

_QUOTED_LINES = 3

_HASH = re.compile(r"(IDENTIFIED (?:BY PASSWORD|VIA \S+ USING|WITH \S+ AS) )(?:'[^']*'|0x[0-9A-Fa-f]+)")


class _Meaning(NamedTuple):
    error_id: str
    pattern: Pattern[str]
    cause: str
    remedy: str


def _meaning(error_id: str, pattern: str, cause: str, remedy: str) -> _Meaning:
    return _Meaning(error_id, re.compile(pattern), cause, remedy)


# The first that is found decides, so what explains more stands before what only follows from it.
_MEANINGS: Sequence[_Meaning] = (
    _meaning(
        "source.access_denied",
        r"Access denied for user '[^']*'@'[^']*' \(using password: (?:YES|NO)\)",
        "The server refused the login.",
        "Check login_user and login_password, and that the account exists for the host that the server names.",
    ),
    _meaning(
        "source.missing_privileges",
        r"missing required privilege|Access denied; you need",
        "The account lacks privileges that a backup needs.",
        "GRANT RELOAD, PROCESS, LOCK TABLES, REPLICATION CLIENT ON *.* to it; for MySQL 8 also BACKUP_ADMIN ON *.* and "
        "SELECT ON performance_schema.log_status, .keyring_component_status and .replication_group_members.",
    ),
    _meaning(
        "source.authentication_plugin",
        r"Authentication plugin '[^']*' cannot be loaded|requires secure connection|"
        r"Authentication plugin '[^']*' reported error",
        "The tool and the server agree on no way to log in.",
        "Use the XtraBackup series of the server, or log in by the socket file, or over TLS.",
    ),
    _meaning(
        "source.not_mysql",
        r"reading initial communication packet|reading authorization packet|Malformed packet|Bad handshake",
        "What listens there does not speak the MySQL protocol, or hung up before it said who it is.",
        "Check login_host and login_port, and that no firewall or proxy closes the connection.",
    ),
    _meaning(
        "source.unreachable",
        r"Can't connect to .*server|Unknown (?:MySQL )?server host|Connection refused",
        "The server cannot be reached.",
        "Check that it runs, and login_host, login_port or login_unix_socket.",
    ),
    _meaning(
        "tool.unsupported_server",
        r"[Uu]nsupported server version|are not supported by Percona Xtra[Bb]ackup|"
        r"can only perform backups and restores",
        "The tool does not support this server's version.",
        "Install the series that belongs to the server: 2.4 to MySQL 5.7, 8.0 to 8.0, 8.4 to 8.4.",
    ),
    _meaning(
        "source.row_versions",
        r"row versions due to INSTANT ADD/DROP",
        "Tables have row versions of an instant ALTER TABLE, which this XtraBackup would copy wrongly.",
        "Run OPTIMIZE TABLE on the tables that the tool lists, or install XtraBackup 8.0.32 or later.",
    ),
    _meaning(
        "host.disk_full",
        r"No space left on device|[Ee]rr(?:no|code): ?28\b|Disk quota exceeded|[Ee]rr(?:no|code): ?122\b",
        "The disk that takes the backup is full.",
        "Free space there, or let the backup go to a larger disk.",
    ),
    _meaning(
        "host.too_many_open_files",
        r"Too many open files|[Ee]rr(?:no|code): ?24\b",
        "The tool may not open as many files as the server has tables.",
        "Raise the open files limit (ulimit -n) of the user who runs it.",
    ),
    _meaning(
        "source.redo_log_overwritten",
        r"log block numbers mismatch|log has wrapped around|redo log.*(?:overwritten|was overwritten)|"
        r"log copying being too slow|Was only able to copy log from",
        "The server overwrote its redo log before the tool had copied it: the log is too small for what is written.",
        "Take the backup when less is written, on a faster disk, with more threads, or with a larger redo log.",
    ),
    _meaning(
        "source.ddl_during_backup",
        r"An optimized \(without redo logging\) DDL|DDL operation has been performed",
        "A table was altered or indexed while the backup ran.",
        "Take it again when no DDL runs.",
    ),
    _meaning(
        "source.lock_timeout",
        r"Unable to obtain lock|Lock wait timeout exceeded",
        "The tool did not get its lock, because long queries held the tables.",
        "Take the backup when no long queries run.",
    ),
    _meaning(
        "host.datadir_unreadable",
        r"Can't change dir to|my_setwd\(\) failed|[Ee]rr(?:no|code): ?13\b|Permission denied|"
        r"does not have the access rights to the directory",
        "The operating system user may not read the server's data directory, or not write the backup's.",
        "Run as root or as the server's user, and check the directory's owner and mode.",
    ),
    _meaning(
        "host.out_of_memory",
        r"Out of memory|[Cc]annot allocate memory|std::bad_alloc",
        "The host has too little memory for the tool.",
        "Use fewer parallel threads, or free memory.",
    ),
    _meaning(
        "source.connection_lost",
        r"Lost connection to (?:MySQL )?server during query|server has gone away|Server shutdown in progress",
        "The server ended the connection while the backup ran.",
        "Look into the server's error log; if it was restarted, take the backup again.",
    ),
    _meaning(
        "tool.option_unknown",
        r"unknown (?:option|variable) '",
        "The tool does not know an option that it was given, on the command line or in config_file.",
        "Take the option out of config_file's group for the tool; server options belong into [mysqld].",
    ),
)


def is_complete(exit_status: int, last_line: str) -> bool:
    """Whether the tool succeeded: exit status 0, and a last line on standard error that ends in "completed OK!"."""
    return exit_status == 0 and last_line.rstrip().endswith(_COMPLETED)


def scrub(line: str, secret: str) -> str:
    """The line without the secret and without the password hashes that SHOW GRANTS puts into it."""
    if secret:
        line = line.replace(secret, "********")
    return _HASH.sub(r"\1'********'", line)


def explain(exit_status: int, tail: Sequence[str], log_file: str) -> DbferryError:
    """The error that a failed run of the tool is.

    :param exit_status: of the tool; negative for the number of the signal that ended it.
    :param tail: the last lines of its standard error, scrubbed.
    :param log_file: where the whole of it stands.
    """
    ended = "with exit status {0}".format(exit_status) if exit_status >= 0 else "by signal {0}".format(-exit_status)
    text = "\n".join(tail)
    for meaning in _MEANINGS:
        if meaning.pattern.search(text):
            said = [line.strip() for line in tail if meaning.pattern.search(line)] or _last_lines(tail)
            return _error(meaning.error_id, meaning.cause, meaning.remedy, said, ended, tail, log_file)
    cause = "The backup tool failed."
    if exit_status == 0:
        cause = 'The backup tool did not end with "completed OK!", so the backup is not whole.'
    return _error("backup.tool_failed", cause, "Read its log.", _last_lines(tail), ended, tail, log_file)


def _last_lines(tail: Sequence[str]) -> List[str]:
    return [line.strip() for line in tail if line.strip()][-_QUOTED_LINES:]


def _error(
    error_id: str, cause: str, remedy: str, said: Sequence[str], ended: str, tail: Sequence[str], log_file: str
) -> DbferryError:
    return DbferryError(
        "{0} The tool ended {1} and said: {2}".format(cause, ended, " / ".join(said[:_QUOTED_LINES]) or "nothing"),
        error_id,
        "{0} The whole of its log is in {1} on this host.".format(remedy, log_file),
        {"log_file": log_file, "tail": [line[:500] for line in tail[-20:]]},
    )
