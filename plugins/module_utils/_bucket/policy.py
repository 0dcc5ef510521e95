# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""The policy of a bucket, statement by statement: each by its Sid, and those of others stay as they are.

S3 takes a policy as a whole, and none without a statement ("Bucket policies for Amazon S3", S3 user guide).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from .._aws.errors import aws_errors
from .sub_resource import read_sub_resource


def read_policy(s3: Any, bucket: str) -> dict[str, Any]:
    """The bucket's policy; empty where it has none.

    :param s3: a client of S3.
    :raises AwsError: S3 refused or could not be reached.
    """
    found = read_sub_resource(s3.get_bucket_policy, bucket, "the policy", "s3:GetBucketPolicy", "NoSuchBucketPolicy")
    return dict(json.loads(found["Policy"])) if found else {}


def write_policy(s3: Any, bucket: str, policy: Mapping[str, Any]) -> None:
    """Replace the bucket's policy; an empty one takes it away.

    :param s3: a client of S3.
    :raises AwsError: S3 refused or could not be reached.
    """
    right = "s3:PutBucketPolicy" if policy else "s3:DeleteBucketPolicy"
    with aws_errors(f"writing the policy of bucket {bucket} (right {right})"):
        if policy:
            s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        else:
            s3.delete_bucket_policy(Bucket=bucket)


def with_statement(policy: Mapping[str, Any], sid: str, statement: Optional[Mapping[str, Any]]) -> dict[str, Any]:
    """The policy with one statement of its own, and all others as they are; empty where nothing is left. Pure.

    :param policy: of a bucket; empty where it has none.
    :param sid: names the statement.
    :param statement: as it is to be, without its Sid; ``None`` where it is to go.
    """
    wanted = None if statement is None else {"Sid": sid, **statement}
    current = policy.get("Statement") or []
    listed = current if isinstance(current, list) else [current]
    found: list[Any] = []
    for each in listed:
        if each.get("Sid") != sid:
            found.append(each)
        elif wanted is not None and wanted not in found:
            found.append(wanted)
    if wanted is not None and wanted not in found:
        found.append(wanted)
    return {"Version": "2012-10-17", **policy, "Statement": found} if found else {}
