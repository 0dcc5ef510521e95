# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each playbook alone, on a controller that has never seen the run, with the strings of an AWX survey.

What they ask of AWS is written down on the way, and compared with the policy that the collection prints for the caller.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.integration.module_process import ModuleProcess

from .needed import ACCOUNT, REGION, Needed, needed, refused, unasked
from .playbook import Outcome, PlaybookRunner
from .recorder import recording

HOST = "source2"
# a cluster's name cannot begin with a digit
MIGRATION, CLUSTER = "1_Alone", "db-1-alone"
BUCKET = "bucket-of-the-lonely"
# Playbooks in the order of a migration, and the stations whose rights each may use.
MOVING = {
    "backup": ["bucket", "backup"],
    "restore": ["iam", "restore"],
    "objects": ["objects"],
    "verify": ["verify"],
    "report": ["report"],
}
PLAYBOOKS = {**MOVING, "assess": ["assess", "report"], "cleanup": ["cleanup"]}
# What a survey hands over: strings, and empty ones for the fields that were left blank.
SURVEY = {
    "migration_id": MIGRATION,
    "migration_cluster_identifier": "",
    "migration_bucket": BUCKET,
    "migration_allow_mariadb": "true",
    "migration_source_login_host": "127.0.0.1",
    "migration_progress_interval": "5",
    "assess_fail_on": "",
    "assess_ignore": "",
    "assess_rate": "",
    "bucket_create": "true",
    # The lab's S3 has no TLS.
    "bucket_require_tls": "false",
    "bucket_expire_backup_days": "30",
    "backup_parallel": "2",
    "backup_throttle": "",
    "upload_parallel": "",
    "upload_purge": "false",
    "restore_instances": "1",
    "restore_deletion_protection": "",
    "restore_port": "",
    "objects_definer": "",
    "objects_accounts_exclude": "",
    "verify_parallel": "",
    "verify_fail_on_difference": "true",
    "cleanup_stations": "cluster,iam,backup,record,bucket,staged",
    "cleanup_cluster": "true",
    "cleanup_final_snapshot": "alone-last",
    "cleanup_poll_interval": "1",
}


class Passed(NamedTuple):
    """What a migration, station by station, has left.

    :ivar again: of each playbook, how its second run ended.
    :ivar asked: of each playbook, the questions to IAM that its requests come to.
    :ivar documents: what the stations wrote into the record.
    :ivar foreseen: what cleanup says in check mode.
    :ivar standing: what there was in AWS, by kind, before cleanup, after its check mode, and after it.
    """

    again: dict[str, Outcome]
    asked: dict[str, set[Needed]]
    documents: dict[str, dict[str, Any]]
    foreseen: Outcome
    standing: tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]


# Another migration, whose things are named much alike.
NEIGHBOUR = "1_Alone-2"
NEIGHBOURS = {
    "roles": {f"dbferry-{NEIGHBOUR}"},
    "policies": {f"dbferry-{NEIGHBOUR}"},
    "cluster groups": {f"{CLUSTER}-2-aurora-mysql8-0"},
}


def move_in(lab) -> None:
    """Make the neighbour's things."""
    tags = [{"Key": "dbferry:migration-id", "Value": NEIGHBOUR}]
    iam, (role,), (policy,) = lab.client("iam"), NEIGHBOURS["roles"], NEIGHBOURS["policies"]
    iam.create_role(RoleName=role, AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}', Tags=tags)
    statement = '{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}'
    document = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    iam.create_policy(PolicyName=policy, PolicyDocument=document, Tags=tags)
    (group,) = NEIGHBOURS["cluster groups"]
    lab.client("rds").create_db_cluster_parameter_group(
        DBClusterParameterGroupName=group,
        DBParameterGroupFamily="aurora-mysql8.0",
        Description="a neighbour's",
        Tags=tags,
    )


def standing(lab) -> dict[str, set[str]]:
    """The names of what there is in AWS of this migration and its neighbour, by kind."""
    rds, iam = lab.client("rds"), lab.client("iam")
    listed = {
        "buckets": [each["Name"] for each in lab.client("s3").list_buckets()["Buckets"]],
        "clusters": [each["DBClusterIdentifier"] for each in rds.describe_db_clusters()["DBClusters"]],
        "instances": [each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]],
        "cluster groups": [
            each["DBClusterParameterGroupName"]
            for each in rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
        ],
        "roles": [each["RoleName"] for each in iam.list_roles()["Roles"]],
        "policies": [each["PolicyName"] for each in iam.list_policies(Scope="Local")["Policies"]],
    }
    marks = (BUCKET, CLUSTER, MIGRATION)
    return {kind: {name for name in names if any(mark in name for mark in marks)} for kind, names in listed.items()}


