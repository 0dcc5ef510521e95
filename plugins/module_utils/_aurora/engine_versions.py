# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Which Aurora MySQL version can read a backup of which MySQL version.

Pure. What DescribeDBEngineVersions answers leads; the table is the fall-back where it does not say which community
version an engine version is compatible with. Rules are those of the Aurora user guide's "Migrating data from an
external MySQL database to an Amazon Aurora MySQL DB cluster by using an Amazon S3 bucket" and of the release notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import DbferryError

Version = tuple[int, ...]

_ENGINE_VERSION = re.compile(r"(?P<major>\d+\.\d+)\.mysql_aurora\.(?P<aurora>\d+(?:\.\d+)*)\Z")
_SOURCE_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_COMPATIBLE_WITH = re.compile(r"compatible with MySQL (?P<version>\d+\.\d+\.\d+)", re.IGNORECASE)

# Aurora version from which on the community version holds, newest first ("Release notes for Aurora MySQL").
_COMMUNITY_SINCE: tuple[tuple[Version, str], ...] = (
    ((3, 13), "8.0.45"),
    ((3, 12), "8.0.44"),
    ((3, 11), "8.0.43"),
    ((3, 10), "8.0.42"),
    ((3, 9), "8.0.40"),
    ((3, 8), "8.0.39"),
    ((3, 7), "8.0.36"),
    ((3, 6), "8.0.34"),
    ((3, 5), "8.0.32"),
    ((3, 4), "8.0.28"),
    ((2, 12, 2), "5.7.44"),
    ((2, 12), "5.7.40"),
    ((2, 11), "5.7.12"),
)
# Engine versions to choose from where the service cannot be asked. Patch releases come and go; AWS refuses a gone one.
FALLBACK_ENGINE_VERSIONS = (
    "5.7.mysql_aurora.2.11.6",
    "5.7.mysql_aurora.2.12.5",
    "8.0.mysql_aurora.3.04.4",
    "8.0.mysql_aurora.3.08.2",
    "8.0.mysql_aurora.3.09.0",
    "8.0.mysql_aurora.3.10.0",
    "8.0.mysql_aurora.3.11.0",
    "8.0.mysql_aurora.3.12.0",
    "8.0.mysql_aurora.3.13.0",
    # for logical copies only
    "8.4.mysql_aurora.8.4.7",
)

# Series whose physical backups Aurora reads.
_PHYSICAL_SERIES = ("5.7", "8.0")
# "8.0.11/.13/.15 cannot reach 3.05+": early 8.0 releases with a data dictionary that later ones do not upgrade.
_EARLY_80 = ((8, 0, 11), (8, 0, 13), (8, 0, 15))
_EARLY_80_LIMIT = (3, 5)


class EngineVersionError(DbferryError):
    """A version cannot be read, or no engine version takes the backup."""

    default_id = "restore.version_pair"


class EngineVersion(NamedTuple):
    """An Aurora MySQL engine version."""

    text: str
    """As the API takes it, such as ``8.0.mysql_aurora.3.10.0``."""
    major: str
    """``8.0``"""
    aurora: Version
    """``(3, 10, 0)``"""
    community: str
    """The community version that it is compatible with, such as ``8.0.42``; "" where nobody tells."""
    family: str
    """The family of its parameter groups, such as ``aurora-mysql8.0``."""
    ca_certificates: tuple[str, ...] = ()
    """The authorities that can sign its instances' certificates; empty where nobody tells."""


class PairCheck(NamedTuple):
    """What speaks against restoring a source version into an engine version."""

    refusals: tuple[str, ...]
    warnings: tuple[str, ...]


def parse_source_version(text: str) -> Version:
    """A MySQL version such as ``8.0.36`` or ``8.0.36-28.1-log`` as ``(8, 0, 36)``.

    :raises EngineVersionError: the text does not begin with three numbers.
    """
    match = _SOURCE_VERSION.match(text)
    if not match:
        raise EngineVersionError(
            f"'{text}' is not a full MySQL version.",
            remedy="Give all three numbers of the source's version, such as 8.0.36.",
        )
    return tuple(int(part) for part in match.groups())


def parse_engine_version(
    text: str, description: str = "", family: str = "", ca_certificates: Iterable[str] = ()
) -> EngineVersion:
    """An engine version from its name.

    :param text: such as ``8.0.mysql_aurora.3.10.0``.
    :param description: AWS' ``DBEngineVersionDescription``, which names the community version.
    :param family: AWS' ``DBParameterGroupFamily``.
    :param ca_certificates: AWS' ``SupportedCACertificateIdentifiers``.
    :raises EngineVersionError: the text is not the name of an Aurora MySQL version.
    """
    match = _ENGINE_VERSION.match(text)
    if not match:
        raise EngineVersionError(
            f"'{text}' is not an Aurora MySQL engine version.",
            error_id="restore.bad_engine_version",
            remedy="Give one that 'aws rds describe-db-engine-versions --engine aurora-mysql' lists, "
            "such as 8.0.mysql_aurora.3.10.0.",
        )
    aurora = tuple(int(part) for part in match.group("aurora").split("."))
    told = _COMPATIBLE_WITH.search(description)
    return EngineVersion(
        text=text,
        major=match.group("major"),
        aurora=aurora,
        community=told.group("version") if told else _community_from_table(match.group("major"), aurora),
        family=family or f"aurora-mysql{match.group('major')}",
        ca_certificates=tuple(ca_certificates),
    )


