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
CLOSED = "The physical way is closed; a logical copy is open."
"""What is said where the physical way was asked for, and only the other one can be passed."""

# Servers this old are kept up with a copy in the nearest series; a newer one is beyond the reach of replication.
_NEAREST = (8, 0)
_SAME_OR_NEXT = "Replication reaches the same series or the next one."


class EngineChoice(NamedTuple):
    """The engine version that fits best, and why it does."""

    recommended: Optional[EngineVersion]
    reason: str
    fitting: tuple[EngineVersion, ...]
    """All that a physical backup of the source could be restored into, or a logical copy loaded into; oldest first."""
    logical: bool = False
    """Whether it was chosen for a logical copy."""


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


def choose_engine(
    version: str,
    offered: Iterable[EngineVersion],
    wanted: str,
    logical: bool,
    live: bool = True,
    mariadb: bool = False,
) -> EngineChoice:
    """The engine version that the migration should go to.

    :param version: the source's, such as ``8.0.36``.
    :param offered: what the Region offers, or a table of what was offered once.
    :param wanted: what the user asks for; "" leaves the choice open. It is taken even where it does not fit: a check
        says so.
    :param logical: whether only a logical copy is possible, for which MySQL 8.0 or any newer series will do.
    :param live: whether ``offered`` is what the Region offers.
    :param mariadb: whether the source is MariaDB, whose numbers are not those of MySQL's series.
    """
    versions = list(offered)
    fitting = tuple(engine for engine in versions if _fits(version, engine, logical))
    if wanted:
        asked = _asked_for(wanted, versions)
        return EngineChoice(asked, "It is the one that was asked for.", fitting, logical)
    best = _best_for_a_copy(version, fitting, mariadb) if logical else newest(fitting)
    if best is None:
        whose = "the Region offers" if live else "is known without asking AWS"
        what = "MariaDB" if mariadb else f"MySQL {version}"
        return EngineChoice(None, f"Nothing that {whose} takes {what}.", (), logical)
    if logical:
        return EngineChoice(best, _logical_reason(version, best, mariadb), fitting, logical)
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
    # Aurora MySQL 2 is for what is restored into it: nobody should begin anew there.
    return _series(engine.major) >= _NEAREST


def _best_for_a_copy(version: str, fitting: Sequence[EngineVersion], mariadb: bool) -> EngineVersion | None:
    if mariadb:
        return newest(fitting)
    nearest = [engine for engine in fitting if _series(engine.major) == _NEAREST]
    return newest(nearest if nearest and parse_source_version(version)[:2] < _NEAREST else fitting)


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


def _logical_reason(version: str, best: EngineVersion, mariadb: bool) -> str:
    if mariadb:
        return (
            "It is the newest. Aurora does not replicate from MariaDB: writes have to stop while this copy is made, "
            "unless AWS DMS makes it."
        )
    source = parse_source_version(version)[:2]
    if source > _series(best.major):
        return f"It is the newest, and older than MySQL {version}, whose news it does not know."
    if source >= _NEAREST:
        return f"It is the newest. {_SAME_OR_NEXT}"
    whole = f"It is the newest of MySQL {best.major}, the nearest series to a MySQL {version}."
    if source == (5, 7) and _series(best.major) == _NEAREST:
        return f"{whole} {_SAME_OR_NEXT}"
    return f"{whole} {_SAME_OR_NEXT} Writes have to stop while this copy is made."
