# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``s3_prefix_credentials``: who gets credentials, for how long, and what they can do."""

from __future__ import annotations

import datetime
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ..module_process import ModuleProcess
from .conftest import BUCKET, PREFIX
from .gate import ACCOUNT, ROLE_ARN, Aws

CHAINED = f"arn:aws:sts::{ACCOUNT}:assumed-role/controller/i-0123456789abcdef0"


@pytest.fixture
def mint(aws: Aws, generation: Any) -> Any:
    """Runs the module as the caller; ``failed`` says whether it has to fail."""
    module = ModuleProcess("s3_prefix_credentials", str(generation.bin / "python"), str(generation.collections))

    def run(failed: bool = False, **options: Any) -> dict[str, Any]:
        result = module.finish(module.start(aws.options(bucket=BUCKET, prefix=PREFIX, **options)))
        assert bool(result.get("failed")) is failed, result
        return result

    return run


def seconds_left(result: dict[str, Any]) -> float:
    expiration = result["credentials"]["expiration"]
    moment = datetime.datetime.strptime(expiration, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp() - time.time()


def refused(operation: Any, **arguments: Any) -> str:
    """The code with which S3 refuses; "" when it does not."""
    try:
        operation(Bucket=BUCKET, **arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_user_gets_a_federated_session_that_lasts_what_was_asked_for(aws: Aws, mint: Any) -> None:
    result = mint(duration=7200, session_name="dbferry-shop/1 ümlaut and very long indeed")
    assert result["changed"] is False
    assert result["operation"] == "GetFederationToken"
    assert result["caller_arn"] == aws.gate.caller_arn
    assert result["packed_policy_percent"] == 17
    assert 7100 < seconds_left(result) <= 7200
    assert set(aws.gate.sessions) == {result["credentials"]["access_key"]}
    assert aws.gate.minted[0]["Name"] == "dbferry-shop-1--mlaut-and-very-l"


def test_the_credentials_do_what_an_upload_needs_under_the_prefix(aws: Aws, mint: Any) -> None:
    s3 = aws.client("s3", mint()["credentials"])
    s3.put_object(Bucket=BUCKET, Key=PREFIX + "full/ibdata1", Body=b"x")
    assert s3.get_object(Bucket=BUCKET, Key=PREFIX + "full/ibdata1")["Body"].read() == b"x"
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=PREFIX)["Contents"]] == [
        PREFIX + "full/ibdata1"
    ]
    assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == "eu-west-1"
    upload = {"Bucket": BUCKET, "Key": PREFIX + "big"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=b"y" * 100)
    assert len(s3.list_parts(**upload)["Parts"]) == 1
    assert [each["Key"] for each in s3.list_multipart_uploads(Bucket=BUCKET, Prefix=PREFIX)["Uploads"]] == [
        PREFIX + "big"
    ]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    upload["UploadId"] = s3.create_multipart_upload(Bucket=BUCKET, Key=PREFIX + "big")["UploadId"]
    s3.abort_multipart_upload(**upload)
    assert {seen.status for seen in aws.gate.seen} == {200}


def test_the_credentials_do_nothing_elsewhere(aws: Aws, mint: Any) -> None:
    aws.client("s3").put_object(Bucket=BUCKET, Key="other/secret", Body=b"x")
    s3 = aws.client("s3", mint(delete=True, tagging=True)["credentials"])
    for key in ("other/secret", "shop/backup10/x", "shop/record/backup.json", "shop/backup"):
        assert refused(s3.put_object, Key=key, Body=b"x") == "AccessDenied", key
        assert refused(s3.get_object, Key=key) == "AccessDenied", key
        assert refused(s3.delete_object, Key=key) == "AccessDenied", key
        assert refused(s3.create_multipart_upload, Key=key) == "AccessDenied", key
    for prefix in ({}, {"Prefix": ""}, {"Prefix": "shop/"}, {"Prefix": "other/"}, {"Prefix": "shop/backup"}):
        assert refused(s3.list_objects_v2, **prefix) == "AccessDenied", prefix
    assert refused(s3.delete_bucket) == "AccessDenied"


def test_deleting_and_tagging_have_to_be_asked_for(aws: Aws, mint: Any) -> None:
    plain, more = (aws.client("s3", mint(**wish)["credentials"]) for wish in ({}, {"delete": True, "tagging": True}))
    tagged = {"Key": PREFIX + "a", "Body": b"x", "Tagging": "migration=shop"}
    assert refused(plain.put_object, **tagged) == "AccessDenied"
    assert refused(more.put_object, **tagged) == ""
    assert refused(plain.delete_object, Key=PREFIX + "a") == "AccessDenied"
    assert refused(more.delete_object, Key=PREFIX + "a") == ""


def test_one_key_beside_the_prefix_can_be_allowed(aws: Aws, mint: Any) -> None:
    s3 = aws.client("s3", mint(manifest_key="shop/record/manifest.json")["credentials"])
    assert refused(s3.put_object, Key="shop/record/manifest.json", Body=b"{}") == ""
    assert refused(s3.get_object, Key="shop/record/manifest.json") == ""
    assert refused(s3.put_object, Key="shop/record/backup.json", Body=b"{}") == "AccessDenied"


