# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the source's time zone. Pure."""

from __future__ import annotations

from typing import Optional

from .._counted import counted
from .._mysql.time_zones import UTC_NAMES, ZoneError, choose_zone, default_span
from . import content_code as code
from . import links
from .checks_engine import known_target
from .checks_objects import stored
from .content_code import Code
from .content_zone import Zone
from .facts import Facts, content_of
from .model import NOTE, WARNING, Check, Seen, need, objects_of


def _zone(facts: Facts) -> Zone:
    zone: Zone = content_of(facts).known("zone")
    return zone


def _wanted(facts: Facts) -> str:
    return str(facts.wanted.cluster_parameters.get("time_zone", ""))


def _not_utc(facts: Facts) -> Optional[Seen]:
    zone = _zone(facts)
    if zone.is_utc or _wanted(facts):
        return None
    if zone.setting.upper() != "SYSTEM":
        return Seen(f"The source works in {zone.name} (time_zone).")
    others = ""
    if len(zone.candidates) > 1:
        others = (
            f"; {counted(len(zone.candidates), 'zone fits', 'zones fit')}, such as {', '.join(zone.candidates[:3])}"
        )
    return Seen(
        f"The source works in its host's zone (time_zone is SYSTEM), which it calls {zone.system} and which is "
        f"{zone.name} by its offsets{others}.",
        severity=WARNING,
        remedy="Name the zone in objects_source_host_zone or objects_time_zone_name, so that nobody has to guess.",
    )


def _other_wanted(facts: Facts) -> Optional[Seen]:
    zone, wanted = _zone(facts), _wanted(facts)
    if not wanted or wanted.upper() == zone.name.upper() or {wanted.upper(), zone.name.upper()} <= UTC_NAMES:
        return None
    return Seen(f"restore_cluster_parameters sets time_zone to {wanted}, and the source works in {zone.name}.")


def _not_allowed(facts: Facts) -> Optional[Seen]:
    zone = _zone(facts)
    if zone.is_utc or _wanted(facts):
        return None
    target = known_target(facts, "parameters")
    allowed = target.allowed_time_zones
    if not allowed:
        return None
    today = need(target.asked_on, "day on which RDS was asked")
    try:
        choice = choose_zone(zone.name, allowed, default_span(today))
    except ZoneError as error:
        return Seen(f"The source works in {zone.name}: {error}")
    if choice.zone:
        if choice.zone.lower() == zone.name.lower():
            return None
        taken = f"Aurora does not offer {zone.name}; {choice.zone} has the same offsets, and is taken."
        return Seen(taken, severity=NOTE, remedy="Nothing.")
    return Seen(
        f"Aurora offers neither {zone.name} nor a zone with the same offsets.",
        objects_of(f"{nearest.zone} (differs on {counted(nearest.days, 'day')})" for nearest in choice.nearest),
    )


def _not_loaded(facts: Facts) -> Optional[Seen]:
    if content_of(facts).known("zone_names"):
        return None
    return Seen(
        "mysql.time_zone_name is empty: CONVERT_TZ with the name of a zone gives NULL on the source.",
        statement="mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql",
    )


def _in_named_zone(one: Code) -> bool:
    return one.kind == "event" and one.time_zone not in ("", "SYSTEM") and one.time_zone[0] not in "+-"


def _in_code(facts: Facts) -> Optional[Seen]:
    found = [one for one in stored(facts) if one.has(code.ZONES) or _in_named_zone(one)]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'stored object mentions', 'stored objects mention')} CONVERT_TZ or time_zone, or "
        f"{'is an event' if len(found) == 1 else 'are events'} with a named zone.",
        objects_of(one.label for one in found),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        id="source.time_zone",
        severity=NOTE,
        title="The source does not work in UTC",
        why="Aurora works in UTC unless told otherwise. TIMESTAMP values do not move, but how they are shown does, "
        "and so do NOW(), defaults of columns, and the hour at which events run; in an hour that a clock is put "
        "forward, local times do not exist.",
        remedy="Let role objects set the cluster's time_zone (objects_time_zone, the default), or set time_zone in "
        "restore_cluster_parameters.",
        link=links.TIME_ZONES,
        needs=("content",),
        find=_not_utc,
    ),
    Check(
        id="source.time_zone_changes",
        severity=WARNING,
        title="The cluster is to work in another time zone",
        why="NOW(), defaults of columns and events mean other hours than on the source, and TIMESTAMP values are "
        "shown otherwise.",
        remedy="Leave time_zone out of restore_cluster_parameters unless that is meant.",
        link=links.TIME_ZONES,
        needs=("content",),
        find=_other_wanted,
    ),
    Check(
        id="source.time_zone_not_allowed",
        severity=WARNING,
        title="Aurora does not offer the source's time zone",
        why="The parameter time_zone takes zones of a list only, and no offsets such as +09:00.",
        remedy="Choose the nearest in objects_time_zone_name, or UTC, and have applications set the zone of their "
        "sessions.",
        link=links.TIME_ZONES,
        needs=("content", "target"),
        find=_not_allowed,
    ),
    Check(
        id="source.time_zones_not_loaded",
        severity=NOTE,
        title="The source knows no named time zones",
        why="Aurora has them. What gives NULL on the source gives a time there, and named zones cannot be compared.",
        remedy="Nothing; or load them, to see beforehand what the application does with them.",
        link=links.MYSQL_TIME_ZONES,
        needs=("content",),
        find=_not_loaded,
    ),
    Check(
        id="source.code_names_time_zones",
        severity=NOTE,
        title="Stored code names time zones",
        why="A zone may have other rules on Aurora, whose zone data is of another year than the source's.",
        remedy="Nothing: role objects compares the zones that are mentioned, and tells what differs.",
        link=links.MYSQL_TIME_ZONES,
        needs=("content",),
        find=_in_code,
    ),
)
