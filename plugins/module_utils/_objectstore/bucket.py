# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The objects below one prefix of one bucket, behind S3's API."""

import threading
from contextlib import contextmanager
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, cast

try:
    from botocore.config import Config
    from botocore.exceptions import ClientError

    _CONFIG_OPTIONS = getattr(Config, "OPTION_DEFAULTS", {})
except ImportError:  # make_client says so
    _CONFIG_OPTIONS = {}

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._aws.errors import aws_errors, error_code
from .._aws.session import make_client
from .checksums import Algorithm
from .compare import StoredObject, VerifiedObject
from .errors import ObjectStoreError

# S3's answers to a body whose checksum is not the one that was sent along. botocore does not repeat these.
_CORRUPTED = frozenset(["BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch"])
_CORRUPTED_ATTEMPTS = 3
_DELETE_BATCH = 1000
# Those that may carry headers of ours.
_CHECKED_OPERATIONS = (
    "PutObject",
    "HeadObject",
    "CreateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
)


class WriteSettings(NamedTuple):
    """How new objects are kept; ``None`` leaves the choice to the bucket."""

    sse: Optional[str] = None
    sse_kms_key_id: Optional[str] = None
    storage_class: Optional[str] = None


def make_s3_client(params: Dict[str, Any], parallel: int) -> Any:
    """A client for ``S3Prefix``.

    :param params: module options as ``_argspec.aws_argument_spec`` names them.
    :param parallel: requests at the same time.
    """
    config = {
        "max_pool_connections": parallel + 2,
        "connect_timeout": 15,
        "read_timeout": 60,
        # The checksum headers protect the body; a SHA-256 over it as well would cost most of the CPU time.
        "s3": {"payload_signing_enabled": False},
    }  # type: Dict[str, Any]
    # Since early 2025 botocore adds a checksum of its own to each body, unless it is told that ours is enough.
    if "request_checksum_calculation" in _CONFIG_OPTIONS:
        config["request_checksum_calculation"] = "when_required"
    return make_client(params, "s3", **config)


