# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a bucket's place is made of, whoever knows it."""

import os
import ssl
from typing import Dict, NamedTuple, Optional
from urllib.parse import urlsplit

from .client import Place
from .errors import ObjectStoreError
from .wire import Route, find_proxy

_PORTS = {"http": 80, "https": 443}


class BucketOptions(NamedTuple):
    """How a bucket is reached, besides the AWS options.

    :ivar expected_owner: an account ID; S3 refuses every request when the bucket is another account's.
    :ivar proxy_url: an HTTP proxy; None leaves it to the environment.
    :ivar dual_stack: whether the endpoint that also has IPv6 addresses is used.
    """

    expected_owner: Optional[str] = None
    proxy_url: Optional[str] = None
    dual_stack: bool = False

    def headers(self) -> Dict[str, str]:
        """The headers that every request has."""
        return {"x-amz-expected-bucket-owner": self.expected_owner} if self.expected_owner else {}


def looking_at(bucket: str, prefix: str) -> str:
    """What the first request does, fit for "While <doing>: ..."."""
    return "looking at s3://{0}/{1} (right s3:ListBucket)".format(bucket, prefix)


def asking_where(bucket: str) -> str:
    """What the request for a bucket's Region does."""
    return "asking where {0} is (right s3:GetBucketLocation)".format(bucket)


def region_of(constraint: Optional[str]) -> str:
    """The Region that a LocationConstraint means.

    "GetBucketLocation" (Amazon S3 API Reference): the oldest Regions have no name, or their old one.
    """
    return {"": "us-east-1", "EU": "eu-west-1"}.get(constraint or "", constraint or "")


def place_at(url: str, tls: Optional[ssl.SSLContext], proxy_url: Optional[str], region: str, service: str) -> Place:
    """The place of the bucket that requests to ``url`` reach.

    :param url: without a key behind the bucket.
    :param tls: whom it trusts; None where the URL begins with ``http:``.
    :param region: the Region of the signature.
    :param service: the service of the signature.
    """
    parts = urlsplit(url)
    host = str(parts.hostname)
    route = Route(host, parts.port or _PORTS[parts.scheme], tls, find_proxy(parts.scheme, host, proxy_url))
    return Place(route, parts.netloc.rsplit("@", 1)[-1], parts.path.rstrip("/"), region, service)


def trusting_all() -> ssl.SSLContext:
    """A context that looks at no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def trusting(bundle: str) -> ssl.SSLContext:
    """A context that trusts the authorities in a file or a directory.

    :raises ObjectStoreError: ``objectstore.ca_bundle``.
    """
    if not os.path.exists(bundle):
        raise ObjectStoreError(
            "The file of CA certificates {0} is not there.".format(bundle),
            error_id="objectstore.ca_bundle",
            remedy="Correct aws_ca_bundle, AWS_CA_BUNDLE or the profile's ca_bundle.",
        )
    if os.path.isdir(bundle):
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)


def check_region(bucket: str, region: str, wanted: str) -> None:
    """Make sure that the bucket is where the cluster will be.

    :raises ObjectStoreError: ``objectstore.bucket_region``.
    """
    if region == wanted:
        return
    raise ObjectStoreError(
        "The bucket {0} is in {1}, and this task works in {2}.".format(bucket, region, wanted),
        error_id="objectstore.bucket_region",
        remedy="Aurora reads only from a bucket in the cluster's own Region: use a bucket in {0}, or correct "
        "region.".format(wanted),
        details={"bucket_region": region, "region": wanted},
    )
