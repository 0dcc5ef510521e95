# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bucket behind a gate that enforces session policies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .gate import REGION, Aws, aws_behind_a_gate

BUCKET = "migrations"
PREFIX = "shop/backup/"


@pytest.fixture(scope="session")
def running_aws() -> Iterator[Aws]:
    with aws_behind_a_gate() as aws:
        yield aws


@pytest.fixture
def aws(running_aws: Aws) -> Iterator[Aws]:
    """An empty bucket, and a gate that has seen nothing."""
    running_aws.gate.reset()
    s3 = running_aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    running_aws.gate.seen.clear()
    try:
        yield running_aws
    finally:
        running_aws.gate.reset()
        for upload in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])
        for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=each["Key"])
        s3.delete_bucket(Bucket=BUCKET)
