# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the engine versions that the Region offers. Pure."""

from __future__ import annotations

import difflib
from datetime import timedelta
from typing import Optional

from .._aurora.engine_versions import EngineVersionError, parse_engine_version, pick
from . import links
from .checks_version import EARLY, READ
from .facts import Facts
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, need, objects_of
from .target_facts import TargetFacts

_PHYSICAL_ONLY = (PHYSICAL,)
# Whoever plans a cluster for longer wants to know.
_SUPPORT_NEAR = timedelta(days=365)


def target_of(facts: Facts) -> TargetFacts:
    """The part of the facts that these checks need."""
    return need(facts.target, "target")


def known_target(facts: Facts, fact: str) -> TargetFacts:
    """The facts, if the one is among them.

    :raises NotKnownError: it is not.
    """
    target = target_of(facts)
    if fact in target.unknown:
        raise NotKnownError(target.unknown[fact])
    return target


def _engine_not_live(facts: Facts) -> Optional[Seen]:
    target = target_of(facts)
    return Seen(target.unknown.get("offered", "RDS was not asked.")) if target.offered is None else None


def _region_unsupported(facts: Facts) -> Optional[Seen]:
    if known_target(facts, "offered").offered:
        return None
    return Seen(f"RDS lists no Aurora MySQL version in {facts.wanted.region or 'the Region'}.")


def _engine_version_gone(facts: Facts) -> Optional[Seen]:
    offered, version = known_target(facts, "offered").offered or (), facts.wanted.engine_version
    if not version or not offered or version in offered:
        return None
    near = difflib.get_close_matches(version, offered, 6, 0.5)
    return Seen(f"{version} is wanted, and the Region does not offer it.", objects_of(near))


def _engine_version_none(facts: Facts) -> Optional[Seen]:
    offered = known_target(facts, "offered").offered or ()
    if not offered:
        return None
    version = need(facts.server, "server").version
    if version.mariadb:
        if facts.wanted.allow_mariadb:
            return None
        raise NotKnownError("The source is MariaDB, whose versions are not MySQL's.")
    if version.number[:2] not in READ or version.number in EARLY:
        # Checks of the source's version say so, and what an upgrade would open.
        return None
    try:
        pick(version.text, [parse_engine_version(text) for text in offered])
    except EngineVersionError as error:
        return Seen(error.message)
    return None


def _extended_support(facts: Facts) -> Optional[Seen]:
    target = known_target(facts, "standard_support_ends")
    ends = target.standard_support_ends
    if ends is None or target.asked_on is None or facts.engine is None:
        raise NotKnownError("AWS or the installed boto3 does not tell how long the engine is supported.")
    # That Aurora MySQL 2 is in Extended Support is source.extended_support's to say.
    if ends - target.asked_on > _SUPPORT_NEAR or facts.engine.major == "5.7":
        return None
    over = "ended" if ends < target.asked_on else "ends"
    return Seen(f"The standard support of Aurora MySQL for MySQL {facts.engine.major} {over} on {ends.isoformat()}.")


_NEEDS = ("target",)

CHECKS: tuple[Check, ...] = (
    Check(
        id="target.engine_not_live",
        severity=NOTE,
        title="AWS did not say which Aurora versions there are",
        why="A table of the collection stands in, which knows nothing of newer or withdrawn versions.",
        remedy="Give the caller rds:DescribeDBEngineVersions.",
        link=links.RELEASES,
        needs=_NEEDS,
        find=_engine_not_live,
    ),
    Check(
        id="target.region_unsupported",
        severity=BLOCKER,
        title="The Region has no Aurora MySQL",
        why="The cluster, and with it the bucket, can be only where RDS offers Aurora MySQL.",
        remedy="Choose another Region.",
        link=links.REGIONS,
        needs=_NEEDS,
        find=_region_unsupported,
    ),
    Check(
        id="target.engine_version_gone",
        severity=BLOCKER,
        title="The Region does not offer the wanted Aurora version",
        why="AWS withdraws versions, and not every Region has each; a restore into another version is refused.",
        remedy="Choose one that is offered, or leave restore_engine_version empty for the newest that fits.",
        link=links.RELEASES,
        needs=_NEEDS,
        find=_engine_version_gone,
    ),
    Check(
        id="target.engine_version_none",
        severity=BLOCKER,
        title="No offered Aurora version takes a physical backup of this source",
        why="Aurora restores a backup of its own series, and of no newer release than it is compatible with.",
        remedy="Take the logical way, or wait for an Aurora version that has caught up with the source.",
        link=links.PHYSICAL_MIGRATION,
        needs=("target", "server"),
        find=_engine_version_none,
        ways=_PHYSICAL_ONLY,
        lasting=True,
    ),
    Check(
        id="target.extended_support",
        severity=WARNING,
        title="The standard support of the Aurora version ends within a year",
        why="After that day RDS Extended Support costs by vCPU and hour, unless the cluster was made without it.",
        remedy="Plan the upgrade before that day, and decide about restore_engine_lifecycle_support.",
        link=links.EXTENDED_SUPPORT,
        needs=_NEEDS,
        find=_extended_support,
    ),
)
