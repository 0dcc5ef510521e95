# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Chooses the engine version among those that the Region offers."""

from __future__ import annotations

from typing import NamedTuple

from .._aws.errors import AwsError
from .clusters import Clusters
from .engine_versions import (
    EngineVersion,
    EngineVersionError,
    fallback_engine_versions,
    newest,
    parse_engine_version,
    pick,
    require_pair,
)


class EngineChoice(NamedTuple):
    """An engine version, whether the service knew it, and what a person should know about the choice."""

    engine: EngineVersion
    live: bool
    warnings: tuple[str, ...]


def choose_engine_version(clusters: Clusters, source_version: str, wanted: str) -> EngineChoice:
    """The engine version to restore into.

    :param source_version: the source's version; "" skips the check of the pair.
    :param wanted: the engine version that the caller asks for; "" for the newest that fits.
    :raises EngineVersionError: none fits, the wanted one does not, or the Region does not offer it.
    """
    warnings: tuple[str, ...] = ()
    try:
        offered = clusters.engine_versions()
    except AwsError as error:
        offered = []
        warnings = (f"{error.message} A table of known versions stands in.",)
    live = bool(offered)
    if wanted:
        engine = _wanted(wanted, offered)
    else:
        candidates = offered or fallback_engine_versions()
        engine = pick(source_version, candidates) if source_version else _newest(candidates)
    if source_version:
        warnings += require_pair(source_version, engine)
    return EngineChoice(engine, live, warnings)


def _wanted(wanted: str, offered: list[EngineVersion]) -> EngineVersion:
    parsed = parse_engine_version(wanted)
    if not offered:
        return parsed
    for engine in offered:
        if engine.text == wanted:
            return engine
    near = [engine.text for engine in offered if engine.major == parsed.major][-5:]
    raise EngineVersionError(
        f"The Region does not offer {wanted}.",
        error_id="restore.engine_version_gone",
        remedy=f"Newest of the series here: {', '.join(near) or 'none'}.",
    )


def _newest(candidates: list[EngineVersion]) -> EngineVersion:
    engine = newest(candidates)
    if engine is None:
        raise EngineVersionError(
            "There is no Aurora MySQL version to choose from.",
            remedy="Give restore_engine_version, or check the Region.",
        )
    return engine
