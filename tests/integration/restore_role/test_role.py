# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role ``restore`` makes around the cluster, and what it refuses before anything is made.

Several migrations go through each run of the role, because what costs time is the run.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from tests.integration.migration.playbook import Outcome
from tests.integration.migration.recorder import Seen, recording

from .conftest import BUCKET, CHECKOUT, PASSWORD, Account

GROUP_FAMILY = "aurora-mysql8-0"
# What an AWX survey hands over: strings, and empty ones for the fields that were left blank.
SURVEY = {
    "restore_engine_version": "",
    "restore_engine_lifecycle_support": "",
    "restore_instances": "2",
    "restore_readers": "",
    "restore_storage_type": "",
    "restore_serverless_max_capacity": "",
    "restore_subnet_ids": "",
    "restore_network_type": "",
    "restore_cluster_parameters": "",
    "restore_map_source_parameters": "true",
    "restore_source_parameters_left": "group_concat_max_len",
    "restore_instance_parameters": "",
    "restore_associate_role": "",
    "restore_backtrack_window": "",
    "restore_log_exports": "error,slowquery",
    "restore_iam_database_authentication": "yes",
    "restore_monitoring_interval": "",
    "restore_performance_insights": "false",
    "restore_copy_tags_to_snapshot": "true",
    "restore_tags": "team=shop",
}


MANAGED = {
    "migration_target_login_password": "",
    "restore_manage_master_user_password": "true",
    "restore_master_user_secret_kms_key_id": "alias/of-the-secret",
}
SETTINGS = {
    "restore_cluster_parameters": {"binlog_format": "ROW", "max_connections": 700},
    "restore_instance_parameters": {"long_query_time": 5},
    "restore_replace_failed": "true",
}
QUOTA = "The DB cluster can't be created because of insufficient resource limits. Storage quota exceeded."
GUEST = {
    "restore_engine_version": "8.0.mysql_aurora.3.10.0",
    "restore_source_engine_version": "8.0.35",
    "restore_storage_encrypted": "false",
    "restore_db_cluster_parameter_group_name": "theirs",
    "restore_db_parameter_group_name": "theirs",
    "restore_db_subnet_group_name": "theirs",
}


# Aurora MySQL 2.
SECOND = {"restore_engine_version": "5.7.mysql_aurora.2.12.4", "restore_source_engine_version": "5.7.44"}
# What the botocore of the oldest generation does not know; the module refuses them there by name.
NEWER = {
    "restore_engine_lifecycle_support": "open-source-rds-extended-support-disabled",
    "restore_associate_role": True,
    "restore_serverless_seconds_until_auto_pause": 600,
    "restore_performance_insights_kms_key_id": "alias/of-the-insights",
}
RESTORE, CREATE = "RestoreDBClusterFromS3", "CreateDBInstance"
# Option of the role -> host that has a value for it, action of RDS, parameter of the action's request.
ARRIVES = {
    "restore_auto_minor_version_upgrade": ("console", CREATE, "AutoMinorVersionUpgrade"),
    "restore_availability_zone": ("console", CREATE, "AvailabilityZone"),
    "restore_availability_zones": ("console", RESTORE, "AvailabilityZones.AvailabilityZone"),
    "restore_backtrack_window": ("console", RESTORE, "BacktrackWindow"),
    "restore_backup_retention_period": ("console", RESTORE, "BackupRetentionPeriod"),
    "restore_ca_certificate_identifier": ("console", CREATE, "CACertificateIdentifier"),
    "restore_copy_tags_to_snapshot": ("console", RESTORE, "CopyTagsToSnapshot"),
    "restore_database_name": ("console", RESTORE, "DatabaseName"),
    "restore_db_cluster_parameter_group_name": ("guest", RESTORE, "DBClusterParameterGroupName"),
    "restore_db_parameter_group_name": ("guest", CREATE, "DBParameterGroupName"),
    "restore_db_subnet_group_name": ("guest", RESTORE, "DBSubnetGroupName"),
    "restore_deletion_protection": ("console", RESTORE, "DeletionProtection"),
    "restore_domain": ("console", RESTORE, "Domain"),
    "restore_domain_iam_role_name": ("console", RESTORE, "DomainIAMRoleName"),
    "restore_engine_lifecycle_support": ("console", RESTORE, "EngineLifecycleSupport"),
    "restore_engine_version": ("guest", RESTORE, "EngineVersion"),
    "restore_iam_database_authentication": ("console", RESTORE, "EnableIAMDatabaseAuthentication"),
    "restore_instance_class": ("console", CREATE, "DBInstanceClass"),
    "restore_kms_key_id": ("console", RESTORE, "KmsKeyId"),
    "restore_log_exports": ("console", RESTORE, "EnableCloudwatchLogsExports.member"),
    "restore_manage_master_user_password": ("managed", RESTORE, "ManageMasterUserPassword"),
    "restore_master_user_secret_kms_key_id": ("managed", RESTORE, "MasterUserSecretKmsKeyId"),
    "restore_monitoring_interval": ("console", CREATE, "MonitoringInterval"),
    "restore_monitoring_role_arn": ("console", CREATE, "MonitoringRoleArn"),
    "restore_network_type": ("console", RESTORE, "NetworkType"),
    "restore_option_group_name": ("console", RESTORE, "OptionGroupName"),
    "restore_performance_insights": ("console", CREATE, "EnablePerformanceInsights"),
    "restore_performance_insights_kms_key_id": ("console", CREATE, "PerformanceInsightsKMSKeyId"),
    "restore_performance_insights_retention_period": ("console", CREATE, "PerformanceInsightsRetentionPeriod"),
    "restore_port": ("console", RESTORE, "Port"),
    "restore_preferred_backup_window": ("console", RESTORE, "PreferredBackupWindow"),
    "restore_preferred_maintenance_window": ("console", RESTORE, "PreferredMaintenanceWindow"),
    "restore_promotion_tier": ("console", CREATE, "PromotionTier"),
    "restore_publicly_accessible": ("console", CREATE, "PubliclyAccessible"),
    "restore_serverless_max_capacity": ("console", RESTORE, "ServerlessV2ScalingConfiguration.MaxCapacity"),
    "restore_serverless_min_capacity": ("console", RESTORE, "ServerlessV2ScalingConfiguration.MinCapacity"),
    "restore_serverless_seconds_until_auto_pause": (
        "console",
        RESTORE,
        "ServerlessV2ScalingConfiguration.SecondsUntilAutoPause",
    ),
    "restore_source_engine_version": ("guest", RESTORE, "SourceEngineVersion"),
    "restore_storage_encrypted": ("guest", RESTORE, "StorageEncrypted"),
    "restore_storage_type": ("console", RESTORE, "StorageType"),
    "restore_vpc_security_group_ids": ("console", RESTORE, "VpcSecurityGroupIds.VpcSecurityGroupId"),
}
# Those that are about something besides the two requests, or about the run itself, and have tests of their own.
OTHERWISE = {
    "restore_associate_role",
    "restore_cluster_parameters",
    "restore_iam_propagation_timeout",
    "restore_instance_parameters",
    "restore_instances",
    "restore_instances_timeout",
    "restore_map_source_parameters",
    "restore_poll_interval",
    "restore_readers",
    "restore_replace_failed",
    "restore_source_parameters_left",
    "restore_subnet_ids",
    "restore_tags",
    "restore_wait_timeout",
}


