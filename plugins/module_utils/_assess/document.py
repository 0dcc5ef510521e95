# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Puts the members of an assessment together, from facts and judgement to what record and report show. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from .._backup.formats import Measure
from .._mysql.login import Login
from .assessment import judge, verdict
from .collect import Collected
from .estimate import ASSUMED, ASSUMED_RATE, GIVEN, MEASURED, Rate, Size, estimate
from .facts import Facts
from .model import LOGICAL, need


class EstimateOptions(NamedTuple):
    """What the user says about size, time and money."""

    rate: int
    """Bytes a second; 0 where nothing is known."""
    rate_measured: bool
    prices: Mapping[str, float]
    part_size: int
    """Bytes of a part of a multipart upload."""
    stream_part: int
    """Bytes of the objects that a stream is cut into."""
    days_kept: int


def assessment_document(
    collected: Collected, login: Login, ignored: Mapping[str, str], options: EstimateOptions
) -> dict[str, Any]:
    """The members of the record's document ``assessment``.

    :param login: how the source was reached.
    :param ignored: ids of checks to the reason why they are passed over.
    """
    facts, choice = collected.facts, collected.choice
    estimated = _estimate(facts, options)
    facts = facts._replace(transfer_seconds=estimated.get("transfer_seconds", 0))
    judgement = judge(facts, ignored)
    told, ways = verdict(judgement, facts.wanted.way, choice)
    return {
        "source": _source(facts, login),
        "verdict": told,
        "ways": [
            {"way": way.name, "open": way.open, "passable": way.passable, "reasons": list(way.reasons)} for way in ways
        ],
        "engine_versions": {
            "recommended": choice.recommended.text if choice.recommended else "",
            "reason": choice.reason,
            "live": collected.live,
            "fitting": [{"version": each.text, "community": each.community} for each in choice.fitting],
        },
        # A logical copy goes from server to server.
        "estimate": {} if told["way"] == LOGICAL else estimated,
        "findings": [finding.document(told["way"]) for finding in judgement.findings],
        "not_checked": [
            {"id": check.id, "title": check.title, "reason": reason} for check, reason in judgement.not_checked
        ],
        "passed": [{"id": check.id, "title": check.title} for check in judgement.passed],
    }


def _source(facts: Facts, login: Login) -> dict[str, Any]:
    server, tables = need(facts.server, "server"), facts.tables
    return {
        "host": login.host,
        "port": login.port,
        "version": server.version_text,
        "version_number": server.version.text,
        "flavour": server.version.flavour,
        "data_bytes": tables.data_bytes if tables else None,
        "tables": _tables(facts),
        "schemas": len(facts.content.schemas) if facts.content and facts.content.schemas is not None else None,
        "largest_tables": [table._asdict() for table in tables.largest_tables] if tables else [],
    }


def _tables(facts: Facts) -> Optional[int]:
    if facts.tables is None or facts.tables.engines is None:
        return None
    return facts.tables.count


def _estimate(facts: Facts, options: EstimateOptions) -> dict[str, Any]:
    size = _size(facts)
    if size is None:
        return {}
    if options.rate > 0:
        rate = Rate(options.rate, MEASURED if options.rate_measured else GIVEN)
    else:
        rate = Rate(ASSUMED_RATE, ASSUMED)
    streamed = facts.wanted.streamed(Measure(size.files, size.bytes, size.largest))
    stream_part = options.stream_part if streamed else 0
    return estimate(size, rate, options.prices, options.part_size, stream_part, options.days_kept)


def _size(facts: Facts) -> Optional[Size]:
    host, tables = facts.host, facts.tables
    if host is not None and not host.datadir_problem:
        # What lies outside the data directory, or is not to be read there, the server knows of.
        told = (tables.data_bytes or 0) if tables is not None else 0
        if told > host.bytes:
            more = "the sizes that the server tells, which are more than the data directory has"
            return Size(told, host.files, more, host.largest_bytes)
        return Size(host.bytes, host.files, "the files of the data directory that a backup copies", host.largest_bytes)
    if tables is not None and tables.data_bytes is not None:
        files = tables.files or _tables(facts) or 1
        return Size(tables.data_bytes, files, "the sizes that the server tells", tables.largest.bytes)
    return None
