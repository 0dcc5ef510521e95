# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the source server: version, flavour, sizes of the whole. Pure."""

from __future__ import annotations

from typing import Optional

from .._aurora.engine_versions import check_pair
from .._backup.formats import FILES_WITH_ONE_INCREMENT, MOST_FILES
from .._backup.parts import LARGEST_PART
from . import links
from .facts import Facts
from .model import BLOCKER, LOGICAL, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, need, objects_of
from .server_facts import ServerFacts
from .table_facts import TableFacts

TIB = 1024**4
# AWS, "Physical migration from MySQL by using Percona XtraBackup and Amazon S3".
_MOST_BYTES = 64 * TIB
_OLDEST = (5, 5)
READ = ((5, 7), (8, 0))
"""Series whose backups Aurora reads."""
EARLY = ((8, 0, 11), (8, 0, 13), (8, 0, 15))
_REDO_SECONDS = 3600
_REDO_CAPACITY = 8 * 2**30


def server_of(facts: Facts) -> ServerFacts:
    """The facts of a server whose check needs them."""
    return need(facts.server, "server")


def tables_of(facts: Facts) -> TableFacts:
    """The facts of tables whose check needs them."""
    return need(facts.tables, "tables")


def _flavour(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if server.mysql:
        return None
    text = f"The source is {server.version_text} ({server.version.flavour})."
    if server.version.mariadb and facts.wanted.allow_mariadb:
        return Seen(f"{text} allow_mariadb lets it stand for MySQL, in a lab.", severity=NOTE)
    return Seen(text)


def _unsupported(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if server.version.mariadb or server.series >= _OLDEST:
        return None
    return Seen(f"The source is MySQL {server.version.text}.")


def _too_old(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if server.version.mariadb or not _OLDEST <= server.series < READ[0]:
        return None
    steps = "5.6, then to 5.7" if server.series == (5, 5) else "5.7"
    return Seen(
        f"The source is MySQL {server.version.text}, and Aurora reads backups of 5.7 and 8.0.",
        remedy=f"Move it by a logical copy, or upgrade it in place to {steps}, and back it up anew.",
    )


def _too_new(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if server.version.mariadb or server.series <= READ[-1]:
        return None
    return Seen(f"The source is MySQL {server.version.text}, and Aurora reads backups of 5.7 and 8.0.")


def _pair(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if server.version.mariadb or server.series not in READ or server.version.number in EARLY:
        return None
    if facts.engine is None:
        raise NotKnownError("No engine version is chosen.")
    pair = check_pair(server.version.text, facts.engine)
    if pair.refusals and not facts.wanted.engine_version and facts.target is not None and facts.target.offered:
        # The engine version is one for a logical copy; target.engine_version_none says why there is no other.
        return None
    if pair.refusals:
        return Seen(_sentence(pair.refusals[0]))
    # that 5.7 is in Extended Support is a check of its own
    newer = [warning for warning in pair.warnings if "Extended Support" not in warning]
    return Seen(_sentence(newer[0]), severity=WARNING) if newer else None


def _early(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if server.version.mariadb or server.version.number not in EARLY:
        return None
    text = f"The source is MySQL {server.version.text}."
    if facts.engine is not None and not check_pair(server.version.text, facts.engine).refusals:
        return Seen(f"{text} {facts.engine.text} still takes it.", severity=NOTE)
    return Seen(text)


def _newer_than_engine(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if server.version.mariadb:
        return None
    if facts.engine is None:
        raise NotKnownError("No engine version is chosen.")
    if server.series <= tuple(int(part) for part in facts.engine.major.split(".")):
        return None
    return Seen(f"The source is MySQL {server.version.text}, and {facts.engine.text} is MySQL {facts.engine.major}.")


def _extended_support(facts: Facts) -> Optional[Seen]:
    if facts.engine is None:
        raise NotKnownError("No engine version is chosen.")
    if facts.engine.major != "5.7":
        return None
    chosen = facts.wanted.engine_lifecycle_support
    said = f"engine_lifecycle_support is {chosen}." if chosen else "engine_lifecycle_support is not chosen."
    return Seen(f"The target is {facts.engine.text}; {said}")


def _bytes(facts: Facts) -> Optional[Seen]:
    size = tables_of(facts).data_bytes
    if size is None:
        raise NotKnownError(tables_of(facts).unknown.get("data_bytes", "The server did not tell its size."))
    if facts.host is not None and not facts.host.datadir_problem:
        size = max(size, facts.host.bytes)
    return Seen(f"The data take {size / TIB:.1f} TiB.") if size > _MOST_BYTES else None


def _files(facts: Facts) -> Optional[Seen]:
    host = facts.host
    if host is not None and not host.datadir_problem:
        files, whose = host.files, "The data directory has"
    else:
        told = tables_of(facts)
        if told.files is None:
            raise NotKnownError(told.unknown.get("files", "The server did not tell its files."))
        # each of its tables has one; what other engines have comes on top
        files, whose = told.files, "InnoDB alone has"
    with_increment = files * FILES_WITH_ONE_INCREMENT
    if with_increment <= MOST_FILES:
        return None
    text = f"{whose} {files:,} files, of which a backup with one increment makes {with_increment:,}."
    if not facts.wanted.single_files:
        return Seen(f"{text} A stream holds any number.", severity=NOTE)
    return Seen(text, severity="" if files > MOST_FILES else WARNING)


def _object(facts: Facts) -> Optional[Seen]:
    host = facts.host
    if host is not None and not host.datadir_problem:
        size, names = host.largest_bytes, []
    else:
        tables = tables_of(facts)
        if tables.data_bytes is None:
            raise NotKnownError(tables.unknown.get("data_bytes", "The server did not tell its size."))
        size, names = tables.largest.bytes, [tables.largest.name]
    if size <= LARGEST_PART:
        return None
    text = f"The largest file has {size / 10**12:.1f} TB."
    if not facts.wanted.single_files:
        return Seen(f"{text} A stream is cut into parts.", objects_of(names), severity=NOTE)
    return Seen(text, objects_of(names))


def redo_capacity(server: ServerFacts) -> int:
    """Bytes of the redo log; 0 where the server does not tell."""
    if "innodb_redo_log_capacity" in server.variables:
        return int(server.variables["innodb_redo_log_capacity"])
    size = int(server.variables.get("innodb_log_file_size", "0"))
    return size * int(server.variables.get("innodb_log_files_in_group", "1"))


def _redo(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    status = need(facts.content, "content").status
    written, uptime = int(status.get("innodb_os_log_written", 0)), int(status.get("uptime", 0))
    capacity = redo_capacity(server)
    # What a server writes in its first minutes tells nothing of an hour, unless the log has gone round already.
    if not (uptime and capacity) or written < capacity:
        return None
    seconds = capacity * uptime / written
    if seconds >= _REDO_SECONDS:
        return None
    return Seen(
        # No figure that moves with every look.
        f"The redo log of {capacity / 2**20:.0f} MiB is written over in less than {_REDO_SECONDS // 60} minutes, on "
        "average since the server started.",
        statement=f"SET GLOBAL innodb_redo_log_capacity = {max(_REDO_CAPACITY, 2 * capacity)};"
        if "innodb_redo_log_capacity" in server.variables
        else "",
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."


CHECKS: tuple[Check, ...] = (
    Check(
        "source.not_mysql_flavour",
        BLOCKER,
        "The source is not a MySQL of Oracle's",
        "RestoreDBClusterFromS3 takes backups of MySQL only: MariaDB's files are of another form, and Percona Server's "
        "may hold what MySQL cannot read.",
        "Move it by a logical copy.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _flavour,
        ways=(PHYSICAL,),
        lasting=True,
    ),
    Check(
        "source.version_unsupported",
        BLOCKER,
        "The source is older than MySQL 5.5",
        "Dumps of such servers hold forms of tables, accounts and times that neither today's servers nor this "
        "collection understand.",
        "Upgrade the source to MySQL 5.7 step by step, one series after the other.",
        links.MYSQL_UPGRADE,
        ("server",),
        _unsupported,
        lasting=True,
        upgrade=True,
    ),
    Check(
        "source.version_physical",
        BLOCKER,
        "The source is too old for a physical migration",
        "The Aurora version that read backups of MySQL 5.6 is closed.",
        "Move it by a logical copy, or upgrade it in place, one series after the other, to 5.7 or 8.0.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _too_old,
        ways=(PHYSICAL,),
        lasting=True,
        upgrade=True,
    ),
    Check(
        "source.version_too_new",
        BLOCKER,
        "The source is newer than what Aurora reads backups of",
        "AWS documents physical migration for MySQL 5.7 and 8.0 only, and MySQL cannot go back to an older series.",
        "Move it by a logical copy; see that the schemas use nothing that the target's series does not know.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _too_new,
        ways=(PHYSICAL,),
        lasting=True,
    ),
    Check(
        "source.version_pair",
        BLOCKER,
        "The engine version does not take this source's backup",
        "The series must be the same, and the source must not be newer than the version that Aurora's is compatible "
        "with; Aurora finds out after hours.",
        "Choose an engine version that fits, or leave it empty for the newest that does.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _pair,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.early_80",
        BLOCKER,
        "The source is an early release of MySQL 8.0",
        "Backups of 8.0.11, 8.0.13 and 8.0.15 cannot be restored into Aurora MySQL 3.05 or later.",
        "Upgrade the source to a later 8.0 first, or choose an engine version below 3.05.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _early,
        ways=(PHYSICAL,),
        lasting=True,
        upgrade=True,
    ),
    Check(
        "source.newer_than_engine",
        WARNING,
        "The source is of a newer series than the engine version",
        "A dump may hold what the older series does not know: collations, syntax, functions, privileges, plug-ins for "
        "authentication. It fails at the first such statement.",
        "Choose an engine version of the source's series where the Region offers one; else load a dump without data "
        "first, and change what is refused.",
        links.MYSQL_DOWNGRADE,
        ("server",),
        _newer_than_engine,
        ways=(LOGICAL,),
    ),
    Check(
        "source.extended_support",
        WARNING,
        "Aurora MySQL 2 costs extra",
        "MySQL 5.7 is past its end of life: Aurora MySQL 2 runs in RDS Extended Support, which is charged by vCPU and "
        "hour.",
        "Decide on restore_engine_lifecycle_support, and plan the upgrade to Aurora MySQL 3.",
        links.EXTENDED_SUPPORT,
        (),
        _extended_support,
    ),
    Check(
        "source.data_too_large",
        BLOCKER,
        "There are more than 64 TiB of data",
        "A migration from S3 is limited to 64 TiB.",
        "Delete or archive data first, or spread the schemas over several clusters by logical copies.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _bytes,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.too_many_files",
        BLOCKER,
        "There are too many files for a backup of single files",
        "Aurora reads at most 1,000,000 files of the prefix, those of incremental backups included.",
        "Let backup_format be auto, or a stream format: xbstream or tar.",
        links.PHYSICAL_MIGRATION,
        (),
        _files,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.object_too_large",
        BLOCKER,
        "A file is larger than Aurora reads",
        "Aurora reads objects of up to 5 TB.",
        "Let backup_format be auto, or a stream format (xbstream or tar), which is cut into parts.",
        links.PHYSICAL_MIGRATION,
        (),
        _object,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.redo_overwritten",
        WARNING,
        "The redo log is written over fast",
        "XtraBackup copies the redo log while it copies the data; where the server writes over what is not yet copied, "
        "the backup fails.",
        "Make the redo log larger, or back up in a quiet hour.",
        links.XTRABACKUP_VERSIONS,
        ("server", "content"),
        _redo,
        ways=(PHYSICAL,),
    ),
)
