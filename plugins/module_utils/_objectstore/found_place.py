# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Where a bucket is, as botocore finds it: the endpoint, the Region and the credentials.

botocore's own rules (endpoints, addressing styles, dual-stack, profiles, instance roles) stay in force, because it
sends one request itself, and that request's address and signature tell all that the others need.
"""

import re
from typing import Any, Dict, List, Optional
from urllib.parse import urlsplit

try:
    from botocore.httpsession import get_cert_path
except ImportError:  # make_session says so
    get_cert_path = None

from .._aws.credentials import KeyProvider
from .._aws.errors import AwsError, aws_errors
from .._aws.session import make_client, make_session
from .client import Place, S3Client
from .errors import ObjectStoreError
from .place import BucketOptions, asking_where, check_region, looking_at, place_at, region_of, trusting, trusting_all

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")


def find_bucket(
    params: Dict[str, Any],
    bucket: str,
    prefix: str,
    options: BucketOptions,
    provider: Optional[KeyProvider] = None,
) -> S3Client:
    """A client of one bucket, which was seen to be there, to be listed, and to be in the right Region.

    Parameters and errors are those of ``connect.connect_bucket``.
    """
    try:
        session = make_session(params, provider)
    except AwsError as error:
        if error.error_id == "aws.boto3_missing":
            error.remedy += " Or give endpoint_url, region, access_key and secret_key, which leave nothing to find."
        raise
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
    with aws_errors(looking_at(bucket, prefix)):
        answer = botocore_client.list_objects_v2(Prefix=prefix, MaxKeys=1, **arguments)
    region = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
    if not region:
        with aws_errors(asking_where(bucket)):
            region = region_of(botocore_client.get_bucket_location(**arguments).get("LocationConstraint"))
    # Without a Region botocore calls itself "aws-global" and says nothing about where the cluster will be.
    if botocore_client.meta.region_name != "aws-global":
        check_region(bucket, region, botocore_client.meta.region_name)
    verify = params.get("aws_ca_bundle") or params.get("validate_certs", True)
    ca_bundle = session._session.get_config_variable("ca_bundle") if verify is True else verify
    place = _place_of(seen[-1], bucket, ca_bundle, options.proxy_url)
    return S3Client(place, session.get_credentials(), options.headers())


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
    tls = None
    if url.scheme == "https":
        tls = trusting_all() if ca_bundle is False else trusting(ca_bundle or get_cert_path(True))
    return place_at(request.url, tls, proxy_url, scope.group(1), scope.group(2))
