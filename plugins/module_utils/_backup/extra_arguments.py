# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Which of the tool's options a user may pass on, and why the others are refused."""

import re
from typing import List, NamedTuple, Sequence, Tuple

from .._errors import DbferryError

_ARGUMENT = re.compile(r"--([A-Za-z][A-Za-z0-9_-]*)(=.*)?", re.DOTALL)

# MySQL's option parser takes these in front of an option's name ("Program Option Modifiers").
_MODIFIERS = re.compile(r"^(?:loose|skip|disable|enable|maximum)-")

# Harmless, though it abbreviates one that is not.
_WHOLE = ("defaults-group",)


class _Refusal(NamedTuple):
    names: Tuple[str, ...]
    why: str
    remedy: str


_COMPRESS = _Refusal(
    ("compress", "compress-chunk-size", "compress-threads", "compress-zstd-level"),
    "AWS says nowhere that Aurora reads backups that XtraBackup has compressed.",
    "Leave it out, and take format tar_gz where the tool can; or set allow_compress to try it on your own account.",
)

# AWS: "Physical migration from MySQL by using Percona XtraBackup and Amazon S3", limitations; the options are those of
# Percona's "xtrabackup option reference" and "innobackupex option reference".
_REFUSALS: Sequence[_Refusal] = (
    _Refusal(
        (
            *("databases", "databases-exclude", "databases-file", "tables", "tables-exclude", "tables-file"),
            *("include", "compact"),
        ),
        "It makes a partial backup, and Aurora reads none.",
        "Leave it out; drop what is not wanted from the cluster afterwards.",
    ),
    _Refusal(
        (
            *("encrypt", "encrypt-chunk-size", "encrypt-key", "encrypt-key-file", "encrypt-threads"),
            *("transition-key", "generate-transition-key"),
        ),
        "It makes an encrypted backup, and Aurora reads none.",
        "Leave it out; S3 encrypts the objects at rest.",
    ),
    _Refusal(
        (
            *("target-dir", "stream", "extra-lsndir", "no-timestamp", "fifo-dir", "fifo-streams", "fifo-timeout"),
            *("defaults-file", "defaults-extra-file", "defaults-group-suffix", "no-defaults", "print-defaults"),
            *("login-path", "no-login-paths", "user", "password", "password1", "password2", "password3"),
            *("host", "port", "socket", "datadir", "strict", "no-version-check", "version-check"),
            *("parallel", "throttle", "rsync", "slave-info", "safe-slave-backup"),
            *("lock-ddl", "lock-ddl-timeout", "ftwrl-wait-timeout", "kill-long-queries-timeout"),
            *("incremental", "incremental-basedir", "incremental-dir", "incremental-lsn"),
            *("incremental-history-name", "incremental-history-uuid"),
        ),
        "It is set by this collection itself.",
        "Use the option of the same purpose.",
    ),
    _Refusal(
        (
            *("backup", "prepare", "apply-log", "apply-log-only", "redo-only", "export", "stats", "copy-back"),
            *("move-back", "decompress", "decrypt", "remove-original", "rollback-prepared-trx", "print-param"),
            *("help", "version"),
        ),
        "It makes the tool do something else than a backup, or prepares the backup, and Aurora reads no prepared one.",
        "Leave it out.",
    ),
)


def check_extra_arguments(arguments: Sequence[str], allow_compress: bool = False) -> List[str]:
    """The arguments as they are passed on, or the refusal of the first that may not be.

    An abbreviation counts as the option that it abbreviates, since MySQL's option parser completes it.

    :param arguments: each of the form ``--name`` or ``--name=value``.
    :raises DbferryError: ``backup.option_forbidden``.
    """
    refusals = list(_REFUSALS) if allow_compress else [_COMPRESS, *_REFUSALS]
    for argument in arguments:
        match = _ARGUMENT.fullmatch(argument)
        if match is None:
            raise DbferryError(
                "The extra argument {0!r} is not of the form --name or --name=value.".format(argument.split("=")[0]),
                "backup.option_forbidden",
                "Write one option in each item, with its long name.",
            )
        name = _MODIFIERS.sub("", match.group(1).lower().replace("_", "-"))
        for refusal in refusals:
            meant = [forbidden for forbidden in refusal.names if forbidden.startswith(name)]
            if meant and name not in _WHOLE:
                raise DbferryError(
                    "The extra argument --{0} is not passed on. {1}".format(min(meant, key=len), refusal.why),
                    "backup.option_forbidden",
                    refusal.remedy,
                )
    return list(arguments)
