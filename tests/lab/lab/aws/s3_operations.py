# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The S3 operations that moto lacks: who pays for requests to a bucket, which it would answer with a list of objects.

"GetBucketRequestPayment" and "PutBucketRequestPayment" (S3 API reference). Nobody is refused for not paying.
"""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import WeakKeyDictionary
from xml.etree import ElementTree

from moto.core.responses import ActionResult, EmptyResult
from moto.s3 import responses
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket

_QUERY = "requestPayment"
_PAYERS = ("BucketOwner", "Requester")


class LabS3Response(responses.S3Response):
    """moto's S3 with the lab's operations."""

    payers: ClassVar[WeakKeyDictionary[FakeBucket, str]] = WeakKeyDictionary()
    """Of the buckets that somebody was set for."""

    def _bucket_response_get(self, bucket_name: str, querystring: dict[str, Any]) -> Any:
        if _QUERY not in querystring:
            return super()._bucket_response_get(bucket_name, querystring)
        self.data["Action"] = "GetBucketRequestPayment"
        bucket = self.backend.get_bucket(bucket_name)
        return self.serialized(ActionResult({"Payer": self.payers.get(bucket, _PAYERS[0])}))

    def _bucket_response_put(self, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
        if _QUERY not in querystring:
            return super()._bucket_response_put(request, bucket_name, querystring)
        self.data["Action"] = "PutBucketRequestPayment"
        bucket = self.backend.get_bucket(bucket_name)
        payer = ElementTree.fromstring(self.body).findtext("{*}Payer")
        if payer not in _PAYERS:
            raise S3ClientError("MalformedXML", "The XML you provided was not well-formed")
        self.payers[bucket] = payer
        return self.serialized(EmptyResult())


def install() -> None:
    """Put the lab's operations in the place of moto's."""
    # moto loads its table of paths anew for each back end of S3, and takes the class for it from here.
    responses.S3Response = LabS3Response  # type: ignore[misc]