class S3Prefix:
    """Reads and writes the objects whose keys begin with one prefix.

    Checksums travel as plain headers, set by a handler of botocore's ``before-call`` event: parameters for them exist
    in recent releases of boto3 only, and the answers' headers are readable in all.

    :param client: as ``make_s3_client`` returns it.
    :param bucket: the bucket's name.
    :param prefix: as ``plan.normalise_prefix`` returns it.
    :param algorithm: the checksum that travels with every object.
    :param expected_bucket_owner: an account ID; S3 refuses every request when the bucket is another account's.
    :param settings: how new objects are kept.
    """

    def __init__(
        self,
        client: Any,
        bucket: str,
        prefix: str,
        algorithm: Algorithm,
        expected_bucket_owner: Optional[str] = None,
        settings: Optional[WriteSettings] = None,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._algorithm = algorithm
        self._bucket = {"Bucket": bucket}
        if expected_bucket_owner:
            self._bucket["ExpectedBucketOwner"] = expected_bucket_owner
        self._write = _write_arguments(settings or WriteSettings())
        self._checksum_header = "x-amz-checksum-{0}".format(algorithm.name.lower())
        self._extra = threading.local()
        for operation in _CHECKED_OPERATIONS:
            # first: before old botocore's handler, which spares its MD5 where it sees a checksum.
            client.meta.events.register_first("before-call.s3.{0}".format(operation), self._add_headers)

    @property
    def algorithm(self) -> Algorithm:
        """The checksum that travels with every object."""
        return self._algorithm

    @property
    def where(self) -> str:
        """The prefix as a person reads it."""
        return "s3://{0}/{1}".format(self._bucket["Bucket"], self._prefix)

    def check_bucket(self) -> None:
        """Make sure that the bucket can be listed and is in the client's Region.

        :raises AwsError: S3 refused, for example ``aws.NoSuchBucket``, ``aws.AccessDenied``, ``aws.ExpiredToken``.
        :raises ObjectStoreError: ``objectstore.bucket_region``.
        """
        # A GET first: what S3 answers to HEAD has no words.
        with aws_errors("listing {0} (right s3:ListBucket)".format(self.where)):
            self._client.list_objects_v2(Prefix=self._prefix, MaxKeys=1, **self._bucket)
            answer = self._client.head_bucket(**self._bucket)
        region = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
        wanted = self._client.meta.region_name
        # Without a Region botocore calls itself "aws-global" and says nothing about where the cluster will be.
        if region and wanted != "aws-global" and region != wanted:
            raise ObjectStoreError(
                "The bucket {0} is in {1}, and this task works in {2}.".format(self._bucket["Bucket"], region, wanted),
                error_id="objectstore.bucket_region",
                remedy="Aurora reads only from a bucket in the cluster's own Region: use a bucket in {0}, or correct "
                "region.".format(wanted),
                details={"bucket_region": region, "region": wanted},
            )

    def objects(self) -> Iterator[StoredObject]:
        """The objects under the prefix, page by page."""
        with aws_errors("listing {0} (right s3:ListBucket)".format(self.where)):
            pages = self._client.get_paginator("list_objects_v2").paginate(Prefix=self._prefix, **self._bucket)
            for page in pages:
                for each in page.get("Contents", []):
                    yield StoredObject(
                        each["Key"][len(self._prefix) :],
                        int(each["Size"]),
                        each["ETag"],
                        each.get("StorageClass", "STANDARD"),
                    )

    def open_uploads(self) -> Iterator[Dict[str, str]]:
        """The multipart uploads under the prefix that were neither completed nor aborted (``Key``, ``UploadId``)."""
        with aws_errors("listing uploads under {0} (right s3:ListBucketMultipartUploads)".format(self.where)):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Prefix=self._prefix, **self._bucket)
            for page in pages:
                for each in page.get("Uploads", []):
                    # The prefix is asked for again because not every server heeds it.
                    if each["Key"].startswith(self._prefix):
                        yield {"Key": each["Key"], "UploadId": each["UploadId"]}

    def abort_open_uploads(self) -> int:
        """Abort every upload that ``open_uploads`` shows, and say how many there were."""
        count = 0
        for each in list(self.open_uploads()):
            with aws_errors(
                "aborting an upload of {0} (right s3:AbortMultipartUpload)".format(self._name(each["Key"]))
            ):
                try:
                    self._client.abort_multipart_upload(**dict(self._bucket, **each))
                except ClientError as error:
                    if error_code(error) != "NoSuchUpload":
                        raise
            count += 1
        return count

    def reported(self, path: str) -> Optional[VerifiedObject]:
        """What S3 reports of an object: its entity tag and its full-object checksum.

        :returns: None where S3 keeps no full-object checksum of this algorithm for it.
        """
        with aws_errors("asking for {0} (right s3:GetObject)".format(self._name(self._prefix + path))):
            with self._headers({"x-amz-checksum-mode": "ENABLED"}):
                answer = self._client.head_object(Key=self._prefix + path, **self._bucket)
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        checksum = headers.get(self._checksum_header)
        # A checksum over the parts' checksums ends in "-<number of parts>".
        if checksum is None or "-" in checksum:
            return None
        return VerifiedObject(checksum, answer["ETag"])

    def put(self, path: str, body: bytearray, checksum: str) -> VerifiedObject:
        """Send an object in one request.

        :returns: what S3 reports of it, which is what was sent.
        """
        answer = self._send(self._client.put_object, path, body, checksum, dict(self._write, Key=self._prefix + path))
        reported = answer["ResponseMetadata"]["HTTPHeaders"].get(self._checksum_header)
        if reported is None:
            return self._matching(path, checksum)
        self._refuse_mismatch(path, checksum, reported)
        return VerifiedObject(reported, answer["ETag"])

    def create_upload(self, path: str) -> str:
        """Begin a multipart upload and return its ID."""
        headers = {"x-amz-checksum-algorithm": self._algorithm.name, "x-amz-checksum-type": "FULL_OBJECT"}
        with aws_errors("opening an upload of {0} (right s3:PutObject)".format(self._name(self._prefix + path))):
            with self._headers(headers):
                answer = self._client.create_multipart_upload(
                    Key=self._prefix + path, **dict(self._bucket, **self._write)
                )
        return str(answer["UploadId"])

    def put_part(self, path: str, upload_id: str, number: int, body: bytearray, checksum: str) -> str:
        """Send a part and return its entity tag."""
        members = {"Key": self._prefix + path, "UploadId": upload_id, "PartNumber": number}
        return str(self._send(self._client.upload_part, path, body, checksum, members)["ETag"])

    def complete_upload(self, path: str, upload_id: str, etags: List[str], size: int, checksum: str) -> VerifiedObject:
        """Make the object of its parts.

        :param etags: the parts' entity tags, in order.
        :param size: bytes of the whole object.
        :param checksum: of the whole object.
        :returns: what S3 reports of it, which is what was sent.
        """
        headers = {
            self._checksum_header: checksum,
            "x-amz-checksum-type": "FULL_OBJECT",
            "x-amz-mp-object-size": str(size),
        }
        parts = [{"ETag": etag, "PartNumber": number} for number, etag in enumerate(etags, 1)]
        with aws_errors("completing the upload of {0} (right s3:PutObject)".format(self._name(self._prefix + path))):
            try:
                with self._headers(headers):
                    self._client.complete_multipart_upload(
                        Key=self._prefix + path, UploadId=upload_id, MultipartUpload={"Parts": parts}, **self._bucket
                    )
            except ClientError as error:
                if error_code(error) in _CORRUPTED:
                    raise _corrupted(self._name(self._prefix + path)) from error
                # S3 completed it, the answer was lost, and the repeated request found no upload any more; whether
                # that is what happened, the object's checksum tells.
                if error_code(error) != "NoSuchUpload":
                    raise
        return self._matching(path, checksum)

    def delete(self, paths: Iterable[str]) -> int:
        """Delete objects, and say how many."""
        count = 0
        batch: List[Dict[str, str]] = []
        for path in paths:
            batch.append({"Key": self._prefix + path})
            if len(batch) == _DELETE_BATCH:
                count += self._delete_batch(batch)
                batch = []
        return count + (self._delete_batch(batch) if batch else 0)

    def _delete_batch(self, batch: List[Dict[str, str]]) -> int:
        with aws_errors("deleting objects under {0} (right s3:DeleteObject)".format(self.where)):
            # XML cannot carry control characters, so such keys go one by one, in the address.
            alone = [each for each in batch if any(character < " " for character in each["Key"])]
            together = [each for each in batch if each not in alone] if alone else batch
            for each in alone:
                self._client.delete_object(**dict(self._bucket, **each))
            errors: List[Dict[str, str]] = []
            if together:
                answer = self._client.delete_objects(Delete={"Objects": together, "Quiet": True}, **self._bucket)
                errors = answer.get("Errors", [])
        if errors:
            raise ObjectStoreError(
                "S3 did not delete {0} objects under {1}; of {2!r} it said {3}: {4}".format(
                    len(errors), self.where, errors[0].get("Key"), errors[0].get("Code"), errors[0].get("Message")
                ),
                error_id="objectstore.delete_failed",
                remedy="Give the caller the right s3:DeleteObject under the prefix, or delete the objects by hand.",
            )
        return len(batch)

    def _send(self, operation: Any, path: str, body: bytearray, checksum: str, members: Dict[str, Any]) -> Any:
        headers = {self._checksum_header: checksum, "x-amz-sdk-checksum-algorithm": self._algorithm.name}
        for _attempt in range(_CORRUPTED_ATTEMPTS):
            with aws_errors("sending {0} (right s3:PutObject)".format(self._name(self._prefix + path))):
                try:
                    with self._headers(headers):
                        return operation(Body=body, **dict(self._bucket, **members))
                except ClientError as error:
                    if error_code(error) not in _CORRUPTED:
                        raise
        raise _corrupted(self._name(self._prefix + path))

    def _matching(self, path: str, checksum: str) -> VerifiedObject:
        reported = self.reported(path)
        self._refuse_mismatch(path, checksum, reported.checksum if reported else None)
        # What was not reported was refused.
        return cast(VerifiedObject, reported)

    def _refuse_mismatch(self, path: str, checksum: str, reported: Optional[str]) -> None:
        if reported == checksum:
            return
        name = self._name(self._prefix + path)
        if reported is None:
            raise ObjectStoreError(
                "S3 reports no {0} checksum for {1}, so it cannot be verified.".format(self._algorithm.name, name),
                error_id="objectstore.checksum_missing",
                remedy="Check endpoint_url: this server does not keep full-object checksums as Amazon S3 does.",
            )
        raise ObjectStoreError(
            "{0} has the {1} checksum {2} in S3, and the file has {3}.".format(
                name, self._algorithm.name, reported, checksum
            ),
            error_id="objectstore.checksum_mismatch",
            remedy="The object is damaged; run again to replace it. If it comes back, check the host's memory and the "
            "network's middleboxes.",
        )

    def _name(self, key: str) -> str:
        return "{0!r} in {1}".format(key, self._bucket["Bucket"])

    @contextmanager
    def _headers(self, headers: Dict[str, str]) -> Iterator[None]:
        self._extra.headers = headers
        try:
            yield
        finally:
            self._extra.headers = {}

    def _add_headers(self, params: Dict[str, Any], **_kwargs: Any) -> None:
        params["headers"].update(getattr(self._extra, "headers", {}))


def _corrupted(name: str) -> ObjectStoreError:
    return ObjectStoreError(
        "S3 received other bytes than were sent for {0}, again and again.".format(name),
        error_id="objectstore.corrupted_in_transit",
        remedy="Something between this host and S3 changes the data: check proxies, network cards and memory.",
    )


def _write_arguments(settings: WriteSettings) -> Dict[str, str]:
    arguments = {
        "ServerSideEncryption": settings.sse,
        "SSEKMSKeyId": settings.sse_kms_key_id,
        "StorageClass": settings.storage_class,
    }
    return {name: value for name, value in arguments.items() if value}
