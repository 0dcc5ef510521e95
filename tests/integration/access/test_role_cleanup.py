# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role cleanup against the lab's AWS: it takes back what bears the migration's mark, and nothing beside it."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.migration.needed import needed, refused, unasked
from tests.integration.migration.recorder import recording

from .lab_aws import ACCOUNT, REGION, LabAws, allow
from .roles import Operator

ALL = ["cluster", "iam", "backup", "record", "bucket", "staged"]
FAMILY = "aurora-mysql8.0"
EVERYTHING = {
    "cleanup_stations": ALL,
    "cleanup_cluster": True,
    "cleanup_skip_final_snapshot": True,
    "cleanup_poll_interval": 1,
}


def tags(migration_id: str) -> list[dict[str, str]]:
    return [{"Key": "dbferry:migration-id", "Value": migration_id}]


class Belongings:
    """What a migration has made in AWS, without having moved a database."""

    def __init__(self, aws: LabAws, bucket: str, name: str) -> None:
        self.bucket, self.name = bucket, name
        self.s3, self.iam, self.rds, self.ec2 = (aws.client(service) for service in ("s3", "iam", "rds", "ec2"))

    def make_bucket(self, ours: bool = True) -> None:
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        if ours:
            mark = [{"Key": "dbferry:managed", "Value": "bucket"}]
            self.s3.put_bucket_tagging(Bucket=self.bucket, Tagging={"TagSet": mark})

    def write(self, station: str, **members: Any) -> None:
        document = {"schema_version": 2, "station": station, **members}
        self.s3.put_object(Bucket=self.bucket, Key=f"{self.name}/record/{station}.json", Body=json.dumps(document))

    def fill_bucket(self) -> None:
        for part in range(3):
            for _version in range(2):
                self.s3.put_object(Bucket=self.bucket, Key=f"{self.name}/backup/full/{part}", Body=b"x" * 10)
        self.s3.delete_object(Bucket=self.bucket, Key=f"{self.name}/backup/full/2")
        self.s3.create_multipart_upload(Bucket=self.bucket, Key=f"{self.name}/backup/full/3")
        self.write("backup", backup_id="b")

    def make_cluster(self, instances: int = 2, **more: Any) -> None:
        usual = {"MasterUsername": "admin", "MasterUserPassword": "long enough", "Tags": tags(self.name)}
        self.rds.create_db_cluster(DBClusterIdentifier=self.name, Engine="aurora-mysql", **{**usual, **more})
        for number in range(1, instances + 1):
            self.make_instance(f"{self.name}-{number}")

    def begin_restore(self) -> None:
        """A cluster that RDS is restoring with the role that is made for the migration."""
        role = self.iam.get_role(RoleName=f"dbferry-{self.name}")["Role"]["Arn"]
        while True:
            try:
                self.rds.restore_db_cluster_from_s3(
                    DBClusterIdentifier=self.name,
                    Engine="aurora-mysql",
                    SourceEngine="mysql",
                    SourceEngineVersion="8.0.36",
                    MasterUsername="admin",
                    MasterUserPassword="long enough",
                    S3BucketName=self.bucket,
                    S3Prefix=f"{self.name}/backup/full/",
                    S3IngestionRoleArn=role,
                )
                return
            except ClientError as error:
                # A new role cannot be assumed before it is known everywhere.
                if "S3_SNAPSHOT_INGESTION" not in str(error):
                    raise
                time.sleep(0.2)

    def make_instance(self, name: str, **more: Any) -> None:
        usual = {"Engine": "aurora-mysql", "DBInstanceClass": "db.r6g.large", "Tags": tags(self.name)}
        self.rds.create_db_instance(DBInstanceIdentifier=name, DBClusterIdentifier=self.name, **{**usual, **more})

    def make_groups(self, name: str, migration_id: str) -> None:
        """A group of each kind."""
        usual = {"Description": "of a test", "Tags": tags(migration_id)}
        family = {"DBParameterGroupFamily": FAMILY, **usual}
        self.rds.create_db_cluster_parameter_group(DBClusterParameterGroupName=name, **family)
        self.rds.create_db_parameter_group(DBParameterGroupName=name, **family)
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.rds.create_db_subnet_group(
            DBSubnetGroupName=name, SubnetIds=[subnet], DBSubnetGroupDescription="of a test", Tags=tags(migration_id)
        )

    def left(self) -> dict[str, list[str]]:
        """The names of everything in the account that bears this migration's name, by kind."""
        listed = {
            "clusters": [each["DBClusterIdentifier"] for each in self.rds.describe_db_clusters()["DBClusters"]],
            "instances": [each["DBInstanceIdentifier"] for each in self.rds.describe_db_instances()["DBInstances"]],
            "cluster groups": [
                each["DBClusterParameterGroupName"]
                for each in self.rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
            ],
            "instance groups": [
                each["DBParameterGroupName"] for each in self.rds.describe_db_parameter_groups()["DBParameterGroups"]
            ],
            "subnet groups": [
                each["DBSubnetGroupName"] for each in self.rds.describe_db_subnet_groups()["DBSubnetGroups"]
            ],
            "snapshots": [
                each["DBClusterSnapshotIdentifier"]
                for each in self.rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
            ],
            "roles": [each["RoleName"] for each in self.iam.list_roles()["Roles"]],
            "policies": [each["PolicyName"] for each in self.iam.list_policies(Scope="Local")["Policies"]],
            "buckets": [each["Name"] for each in self.s3.list_buckets()["Buckets"]],
        }
        return {kind: sorted(name for name in names if self.name in name) for kind, names in listed.items()}

    def versions(self) -> list[str]:
        found = self.s3.list_object_versions(Bucket=self.bucket)
        return sorted({each["Key"] for kind in ("Versions", "DeleteMarkers") for each in found.get(kind, [])})


