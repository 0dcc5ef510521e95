# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the target, over the lab's RDS: versions, classes and parameters are its own, the rest moto's."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_engine, checks_target
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.assessment import judge, verdict
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.collect import (
    Clients,
    Collected,
    choose_for_a_copy,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ServerFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.target_facts import read_target_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.way import choose_engine
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.clusters import Clusters
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion
from tests.integration.access.lab_aws import REGION, LabAws, allow, lab_aws
from tests.integration.servers import free_port

CHECKS = (*checks_target.CHECKS, *checks_engine.CHECKS)

NOT_FIRED_FOR_REAL = {
    "target.region_unsupported": "the lab's RDS has the same versions in every Region",
    "target.subnet_group_zones": "the lab has each class in all zones that its subnets can lie in",
}
FIRED = ("target.quota_clusters", "target.extended_support", "target.engine_not_live", "target.migration_failed")
ENGINE = parse_engine_version("8.0.mysql_aurora.3.10.0")


class Case(NamedTuple):
    """Something wanted that the Region does not have, or that is there already."""

    check_id: str
    words: str
    wanted: Mapping[str, Any] = MappingProxyType({})
    source: tuple[int, int, int] = (8, 0, 36)
    names: tuple[str, ...] = ()
    severity: str = ""


CASES = [
    Case(
        "target.quota_instances",
        "3 of 40 instances are used, and 38 more are wanted.",
        {"instance_classes": ("db.r6g.large",) * 38},
    ),
    Case("target.engine_version_gone", "3.01.0 is wanted", {"engine_version": "8.0.mysql_aurora.3.01.0"}),
    Case("target.engine_version_none", "newer than the 8.0.42", source=(8, 0, 99)),
    Case("target.class_not_orderable", "db.r6g.large", {"instance_classes": ("db.r6g.larg",)}, names=("db.r6g.larg",)),
    Case(
        "target.class_not_orderable",
        "with storage aurora-iopt1",
        {"instance_classes": ("db.t4g.medium",), "storage_type": "aurora-iopt1"},
        names=("db.t4g.medium",),
    ),
    Case("target.class_serverless_writer", "db.serverless", {"instance_classes": ("db.serverless",)}),
    Case(
        "target.one_zone",
        "one Availability Zone",
        {"db_subnet_group_name": "one-zone", "instance_classes": ("db.r6g.large",)},
        names=(f"db.r6g.large in {REGION}a",),
    ),
    Case("target.subnet_group_missing", "no DB subnet group nowhere", {"db_subnet_group_name": "nowhere"}),
    Case("target.name_taken", "did not make it", {"cluster_identifier": "taken"}),
    Case("target.name_taken", "of this migration is there", {"cluster_identifier": "own"}, severity="note"),
    Case(
        "target.instance_name_taken",
        "Of 3 names 2 are taken",
        {"instance_identifiers": ("orders-1", "orders-2", "orders-3")},
        names=("orders-1 (of cluster taken)", "orders-2 (of no cluster)"),
    ),
    Case(
        "target.name_taken",
        "of this migration is there",
        {"cluster_identifier": "own", "instance_identifiers": ("own-1",)},
        severity="note",
    ),
    Case(
        "target.parameter_not_allowed",
        "2 of the cluster parameters",
        {"cluster_parameters": {"binlog_format": "SIDEWAYS", "no_such_parameter": "1", "time_zone": "UTC"}},
    ),
    Case("target.master_username", "RDS' own", {"master_username": "rdsadmin"}),
    Case("target.master_username", "1 to 16", {"master_username": "o'neill"}),
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabAws]:
    """An AWS account with subnet groups in one and two zones, two clusters, an instance of each, and one of none."""
    with lab_aws(tmp_path_factory.mktemp("aws")) as running:
        ec2, rds = running.client("ec2"), running.client("rds")
        vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
            for number, zone in enumerate("ab")
        ]
        ids = [subnet["SubnetId"] for subnet in subnets]
        for name, members in (("one-zone", ids[:1]), ("two-zones", ids)):
            rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="of a test", SubnetIds=members)
        for name, tags in (("taken", []), ("own", [{"Key": "dbferry:migration-id", "Value": "orders"}])):
            rds.create_db_cluster(
                DBClusterIdentifier=name,
                Engine="aurora-mysql",
                MasterUsername="admin",
                MasterUserPassword="of-no-use-here",
                Tags=tags,
            )
        for name, cluster in (("orders-1", "taken"), ("own-1", "own"), ("orders-2", "")):
            rds.create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.r6g.large",
                **(
                    {"Engine": "aurora-mysql", "DBClusterIdentifier": cluster}
                    if cluster
                    else {"Engine": "mysql", "AllocatedStorage": 20, "MasterUsername": "admin"}
                    | {"MasterUserPassword": "of-no-use-here"}
                ),
            )
        yield running


