# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The cluster parameter ``time_zone`` of an Aurora MySQL cluster: what it may be, what it is, setting and proving it.

Rules: Aurora User Guide, "Local time zone for Amazon Aurora DB clusters".
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Callable

from .._aws.errors import AwsError, aws_errors
from .._errors import DbferryError
from .._mysql.connection import Connection
from .._mysql.time_zones import UTC_NAMES, Choice, Span, choose_zone
from .clusters import Clusters

PARAMETER = "time_zone"
_DEFAULT = "UTC"

# Only where a family's values cannot be asked: zones that AWS' page names for every family.
_DOCUMENTED = (
    "Africa/Harare",
    "America/Denver",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Amsterdam",
    "Europe/Paris",
    "US/Eastern",
    "US/Pacific",
    "UTC",
)
_CANNOT_ASK = ("AccessDenied", "AccessDeniedException", "InvalidAction", "NotImplemented", "UnknownOperationException")


class TimeZoneError(DbferryError):
    """The cluster cannot be given the wanted time zone."""

    default_id = "aurora.time_zone"


@dataclasses.dataclass(frozen=True)
class ClusterZone:
    """What a cluster's parameter group says about the time zone.

    :ivar group: the cluster parameter group; :ivar family: such as ``aurora-mysql8.0``.
    :ivar value: the parameter's value; UTC where nobody has set it.
    :ivar allowed: values that the family allows; :ivar allowed_from: ``live``, or ``table`` where AWS did not say.
    :ivar status: the group's state on the cluster's instances, such as ``in-sync`` or ``pending-reboot``.
    """

    group: str
    family: str
    value: str
    allowed: tuple[str, ...]
    allowed_from: str
    status: str


def read_cluster_zone(client: Any, identifier: str) -> ClusterZone:
    """Ask RDS for a cluster's time zone and for the values that it may have.

    :param client: a boto3 client for ``rds``.
    :raises AwsError: AWS refused or could not be reached.
    :raises TimeZoneError: there is no such cluster.
    """
    cluster = Clusters(client).find(identifier)
    if cluster is None:
        raise TimeZoneError(
            f"There is no cluster {identifier}.",
            "aurora.no_cluster",
            "Check db_cluster_identifier and region; restore the cluster first.",
        )
    group = cluster["DBClusterParameterGroup"]
    with aws_errors(f"asking for cluster parameter group {group}"):
        groups = client.describe_db_cluster_parameter_groups(DBClusterParameterGroupName=group)
        family = groups["DBClusterParameterGroups"][0]["DBParameterGroupFamily"]
    with aws_errors(f"reading cluster parameter group {group}"):
        pages = client.get_paginator("describe_db_cluster_parameters").paginate(DBClusterParameterGroupName=group)
        own = _time_zone(page.get("Parameters") for page in pages)
    allowed, allowed_from = _allowed(client, family)
    statuses = {member.get("DBClusterParameterGroupStatus", "") for member in cluster.get("DBClusterMembers", ())}
    return ClusterZone(
        group, family, own.get("ParameterValue") or _DEFAULT, allowed, allowed_from, ", ".join(sorted(statuses - {""}))
    )


def zone_for_cluster(wanted: str, current: ClusterZone, span: Span) -> str:
    """The value for the parameter: the wanted zone, or an allowed one with the same offsets over the span.

    :raises TimeZoneError: there is none; the nearest are named.
    :raises ZoneError: nobody knows the wanted zone.
    """
    choice = choose_zone(wanted, current.allowed, span)
    if choice.zone:
        return choice.zone
    from_table = current.allowed_from == "table"
    raise TimeZoneError(
        f"{current.family} allows neither {wanted} nor a zone with the same offsets in the years {span}. "
        + _nearest_text(choice)
        + (" AWS could not be asked for the allowed values; they come from a table." if from_table else ""),
        "aurora.time_zone_not_allowed",
        "Choose one of these as zone, shorten the span to the years that matter (years_from, years_to), or keep the "
        "cluster in UTC and let the application set its sessions' time_zone.",
        {
            "nearest": [dataclasses.asdict(each) for each in choice.nearest],
            "allowed_from": current.allowed_from,
        },
    )


