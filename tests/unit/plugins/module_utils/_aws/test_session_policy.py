# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session policy: what is in it, what is not, and that it fits."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.session_policy import (
    MAX_CHARACTERS,
    Place,
    PolicyError,
    Scope,
    session_policy,
)

PLACE = Place("aws", "eu-west-1", "123456789012")
KEY_ID = "0f1e2d3c-0000-4000-8000-000000000000"
KEY_ARN = f"arn:aws:kms:eu-west-1:123456789012:key/{KEY_ID}"


def load_evaluation() -> Any:
    """The lab's evaluation of IAM policies, which shares nothing with the collection."""
    path = Path(__file__).parents[4] / "lab" / "lab" / "aws" / "iam_policy.py"
    specification = importlib.util.spec_from_file_location("dbferry_unit_iam_policy", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


iam = load_evaluation()


def allowed(scope: Scope, action: str, resource: str, **context: str) -> bool:
    policy = json.loads(session_policy(scope, PLACE))
    return iam.is_allowed([policy], iam.Request(action, resource, context={"s3:prefix": "", **context}))


# No character that IAM or S3 treats in its own way: those have tests of their own.
names = st.text(st.characters(whitelist_categories=("L", "N"), max_codepoint=0x24F), min_size=1, max_size=12)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
OBJECT_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")


@given(prefix=paths, other=paths)
def test_an_object_is_reached_exactly_when_its_key_begins_with_the_prefix(prefix, other):
    scope = Scope("bucket", prefix + "/", delete=True)
    for key in (prefix + "/" + other, other, prefix + other, prefix):
        for action in OBJECT_ACTIONS:
            assert allowed(scope, action, f"arn:aws:s3:::bucket/{key}") is key.startswith(prefix + "/")
            assert not allowed(scope, action, f"arn:aws:s3:::bucket2/{key}")


@given(prefix=paths, other=paths)
def test_keys_are_listed_exactly_below_the_prefix(prefix, other):
    scope = Scope("bucket", prefix + "/")
    for asked in (prefix + "/", prefix + "/" + other, prefix, other, ""):
        seen = allowed(scope, "s3:ListBucket", "arn:aws:s3:::bucket", **{"s3:prefix": asked})
        assert seen is asked.startswith(prefix + "/")


def test_what_nobody_asked_for_is_not_allowed():
    scope = Scope("bucket", "shop/backup/")
    key = "arn:aws:s3:::bucket/shop/backup/x"
    for action in (
        "s3:DeleteObject",
        "s3:PutObjectTagging",
        "s3:PutObjectAcl",
        "s3:GetObjectVersion",
        "s3:RestoreObject",
    ):
        assert not allowed(scope, action, key), action
    for action in ("s3:DeleteBucket", "s3:PutBucketPolicy", "s3:ListBucketVersions", "s3:GetBucketPolicy"):
        assert not allowed(scope, action, "arn:aws:s3:::bucket"), action
    assert not allowed(scope, "kms:Decrypt", KEY_ARN)
    assert not allowed(scope, "sts:AssumeRole", "*")


def test_without_writing_nothing_can_be_changed():
    scope = Scope("bucket", "shop/backup/", write=False, delete=True, tagging=True, kms_key_id=KEY_ARN)
    key = "arn:aws:s3:::bucket/shop/backup/x"
    assert allowed(scope, "s3:GetObject", key)
    # Check mode looks what a killed run has sent of a file.
    assert allowed(scope, "s3:ListMultipartUploadParts", key)
    assert allowed(scope, "kms:Decrypt", KEY_ARN)
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:PutObjectTagging"):
        assert not allowed(scope, action, key), action
    assert not allowed(scope, "kms:GenerateDataKey", KEY_ARN)


@pytest.mark.parametrize("key", [KEY_ARN, KEY_ID], ids=["arn", "id"])
def test_the_key_of_the_objects_can_be_used_and_no_other(key):
    scope = Scope("bucket", "shop/backup/", kms_key_id=key)
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        assert allowed(scope, action, KEY_ARN)
        assert not allowed(scope, action, KEY_ARN[:-1] + "1")
    assert not allowed(scope, "kms:Encrypt", KEY_ARN)


@pytest.mark.parametrize("key", ["alias/aws/s3", "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3"])
def test_an_alias_allows_the_key_that_has_it(key):
    scope = Scope("bucket", "shop/backup/", kms_key_id=key)
    assert allowed(scope, "kms:Decrypt", KEY_ARN, **{"kms:ResourceAliases": "alias/aws/s3"})
    assert not allowed(scope, "kms:Decrypt", KEY_ARN, **{"kms:ResourceAliases": "alias/payroll"})
    assert not allowed(scope, "kms:Decrypt", KEY_ARN)


def test_the_manifest_is_one_object_and_no_upload():
    scope = Scope("bucket", "shop/backup/", manifest_key="shop/record/manifest.jsonl.gz")
    key = "arn:aws:s3:::bucket/shop/record/manifest.jsonl.gz"
    assert allowed(scope, "s3:PutObject", key)
    assert not allowed(scope, "s3:ListMultipartUploadParts", key)
    # Where it may not be listed, S3 does not say that it is not there yet.
    for asked in ("shop/record/manifest.jsonl.gz", "shop/record/", "shop/record/manifest.jsonl.gz.old"):
        listed = allowed(scope, "s3:ListBucket", "arn:aws:s3:::bucket", **{"s3:prefix": asked})
        assert listed is asked.endswith(".gz")


def test_iam_s_wildcards_in_a_prefix_are_characters():
    policy = session_policy(Scope("bucket", "a*b?c${aws:username}/"), PLACE)
    assert "arn:aws:s3:::bucket/a${*}b${?}c${$}{aws:username}/*" in policy


@given(prefix=st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=60))
def test_the_policy_has_only_characters_that_sts_takes(prefix):
    policy = session_policy(Scope("bucket", prefix.strip("/") + "x/"), PLACE)
    assert all("\u0020" <= character <= "\u00ff" for character in policy)


def test_the_longest_bucket_with_all_rights_leaves_room_for_a_long_prefix():
    scope = Scope("b" * 63, "m" * 128 + "/backup/", True, True, True, KEY_ARN, "m" * 128 + "/record/manifest.json")
    assert len(session_policy(scope, Place("aws-us-gov", "us-gov-west-1", "123456789012"))) <= MAX_CHARACTERS


def test_a_policy_that_aws_would_not_take_is_refused_before():
    with pytest.raises(PolicyError) as caught:
        session_policy(Scope("bucket", "m" * 900 + "/"), PLACE)
    assert caught.value.error_id == "credentials.policy_too_large"
    assert "2048" in caught.value.message and "prefix" in caught.value.remedy
    assert caught.value.details["characters"] > MAX_CHARACTERS


@pytest.mark.parametrize("prefix", ["", "/", "//", "shop", "shop/backup"])
def test_a_prefix_that_reaches_its_neighbours_is_refused(prefix):
    with pytest.raises(PolicyError) as caught:
        session_policy(Scope("bucket", prefix), PLACE)
    assert caught.value.error_id == "credentials.prefix"
