# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Ask S3 for one setting of a bucket, where not having it is an answer and no error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # make_client says so

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._aws.errors import aws_errors, error_code


def read_sub_resource(operation: Callable[..., Any], bucket: str, what: str, right: str, *none: str) -> dict[str, Any]:
    """What S3 answers; empty where it answers that the bucket has no such setting.

    :param operation: of a client of S3, which takes the bucket.
    :param what: is asked for, in words.
    :param right: that the caller needs.
    :param none: the error codes by which S3 says that there is none.
    :raises AwsError: S3 refused or could not be reached.
    """
    with aws_errors(f"reading {what} of bucket {bucket} (right {right})"):
        try:
            return dict(operation(Bucket=bucket))
        except ClientError as error:
            if error_code(error) in none:
                return {}
            raise
