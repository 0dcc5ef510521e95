# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the target, over the lab's RDS: versions, classes and parameters are its own, the rest moto's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_engine, checks_target
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ServerFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.target_facts import read_target_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion
from tests.integration.access.lab_aws import REGION, LabAws, lab_aws

CHECKS = (*checks_target.CHECKS, *checks_engine.CHECKS)

NOT_FIRED_FOR_REAL = {
    "target.engine_not_live": "the lab's RDS answers everybody who asks for its versions",
    "target.region_unsupported": "the lab's RDS has the same versions in every Region",
    "target.extended_support": "moto does not know DescribeDBMajorEngineVersions at all",
    "target.migration_failed": "a cluster fails only by a whole restore, which the tests of role restore do",
    "target.subnet_group_zones": "the lab has each class in all zones that its subnets can lie in",
    "target.quota_clusters": "moto does not know DescribeAccountAttributes at all",
    "target.quota_instances": "moto does not know DescribeAccountAttributes at all",
}
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
    Case("target.engine_version_gone", "3.01.0 is wanted", {"engine_version": "8.0.mysql_aurora.3.01.0"}),
    Case("target.engine_version_none", "newer than the 8.0.42", source=(8, 0, 99)),
    Case("target.engine_version_none", "5.6.24", source=(5, 6, 24)),
    Case("target.class_not_orderable", "db.r6g.large", {"instance_classes": ("db.r6g.larg",)}, names=("db.r6g.larg",)),
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
        "target.parameter_not_allowed",
        "2 of the cluster parameters",
        {"cluster_parameters": {"binlog_format": "SIDEWAYS", "no_such_parameter": "1", "time_zone": "UTC"}},
    ),
    Case("target.master_username", "RDS' own", {"master_username": "rdsadmin"}),
    Case("target.master_username", "1 to 16", {"master_username": "o'neill"}),
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabAws]:
    """An AWS account with subnet groups in one and two zones, and with two clusters."""
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
    facts = _facts(aws, {"db_subnet_group_name": "two-zones", "engine_version": ENGINE.text}, (8, 0, 36))
    assert _found(facts) == {}
    assert facts.target is not None
    assert facts.target.allowed_time_zones
    assert "Africa/Cairo" in facts.target.allowed_time_zones
    assert set(facts.target.unknown) <= {"quotas", "standard_support_ends"}
