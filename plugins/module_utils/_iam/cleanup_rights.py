# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What each part of playbook cleanup needs of AWS, and all of them together. Pure.

Sources are those of ``stations``. The parts are those of role cleanup's option ``cleanup_stations``, so that nobody
needs a right to delete what stays.
"""

from __future__ import annotations

from .rights import ACCOUNT_NAME, CHECK_RIGHTS, LOOK_AT_INSTANCES, LOOK_AT_ROLE, LOOK_FOR_POLICY, Right

# The bucket is looked at, and the record says whether the backup may go.
_FIRST = (
    Right("Bucket", ("s3:GetBucketTagging", "s3:ListBucket"), ("{s3}",)),
    Right("Record", ("s3:GetObject",), ("{s3}/{migration_id}/record/*",)),
    # The record has the bucket's own encryption, which may be another one than the backup's.
    Right("Key", ("kms:Decrypt",), ("{key_arn}",), certain=False),
    ACCOUNT_NAME,
    CHECK_RIGHTS,
)
_LOOK_INTO_BUCKET = Right("Bucket", ("s3:ListBucketMultipartUploads", "s3:ListBucketVersions"), ("{s3}",))
_CLUSTER = (
    *_FIRST,
    Right("Cluster", ("rds:DescribeDBClusters", "rds:DeleteDBCluster"), ("{rds}:cluster:{cluster}",)),
    Right("NewInstances", ("rds:DeleteDBInstance",), ("{rds}:db:{instance}-*",)),
    # Instances by a filter and groups among all: none of these is named.
    LOOK_AT_INSTANCES,
    Right("AnyClusterParameterGroup", ("rds:DescribeDBClusterParameterGroups",), ("{rds}:cluster-pg:*",)),
    Right("AnyParameterGroup", ("rds:DescribeDBParameterGroups",), ("{rds}:pg:*",)),
    Right("AnySubnetGroup", ("rds:DescribeDBSubnetGroups",), ("{rds}:subgrp:*",)),
    # The tags of what is there, in one statement with the above, so that all stations fit into one policy.
    Right(
        "AnyDatabase",
        (
            "rds:DescribeDBClusterParameterGroups",
            "rds:DescribeDBClusters",
            "rds:DescribeDBInstances",
            "rds:DescribeDBParameterGroups",
            "rds:DescribeDBSubnetGroups",
            "rds:ListTagsForResource",
        ),
        ("{rds}:cluster-pg:*", "{rds}:cluster:*", "{rds}:db:*", "{rds}:pg:*", "{rds}:subgrp:*"),
        certain=False,
    ),
    # A cluster that leaves a snapshot takes these.
    Right(
        "ClusterAndSnapshots",
        ("rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:DeleteDBCluster", "rds:DeleteDBInstance"),
        ("{rds}:cluster-snapshot:*", "{rds}:cluster:{cluster}", "{rds}:db:{instance}-*"),
        certain=False,
    ),
    Right(
        "Groups",
        ("rds:DeleteDBClusterParameterGroup", "rds:DeleteDBParameterGroup", "rds:DeleteDBSubnetGroup"),
        ("{rds}:cluster-pg:{cluster}-*", "{rds}:pg:{cluster}-*", "{rds}:subgrp:{cluster}-*"),
        certain=False,
    ),
)
_IAM = (
    *_FIRST,
    # Any cluster may use the role.
    Right("AnyCluster", ("rds:DescribeDBClusters",), ("{rds}:cluster:*",)),
    Right("AnyCluster", ("rds:ListTagsForResource",), ("{rds}:cluster:*",), certain=False),
    Right("ServiceRole", LOOK_AT_ROLE, ("{looked_for_role_arn}",)),
    Right("ServiceRole", ("iam:DeleteRole", "iam:DetachRolePolicy"), ("{made_role_arn}",)),
    Right("ServiceRole", ("iam:DeleteRolePolicy",), ("{made_role_arn}",), certain=False),
    LOOK_FOR_POLICY,
    Right(
        "ServiceRolePolicy",
        ("iam:DeletePolicy", "iam:GetPolicy", "iam:ListEntitiesForPolicy", "iam:ListPolicyVersions"),
        ("{policy_arn}",),
    ),
    # Where it was changed since.
    Right("ServiceRolePolicy", ("iam:DeletePolicyVersion",), ("{policy_arn}",), certain=False),
)


def _objects(prefix: str) -> tuple[Right, ...]:
    """Deleting all versions of what lies under a prefix of the migration."""
    below = (f"{{s3}}/{{migration_id}}/{prefix}/*",)
    return (
        *_FIRST,
        _LOOK_INTO_BUCKET,
        Right("Objects", ("s3:DeleteObjectVersion",), below),
        Right("Objects", ("s3:AbortMultipartUpload", "s3:DeleteObject"), below, certain=False),
    )


CLEANUP: dict[str, tuple[Right, ...]] = {
    "cleanup_cluster": _CLUSTER,
    "cleanup_iam": _IAM,
    "cleanup_backup": (
        *_objects("backup"),
        # Of a bucket that role bucket made.
        Right("Bucket", ("s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"), ("{s3}",), certain=False),
    ),
    "cleanup_record": _objects("record"),
    "cleanup_bucket": (*_FIRST, _LOOK_INTO_BUCKET, Right("Bucket", ("s3:DeleteBucket",), ("{s3}",))),
    "cleanup_staged": _FIRST,
}
CLEANUP["cleanup"] = tuple(dict.fromkeys(right for rights in CLEANUP.values() for right in rights))
