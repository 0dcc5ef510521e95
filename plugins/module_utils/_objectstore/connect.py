# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""From a module's options to a client of one bucket.

Where the options tell endpoint, Region and keys, nothing is left to find, and the host needs no boto3: importing it
takes longer than a small upload. Everything else (profiles, instance roles, AWS' own endpoints) botocore finds.
"""

import os
import ssl
from typing import Any, Dict, Optional
from xml.etree import ElementTree

from .._aws.credentials import KeyProvider, Keys, ProvidedCredentials
from .client import S3Client
from .place import BucketOptions, asking_where, check_region, looking_at, place_at, region_of, trusting, trusting_all


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
    :raises ObjectStoreError: ``objectstore.bucket_region``, ``objectstore.proxy``, ``objectstore.ca_bundle``.
    """
    options = options or BucketOptions()
    client = _told_bucket(params, bucket, options, provider)
    if client is None:
        # Importing botocore is what the other way saves.
        from .found_place import find_bucket

        return find_bucket(params, bucket, prefix, options, provider)
    query = [("list-type", "2"), ("max-keys", "1"), ("prefix", prefix)]
    answer = client.request(looking_at(bucket, prefix), "GET", query=query)
    region = answer.headers.get("x-amz-bucket-region")
    if not region:
        answer = client.request(asking_where(bucket), "GET", query=[("location", "")])
        region = region_of(ElementTree.fromstring(answer.body).text)
    check_region(bucket, region, params["region"])
    return client


def _told_bucket(
    params: Dict[str, Any], bucket: str, options: BucketOptions, provider: Optional[KeyProvider]
) -> Optional[S3Client]:
    """A client of what the options tell; None where they leave something to be found."""
    endpoint, region = params.get("endpoint_url"), params.get("region")
    provider = provider or _given_keys(params)
    if provider is None or not endpoint or not region or options.dual_stack:
        return None
    tls = None
    if endpoint.startswith("https:"):
        tls = _trusted(params)
        if tls is None:
            return None
    # botocore, too, puts the bucket into the path where it is given an endpoint.
    url = "{0}/{1}".format(endpoint.rstrip("/"), bucket)
    return S3Client(
        place_at(url, tls, options.proxy_url, region, "s3"), ProvidedCredentials(provider), options.headers()
    )


def _given_keys(params: Dict[str, Any]) -> Optional[KeyProvider]:
    if params.get("profile") or not (params.get("access_key") and params.get("secret_key")):
        return None
    keys = Keys(params["access_key"], params["secret_key"], params.get("session_token") or None)
    return lambda _refused: keys


def _trusted(params: Dict[str, Any]) -> Optional[ssl.SSLContext]:
    """Whom the options, or else the host, trust; None where the host has no list of its own."""
    if params.get("validate_certs", True) is False:
        return trusting_all()
    bundle = params.get("aws_ca_bundle") or os.environ.get("AWS_CA_BUNDLE")
    if bundle:
        return trusting(bundle)
    context = ssl.create_default_context()
    # A directory's certificates are not counted before they are needed.
    return context if context.cert_store_stats()["x509_ca"] or ssl.get_default_verify_paths().capath else None