def require_changeable(current: ClusterZone) -> None:
    """Raise ``TimeZoneError`` for a default parameter group: AWS lets nobody change one."""
    if current.group.startswith("default."):
        raise TimeZoneError(
            f"The cluster uses the parameter group {current.group}, and default groups cannot be changed.",
            "aurora.default_parameter_group",
            "Give the cluster a parameter group of its own (role restore makes one), then run again.",
        )


def set_time_zone(client: Any, group: str, zone: str) -> None:
    """Write the parameter; it is dynamic, and new connections get it.

    :raises AwsError: AWS refused.
    """
    with aws_errors(f"setting {PARAMETER} in cluster parameter group {group}"):
        client.modify_db_cluster_parameter_group(
            DBClusterParameterGroupName=group,
            Parameters=[{"ParameterName": PARAMETER, "ParameterValue": zone, "ApplyMethod": "immediate"}],
        )


def await_time_zone(
    open_connection: Callable[[], Connection], zone: str, wait_timeout: float, poll_interval: float = 5.0
) -> None:
    """Open new connections until one of them works in the zone.

    :param open_connection: makes a new connection to the cluster; it is closed here.
    :param wait_timeout: seconds; at least one connection is made.
    :raises TimeZoneError: the time is over; :raises MysqlError: the cluster cannot be reached.
    """
    deadline = time.monotonic() + wait_timeout
    while True:
        with open_connection() as connection:
            seen = _effective_zone(connection)
        if all(_same_name(each, zone) for each in seen):
            return
        if time.monotonic() >= deadline:
            raise TimeZoneError(
                f"The parameter {PARAMETER} is {zone}, but after {wait_timeout:g} s a new connection has "
                f"@@global.time_zone {seen[0]} and @@session.time_zone {seen[1]}.",
                "aurora.time_zone_not_in_effect",
                "If the instance's parameter group status is pending-reboot, reboot the instances; look also whether "
                "init_connect or the instance's own parameter group sets another zone.",
            )
        time.sleep(min(poll_interval, max(0.0, deadline - time.monotonic())))


def _effective_zone(connection: Connection) -> tuple[str, str]:
    # Our connections set a zone of their own; DEFAULT is what every other new connection starts with.
    connection.execute("SET SESSION time_zone = DEFAULT")
    row = connection.rows("SELECT @@global.time_zone AS g, @@session.time_zone AS s, @@system_time_zone AS `system`")[0]

    def named(setting: str) -> str:
        return str(row["system"]) if setting.upper() == "SYSTEM" else setting

    return named(str(row["g"])), named(str(row["s"]))


def _same_name(one: str, other: str) -> bool:
    return one.upper() == other.upper() or {one.upper(), other.upper()} <= UTC_NAMES


def _allowed(client: Any, family: str) -> tuple[tuple[str, ...], str]:
    try:
        with aws_errors(f"asking for the parameters of {family}"):
            paginator = client.get_paginator("describe_engine_default_cluster_parameters")
            pages = paginator.paginate(DBParameterGroupFamily=family)
            return _values(_time_zone(page["EngineDefaults"].get("Parameters") for page in pages))
    except AwsError as error:
        if error.details.get("aws_code") in _CANNOT_ASK:
            return _DOCUMENTED, "table"
        raise


def _values(parameter: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    values = tuple(value.strip() for value in str(parameter.get("AllowedValues") or "").split(",") if value.strip())
    return (values, "live") if values else (_DOCUMENTED, "table")


def _time_zone(lists: Any) -> dict[str, Any]:
    for parameters in lists:
        for parameter in parameters or ():
            if parameter.get("ParameterName") == PARAMETER:
                return dict(parameter)
    return {}


def _nearest_text(choice: Choice) -> str:
    if not choice.nearest:
        return "None of the allowed zones is known on this host."
    listed = ", ".join(f"{each.zone} (other offset for {each.days} days)" for each in choice.nearest)
    return f"The nearest are {listed}."
