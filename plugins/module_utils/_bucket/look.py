# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What a bucket is: there or not, whose, where, and whether something lies in it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple, Optional

try:
    from botocore.exceptions import ClientError
except ImportError:  # make_client says so

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._aws.errors import aws_errors, error_code
from .._aws.tags import tags_of
from .._backup.parts import format_of
from .sub_resource import read_sub_resource

# HeadBucket has no body, so that botocore knows the status only ("HeadBucket", S3 API reference).
_NO_BUCKET = frozenset(("404", "NoSuchBucket", "NotFound"))
_NOT_OURS = frozenset(("403", "AccessDenied", "Forbidden"))


class Bucket(NamedTuple):
    """A bucket.

    :ivar readable: whether the caller may look into it; a bucket of another account's is not.
    :ivar region: where it lies.
    :ivar tags: its tags; empty where it is not readable.
    :ivar empty: whether it holds neither a version of an object nor an unfinished upload, but for prefixes that do not
        count; ``None`` where not looked.
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


class Load(NamedTuple):
    """What lies under a prefix.

    :ivar objects: how many objects.
    :ivar size: their bytes.
    :ivar formats: those in which Aurora would read them, sorted; it reads one a prefix.
    """

    objects: int
    size: int
    formats: tuple[str, ...]


def find_bucket(s3: Any, name: str, look_inside: bool, but_for: Collection[str] = ()) -> Optional[Bucket]:
    """The bucket; ``None`` where nobody has one of that name.

    :param s3: a client of S3.
    :param look_inside: tell whether it is empty, too.
    :param but_for: prefixes, ending in ``/``; what lies under them does not count.
    :raises AwsError: S3 refused what it should not, or could not be reached.
    """
    place = locate_bucket(s3, name)
    if place is None or not place.readable:
        return place and Bucket(name, False, place.region, {}, None)
    empty = _is_empty(s3, name, but_for) if look_inside else None
    return Bucket(name, True, place.region, _tags(s3, name), empty)


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


def first_keys(s3: Any, name: str, prefix: str, limit: int) -> list[str]:
    """The first keys of the bucket that begin with the prefix, at most ``limit``.

    :param s3: a client of S3.
    :raises AwsError: S3 refused, or could not be reached.
    """
    with aws_errors(f"looking into s3://{name}/{prefix} (right s3:ListBucket)"):
        found = s3.list_objects_v2(Bucket=name, Prefix=prefix, MaxKeys=limit)
    return [each["Key"] for each in found.get("Contents", [])]


def weigh(s3: Any, name: str, prefix: str) -> Load:
    """What the objects of the bucket come to whose keys begin with the prefix.

    Takes a request for each thousand.

    :param s3: a client of S3.
    :raises AwsError: S3 refused, or could not be reached.
    """
    objects = size = 0
    formats: set[str] = set()
    with aws_errors(f"listing s3://{name}/{prefix} (right s3:ListBucket)"):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=prefix):
            found = page.get("Contents", [])
            objects += len(found)
            size += sum(each["Size"] for each in found)
            # The console makes empty objects for folders.
            formats.update(format_of(each["Key"]) for each in found if not each["Key"].endswith("/"))
    return Load(objects, size, tuple(sorted(formats)))


def _region(answer: dict[str, Any]) -> str:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(answer.get("BucketRegion") or headers.get("x-amz-bucket-region") or "")


def _tags(s3: Any, name: str) -> dict[str, str]:
    found = read_sub_resource(s3.get_bucket_tagging, name, "the tags", "s3:GetBucketTagging", "NoSuchTagSet")
    return tags_of(found.get("TagSet"))


def _is_empty(s3: Any, name: str, but_for: Collection[str]) -> bool:
    with aws_errors(f"looking into bucket {name} (rights s3:ListBucketVersions, s3:ListBucketMultipartUploads)"):
        return not _holds_version(s3, name, "", but_for) and not _holds_upload(s3, name, but_for)


def _holds_version(s3: Any, name: str, folder: str, but_for: Collection[str]) -> bool:
    """Whether a version or a delete marker lies in a folder, but for some prefixes, whose keys are not listed."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=name, Prefix=folder, Delimiter="/")
    for page in pages:
        if page.get("Versions") or page.get("DeleteMarkers"):
            return True
        for each in page.get("CommonPrefixes") or ():
            prefix = each["Prefix"]
            if prefix in but_for:
                continue
            above = any(other.startswith(prefix) for other in but_for)
            if not above or _holds_version(s3, name, prefix, but_for):
                return True
    return False


def _holds_upload(s3: Any, name: str, but_for: Collection[str]) -> bool:
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=name)
    return any(not each["Key"].startswith(tuple(but_for)) for page in pages for each in page.get("Uploads") or ())
