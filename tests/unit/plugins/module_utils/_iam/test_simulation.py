# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IAM's answers mean, in the forms that the API reference of SimulatePrincipalPolicy describes."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.simulation import (
    CannotSimulateError,
    RightsError,
    denials,
    principal_to_simulate,
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
    assert [each.why for each in denials(answer)] == why


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
    assert [(each.resource[-1], each.why) for each in denials(answer)] == [("b", "explicit"), ("c", "boundary")]


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
