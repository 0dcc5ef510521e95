# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What a bucket is: there or not, whose, where, and whether something lies in it."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

try:
    from botocore.exceptions import ClientError
except ImportError:  # make_client says so

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._aws.errors import aws_errors, error_code

# HeadBucket has no body, so that botocore knows the status only ("HeadBucket", S3 API reference).
_NO_BUCKET = frozenset(("404", "NoSuchBucket", "NotFound"))
_NOT_OURS = frozenset(("403", "AccessDenied", "Forbidden"))


class Bucket(NamedTuple):
    """A bucket.

    :ivar readable: whether the caller may look into it; a bucket of another account's is not.
    :ivar region: where it lies.
    :ivar tags: its tags; empty where it is not readable.
    :ivar empty: whether it holds neither a version of an object nor an unfinished upload; ``None`` where not looked.
    """

    name: str
    readable: bool
    region: str
    tags: dict[str, str]
    empty: Optional[bool]


class BucketPlace(NamedTuple):
    """Where a bucket lies.

    :ivar readable: whether the caller may look into it.
    :ivar region: its Region; empty where S3 does not say.
    """

    readable: bool
    region: str


def find_bucket(s3: Any, name: str, look_inside: bool) -> Optional[Bucket]:
    """The bucket; ``None`` where nobody has one of that name.

    :param s3: a client of S3.
    :param look_inside: tell whether it is empty, too.
    :raises AwsError: S3 refused what it should not, or could not be reached.
    """
    place = locate_bucket(s3, name)
    if place is None or not place.readable:
        return place and Bucket(name, False, place.region, {}, None)
    return Bucket(name, True, place.region, _tags(s3, name), _is_empty(s3, name) if look_inside else None)


def locate_bucket(s3: Any, name: str) -> Optional[BucketPlace]:
    """Where the bucket lies; ``None`` where nobody has one of that name.

    :param s3: a client of S3.
    :raises AwsError: S3 refused what it should not, or could not be reached.
    """
    with aws_errors(f"looking at bucket {name} (right s3:ListBucket)"):
        try:
            answer = s3.head_bucket(Bucket=name)
        except ClientError as error:
            if error_code(error) in _NO_BUCKET:
                return None
            if error_code(error) in _NOT_OURS:
                return BucketPlace(False, _region(error.response))
            raise
    return BucketPlace(True, _region(answer))


def _region(answer: dict[str, Any]) -> str:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(answer.get("BucketRegion") or headers.get("x-amz-bucket-region") or "")


def _tags(s3: Any, name: str) -> dict[str, str]:
    with aws_errors(f"reading the tags of bucket {name} (right s3:GetBucketTagging)"):
        try:
            found = s3.get_bucket_tagging(Bucket=name)["TagSet"]
        except ClientError as error:
            if error_code(error) == "NoSuchTagSet":
                return {}
            raise
    return {tag["Key"]: tag["Value"] for tag in found}


def _is_empty(s3: Any, name: str) -> bool:
    with aws_errors(f"looking into bucket {name} (rights s3:ListBucketVersions, s3:ListBucketMultipartUploads)"):
        versions = s3.list_object_versions(Bucket=name, MaxKeys=1)
        uploads = s3.list_multipart_uploads(Bucket=name, MaxUploads=1)
    return not (versions.get("Versions") or versions.get("DeleteMarkers") or uploads.get("Uploads"))
