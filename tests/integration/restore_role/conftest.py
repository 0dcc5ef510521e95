# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's AWS without a source and without servers, and role ``restore`` run against it as a play does.

A restore here reads no backup, so what is proved is what the role asks of AWS. Real restores are made by the lab
(``tests/integration/migration``).
"""

from __future__ import annotations

import copy
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from tests.integration.access.lab_aws import LabAws
from tests.integration.migration.playbook import Outcome
from tests.integration.servers import free_port

CHECKOUT = Path(__file__).resolve().parents[3]
LAB = CHECKOUT / "tests" / "lab"
START_SECONDS = 120
REGION = "eu-central-1"
BUCKET = "migrations"
PASSWORD = "Correct-Horse1'#"
KEYS = {"access_key": "AKIALABLABLABLABLABL", "secret_key": "secret-of-the-role-tests"}
PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: Restore
      ansible.builtin.import_role:
        name: dbferry.aurora_mysql.restore
        rolespec_validate: false
"""
# A server whose settings partly suit Aurora, partly not.
VARIABLES = {
    "character_set_server": "utf8mb4",
    "collation_server": "utf8mb4_general_ci",
    "event_scheduler": "DISABLED",
    "group_concat_max_len": "65536",
    "innodb_page_size": "16384",
    "lower_case_table_names": "1",
    "max_allowed_packet": "67108864",
    "max_connections": "500",
    "sql_mode": "STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER",
}


def documents(migration_id: str) -> dict[str, dict[str, Any]]:
    """What the stations before the restore write down."""
    written = {"schema_version": 2, "written_at": "2026-01-01T10:00:00Z"}
    prefix = f"{migration_id}/backup/full/"
    found: dict[str, dict[str, Any]] = {
        "source": {
            "host": "db1",
            "port": 3306,
            "version": "8.0.36",
            "version_number": "8.0.36",
            "flavour": "mysql",
            "version_comment": "MySQL Community Server - GPL",
            "server_uuid": "3e11fa47-71ca-11e1-9e33-c80aa9429562",
            "variables": VARIABLES,
            "schemas": ["shop"],
            "data_bytes": 1000,
            "tables": 1,
            "time_zone": {"global": "SYSTEM", "system": "CET"},
        },
        "backup": {
            "backup_id": "11111111-2222-3333-4444-555555555555",
            "format": "directory",
            "format_reason": "",
            "staged": True,
            "directory": "/var/lib/dbferry",
            "tool": {},
            "server_version": "8.0.36",
            "binlog": {},
            "slave_info": [],
            "files": 1,
            "bytes": 1000,
            "elapsed_seconds": 1.0,
            "progress": [],
            "chain": [],
        },
        "upload": {
            "backup_id": "11111111-2222-3333-4444-555555555555",
            "bucket": BUCKET,
            "prefix": prefix,
            "objects": 1,
            "bytes": 1000,
            "checksum_algorithm": "CRC32C",
            "fingerprint": "abc",
            "sent_bytes": 1000,
            "sent_seconds": 1.0,
            "elapsed_seconds": 1.0,
            "progress": [],
        },
        "iam": {"role_arn": "arn:aws:iam::123456789012:role/reader", "role_name": "reader", "managed": True},
    }
    return {station: {**written, "station": station, **members} for station, members in found.items()}


