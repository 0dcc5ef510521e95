# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the target where no RDS here can be put into the state, and answers of RDS in botocore's own shapes."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import (
    checks_engine,
    checks_target,
    target_facts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.server_facts import ServerFacts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.target_facts import (
    ClusterFacts,
    Quota,
    SubnetGroup,
    TargetFacts,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.orderable import OrderableClass
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from .content_cases import AURORA_3, Case, assert_fires, assert_quiet

CHECKS = (*checks_target.CHECKS, *checks_engine.CHECKS)

GOOD = TargetFacts(
    offered=(AURORA_3.text,),
    classes={"db.r6g.large": OrderableClass("db.r6g.large", ("a", "b"), True)},
    parameters={},
    instances=(),
    quotas={"DBClusters": Quota(1, 40), "DBInstances": Quota(1, 40)},
    standard_support_ends=date(2028, 4, 30),
    asked_on=date(2026, 1, 1),
)


def _facts(source: tuple[int, int, int] = (8, 0, 36), flavour: str = "mysql", lab: bool = False, **more: Any) -> Facts:
    version = ServerVersion(flavour, source)
    wanted = Wanted(region="eu-central-1", instance_classes=("db.r6g.large",), allow_mariadb=lab)
    return Facts(wanted, AURORA_3, server=ServerFacts(version, version.text), target=GOOD._replace(**more))


@pytest.mark.parametrize(
    "case",
    [
        Case("target.engine_not_live", _facts(offered=None, unknown={"offered": "AccessDenied."}), "AccessDenied"),
        Case("target.region_unsupported", _facts(offered=()), "in eu-central-1"),
        Case("target.extended_support", _facts(standard_support_ends=date(2026, 10, 31)), "ends on 2026-10-31"),
        Case("target.extended_support", _facts(standard_support_ends=date(2024, 10, 31)), "ended on 2024-10-31"),
        Case("target.migration_failed", _facts(cluster=ClusterFacts("orders", "migration-failed", True, True))),
        Case("target.quota_clusters", _facts(quotas={**(GOOD.quotas or {}), "DBClusters": Quota(40, 40)}), "40 of 40"),
        Case("target.quota_instances", _facts(quotas={**(GOOD.quotas or {}), "DBInstances": Quota(40, 40)}), "1 more"),
        Case(
            "target.subnet_group_zones",
            _facts(subnet_group=SubnetGroup("there", True, ("c",))),
            "subnets in c",
            ("db.r6g.large",),
        ),
    ],
    ids=lambda case: case.check_id,
)
def test_fires(case: Case) -> None:
    assert_fires(CHECKS, case)


@pytest.mark.parametrize(
    "facts",
    [
        _facts(),
        _facts(flavour="percona"),
        _facts((10, 11, 14), "mariadb", lab=True),
        _facts(quotas={"DBClusters": Quota(39, 40), "DBInstances": Quota(39, 40)}),
    ],
)
def test_quiet(facts: Facts) -> None:
    assert_quiet(CHECKS, facts)


@pytest.mark.parametrize("fact", ["classes", "quotas", "offered", "cluster", "instances"])
def test_what_rds_refused_is_not_known(fact: str) -> None:
    raised = 0
    for check in CHECKS:
        try:
            check.find(_facts(**{fact: None, "unknown": {fact: "refused"}}))
        except NotKnownError as error:
            raised += str(error) == "refused"
    assert raised


@pytest.fixture
def rds() -> Any:
    return boto3.client("rds", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")


def test_limits_in_the_shape_of_the_api(rds: Any) -> None:
    stub = Stubber(rds)
    quota = {"AccountQuotaName": "DBClusters", "Used": 3, "Max": 40}
    stub.add_response("describe_account_attributes", {"AccountQuotas": [quota]}, {})
    with stub:
        assert target_facts._quotas(rds) == {"DBClusters": Quota(3, 40)}


def test_support_in_the_shape_of_the_api(rds: Any) -> None:
    stub = Stubber(rds)
    lifecycles = [
        {
            "LifecycleSupportName": f"open-source-rds-{name}-support",
            "LifecycleSupportStartDate": datetime(2021, 1, 1, tzinfo=timezone.utc),
            "LifecycleSupportEndDate": datetime(year, 4, 30, tzinfo=timezone.utc),
        }
        for name, year in (("extended", 2031), ("standard", 2028))
    ]
    stub.add_response(
        "describe_db_major_engine_versions",
        {"DBMajorEngineVersions": [{"Engine": "aurora-mysql", "SupportedEngineLifecycles": lifecycles}]},
        {"Engine": "aurora-mysql", "MajorEngineVersion": "8.0"},
    )
    with stub:
        assert target_facts._standard_support_ends(rds, "8.0") == date(2028, 4, 30)


def test_a_boto3_that_does_not_know_the_call_leaves_support_open() -> None:
    assert target_facts._standard_support_ends(object(), "8.0") is None