@pytest.fixture
def operator(generation, tmp_path, aws):
    """Makes somebody who runs roles for one migration in a bucket."""
    return lambda bucket, keys=None: Operator(generation, tmp_path, aws, bucket, keys)


@pytest.mark.thorough("migration/test_stations.py takes back a whole migration")
def test_all_that_the_run_made_goes_and_nothing_beside_it(aws, operator, tmp_path):
    name, bucket = "harvest", "harvest-migrations"
    mine = Belongings(aws, bucket, name)
    mine.make_bucket()
    mine.fill_bucket()
    mine.make_cluster()
    mine.make_groups(f"{name}-{FAMILY.replace('.', '-')}", name)
    # Another migration's, and a user's own.
    mine.make_groups(f"{name}-2-groups", f"{name}-2")
    mine.s3.put_object(Bucket=bucket, Key=f"{name}-2/backup/full/1", Body=b"theirs")
    staged = tmp_path / "work" / name / "backup" / "full"
    staged.mkdir(parents=True)
    (staged / "ibdata1").write_bytes(b"data")
    somebody = operator(bucket)
    somebody.play("iam", hosts=(name,), iam_check_caller=False).succeeded()
    before, keys = mine.left(), mine.versions()

    shown = somebody.playbook("cleanup", hosts=(name,), check=True, **EVERYTHING).succeeded()
    roles = f"Role dbferry-{name} and policy dbferry-{name} would be deleted"
    for gone in (f"{name}-1", f"{name}-2", roles, f"Cluster {name} would be deleted", f"subnet group {name}-aurora"):
        assert gone in shown.output, gone
    assert f"s3://{bucket}/{name}/backup/: 2 objects, 7 versions, 1 unfinished upload" in shown.output
    assert (mine.left(), mine.versions()) == (before, keys)
    assert staged.is_dir()

    # The third look at the instances is the first after they were asked to go.
    with aws.faults(refused_looks={name: [3]}):
        somebody.playbook("cleanup", hosts=(name,), **EVERYTHING).succeeded()
    assert {kind: names for kind, names in mine.left().items() if names} == {
        "cluster groups": [f"{name}-2-groups"],
        "instance groups": [f"{name}-2-groups"],
        "subnet groups": [f"{name}-2-groups"],
        "buckets": [bucket],
    }
    assert mine.versions() == [f"{name}-2/backup/full/1"]
    assert mine.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    assert not (tmp_path / "work" / name).exists()

    again = somebody.playbook("cleanup", hosts=(name,), **EVERYTHING).succeeded()
    assert again.recap(name)["changed"] == 0
    assert "something lies in it" in again.output


