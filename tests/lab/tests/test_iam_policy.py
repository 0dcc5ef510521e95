# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evaluation of IAM policies: what is allowed, what a Deny takes back, and what nobody has foreseen."""

from __future__ import annotations

from typing import Any

import pytest
from lab.aws.iam_policy import PolicyError, Request, arn_match, is_allowed, missing_keys, wildcard_match

BUCKET = "arn:aws:s3:::box"


def policy(**statement: Any) -> list[dict[str, Any]]:
    """One document with one statement that allows s3:* on everything unless told otherwise."""
    return [{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **statement}}]


@pytest.mark.parametrize(
    ("statement", "request_", "allowed"),
    [
        ({}, Request("s3:GetObject", f"{BUCKET}/a"), True),
        ({}, Request("rds:GetObject", f"{BUCKET}/a"), False),
        ({"Action": ["S3:getobject"]}, Request("s3:GetObject", f"{BUCKET}/a"), True),
        ({"NotAction": "s3:Get*", "Action": []}, Request("s3:GetObject", f"{BUCKET}/a"), False),
        ({"Resource": f"{BUCKET}/a/*"}, Request("s3:GetObject", f"{BUCKET}/a/b"), True),
        ({"Resource": f"{BUCKET}/a/*"}, Request("s3:GetObject", f"{BUCKET}/ab"), False),
        ({"Resource": f"{BUCKET}/*"}, Request("s3:ListBucket", BUCKET), False),
        ({"NotResource": f"{BUCKET}/*"}, Request("s3:ListBucket", BUCKET), True),
    ],
)
def test_actions_and_resources(statement: dict[str, Any], request_: Request, allowed: bool) -> None:
    assert is_allowed(policy(**statement), request_) is allowed


@pytest.mark.parametrize(
    ("operator", "expected", "actual", "allowed"),
    [
        ("StringEquals", "a/", "a/", True),
        ("StringEquals", ["x", "a/"], "a/", True),
        ("StringEquals", "a*", "a/", False),
        ("StringLike", "a/*", "a/", True),
        ("StringLike", "a/*", "ab", False),
        ("StringLike", "a/*", None, False),
        ("StringLikeIfExists", "a/*", None, True),
        ("StringNotLike", "a/*", "ab", True),
        ("StringNotEquals", "a/", None, True),
        ("ForAnyValue:StringLike", "a/*", "a/b", True),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
    ],
)
def test_conditions(operator: str, expected: Any, actual: Any, allowed: bool) -> None:
    context = {} if actual is None else {"s3:prefix": actual}
    document = policy(Condition={operator: {"s3:Prefix": expected}})
    assert is_allowed(document, Request("s3:ListBucket", BUCKET, context=context)) is allowed


def test_a_deny_wins_over_any_allow() -> None:
    both = policy() + policy(Effect="Deny", Resource=f"{BUCKET}/secret/*")
    assert is_allowed(both, Request("s3:GetObject", f"{BUCKET}/open"))
    assert not is_allowed(both, Request("s3:GetObject", f"{BUCKET}/secret/a"))
    assert not is_allowed(list(reversed(both)), Request("s3:GetObject", f"{BUCKET}/secret/a"))


def test_trust_is_for_the_service_the_account_and_the_cluster() -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": ["ec2.amazonaws.com", "rds.amazonaws.com"]},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnLike": {"aws:SourceArn": "arn:aws:rds:eu-central-1:123456789012:cluster:mine-*"},
        },
    }
    context = {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": "arn:aws:rds:eu-central-1:123456789012:cluster:mine-1",
    }

    def ask(service: str, **other: str) -> bool:
        named = {"aws:" + name: value for name, value in other.items()}
        return is_allowed(
            [{"Statement": [trust]}], Request("sts:AssumeRole", service=service, context={**context, **named})
        )

    assert ask("rds.amazonaws.com")
    assert not ask("s3.amazonaws.com")
    assert not ask("rds.amazonaws.com", SourceAccount="210987654321")
    assert not ask("rds.amazonaws.com", SourceArn="arn:aws:rds:eu-central-1:123456789012:cluster:other")


@pytest.mark.parametrize(
    "statement",
    [{"Effect": "Perhaps"}, {"Condition": {"StringResembles": {"s3:prefix": "a"}}}, {"Principal": "everybody"}],
)
def test_what_is_not_known_opens_no_door(statement: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        is_allowed(policy(**statement), Request("s3:GetObject", f"{BUCKET}/a"))


def test_keys_that_nobody_gave_are_named_for_what_they_decide_about() -> None:
    mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    where = {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}
    documents = policy(Resource=f"{BUCKET}/a", Condition={**mfa, **where}) + policy(
        Effect="Deny", Action="s3:Put*", Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    )

    def ask(action: str, resource: str, **context: str) -> list[str]:
        given = {f"aws:{name}": value for name, value in context.items()}
        return missing_keys(documents, Request(action, f"{BUCKET}/{resource}", context=given))

    assert ask("s3:GetObject", "a") == ["aws:MultiFactorAuthPresent", "aws:RequestedRegion"]
    assert ask("s3:GetObject", "a", requestedregion="eu-central-1") == ["aws:MultiFactorAuthPresent"]
    assert ask("s3:GetObject", "b") == []
    assert ask("s3:PutObject", "b") == ["aws:SourceIp"]


def test_wildcards_are_only_star_and_question_mark() -> None:
    assert wildcard_match("a[b]?*", "a[b]cd\ne")
    assert not wildcard_match("a.c", "abc")
    assert not arn_match("arn:aws:rds:*:cluster:x", "arn:aws:rds:eu:1:cluster:x")
