# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the Region offers for the cluster, and what is there already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timezone
from typing import Any, NamedTuple, Optional, TypeVar

from .._aurora.cluster_parameters import read_family
from .._aurora.clusters import Clusters
from .._aurora.engine_versions import EngineVersion
from .._aurora.orderable import OrderableClass, read_orderable
from .._aurora.ownership import TAG_MIGRATION_ID, cluster_tags, restore_tags
from .._aurora.parameter_values import FamilyParameter
from .._aurora.request import ENGINE
from .._aurora.status import is_failed, status_of
from .._aws.errors import AwsError, aws_errors
from .wanted import Wanted

_T = TypeVar("_T")
_NO_GROUP = "DBSubnetGroupNotFoundFault"
_STANDARD_SUPPORT = "open-source-rds-standard-support"


class ClusterFacts(NamedTuple):
    """A cluster that has the wanted name."""

    identifier: str
    status: str
    own: bool
    """Whether this migration made it."""
    failed: bool


class InstanceFacts(NamedTuple):
    """An instance that has a name that one of the cluster's is to have."""

    identifier: str
    cluster: str
    """The cluster that it belongs to; "" where it stands alone."""


class SubnetGroup(NamedTuple):
    """A DB subnet group."""

    name: str
    there: bool
    zones: tuple[str, ...] = ()


class Quota(NamedTuple):
    """How much of a limit of the account is used in the Region."""

    used: int
    most: int


class TargetFacts(NamedTuple):
    """What the Region offers for the cluster, and what is there already.

    A member that is ``None`` could not be read, and ``unknown`` says why.
    """

    offered: Optional[tuple[str, ...]] = None
    """Aurora MySQL versions, oldest first."""
    classes: Optional[Mapping[str, OrderableClass]] = None
    """Classes that can be ordered for the engine version and the cluster's storage."""
    parameters: Optional[Mapping[str, FamilyParameter]] = None
    """Cluster parameters of the engine version's family."""
    allowed_time_zones: Optional[tuple[str, ...]] = None
    """What the cluster parameter ``time_zone`` may be."""
    cluster: Optional[ClusterFacts] = None
    """``None`` without a reason in ``unknown`` where no cluster has the name."""
    instances: Optional[tuple[InstanceFacts, ...]] = None
    """Those that have one of the wanted names."""
    subnet_group: Optional[SubnetGroup] = None
    """The one that is wanted; ``None`` without a reason where none is."""
    quotas: Optional[Mapping[str, Quota]] = None
    """By AWS' name, such as ``DBClusters``."""
    standard_support_ends: Optional[date] = None
    """Of the engine's major version; ``None`` where AWS or boto3 does not tell."""
    asked_on: Optional[date] = None
    unknown: Mapping[str, str] = {}


def read_target_facts(rds: Any, wanted: Wanted, engine: Optional[EngineVersion]) -> TargetFacts:
    """Ask RDS about the wanted cluster; nothing is changed.

    :param rds: a boto3 client of RDS, of the cluster's Region.
    :param engine: the version that the migration would go to; ``None`` where none fits, which leaves classes and
        parameters unknown.
    """
    unknown: dict[str, str] = {}

    def ask(fact: str, read: Callable[[], Optional[_T]]) -> Optional[_T]:
        try:
            return read()
        except AwsError as error:
            unknown[fact] = error.message
            return None

    classes, parameters, ends = None, None, None
    if engine is None:
        for fact in ("classes", "parameters", "standard_support_ends"):
            unknown[fact] = "No engine version fits the source."
    else:
        version, family, major = engine.text, engine.family, engine.major
        classes = ask("classes", lambda: read_orderable(rds, version, wanted.storage_type))
        parameters = ask("parameters", lambda: read_family(rds, family))
        ends = ask("standard_support_ends", lambda: _standard_support_ends(rds, major))
    zone = (parameters or {}).get("time_zone")
    return TargetFacts(
        offered=ask("offered", lambda: tuple(each.text for each in Clusters(rds).engine_versions())),
        classes=classes,
        parameters=parameters,
        allowed_time_zones=tuple(each.strip() for each in zone.allowed.split(",")) if zone and zone.allowed else None,
        cluster=ask("cluster", lambda: _cluster(rds, wanted)) if wanted.cluster_identifier else None,
        instances=ask("instances", lambda: _instances(rds, wanted.instance_identifiers)),
        subnet_group=ask("subnet_group", lambda: _subnet_group(rds, wanted.db_subnet_group_name))
        if wanted.db_subnet_group_name
        else None,
        quotas=ask("quotas", lambda: _quotas(rds)),
        standard_support_ends=ends,
        asked_on=datetime.now(timezone.utc).date(),
        unknown=unknown,
    )