@pytest.mark.thorough("migration/test_stations.py takes back a whole migration")
def test_an_empty_bucket_of_ours_goes_with_the_last_migration(aws, operator):
    mine = Belongings(aws, "fallow-migrations", "fallow")
    mine.make_bucket()
    mine.write("backup", backup_id="b")
    hosts, options = ("fallow", "meadow"), {"cleanup_stations": "record,bucket"}
    outcome = operator(mine.bucket).playbook("cleanup", hosts=hosts, **options).succeeded()
    assert [outcome.recap(host)["changed"] for host in hosts] == [2, 0]
    assert mine.left()["buckets"] == []
    outcome = operator(mine.bucket).playbook("cleanup", hosts=hosts, **options).succeeded()
    assert [outcome.recap(host)["changed"] for host in hosts] == [0, 0]


def test_what_may_still_be_needed_or_is_a_stranger_s_is_left(aws, operator):
    """Several hosts in one run, each with its own reason."""
    bucket = "kept-migrations"
    unverified = Belongings(aws, bucket, "unverified")
    unverified.make_bucket(ours=False)
    unverified.fill_bucket()
    stale = Belongings(aws, bucket, "stale")
    stale.write("backup", backup_id="b", written_at="2026-01-03T10:00:00Z")
    stale.write("restore", written_at="2026-01-01T10:00:00Z")
    stale.write("verification", equal=True, written_at="2026-01-02T10:00:00Z")
    sure = {"cleanup_stations": ["cluster"], "cleanup_cluster": True, "cleanup_final_snapshot": "last"}
    protected, foreign, shared, stopped = (
        Belongings(aws, bucket, name) for name in ("protected", "foreign", "shared", "stopped")
    )
    protected.make_cluster(DeletionProtection=True)
    foreign.make_cluster(Tags=[{"Key": "owner", "Value": "somebody"}])
    shared.make_cluster()
    shared.make_instance("shared-own", Tags=[])
    stopped.make_cluster()
    stopped.rds.stop_db_cluster(DBClusterIdentifier="stopped")
    hosts = {
        "unverified": {},
        "stale": {},
        "unsure": {"cleanup_stations": ["cluster"]},
        "protected": sure,
        "foreign": sure,
        "shared": sure,
        "stopped": sure,
    }
    reasons = {
        "unverified": "does not say that its cluster was compared",
        "stale": "but that was before station backup was passed",
        "unsure": "[cleanup.cluster]",
        "protected": "is protected against deletion",
        "foreign": "does not bear the tag",
        "shared": "shared-own",
        "stopped": "is stopped and can leave no snapshot last",
    }
    outcome = operator(bucket).playbook("cleanup", hosts=hosts)
    assert outcome.status != 0
    for host, reason in reasons.items():
        assert outcome.recap(host)["failed"] == 1 and outcome.recap(host)["changed"] == 0
        assert reason in outcome.output, host
    for kept in (protected, foreign, shared, stopped):
        assert len(kept.left()["instances"]) >= 2 and kept.left()["clusters"] == [kept.name]
    # Of the unverified four, and the three pages of the stale one.
    assert len(unverified.versions()) == 7


def test_the_defaults_leave_cluster_record_and_bucket(aws, operator):
    mine = Belongings(aws, "usual-migrations", "usual")
    mine.make_bucket()
    mine.fill_bucket()
    for day, station in enumerate(("upload", "restore", "objects"), 1):
        mine.write(station, written_at=f"2026-01-0{day}T10:00:00Z")
    mine.write("verification", equal=True, written_at="2026-01-03T10:00:00Z")
    mine.make_cluster(1)
    somebody = operator(mine.bucket)
    somebody.play("iam", hosts=("usual",), iam_check_caller=False).succeeded()
    somebody.playbook("cleanup", hosts=("usual",)).succeeded()
    assert {kind: names for kind, names in mine.left().items() if names} == {
        "clusters": ["usual"],
        "instances": ["usual-1"],
        "buckets": [mine.bucket],
    }
    stations = ("backup", "iam", "objects", "restore", "upload", "verification")
    assert mine.versions() == [f"usual/record/{station}.json" for station in stations]
    # Check mode foresees that nothing but what goes with it lies in the bucket.
    last = {"cleanup_stations": "record,bucket"}
    shown = somebody.playbook("cleanup", hosts=("usual",), check=True, **last).succeeded()
    assert f"Bucket {mine.bucket} would be deleted" in shown.output


