# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The named time zones of two servers compared by what they do, and the stored objects that name them. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections import defaultdict
from typing import Any, Iterable, Mapping, Sequence

from .._counted import counted
from .routines import Inventory
from .time_zone_rules import NamedZones
from .time_zone_steps import Difference, difference
from .time_zones import ZoneError, offset_text

LIST_LIMIT = 200
"""No list in a result is longer; a job's event has to hold it. The counts are always whole."""
_MENTIONS_LIMIT = 5
OWN_ZONE = "variable time_zone"
"""Stands among the objects that mention a zone for the server that works in it."""

# A zone's name in quotes; inside another string its quotes may be escaped. Quotes may belong to the string before: a
# match takes only the first, so that none is overlooked.
_QUOTED = re.compile(r"""(['"])(?=([A-Za-z0-9_+\-/]{1,64})\\*\1)""")
# Second copies of all zones, which loading a whole zoneinfo directory brings along.
_COPIES = ("posix/", "right/")

_READ_REMEDY = (
    "Grant the account SELECT on mysql.time_zone, time_zone_name, time_zone_transition, time_zone_transition_type and "
    "time_zone_leap_second, then run again."
)
_EMPTY_REMEDY = (
    "Fill the tables with mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql. An Aurora cluster has tables of its "
    "own: if they are empty there, look whether login_host is the cluster, and ask AWS Support."
)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What became of the source's named zones.

    :ivar missing: the zones that the target does not know; :ivar different: those with other offsets there.
    :ivar same: how many have the same offsets over the span.
    """

    missing: tuple[str, ...]
    different: Mapping[str, Difference]
    same: int


def compare_zones(source: NamedZones, target: NamedZones) -> Comparison:
    """Find the source's zones on the target, by name without regard to case, and compare their offsets at all times.

    :param target: read for the source's span.
    :raises ZoneError: the spans are not the same.
    """
    if source.span != target.span:
        raise ZoneError(f"Zones of the years {source.span} and {target.span} cannot be compared.")
    there = {name.lower(): rule for name, rule in target.zones.items()}
    missing, different = [], {}
    for name, rule in source.zones.items():
        other = there.get(name.lower())
        if other is None:
            missing.append(name)
        else:
            found = difference(rule, other, source.span.end)
            if found:
                different[name] = found
    return Comparison(tuple(missing), different, len(source.zones) - len(missing) - len(different))


def mentions(inventory: Inventory, names: Iterable[str], own: str = "") -> dict[str, list[str]]:
    """Who mentions which zones: by name in small letters, such as ``event shop.nightly``.

    A zone is mentioned where its name stands in quotes in a body, in a comment or a nested string, too, and where an
    event runs in it. Nobody can tell a zone's name from another string of the same letters.

    :param names: the names to look for; :param own: the zone that the server itself works in.
    """
    wanted = {name.lower() for name in names}
    found: dict[str, list[str]] = defaultdict(list)
    if own.lower() in wanted:
        found[own.lower()].append(OWN_ZONE)
    for stored in inventory.objects:
        quoted = {match[2].lower() for match in _QUOTED.finditer(stored.body)}
        quoted.add(stored.clauses.get("time_zone", "").lower())
        for name in quoted & wanted:
            found[name].append(str(stored.key))
    return found


def comparison_result(source: NamedZones, target: NamedZones, inventory: Inventory | None) -> dict[str, Any]:
    """The result of the module ``mysql_time_zone_comparison_info``.

    :param inventory: the source's stored objects, None where nobody gave them.
    """
    return shortened(whole_comparison(source, target, inventory))


def shortened(whole: Mapping[str, Any]) -> dict[str, Any]:
    """What ``whole_comparison`` gave, with lists that a result can hold."""
    missing, different = whole["zones_missing"], whole["zones_different"]
    # A target without zones is told once, in the reason, and not zone by zone.
    listed = [each for each in missing if whole["summary"]["target"] or each["mentions"]][:LIST_LIMIT]
    truncated = len(missing) > len(listed) or len(different) > LIST_LIMIT
    return {
        **whole,
        "summary": {**whole["summary"], "truncated": truncated},
        "zones_missing": listed,
        "zones_different": different[:LIST_LIMIT],
    }


def whole_comparison(source: NamedZones, target: NamedZones, inventory: Inventory | None) -> dict[str, Any]:
    """What came of the comparison, with every zone in its lists.

    :param inventory: the source's stored objects, None where nobody gave them.
    """
    reason, remedy = _trouble(source, target)
    readable = not (source.unread or target.unread)
    compared = compare_zones(source, target) if readable else Comparison((), {}, 0)
    stored = inventory or Inventory("", (), (), ())
    who = mentions(stored, (*compared.missing, *compared.different), source.own)
    missing, different = _ranked(compared.missing, who), _ranked(compared.different, who)
    return {
        "compared": readable,
        "reason": reason,
        "remedy": remedy,
        "years_from": source.span.years_from,
        "years_to": source.span.years_to,
        "summary": {
            "source": len(source.zones),
            "target": len(target.zones),
            "same": compared.same,
            "missing": len(missing),
            "missing_mentioned": sum(name.lower() in who for name in missing),
            "different": len(different),
            "different_mentioned": sum(name.lower() in who for name in different),
            "objects_searched": len(stored.objects),
            "objects_unreadable": sum(each.unreadable for each in stored.not_portable),
        },
        "zones_missing": [_named(name, who) for name in missing],
        "zones_different": [dict(_named(name, who), **_described(compared.different[name])) for name in different],
    }


def _trouble(source: NamedZones, target: NamedZones) -> tuple[str, str]:
    """Why zones could not be compared, or none could be found, and what to do where something has to be done."""
    for side, zones in (("source", source), ("target", target)):
        if zones.unread:
            return f"The {side}'s tables of time zones could not be read: {zones.unread}.", _READ_REMEDY
    if source.zones and not target.zones:
        reason = (
            "The target's tables of time zones are empty: it knows none of the source's "
            f"{counted(len(source.zones), 'zone')}."
        )
        return reason, _EMPTY_REMEDY
    if not source.zones:
        # Many servers are like that, and nothing has to be done about it.
        return (
            "The source's tables of time zones are empty: code that names a zone gets NULL or an error there, and "
            "begins to work on a target that knows it."
        ), ""
    return "", ""


def _ranked(names: Iterable[str], who: Mapping[str, Sequence[str]]) -> list[str]:
    return sorted(names, key=lambda name: (name.lower() not in who, name.lower().startswith(_COPIES), name))


def _named(name: str, who: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    by = who.get(name.lower(), ())
    return {"zone": name, "mentions": len(by), "mentioned_by": list(by[:_MENTIONS_LIMIT])}


def _described(found: Difference) -> dict[str, Any]:
    first = datetime.datetime.fromtimestamp(found.first, datetime.timezone.utc)
    return {
        "first_difference": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "offset_source": offset_text(found.one),
        "offset_target": offset_text(found.other),
        "seconds": found.seconds,
        "days": round(found.seconds / 86400, 2),
    }
