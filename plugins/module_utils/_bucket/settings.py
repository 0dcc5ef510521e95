# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""How a bucket is set up: its policy, encryption, versions and the public access block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._aws.errors import AwsError
from .policy import read_policy
from .sub_resource import read_sub_resource


class BucketSettings(NamedTuple):
    """How a bucket is set up.

    :ivar encryption: of what is written; empty where nothing says so.
    :ivar kms_key: that encrypts; empty for one of AWS' own.
    :ivar policy: empty where there is none.
    :ivar public_access_blocked: whether all four switches of the public access block are on.
    """

    encryption: str
    kms_key: str
    policy: dict[str, Any]
    public_access_blocked: bool
    versioning: bool


def read_settings(s3: Any, name: str) -> BucketSettings:
    """How the bucket is set up.

    :param s3: a client of S3.
    :raises AwsError: S3 refused or could not be reached.
    """
    default = _default_encryption(s3, name)
    block = read_sub_resource(
        s3.get_public_access_block,
        name,
        "the public access block",
        "s3:GetBucketPublicAccessBlock",
        "NoSuchPublicAccessBlockConfiguration",
    )
    versioning = read_sub_resource(s3.get_bucket_versioning, name, "the versioning", "s3:GetBucketVersioning")
    switches = block.get("PublicAccessBlockConfiguration", {})
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return BucketSettings(
        encryption=default.get("SSEAlgorithm", ""),
        kms_key=default.get("KMSMasterKeyID", ""),
        policy=read_policy(s3, name),
        public_access_blocked=all(switches.get(switch) for switch in names),
        versioning=versioning.get("Status") == "Enabled",
    )


def default_key(s3: Any, name: str) -> str:
    """The KMS key that encrypts what is written without a word about it.

    "" for one of AWS' own, for none, and where S3 does not say, as to a caller without s3:GetEncryptionConfiguration.

    :param s3: a client of S3.
    """
    try:
        return str(_default_encryption(s3, name).get("KMSMasterKeyID") or "")
    except AwsError:
        return ""


def _default_encryption(s3: Any, name: str) -> Mapping[str, Any]:
    encryption = read_sub_resource(
        s3.get_bucket_encryption,
        name,
        "the encryption",
        "s3:GetEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    )
    rules = encryption.get("ServerSideEncryptionConfiguration", {}).get("Rules") or [{}]
    return dict(rules[0].get("ApplyServerSideEncryptionByDefault", {}))
