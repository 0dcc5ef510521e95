# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check mode tells of a bucket's settings, records and groups of RDS: what the run then does, and nothing is done
yet."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.integration.servers import MotoServer, moto_server

from .lab_aws import LabAws

BUCKET = "told-beforehand"
RECORD = "shop/record"


class Case(NamedTuple):
    """A module, and what two runs of it want.

    :ivar read: what a client of AWS sees of what the module is about, in the form of the module's diff.
    :ivar prepare: makes what a run is to change; called before each of them.
    """

    module: str
    first: dict[str, Any]
    second: dict[str, Any]
    read: Callable[[Any], Any]
    prepare: Callable[[Any], None] = lambda _client: None


def read_document(s3: Any) -> Any:
    """The page of a station, without the moment at which it was written."""
    try:
        return timeless(json.loads(s3.get_object(Bucket=BUCKET, Key=f"{RECORD}/iam.json")["Body"].read()))
    except s3.exceptions.NoSuchKey:
        return {}


def timeless(told: Any) -> Any:
    """A document but for its moment, which a second run has otherwise."""
    return {key: value for key, value in told.items() if key != "written_at"} if isinstance(told, dict) else told


def read_file(name: str) -> Callable[[Any], Any]:
    """A file of the record in the form of the diff, and no text of it that is encrypted."""

    def read(s3: Any) -> Any:
        try:
            text = s3.get_object(Bucket=BUCKET, Key=f"{RECORD}/{name}")["Body"].read().decode()
        except s3.exceptions.NoSuchKey:
            return {}
        digest = hashlib.sha256(text.encode()).hexdigest()
        encrypted = {"encrypted": True, "characters": len(text), "sha256": digest}
        return {name: encrypted if name.endswith(".vault") else json.loads(text)}

    return read


def read_rules(s3: Any) -> Any:
    try:
        return {"rules": s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]}
    except ClientError:
        return {"rules": []}


def read_policy(s3: Any) -> Any:
    try:
        return json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    except ClientError:
        return {}


def tags(rds: Any, arn: str) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in rds.list_tags_for_resource(ResourceName=arn)["TagList"]}


def set_values(parameters: list[dict[str, Any]]) -> dict[str, str]:
    return {each["ParameterName"]: each["ParameterValue"] for each in parameters}


def read_instance_group(rds: Any) -> Any:
    groups = rds.describe_db_parameter_groups()["DBParameterGroups"]
    found = [group for group in groups if group["DBParameterGroupName"] == "told-instances"]
    if not found:
        return {}
    parameters = rds.describe_db_parameters(DBParameterGroupName="told-instances", Source="user")["Parameters"]
    return {"parameters": set_values(parameters), "tags": tags(rds, found[0]["DBParameterGroupArn"])}


def set_cluster_parameters(rds: Any) -> None:
    with contextlib.suppress(rds.exceptions.ClientError):
        rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName="told", DBParameterGroupFamily="aurora-mysql8.0", Description="told"
        )
    values = {"wait_timeout": "60", "time_zone": "Asia/Tokyo"}.items()
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="told",
        Parameters=[
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"} for name, value in values
        ],
    )


def read_cluster_parameters(rds: Any) -> Any:
    found = rds.describe_db_cluster_parameters(DBClusterParameterGroupName="told", Source="user")
    return set_values(found["Parameters"])


def make_group(rds: Any) -> None:
    for owner in ("gone", "stranger"):
        with contextlib.suppress(rds.exceptions.ClientError):
            rds.create_db_parameter_group(
                DBParameterGroupName=f"gone-{owner}",
                DBParameterGroupFamily="aurora-mysql8.0",
                Description="told",
                Tags=[{"Key": "dbferry:migration-id", "Value": owner}],
            )


def read_groups(rds: Any) -> str:
    found = rds.describe_db_parameter_groups()["DBParameterGroups"]
    names = [each["DBParameterGroupName"] for each in found if each["DBParameterGroupName"] == "gone-gone"]
    return "".join(f"instance parameter group {name}\n" for name in names)