class Account:
    """An AWS account with a bucket and a role, and the role ``restore`` run in it.

    Every run is a controller's that has never seen another.

    :ivar endpoint_url: where AWS is.
    """

    def __init__(self, endpoint_url: str, generation: Any, home: Path, state: Path) -> None:
        self.faults = LabAws(endpoint_url, state).faults
        self.endpoint_url = endpoint_url
        self._generation = generation
        self._home = home
        self._runs = 0

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=KEYS["access_key"],
            aws_secret_access_key=KEYS["secret_key"],
        )

    def prepare(self) -> None:
        """Make the bucket, and a role that RDS may assume to read all of it."""
        self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
        rights = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        version = {"Version": "2012-10-17"}
        iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps({**version, "Statement": [trust]}))
        iam.put_role_policy(
            RoleName="reader", PolicyName="read", PolicyDocument=json.dumps({**version, "Statement": [rights]})
        )

    def begin(self, migration_id: str, bucket: str = BUCKET, **variables: str) -> None:
        """Write the record of a migration whose backup is in S3; ``variables`` are settings of its source."""
        s3 = self.client("s3")
        for station, document in documents(migration_id).items():
            document = copy.deepcopy(document)
            if station == "source":
                document["variables"].update(variables)
            if station == "upload":
                document["bucket"] = bucket
            s3.put_object(
                Bucket=bucket, Key=f"{migration_id}/record/{station}.json", Body=json.dumps(document).encode()
            )
        s3.put_object(Bucket=bucket, Key=f"{migration_id}/backup/full/ibdata1", Body=b"x" * 1000)

    def encrypting_bucket(self, name: str) -> None:
        """Make a bucket that encrypts what is written into it by a key of its own."""
        s3 = self.client("s3")
        key = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
        )

    def swap(self, migration_id: str, file: str) -> None:
        """Let part of the backup be a file of another name, as many bytes in as many objects as the record says."""
        s3, prefix = self.client("s3"), f"{migration_id}/backup/full/"
        page = documents(migration_id)["upload"]
        s3.put_object(
            Bucket=BUCKET, Key=f"{migration_id}/record/upload.json", Body=json.dumps({**page, "objects": 2}).encode()
        )
        for name, size in (("ibdata1", 400), (file, 600)):
            s3.put_object(Bucket=BUCKET, Key=prefix + name, Body=b"x" * size)

    def fail(self, migration_id: str, event: str) -> None:
        """Let a restore of the migration end in ``migration-failed`` with an event."""
        with self.faults(fails_with=event):
            self.client("rds").restore_db_cluster_from_s3(
                DBClusterIdentifier=migration_id,
                Engine="aurora-mysql",
                MasterUsername="dbadmin",
                MasterUserPassword=PASSWORD,
                SourceEngine="mysql",
                SourceEngineVersion="8.0.36",
                S3BucketName=BUCKET,
                S3IngestionRoleArn="arn:aws:iam::123456789012:role/reader",
                Tags=[{"Key": "dbferry:migration-id", "Value": migration_id}],
            )
            while self.cluster(migration_id)["Status"] != "migration-failed":
                time.sleep(0.1)

    def restore(self, hosts: dict[str, dict[str, Any]], *options: str, endpoint_url: str = "") -> Outcome:
        """Run the role for several hosts at once.

        :param hosts: variables by host; the host's name is the migration's.
        :param options: ansible-playbook's.
        :param endpoint_url: where it finds AWS; "" for AWS itself.
        """
        self._runs += 1
        home = self._home / str(self._runs)
        home.mkdir()
        (home / "restore.yml").write_text(PLAYBOOK)
        shared = {
            "migration_bucket": BUCKET,
            "migration_region": REGION,
            "migration_aws_endpoint_url": endpoint_url or self.endpoint_url,
            "migration_aws_access_key": KEYS["access_key"],
            "migration_aws_secret_key": KEYS["secret_key"],
            "migration_target_login_user": "dbadmin",
            "migration_target_login_password": PASSWORD,
            "restore_poll_interval": "1",
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
        inventory = {"all": {"hosts": {name: {**shared, **variables} for name, variables in hosts.items()}}}
        (home / "inventory.yml").write_text(yaml.safe_dump(inventory))
        command = [str(self._generation.playbook), "-i", "inventory.yml", "restore.yml", *options]
        environment = {**self._generation.environment(), "HOME": str(home), "ANSIBLE_HOME": str(home / ".ansible")}
        done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
        return Outcome(done.returncode, done.stdout + done.stderr)

    def document(self, migration_id: str) -> dict[str, Any]:
        """What the restore wrote into the record."""
        body = self.client("s3").get_object(Bucket=BUCKET, Key=f"{migration_id}/record/restore.json")["Body"].read()
        return dict(json.loads(body))

    def cluster(self, migration_id: str) -> dict[str, Any]:
        """The cluster as AWS shows it."""
        found = self.client("rds").describe_db_clusters(DBClusterIdentifier=migration_id)["DBClusters"]
        return dict(found[0])

    def instances(self, migration_id: str) -> dict[str, dict[str, Any]]:
        """The instances of a cluster by name."""
        filters = [{"Name": "db-cluster-id", "Values": [migration_id]}]
        found = self.client("rds").describe_db_instances(Filters=filters)["DBInstances"]
        return {instance["DBInstanceIdentifier"]: instance for instance in found}

    def made(self) -> dict[str, set[str]]:
        """The names of all that a restore can make."""
        rds = self.client("rds")
        return {
            "clusters": {one["DBClusterIdentifier"] for one in rds.describe_db_clusters()["DBClusters"]},
            "instances": {one["DBInstanceIdentifier"] for one in rds.describe_db_instances()["DBInstances"]},
            "cluster groups": {
                one["DBClusterParameterGroupName"]
                for one in rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
            },
            "instance groups": {
                one["DBParameterGroupName"] for one in rds.describe_db_parameter_groups()["DBParameterGroups"]
            },
            "subnet groups": {one["DBSubnetGroupName"] for one in rds.describe_db_subnet_groups()["DBSubnetGroups"]},
        }

    def parameters(self, group: str) -> dict[str, str]:
        """What is set in a cluster parameter group."""
        return self._set_in("describe_db_cluster_parameters", DBClusterParameterGroupName=group)

    def instance_parameters(self, group: str) -> dict[str, str]:
        """What is set in a parameter group of instances."""
        return self._set_in("describe_db_parameters", DBParameterGroupName=group)

    def _set_in(self, operation: str, **group: str) -> dict[str, str]:
        pages = self.client("rds").get_paginator(operation).paginate(**group, Source="user")
        return {one["ParameterName"]: one["ParameterValue"] for page in pages for one in page["Parameters"]}


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory, generation: Any) -> Iterator[Account]:
    """One AWS for all tests; each has migrations of its own names."""
    home = tmp_path_factory.mktemp("aws")
    description = home / "lab.yml"
    description.write_text(
        yaml.safe_dump(
            {
                "based_on": str(LAB / "lab.yml"),
                "aurora": {
                    "status_seconds": {"creating": 0, "preparing-data-migration": 0, "migrating": 0},
                    "instance_creating_seconds": 2,
                    "role_settle_seconds": 0,
                    # The first look at the instances of one of the clusters is refused.
                    "faults": {"reads_nothing": True, "refused_looks": {"guest": [1]}},
                },
            }
        )
    )
    state = home / "state"
    for folder in ("run", "log", "tls", "tmp", "targets"):
        (state / folder).mkdir(parents=True)
    port = free_port()
    aws = {"endpoint_url": f"http://127.0.0.1:{port}", "account_id": "123456789012", "region": REGION, **KEYS}
    settings = {"description": str(description), "endpoints": {"aws": aws}}
    (state / "lab.json").write_text(json.dumps(settings))
    log = home / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [str(CHECKOUT / "build" / "venvs" / "lab" / "bin" / "python"), "-m", "lab.aws.server", str(state)],
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(LAB)},
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert server.poll() is None, log.read_text()[-3000:]
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(0.1)
        found = Account(str(aws["endpoint_url"]), generation, tmp_path_factory.mktemp("runs"), state)
        found.prepare()
        yield found
    finally:
        server.terminate()
        server.wait()
