# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""A role for a service and the one managed policy that goes with it: as they are, as they are wanted, and made so."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Optional

from .._aws.errors import aws_errors
from .._aws.tags import tag_list, tags_of
from .shown import shown_policy, shown_role


class Policy(NamedTuple):
    """A managed policy; ``document`` is that of its default version."""

    arn: str
    document: dict[str, Any]
    tags: dict[str, str]


class Role(NamedTuple):
    """A role.

    :ivar trust: its trust policy.
    :ivar permissions_boundary: an ARN; "" for none.
    :ivar policies: ARNs of the managed policies that are attached, in order.
    """

    arn: str
    trust: dict[str, Any]
    permissions_boundary: str
    policies: tuple[str, ...]
    tags: dict[str, str]


class Pair(NamedTuple):
    """A role and its policy; ``None`` where there is none."""

    role: Optional[Role]
    policy: Optional[Policy]

    def as_diff(self) -> dict[str, Any]:
        """Both as one side of a diff."""
        return {name: each._asdict() for name, each in self._asdict().items() if each is not None}


def wanted_pair(before: Pair, wanted: Pair) -> Pair:
    """What is to be there: what is wanted, and of a role that is there what nobody has asked about.

    Its ARN stays, as do a boundary where none is wanted, and policies that others have attached. Pure.
    """
    there, role = before.role, wanted.role
    if there is None or role is None:
        return wanted
    kept = role._replace(
        arn=there.arn,
        permissions_boundary=role.permissions_boundary or there.permissions_boundary,
        policies=tuple(sorted({*there.policies, *role.policies})),
    )
    return wanted._replace(role=kept)


def path_in(arn: str) -> str:
    """The path in an ARN such as ``arn:aws:iam::123456789012:role/data/orders``: ``/data/``, or ``/``. Pure."""
    path = arn.partition("/")[2].rpartition("/")[0]
    return f"/{path}/" if path else "/"


def read_pair(iam: Any, role_arn: str, policy_arn: str) -> Pair:
    """The role of the ARN's name, whatever its path, and the policy.

    :param iam: a client of IAM.
    :raises AwsError: IAM refused or could not be reached.
    """
    return Pair(_read_role(iam, _name(role_arn)), _read_policy(iam, policy_arn))


def make_pair(iam: Any, before: Pair, after: Pair) -> Pair:
    """Bring both about.

    :param iam: a client of IAM.
    :param before: what ``read_pair`` returned, and ``after`` what ``wanted_pair`` made of it.
    :returns: ``after`` with the ARNs that IAM gave.
    :raises AwsError: IAM refused or could not be reached.
    """
    policy, role = after.policy, after.role
    if policy is not None and policy != before.policy:
        _make_policy(iam, before.policy, policy)
    if role is not None and role != before.role:
        role = role._replace(arn=_make_role(iam, before.role, role))
    return Pair(role, policy)


def _read_role(iam: Any, name: str) -> Optional[Role]:
    with aws_errors(f"looking at role {name} (rights iam:GetRole and iam:ListAttachedRolePolicies)"):
        shown = shown_role(iam, name)
        if shown is None:
            return None
        pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
        attached = [each["PolicyArn"] for page in pages for each in page["AttachedPolicies"]]
    boundary = (shown.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or ""
    trust = dict(shown["AssumeRolePolicyDocument"])
    return Role(str(shown["Arn"]), trust, str(boundary), tuple(sorted(attached)), tags_of(shown.get("Tags")))


def _read_policy(iam: Any, arn: str) -> Optional[Policy]:
    with aws_errors(f"looking at policy {arn} (rights iam:GetPolicy and iam:GetPolicyVersion)"):
        shown = shown_policy(iam, arn)
        if shown is None:
            return None
        version = iam.get_policy_version(PolicyArn=arn, VersionId=shown["DefaultVersionId"])["PolicyVersion"]
    return Policy(arn, dict(version["Document"]), tags_of(shown.get("Tags")))


def _make_policy(iam: Any, before: Optional[Policy], after: Policy) -> None:
    with aws_errors(f"making policy {after.arn}"):
        if before is None:
            iam.create_policy(
                PolicyName=_name(after.arn),
                Path=path_in(after.arn),
                Description="Read one backup in S3",
                PolicyDocument=json.dumps(after.document),
                Tags=tag_list(after.tags),
            )
            # IAM shows what it has just made a while later ("Troubleshoot IAM: changes that I make are not always
            # immediately visible"), and would not attach it before.
            iam.get_waiter("policy_exists").wait(PolicyArn=after.arn)
            return
        if before.document != after.document:
            _new_version(iam, after)
        gone = sorted(before.tags.keys() - after.tags.keys())
        if gone:
            iam.untag_policy(PolicyArn=after.arn, TagKeys=gone)
        if before.tags != after.tags and after.tags:
            iam.tag_policy(PolicyArn=after.arn, Tags=tag_list(after.tags))


def _new_version(iam: Any, policy: Policy) -> None:
    """Make the document the policy's only version; IAM keeps five at most."""
    pages = iam.get_paginator("list_policy_versions").paginate(PolicyArn=policy.arn)
    versions = [each for page in pages for each in page["Versions"]]
    for each in versions:
        if not each["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy.arn, VersionId=each["VersionId"])
    iam.create_policy_version(PolicyArn=policy.arn, PolicyDocument=json.dumps(policy.document), SetAsDefault=True)
    for each in versions:
        if each["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy.arn, VersionId=each["VersionId"])


def _make_role(iam: Any, before: Optional[Role], after: Role) -> str:
    name = _name(after.arn)
    with aws_errors(f"making role {name}"):
        arn = after.arn
        if before is None:
            boundary = {"PermissionsBoundary": after.permissions_boundary} if after.permissions_boundary else {}
            arn = iam.create_role(
                RoleName=name,
                Path=path_in(after.arn),
                Description="Lets RDS read one backup in S3",
                AssumeRolePolicyDocument=json.dumps(after.trust),
                Tags=tag_list(after.tags),
                **boundary,
            )["Role"]["Arn"]
            iam.get_waiter("role_exists").wait(RoleName=name)
        else:
            _change_role(iam, name, before, after)
        for policy in sorted({*after.policies} - {*(before.policies if before else ())}):
            iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    return str(arn)


def _change_role(iam: Any, name: str, before: Role, after: Role) -> None:
    if before.trust != after.trust:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(after.trust))
    if before.permissions_boundary != after.permissions_boundary:
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=after.permissions_boundary)
    gone = sorted(before.tags.keys() - after.tags.keys())
    if gone:
        iam.untag_role(RoleName=name, TagKeys=gone)
    if before.tags != after.tags and after.tags:
        iam.tag_role(RoleName=name, Tags=tag_list(after.tags))


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
