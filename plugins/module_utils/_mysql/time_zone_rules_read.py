# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Reading the rules of a server's named time zones: five queries, whatever the number of zones."""

from __future__ import annotations

from collections import defaultdict

from .connection import Connection, MysqlError
from .time_zone_rules import LeapSecond, NamedZones, TransitionType, ZoneRows, rule_of
from .time_zone_steps import Steps
from .time_zones import Span

# MySQL does not load a zone whose row in time_zone is missing.
_NAMES = """
SELECT n.Name AS name, n.Time_zone_id AS id, z.Use_leap_seconds AS leap_seconds
FROM mysql.time_zone_name AS n JOIN mysql.time_zone AS z ON z.Time_zone_id = n.Time_zone_id"""
_TYPES = """
SELECT Time_zone_id AS id, Transition_type_id AS type, `Offset` AS seconds, Is_DST AS is_dst
FROM mysql.time_zone_transition_type ORDER BY Time_zone_id, Transition_type_id"""
_BEFORE = """
SELECT t.Time_zone_id AS id, t.Transition_time AS instant, t.Transition_type_id AS type
FROM mysql.time_zone_transition AS t JOIN (
    SELECT Time_zone_id, MAX(Transition_time) AS Transition_time FROM mysql.time_zone_transition
    WHERE Transition_time <= %s GROUP BY Time_zone_id
) AS last ON last.Time_zone_id = t.Time_zone_id AND last.Transition_time = t.Transition_time"""
_WITHIN = """
SELECT Time_zone_id AS id, Transition_time AS instant, Transition_type_id AS type
FROM mysql.time_zone_transition WHERE Transition_time > %s AND Transition_time < %s
ORDER BY Time_zone_id, Transition_time"""
_LEAP_SECONDS = """
SELECT Transition_time AS instant, Correction AS correction
FROM mysql.time_zone_leap_second ORDER BY Transition_time"""


def read_named_zones(connection: Connection, span: Span, own: str = "") -> NamedZones:
    """The named zones of a server, with their offsets over a span of years.

    Zones that the server itself refuses to use, because rows are missing, are left out.

    :param own: the zone that the server works in, where that is known.
    :returns: with ``unread`` where the tables are closed to the account, or cannot be read for another reason.
    :raises MysqlError: the connection was lost.
    """
    try:
        return NamedZones(span, dict(_read(connection, span)), own)
    except MysqlError as error:
        if error.error_id == "mysql.connection_lost":
            raise
        return NamedZones(span, {}, own, error.server_text)


def _read(connection: Connection, span: Span) -> list[tuple[str, Steps]]:
    names = connection.rows(_NAMES)
    leap_seconds = [LeapSecond(int(row["instant"]), int(row["correction"])) for row in connection.rows(_LEAP_SECONDS)]
    zones: dict[int, ZoneRows] = defaultdict(ZoneRows)
    for row in connection.stream(_TYPES):
        zones[row["id"]].types[int(row["type"])] = TransitionType(int(row["seconds"]), bool(row["is_dst"]))
    for sql, args in ((_BEFORE, (span.start,)), (_WITHIN, (span.start, span.end))):
        for row in connection.stream(sql, args):
            zones[row["id"]].transitions.append((int(row["instant"]), int(row["type"])))
    rules = {}
    for row in names:
        zones[row["id"]].leap_seconds = row["leap_seconds"] == "Y"
        rules[row["id"]] = rule_of(zones[row["id"]], leap_seconds, span)
    return [(str(row["name"]), rule) for row in names for rule in [rules[row["id"]]] if rule is not None]
