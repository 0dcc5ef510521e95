# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The session policy of credentials that may carry one backup to one prefix of one bucket, and nothing else.

Sources: "Actions, resources, and condition keys for Amazon S3" (Service Authorization Reference), "Required permissions
for Amazon S3 API operations" (S3 user guide), "Uploading and copying objects using multipart upload" (S3 user guide:
kms:GenerateDataKey opens an upload, kms:Decrypt goes with its parts), "IAM policy elements: Variables and tags".
"""

import json
import re
from typing import Any, Dict, List, NamedTuple, Optional

from .._errors import DbferryError

# STS GetFederationToken and AssumeRole, parameter Policy: plain text of at most so many characters.
MAX_CHARACTERS = 2048
_VERSION = "2012-10-17"
_READ = ["s3:GetObject"]
_READ_PARTS = ["s3:ListMultipartUploadParts"]
_WRITE = ["s3:PutObject", "s3:AbortMultipartUpload"]
_DELETE = ["s3:DeleteObject"]
_TAG = ["s3:PutObjectTagging", "s3:GetObjectTagging"]
_KMS_READ = ["kms:Decrypt"]
_KMS_WRITE = ["kms:GenerateDataKey", "kms:Decrypt"]
_ALIAS = re.compile(r"(?:^|:)(alias/.+)$")


class PolicyError(DbferryError):
    """No session policy can be made of what was asked for."""

    default_id = "credentials.policy"


class Scope(NamedTuple):
    """What credentials may be used for.

    :ivar bucket: the bucket's name.
    :ivar prefix: what keys begin with; it ends in "/".
    :ivar write: put objects, and not only list and read them.
    :ivar delete: delete objects, too.
    :ivar tagging: set and read objects' tags, too.
    :ivar kms_key_id: the ID, ARN or alias of the KMS key of the objects; None where none is used.
    :ivar manifest_key: one key beside the prefix that may be read and written, too; None for none.
    """

    bucket: str
    prefix: str
    write: bool = True
    delete: bool = False
    tagging: bool = False
    kms_key_id: Optional[str] = None
    manifest_key: Optional[str] = None


class Place(NamedTuple):
    """Where the bucket and the key are.

    :ivar partition: such as ``aws`` or ``aws-cn``.
    :ivar region: the Region of the key.
    :ivar account: the account ID of the key's owner where only its ID is given.
    """

    partition: str
    region: str
    account: str


def session_policy(scope: Scope, place: Place) -> str:
    """The policy as JSON without blanks, at most ``MAX_CHARACTERS`` long.

    ``s3:prefix`` is a condition key of ``s3:ListBucket`` and not of ``s3:ListBucketMultipartUploads``: with that
    condition the second would never be allowed, so it stands without. It shows keys of unfinished uploads in the whole
    bucket, and no data.

    The manifest's key can be listed, too: whether an object is there, S3 says only to who may list it ("GetObject",
    Amazon S3 API Reference).

    :raises PolicyError: ``credentials.prefix`` without a prefix that ends in "/"; ``credentials.policy_too_large``.
    """
    if not scope.prefix.strip("/") or not scope.prefix.endswith("/"):
        raise PolicyError(
            "Credentials cannot be limited to the prefix {0!r}.".format(scope.prefix),
            error_id="credentials.prefix",
            remedy="Give a prefix that ends in '/', such as shop/backup/: a prefix is a plain 'begins with', and shop1 "
            "would reach shop10 as well.",
        )
    bucket = "arn:{0}:s3:::{1}".format(place.partition, scope.bucket)
    keys = "{0}*".format(_literal(scope.prefix))
    listed = [keys] + ([_literal(scope.manifest_key)] if scope.manifest_key else [])
    actions = _READ + _READ_PARTS
    if scope.write:
        actions += _WRITE + (_TAG if scope.tagging else []) + (_DELETE if scope.delete else [])
    statements = [
        _allow(["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], bucket),
        _allow(["s3:ListBucket"], bucket, {"StringLike": {"s3:prefix": listed}}),
        _allow(actions, "{0}/{1}".format(bucket, keys)),
    ]
    if scope.manifest_key:
        own = _READ + (["s3:PutObject"] if scope.write else [])
        statements.append(_allow(own, "{0}/{1}".format(bucket, _literal(scope.manifest_key))))
    if scope.kms_key_id:
        statements.append(_key_statement(scope.kms_key_id, place, _KMS_WRITE if scope.write else _KMS_READ))
    text = json.dumps({"Version": _VERSION, "Statement": statements}, separators=(",", ":"), sort_keys=True)
    if len(text) > MAX_CHARACTERS:
        raise PolicyError(
            "The session policy for s3://{0}/{1} has {2} characters, and AWS takes at most {3}.".format(
                scope.bucket, scope.prefix, len(text), MAX_CHARACTERS
            ),
            error_id="credentials.policy_too_large",
            remedy="Use a shorter prefix (a shorter migration_id).",
            details={"characters": len(text), "limit": MAX_CHARACTERS},
        )
    return text


def _literal(text: str) -> str:
    """Text in which IAM sees no wildcard and no variable."""
    return re.sub(r"[$*?]", lambda match: "${{{0}}}".format(match.group()), text)


def _allow(actions: List[str], resource: str, condition: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}  # type: Dict[str, Any]
    if condition:
        statement["Condition"] = condition
    return statement


def _key_statement(key: str, place: Place, actions: List[str]) -> Dict[str, Any]:
    alias = _ALIAS.search(key)
    if alias is not None:
        # A policy names keys by their own ARN; an alias is a condition ("Use aliases to control access to KMS keys").
        resource = "arn:{0}:kms:{1}:*:key/*".format(place.partition, place.region)
        return _allow(actions, resource, {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias.group(1)}})
    if not key.startswith("arn:"):
        key = "arn:{0}:kms:{1}:{2}:key/{3}".format(place.partition, place.region, place.account, key)
    return _allow(actions, key)