def everything(subnets: list[str], key: str, security_groups: list[str]) -> dict[str, Any]:
    """A value for every page of the console."""
    return {
        "restore_database_name": "extra",
        "restore_instance_class": "db.r7g.large",
        "restore_readers": [
            {"instance_class": "db.r6g.xlarge", "promotion_tier": 0, "availability_zone": "eu-central-1b"},
            {"instance_class": "db.serverless", "promotion_tier": 15},
        ],
        "restore_promotion_tier": 3,
        "restore_availability_zone": "eu-central-1a",
        "restore_serverless_min_capacity": 0.0,
        "restore_serverless_max_capacity": 8.0,
        "restore_storage_type": "aurora-iopt1",
        "restore_subnet_ids": subnets,
        "restore_vpc_security_group_ids": security_groups,
        "restore_publicly_accessible": True,
        "restore_availability_zones": ["eu-central-1a", "eu-central-1b"],
        "restore_network_type": "IPV4",
        "restore_port": 3307,
        "restore_iam_database_authentication": True,
        "restore_domain": "d-1234567890",
        "restore_domain_iam_role_name": "directory-reader",
        "restore_instance_parameters": {"slow_query_log": True},
        "restore_option_group_name": "theirs",
        "restore_kms_key_id": key,
        "restore_backup_retention_period": 14,
        "restore_copy_tags_to_snapshot": True,
        "restore_log_exports": ["audit", "error"],
        "restore_preferred_backup_window": "01:00-02:00",
        "restore_preferred_maintenance_window": "sun:03:00-sun:04:00",
        "restore_backtrack_window": 3600,
        "restore_monitoring_interval": 60,
        "restore_monitoring_role_arn": "arn:aws:iam::123456789012:role/monitor",
        "restore_performance_insights": True,
        "restore_performance_insights_retention_period": 93,
        "restore_auto_minor_version_upgrade": False,
        "restore_ca_certificate_identifier": "rds-ca-ecc384-g1",
        "restore_deletion_protection": True,
        "restore_tags": {"team": "shop"},
    }


def groups_of(subnets: list[str], **parameters: Any) -> dict[str, Any]:
    """Groups of a cluster's own."""
    return {"restore_subnet_ids": subnets, "restore_instance_parameters": parameters}


def tags(described: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described}


@pytest.fixture(scope="module")
def subnets(account: Account) -> list[str]:
    """Three subnets of the account's default network."""
    found = account.client("ec2").describe_subnets()["Subnets"]
    return sorted(subnet["SubnetId"] for subnet in found)[:3]