def engine_versions(described: Iterable[Mapping[str, Any]]) -> list[EngineVersion]:
    """The engine versions that DescribeDBEngineVersions lists, oldest first; names of another form are left out."""
    found = []
    for version in described:
        text = str(version.get("EngineVersion") or "")
        if _ENGINE_VERSION.match(text):
            found.append(
                parse_engine_version(
                    text,
                    str(version.get("DBEngineVersionDescription") or ""),
                    str(version.get("DBParameterGroupFamily") or ""),
                    version.get("SupportedCACertificateIdentifiers") or (),
                )
            )
    return sorted(found, key=_age)


def fallback_engine_versions() -> list[EngineVersion]:
    """The engine versions of the table, oldest first."""
    return sorted((parse_engine_version(text) for text in FALLBACK_ENGINE_VERSIONS), key=_age)


def check_pair(source_version: str, engine: EngineVersion) -> PairCheck:
    """What speaks against restoring a backup of ``source_version`` into ``engine``.

    :raises EngineVersionError: the source's version cannot be read.
    """
    source = parse_source_version(source_version)
    series = f"{source[0]}.{source[1]}"
    if series not in _PHYSICAL_SERIES:
        known = " and ".join(_PHYSICAL_SERIES)
        return _refused(f"Aurora reads physical backups of MySQL {known} only, and the source is {source_version}")
    if series != engine.major:
        return _refused(
            f"the source is MySQL {source_version} and {engine.text} is MySQL {engine.major}: "
            "the series must be the same"
        )
    if source in _EARLY_80 and engine.aurora[:2] >= _EARLY_80_LIMIT:
        return _refused(
            f"a backup of MySQL {source_version} cannot be restored into Aurora MySQL 3.05 or later, "
            f"and {engine.text} is"
        )
    warnings: list[str] = []
    if series == "5.7":
        warnings.append(f"{engine.text} is in RDS Extended Support, which costs extra; see engine_lifecycle_support")
    if not engine.community:
        warnings.append(f"nobody tells which community version {engine.text} is compatible with")
    elif source > parse_source_version(engine.community):
        problem = (
            f"the source is MySQL {source_version}, newer than the {engine.community} "
            f"that {engine.text} is compatible with"
        )
        # AWS fails the restore for 8.0; for 5.7 it does not always.
        if series == "8.0":
            return _refused(problem)
        warnings.append(problem)
    return PairCheck((), tuple(warnings))


def pick(source_version: str, versions: Iterable[EngineVersion]) -> EngineVersion:
    """The newest engine version that takes a backup of ``source_version``.

    :raises EngineVersionError: none does; the message says why the newest of the list does not.
    """
    candidates = sorted(versions, key=_age)
    fitting = [engine for engine in candidates if not check_pair(source_version, engine).refusals]
    if fitting:
        return fitting[-1]
    series = ".".join(str(part) for part in parse_source_version(source_version)[:2])
    closest = [engine for engine in candidates if engine.major == series] or candidates
    why = check_pair(source_version, closest[-1]).refusals[0] if closest else "AWS lists no Aurora MySQL version"
    raise EngineVersionError(
        f"No Aurora MySQL version takes a physical backup of this source: {why}.",
        remedy="Move this server by a logical copy, or upgrade it to a version that Aurora reads and back it up anew.",
        details={"source_version": source_version, "looked_at": [engine.text for engine in candidates]},
    )


def require_pair(source_version: str, engine: EngineVersion) -> tuple[str, ...]:
    """Make sure that ``engine`` takes a backup of ``source_version``.

    :returns: warnings.
    :raises EngineVersionError: it does not; the message says why.
    """
    check = check_pair(source_version, engine)
    if check.refusals:
        raise EngineVersionError(
            f"Aurora would fail this restore: {'; '.join(check.refusals)}.",
            remedy="Choose another engine version, or leave it empty for the newest that fits.",
            details={"source_version": source_version, "engine_version": engine.text},
        )
    return check.warnings


def newest(versions: Iterable[EngineVersion]) -> EngineVersion | None:
    """The newest of ``versions``; ``None`` of none."""
    candidates = sorted(versions, key=_age)
    return candidates[-1] if candidates else None


def _refused(reason: str) -> PairCheck:
    return PairCheck((reason,), ())


def _age(engine: EngineVersion) -> tuple[Version, Version]:
    return tuple(int(part) for part in engine.major.split(".")), engine.aurora


def _community_from_table(major: str, aurora: Version) -> str:
    for since, community in _COMMUNITY_SINCE:
        if aurora[0] == since[0] and aurora >= since and community.startswith(f"{major}."):
            # Beyond the table's newest minor nothing is known but that it is not older.
            return community
    return ""
