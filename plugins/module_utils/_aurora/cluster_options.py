# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""A cluster that is there and one that is asked for, both in the names of the module's options, for a diff.

Pure. RDS describes a cluster by other members than those that a request has (Amazon RDS API reference, "DBCluster" and
"RestoreDBClusterFromS3").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from .._aws.tags import tags_of
from .request import MEMBER_OF_OPTION, MEMBERS_BELOW

# Never in a diff.
_SECRETS = ("master_user_password",)

# Where it is not the member of the same name that tells the option.
_TOLD_OTHERWISE: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "db_cluster_parameter_group_name": lambda cluster: cluster.get("DBClusterParameterGroup"),
    "db_subnet_group_name": lambda cluster: cluster.get("DBSubnetGroup"),
    "domain": lambda cluster: _first(cluster, "DomainMemberships", "Domain"),
    "domain_iam_role_name": lambda cluster: _first(cluster, "DomainMemberships", "IAMRoleName"),
    "enable_cloudwatch_logs_exports": lambda cluster: cluster.get("EnabledCloudwatchLogsExports"),
    "enable_iam_database_authentication": lambda cluster: cluster.get("IAMDatabaseAuthenticationEnabled"),
    "manage_master_user_password": lambda cluster: True if cluster.get("MasterUserSecret") else None,
    "master_user_secret_kms_key_id": lambda cluster: (cluster.get("MasterUserSecret") or {}).get("KmsKeyId"),
    "option_group_name": lambda cluster: _first(cluster, "DBClusterOptionGroupMemberships", "DBClusterOptionGroupName"),
    "tags": lambda cluster: tags_of(cluster.get("TagList")),
    "vpc_security_group_ids": lambda cluster: [
        group["VpcSecurityGroupId"] for group in cluster.get("VpcSecurityGroups") or ()
    ],
}


def options_of_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked for, without the master user's password.

    :param request: what ``request.restore_request`` made.
    """
    return {
        option: tags_of(request[member]) if option == "tags" else _option_value(option, request[member])
        for option, member in sorted(MEMBER_OF_OPTION.items())
        if member in request and option not in _SECRETS
    }


def options_of_cluster(cluster: Mapping[str, Any] | None) -> dict[str, Any]:
    """What RDS tells of a cluster; it does not tell where the backup lay, nor of what server it was.

    :param cluster: as DescribeDBClusters shows it; ``None`` where there is none.
    """
    found: dict[str, Any] = {}
    for option, member in sorted(MEMBER_OF_OPTION.items()):
        told = _TOLD_OTHERWISE.get(option)
        value = told(cluster or {}) if told else (cluster or {}).get(member)
        # RDS describes what is not there as an empty list.
        if value not in (None, [], {}):
            found[option] = _option_value(option, value)
    return found


def _first(cluster: Mapping[str, Any], members: str, name: str) -> Any:
    return next((one.get(name) for one in cluster.get(members) or ()), None)


def _option_value(option: str, value: Any) -> Any:
    names = {member: name for name, member in MEMBERS_BELOW.get(option, {}).items()}
    if not names:
        return value
    return [_renamed(item, names) for item in value] if isinstance(value, list) else _renamed(value, names)


def _renamed(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    # What RDS adds, as the state of an associated role, is no option.
    return {
        names[member]: tags_of(item) if member == "Tags" else item for member, item in value.items() if member in names
    }