@pytest.fixture(scope="module")
def hosts(account: Account, subnets: list[str], generation: Any) -> dict[str, dict[str, Any]]:
    """Migrations whose backups are in S3, with the role's variables for each."""
    rds = account.client("rds")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="theirs", DBParameterGroupFamily="aurora-mysql8.0", Description="theirs"
    )
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="theirs",
        Parameters=[
            {"ParameterName": "lower_case_table_names", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}
        ],
    )
    for name, family in (("theirs", "aurora-mysql8.0"), ("theirs-57", "aurora-mysql5.7")):
        rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily=family, Description="theirs")
    rds.create_db_subnet_group(DBSubnetGroupName="theirs", DBSubnetGroupDescription="theirs", SubnetIds=subnets)
    rds.create_option_group(
        OptionGroupName="theirs", EngineName="mysql", MajorEngineVersion="8.0", OptionGroupDescription="theirs"
    )
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    ec2 = account.client("ec2")
    security_groups = [
        ec2.create_security_group(GroupName=name, Description=name)["GroupId"] for name in ("writers", "readers")
    ]
    found = {
        "survey": SURVEY,
        "settings": SETTINGS,
        "console": {**everything(subnets, key, security_groups), **(NEWER if generation.name == "newest" else {})},
        "guest": GUEST,
        "second": {**SECOND, **({"restore_associate_role": True} if generation.name == "newest" else {})},
        "managed": MANAGED,
        "finished": groups_of(subnets, slow_query_log=True),
        "grown": groups_of(subnets, slow_query_log=True),
    }
    for name in found:
        account.begin(name)
    # What an attempt before this one has left.
    account.fail("settings", QUOTA)
    leave_group(account, "settings", wait_timeout="60", max_connections="300", time_zone="Europe/Paris")
    leave_instance_group(account, "settings", long_query_time="10", slow_query_log="1")
    return found


def leave_group(account: Account, migration_id: str, **values: str) -> None:
    """A cluster parameter group as an attempt before leaves it."""
    rds, group = account.client("rds"), {"DBClusterParameterGroupName": f"{migration_id}-{GROUP_FAMILY}"}
    rds.create_db_cluster_parameter_group(
        **group,
        DBParameterGroupFamily="aurora-mysql8.0",
        Description=migration_id,
        Tags=[{"Key": "dbferry:migration-id", "Value": migration_id}],
    )
    rds.modify_db_cluster_parameter_group(**group, Parameters=parameters_of(values))


def leave_instance_group(account: Account, migration_id: str, **values: str) -> None:
    """A parameter group of instances as an attempt before leaves it."""
    rds, group = account.client("rds"), {"DBParameterGroupName": f"{migration_id}-instances-{GROUP_FAMILY}"}
    rds.create_db_parameter_group(
        **group,
        DBParameterGroupFamily="aurora-mysql8.0",
        Description=migration_id,
        Tags=[{"Key": "dbferry:migration-id", "Value": migration_id}],
    )
    rds.modify_db_parameter_group(**group, Parameters=parameters_of(values))


