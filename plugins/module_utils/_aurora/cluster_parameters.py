# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The parameters that a family of Aurora MySQL clusters has, and a group of it, asked of the service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._aws.errors import AwsError, aws_errors
from .parameter_values import FamilyParameter, family_parameter

# ModifyDBClusterParameterGroup takes so many in a request; for a reset, nobody tells of more.
_PARAMETERS_A_CALL = 20


def read_family(client: Any, family: str) -> dict[str, FamilyParameter]:
    """The cluster parameters of a family by name, as DescribeEngineDefaultClusterParameters lists them.

    :param client: a boto3 client for ``rds``.
    :param family: such as ``aurora-mysql8.0``.
    :raises AwsError: AWS does not know the family, refused, or could not be reached.
    """
    found: dict[str, FamilyParameter] = {}
    with aws_errors(f"asking for the parameters of {family}"):
        pages = client.get_paginator("describe_engine_default_cluster_parameters").paginate(
            DBParameterGroupFamily=family
        )
        for page in pages:
            for described in page["EngineDefaults"].get("Parameters") or ():
                parameter = family_parameter(described)
                found[parameter.name] = parameter
    return found


def read_group_value(client: Any, group: str, name: str) -> str | None:
    """The value of one parameter in a cluster parameter group; ``None`` where it has none.

    :param client: a boto3 client for ``rds``.
    :raises AwsError: there is no such group, AWS refused, or could not be reached.
    """
    with aws_errors(f"reading cluster parameter group {group}"):
        pages = client.get_paginator("describe_db_cluster_parameters").paginate(DBClusterParameterGroupName=group)
        for page in pages:
            for parameter in page.get("Parameters") or ():
                if parameter.get("ParameterName") == name:
                    value = parameter.get("ParameterValue")
                    return None if value is None else str(value)
    return None


def read_user_values(client: Any, group: str) -> dict[str, str]:
    """What somebody has set in a cluster parameter group, name to value; nothing where there is no such group.

    :param client: a boto3 client for ``rds``.
    :raises AwsError: AWS refused or could not be reached.
    """
    try:
        with aws_errors(f"reading cluster parameter group {group}"):
            pages = client.get_paginator("describe_db_cluster_parameters").paginate(
                DBClusterParameterGroupName=group, Source="user"
            )
            return {
                str(parameter["ParameterName"]): str(parameter.get("ParameterValue") or "")
                for page in pages
                for parameter in page.get("Parameters") or ()
            }
    except AwsError as error:
        if error.details.get("aws_code") in ("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault"):
            return {}
        raise


def reset_parameters(client: Any, group: str, names: Iterable[str]) -> None:
    """Give parameters of a cluster parameter group their defaults back, in force when an instance starts.

    :param client: a boto3 client for ``rds``.
    :raises AwsError: AWS refused or could not be reached.
    """
    entries = [{"ParameterName": name, "ApplyMethod": "pending-reboot"} for name in names]
    with aws_errors(f"resetting parameters of cluster parameter group {group}"):
        for begin in range(0, len(entries), _PARAMETERS_A_CALL):
            client.reset_db_cluster_parameter_group(
                DBClusterParameterGroupName=group,
                ResetAllParameters=False,
                Parameters=entries[begin : begin + _PARAMETERS_A_CALL],
            )