def _facts(aws: LabAws, wanted: Mapping[str, Any], source: tuple[int, int, int]) -> Facts:
    usual = {"migration_id": "orders", "region": REGION, "cluster_identifier": "orders", "master_username": "admin"}
    whole = Wanted(**{**usual, "instance_classes": ("db.r6g.large",), **wanted})
    version = ServerVersion("mysql", source)
    return Facts(
        whole,
        ENGINE,
        server=ServerFacts(version, version.text),
        target=read_target_facts(aws.client("rds"), whole, ENGINE),
    )


def _found(facts: Facts) -> dict[str, Seen]:
    found = {}
    for check in CHECKS:
        try:
            seen = check.find(facts)
        except NotKnownError:
            continue
        if seen:
            found[check.id] = seen
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number].check_id}-{number}")
def test_fires_alone(aws: LabAws, number: int) -> None:
    case = CASES[number]
    found = _found(_facts(aws, case.wanted, case.source))
    assert list(found) == [case.check_id]
    seen = found[case.check_id]
    assert case.words in seen.text
    assert not case.names or seen.objects.names == case.names
    assert seen.severity == case.severity


def test_a_target_that_can_be_made_is_quiet(aws: LabAws) -> None:
    standard = {"instance_classes": ("db.t4g.medium",), "storage_type": "aurora"}
    facts = _facts(aws, {"db_subnet_group_name": "two-zones", "engine_version": ENGINE.text, **standard}, (8, 0, 36))
    assert _found(facts) == {}
    assert facts.target is not None
    assert facts.target.allowed_time_zones
    assert "Africa/Cairo" in facts.target.allowed_time_zones
    assert not facts.target.unknown and facts.target.standard_support_ends is not None


@pytest.mark.parametrize(("days", "word"), [(360, "ends"), (-1, "ended")])
def test_an_engine_whose_standard_support_ends_is_seen(aws: LabAws, days: int, word: str) -> None:
    with aws.faults(support_ends_in_days=days):
        facts = _facts(aws, {}, (8, 0, 36))
    seen = _found(facts)["target.extended_support"]
    assert facts.target is not None
    day = str(facts.target.standard_support_ends)
    assert seen.text == f"The standard support of Aurora MySQL for MySQL 8.0 {word} on {day}."


def test_an_account_that_may_have_no_more_clusters_is_seen(aws: LabAws) -> None:
    rds = aws.client("rds")
    quota = _facts(aws, {}, (8, 0, 36)).target.quotas["DBClusters"]
    names = [f"many-{number}" for number in range(quota.most - quota.used)]
    for name in names:
        rds.create_db_cluster(
            DBClusterIdentifier=name, Engine="aurora-mysql", MasterUsername="admin", MasterUserPassword="of-no-use-here"
        )
    try:
        found = _found(_facts(aws, {}, (8, 0, 36)))
    finally:
        for name in names:
            rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    assert list(found) == ["target.quota_clusters"]
    assert found["target.quota_clusters"].text == "40 of 40 clusters are used."


