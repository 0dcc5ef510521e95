# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of what the Region and the account have room for: classes, zones, names, quotas, parameters. Pure."""

from __future__ import annotations

import re
import shlex
from typing import Optional

from .._aurora.orderable import described_offer, near_classes
from .._aurora.parameter_values import fit, same_value
from .._counted import counted
from . import links
from .checks_engine import known_target
from .facts import Facts
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, objects_of
from .target_facts import Quota

_PHYSICAL_ONLY = (PHYSICAL,)
_SERVERLESS = "db.serverless"
# "CreateDBCluster" (RDS API reference): 1 to 16 letters or numbers, the first a letter, no reserved word.
_MASTER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}\Z")
_RESERVED_NAMES = frozenset(("rdsadmin", "rdsproxyadmin", "rdsrepladmin"))


def _class_not_orderable(facts: Facts) -> Optional[Seen]:
    classes = known_target(facts, "classes").classes or {}
    gone = [name for name in dict.fromkeys(facts.wanted.instance_classes) if name not in classes]
    if not gone:
        return None
    near = near_classes(gone, classes)
    offer = described_offer(facts.engine.text if facts.engine else "", facts.wanted.storage_type)
    instead = f" Near to it: {', '.join(near)}." if near else ""
    return Seen(f"The Region has no {', '.join(gone)} for {offer}.{instead}", objects_of(gone))


def _class_serverless_writer(facts: Facts) -> Optional[Seen]:
    if facts.wanted.instance_classes[:1] != (_SERVERLESS,):
        return None
    return Seen(f"The writer's class is {_SERVERLESS}.")


def _zones(facts: Facts) -> dict[str, tuple[str, ...]]:
    """The zones that each wanted class can be made in."""
    classes = known_target(facts, "classes").classes or {}
    group = known_target(facts, "subnet_group").subnet_group
    found = {}
    for name in dict.fromkeys(facts.wanted.instance_classes):
        if name in classes:
            inside = group.zones if group is not None and group.there else classes[name].zones
            found[name] = tuple(zone for zone in classes[name].zones if zone in inside)
    return found


def _one_zone(facts: Facts) -> Optional[Seen]:
    single = {name: zones[0] for name, zones in _zones(facts).items() if len(zones) == 1}
    if not single:
        return None
    return Seen(
        f"{len(single)} of the instance classes can be made in one Availability Zone only.",
        objects_of(f"{name} in {zone}" for name, zone in single.items()),
    )


def _subnet_group_zones(facts: Facts) -> Optional[Seen]:
    group = known_target(facts, "subnet_group").subnet_group
    nowhere = [name for name, zones in _zones(facts).items() if not zones]
    if group is None or not group.there or not nowhere:
        return None
    return Seen(f"Subnet group {group.name} has subnets in {', '.join(group.zones) or 'no zone'}.", objects_of(nowhere))


def _subnet_group_missing(facts: Facts) -> Optional[Seen]:
    group = known_target(facts, "subnet_group").subnet_group
    return Seen(f"There is no DB subnet group {group.name}.") if group is not None and not group.there else None


def _name_taken(facts: Facts) -> Optional[Seen]:
    cluster = known_target(facts, "cluster").cluster
    if cluster is None or (cluster.own and cluster.failed):
        return None
    if cluster.own:
        return Seen(f"Cluster {cluster.identifier} of this migration is there, {cluster.status}.", severity=NOTE)
    return Seen(f"A cluster {cluster.identifier} is there ({cluster.status}), and this migration did not make it.")


def _instance_name_taken(facts: Facts) -> Optional[Seen]:
    instances = known_target(facts, "instances").instances or ()
    cluster = facts.wanted.cluster_identifier.lower()
    taken = [each for each in instances if each.cluster.lower() != cluster]
    if not taken:
        return None
    names = objects_of(
        f"{each.identifier} ({f'of cluster {each.cluster}' if each.cluster else 'of no cluster'})" for each in taken
    )
    return Seen(
        f"Of {counted(len(facts.wanted.instance_identifiers), 'name')} {counted(len(taken), 'is', 'are')} taken.", names
    )


def _migration_failed(facts: Facts) -> Optional[Seen]:
    cluster = known_target(facts, "cluster").cluster
    if cluster is None or not (cluster.own and cluster.failed):
        return None
    name = shlex.quote(cluster.identifier)
    return Seen(
        f"Cluster {cluster.identifier} of this migration is {cluster.status}.",
        statement=f"aws rds describe-events --source-type db-cluster --source-identifier {name} --duration 20160",
    )


def _quota(facts: Facts, name: str) -> Quota:
    quota = (known_target(facts, "quotas").quotas or {}).get(name)
    if quota is None:
        raise NotKnownError(f"RDS does not tell the account's limit of {name}.")
    return quota


def _quota_clusters(facts: Facts) -> Optional[Seen]:
    if known_target(facts, "cluster").cluster is not None:
        return None
    quota = _quota(facts, "DBClusters")
    if quota.used < quota.most:
        return None
    return Seen(f"{quota.used} of {counted(quota.most, 'cluster is', 'clusters are')} used.")


def _quota_instances(facts: Facts) -> Optional[Seen]:
    if known_target(facts, "cluster").cluster is not None:
        return None
    quota, more = _quota(facts, "DBInstances"), len(facts.wanted.instance_classes)
    if quota.used + more <= quota.most:
        return None
    return Seen(
        f"{quota.used} of {counted(quota.most, 'instance is', 'instances are')} used, and "
        f"{counted(more, 'more is', 'more are')} wanted."
    )


