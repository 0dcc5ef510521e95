# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The objects below one prefix of one bucket, and the multipart uploads that are to become some."""

import base64
import zlib
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence
from urllib.parse import quote, unquote_plus, urlencode
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .._counted import counted
from .._errors import DbferryError
from .body import Body
from .checksums import Algorithm
from .client import Refused, S3Client
from .compare import StoredObject, VerifiedObject
from .errors import ObjectStoreError
from .wire import Payload

_DELETE_BATCH = 1000


class WriteSettings(NamedTuple):
    """How new objects are kept; ``None`` leaves the choice to the bucket."""

    sse: Optional[str] = None
    sse_kms_key_id: Optional[str] = None
    storage_class: Optional[str] = None
    tags: Optional[Dict[str, str]] = None


class OpenUpload(NamedTuple):
    """A multipart upload that was neither completed nor aborted.

    :ivar path: its key without the prefix.
    :ivar algorithm: of its checksums, such as CRC64NVME; empty where the server does not say.
    :ivar full_object: whether its object's checksum will be one of the whole object.
    """

    path: str
    upload_id: str
    storage_class: str
    algorithm: str
    full_object: bool


class StoredPart(NamedTuple):
    """A part that arrived; ``checksum`` is empty where the server does not say."""

    number: int
    size: int
    etag: str
    checksum: str


class SentPart(NamedTuple):
    """What completing an upload says of each part."""

    number: int
    etag: str
    checksum: str