def refusal(action: str) -> dict[str, Any]:
    return {
        "sid": "Refusal",
        "statement": {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{BUCKET}/*"},
    }


OF_THE_MIGRATION = {"migration_id": "shop"}
LEFT = "left_behind_accounts.json"
ENCRYPTED = "$ANSIBLE_VAULT;1.1;AES256\n6162"
CASES = [
    Case(
        "migration_record",
        {**OF_THE_MIGRATION, "station": "iam", "document": {"role_arn": "a", "role_name": "a", "managed": True}},
        {**OF_THE_MIGRATION, "station": "iam", "document": {"role_arn": "b", "role_name": "b", "managed": False}},
        read_document,
    ),
    Case(
        "s3_bucket_lifecycle",
        {"rules": [{"id": "one", "prefix": "shop/backup/", "expire_days": 9}]},
        {"rules": [{"id": "two", "abort_uploads_days": 7}], "absent": ["one"]},
        read_rules,
    ),
    Case("s3_bucket_policy_statement", refusal("s3:GetObjectVersion"), refusal("s3:DeleteObject"), read_policy),
    Case(
        "migration_record_file",
        {**OF_THE_MIGRATION, "name": LEFT, "text": '["a@%"]'},
        {**OF_THE_MIGRATION, "name": LEFT, "text": '["b@%", "c@%"]'},
        read_file(LEFT),
    ),
    Case(
        "migration_record_file",
        {**OF_THE_MIGRATION, "name": "new_passwords.vault", "text": f"{ENCRYPTED}63\n"},
        {**OF_THE_MIGRATION, "name": "new_passwords.vault", "text": f"{ENCRYPTED}6364\n"},
        read_file("new_passwords.vault"),
    ),
]
INSTANCE_GROUP = {
    **OF_THE_MIGRATION,
    "name": "told-instances",
    "family": "aurora-mysql8.0",
    "description": "told",
}
RDS_CASES = [
    Case(
        "aurora_instance_parameter_group",
        {**INSTANCE_GROUP, "parameters": {"max_connections": 100, "long_query_time": 5}},
        {**INSTANCE_GROUP, "parameters": {"max_connections": 200}, "tags": {"team": "shop"}},
        read_instance_group,
    ),
    Case(
        "aurora_cluster_parameter_reset",
        {"name": "told", "keep": ["time_zone"]},
        {"name": "told"},
        read_cluster_parameters,
        set_cluster_parameters,
    ),
    Case(
        "aurora_groups",
        {"migration_id": "gone", "db_cluster_identifier": "gone", "state": "absent"},
        {"migration_id": "gone", "db_cluster_identifier": "gone", "state": "absent"},
        read_groups,
        make_group,
    ),
]


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoServer]:
    with moto_server() as server:
        server.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield server


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.module)
def test_check_mode_tells_what_the_run_does(moto: MotoServer, run_module: Callable[..., Any], case: Case) -> None:
    compare(case, moto.client("s3"), run_module, {**moto.aws_options(), "bucket": BUCKET})


@pytest.mark.parametrize("case", RDS_CASES, ids=lambda case: case.module)
def test_so_it_does_of_groups(aws: LabAws, run_module: Callable[..., Any], case: Case) -> None:
    compare(case, aws.client("rds"), run_module, aws.options())


def compare(case: Case, client: Any, run_module: Callable[..., Any], common: dict[str, Any]) -> None:
    """Run the module twice, each time first in check mode and last once more."""
    for wanted in (case.first, case.second):
        options = {**common, **wanted, "_ansible_diff": True}
        case.prepare(client)
        before = case.read(client)
        foreseen = run_module(case.module, **options, _ansible_check_mode=True)
        assert foreseen.get("changed") is True, foreseen
        assert case.read(client) == before
        done = run_module(case.module, **options)
        assert done["changed"] is True
        told = [{side: timeless(each["diff"][side]) for side in ("before", "after")} for each in (foreseen, done)]
        assert told[0] == told[1]
        assert told[0] == {"before": before, "after": case.read(client)}
        for check in (True, False):
            again = run_module(case.module, **options, _ansible_check_mode=check)
            assert again["changed"] is False
            assert "diff" not in again or again["diff"]["before"] == again["diff"]["after"]
