# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of caller and role, over users and roles of the lab's AWS, which works out rights as IAM describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Optional

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess import checks_caller, checks_role
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.access_facts import read_access_facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import NotKnownError, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from tests.integration.access.lab_aws import ACCOUNT, REGION, LabAws, allow, lab_aws

CHECKS = (*checks_caller.CHECKS, *checks_role.CHECKS)
NOT_FIRED_FOR_REAL = {
    "caller.root_user": "the lab's AWS has no root user, only users and roles",
}
BUCKET = "arn:aws:s3:::example"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "rds.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}
OPEN_TRUST = {key: value for key, value in TRUST.items() if key != "Condition"}
EC2_TRUST = {**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}}
OTHER_TRUST = {**TRUST, "Condition": {"StringEquals": {"aws:SourceAccount": ["999999999999"]}}}
OTHER_CLUSTER = {**TRUST, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:rds:{REGION}:*:cluster:billing"}}}
READS = (
    allow("s3:GetBucketLocation", "s3:ListBucket", on=BUCKET),
    allow("s3:GetObject", "s3:GetObjectVersion", on=f"{BUCKET}/orders/backup/*"),
)
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"
MONITOR = f"arn:aws:iam::{ACCOUNT}:role/monitor"
EVERYTHING = (allow("*"),)


def _denying(*actions: str) -> tuple[dict[str, Any], ...]:
    return (*EVERYTHING, {"Effect": "Deny", "Action": list(actions), "Resource": "*"})


class Case(NamedTuple):
    """A caller or a role in a bad state."""

    check_id: str
    words: str
    caller: tuple[dict[str, Any], ...] = EVERYTHING
    role: Optional[tuple[dict[str, Any], ...]] = None
    """Its statements; ``None`` leaves the role to role ``iam``."""
    trust: dict[str, Any] = TRUST
    wanted: Mapping[str, Any] = MappingProxyType({})
    names: str = ""
    """A part of the names of what is missing."""
    key: str = ""
    """The KMS key that the backup is encrypted with."""


CASES = [
    Case("caller.rights_missing", "of stations restore", _denying("rds:RestoreDBClusterFromS3"), names="RestoreDB"),
    Case("caller.shared_rights_missing", "objects (1)", _denying("rds:ModifyDBClusterParameterGroup"), names="Modify"),
    Case(
        "caller.pass_role", "role/dbferry-orders to rds.amazonaws.com", _denying("iam:PassRole"), names="iam:PassRole"
    ),
    Case(
        "caller.pass_role",
        "may not pass arn:aws:iam::123456789012:role/monitor to monitoring.rds.amazonaws.com",
        (*EVERYTHING, {"Effect": "Deny", "Action": "iam:PassRole", "Resource": MONITOR}),
        wanted={"monitoring_role_arn": MONITOR},
        names="iam:PassRole on arn:aws:iam::123456789012:role/monitor",
    ),
    Case("caller.not_simulated", "AccessDenied", _denying("iam:SimulatePrincipalPolicy")),
    Case("role.missing", "There is no role", wanted={"role_arn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}),
    Case("role.other_account", "999999999999", wanted={"role_arn": "arn:aws:iam::999999999999:role/theirs"}),
    Case("role.trust", "does not let rds.amazonaws.com", role=READS, trust=EC2_TRUST),
    Case("role.trust", "only for 999999999999", role=READS, trust=OTHER_TRUST),
    Case("role.trust", "for orders in account", role=READS, trust=OTHER_CLUSTER),
    Case("role.trust_open", "names neither", role=READS, trust=OPEN_TRUST),
    Case("role.rights_missing", "lacks 2 rights", role=READS[:1], names="s3:GetObject"),
    Case(
        "role.rights_missing",
        "lacks 1 right",
        role=(READS[0], allow("s3:GetObject", on=f"{BUCKET}/orders/backup/*")),
        names="s3:GetObjectVersion",
    ),
    Case("role.rights_missing", "lacks 1 right", role=(*READS[1:], allow("s3:ListBucket")), names="GetBucketLocation"),
    Case("role.rights_missing", "lacks 1 right", role=READS, names="kms:Decrypt", key=KEY),
    Case("role.too_wide", "read objects of other buckets and write", role=(allow("s3:*"),)),
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabAws]:
    """An AWS account that the file's tests share."""
    with lab_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


def _facts(aws: LabAws, name: str, case: Case) -> Facts:
    keys = aws.make_user(f"caller-{name}", *case.caller)
    wanted = {"migration_id": "orders", "bucket": "example", "region": REGION, "cluster_identifier": "orders"}
    if case.role is not None:
        wanted["role_arn"] = aws.make_role(f"role-{name}", *case.role, trust=case.trust)
    whole = Wanted(**{**wanted, **case.wanted})
    return Facts(whole, access=read_access_facts(aws.client("sts", keys), aws.client("iam", keys), whole, case.key))


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
    found = _found(_facts(aws, str(number), case))
    assert list(found) == [case.check_id]
    assert case.words in found[case.check_id].text
    assert case.names in " ".join(found[case.check_id].objects.names)


def test_what_depends_on_a_condition_is_neither_missing_nor_there(aws: LabAws) -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    here = {"StringEquals": {"aws:RequestedRegion": [REGION, "us-east-1"]}}
    caller = (
        allow("iam:Get*", "iam:List*", "iam:Simulate*", "sts:*"),
        allow("iam:PassRole", "rds:CreateDBInstance", **mfa),
        {"Effect": "Allow", "NotAction": ["iam:PassRole", "rds:CreateDBInstance"], "Resource": "*", "Condition": here},
    )
    reads = (READS[0], allow("s3:GetObject", "s3:GetObjectVersion", on=f"{BUCKET}/orders/*", **mfa))
    facts = _facts(aws, "conditional", Case("", "", caller, role=reads))
    assert _found(facts) == {}
    for check_id, right in (
        ("caller.rights_missing", "rds:CreateDBInstance"),
        ("caller.pass_role", "iam:PassRole"),
        ("role.rights_missing", "s3:GetObjectVersion"),
    ):
        check = next(each for each in CHECKS if each.id == check_id)
        with pytest.raises(NotKnownError, match=f"{right}.*depends on aws:MultiFactorAuthPresent, which"):
            check.find(facts)


@pytest.mark.parametrize("role", [None, (*READS, allow("kms:Decrypt", on=KEY))], ids=["made", "given"])
def test_a_caller_and_a_role_that_may_all_are_quiet(aws: LabAws, role: Any) -> None:
    facts = _facts(aws, f"good-{'given' if role else 'made'}", Case("", "", role=role, key=KEY))
    assert _found(facts) == {}
    assert facts.access is not None
    assert facts.access.denied == {}
