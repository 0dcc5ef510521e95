# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Module options, as the parameters of RestoreDBClusterFromS3.

Pure. The names of the options are those of ``amazon.aws.rds_cluster`` and ``amazon.aws.rds_instance`` wherever these
have the option. A unit test compares ``MEMBER_OF_OPTION``, ``MEMBERS_BELOW`` and ``MEMBERS_WITHOUT_OPTION`` with
botocore's model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._aws.tags import tag_list
from .._errors import DbferryError

ENGINE = "aurora-mysql"

# Option -> member of the API's request.
MEMBER_OF_OPTION: dict[str, str] = {
    "associated_roles": "AssociatedRoles",
    "availability_zones": "AvailabilityZones",
    "backtrack_window": "BacktrackWindow",
    "backup_retention_period": "BackupRetentionPeriod",
    "character_set_name": "CharacterSetName",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "database_name": "DatabaseName",
    "db_cluster_identifier": "DBClusterIdentifier",
    "db_cluster_parameter_group_name": "DBClusterParameterGroupName",
    "db_subnet_group_name": "DBSubnetGroupName",
    "deletion_protection": "DeletionProtection",
    "domain": "Domain",
    "domain_iam_role_name": "DomainIAMRoleName",
    "enable_cloudwatch_logs_exports": "EnableCloudwatchLogsExports",
    "enable_iam_database_authentication": "EnableIAMDatabaseAuthentication",
    "engine_lifecycle_support": "EngineLifecycleSupport",
    "engine_version": "EngineVersion",
    "kms_key_id": "KmsKeyId",
    "manage_master_user_password": "ManageMasterUserPassword",
    "master_user_password": "MasterUserPassword",
    "master_user_secret_kms_key_id": "MasterUserSecretKmsKeyId",
    "master_username": "MasterUsername",
    "network_type": "NetworkType",
    "option_group_name": "OptionGroupName",
    "port": "Port",
    "preferred_backup_window": "PreferredBackupWindow",
    "preferred_maintenance_window": "PreferredMaintenanceWindow",
    "s3_bucket_name": "S3BucketName",
    "s3_ingestion_role_arn": "S3IngestionRoleArn",
    "s3_prefix": "S3Prefix",
    "serverless_v2_scaling_configuration": "ServerlessV2ScalingConfiguration",
    "source_engine": "SourceEngine",
    "source_engine_version": "SourceEngineVersion",
    "storage_encrypted": "StorageEncrypted",
    "storage_type": "StorageType",
    "tag_specifications": "TagSpecifications",
    "tags": "Tags",
    "vpc_security_group_ids": "VpcSecurityGroupIds",
}

# Member -> why no option sets it.
MEMBERS_WITHOUT_OPTION: dict[str, str] = {
    "Engine": "always aurora-mysql: no other engine is restored from an XtraBackup",
}

# Members that AWS requires; the module requires their options only where state is present.
REQUIRED_OPTIONS = (
    "master_username",
    "s3_bucket_name",
    "s3_ingestion_role_arn",
    "source_engine_version",
)

# Option -> its suboptions -> the members below its member.
MEMBERS_BELOW: dict[str, dict[str, str]] = {
    "associated_roles": {"role_arn": "RoleArn", "feature_name": "FeatureName"},
    "serverless_v2_scaling_configuration": {
        "min_capacity": "MinCapacity",
        "max_capacity": "MaxCapacity",
        "seconds_until_auto_pause": "SecondsUntilAutoPause",
    },
    "tag_specifications": {"resource_type": "ResourceType", "tags": "Tags"},
}


class RequestError(DbferryError):
    """The options do not make a request that could be sent."""

    default_id = "restore.bad_request"


def restore_request(options: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of RestoreDBClusterFromS3.

    :param options: the module's options; those that are ``None`` are left to AWS' own default.
    :param tags: all tags of the new cluster, those of the user and those that mark the restore.
    :returns: the request; it holds the master user's password if one was given.
    :raises RequestError: the prefix would make Aurora read its neighbours, or two options exclude each other.
    """
    _check(options)
    request: dict[str, Any] = {"Engine": ENGINE}
    for option, member in MEMBER_OF_OPTION.items():
        value = options.get(option)
        if value is None or option == "tags":
            continue
        request[member] = _api_value(option, value)
    request["Tags"] = tag_list(tags)
    return request


def refuse_unknown_members(request: Mapping[str, Any], known: Mapping[str, Any], botocore_version: str) -> None:
    """Make sure that the installed botocore can send the request.

    :param known: the members that botocore's model has, each with the members below it (empty where it has none).
    :param botocore_version: for the message.
    :raises RequestError: a member is unknown; the message names it and its option.
    """
    unknown = sorted(_unknown(request, known))
    if unknown:
        options = {member: option for option, member in MEMBER_OF_OPTION.items()}
        named = [f"{options.get(member.split('.')[0], member)} ({member})" for member in unknown]
        raise RequestError(
            f"The installed botocore {botocore_version} does not know: {', '.join(named)}.",
            error_id="restore.botocore_too_old",
            remedy="Install a newer boto3 and botocore for the Python that runs this task, or leave the option out.",
            details={"unknown_members": unknown, "botocore": botocore_version},
        )


def _check(options: Mapping[str, Any]) -> None:
    prefix = options.get("s3_prefix")
    if prefix and not prefix.endswith("/"):
        raise RequestError(
            f"s3_prefix '{prefix}' does not end in '/': Aurora would also read every key that merely begins with it.",
            error_id="restore.prefix_open",
            remedy=f"Give '{prefix}/'.",
        )
    if options.get("manage_master_user_password"):
        if options.get("master_user_password"):
            raise RequestError(
                "master_user_password and manage_master_user_password exclude each other.",
                remedy="Give a password, or let Secrets Manager make one.",
            )
    elif not options.get("master_user_password"):
        raise RequestError(
            "The master user has no password.",
            error_id="restore.no_password",
            remedy="Give master_user_password, or manage_master_user_password: true.",
        )


def _api_value(option: str, value: Any) -> Any:
    below = MEMBERS_BELOW.get(option)
    if below is None:
        return value
    return [_renamed(item, below) for item in value] if isinstance(value, list) else _renamed(value, below)


def _renamed(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[key]: tag_list(item) if key == "tags" else item for key, item in value.items() if item is not None}


def _unknown(value: Mapping[str, Any], known: Mapping[str, Any], path: str = "") -> list[str]:
    found: list[str] = []
    for member, item in value.items():
        if member not in known:
            found.append(path + member)
            continue
        for below in item if isinstance(item, list) else [item]:
            if isinstance(below, dict):
                found.extend(_unknown(below, known[member], f"{path}{member}."))
    return found
