# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Which way is to be taken, and into which engine version. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from .._aurora.engine_versions import (
    EngineVersion,
    EngineVersionError,
    check_pair,
    newest,
    parse_engine_version,
    parse_source_version,
)
from .finding import Finding
from .model import BLOCKER, BOTH, LOGICAL, PHYSICAL

AFTER_AN_UPGRADE = "physical after an upgrade"
NONE = "none"

_SAME_OR_NEXT = "A logical copy may go to a newer series; replication reaches the same or the next one."


class EngineChoice(NamedTuple):
    """The engine version that fits best, and why it does."""

    recommended: Optional[EngineVersion]
    reason: str
    fitting: tuple[EngineVersion, ...]
    """All that a physical backup of the source could be restored into, or a logical copy loaded into; oldest first."""


class Way(NamedTuple):
    """One way, open or not."""

    name: str
    open: bool
    """Nothing stands in it as things are."""
    passable: bool
    """What stands in it can be put right."""
    upgrade: bool
    """An upgrade of the source puts right what else would close it."""
    reasons: tuple[str, ...]


def choose_engine(version: str, offered: Iterable[EngineVersion], wanted: str, logical: bool) -> EngineChoice:
    """The engine version that the migration should go to.

    :param version: the source's, such as ``8.0.36``.
    :param offered: what the Region offers.
    :param wanted: what the user asks for; "" leaves the choice open. It is taken even where it does not fit: a check
        says so.
    :param logical: whether only a logical copy is possible, for which any series not older than the source's will do.
    """
    versions = list(offered)
    fitting = tuple(engine for engine in versions if _fits(version, engine, logical))
    if wanted:
        asked = _asked_for(wanted, versions)
        return EngineChoice(asked, "It is the one that was asked for.", fitting)
    best = newest(fitting)
    if best is None:
        return EngineChoice(None, f"Nothing that the Region offers takes MySQL {version}.", ())
    if logical:
        return EngineChoice(best, _logical_reason(version, best), fitting)
    return EngineChoice(
        best,
        f"It is the newest that takes a backup of MySQL {version}"
        + (f": it is compatible with MySQL {best.community}." if best.community else "."),
        fitting,
    )


def judge_ways(findings: Iterable[Finding]) -> tuple[Way, ...]:
    """Both ways, by the blockers that are not ignored."""
    blockers = [finding for finding in findings if finding.severity == BLOCKER and not finding.ignored]
    return tuple(_judge(name, [each for each in blockers if name in each.check.ways]) for name in BOTH)


def decide(ways: Sequence[Way], wanted: str) -> tuple[str, tuple[str, ...]]:
    """The way to take and the reasons for it.

    :param wanted: ``auto``, or the way that the user asks for: it is kept as long as it can be passed at all.
    :returns: ``physical``, ``logical``, ``physical after an upgrade`` or ``none``.
    """
    physical, logical = (next(way for way in ways if way.name == name) for name in (PHYSICAL, LOGICAL))
    if wanted != LOGICAL:
        if physical.passable:
            return PHYSICAL, ("Files are copied as they are, which is the fastest and costs the source least.",)
        if physical.upgrade and (wanted == PHYSICAL or not logical.passable):
            return AFTER_AN_UPGRADE, physical.reasons
        if wanted == PHYSICAL:
            return NONE, physical.reasons
    if logical.passable:
        reasons = physical.reasons if wanted != LOGICAL else ("It was asked for.",)
        if physical.upgrade:
            reasons += ("After an upgrade of the source the physical way would be open.",)
        return LOGICAL, reasons
    return NONE, tuple(dict.fromkeys(physical.reasons + logical.reasons))


def _judge(name: str, blockers: Sequence[Finding]) -> Way:
    lasting = [each for each in blockers if each.check.lasting]
    return Way(
        name=name,
        open=not blockers,
        passable=not lasting,
        upgrade=bool(lasting) and all(each.check.upgrade for each in lasting),
        reasons=tuple(f"{each.seen.text} [{each.check.id}]" for each in blockers),
    )


def _fits(version: str, engine: EngineVersion, logical: bool) -> bool:
    if not logical:
        return not check_pair(version, engine).refusals
    return _series(engine.major) >= min(parse_source_version(version)[:2], (8, 0))


def _series(major: str) -> tuple[int, ...]:
    return tuple(int(part) for part in major.split("."))


def _asked_for(wanted: str, versions: Sequence[EngineVersion]) -> EngineVersion | None:
    for engine in versions:
        if engine.text == wanted:
            return engine
    try:
        return parse_engine_version(wanted)
    except EngineVersionError:
        return None


def _logical_reason(version: str, best: EngineVersion) -> str:
    if _series(best.major) < parse_source_version(version)[:2]:
        return f"It is the newest that the Region offers, and older than MySQL {version}, whose news it does not know."
    return f"It is the newest that the Region offers. {_SAME_OR_NEXT}"