def parameters_of(values: dict[str, str]) -> list[dict[str, str]]:
    """Values as a group of either kind takes them."""
    return [
        {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
        for name, value in values.items()
    ]


@pytest.fixture(scope="module")
def recorded(account: Account, hosts: dict[str, dict[str, Any]]) -> tuple[Outcome, list[Seen]]:
    """One run of the role, its results shown, and what it asked of AWS."""
    with recording(account.endpoint_url) as recorder:
        outcome = account.restore(hosts, "-v", endpoint_url=recorder.endpoint_url)
    return outcome.succeeded(), recorder.take()


@pytest.fixture(scope="module")
def restored(recorded: tuple[Outcome, list[Seen]]) -> Outcome:
    """The run alone."""
    return recorded[0]


@pytest.mark.usefixtures("restored")
def test_a_survey_s_strings_make_a_cluster(account: Account) -> None:
    cluster = account.cluster("survey")
    assert cluster["Status"] == "available"
    assert cluster["EnabledCloudwatchLogsExports"] == ["error", "slowquery"]
    assert cluster["IAMDatabaseAuthenticationEnabled"] is True
    assert cluster["CopyTagsToSnapshot"] is True
    assert cluster["EngineVersion"] == "8.0.mysql_aurora.3.10.0"
    assert tags(cluster["TagList"])["team"] == "shop"
    assert "group_concat_max_len" not in account.parameters(f"survey-{GROUP_FAMILY}")
    instances = account.instances("survey")
    assert set(instances) == {"survey-1", "survey-2"}
    for instance in instances.values():
        assert instance["DBInstanceStatus"] == "available"
        assert tags(instance["TagList"]) == {"team": "shop", "dbferry:migration-id": "survey"}


@pytest.mark.usefixtures("account")
def test_a_look_at_the_instances_that_failed_is_made_again(restored: Outcome) -> None:
    assert re.search(
        r"FAILED - RETRYING: \[guest -> localhost\]: Wait until the instances are available", restored.output
    )
    assert restored.recap("guest")["failed"] == 0


@pytest.mark.thorough("migration/test_stations.py runs the playbook by a survey's strings, twice")
def test_a_second_run_changes_nothing(account: Account, restored: Outcome, hosts: dict[str, dict[str, Any]]) -> None:
    # What the others have, these have, too.
    again = {name: hosts[name] for name in ("survey", "console", "managed")}
    assert [name for name in again if restored.recap(name)["changed"] == 0] == []
    before = {name: account.document(name) for name in again}
    outcome = account.restore(again).succeeded()
    assert {name: outcome.recap(name)["changed"] for name in again} == dict.fromkeys(again, 0), outcome.output
    assert {name: account.document(name) for name in again} == before


@pytest.mark.usefixtures("restored")
def test_other_options_change_no_group_of_a_finished_cluster(account: Account, subnets: list[str]) -> None:
    def groups(name: str) -> tuple[list[str], dict[str, str]]:
        found = account.client("rds").describe_db_subnet_groups(DBSubnetGroupName=f"{name}-subnets")["DBSubnetGroups"]
        own = [subnet["SubnetIdentifier"] for subnet in found[0]["Subnets"]]
        return sorted(own), account.instance_parameters(f"{name}-instances-{GROUP_FAMILY}")

    other = {**groups_of(subnets[:2], slow_query_log=False, long_query_time=5), "restore_tags": {"team": "other"}}
    reader = {"restore_readers": [{"instance_class": "db.r6g.xlarge"}]}
    outcome = account.restore({"finished": other, "grown": {**other, **reader}}).succeeded()
    assert outcome.recap("finished")["changed"] == 0, outcome.output
    assert {name: groups(name) for name in ("finished", "grown")} == dict.fromkeys(
        ("finished", "grown"), (subnets, {"slow_query_log": "1"})
    )
    # What an instance that comes later needs is still there for it.
    fresh = account.instances("grown")["grown-r1"]["DBParameterGroups"]
    assert [group["DBParameterGroupName"] for group in fresh] == [f"grown-instances-{GROUP_FAMILY}"]


def test_the_source_s_settings_become_parameters_and_the_record_says_which(account: Account, restored: Outcome) -> None:
    expected = {
        "binlog_format": "ROW",
        "collation_server": "utf8mb4_general_ci",
        "event_scheduler": "OFF",
        "group_concat_max_len": "65536",
        "lower_case_table_names": "1",
        "max_connections": "700",
        "sql_mode": "STRICT_TRANS_TABLES",
        # Role objects', and not reset with what else was there.
        "time_zone": "Europe/Paris",
    }
    assert account.parameters(f"settings-{GROUP_FAMILY}") == expected
    assert account.cluster("settings")["DBClusterParameterGroup"] == f"settings-{GROUP_FAMILY}"
    # What an attempt before has set for the instances goes with the rest of it.
    assert account.instance_parameters(f"settings-instances-{GROUP_FAMILY}") == {"long_query_time": "5"}
    parameters = account.document("settings")["parameters"]
    assert {entry["name"] for entry in parameters["taken"]} == {
        "collation_server",
        "group_concat_max_len",
        "lower_case_table_names",
    }
    assert {entry["name"]: entry["source_value"] for entry in parameters["changed"]} == {
        "event_scheduler": "DISABLED",
        "sql_mode": "STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER",
    }
    assert [entry["name"] for entry in parameters["left"]] == ["max_connections"]
    assert "changed: sql_mode=STRICT_TRANS_TABLES" in restored.output
    assert "left: max_connections, 500 on the source: your own value 700 leads" in restored.output


@pytest.mark.usefixtures("restored")
def test_a_failed_cluster_is_replaced_on_demand(account: Account) -> None:
    assert account.cluster("settings")["Status"] == "available"
    document = account.document("settings")
    assert document["events"]
    assert QUOTA not in json.dumps(document)


def test_each_option_of_the_role_has_a_test_of_where_it_arrives() -> None:
    specification = CHECKOUT / "roles" / "restore" / "meta" / "argument_specs.yml"
    options = yaml.safe_load(specification.read_text())["argument_specs"]["main"]["options"]
    assert not ARRIVES.keys() & OTHERWISE
    assert ARRIVES.keys() | OTHERWISE == set(options)


def test_each_option_arrives_at_aws_as_it_was_given(
    recorded: tuple[Outcome, list[Seen]], hosts: dict[str, dict[str, Any]]
) -> None:
    # Of a cluster's instances the first.
    asked = {
        (
            request.query["Action"],
            request.query.get("DBInstanceIdentifier", request.query.get("DBClusterIdentifier")),
        ): (request.query)
        for request in recorded[1]
        if request.query.get("Action") in (RESTORE, CREATE)
    }
    expected, found = {}, {}
    for option, (host, action, parameter) in ARRIVES.items():
        if option in NEWER and option not in hosts[host]:
            continue
        value = hosts[host][option]
        request = asked[action, host if action == RESTORE else f"{host}-1"]
        if isinstance(value, list):
            expected[option] = sorted(value)
            found[option] = sorted(request.get(f"{parameter}.{number}", "") for number in range(1, len(value) + 1))
        else:
            # As the protocol writes what is true.
            expected[option] = str(value).lower() if isinstance(value, bool) else str(value)
            found[option] = request.get(parameter, "")
    assert found == expected


@pytest.mark.usefixtures("restored")
def test_all_that_the_console_offers_reaches_the_cluster(account: Account) -> None:
    cluster = account.cluster("console")
    assert cluster["DatabaseName"] == "extra"
    assert cluster["StorageType"] == "aurora-iopt1"
    assert cluster["DBSubnetGroup"] == "console-subnets"
    assert cluster["NetworkType"] == "IPV4"
    assert cluster["PreferredBackupWindow"] == "01:00-02:00"
    assert cluster["PreferredMaintenanceWindow"] == "sun:03:00-sun:04:00"
    assert cluster["BacktrackWindow"] == 3600
    assert cluster["DeletionProtection"] is True
    scaling = cluster["ServerlessV2ScalingConfiguration"]
    assert (scaling["MinCapacity"], scaling["MaxCapacity"]) == (0.0, 8.0)


@pytest.mark.usefixtures("restored")
def test_what_newer_releases_of_boto3_know_reaches_the_cluster(account: Account, generation: Any) -> None:
    if generation.name == "oldest":
        pytest.skip("boto3 1.28 has neither AssociatedRoles nor EngineLifecycleSupport")
    cluster = account.cluster("console")
    assert cluster["EngineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert [role["RoleArn"] for role in cluster["AssociatedRoles"]] == ["arn:aws:iam::123456789012:role/reader"]
    roles = {
        group: {name: value for name, value in account.parameters(group).items() if name.endswith("_s3_role")}
        for group in (f"console-{GROUP_FAMILY}", "second-aurora-mysql5-7")
    }
    reader = "arn:aws:iam::123456789012:role/reader"
    # LOAD DATA FROM S3 looks there, and in Aurora MySQL 2 in the other one first.
    assert roles == {
        f"console-{GROUP_FAMILY}": {"aws_default_s3_role": reader},
        "second-aurora-mysql5-7": {"aurora_load_from_s3_role": reader, "aws_default_s3_role": reader},
    }
    assert [role["RoleArn"] for role in account.cluster("second")["AssociatedRoles"]] == [reader]


@pytest.mark.usefixtures("restored")
def test_a_cluster_of_aurora_2_gets_groups_of_its_own_family(account: Account) -> None:
    cluster = account.cluster("second")
    assert (cluster["Status"], cluster["EngineVersion"]) == ("available", "5.7.mysql_aurora.2.12.4")
    assert cluster["DBClusterParameterGroup"] == "second-aurora-mysql5-7"
    (group,) = account.client("rds").describe_db_cluster_parameter_groups(
        DBClusterParameterGroupName="second-aurora-mysql5-7"
    )["DBClusterParameterGroups"]
    assert group["DBParameterGroupFamily"] == "aurora-mysql5.7"
    kept = account.parameters("second-aurora-mysql5-7")
    assert {name: kept[name] for name in ("lower_case_table_names", "collation_server")} == {
        "lower_case_table_names": "1",
        "collation_server": "utf8mb4_general_ci",
    }
    (instance,) = account.instances("second").values()
    assert (instance["DBInstanceStatus"], instance["EngineVersion"]) == ("available", "5.7.mysql_aurora.2.12.4")
    assert account.document("second")["engine_version"] == "5.7.mysql_aurora.2.12.4"


@pytest.mark.usefixtures("restored")
def test_all_that_the_console_offers_reaches_the_instances(account: Account) -> None:
    instances = account.instances("console")
    assert {name: (one["DBInstanceClass"], one["PromotionTier"]) for name, one in instances.items()} == {
        "console-1": ("db.r7g.large", 3),
        "console-r1": ("db.r6g.xlarge", 0),
        "console-r2": ("db.serverless", 15),
    }
    members = account.cluster("console")["DBClusterMembers"]
    writers = {one["DBInstanceIdentifier"]: one["IsClusterWriter"] for one in members}
    assert writers == {"console-1": True, "console-r1": False, "console-r2": False}
    assert instances["console-r1"]["AvailabilityZone"] == "eu-central-1b"
    for instance in instances.values():
        assert instance["DBParameterGroups"][0]["DBParameterGroupName"] == f"console-instances-{GROUP_FAMILY}"
        assert instance["MonitoringInterval"] == 60
        assert instance["AutoMinorVersionUpgrade"] is False
        assert instance["CACertificateIdentifier"] == "rds-ca-ecc384-g1"


@pytest.mark.usefixtures("restored")
def test_all_groups_that_are_made_bear_the_tags(account: Account, subnets: list[str]) -> None:
    rds = account.client("rds")
    subnet_group = rds.describe_db_subnet_groups(DBSubnetGroupName="console-subnets")["DBSubnetGroups"][0]
    assert sorted(subnet["SubnetIdentifier"] for subnet in subnet_group["Subnets"]) == subnets
    group = rds.describe_db_parameter_groups(DBParameterGroupName=f"console-instances-{GROUP_FAMILY}")[
        "DBParameterGroups"
    ]
    cluster_group = rds.describe_db_cluster_parameter_groups(DBClusterParameterGroupName=f"console-{GROUP_FAMILY}")
    for arn in (
        subnet_group["DBSubnetGroupArn"],
        group[0]["DBParameterGroupArn"],
        cluster_group["DBClusterParameterGroups"][0]["DBClusterParameterGroupArn"],
    ):
        found = tags(rds.list_tags_for_resource(ResourceName=arn)["TagList"])
        assert found == {"team": "shop", "dbferry:migration-id": "console"}, arn


@pytest.mark.usefixtures("restored")
def test_groups_that_are_there_are_used_as_they_are(account: Account) -> None:
    assert account.cluster("guest")["DBClusterParameterGroup"] == "theirs"
    assert account.cluster("guest")["DBSubnetGroup"] == "theirs"
    assert account.instances("guest")["guest-1"]["DBParameterGroups"][0]["DBParameterGroupName"] == "theirs"
    assert account.parameters("theirs") == {"lower_case_table_names": "1"}
    assert account.document("guest")["parameters"] == {"taken": [], "changed": [], "left": []}
    made = account.made()
    names = {name for kind in ("cluster groups", "instance groups", "subnet groups") for name in made[kind]}
    assert not [name for name in names if name.startswith("guest")]


def test_a_managed_password_is_known_to_rds_alone(account: Account, restored: Outcome) -> None:
    arn = account.document("managed")["master_user_secret_arn"]
    assert arn == account.cluster("managed")["MasterUserSecret"]["SecretArn"]
    assert f"secret {arn}" in restored.output
    secret = json.loads(account.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    assert secret["password"] not in restored.output
    assert PASSWORD not in restored.output


def test_the_strings_by_which_applications_connect(account: Account, restored: Outcome) -> None:
    document = account.document("settings")
    assert document["master_user_secret_arn"] == ""
    connections = document["connections"]
    port = document["port"]
    assert connections["mysql"] == (
        f"mysql --host=127.0.0.1 --port={port} --user=dbadmin --password --ssl-mode=VERIFY_IDENTITY"
        " --ssl-ca=global-bundle.pem"
    )
    assert connections["jdbc"] == (
        f"jdbc:mysql://127.0.0.1:{port}/?sslMode=VERIFY_IDENTITY&trustCertificateKeyStoreUrl=file:global-bundle.p12"
        "&trustCertificateKeyStoreType=PKCS12&trustCertificateKeyStorePassword=changeit&user=dbadmin"
    )
    assert connections["odbc"].endswith(
        f"Server=127.0.0.1;Port={port};User=dbadmin;SSLMODE=VERIFY_IDENTITY;SSLCA=global-bundle.pem"
    )
    assert all(text in restored.output for text in connections.values())
    assert "Database=extra;" in account.document("console")["connections"]["odbc"]


@pytest.mark.usefixtures("restored")
def test_check_mode_shows_what_would_be_made_and_makes_nothing(account: Account, subnets: list[str]) -> None:
    account.begin("looked")
    account.begin("case-only", lower_case_table_names="2")
    leave_group(account, "looked", wait_timeout="60")
    before = account.made()
    hosts: dict[str, dict[str, Any]] = {
        "looked": {
            "restore_subnet_ids": subnets,
            "restore_instance_parameters": {"slow_query_log": 1},
            "restore_readers": [{"instance_class": "db.r6g.xlarge"}],
        },
        "case-only": {"restore_map_source_parameters": "false"},
    }
    outcome = account.restore(hosts, "--check", "--diff").succeeded()
    # The subnet group, two parameter groups, a reset in one of them, the cluster, and its instances in one task.
    assert outcome.recap("looked")["changed"] == 6, outcome.output
    assert outcome.recap("case-only")["changed"] == 3, outcome.output
    for text in (
        "looked-1",
        "looked-r1",
        "slow_query_log",
        "wait_timeout",
        "changed: event_scheduler=OFF, DISABLED on the source",
    ):
        assert text in outcome.output, text
    # Case of names travels even where no setting is to.
    assert outcome.output.count("changed: lower_case_table_names=1, 2 on the source") == 1
    assert account.made() == before
    assert account.parameters(f"looked-{GROUP_FAMILY}") == {"wait_timeout": "60"}
    assert PASSWORD not in outcome.output


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "refused-instances": (
        {
            "restore_instance_class": "db.t4g.medium",
            "restore_performance_insights": "true",
            "restore_readers": [
                {"instance_class": "db.r6g.lage"},
                {"instance_class": "db.r6g.large", "availability_zone": "eu-central-1f"},
            ],
        },
        [
            "[restore.instance_class]",
            "class db.r6g.lage",
            "class db.r6g.large in eu-central-1f",
            "Performance Insights on class db.t4g.medium",
            "such as db.r6g.large",
        ],
    ),
    "refused-options": (
        {
            "restore_instance_class": "db.serverless",
            "restore_instances": "16",
            "restore_readers": [{"instance_class": "db.serverless", "promotion_tier": 16}],
            "restore_manage_master_user_password": "true",
            "restore_subnet_ids": "subnet-1,subnet-2",
            "restore_db_subnet_group_name": "theirs",
            "restore_db_cluster_parameter_group_name": "theirs",
            "restore_associate_role": "true",
            "restore_db_parameter_group_name": "theirs",
            "restore_instance_parameters": {"slow_query_log": 1},
            "restore_serverless_seconds_until_auto_pause": "60",
            "restore_domain": "d-1234567890",
            "restore_monitoring_interval": "20",
            "restore_performance_insights_retention_period": "30",
            "restore_source_parameters_left": "sql_mode,lower_case_table_names",
            "restore_availability_zone": "eu-central-1c",
            "restore_availability_zones": "eu-central-1a,eu-central-1b",
            "restore_cluster_parameters": {"time_zone": "Asia/Tokyo"},
        },
        [
            "[restore.options]",
            "restore_instance_class is db.serverless",
            "name it in objects_time_zone_name",
            "up to 15 readers",
            "give restore_serverless_max_capacity",
            "migration_target_login_password is one",
            "restore_subnet_ids make a subnet group",
            "leave the group or these out",
            "restore_instance_parameters make a parameter group",
            "restore_monitoring_role_arn",
            "restore_monitoring_interval is 20",
            "restore_promotion_tier or those of restore_readers are 16",
            "restore_serverless_seconds_until_auto_pause is 60",
            "both restore_domain and restore_domain_iam_role_name",
            "restore_performance_insights_retention_period is 30",
            "restore_source_parameters_left names lower_case_table_names",
            "name eu-central-1c, which restore_availability_zones (eu-central-1a, eu-central-1b) leave out",
        ],
    ),
    "refused-reader": ({"restore_readers": [{"promotion_tier": 1}]}, ["missing required arguments: instance_class"]),
    "refused-password": ({"migration_target_login_password": ""}, ["[restore.master_user]"]),
    "refused-spelling": (
        {"migration_cluster_identifier": "Refused--Spelling"},
        ["[migration.cluster_identifier] migration_cluster_identifier is 'Refused--Spelling'", "left out, it is made"],
    ),
    "refused-storage": (
        {"restore_instance_class": "db.t4g.medium", "restore_storage_type": "aurora-iopt1"},
        ["[restore.instance_class]", "with storage aurora-iopt1: class db.t4g.medium"],
    ),
    "refused-version": ({"restore_engine_version": "8.0.mysql_aurora.3.99.0"}, ["[restore.engine_version_gone]"]),
    "refused-parameter": ({"restore_cluster_parameters": {"wait_timeuot": 5}}, ["wait_timeuot (no such parameter)"]),
    "refused-stranger": ({}, [f"A cluster parameter group named refused-stranger-{GROUP_FAMILY} is there already"]),
    "refused-backup": (
        {},
        ["[restore.backup_differs]", "2 objects lie: 1001 bytes; 1 with 1000 bytes were uploaded"],
    ),
    "refused-subnets": (
        {"restore_subnet_ids": "subnet-1,subnet-2"},
        ["A subnet group named refused-subnets-subnets is there already"],
    ),
    "refused-cluster": (
        {"restore_subnet_ids": "subnet-1,subnet-2", "restore_instance_parameters": {"slow_query_log": 1}},
        ["[restore.name_taken] A cluster named refused-cluster", "nothing was changed"],
    ),
    "refused-failed": (
        {},
        ["[restore.migration_failed]", f"Aurora says: {QUOTA}", "reached a limit of RDS", "with replace_failed: true"],
    ),
    "refused-name": ({"restore_instances": 2}, ["[restore.name_taken]", "have: refused-name-2."]),
    "refused-own-case": (
        {"restore_cluster_parameters": {"lower_case_table_names": 0}},
        ["[restore.case_of_names] lower_case_table_names is 1 on the source, and the chosen parameters have 0"],
    ),
    "refused-their-case": (
        {"restore_db_cluster_parameter_group_name": "theirs-0"},
        ["[restore.case_of_names]", "cluster parameter group theirs-0 has 0"],
    ),
    "refused-group": (
        {"restore_db_parameter_group_name": "nowhere"},
        ["[restore.db_parameter_group] There is no parameter group nowhere"],
    ),
    "refused-family": (
        {"restore_db_parameter_group_name": "theirs-57"},
        ["[restore.db_parameter_group] Of family aurora-mysql5.7 is parameter group theirs-57"],
    ),
    "refused-authority": (
        {"restore_ca_certificate_identifier": "rds-ca-2015"},
        ["[restore.ca_certificate]", "rds-ca-rsa2048-g1"],
    ),
}
# What Aurora says does not tell why.
NO_REASON = "Failed to migrate from mysql 8.0.36 to aurora-mysql 8.0.mysql_aurora.3.10.0. Reason: Internal error."
# The cluster is there, and an instance of it does not become available.
UNAVAILABLE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "guest": (GUEST, ["[restore.instances]", "guest-1 is stopped.", "start the cluster"]),
    "survey": (
        # None of the two is waited for before the other is asked for.
        {**SURVEY, "restore_instances": "4", "restore_instances_timeout": "2"},
        [
            "[restore.instances]",
            "not available: survey-3 is creating, survey-4 is creating. The cluster",
            "gives it longer",
        ],
    ),
    "managed": (
        {**MANAGED, "restore_instances_timeout": "2"},
        [
            "[restore.instances]",
            "managed-1 is not known. The last look at them failed: ",
            ". The cluster stands",
        ],
    ),
}


@pytest.mark.thorough(
    "restore/test_faults.py, restore/test_cluster_restore.py and migration/test_bad_input.py have refusals"
)
@pytest.mark.usefixtures("restored")
def test_what_cannot_be_is_refused_before_anything_is_made(account: Account, subnets: list[str]) -> None:
    rds = account.client("rds")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName=f"refused-stranger-{GROUP_FAMILY}",
        DBParameterGroupFamily="aurora-mysql8.0",
        Description="a stranger's",
    )
    rds.create_db_subnet_group(
        DBSubnetGroupName="refused-subnets-subnets", DBSubnetGroupDescription="a stranger's", SubnetIds=subnets
    )
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="theirs-0", DBParameterGroupFamily="aurora-mysql8.0", Description="theirs"
    )
    rds.create_db_cluster(
        DBClusterIdentifier="refused-cluster",
        Engine="aurora-mysql",
        MasterUsername="other",
        MasterUserPassword="other-word",
    )
    stranger = {"DBInstanceIdentifier": "refused-name-2", "DBInstanceClass": "db.t3.medium"}
    rds.create_db_instance(**stranger, Engine="mysql", Tags=[{"Key": "whose", "Value": "theirs"}])
    for name in REFUSED:
        account.begin(name)
    account.fail("refused-failed", QUOTA)
    # As an increment leaves it that was sent and not noted.
    account.client("s3").put_object(Bucket=BUCKET, Key="refused-backup/backup/full/half", Body=b"x")
    before = account.made()
    cases = {**REFUSED, **UNAVAILABLE}
    with account.faults(hangs_in="creating", refused_looks={"managed": list(range(100))}):
        rds.stop_db_instance(DBInstanceIdentifier="guest-1")
        outcome = account.restore({name: variables for name, (variables, _messages) in cases.items()})
    for name, (_variables, messages) in cases.items():
        recap = outcome.recap(name)
        assert (recap["failed"], recap["changed"]) == (1, int(name == "survey")), outcome.output
        # Before what is said of the instances stands the last look at them, where that failed.
        *_looks, said = re.findall(
            rf"^(?:fatal: |\[ERROR\].*)?\[{name}.*?(?=^\S|\Z)", outcome.output, re.MULTILINE | re.DOTALL
        )
        assert [message for message in messages if message not in said] == [], said
    assert account.made() == {**before, "instances": before["instances"] | {"survey-3", "survey-4"}}
    found = rds.describe_db_instances(DBInstanceIdentifier="refused-name-2")["DBInstances"][0]
    assert (found["DBInstanceClass"], tags(found["TagList"])) == ("db.t3.medium", {"whose": "theirs"})


@pytest.mark.usefixtures("account")
def test_what_is_known_of_the_backup_explains_a_failure(account: Account) -> None:
    account.begin("mixed")
    account.swap("mixed", "backup.xbstream00000")
    account.begin("paged", innodb_page_size="4096")
    account.begin("scrambled", innodb_encrypt_tables="ON")
    account.encrypting_bucket("locked-by-a-key")
    account.begin("locked", bucket="locked-by-a-key")
    locked = {"migration_bucket": "locked-by-a-key", "restore_iam_propagation_timeout": "1"}
    with account.faults(fails_with=NO_REASON):
        outcome = account.restore({"mixed": {}, "paged": {}, "scrambled": {}, "locked": locked})
    outcome.failed_with("[restore.migration_failed]").failed_with("[restore.source_unreadable]")
    for cause in (
        "Objects of different formats stand under s3://migrations/mixed/",
        "The source's innodb_page_size is not 16384.",
        "The source has encrypted tablespaces",
        "RDS may not decrypt the objects.",
    ):
        assert f"Likely causes: (1) {cause}" in outcome.output
