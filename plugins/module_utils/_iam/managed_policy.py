# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""A managed policy as IAM shows it."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from .._aws.errors import aws_errors
from .._aws.tags import tags_of
from .shown import shown_policy


class ManagedPolicy(NamedTuple):
    """A managed policy without its document."""

    policy_arn: str
    policy_name: str
    attachment_count: int
    tags: dict[str, str]


def find_policy_named(iam: Any, name: str) -> Optional[ManagedPolicy]:
    """The account's own policy of that name, whatever its path; ``None`` where there is none.

    Names are unique in an account whatever their case ("IAM and AWS STS quotas, name requirements").

    :param iam: a client of IAM.
    :raises AwsError: IAM refused or could not be reached.
    """
    with aws_errors(f"looking for policy {name} (right iam:ListPolicies)"):
        for page in iam.get_paginator("list_policies").paginate(Scope="Local"):
            for each in page["Policies"]:
                if each["PolicyName"].lower() == name.lower():
                    return find_policy(iam, each["Arn"])
    return None


def find_policy(iam: Any, policy_arn: str) -> Optional[ManagedPolicy]:
    """The policy; ``None`` where there is none of that ARN.

    :param iam: a client of IAM.
    :raises AwsError: IAM refused or could not be reached.
    """
    with aws_errors(f"looking at policy {policy_arn} (right iam:GetPolicy)"):
        found = shown_policy(iam, policy_arn)
    if found is None:
        return None
    tags = tags_of(found.get("Tags"))
    return ManagedPolicy(policy_arn, found["PolicyName"], int(found.get("AttachmentCount") or 0), tags)
