# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of which server the source is, and whether Aurora takes its version. Pure."""

from __future__ import annotations

from typing import Optional

from .._aurora.engine_versions import check_pair
from . import links
from .facts import Facts, server_of
from .model import BLOCKER, LOGICAL, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen

_OLDEST = (5, 5)
READ = ((5, 7), (8, 0))
"""Series whose backups Aurora reads."""
EARLY = ((8, 0, 11), (8, 0, 13), (8, 0, 15))


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
)
