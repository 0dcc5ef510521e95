# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IAM is asked about a request to AWS.

Written from "Actions, resources, and condition keys" (Service Authorization Reference) and "Required permissions for
Amazon S3 API operations" (S3 user guide), and from nothing of the collection's, which has a table of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from tests.integration.credentials.gate import iam as evaluation

from .recorder import Seen

# The lab's.
REGION, ACCOUNT = "eu-central-1", "123456789012"
RDS = f"arn:aws:rds:{REGION}:{ACCOUNT}"
IAM = f"arn:aws:iam::{ACCOUNT}"


class Needed(NamedTuple):
    """A question to IAM."""

    action: str
    resource: str = "*"
    context: tuple[tuple[str, str], ...] = ()


# Sub-resources of a bucket: the query's name to what reading and writing it are called.
_OF_BUCKET = {
    "accelerate": ("GetAccelerateConfiguration", "PutAccelerateConfiguration"),
    "acl": ("GetBucketAcl", "PutBucketAcl"),
    "encryption": ("GetEncryptionConfiguration", "PutEncryptionConfiguration"),
    "lifecycle": ("GetLifecycleConfiguration", "PutLifecycleConfiguration"),
    "location": ("GetBucketLocation", ""),
    "object-lock": ("GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    "ownershipControls": ("GetBucketOwnershipControls", "PutBucketOwnershipControls"),
    "policy": ("GetBucketPolicy", "PutBucketPolicy"),
    "publicAccessBlock": ("GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
    "requestPayment": ("GetBucketRequestPayment", "PutBucketRequestPayment"),
    "tagging": ("GetBucketTagging", "PutBucketTagging"),
    "uploads": ("ListBucketMultipartUploads", ""),
    "versioning": ("GetBucketVersioning", "PutBucketVersioning"),
    "versions": ("ListBucketVersions", ""),
}
_OF_OBJECT = {
    "GET": "GetObject",
    "HEAD": "GetObject",
    "PUT": "PutObject",
    "POST": "PutObject",
    "DELETE": "DeleteObject",
}

# Parameters of RDS that name what the caller needs a right on, and the type of resource in its ARN.
_OF_RDS = {
    "DBClusterIdentifier": "cluster",
    "DBInstanceIdentifier": "db",
    "DBClusterParameterGroupName": "cluster-pg",
    "DBParameterGroupName": "pg",
    "DBSubnetGroupName": "subgrp",
    "FinalDBSnapshotIdentifier": "cluster-snapshot",
}
# What a listing that names nothing is about.
_ALL_OF_RDS = {
    "DescribeDBClusters": "cluster:*",
    "DescribeDBInstances": "db:*",
    "DescribeDBClusterParameterGroups": "cluster-pg:*",
    "DescribeDBParameterGroups": "pg:*",
    "DescribeDBSubnetGroups": "subgrp:*",
}
_WITHOUT_RESOURCE = (
    "DescribeAccountAttributes",
    "DescribeDBEngineVersions",
    "DescribeDBMajorEngineVersions",
    "DescribeEngineDefaultClusterParameters",
    "DescribeEvents",
    "DescribeOrderableDBInstanceOptions",
)


def needed(seen: Seen) -> list[Needed]:
    """The questions to IAM; none where every caller may ask."""
    return list({"s3": _s3, "rds": _rds, "iam": _iam, "sts": _sts}[seen.service](seen))


def _s3(seen: Seen) -> Iterator[Needed]:
    bucket, _slash, key = seen.path.lstrip("/").partition("/")
    arn = f"arn:aws:s3:::{bucket}"
    if not bucket:
        yield Needed("s3:ListAllMyBuckets")
    elif key:
        yield from _object(seen, f"{arn}/{key}")
    elif "delete" in seen.query:
        for each in re.findall(r"<Object>(.*?)</Object>", seen.body.decode(), re.DOTALL):
            name = re.search(r"<Key>(.*?)</Key>", each, re.DOTALL)
            assert name is not None
            yield Needed(
                "s3:DeleteObjectVersion" if "<VersionId>" in each else "s3:DeleteObject", f"{arn}/{name.group(1)}"
            )
    else:
        yield from _bucket(seen, arn)


def _bucket(seen: Seen, arn: str) -> Iterator[Needed]:
    for name, (read, written) in _OF_BUCKET.items():
        if name in seen.query:
            action = read if seen.method == "GET" else written
            assert action, seen
            yield Needed(f"s3:{action}", arn)
            return
    actions = {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
    context = (("s3:prefix", seen.query["prefix"]),) if "prefix" in seen.query else ()
    yield Needed(f"s3:{actions[seen.method]}", arn, context)


def _object(seen: Seen, arn: str) -> Iterator[Needed]:
    if "tagging" in seen.query:
        yield Needed("s3:GetObjectTagging" if seen.method == "GET" else "s3:PutObjectTagging", arn)
    elif "acl" in seen.query:
        yield Needed("s3:GetObjectAcl" if seen.method == "GET" else "s3:PutObjectAcl", arn)
    elif "uploadId" in seen.query and seen.method in ("GET", "DELETE"):
        yield Needed("s3:ListMultipartUploadParts" if seen.method == "GET" else "s3:AbortMultipartUpload", arn)
    else:
        yield Needed(f"s3:{_OF_OBJECT[seen.method]}", arn)
    if "x-amz-tagging" in seen.headers:
        yield Needed("s3:PutObjectTagging", arn)
    if "x-amz-acl" in seen.headers:
        yield Needed("s3:PutObjectAcl", arn)


def _rds(seen: Seen) -> Iterator[Needed]:
    query, action = seen.query, seen.query["Action"]
    named = [f"{RDS}:{kind}:{query[name]}" for name, kind in _OF_RDS.items() if name in query]
    if "ResourceName" in query:
        named.append(query["ResourceName"])
    if action in _WITHOUT_RESOURCE:
        named = ["*"]
    elif not named:
        named = [f"{RDS}:{_ALL_OF_RDS[action]}"]
    for resource in named:
        # The snapshot is another action's resource.
        yield Needed("rds:CreateDBClusterSnapshot" if ":cluster-snapshot:" in resource else f"rds:{action}", resource)
    if action.startswith(("Create", "Restore")) and any(name.startswith("Tags.") for name in query):
        made = {"CreateDBInstance": "DBInstanceIdentifier", "RestoreDBClusterFromS3": "DBClusterIdentifier"}
        name = made.get(action) or next((name for name in _OF_RDS if name in query), "")
        yield Needed("rds:AddTagsToResource", f"{RDS}:{_OF_RDS[name]}:{query[name]}")
    for name, value in query.items():
        if name.endswith(("RoleArn", "RoleARN")) and value:
            service = "monitoring.rds.amazonaws.com" if name == "MonitoringRoleArn" else "rds.amazonaws.com"
            yield Needed("iam:PassRole", value, (("iam:PassedToService", service),))


def _iam(seen: Seen) -> Iterator[Needed]:
    query, action = seen.query, seen.query["Action"]
    if "RoleName" in query:
        resource = f"{IAM}:role/{query['RoleName']}"
    elif "PolicyArn" in query:
        resource = query["PolicyArn"]
    elif "PolicyName" in query:
        resource = f"{IAM}:policy/{query['PolicyName']}"
    else:
        resource = query.get("PolicySourceArn", "*")
    yield Needed(f"iam:{action}", resource)
    if action in ("CreateRole", "CreatePolicy") and any(name.startswith("Tags.") for name in query):
        yield Needed("iam:TagRole" if action == "CreateRole" else "iam:TagPolicy", resource)


def _sts(seen: Seen) -> Iterator[Needed]:
    query = seen.query
    if query["Action"] == "GetFederationToken":
        yield Needed("sts:GetFederationToken", f"arn:aws:sts::{ACCOUNT}:federated-user/{query['Name']}")
    elif query["Action"] == "AssumeRole":
        yield Needed("sts:AssumeRole", query["RoleArn"])
    else:
        assert query["Action"] == "GetCallerIdentity", query


def refused(policies: list[dict[str, Any]], asked: Collection[Needed]) -> list[Needed]:
    """The questions to which the policies that module ``iam_caller_policy_info`` shows say no."""
    documents = [each["document"] for each in policies]
    return [
        each
        for each in sorted(asked)
        if not evaluation.is_allowed(
            documents, evaluation.Request(each.action, each.resource, context=dict(each.context))
        )
    ]


def unasked(rights: list[dict[str, Any]], asked: Collection[Needed]) -> list[tuple[str, str]]:
    """Action and resource of the rights that no question was about."""
    return [
        (action, resource)
        for right in rights
        for action in right["actions"]
        for resource in right["resources"]
        if not any(each.action == action and fnmatchcase(each.resource, resource) for each in asked)
    ]