def _cluster(rds: Any, wanted: Wanted) -> Optional[ClusterFacts]:
    found = Clusters(rds).find(wanted.cluster_identifier)
    if found is None:
        return None
    ours = restore_tags(None, None, wanted.migration_id, None, None).get(TAG_MIGRATION_ID)
    own = ours is not None and cluster_tags(found).get(TAG_MIGRATION_ID) == ours
    return ClusterFacts(wanted.cluster_identifier, status_of(found), own, is_failed(found))


def _instances(rds: Any, identifiers: Collection[str]) -> tuple[InstanceFacts, ...]:
    if not identifiers:
        return ()
    names = {name.lower() for name in identifiers}
    with aws_errors("asking for the instances of these names (right rds:DescribeDBInstances)"):
        # A filter finds nothing where a name is no error.
        pages = rds.get_paginator("describe_db_instances").paginate(
            Filters=[{"Name": "db-instance-id", "Values": sorted(names)}]
        )
        found = [instance for page in pages for instance in page.get("DBInstances") or ()]
    return tuple(
        InstanceFacts(str(each["DBInstanceIdentifier"]), str(each.get("DBClusterIdentifier") or "")) for each in found
    )


def _subnet_group(rds: Any, name: str) -> SubnetGroup:
    try:
        with aws_errors(f"asking for DB subnet group {name} (right rds:DescribeDBSubnetGroups)"):
            groups = rds.describe_db_subnet_groups(DBSubnetGroupName=name).get("DBSubnetGroups") or ()
    except AwsError as error:
        if error.details.get("aws_code") == _NO_GROUP:
            return SubnetGroup(name, False)
        raise
    zones = {
        str((subnet.get("SubnetAvailabilityZone") or {}).get("Name") or "")
        for group in groups
        for subnet in group.get("Subnets") or ()
    }
    return SubnetGroup(name, bool(groups), tuple(sorted(zones - {""})))


def _quotas(rds: Any) -> dict[str, Quota]:
    with aws_errors("asking for the account's limits (right rds:DescribeAccountAttributes)"):
        found = rds.describe_account_attributes().get("AccountQuotas") or ()
    return {str(each["AccountQuotaName"]): Quota(int(each["Used"]), int(each["Max"])) for each in found}


def _standard_support_ends(rds: Any, major: str) -> Optional[date]:
    """The day after which the major version is in Extended Support; ``None`` where AWS or boto3 does not tell."""
    ask = getattr(rds, "describe_db_major_engine_versions", None)
    if ask is None:
        return None
    with aws_errors("asking for the support of the engine (right rds:DescribeDBMajorEngineVersions)"):
        answer = ask(Engine=ENGINE, MajorEngineVersion=major)
    for version in answer.get("DBMajorEngineVersions") or ():
        for support in version.get("SupportedEngineLifecycles") or ():
            ends = support.get("LifecycleSupportEndDate")
            if support.get("LifecycleSupportName") == _STANDARD_SUPPORT and isinstance(ends, datetime):
                return ends.date()
    return None
