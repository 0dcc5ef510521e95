# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The caller's policy: it allows what the table says, for this migration, within IAM's limits.

What a policy allows is worked out by the lab's evaluation, which shares no code with the collection.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.caller_policy import (
    MAX_CHARACTERS,
    CallerPolicyError,
    policies,
    rights_to_check,
    statements,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.scope import Account, Migration
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.stations import STATIONS

ACCOUNT = Account("aws", "eu-west-1", "123456789012")
IAM = "arn:aws:iam::123456789012"
S3 = "arn:aws:s3:::example-migrations"
RDS = "arn:aws:rds:eu-west-1:123456789012"
RDS_MAY_BE_PASSED_TO = {"iam:PassedToService": "rds.amazonaws.com"}
# "Actions, resources, and condition keys": these take no resource.
WITHOUT_RESOURCE = {
    "iam:ListAccountAliases",
    "iam:ListPolicies",
    "rds:DescribeAccountAttributes",
    "rds:DescribeDBEngineVersions",
    "rds:DescribeDBMajorEngineVersions",
    "rds:DescribeEngineDefaultClusterParameters",
    "rds:DescribeEvents",
    "rds:DescribeOrderableDBInstanceOptions",
}


def _load_evaluation():
    path = Path(__file__).parents[4] / "lab" / "lab" / "aws" / "iam_policy.py"
    specification = importlib.util.spec_from_file_location("dbferry_unit_iam_policy", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


evaluation = _load_evaluation()


def migration(name: str = "orders", **different) -> Migration:
    usual = {
        "migration_id": name,
        "bucket": "example-migrations",
        "cluster": name,
        "role_arn": f"{IAM}:role/dbferry-{name}",
        "policy_arn": f"{IAM}:policy/dbferry-{name}",
    }
    return Migration(**{**usual, **different})


def made(stations, *migrations):
    return policies(statements(stations, ACCOUNT, migrations or (migration(),)))


def allows(found, action, resource="*", **context):
    keys = {name.replace("_", ":"): value for name, value in context.items()}
    documents = [each.document for each in found]
    return evaluation.is_allowed(documents, evaluation.Request(action, resource, context=keys))


names = st.from_regex(r"\A[a-z][a-z0-9-]{0,40}[a-z0-9]\Z")
migrations = st.lists(names, min_size=1, max_size=8, unique=True).map(lambda found: [migration(name) for name in found])


@pytest.mark.parametrize("station", ["assess", "objects", "verify", "report"])
def test_who_may_do_what_a_restore_needs_may_do_what_comes_around_it(station):
    """Role iam asks IAM for the rights of iam and restore alone."""

    def pairs(*stations):
        rights = rights_to_check(statements(stations, ACCOUNT, [migration()]))
        return {(action, each) for right in rights for action in right["actions"] for each in right["resources"]}

    assert pairs(station)
    assert pairs(station) <= pairs("iam", "restore")


@settings(max_examples=12)
@given(stations=st.sets(st.sampled_from(sorted(STATIONS)), min_size=1), migrations=migrations)
def test_the_policies_allow_what_the_stations_need_and_fit(stations, migrations):
    needed = statements(stations, ACCOUNT, migrations)
    found = policies(needed)
    for each in found:
        assert len(json.dumps(each.document, separators=(",", ":"))) == each.characters <= MAX_CHARACTERS
        sids = [statement["Sid"] for statement in each.document["Statement"]]
        assert all(sid.isalnum() for sid in sids) and len(set(sids)) == len(sids)
    documents = [each.document for each in found]
    for statement in needed:
        for action in statement.actions:
            for resource in statement.resources:
                request = evaluation.Request(action, resource, context=dict(statement.context))
                assert evaluation.is_allowed(documents, request), request


def test_a_whole_migration_fits_into_one_policy():
    assert len(made(STATIONS)) == 1


@pytest.mark.parametrize("station", STATIONS)
def test_only_what_takes_no_resource_has_none(station):
    for each in statements([station], ACCOUNT, [migration()]):
        assert not any("{" in resource for resource in each.resources)
        if "*" in each.resources:
            assert set(each.actions) <= WITHOUT_RESOURCE
        else:
            assert not set(each.actions) & WITHOUT_RESOURCE


def test_exactly_this_role_may_be_passed_and_to_rds_only():
    found = made(STATIONS)
    role = migration().role_arn
    assert allows(found, "iam:PassRole", role, iam_PassedToService="rds.amazonaws.com")
    assert not allows(found, "iam:PassRole", role, iam_PassedToService="ec2.amazonaws.com")
    assert not allows(found, "iam:PassRole", role)
    assert not allows(found, "iam:PassRole", f"{role}2", iam_PassedToService="rds.amazonaws.com")


@pytest.mark.parametrize(
    ("action", "own", "other"),
    [
        ("s3:GetObject", f"{S3}/orders/backup/full/a", f"{S3}/x/a"),
        (
            "s3:PutObject",
            f"{S3}/orders/record/a",
            f"{S3}/orders2/a",
        ),
        ("s3:DeleteObject", f"{S3}/orders/backup/a", f"{S3}/a"),
        ("rds:DeleteDBCluster", f"{RDS}:cluster:orders", f"{RDS}:cluster:orders2"),
        ("rds:DeleteDBInstance", f"{RDS}:db:orders-1", f"{RDS}:db:payments-1"),
        ("rds:ModifyDBClusterParameterGroup", f"{RDS}:cluster-pg:orders-aurora-mysql8-0", f"{RDS}:cluster-pg:other"),
        ("iam:DeleteRole", f"{IAM}:role/dbferry-orders", f"{IAM}:role/admin"),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/dbferry-orders", f"{IAM}:policy/admin"),
    ],
)
def test_another_migration_s_things_are_out_of_reach(action, own, other):
    found = made(STATIONS)
    assert allows(found, action, own)
    assert not allows(found, action, other)


def test_no_right_to_make_a_role_that_is_there_already():
    found = made(["iam", "restore"], migration(policy_arn=""))
    role = migration().role_arn
    assert allows(found, "iam:GetRole", role)
    assert allows(found, "iam:PassRole", role, iam_PassedToService="rds.amazonaws.com")
    for action in ("iam:CreateRole", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"):
        assert not allows(found, action, role)


def test_a_cleanup_looks_for_a_made_role_also_where_one_is_given():
    theirs = migration(policy_arn="", role_arn=f"{IAM}:role/theirs")
    found = made(["cleanup_iam"], theirs)
    assert allows(found, "iam:GetRole", migration().role_arn)
    assert not allows(found, "iam:DeleteRole", migration().role_arn)
    assert not allows(found, "iam:DeleteRole", theirs.role_arn)


@pytest.mark.parametrize(
    ("part", "own", "other"),
    [
        ("cluster", ("rds:DeleteDBCluster", f"{RDS}:cluster:orders"), ("iam:DeleteRole", f"{IAM}:role/dbferry-orders")),
        ("iam", ("iam:DeleteRole", f"{IAM}:role/dbferry-orders"), ("rds:DeleteDBCluster", f"{RDS}:cluster:orders")),
        (
            "backup",
            ("s3:DeleteObjectVersion", f"{S3}/orders/backup/a"),
            ("s3:DeleteObjectVersion", f"{S3}/orders/record/a"),
        ),
        (
            "record",
            ("s3:DeleteObjectVersion", f"{S3}/orders/record/a"),
            ("s3:DeleteObjectVersion", f"{S3}/orders/backup/a"),
        ),
        ("bucket", ("s3:DeleteBucket", S3), ("s3:DeleteObjectVersion", f"{S3}/orders/backup/a")),
        ("staged", ("s3:GetObject", f"{S3}/orders/record/a"), ("s3:DeleteBucket", S3)),
    ],
)
def test_a_part_of_cleanup_may_take_back_its_own_and_nothing_else(part, own, other):
    found = made([f"cleanup_{part}"])
    assert allows(found, *own)
    assert not allows(found, *other)
    assert allows(made(["cleanup"]), *own) and allows(made(["cleanup"]), *other)


def test_the_role_of_enhanced_monitoring_may_be_passed_to_its_service_only():
    monitor = f"{IAM}:role/monitor"
    with_monitoring = migration(monitoring_role_arn=monitor)
    found = made(["restore"], with_monitoring)
    assert allows(found, "iam:PassRole", monitor, iam_PassedToService="monitoring.rds.amazonaws.com")
    assert not allows(found, "iam:PassRole", monitor, iam_PassedToService="rds.amazonaws.com")
    role = migration().role_arn
    assert not allows(found, "iam:PassRole", role, iam_PassedToService="monitoring.rds.amazonaws.com")
    asked = {
        (resource, right["context"]["iam:PassedToService"])
        for right in rights_to_check(statements(["restore"], ACCOUNT, [with_monitoring]))
        if "iam:PassRole" in right["actions"]
        for resource in right["resources"]
    }
    assert asked == {(role, "rds.amazonaws.com"), (monitor, "monitoring.rds.amazonaws.com")}


def test_the_role_that_asks_the_directory_may_be_passed():
    directory = f"{IAM}:role/directory-reader"
    found = made(["restore"], migration(domain_role_arn=directory))
    assert allows(found, "iam:PassRole", directory)
    assert not allows(found, "iam:PassRole", f"{directory}-2")
    asked = rights_to_check(statements(["restore"], ACCOUNT, [migration(domain_role_arn=directory)]))
    assert [right["resources"] for right in asked if directory in right["resources"]] == [[directory]]


def test_the_upload_s_rights_are_the_role_s_where_a_role_is_assumed():
    role = f"{IAM}:role/writer"
    found = made(["backup"], migration(upload_role_arn=role))
    assert allows(found, "sts:AssumeRole", role)
    assert not allows(found, "s3:PutObject", f"{S3}/orders/backup/full/a")
    assert not allows(found, "sts:GetFederationToken", "arn:aws:sts::123456789012:federated-user/dbferry-orders")


def test_the_name_of_the_upload_s_session_is_cut_as_sts_wants_it():
    name = "a_b+c" + "d" * 40
    session = f"arn:aws:sts::123456789012:federated-user/dbferry-a_b-c{'d' * 19}"
    assert allows(made(["backup"], migration(name, cluster="c")), "sts:GetFederationToken", session)


def test_keys_are_asked_for_only_where_there_are_some():
    key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    assert not any(
        action.startswith("kms:") for each in statements(STATIONS, ACCOUNT, [migration()]) for action in each[1]
    )
    found = made(["restore"], migration(key_arns=(key,)))
    assert allows(found, "kms:Decrypt", key) and allows(found, "kms:CreateGrant", key)
    assert not allows(found, "kms:Decrypt", key[:-1] + "6")


def test_a_check_asks_for_what_the_stations_cannot_do_without():
    rights = rights_to_check(statements(["iam", "restore"], ACCOUNT, [migration()]))
    actions = {action for right in rights for action in right["actions"]}
    assert {"rds:RestoreDBClusterFromS3", "rds:CreateDBInstance", "iam:CreateRole", "s3:PutObject"} <= actions
    passing = [right for right in rights if "iam:PassRole" in right["actions"]]
    assert [(right["resources"], right["context"]) for right in passing] == [
        ([migration().role_arn], RDS_MAY_BE_PASSED_TO)
    ]
    # These are used at times only, or on other things.
    assert not actions & {"iam:CreateServiceLinkedRole", "rds:DeleteDBCluster", "iam:DeleteRole", "s3:DeleteObject"}


def test_actions_are_asked_for_on_resources_that_they_are_about():
    """The resource types of the Service Authorization Reference, of which IAM takes no other for these actions."""
    types = {
        "rds:RestoreDBClusterFromS3": {"cluster", "cluster-pg", "og", "subgrp"},
        "rds:CreateDBInstance": {"db", "cluster", "og", "pg", "subgrp"},
        "rds:DescribeDBClusters": {"cluster"},
        "rds:DescribeDBInstances": {"db"},
    }
    needed = statements(["iam", "restore"], ACCOUNT, [migration()])
    found = {
        (action, resource.split(":")[5])
        for each in needed
        for action in set(types) & set(each.actions)
        for resource in each.resources
    }
    assert found == {(action, kind) for action in types for kind in types[action]}


def test_a_check_does_not_ask_for_groups_that_it_cannot_name():
    needed = statements(["iam", "restore"], ACCOUNT, [migration()])
    making = {"rds:RestoreDBClusterFromS3", "rds:CreateDBInstance"}
    asked = {
        (action, resource)
        for right in rights_to_check(needed)
        for action in making & set(right["actions"])
        for resource in right["resources"]
    }
    assert asked == {
        ("rds:RestoreDBClusterFromS3", f"{RDS}:cluster:orders"),
        ("rds:CreateDBInstance", f"{RDS}:cluster:orders"),
        ("rds:CreateDBInstance", f"{RDS}:db:orders-*"),
    }
    found = policies(needed)
    assert allows(found, "rds:RestoreDBClusterFromS3", f"{RDS}:cluster-pg:default.aurora-mysql8.0")
    assert allows(found, "rds:CreateDBInstance", f"{RDS}:pg:default.aurora-mysql8.0")


def test_a_station_that_does_not_exist_is_named():
    with pytest.raises(CallerPolicyError, match="harbour"):
        statements(["harbour"], ACCOUNT, [migration()])