@pytest.mark.thorough("test_role_bucket.py makes the rules")
def test_the_rules_by_which_backups_expire_go_with_them(aws, operator):
    def rule(name):
        return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": name}, "Expiration": {"Days": 9}}

    def rules():
        found = aws.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        return {each["ID"] for each in found}

    everyone = {"dbferry-expire-sown", "dbferry-expire-mown", "dbferry-expire-sown-2", "dbferry-uploads", "theirs"}
    options = {"cleanup_stations": "backup", "cleanup_unverified": True}
    for bucket, ours in (("mown-migrations", True), ("sown-by-others", False)):
        Belongings(aws, bucket, "mown").make_bucket(ours)
        aws.client("s3").put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [rule(name) for name in sorted(everyone)]}
        )
        hosts = ("sown", "mown")
        shown = operator(bucket).playbook("cleanup", hosts=hosts, check=True, **options).succeeded()
        assert sum(shown.recap(host)["changed"] for host in hosts) == ours
        assert rules() == everyone
        gone = {"dbferry-expire-sown", "dbferry-expire-mown"} if ours else set()
        for name in everyone:
            assert (re.search(rf'^- .*"ID": "{name}"', shown.output, re.MULTILINE) is not None) == (name in gone), name
        done = operator(bucket).playbook("cleanup", hosts=hosts, **options).succeeded()
        assert sum(done.recap(host)["changed"] for host in hosts) == ours
        assert rules() == everyone - gone


def test_what_the_caller_lacks_is_named_before_anything_goes(aws, operator):
    bucket = "untaken-migrations"
    mine = Belongings(aws, bucket, "untaken")
    mine.make_bucket()
    mine.fill_bucket()
    mine.make_cluster(1)
    aws.make_role("dbferry-untaken", allow("s3:*"), Tags=tags("untaken"))
    kept, objects = mine.left(), mine.versions()
    lacking = ["iam:DeleteRole", "s3:DeleteObjectVersion", "rds:DeleteDBCluster"]
    keys = aws.make_user("gleaner", allow("*"), {"Effect": "Deny", "Action": lacking, "Resource": "*"})
    sure = {"cleanup_unverified": True, "cleanup_cluster": True, "cleanup_skip_final_snapshot": True}
    hosts = {
        "untaken": {**sure, "cleanup_stations": "cluster,iam,backup"},
        "usual": {},
        # What goes needs none of these rights, or nobody is to look.
        "staged-only": {"cleanup_stations": "staged"},
        "trusting": {"iam_check_caller": "false"},
    }
    outcome = operator(bucket, keys).playbook("cleanup", hosts=hosts).failed_with("[iam.caller_rights]")
    said = {
        host: next((line for line in outcome.output.splitlines() if f"[{host}]: FAILED" in line), "") for host in hosts
    }
    role, cluster = f"iam:DeleteRole on arn:aws:iam::{ACCOUNT}:role/dbferry-", "rds:DeleteDBCluster on"
    versions = f"s3:DeleteObjectVersion on arn:aws:s3:::{bucket}/"
    for text in (f"{role}untaken (", f"{versions}untaken/backup/* (", f"{cluster} arn:aws:rds:"):
        assert text in said["untaken"], said
    assert "iam_caller_stations set to cleanup_cluster,cleanup_iam,cleanup_backup" in said["untaken"]
    assert f"{role}usual (" in said["usual"] and cluster not in said["usual"]
    for host in ("staged-only", "trusting"):
        assert outcome.recap(host)["failed"] == 0, said[host]
    assert (mine.left(), mine.versions()) == (kept, objects)


def shown_rights(module: Any, name: str, station: str) -> dict[str, Any]:
    """The caller's policies for a station, and what a check insists on."""
    migration = {
        "migration_id": name,
        "bucket": f"{name}-migrations",
        "cluster_identifier": name,
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/dbferry-{name}",
        "policy_arn": f"arn:aws:iam::{ACCOUNT}:policy/dbferry-{name}",
    }
    place = {"account_id": ACCOUNT, "partition": "aws", "region": REGION}
    return module("iam_caller_policy_info", stations=[station], migrations=[migration], **place)


