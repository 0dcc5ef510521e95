# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IAM's answers mean, in the forms that the API reference of SimulatePrincipalPolicy describes."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.simulation import (
    CannotSimulateError,
    RightsError,
    Unknown,
    not_allowed,
    principal_to_simulate,
    simulate,
)

USER = "arn:aws:iam::123456789012:user/people/migrator"


def result(decision, **more):
    return {
        "EvalActionName": "s3:GetObject",
        "EvalResourceName": "arn:aws:s3:::box/a",
        "EvalDecision": decision,
        **more,
    }


def boundary(allows):
    return {"AllowedByPermissionsBoundary": allows}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (result("allowed"), []),
        (result("implicitDeny"), ["implicit"]),
        (result("explicitDeny"), ["explicit"]),
        (
            result("implicitDeny", PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": False}),
            ["boundary"],
        ),
        (
            result("implicitDeny", PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": True}),
            ["implicit"],
        ),
        (result("implicitDeny", OrganizationsDecisionDetail={"AllowedByOrganizations": False}), ["organization"]),
    ],
)
def test_why_something_is_denied(answer, why):
    assert [each.why for each in not_allowed(answer)] == why


def test_results_of_single_resources_lead():
    answer = result(
        "implicitDeny",
        OrganizationsDecisionDetail={"AllowedByOrganizations": True},
        ResourceSpecificResults=[
            {"EvalResourceName": "arn:aws:s3:::box/a", "EvalResourceDecision": "allowed"},
            {"EvalResourceName": "arn:aws:s3:::box/b", "EvalResourceDecision": "explicitDeny"},
            {
                "EvalResourceName": "arn:aws:s3:::box/c",
                "EvalResourceDecision": "implicitDeny",
                "PermissionsBoundaryDecisionDetail": boundary(False),
            },
        ],
    )
    assert [(each.resource[-1], each.why) for each in not_allowed(answer)] == [("b", "explicit"), ("c", "boundary")]


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
def test_what_depends_on_what_was_not_told_is_not_denied(decision):
    missing = ["aws:SourceIp", "aws:MultiFactorAuthPresent"]
    (whole,) = not_allowed(result(decision, MissingContextValues=missing))
    assert whole == Unknown("s3:GetObject", "arn:aws:s3:::box/a", tuple(missing))
    assert whole.text.endswith("box/a (depends on aws:SourceIp, aws:MultiFactorAuthPresent)")
    answer = result(
        decision,
        ResourceSpecificResults=[
            {"EvalResourceName": "a", "EvalResourceDecision": decision, "MissingContextValues": missing},
            {"EvalResourceName": "b", "EvalResourceDecision": decision, "MissingContextValues": []},
            {"EvalResourceName": "c", "EvalResourceDecision": "allowed", "MissingContextValues": missing},
        ],
    )
    assert [(each.resource, isinstance(each, Unknown)) for each in not_allowed(answer)] == [("a", True), ("b", False)]


class Asked:
    """Stands where a client of IAM does, and keeps the questions; what IAM answers is not the point here."""

    def __init__(self):
        self.questions = []

    def get_paginator(self, _operation):
        return self

    def paginate(self, **question):
        regions = [
            value
            for entry in question["ContextEntries"]
            if entry["ContextKeyName"] == "aws:RequestedRegion"
            for value in entry["ContextKeyValues"]
        ]
        self.questions.append((question["ActionNames"], regions))
        return []


@pytest.mark.parametrize(
    ("partition", "home"), [("aws", ["us-east-1"]), ("aws-cn", ["cn-north-1"]), ("aws-us-gov", ["us-gov-west-1"])]
)
def test_the_region_of_each_service_is_told(partition, home):
    iam, rights = Asked(), [{"actions": ["rds:CreateDBInstance", "iam:PassRole", "sts:AssumeRole", "s3:PutObject"]}]
    simulate(iam, f"arn:{partition}:iam::123456789012:user/me", rights, "eu-west-1")
    assert iam.questions == [
        (["rds:CreateDBInstance", "s3:PutObject"], ["eu-west-1"]),
        (["iam:PassRole"], home),
        (["sts:AssumeRole"], []),
    ]
    given = [{"actions": ["s3:PutObject"], "context": {"aws:RequestedRegion": "eu-north-1"}}]
    simulate(iam, f"arn:{partition}:iam::123456789012:user/me", given, "eu-west-1")
    assert iam.questions[-1] == (["s3:PutObject"], ["eu-north-1"])


@pytest.mark.parametrize("arn", [USER, "arn:aws-cn:iam::123456789012:role/a/b", "arn:aws:iam::123456789012:group/g"])
def test_who_has_policies_is_simulated_as_it_is(arn):
    assert principal_to_simulate(None, arn) == arn


@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:federated-user/dbferry-shop"]
)
def test_who_has_none_cannot_be_simulated(arn):
    with pytest.raises(CannotSimulateError, match=arn):
        principal_to_simulate(None, arn)


def test_what_is_no_arn_is_refused():
    with pytest.raises(RightsError, match="migrator"):
        principal_to_simulate(None, "migrator")
