# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""The parameter groups and subnet groups that were made for a restored cluster, told by name and tag."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._aws.errors import aws_errors
from .._aws.tags import tags_of
from .ownership import TAG_MIGRATION_ID


class Kind(NamedTuple):
    """A kind of group, and how RDS' API calls it.

    :ivar describe: botocore's name of the operation that lists the groups.
    :ivar member: the answer's member that holds them.
    :ivar name: what each group's members with its name (``...Name``) and its ARN (``...Arn``) begin with.
    :ivar delete: botocore's name of the operation that deletes one.
    """

    title: str
    describe: str
    member: str
    name: str
    delete: str


KINDS = (
    Kind(
        "cluster parameter group",
        "describe_db_cluster_parameter_groups",
        "DBClusterParameterGroups",
        "DBClusterParameterGroup",
        "delete_db_cluster_parameter_group",
    ),
    Kind(
        "instance parameter group",
        "describe_db_parameter_groups",
        "DBParameterGroups",
        "DBParameterGroup",
        "delete_db_parameter_group",
    ),
    Kind("subnet group", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroup", "delete_db_subnet_group"),
)


class Group(NamedTuple):
    """A group of a migration."""

    kind: Kind
    name: str


def find_groups(rds: Any, cluster_identifier: str, migration_id: str) -> list[Group]:
    """The groups whose names begin with the cluster's and whose tag is the migration's.

    :param rds: a client of RDS.
    :raises AwsError: RDS refused or could not be reached.
    """
    found = []
    for kind in KINDS:
        with aws_errors(f"looking for each {kind.title} of cluster {cluster_identifier}"):
            for page in rds.get_paginator(kind.describe).paginate():
                for group in page.get(kind.member) or ():
                    name = str(group[f"{kind.name}Name"])
                    # Asking for the tags costs a request a group, and an account may have hundreds.
                    if name.startswith(f"{cluster_identifier}-") and _is_of(
                        rds, group[f"{kind.name}Arn"], migration_id
                    ):
                        found.append(Group(kind, name))
    return found


def delete_group(rds: Any, group: Group) -> None:
    """Delete a group.

    :raises AwsError: RDS refused, such as for a group that is in use, or could not be reached.
    """
    with aws_errors(f"deleting {group.kind.title} {group.name}"):
        getattr(rds, group.kind.delete)(**{f"{group.kind.name}Name": group.name})


def _is_of(rds: Any, arn: str, migration_id: str) -> bool:
    tags = tags_of(rds.list_tags_for_resource(ResourceName=arn).get("TagList"))
    return tags.get(TAG_MIGRATION_ID) == migration_id
