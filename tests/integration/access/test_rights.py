# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module ``iam_rights_info`` against the lab's IAM: users, groups, roles, boundaries, and those who may not ask."""

from __future__ import annotations

import pytest

from .lab_aws import ACCOUNT, REGION, allow, policy

IAM = f"arn:aws:iam::{ACCOUNT}"
BOX = "arn:aws:s3:::box"
READ = {"actions": ["s3:GetObject"], "resources": [f"{BOX}/shop/a"]}
WRITE = {"actions": ["s3:PutObject"], "resources": [f"{BOX}/shop/a"]}
ASK = allow("iam:SimulatePrincipalPolicy", "iam:GetRole")


def denied(result):
    assert result.get("checked"), result
    return [(each["action"], each["why"]) for each in result["denied"]]


def test_the_caller_s_own_rights_are_asked_for(aws, run_module):
    keys = aws.make_user("reader", ASK, allow("s3:GetObject", on=f"{BOX}/shop/*"), path="/people/")
    result = run_module("iam_rights_info", rights=[READ, WRITE], **aws.options(keys))
    assert result["principal_arn"] == f"{IAM}:user/people/reader"
    assert denied(result) == [("s3:PutObject", "implicit")]
    assert result["denied"][0]["resource"] == f"{BOX}/shop/a"
    assert result["denied"][0]["text"] == f"s3:PutObject on {BOX}/shop/a (no policy allows it)"
    assert (result["allowed"], result["reason"], result["changed"]) == (1, "", False)


def test_the_policies_of_a_user_s_groups_count_and_a_denial_wins(aws, run_module):
    iam = aws.client("iam")
    keys = aws.make_user("member", ASK)
    iam.create_group(GroupName="writers")
    iam.add_user_to_group(GroupName="writers", UserName="member")
    iam.put_group_policy(GroupName="writers", PolicyName="all", PolicyDocument=policy(allow("s3:*")))
    assert denied(run_module("iam_rights_info", rights=[READ, WRITE], **aws.options(keys))) == []
    no = {"Effect": "Deny", "Action": "s3:Put*", "Resource": f"{BOX}/*"}
    made = iam.create_policy(PolicyName="no-writing", PolicyDocument=policy(no))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="member", PolicyArn=made)
    assert denied(run_module("iam_rights_info", rights=[READ, WRITE], **aws.options(keys))) == [
        ("s3:PutObject", "explicit")
    ]


def test_a_condition_is_asked_for_with_its_context(aws, run_module):
    like = {"StringLike": {"s3:prefix": "shop/*"}}
    role = aws.make_role("lister", allow("s3:ListBucket", on=BOX, **like))
    right = {"actions": ["s3:ListBucket"], "resources": [BOX]}

    def ask(**context):
        return denied(
            run_module("iam_rights_info", principal_arn=role, rights=[{**right, "context": context}], **aws.options())
        )

    assert ask(**{"s3:prefix": "shop/backup/"}) == []
    assert ask(**{"s3:prefix": "other/"}) == [("s3:ListBucket", "implicit")]
    # Which prefix, nobody said.
    assert ask() == []


def test_what_depends_on_what_iam_was_not_told_is_not_called_denied(aws, run_module):
    here = {"StringEquals": {"aws:RequestedRegion": [REGION]}}
    elsewhere = {"StringEquals": {"aws:RequestedRegion": "us-west-2"}}
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    role = aws.make_role(
        "conditional",
        allow("s3:GetObject", **here),
        allow("s3:PutObject", **mfa),
        allow("s3:DeleteObject", **elsewhere),
    )
    delete = {**READ, "actions": ["s3:DeleteObject"]}
    result = run_module("iam_rights_info", principal_arn=role, rights=[READ, WRITE, delete], **aws.options())
    assert (result["allowed"], denied(result)) == (1, [("s3:DeleteObject", "implicit")])
    (unknown,) = result["unknown"]
    assert (unknown["action"], unknown["resource"]) == ("s3:PutObject", f"{BOX}/shop/a")
    assert unknown["condition_keys"] == ["aws:MultiFactorAuthPresent"]
    assert unknown["text"] == f"s3:PutObject on {BOX}/shop/a (depends on aws:MultiFactorAuthPresent)"


def test_a_permissions_boundary_is_told_apart(aws, run_module):
    boundary = aws.client("iam").create_policy(PolicyName="boundary", PolicyDocument=policy(allow("s3:GetObject")))[
        "Policy"
    ]["Arn"]
    role = aws.make_role("bounded", allow("s3:*"), PermissionsBoundary=boundary)
    result = run_module("iam_rights_info", principal_arn=role, rights=[READ, WRITE], **aws.options())
    assert denied(result) == [("s3:PutObject", "boundary")]


@pytest.mark.parametrize("path", ["/", "/teams/data/"])
def test_a_session_of_a_role_has_the_role_s_rights(aws, run_module, path):
    name = f"session-{len(path)}"
    role = aws.make_role(
        name,
        ASK,
        allow("s3:GetObject"),
        trust={"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
        Path=path,
    )
    given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]
    keys = {
        "access_key": given["AccessKeyId"],
        "secret_key": given["SecretAccessKey"],
        "session_token": given["SessionToken"],
    }
    result = run_module("iam_rights_info", rights=[READ, WRITE], **aws.options(keys))
    assert result["principal_arn"] == role
    assert denied(result) == [("s3:PutObject", "implicit")]


def test_many_rights_take_many_pages(aws, run_module):
    role = aws.make_role("busy", allow("s3:Get*"))
    actions = [f"s3:Get{number}" for number in range(40)] + [f"s3:Put{number}" for number in range(40)]
    result = run_module("iam_rights_info", principal_arn=role, rights=[{"actions": actions}], **aws.options())
    assert (result["allowed"], len(result["denied"])) == (40, 40)


def test_who_may_not_ask_is_told_so_and_does_not_fail(aws, run_module):
    keys = aws.make_user("blind", allow("s3:GetObject"))
    result = run_module("iam_rights_info", rights=[READ], **aws.options(keys))
    assert "failed" not in result
    assert result["checked"] is False
    assert "iam:SimulatePrincipalPolicy" in result["reason"] and "user/blind" in result["reason"]
    assert result["denied"] == []


def test_a_principal_that_is_not_there_is_told_so(aws, run_module):
    result = run_module("iam_rights_info", principal_arn=f"{IAM}:role/nobody", rights=[READ], **aws.options())
    assert result["checked"] is False and "NoSuchEntity" in result["reason"]


def test_what_is_no_arn_fails_by_name(aws, run_module):
    result = run_module("iam_rights_info", principal_arn="nobody", rights=[READ], **aws.options())
    assert result["failed"] is True and result["error_id"] == "iam.principal"