def test_a_restore_that_failed_is_seen(aws: LabAws) -> None:
    s3, rds = aws.client("s3"), aws.client("rds")
    s3.create_bucket(Bucket="backups", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="backups", Key="orders/backup/full/ibdata1", Body=b"x")
    restore = {
        "DBClusterIdentifier": "orders",
        "Engine": "aurora-mysql",
        "MasterUsername": "admin",
        "MasterUserPassword": "of-no-use-here",
        "SourceEngine": "mysql",
        "SourceEngineVersion": "8.0.36",
        "S3BucketName": "backups",
        "S3Prefix": "orders/backup/full/",
        "S3IngestionRoleArn": aws.make_role("reader", allow("s3:*")),
        "Tags": [{"Key": "dbferry:migration-id", "Value": "orders"}],
    }
    with aws.faults(fails_with="Failed to migrate from mysql 8.0.36 to aurora-mysql. Reason: one of a test."):
        # a new role cannot be assumed at once
        while True:
            try:
                rds.restore_db_cluster_from_s3(**restore)
                break
            except rds.exceptions.ClientError as error:
                if "S3_SNAPSHOT_INGESTION" not in str(error):
                    raise
                time.sleep(0.2)
        while rds.describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"][0]["Status"] == "creating":
            time.sleep(0.1)
    try:
        found = _found(_facts(aws, {}, (8, 0, 36)))
    finally:
        rds.delete_db_cluster(DBClusterIdentifier="orders", SkipFinalSnapshot=True)
    assert list(found) == ["target.migration_failed"]
    assert found["target.migration_failed"].text == "Cluster orders of this migration is migration-failed."


def test_an_rds_that_does_not_answer_is_seen() -> None:
    nowhere = LabAws(f"http://127.0.0.1:{free_port()}")
    facts = _facts(nowhere, {"db_subnet_group_name": "two-zones"}, (8, 0, 36))
    found = _found(facts)
    assert list(found) == ["target.engine_not_live"]
    assert "Could not connect" in found["target.engine_not_live"].text
    assert facts.target is not None
    assert {"classes", "parameters", "cluster", "subnet_group", "quotas"} <= facts.target.unknown.keys()


def test_a_source_that_no_engine_takes_goes_by_a_copy(aws: LabAws) -> None:
    facts = _facts(aws, {}, (8, 0, 99))
    choice = choose_engine("8.0.99", Clusters(aws.client("rds")).engine_versions(), "", True)
    assert facts.target is not None and facts.target.offered is not None
    facts = facts._replace(engine=choice.recommended)
    told, _ways = verdict(judge(facts, {}), "auto", choice)
    assert (told["way"], told["blockers"]) == ("logical", [])
    (reason,) = told["reasons"]
    assert "newer than the 8.0.42" in reason
    assert verdict(judge(facts, {}), "physical", choice)[0]["way"] == "none"


def test_a_closed_physical_way_leaves_aurora_2(aws: LabAws) -> None:
    def client(service: str) -> Any:
        return aws.client(service)

    clients = Clients(*map(client, Clients._fields))
    wanted = Wanted(region=REGION, cluster_identifier="orders", instance_classes=("db.r6g.large",))
    version = ServerVersion("mysql", (5, 7, 44))
    choice = choose_engine("5.7.44", Clusters(clients.rds).engine_versions(), "", False)
    assert choice.recommended is not None and choice.recommended.major == "5.7"
    facts = Facts(
        wanted,
        choice.recommended,
        ServerFacts(version, version.text, {"innodb_page_size": "32768"}),
        target=read_target_facts(clients.rds, wanted, choice.recommended),
    )
    assert verdict(judge(facts, {}), "auto", choice)[0]["way"] == "logical"
    again = choose_for_a_copy(Collected(facts, choice, True), clients)
    assert again.choice.logical
    assert again.facts.engine is not None and again.facts.engine.major == "8.0"
    told, _ways = verdict(judge(again.facts, {}), "auto", again.choice)
    assert (told["way"], told["blockers"]) == ("logical", [])
    assert again.facts.target is not None and again.facts.target.parameters is not None
    assert "source.version_pair" not in [each.check.id for each in judge(again.facts, {}).findings]
