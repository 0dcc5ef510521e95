# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Takes everything that lies under one prefix out of a bucket: objects with all their versions, unfinished uploads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from .._aws.errors import AwsError, aws_errors
from .._counted import counted
from .._errors import DbferryError

# DeleteObjects takes so many keys a request; memory is bounded by one page and one batch.
_BATCH = 1000


class RemovalError(DbferryError):
    """Nothing can be removed by what was given."""

    default_id = "bucket.removal"


class Removed(NamedTuple):
    """What went, or would go.

    :ivar objects: objects, those that are hidden by a delete marker not counted.
    :ivar bytes: their size.
    :ivar versions: all versions and delete markers, objects' last ones among them.
    :ivar uploads: unfinished multipart uploads.
    """

    objects: int
    bytes: int
    versions: int
    uploads: int


def remove_prefix(s3: Any, bucket: str, prefix: str, dry_run: bool) -> Removed:
    """Remove what lies under the prefix.

    :param s3: a client of S3.
    :param prefix: what the keys begin with, ending in ``/``.
    :param dry_run: only count.
    :raises RemovalError: the prefix reaches its neighbours.
    :raises AwsError: S3 refused or could not be reached; what has gone by then stays gone.
    """
    if not prefix.strip("/") or not prefix.endswith("/") or prefix.startswith("/"):
        raise RemovalError(
            f"The prefix {prefix!r} reaches more than one folder of s3://{bucket}.",
            error_id="bucket.prefix",
            remedy="Give a prefix that ends in '/', such as shop/backup/: a prefix is a plain 'begins with'.",
        )
    # Counted before anything goes: an object whose newest version has gone shows the one before as its newest.
    objects = size = versions = 0
    for each in _versions(s3, bucket, prefix):
        versions += 1
        if each.get("IsLatest") and "Size" in each:
            objects += 1
            size += int(each["Size"])
    if not dry_run:
        # From the beginning each time: what a listing went on from is gone by then.
        while batch := list(islice(_versions(s3, bucket, prefix), _BATCH)):
            _delete(s3, bucket, batch)
    uploads = 0
    for upload in _uploads(s3, bucket, prefix):
        uploads += 1
        if not dry_run:
            with aws_errors(f"aborting an upload of s3://{bucket}/{upload['Key']} (right s3:AbortMultipartUpload)"):
                s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return Removed(objects, size, versions, uploads)


def _versions(s3: Any, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    with aws_errors(f"listing the versions under s3://{bucket}/{prefix} (right s3:ListBucketVersions)"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            yield from page.get("Versions") or ()
            yield from page.get("DeleteMarkers") or ()


def _uploads(s3: Any, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    with aws_errors(f"listing the uploads under s3://{bucket}/{prefix} (right s3:ListBucketMultipartUploads)"):
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix):
            # Not every server heeds the prefix.
            yield from (each for each in page.get("Uploads") or () if each["Key"].startswith(prefix))


def _delete(s3: Any, bucket: str, batch: list[dict[str, Any]]) -> None:
    keys = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in batch]
    with aws_errors(
        f"deleting {counted(len(keys), 'version')} in s3://{bucket} (rights s3:DeleteObject, s3:DeleteObjectVersion)"
    ):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    refused = answer.get("Errors") or []
    if refused:
        first = refused[0]
        raise AwsError(
            f"S3 did not delete {len(refused)} of {counted(len(keys), 'version')}; of "
            f"s3://{bucket}/{first.get('Key')} it says "
            f"{first.get('Code')}: {first.get('Message')}",
            error_id=f"aws.{first.get('Code')}",
            remedy="Give the caller s3:DeleteObject and s3:DeleteObjectVersion there, and run again.",
        )