def _parameter_not_allowed(facts: Facts) -> Optional[Seen]:
    parameters = known_target(facts, "parameters").parameters or {}
    problems = []
    for name, value in facts.wanted.cluster_parameters.items():
        parameter = parameters.get(name)
        if parameter is None:
            problems.append(f"{name}: there is no such cluster parameter")
        elif not parameter.modifiable:
            problems.append(f"{name}: AWS does not let it be set")
        else:
            fitting = fit(value, parameter)
            if fitting.value is None or not same_value(fitting.value, value):
                problems.append(f"{name} = {value}: {fitting.why or 'AWS does not allow it'}")
    if not problems:
        return None
    return Seen(f"{len(problems)} of the cluster parameters cannot be set so.", objects_of(problems))


def _master_username(facts: Facts) -> Optional[Seen]:
    name = facts.wanted.master_username
    if not name:
        return None
    if name.lower() in _RESERVED_NAMES:
        return Seen(f"{name} is RDS' own.")
    if not _MASTER_NAME.match(name):
        return Seen(f"{name!r} is not 1 to 16 letters and numbers that begin with a letter.")
    return None


_NEEDS = ("target",)
CHECKS: tuple[Check, ...] = (
    Check(
        id="target.class_not_orderable",
        severity=BLOCKER,
        title="The Region does not have a wanted instance class",
        why="The restore makes the cluster first and its instances hours later; a refused class shows only then.",
        remedy="Choose another class in restore_instance_class or restore_readers, or, where only one storage has it, "
        "that one in restore_storage_type.",
        link=links.INSTANCE_CLASSES,
        needs=_NEEDS,
        find=_class_not_orderable,
    ),
    Check(
        id="target.class_serverless_writer",
        severity=BLOCKER,
        title="The writer is to be serverless",
        why="A backup is restored to a provisioned writer only; role restore refuses this.",
        remedy="Name another class for the writer and db.serverless in restore_readers, and fail over afterwards.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_class_serverless_writer,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="target.one_zone",
        severity=WARNING,
        title="An instance class can be made in one Availability Zone only",
        why="A reader in the writer's own zone does not take over when the zone fails.",
        remedy="Choose a class of more zones, or a subnet group with subnets in more of the class's zones.",
        link=links.INSTANCE_CLASSES,
        needs=_NEEDS,
        find=_one_zone,
    ),
    Check(
        id="target.subnet_group_missing",
        severity=BLOCKER,
        title="There is no such DB subnet group",
        why="RDS refuses a cluster in a subnet group that is not there.",
        remedy="Make the group, correct restore_db_subnet_group_name, or give restore_subnet_ids to have one made.",
        link=links.SUBNET_GROUPS,
        needs=_NEEDS,
        find=_subnet_group_missing,
    ),
    Check(
        id="target.subnet_group_zones",
        severity=BLOCKER,
        title="No subnet lies where the instance class can be made",
        why="An instance is made in a zone that has the class and a subnet of the group.",
        remedy="Add subnets in the class's zones to the group, or choose another class.",
        link=links.SUBNET_GROUPS,
        needs=_NEEDS,
        find=_subnet_group_zones,
    ),
    Check(
        id="target.name_taken",
        severity=BLOCKER,
        title="A cluster has the name already",
        why="A restore makes a new cluster; it never overwrites one.",
        remedy="Choose another migration_cluster_identifier.",
        link=links.RESTORE_FROM_S3,
        needs=_NEEDS,
        find=_name_taken,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="target.instance_name_taken",
        severity=BLOCKER,
        title="An instance of another cluster has a name that one is to get",
        why="Instances are made once the cluster is restored, hours later, and no two of an account's in a Region have "
        "one name.",
        remedy="Choose another migration_cluster_identifier, which the names of the instances begin with, or rename "
        "the other instance.",
        link=links.RESTORE_FROM_S3,
        needs=_NEEDS,
        find=_instance_name_taken,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="target.migration_failed",
        severity=BLOCKER,
        title="An earlier restore of this migration failed",
        why="The failed cluster keeps the name, and the next restore would fail of the same cause.",
        remedy="Read its events and mend the cause; then restore_replace_failed has role restore delete it first.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_migration_failed,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="target.quota_clusters",
        severity=BLOCKER,
        title="The account's limit of clusters is reached",
        why="RDS refuses a cluster beyond the account's limit in the Region.",
        remedy="Ask AWS for a higher limit in Service Quotas, or delete a cluster.",
        link=links.QUOTAS,
        needs=_NEEDS,
        find=_quota_clusters,
    ),
    Check(
        id="target.quota_instances",
        severity=BLOCKER,
        title="The account's limit of instances is reached",
        why="RDS refuses an instance beyond the account's limit in the Region, after the restore has taken its hours.",
        remedy="Ask AWS for a higher limit in Service Quotas, or delete instances.",
        link=links.QUOTAS,
        needs=_NEEDS,
        find=_quota_instances,
    ),
    Check(
        id="target.parameter_not_allowed",
        severity=BLOCKER,
        title="Cluster parameters cannot be set as they are wanted",
        why="AWS refuses a parameter that the family does not have, and a value that it does not allow.",
        remedy="Correct restore_cluster_parameters.",
        link=links.PARAMETERS,
        needs=_NEEDS,
        find=_parameter_not_allowed,
    ),
    Check(
        id="target.master_username",
        severity=BLOCKER,
        title="The master user cannot have this name",
        why="RDS takes 1 to 16 letters and numbers that begin with a letter, and keeps some names to itself.",
        remedy="Choose another migration_target_login_user.",
        link=links.RESTORE_FROM_S3,
        needs=_NEEDS,
        find=_master_username,
    ),
)
