# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What each station needs of AWS: the one table that policies and checks come from. Pure.

Sources: "Actions, resources, and condition keys" of Amazon RDS, Amazon S3, AWS IAM, AWS KMS and AWS Secrets Manager
(Service Authorization Reference), with their dependent actions; "Required permissions for Amazon S3 API operations" (S3
user guide); "Migrating data from an external MySQL database to an Amazon Aurora MySQL DB cluster" (Aurora user guide).
"""

from __future__ import annotations

from .cleanup_rights import CLEANUP
from .rights import ACCOUNT_NAME, CHECK_RIGHTS, LOOK_AT_INSTANCES, LOOK_AT_ROLE, LOOK_FOR_POLICY, Right

# Without s3:ListBucket, S3 answers the question for a missing object with AccessDenied. A condition on s3:prefix would
# not hold for that question, which has no prefix.
_RECORD = (
    Right("Bucket", ("s3:ListBucket",), ("{s3}",)),
    Right("Record", ("s3:GetObject", "s3:PutObject"), ("{s3}/{migration_id}/record/*",)),
    # The record has the bucket's own encryption, which may be another one than the backup's.
    Right("Key", ("kms:Decrypt", "kms:GenerateDataKey"), ("{key_arn}",), certain=False),
)
_MASTER_SECRET = Right(
    "MasterSecret",
    ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
    ("arn:{partition}:secretsmanager:{region}:{account_id}:secret:rds!cluster-*",),
    certain=False,
)
_BACKUP = (
    *_RECORD,
    # A federated user's session and an assumed role's have what both they and their session policy have, so the caller
    # needs the upload's rights itself in the first case.
    Right("UploadSession", ("sts:GetFederationToken",), ("{federated_user_arn}",)),
    Right("UploadRole", ("sts:AssumeRole",), ("{upload_role_arn}",)),
    Right("Bucket", ("s3:ListBucketMultipartUploads",), ("{s3}",)),
    Right("Bucket", ("s3:GetBucketLocation",), ("{s3}",), certain=False),
    Right(
        "Backup",
        (
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
        ),
        ("{backup}/*",),
    ),
    Right(
        "Backup",
        ("s3:PutObjectTagging", "s3:GetObjectTagging"),
        ("{backup}/*",),
        certain=False,
    ),
    CHECK_RIGHTS,
)
_IAM = (
    *_RECORD,
    Right("ServiceRole", LOOK_AT_ROLE, ("{role_arn}",)),
    # Only with a policy ARN, which says that the role is made.
    Right(
        "ServiceRole",
        ("iam:CreateRole", "iam:TagRole", "iam:AttachRolePolicy"),
        ("{made_role_arn}",),
    ),
    Right(
        "ServiceRole",
        (
            "iam:PutRolePermissionsBoundary",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
        ),
        ("{made_role_arn}",),
        certain=False,
    ),
    Right(
        "ServiceRolePolicy",
        (
            "iam:CreatePolicy",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:TagPolicy",
        ),
        ("{policy_arn}",),
    ),
    Right(
        "ServiceRolePolicy",
        ("iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:ListPolicyVersions", "iam:UntagPolicy"),
        ("{policy_arn}",),
        certain=False,
    ),
    LOOK_FOR_POLICY,
    # Where a key is named by an alias or an ID.
    Right("Key", ("kms:DescribeKey",), ("{key_arn}",), certain=False),
    ACCOUNT_NAME,
    CHECK_RIGHTS,
)
_PASS_ROLE = Right("PassRole", ("iam:PassRole",), ("{role_arn}",), (("iam:PassedToService", "rds.amazonaws.com"),))
# "Setting up and enabling Enhanced Monitoring" (Aurora user guide): the new instances give it to a service of its own.
_PASS_MONITORING_ROLE = Right(
    "PassMonitoringRole",
    ("iam:PassRole",),
    ("{monitoring_role_arn}",),
    (("iam:PassedToService", "monitoring.rds.amazonaws.com"),),
)
# "Using Kerberos authentication for Aurora MySQL" (Aurora user guide) does not tell which service gets it, so that no
# condition names one; the role's own trust policy does.
_PASS_DOMAIN_ROLE = Right("PassDomainRole", ("iam:PassRole",), ("{domain_role_arn}",))
_DESCRIBE_CLUSTER_GROUPS = ("rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterParameters")
_RESTORE = (
    *_RECORD,
    # Which key the backup may have helps to explain a restore that fails.
    Right("Bucket", ("s3:GetEncryptionConfiguration",), ("{s3}",), certain=False),
    _PASS_ROLE,
    _PASS_MONITORING_ROLE,
    _PASS_DOMAIN_ROLE,
    Right(
        "LookAround",
        (
            "rds:DescribeDBEngineVersions",
            "rds:DescribeEngineDefaultClusterParameters",
            "rds:DescribeEvents",
            "rds:DescribeOrderableDBInstanceOptions",
        ),
        ("*",),
    ),
    # Each action with the resources that it is about and no others: a policy that is written as tightly is enough.
    Right(
        "NewCluster",
        ("rds:DescribeDBClusters", "rds:RestoreDBClusterFromS3", "rds:CreateDBInstance", "rds:AddTagsToResource"),
        ("{rds}:cluster:{cluster}",),
    ),
    Right(
        "NewInstances",
        ("rds:CreateDBInstance", "rds:AddTagsToResource"),
        ("{rds}:db:{instance}-*",),
    ),
    LOOK_AT_INSTANCES,
    # Both calls are about the groups that they name, too; which these are, maybe the default ones, is not known here.
    Right(
        "AnyGroup",
        ("rds:RestoreDBClusterFromS3", "rds:CreateDBInstance"),
        ("{rds}:og:*", "{rds}:subgrp:*"),
        certain=False,
    ),
    Right("AnyClusterParameterGroup", ("rds:RestoreDBClusterFromS3",), ("{rds}:cluster-pg:*",), certain=False),
    # A group of the user's own is looked at before the restore.
    Right(
        "AnyParameterGroup",
        ("rds:CreateDBInstance", "rds:DescribeDBParameterGroups"),
        ("{rds}:pg:*",),
        certain=False,
    ),
    Right(
        "Cluster",
        (
            "rds:AddRoleToDBCluster",
            "rds:DeleteDBCluster",
            "rds:ModifyDBCluster",
            "rds:ModifyDBInstance",
            "rds:ListTagsForResource",
            "rds:RemoveTagsFromResource",
        ),
        ("{rds}:cluster:{cluster}", "{rds}:db:{instance}-*"),
        certain=False,
    ),
    Right("AnyClusterParameterGroup", _DESCRIBE_CLUSTER_GROUPS, ("{rds}:cluster-pg:*",)),
    Right(
        "ClusterParameterGroup",
        (
            "rds:AddTagsToResource",
            "rds:CreateDBClusterParameterGroup",
            "rds:ListTagsForResource",
            "rds:ModifyDBClusterParameterGroup",
        ),
        ("{rds}:cluster-pg:{cluster}-*",),
    ),
    Right(
        "Groups",
        (
            "rds:AddTagsToResource",
            "rds:CreateDBParameterGroup",
            "rds:CreateDBSubnetGroup",
            "rds:DescribeDBParameterGroups",
            "rds:DescribeDBParameters",
            "rds:DescribeDBSubnetGroups",
            "rds:ListTagsForResource",
            "rds:ModifyDBParameterGroup",
            "rds:ModifyDBSubnetGroup",
            "rds:RemoveTagsFromResource",
            # A parameter that is no longer wanted goes back to its default.
            "rds:ResetDBClusterParameterGroup",
            "rds:ResetDBParameterGroup",
        ),
        ("{rds}:cluster-pg:{cluster}-*", "{rds}:pg:{cluster}-*", "{rds}:subgrp:{cluster}-*"),
        certain=False,
    ),
    Right(
        "Key",
        ("kms:CreateGrant", "kms:DescribeKey"),
        ("{key_arn}",),
        certain=False,
    ),
    Right(
        "MasterSecret",
        ("secretsmanager:CreateSecret", "secretsmanager:TagResource"),
        ("arn:{partition}:secretsmanager:{region}:{account_id}:secret:rds!cluster-*",),
        certain=False,
    ),
    _MASTER_SECRET,
    # RDS makes its service-linked role with the account's first cluster.
    Right(
        "ServiceLinkedRole",
        ("iam:CreateServiceLinkedRole",),
        ("arn:{partition}:iam::{account_id}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",),
        (("iam:AWSServiceName", "rds.amazonaws.com"),),
        certain=False,
    ),
)
_OBJECTS = (
    *_RECORD,
    _MASTER_SECRET,
    Right("Cluster", ("rds:DescribeDBClusters",), ("{rds}:cluster:{cluster}",)),
    Right("LookAround", ("rds:DescribeEngineDefaultClusterParameters",), ("*",)),
    Right("AnyClusterParameterGroup", _DESCRIBE_CLUSTER_GROUPS, ("{rds}:cluster-pg:*",)),
    Right("ClusterParameterGroup", ("rds:ModifyDBClusterParameterGroup",), ("{rds}:cluster-pg:{cluster}-*",)),
)
_VERIFY = (*_RECORD, _MASTER_SECRET)
_REPORT = (
    *_RECORD,
    # Module amazon.aws.s3_object asks for more than it needs.
    Right("Bucket", ("s3:GetBucketOwnershipControls",), ("{s3}",), certain=False),
    Right("Record", ("s3:PutObjectAcl", "s3:GetObjectTagging"), ("{s3}/{migration_id}/record/*",), certain=False),
    # The page of a run over several sources, under the name that report_fleet_id has by default.
    Right(
        "RunReport",
        ("s3:GetObject", "s3:PutObject", "s3:PutObjectAcl", "s3:GetObjectTagging"),
        ("{s3}/fleet/record/*",),
        certain=False,
    ),
)
_BUCKET = (
    ACCOUNT_NAME,
    Right(
        "Bucket",
        (
            "s3:CreateBucket",
            "s3:GetBucketLocation",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketRequestPayment",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:ListBucket",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
        ),
        ("{s3}",),
    ),
    Right(
        "Bucket",
        (
            # Where the refusal of requests without TLS was the policy's only statement and is no longer wanted.
            "s3:DeleteBucketPolicy",
            "s3:GetAccelerateConfiguration",
            "s3:GetBucketAcl",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketOwnershipControls",
        ),
        ("{s3}",),
        certain=False,
    ),
)
# Nothing but reading. What is refused is told as not checked, and so it is insisted upon only what the record needs.
_ASSESS = (
    *_RECORD,
    Right(
        "Bucket",
        (
            "s3:GetBucketAcl",
            "s3:GetBucketLocation",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketRequestPayment",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
        ),
        ("{s3}",),
        certain=False,
    ),
    Right(
        "LookAround",
        (
            "rds:DescribeAccountAttributes",
            "rds:DescribeDBEngineVersions",
            "rds:DescribeDBMajorEngineVersions",
            "rds:DescribeEngineDefaultClusterParameters",
            "rds:DescribeOrderableDBInstanceOptions",
        ),
        ("*",),
        certain=False,
    ),
    Right(
        "Look",
        ("rds:DescribeDBClusters", "rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"),
        ("{rds}:cluster:{cluster}", "{rds}:subgrp:*"),
        certain=False,
    ),
    LOOK_AT_INSTANCES._replace(certain=False),
    Right("Key", ("kms:DescribeKey", "kms:GetKeyPolicy"), ("{key_arn}",), certain=False),
    Right("ServiceRole", ("iam:GetRole",), ("{role_arn}",), certain=False),
    CHECK_RIGHTS,
)

STATIONS: dict[str, tuple[Right, ...]] = {
    "assess": _ASSESS,
    "bucket": _BUCKET,
    "backup": _BACKUP,
    "iam": _IAM,
    "restore": _RESTORE,
    "objects": _OBJECTS,
    "verify": _VERIFY,
    "report": _REPORT,
    **CLEANUP,
}
