# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The parameters that a family of Aurora MySQL clusters has, asked of the service."""

from __future__ import annotations

from typing import Any

from .._aws.errors import aws_errors
from .parameter_values import FamilyParameter, family_parameter


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