@pytest.fixture(scope="module")
def passed(generation, lab, tmp_path_factory) -> Passed:
    """A migration of which each step has a controller of its own, looked at once more, and taken back."""
    reports = tmp_path_factory.mktemp("reports")

    def run(playbook: str, *more: str) -> Outcome:
        home = tmp_path_factory.mktemp("controller")
        runner = PlaybookRunner(generation.environment(), generation.playbook, lab.inventory, home)
        options = {**SURVEY, "migration_aws_endpoint_url": recorder.endpoint_url, "report_dir": str(reports)}
        return runner(playbook, "--limit", HOST, *more, **options).succeeded()

    asked: dict[str, set[Needed]] = {playbook: set() for playbook in PLAYBOOKS}

    def note(playbook: str) -> None:
        asked[playbook] |= {each for seen in recorder.take() for each in needed(seen)}

    again = {}
    with recording(lab.endpoints["aws"]["endpoint_url"]) as recorder:
        for playbook in MOVING:
            run(playbook)
            note(playbook)
        stations = ("iam", "restore", "verification")
        documents = {station: lab.document(MIGRATION, station, BUCKET) for station in stations}
        for playbook in MOVING:
            again[playbook] = run(playbook)
            note(playbook)
        # It says the same only as long as nothing has changed.
        run("assess")
        again["assess"] = run("assess")
        note("assess")
        move_in(lab)
        before = standing(lab)
        foreseen = run("cleanup", "--check", "--diff")
        foreseen_only = standing(lab)
        run("cleanup")
        note("cleanup")
    return Passed(again, asked, documents, foreseen, (before, foreseen_only, standing(lab)))


def test_each_station_takes_up_what_the_last_one_wrote_down(passed):
    assert passed.documents["verification"]["equal"] is True
    assert passed.documents["restore"]["cluster_identifier"] == CLUSTER


@pytest.mark.parametrize("playbook", MOVING)
def test_a_second_run_of_a_station_changes_nothing(passed, playbook):
    assert passed.again[playbook].recap(HOST)["changed"] == 0


def test_a_second_assessment_changes_nothing_but_the_page_s_figures(passed):
    assert passed.again["assess"].changed_tasks() <= {"Put them into the bucket where they are different"}


def test_cleanup_takes_back_what_the_stations_made(lab, passed):
    before, _foreseen, after = passed.standing
    assert [kind for kind, names in before.items() if not names - NEIGHBOURS.get(kind, set())] == []
    assert {kind: names for kind, names in after.items() if names} == NEIGHBOURS
    snapshots = lab.client("rds").describe_db_cluster_snapshots(DBClusterIdentifier=CLUSTER)["DBClusterSnapshots"]
    assert "alone-last" in [each["DBClusterSnapshotIdentifier"] for each in snapshots]


def test_cleanup_in_check_mode_names_what_it_would_take_and_takes_nothing(passed):
    before, foreseen, _after = passed.standing
    assert foreseen == before
    for kind, names in before.items():
        for name in names - NEIGHBOURS.get(kind, set()):
            assert name in passed.foreseen.output, kind
    for said in (
        f"Role dbferry-{MIGRATION} and policy dbferry-{MIGRATION} would be deleted",
        f"Cluster {CLUSTER} would be deleted",
        f"s3://{BUCKET}/{MIGRATION}/backup/",
        f"Bucket {BUCKET} would be deleted",
        f"dbferry-expire-{MIGRATION}",
    ):
        assert said in passed.foreseen.output, said


@pytest.fixture(scope="module")
def caller_policy(generation, passed):
    """Has the collection print the caller's policy for some stations of this migration."""
    module = ModuleProcess("iam_caller_policy_info", str(generation.bin / "python"), str(generation.collections))
    migration = {
        "migration_id": MIGRATION,
        "bucket": BUCKET,
        "cluster_identifier": CLUSTER,
        "role_arn": passed.documents["iam"]["role_arn"],
        "policy_arn": f"arn:aws:iam::{ACCOUNT}:policy/dbferry-{MIGRATION}",
    }

    def print_for(playbook: str) -> dict[str, Any]:
        options = {
            "account_id": ACCOUNT,
            "partition": "aws",
            "region": REGION,
            "stations": PLAYBOOKS[playbook],
            "migrations": [migration],
        }
        return module.finish(module.start(options))

    return print_for


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_caller_s_policy_allows_everything_that_was_asked(passed, caller_policy, playbook):
    assert passed.asked[playbook]
    assert refused(caller_policy(playbook)["policies"], passed.asked[playbook]) == []


@pytest.mark.parametrize("playbook", ["restore", "cleanup"])
def test_the_check_beforehand_insists_on_nothing_that_is_not_needed(passed, caller_policy, playbook):
    assert unasked(caller_policy(playbook)["rights"], passed.asked[playbook]) == []


@pytest.mark.parametrize(
    ("station", "message"),
    [
        ("restore", "dbferry.aurora_mysql.backup"),
        ("objects", "dbferry.aurora_mysql.restore"),
        ("verify", "dbferry.aurora_mysql.restore"),
    ],
)
def test_a_station_that_comes_too_early_names_the_one_that_is_missing(playbook, station, message):
    outcome = playbook(station, "--limit", "source", migration_id="too-early")
    outcome.failed_with(message)
    assert outcome.recap("source")["changed"] == 0


def test_a_value_that_means_nothing_is_refused_by_name(playbook):
    playbook("backup", "--limit", "source", migration_id="odd", backup_parallel="several").failed_with(
        "backup_parallel"
    )
