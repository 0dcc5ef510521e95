# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both sides of a diff are in the options' names."""

from __future__ import annotations

import botocore.session

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.cluster_options import (
    options_of_cluster,
    options_of_request,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.request import (
    MEMBER_OF_OPTION,
    restore_request,
)

TAGS = {"team": "shop", "dbferry:migration-id": "orders"}
# What DescribeDBClusters tells of, and what it does not.
TOLD = {
    "associated_roles": [{"role_arn": "arn:aws:iam::123456789012:role/r"}],
    "availability_zones": ["eu-west-1a", "eu-west-1b"],
    "backtrack_window": 3600,
    "backup_retention_period": 7,
    "character_set_name": "utf8mb4",
    "copy_tags_to_snapshot": False,
    "database_name": "extra",
    "db_cluster_identifier": "orders",
    "db_cluster_parameter_group_name": "orders-group",
    "db_subnet_group_name": "orders-subnets",
    "deletion_protection": True,
    "domain": "d-1",
    "domain_iam_role_name": "directory",
    "enable_cloudwatch_logs_exports": ["error"],
    "enable_iam_database_authentication": True,
    "engine_lifecycle_support": "open-source-rds-extended-support",
    "engine_version": "8.0.mysql_aurora.3.10.0",
    "kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/1",
    "manage_master_user_password": True,
    "master_user_secret_kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/2",
    "master_username": "admin",
    "network_type": "IPV4",
    "option_group_name": "orders-options",
    "port": 3307,
    "preferred_backup_window": "01:00-02:00",
    "preferred_maintenance_window": "sun:03:00-sun:04:00",
    "serverless_v2_scaling_configuration": {"min_capacity": 0.5, "max_capacity": 8.0},
    "storage_encrypted": True,
    "storage_type": "aurora",
    "tags": TAGS,
    "vpc_security_group_ids": ["sg-1", "sg-2"],
}
UNTOLD = {
    "s3_bucket_name": "bucket",
    "s3_ingestion_role_arn": "arn:aws:iam::123456789012:role/r",
    "s3_prefix": "orders/backup/",
    "source_engine": "mysql",
    "source_engine_version": "8.0.36",
    "tag_specifications": [{"resource_type": "cluster-auto-backup", "tags": {"a": "b"}}],
}
# The same cluster as RDS describes it.
DESCRIBED = {
    "AssociatedRoles": [{"RoleArn": "arn:aws:iam::123456789012:role/r", "Status": "ACTIVE"}],
    "AvailabilityZones": ["eu-west-1a", "eu-west-1b"],
    "BacktrackWindow": 3600,
    "BackupRetentionPeriod": 7,
    "CharacterSetName": "utf8mb4",
    "CopyTagsToSnapshot": False,
    "DBClusterArn": "arn:aws:rds:eu-west-1:123456789012:cluster:orders",
    "DBClusterIdentifier": "orders",
    "DBClusterMembers": [],
    "DBClusterOptionGroupMemberships": [{"DBClusterOptionGroupName": "orders-options", "Status": "in-sync"}],
    "DBClusterParameterGroup": "orders-group",
    "DBSubnetGroup": "orders-subnets",
    "DatabaseName": "extra",
    "DeletionProtection": True,
    "DomainMemberships": [{"Domain": "d-1", "Status": "joined", "IAMRoleName": "directory"}],
    "EnabledCloudwatchLogsExports": ["error"],
    "Engine": "aurora-mysql",
    "EngineLifecycleSupport": "open-source-rds-extended-support",
    "EngineVersion": "8.0.mysql_aurora.3.10.0",
    "IAMDatabaseAuthenticationEnabled": True,
    "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1",
    "MasterUserSecret": {
        "SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s",
        "SecretStatus": "active",
        "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/2",
    },
    "MasterUsername": "admin",
    "NetworkType": "IPV4",
    "Port": 3307,
    "PreferredBackupWindow": "01:00-02:00",
    "PreferredMaintenanceWindow": "sun:03:00-sun:04:00",
    "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 8.0},
    "Status": "available",
    "StorageEncrypted": True,
    "StorageType": "aurora",
    "TagList": [{"Key": key, "Value": value} for key, value in TAGS.items()],
    "VpcSecurityGroups": [
        {"VpcSecurityGroupId": "sg-1", "Status": "active"},
        {"VpcSecurityGroupId": "sg-2", "Status": "active"},
    ],
}


def test_a_cluster_that_is_as_it_was_asked_for_is_told_in_the_same_words():
    asked = options_of_request(restore_request({**TOLD, **UNTOLD}, TAGS))
    assert asked == {**TOLD, **UNTOLD}
    assert options_of_cluster(DESCRIBED) == TOLD


def test_every_option_is_told_or_known_to_be_untold():
    assert set(MEMBER_OF_OPTION) == {*TOLD, *UNTOLD, "master_user_password"}


def test_the_example_of_a_cluster_is_one_that_rds_can_describe():
    model = botocore.session.get_session().get_service_model("rds").shape_for("DBCluster")
    assert set(DESCRIBED) <= set(model.members)


def test_what_a_cluster_has_not_is_left_out():
    empty = {"DBClusterIdentifier": "orders", "AssociatedRoles": [], "DomainMemberships": [], "TagList": []}
    assert options_of_cluster(empty) == {"db_cluster_identifier": "orders"}
    assert options_of_cluster(None) == {}


def test_the_password_is_not_told():
    word = "a-secret-of-nobody"
    request = restore_request({**UNTOLD, "master_user_password": word}, {})
    assert word in str(request)
    assert word not in str(options_of_request(request))
