# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Rules of a bucket's lifecycle configuration, each by its ID; those of others stay as they are.

"Lifecycle configuration elements" (S3 user guide).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Optional

from .._aws.errors import aws_errors
from .sub_resource import read_sub_resource


class Rule(NamedTuple):
    """What becomes of what lies under a prefix.

    :ivar rule_id: names the rule in its bucket.
    :ivar prefix: what the keys begin with; empty is the whole bucket.
    :ivar abort_uploads_days: after so many days an unfinished multipart upload is aborted.
    :ivar expire_days: after so many days an object goes; where the bucket keeps versions, a day later for good.
    """

    rule_id: str
    prefix: str
    abort_uploads_days: Optional[int]
    expire_days: Optional[int]

    def as_s3(self) -> dict[str, Any]:
        """The rule in the form of PutBucketLifecycleConfiguration."""
        found: dict[str, Any] = {"ID": self.rule_id, "Filter": {"Prefix": self.prefix}, "Status": "Enabled"}
        if self.abort_uploads_days:
            found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": self.abort_uploads_days}
        if self.expire_days:
            found["Expiration"] = {"Days": self.expire_days}
            found["NoncurrentVersionExpiration"] = {"NoncurrentDays": 1}
        return found


def plan(current: Sequence[dict[str, Any]], wanted: Iterable[Rule], unwanted: Iterable[str]) -> list[dict[str, Any]]:
    """The rules as they are to be: the wanted ones in the place of those of the same ID or at the end.

    :param current: as GetBucketLifecycleConfiguration shows them.
    :param unwanted: IDs of rules that are to go.
    """
    new = {rule.rule_id: rule.as_s3() for rule in wanted}
    gone = set(unwanted) - set(new)
    kept = [new.pop(str(rule.get("ID")), rule) for rule in current if rule.get("ID") not in gone]
    return [*kept, *new.values()]


def read_rules(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """The bucket's rules.

    :raises AwsError: S3 refused or could not be reached.
    """
    found = read_sub_resource(
        s3.get_bucket_lifecycle_configuration,
        bucket,
        "the lifecycle",
        "s3:GetLifecycleConfiguration",
        "NoSuchLifecycleConfiguration",
    )
    return list(found.get("Rules", []))


def write_rules(s3: Any, bucket: str, rules: Sequence[dict[str, Any]]) -> None:
    """Replace the bucket's rules.

    :raises AwsError: S3 refused or could not be reached.
    """
    with aws_errors(f"writing the lifecycle of bucket {bucket} (right s3:PutLifecycleConfiguration)"):
        if rules:
            s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})
        else:
            s3.delete_bucket_lifecycle(Bucket=bucket)