@pytest.mark.thorough("migration/test_stations.py holds the policy for all of cleanup to its requests")
def test_each_part_of_cleanup_has_the_rights_that_it_uses_and_is_asked_for_no_other(aws, operator, run_module):
    name = "gleaned"
    mine = Belongings(aws, f"{name}-migrations", name)
    mine.make_bucket()
    mine.fill_bucket()
    mine.make_cluster()
    mine.make_groups(f"{name}-{FAMILY.replace('.', '-')}", name)
    operator(mine.bucket).play("iam", hosts=(name,), iam_check_caller=False).succeeded()
    with recording(aws.endpoint_url) as recorder:
        # What is staged goes first, while there is a record to read.
        for station in ("staged", *ALL[:-1]):
            options = {**EVERYTHING, "cleanup_stations": station, "migration_aws_endpoint_url": recorder.endpoint_url}
            if station == "cluster":
                options.update(cleanup_skip_final_snapshot=False, cleanup_final_snapshot=f"{name}-last")
            operator(mine.bucket).playbook("cleanup", hosts=(name,), cleanup_unverified=True, **options).succeeded()
            asked = {each for seen in recorder.take() for each in needed(seen)}
            shown = shown_rights(run_module, name, f"cleanup_{station}")
            assert refused(shown["policies"], asked) == [], station
            assert unasked(shown["rights"], asked) == [], station


def test_a_role_stays_while_the_cluster_is_being_restored(aws, operator):
    mine = Belongings(aws, "adrift-migrations", "adrift")
    mine.make_bucket()
    mine.s3.put_object(Bucket=mine.bucket, Key="adrift/backup/full/ibdata1", Body=b"data")
    aws.make_role("dbferry-adrift", allow("s3:*"), Tags=tags("adrift"))
    with aws.faults(hangs_in="creating"):
        mine.begin_restore()
        outcome = operator(mine.bucket).playbook("cleanup", hosts=("adrift",), cleanup_stations="iam").succeeded()
        assert outcome.recap("adrift")["changed"] == 0
        said = " ".join(outcome.output.split())
        assert "Role dbferry-adrift stays: cluster adrift is creating and reads the backup by it" in said
        mine.rds.delete_db_cluster(DBClusterIdentifier="adrift", SkipFinalSnapshot=True)
    assert mine.left()["roles"] == ["dbferry-adrift"]


@pytest.mark.thorough("a role stays while the cluster is being restored")
def test_a_role_stays_while_another_cluster_of_the_migration_uses_it(aws, operator):
    mine = Belongings(aws, "twin-migrations", "twin")
    mine.make_bucket()
    role = aws.make_role("dbferry-twin", allow("s3:*"), Tags=tags("twin"))
    mine.rds.create_db_cluster(
        DBClusterIdentifier="restored-anew",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="long enough",
        Tags=tags("twin"),
    )
    mine.rds.add_role_to_db_cluster(DBClusterIdentifier="restored-anew", RoleArn=role)
    for stations in ("iam", "iam,cluster"):
        sure = {"cleanup_stations": stations, "cleanup_cluster": True, "cleanup_skip_final_snapshot": True}
        outcome = operator(mine.bucket).playbook("cleanup", hosts=("twin",), **sure).succeeded()
        assert outcome.recap("twin")["changed"] == 0
        said = " ".join(outcome.output.split())
        assert "Role dbferry-twin stays: cluster restored-anew is associated with it" in said
    assert mine.left()["roles"] == ["dbferry-twin"]


@pytest.mark.thorough("migration/test_stations.py takes back a whole migration")
def test_a_role_that_the_cluster_uses_stays_with_it(aws, operator):
    mine = Belongings(aws, "moored-migrations", "moored")
    mine.make_bucket()
    somebody = operator(mine.bucket)
    somebody.play("iam", hosts=("moored",), iam_check_caller=False).succeeded()
    mine.make_cluster(1)
    role = mine.iam.get_role(RoleName="dbferry-moored")["Role"]["Arn"]
    mine.rds.add_role_to_db_cluster(DBClusterIdentifier="moored", RoleArn=role)
    outcome = somebody.playbook("cleanup", hosts=("moored",), cleanup_stations="iam").succeeded()
    assert outcome.recap("moored")["changed"] == 0
    assert "Role dbferry-moored stays" in outcome.output
    last = {"cleanup_stations": "iam,cluster", "cleanup_cluster": True, "cleanup_final_snapshot": "moored-last"}
    with aws.faults(refused_looks={"moored": list(range(2, 100))}):
        stopped = somebody.playbook(
            "cleanup", hosts=("moored",), cleanup_wait_timeout=2, cleanup_poll_interval=1, **last
        )
    said = " ".join(stopped.failed_with("[cleanup.instances_left]").output.split())
    assert "Whether its instances are gone is not known: the last look at them failed: " in said
    somebody.playbook("cleanup", hosts=("moored",), cleanup_poll_interval=1, **last).succeeded()
    assert {kind: names for kind, names in mine.left().items() if names} == {
        "snapshots": ["moored-last"],
        "buckets": [mine.bucket],
    }
