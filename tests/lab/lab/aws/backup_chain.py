# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Order a full backup and its increments by the LSNs in xtrabackup_checkpoints. Pure: texts in, chain out.

"Physical migration from MySQL by using Percona XtraBackup and Amazon S3" of the Aurora user guide: Aurora
identifies the base directory and orders the increments by their LSN ranges, and takes no partial and no encrypted one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class ChainError(Exception):
    """The backups do not make one whole chain; the text is the reason for the event."""


@dataclass(frozen=True)
class Checkpoints:
    """One backup's xtrabackup_checkpoints. `where` is whatever names the backup to the caller."""

    where: str
    backup_type: str
    from_lsn: int
    to_lsn: int
    last_lsn: int


def parse_checkpoints(text: str, where: str) -> Checkpoints:
    """Parse "name = value" lines; raise ChainError when a needed one is missing or no number."""
    values = {}
    for line in text.splitlines():
        name, separator, value = line.partition("=")
        if separator:
            values[name.strip()] = value.strip()
    try:
        lsns = (int(values[name]) for name in ("from_lsn", "to_lsn", "last_lsn"))
        return Checkpoints(where, values["backup_type"], *lsns)
    except (KeyError, ValueError) as exc:
        raise ChainError(f"The file xtrabackup_checkpoints in {where} is damaged ({exc}).") from exc


def refuse_unsupported(info: str, where: str) -> None:
    """Raise ChainError when an xtrabackup_info tells that its backup is partial, compressed or encrypted."""
    told = {name.strip(): value.strip() for name, _sign, value in (line.partition("=") for line in info.splitlines())}
    for name in ("partial", "compressed", "encrypted"):
        # 8.0 writes "compressed = compressed" where older ones write Y.
        if told.get(name, "N") in ("Y", name):
            raise ChainError(f"The backup in {where} is {name}, which is not supported.")


def order(backups: Iterable[Checkpoints]) -> list[Checkpoints]:
    """The chain from the full backup to the last increment.

    Raises ChainError unless there is exactly one full backup, not yet prepared, and every increment starts at the LSN
    where another backup ends, with no fork and no gap.
    """
    found = list(backups)
    if not found:
        raise ChainError("The file xtrabackup_checkpoints was not found in the backup.")
    for backup in found:
        if backup.backup_type not in ("full-backuped", "incremental"):
            raise ChainError(
                f"The backup in {backup.where} is of type {backup.backup_type}: it must not be prepared or partial."
            )
    full = [backup for backup in found if backup.from_lsn == 0]
    if len(full) != 1:
        raise ChainError(f"{len(full)} full backups were found where there must be one.")
    chain = full
    rest = [backup for backup in found if backup is not full[0]]
    while rest:
        following = [backup for backup in rest if backup.from_lsn == chain[-1].to_lsn]
        # While the server makes no checkpoint, an increment ends where it begins and has only redo log, up to last_lsn.
        # Those come before the one that goes on, in the order of their logs.
        short = [backup for backup in following if backup.to_lsn == backup.from_lsn]
        following = sorted(short, key=lambda backup: backup.last_lsn)[:1] or following
        if not following:
            raise ChainError(
                f"No incremental backup starts at LSN {chain[-1].to_lsn}; {', '.join(backup.where for backup in rest)}"
                " does not follow any backup."
            )
        if len(following) > 1:
            raise ChainError(
                f"{len(following)} incremental backups start at LSN {chain[-1].to_lsn}:"
                f" {', '.join(backup.where for backup in following)}."
            )
        chain = [*chain, following[0]]
        rest.remove(following[0])
    return chain
