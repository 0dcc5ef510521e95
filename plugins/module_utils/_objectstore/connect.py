# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""From a module's options to a bucket's place: botocore finds the endpoint, the Region and the credentials.

botocore's own rules (endpoints, addressing styles, dual-stack, profiles, instance roles) stay in force, because it
sends one request itself, and that request's address and signature tell all that the others need.
"""

import os
import re
import ssl
from typing import Any, Dict, List, NamedTuple, Optional
from urllib.parse import urlsplit

try:
    from botocore.httpsession import get_cert_path
except ImportError:  # make_session says so
    get_cert_path = None

from .._aws.credentials import KeyProvider
from .._aws.errors import aws_errors
from .._aws.session import make_client, make_session
from .client import Place, S3Client
from .errors import ObjectStoreError
from .wire import Route, find_proxy

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
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


def connect_bucket(
    params: Dict[str, Any],
    bucket: str,
    prefix: str,
    options: Optional[BucketOptions] = None,
    provider: Optional[KeyProvider] = None,
) -> S3Client:
    """A client of one bucket, which was seen to be there, to be listed, and to be in the right Region.

    :param params: module options as ``_argspec.aws_argument_spec`` names them.
    :param prefix: what is listed, because a caller may have the right to no more.
    :param provider: where credentials come from instead of the options.
    :raises AwsError: boto3 is missing, or S3 refused: ``aws.NoSuchBucket``, ``aws.AccessDenied``, ``aws.ExpiredToken``.
    :raises ObjectStoreError: ``objectstore.bucket_region``, ``objectstore.proxy``.
    """
    options = options or BucketOptions()
    session = make_session(params, provider)
    config: Dict[str, Any] = {"connect_timeout": 15, "read_timeout": 60, "signature_version": "s3v4"}
    if options.proxy_url:
        config["proxies"] = {"http": options.proxy_url, "https": options.proxy_url}
    if options.dual_stack:
        config["s3"] = {"use_dualstack_endpoint": True}
    botocore_client = make_client(params, "s3", session, **config)
    seen: List[Any] = []
    # What is sent last is what a redirection to the bucket's Region has led to.
    botocore_client.meta.events.register("before-send.s3.ListObjectsV2", lambda request, **_more: seen.append(request))
    arguments = {"Bucket": bucket}
    if options.expected_owner:
        arguments["ExpectedBucketOwner"] = options.expected_owner
    # Not HeadBucket: it has no prefix, so that credentials which may list one prefix only are refused, without words.
    with aws_errors("looking at s3://{0}/{1} (right s3:ListBucket)".format(bucket, prefix)):
        answer = botocore_client.list_objects_v2(Prefix=prefix, MaxKeys=1, **arguments)
    region = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
    if not region:
        with aws_errors("asking where {0} is (right s3:GetBucketLocation)".format(bucket)):
            region = botocore_client.get_bucket_location(**arguments).get("LocationConstraint")
        # "GetBucketLocation" (Amazon S3 API Reference): the oldest Regions have no name, or their old one.
        region = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(region, region)
    _check_region(bucket, region, botocore_client.meta.region_name)
    verify = params.get("aws_ca_bundle") or params.get("validate_certs", True)
    ca_bundle = session._session.get_config_variable("ca_bundle") if verify is True else verify
    place = _place_of(seen[-1], bucket, ca_bundle, options.proxy_url)
    always = {"x-amz-expected-bucket-owner": options.expected_owner} if options.expected_owner else {}
    return S3Client(place, session.get_credentials(), always)


def _place_of(request: Any, bucket: str, ca_bundle: Any, proxy_url: Optional[str]) -> Place:
    url = urlsplit(request.url)
    authorization = request.headers.get("Authorization", b"")
    if isinstance(authorization, bytes):
        authorization = authorization.decode("ascii", "replace")
    scope = _SCOPE.search(authorization)
    if scope is None:
        raise ObjectStoreError(
            "botocore signs requests to {0} in a way other than Signature Version 4.".format(bucket),
            error_id="objectstore.signature",
            remedy="Use a bucket of one Region by its name, and credentials rather than anonymous access.",
        )
    tls = _tls_context(ca_bundle) if url.scheme == "https" else None
    host = str(url.hostname)
    route = Route(host, url.port or _PORTS[url.scheme], tls, find_proxy(url.scheme, host, proxy_url))
    return Place(route, url.netloc.rsplit("@", 1)[-1], url.path.rstrip("/"), scope.group(1), scope.group(2))


def _tls_context(ca_bundle: Any) -> ssl.SSLContext:
    """A context that trusts what botocore trusts; False trusts everybody."""
    if ca_bundle is False:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    bundle = ca_bundle or get_cert_path(True)
    if not os.path.exists(bundle):
        raise ObjectStoreError(
            "The file of CA certificates {0} is not there.".format(bundle),
            error_id="objectstore.ca_bundle",
            remedy="Correct aws_ca_bundle, AWS_CA_BUNDLE or the profile's ca_bundle.",
        )
    if os.path.isdir(bundle):
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)


def _check_region(bucket: str, region: str, wanted: str) -> None:
    # Without a Region botocore calls itself "aws-global" and says nothing about where the cluster will be.
    if wanted == "aws-global" or region == wanted:
        return
    raise ObjectStoreError(
        "The bucket {0} is in {1}, and this task works in {2}.".format(bucket, region, wanted),
        error_id="objectstore.bucket_region",
        remedy="Aurora reads only from a bucket in the cluster's own Region: use a bucket in {0}, or correct "
        "region.".format(wanted),
        details={"bucket_region": region, "region": wanted},
    )
