# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Which instance classes a Region has for an Aurora MySQL version, and in which Availability Zones."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._aws.errors import aws_errors
from .._errors import DbferryError
from .request import ENGINE

# So many alternatives are named; a Region has some fifty classes.
_NEAREST = 6


class ClassError(DbferryError):
    """The Region does not have an instance that is wanted."""

    default_id = "restore.instance_class"


class OrderableClass(NamedTuple):
    """A class that can be ordered."""

    name: str
    zones: tuple[str, ...]
    """Availability Zones, sorted."""
    performance_insights: bool
    """Whether Performance Insights can be switched on."""


class WantedInstance(NamedTuple):
    """An instance that somebody wants to make."""

    instance_class: str
    zone: str = ""
    """"" leaves the choice to AWS."""
    performance_insights: bool = False


def orderable_classes(described: Iterable[Mapping[str, Any]], storage_type: str = "") -> dict[str, OrderableClass]:
    """Classes by name from DescribeOrderableDBInstanceOptions, which lists one for each version and storage. Pure.

    :param storage_type: the cluster's, ``aurora`` or ``aurora-iopt1``; "" for any. The API has no filter for it.

    Options for Outposts and other places than the Region's own zones name no zone and are left out.
    """
    found: dict[str, OrderableClass] = {}
    for option in described:
        name = str(option.get("DBInstanceClass") or "")
        zones = {str(zone.get("Name")) for zone in option.get("AvailabilityZones") or () if zone.get("Name")}
        storage = str(option.get("StorageType") or storage_type)
        if not name or not zones or (storage_type and storage != storage_type):
            continue
        before = found.get(name)
        found[name] = OrderableClass(
            name,
            tuple(sorted(zones | set(before.zones if before else ()))),
            bool(option.get("SupportsPerformanceInsights")) or bool(before and before.performance_insights),
        )
    return found


def near_classes(names: Iterable[str], offered: Iterable[str]) -> list[str]:
    """Classes whose names are like those that are not offered, sorted. Pure."""
    there = list(offered)
    return sorted({near for name in names for near in difflib.get_close_matches(name, there, _NEAREST, 0.5)})


def described_offer(engine_version: str, storage_type: str) -> str:
    """Of which offer a message is. Pure.

    :param engine_version: "" for any.
    :param storage_type: "" for any.
    """
    engine = f"Aurora MySQL {engine_version}" if engine_version else "Aurora MySQL"
    return f"{engine} with storage {storage_type}" if storage_type else engine


def require_orderable(
    wanted: Iterable[WantedInstance],
    offered: Mapping[str, OrderableClass],
    engine_version: str,
    storage_type: str = "",
) -> None:
    """Make sure that every wanted instance can be made. Pure.

    :param offered: the classes that can be ordered, by name.
    :param engine_version: for the message, as is ``storage_type``; "" for any.
    :raises ClassError: a class, a zone or Performance Insights is not to be had; each is named, with what is.
    """
    problems: list[str] = []
    unknown: list[str] = []
    for instance in dict.fromkeys(wanted):
        found = offered.get(instance.instance_class)
        if found is None:
            problems.append(f"class {instance.instance_class}")
            unknown.append(instance.instance_class)
        elif instance.zone and instance.zone not in found.zones:
            there = ", ".join(found.zones)
            problems.append(f"class {instance.instance_class} in {instance.zone} (it is in {there})")
        elif instance.performance_insights and not found.performance_insights:
            problems.append(f"Performance Insights on class {instance.instance_class}")
    if problems:
        remedy = "Choose others; nothing was changed."
        if near := near_classes(unknown, offered):
            remedy = f"Choose others, such as {', '.join(near[:_NEAREST])}; nothing was changed."
        raise ClassError(
            f"The Region does not offer for {described_offer(engine_version, storage_type)}: {'; '.join(problems)}.",
            remedy=remedy,
            details={"engine_version": engine_version, "storage_type": storage_type, "offered": sorted(offered)},
        )


def read_orderable(client: Any, engine_version: str, storage_type: str = "") -> dict[str, OrderableClass]:
    """Ask RDS which classes can be ordered in the Region.

    :param client: a boto3 client for ``rds``.
    :param engine_version: an Aurora MySQL version; "" for any.
    :param storage_type: as for ``orderable_classes``.
    :raises AwsError: AWS refused or could not be reached.
    """
    options: dict[str, Any] = {"Engine": ENGINE}
    if engine_version:
        options["EngineVersion"] = engine_version
    with aws_errors("asking for the instance classes of the Region"):
        pages = client.get_paginator("describe_orderable_db_instance_options").paginate(**options)
        options_described = (option for page in pages for option in page.get("OrderableDBInstanceOptions") or ())
        return orderable_classes(options_described, storage_type)