class S3Prefix:
    """Reads and writes the objects whose keys begin with one prefix.

    :param client: as ``connect.connect_bucket`` returns it.
    :param bucket: the bucket's name, for messages.
    :param prefix: as ``plan.normalise_prefix`` returns it.
    :param algorithm: the checksum that travels with every object.
    :param settings: how new objects are kept.
    """

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        prefix: str,
        algorithm: Algorithm,
        settings: Optional[WriteSettings] = None,
    ) -> None:
        self.client = client
        self._bucket = bucket
        self._prefix = prefix
        self._algorithm = algorithm
        self._settings = settings or WriteSettings()
        self._write = _write_headers(self._settings)

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self._bucket

    @property
    def settings(self) -> WriteSettings:
        """How new objects are kept."""
        return self._settings

    @property
    def algorithm(self) -> Algorithm:
        """The checksum that travels with every object."""
        return self._algorithm

    @property
    def where(self) -> str:
        """The prefix as a person reads it."""
        return "s3://{0}/{1}".format(self._bucket, self._prefix)

    def through(self, client: S3Client) -> "S3Prefix":
        """The same prefix by another client, such as one of a forked process."""
        return S3Prefix(client, self._bucket, self._prefix, self._algorithm, self._settings)

    def beside(self, prefix: str) -> "S3Prefix":
        """Another prefix of the bucket, whose new objects are encrypted the same way and have no further settings."""
        settings = WriteSettings(self._settings.sse, self._settings.sse_kms_key_id)
        return S3Prefix(self.client, self._bucket, prefix, self._algorithm, settings)

    def below(self, path: str) -> "S3Prefix":
        """A prefix within this one.

        :param path: ends in ``/``.
        """
        return S3Prefix(self.client, self._bucket, self._prefix + path, self._algorithm, self._settings)

    def objects(self) -> Iterator[StoredObject]:
        """The objects under the prefix, page by page."""
        doing = "listing {0} (right s3:ListBucket)".format(self.where)
        token: Dict[str, str] = {}
        while True:
            page = self._list(doing, dict(token, **{"list-type": "2"}))
            for each in page.findall("Contents"):
                yield StoredObject(
                    unquote_plus(_text(each, "Key"))[len(self._prefix) :],
                    int(_text(each, "Size")),
                    _text(each, "ETag"),
                    _text(each, "StorageClass") or "STANDARD",
                )
            if _text(page, "IsTruncated") != "true":
                return
            token = {"continuation-token": _text(page, "NextContinuationToken")}

    def open_uploads(self) -> Iterator[OpenUpload]:
        """The multipart uploads under the prefix that were neither completed nor aborted."""
        doing = "listing uploads under {0} (right s3:ListBucketMultipartUploads)".format(self.where)
        marker: Dict[str, str] = {}
        while True:
            page = self._list(doing, dict(marker, uploads=""))
            for each in page.findall("Upload"):
                key = unquote_plus(_text(each, "Key"))
                # The prefix is asked for again because not every server heeds it.
                if key.startswith(self._prefix):
                    yield OpenUpload(
                        key[len(self._prefix) :],
                        _text(each, "UploadId"),
                        _text(each, "StorageClass") or "STANDARD",
                        _text(each, "ChecksumAlgorithm"),
                        _text(each, "ChecksumType") == "FULL_OBJECT",
                    )
            if _text(page, "IsTruncated") != "true":
                return
            marker = {
                "key-marker": unquote_plus(_text(page, "NextKeyMarker")),
                "upload-id-marker": _text(page, "NextUploadIdMarker"),
            }

    def parts(self, upload: OpenUpload) -> List[StoredPart]:
        """The parts of an upload that arrived; none where it is not open any more."""
        doing = "listing the parts of {0} (right s3:ListMultipartUploadParts)".format(self._name(upload.path))
        found: List[StoredPart] = []
        marker = "0"
        while True:
            query = [("uploadId", upload.upload_id), ("max-parts", "1000"), ("part-number-marker", marker)]
            try:
                answer = self.client.request(
                    doing, "GET", self._prefix + upload.path, query, expected=["NoSuchUpload", "NoSuchKey"]
                )
            except Refused:
                return []
            page = _parse(doing, answer.body)
            for each in page.findall("Part"):
                found.append(
                    StoredPart(
                        int(_text(each, "PartNumber")),
                        int(_text(each, "Size")),
                        _text(each, "ETag"),
                        _text(each, "Checksum" + self._algorithm.name),
                    )
                )
            if _text(page, "IsTruncated") != "true":
                return found
            marker = _text(page, "NextPartNumberMarker")

    def abort(self, path: str, upload_id: str) -> None:
        """Abort a multipart upload; one that is not there any more is as good."""
        doing = "aborting an upload of {0} (right s3:AbortMultipartUpload)".format(self._name(path))
        try:
            self.client.request(
                doing, "DELETE", self._prefix + path, [("uploadId", upload_id)], expected=["NoSuchUpload", "NoSuchKey"]
            )
        except Refused:
            return

    def abort_open_uploads(self) -> int:
        """Abort every upload that ``open_uploads`` shows, and say how many there were."""
        uploads = list(self.open_uploads())
        for each in uploads:
            self.abort(each.path, each.upload_id)
        return len(uploads)

    def abort_after(self, error: BaseException) -> bool:
        """Abort every open upload on the way out; what cannot be aborted is told along with the error that led here.

        :returns: whether none is left.
        """
        try:
            self.abort_open_uploads()
        except DbferryError as failure:
            if isinstance(error, DbferryError):
                error.add(
                    "Multipart uploads under {0} may be left open, because they could not be aborted: {1}".format(
                        self.where, failure.message
                    ),
                    "The next run aborts them; until then S3 keeps, and charges for, their parts.",
                )
            return False
        return True

    def read(self, path: str) -> Optional[bytes]:
        """The bytes of a small object; None where it is not there.

        "GetObject" (Amazon S3 API Reference): to who may not list the whole bucket, S3 denies what is not there. Who
        may list the key alone can be told by listing.
        """
        key = S3Prefix(self.client, self._bucket, self._prefix + path, self._algorithm)
        if not any(each.path == "" for each in key.objects()):
            return None
        doing = "reading {0} (right s3:GetObject)".format(self._name(path))
        return self.client.request(doing, "GET", self._prefix + path).body

    def reported(self, path: str) -> Optional[VerifiedObject]:
        """What S3 reports of an object: its entity tag and its full-object checksum.

        :returns: None where it is not there, or where S3 keeps no full-object checksum of this algorithm for it.
        """
        doing = "asking for {0} (right s3:GetObject)".format(self._name(path))
        headers = {"x-amz-checksum-mode": "ENABLED"}
        try:
            answer = self.client.request(doing, "HEAD", self._prefix + path, headers=headers, expected=["NoSuchKey"])
        except Refused:
            return None
        checksum = answer.headers.get(self._algorithm.header)
        # A checksum over the parts' checksums ends in "-<number of parts>".
        if checksum is None or "-" in checksum:
            return None
        return VerifiedObject(checksum, answer.headers.get("etag", ""))

    def put(self, path: str, body: Body) -> VerifiedObject:
        """Send an object in one request.

        :returns: what S3 reports of it, which is what was sent.
        """
        headers = dict(self._write)
        headers.update(body.headers())
        doing = "sending {0} (right s3:PutObject)".format(self._name(path))
        answer = self.client.request(doing, "PUT", self._prefix + path, (), headers, body.payload)
        reported = answer.headers.get(self._algorithm.header)
        if reported is None:
            return self._matching(path, body.checksum)
        self._refuse_mismatch(path, body.checksum, reported)
        return VerifiedObject(reported, answer.headers.get("etag", ""))

    def create_upload(self, path: str) -> str:
        """Begin a multipart upload and return its ID."""
        headers = dict(self._write)
        headers["x-amz-checksum-algorithm"] = self._algorithm.name
        headers["x-amz-checksum-type"] = "FULL_OBJECT"
        doing = "opening an upload of {0} (right s3:PutObject)".format(self._name(path))
        answer = self.client.request(doing, "POST", self._prefix + path, [("uploads", "")], headers)
        return _text(_parse(doing, answer.body), "UploadId")

    def put_part(self, path: str, upload_id: str, number: int, body: Body) -> str:
        """Send a part and return its entity tag."""
        query = [("uploadId", upload_id), ("partNumber", str(number))]
        doing = "sending part {0} of {1} (right s3:PutObject)".format(number, self._name(path))
        answer = self.client.request(doing, "PUT", self._prefix + path, query, body.headers(), body.payload)
        return answer.headers.get("etag", "")

    def complete_upload(
        self, path: str, upload_id: str, parts: Sequence[SentPart], size: int, checksum: str
    ) -> VerifiedObject:
        """Make the object of its parts.

        The whole object's checksum travels in a header and S3 refuses another; for a full-object checksum the parts'
        own are optional here ("Checking object integrity for data uploads in Amazon S3", S3 User Guide), and are given
        all the same: S3 compares each with what it keeps of the part.

        :param parts: in order.
        :param size: bytes of the whole object.
        :param checksum: of the whole object.
        :returns: what S3 reports of it, which is what was sent.
        """
        headers = {
            self._algorithm.header: checksum,
            "x-amz-checksum-type": "FULL_OBJECT",
            "x-amz-mp-object-size": str(size),
            "content-type": "application/xml",
        }
        member = "Checksum" + self._algorithm.name
        pieces = ['<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">']
        for part in parts:
            pieces.append(
                "<Part><ETag>{0}</ETag><PartNumber>{1}</PartNumber><{2}>{3}</{2}></Part>".format(
                    escape(part.etag), part.number, member, part.checksum
                )
            )
        pieces.append("</CompleteMultipartUpload>")
        doing = "completing the upload of {0} (right s3:PutObject)".format(self._name(path))
        try:
            self.client.request(
                doing,
                "POST",
                self._prefix + path,
                [("uploadId", upload_id)],
                headers,
                _small("".join(pieces)),
                expected=["NoSuchUpload"],
            )
        except Refused:
            # S3 completed it, the answer was lost, and the repeated request found no upload any more; whether that is
            # what happened, the object's checksum tells.
            return self._matching(path, checksum)
        return self._matching(path, checksum)

    def delete(self, paths: Iterable[str]) -> int:
        """Delete objects, and say how many."""
        count = 0
        batch: List[str] = []
        for path in paths:
            # XML cannot carry most control characters, so such keys go one by one, in the address.
            if any(character < " " or character in "\ufffe\uffff" for character in path):
                doing = "deleting {0} (right s3:DeleteObject)".format(self._name(path))
                self.client.request(doing, "DELETE", self._prefix + path)
                count += 1
                continue
            batch.append(path)
            if len(batch) == _DELETE_BATCH:
                count += self._delete_batch(batch)
                batch = []
        return count + (self._delete_batch(batch) if batch else 0)

    def _delete_batch(self, batch: List[str]) -> int:
        doing = "deleting objects under {0} (right s3:DeleteObject)".format(self.where)
        keys = "".join("<Object><Key>{0}</Key></Object>".format(escape(self._prefix + path)) for path in batch)
        text = '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{0}<Quiet>true</Quiet></Delete>'.format(keys)
        # S3 wants a checksum with this one; CRC32 is always at hand.
        crc = base64.b64encode(zlib.crc32(text.encode("utf-8")).to_bytes(4, "big")).decode("ascii")
        headers = {"x-amz-checksum-crc32": crc, "content-type": "application/xml"}
        answer = self.client.request(doing, "POST", "", [("delete", "")], headers, _small(text))
        errors = _parse(doing, answer.body).findall("Error") if answer.body else []
        if errors:
            raise ObjectStoreError(
                "S3 did not delete {0} under {1}; of {2!r} it said {3}: {4}".format(
                    counted(len(errors), "object"),
                    self.where,
                    _text(errors[0], "Key"),
                    _text(errors[0], "Code"),
                    _text(errors[0], "Message"),
                ),
                error_id="objectstore.delete_failed",
                remedy="Give the caller the right s3:DeleteObject under the prefix, or delete the objects by hand.",
            )
        return len(batch)

    def _list(self, doing: str, query: Dict[str, str]) -> ElementTree.Element:
        # Keys come percent-encoded, because XML cannot carry every character of a name.
        query = dict(query, prefix=self._prefix)
        query["encoding-type"] = "url"
        answer = self.client.request(doing, "GET", "", list(query.items()))
        return _parse(doing, answer.body)

    def _matching(self, path: str, checksum: str) -> VerifiedObject:
        reported = self.reported(path)
        if reported is None:
            raise ObjectStoreError(
                "S3 reports no {0} checksum for {1}, so it cannot be verified.".format(
                    self._algorithm.name, self._name(path)
                ),
                error_id="objectstore.checksum_missing",
                remedy="Check endpoint_url: this server does not keep full-object checksums as Amazon S3 does.",
            )
        self._refuse_mismatch(path, checksum, reported.checksum)
        return reported

    def _refuse_mismatch(self, path: str, checksum: str, reported: str) -> None:
        if reported == checksum:
            return
        raise ObjectStoreError(
            "{0} has the {1} checksum {2} in S3, and {3} was sent.".format(
                self._name(path), self._algorithm.name, reported, checksum
            ),
            error_id="objectstore.checksum_mismatch",
            remedy="The object is damaged; run again to replace it. If it comes back, check the host's memory and the "
            "network's middleboxes.",
        )

    def _name(self, path: str) -> str:
        return "{0!r} in {1}".format(self._prefix + path, self._bucket)


def _write_headers(settings: WriteSettings) -> Dict[str, str]:
    headers = {
        "x-amz-server-side-encryption": settings.sse,
        "x-amz-server-side-encryption-aws-kms-key-id": settings.sse_kms_key_id,
        "x-amz-storage-class": settings.storage_class,
        "x-amz-tagging": urlencode(sorted((settings.tags or {}).items()), quote_via=quote),
    }
    return {name: value for name, value in headers.items() if value}


def _small(text: str) -> Payload:
    body = text.encode("utf-8")
    return Payload(len(body), lambda: [body])


def _parse(doing: str, body: bytes) -> ElementTree.Element:
    """An answer's XML without its namespace."""
    try:
        root = ElementTree.fromstring(body.lstrip())
    except ElementTree.ParseError as error:
        raise ObjectStoreError(
            "While {0}, something that is not S3 answered: {1!r}".format(doing, body[:200]),
            error_id="objectstore.not_s3",
            remedy="Check endpoint_url and the proxy.",
        ) from error
    for element in root.iter():
        element.tag = element.tag.rsplit("}", 1)[-1]
    return root


def _text(element: Any, name: str) -> str:
    return element.findtext(name) or ""
