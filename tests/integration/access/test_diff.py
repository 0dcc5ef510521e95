# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check mode tells of a bucket's settings and of records: what the run then does, and nothing is done yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.integration.servers import MotoServer, moto_server

BUCKET = "told-beforehand"
RECORD = "shop/record"


class Case(NamedTuple):
    """A module, and what two runs of it want.

    :ivar read: what a client of S3 sees of what the module is about, in the form of the module's diff.
    """

    module: str
    first: dict[str, Any]
    second: dict[str, Any]
    read: Callable[[Any], Any]


def read_document(s3: Any) -> Any:
    """The page of a station, without the moment at which it was written."""
    try:
        return timeless(json.loads(s3.get_object(Bucket=BUCKET, Key=f"{RECORD}/iam.json")["Body"].read()))
    except s3.exceptions.NoSuchKey:
        return {}


def timeless(told: Any) -> Any:
    """A document but for its moment, which a second run has otherwise."""
    return {key: value for key, value in told.items() if key != "written_at"} if isinstance(told, dict) else told


def read_rules(s3: Any) -> Any:
    try:
        return {"rules": s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]}
    except ClientError:
        return {"rules": []}


def read_policy(s3: Any) -> Any:
    try:
        return json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    except ClientError:
        return {}


def refusal(action: str) -> dict[str, Any]:
    return {
        "sid": "Refusal",
        "statement": {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{BUCKET}/*"},
    }


OF_THE_MIGRATION = {"migration_id": "shop"}
CASES = [
    Case(
        "migration_record",
        {**OF_THE_MIGRATION, "station": "iam", "document": {"role_arn": "a", "role_name": "a", "managed": True}},
        {**OF_THE_MIGRATION, "station": "iam", "document": {"role_arn": "b", "role_name": "b", "managed": False}},
        read_document,
    ),
    Case(
        "s3_bucket_lifecycle",
        {"rules": [{"id": "one", "prefix": "shop/backup/", "expire_days": 9}]},
        {"rules": [{"id": "two", "abort_uploads_days": 7}], "absent": ["one"]},
        read_rules,
    ),
    Case("s3_bucket_policy_statement", refusal("s3:GetObject"), refusal("s3:PutObject"), read_policy),
]


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoServer]:
    with moto_server() as server:
        server.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield server


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.module)
def test_check_mode_tells_what_the_run_does(moto: MotoServer, run_module: Callable[..., Any], case: Case) -> None:
    s3 = moto.client("s3")
    for wanted in (case.first, case.second):
        options = {**moto.aws_options(), "bucket": BUCKET, **wanted, "_ansible_diff": True}
        before = case.read(s3)
        foreseen = run_module(case.module, **options, _ansible_check_mode=True)
        assert foreseen.get("changed") is True, foreseen
        assert case.read(s3) == before
        done = run_module(case.module, **options)
        assert done["changed"] is True
        told = [{side: timeless(each["diff"][side]) for side in ("before", "after")} for each in (foreseen, done)]
        assert told[0] == told[1]
        assert told[0] == {"before": before, "after": case.read(s3)}
        for check in (True, False):
            again = run_module(case.module, **options, _ansible_check_mode=check)
            assert again["changed"] is False
            assert "diff" not in again or again["diff"]["before"] == again["diff"]["after"]
