# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""A right in AWS, and those that several stations need. Pure."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Right(NamedTuple):
    """Actions on resources.

    :ivar sid: names the statement by what it is about, because statements about the same things become one; letters
        and digits.
    :ivar actions: such as ``s3:GetObject``.
    :ivar resources: ARNs with the placeholders of ``scope.names``; one whose name stands for nothing falls away, and a
        right without resources is none.
    :ivar context: condition keys that have exactly one value whenever the right is used.
    :ivar certain: whether the station fails without it. What AWS does only at times, or under the caller's rights and
        without saying so, stands in a policy, and a check does not insist on it.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: Optional[tuple[tuple[str, str], ...]] = None
    certain: bool = True


# Module amazon.aws.aws_caller_info asks for it, and goes on without an answer.
ACCOUNT_NAME = Right("LookAround", ("iam:ListAccountAliases",), ("*",), certain=False)
CHECK_RIGHTS = Right(
    "CheckRights",
    ("iam:SimulatePrincipalPolicy", "iam:GetRole"),
    ("arn:{partition}:iam::{account_id}:user/*", "arn:{partition}:iam::{account_id}:role/*"),
    certain=False,
)
LOOK_AT_ROLE = (
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
)
LOOK_FOR_POLICY = Right("LookAround", ("iam:ListPolicies",), ("*",))
# DescribeDBInstances with a filter on the cluster names no instance.
LOOK_AT_INSTANCES = Right("AnyInstance", ("rds:DescribeDBInstances",), ("{rds}:db:*",))