def test_check_mode_gives_credentials_that_cannot_write(aws: Aws, mint: Any) -> None:
    aws.client("s3").put_object(Bucket=BUCKET, Key=PREFIX + "a", Body=b"x")
    result = mint(delete=True, tagging=True, manifest_key="shop/record/manifest.json", _ansible_check_mode=True)
    s3 = aws.client("s3", result["credentials"])
    assert s3.get_object(Bucket=BUCKET, Key=PREFIX + "a")["Body"].read() == b"x"
    for write, arguments in (
        (s3.put_object, {"Key": PREFIX + "a", "Body": b"y"}),
        (s3.put_object, {"Key": "shop/record/manifest.json", "Body": b"y"}),
        (s3.delete_object, {"Key": PREFIX + "a"}),
        (s3.create_multipart_upload, {"Key": PREFIX + "a"}),
    ):
        assert refused(write, **arguments) == "AccessDenied"


def test_credentials_that_are_over_do_nothing_any_more(aws: Aws, mint: Any) -> None:
    aws.gate.lifetime = 0
    s3 = aws.client("s3", mint()["credentials"])
    assert refused(s3.put_object, Key=PREFIX + "a", Body=b"x") == "ExpiredToken"


@pytest.mark.parametrize(
    ("arn", "token"),
    [
        (CHAINED, "a role's token"),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/somebody", "a federated user's token"),
        # GetSessionToken leaves the ARN of an IAM user as it is.
        (f"arn:aws:iam::{ACCOUNT}:user/migrator", "a user's token after multi-factor authentication"),
    ],
    ids=["role", "federated-user", "session-token"],
)
def test_a_temporary_caller_needs_a_role(aws: Aws, mint: Any, arn: str, token: str) -> None:
    aws.gate.caller_arn, aws.gate.caller_token = arn, token
    failure = mint(failed=True, session_token=token)
    assert failure["error_id"] == "credentials.role_needed"
    assert arn in failure["msg"] and "role_arn" in failure["remedy"]
    assert token not in json.dumps(failure)
    assert aws.gate.minted == []


def test_the_root_user_gets_an_hour(aws: Aws, mint: Any) -> None:
    aws.gate.caller_arn = f"arn:aws:iam::{ACCOUNT}:root"
    assert 3500 < seconds_left(mint(duration=43200)) <= 3600


@pytest.mark.parametrize(
    ("arn", "token", "maximum", "seconds", "calls"),
    [
        ("user/migrator", "", 43200, 43200, 1),
        ("user/migrator", "", 7200, 3600, 1),
        ("assumed-role/controller/i-0123456789abcdef0", "a role's token", 43200, 3600, 1),
    ],
    ids=["the-role's-maximum", "more-than-the-role-gives", "role-chaining"],
)
def test_a_role_is_assumed_for_as_long_as_it_can_be(
    aws: Aws, mint: Any, arn: str, token: str, maximum: int, seconds: int, calls: int
) -> None:
    aws.gate.caller_arn, aws.gate.caller_token = f"arn:aws:sts::{ACCOUNT}:{arn}", token
    aws.gate.role_maximum = maximum
    result = mint(duration=129600, role_arn=ROLE_ARN, external_id="shop-42", session_token=token)
    assert result["operation"] == "AssumeRole"
    assert seconds - 100 < seconds_left(result) <= seconds
    assert len(aws.gate.minted) == calls
    assert aws.gate.minted[0]["RoleArn"] == ROLE_ARN
    assert aws.gate.minted[0]["ExternalId"] == "shop-42"
    assert json.loads(aws.gate.minted[0]["Policy"]) == json.loads(result["policy"])


@pytest.mark.parametrize(("operation", "role"), [("GetFederationToken", {}), ("AssumeRole", {"role_arn": ROLE_ARN})])
def test_a_caller_without_the_right_is_told_which(aws: Aws, mint: Any, operation: str, role: dict[str, str]) -> None:
    aws.gate.denied = {operation}
    failure = mint(failed=True, **role)
    assert failure["error_id"] == "credentials.denied"
    assert f"sts:{operation}" in failure["msg"] and aws.gate.caller_arn in failure["remedy"]


def test_a_policy_that_aws_cannot_pack_is_told_so(aws: Aws, mint: Any) -> None:
    aws.gate.packed_too_large = True
    failure = mint(failed=True)
    assert failure["error_id"] == "credentials.policy_too_large"
    assert "105%" in failure["msg"]


def test_a_wrong_key_is_told_in_aws_own_words(mint: Any) -> None:
    failure = mint(failed=True, access_key="AKIANOBODYNOBODYNOBO")
    assert failure["error_id"] == "aws.InvalidClientTokenId"


@pytest.mark.parametrize("duration", [899, 129601])
def test_a_duration_that_aws_does_not_know_is_refused(mint: Any, duration: int) -> None:
    assert str(duration) in mint(failed=True, duration=duration)["msg"]
