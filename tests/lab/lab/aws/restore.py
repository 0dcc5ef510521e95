# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RestoreDBClusterFromS3: the checks at the call, and the work after it, as AWS says that Aurora does them."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping
from typing import Any

from moto.rds.exceptions import (
    DBClusterParameterGroupNotFoundError,
    DBSubnetGroupNotFoundError,
    InvalidParameterValue,
    RDSClientError,
)
from moto.rds.models import RDSBackend

from lab.description import Description, find_engine_version
from lab.state import State

from . import faults, s3_access
from .aurora_server import AuroraServer, RestoreFault
from .backup_chain import ChainError, order
from .backup_fetch import fetch
from .backup_files import BackupFilesError, classify
from .cluster_parameters import server_options
from .rds_models import RestoredCluster

REQUIRED = (
    "DBClusterIdentifier",
    "Engine",
    "MasterUsername",
    "SourceEngine",
    "SourceEngineVersion",
    "S3BucketName",
    "S3IngestionRoleArn",
)
# The service's own texts.
CANNOT_DOWNLOAD = (
    "Files from the specified Amazon S3 bucket cannot be downloaded. Make sure that you have created an AWS Identity"
    " and Access Management (IAM) role that lets Amazon Aurora access Amazon S3 for you."
)
ROLE_NOT_USABLE = (
    "IAM role ARN value is invalid or does not include the required permissions for: S3_SNAPSHOT_INGESTION"
)
NO_BUCKET = "The specified S3 bucket cannot be found."
# RDS-EVENT-0083.
NO_CREDENTIALS = (
    "Amazon RDS has been unable to create credentials to access your Amazon S3 Bucket for your DB cluster {cluster}."
    " This is due to the S3 snapshot ingestion IAM role not being configured correctly in your account or the specified"
    " Amazon S3 bucket cannot be found. Please refer to the troubleshooting section in the Amazon RDS documentation for"
    " further details."
)
RESERVED_USERS = ("rdsadmin", "rdsproxyadmin", "rdsrepladmin", "root", "mysql.sys", "mysql.session", "mysql.infoschema")


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def group_values(backend: RDSBackend, group: str | None) -> dict[str, str]:
    """The values that users have set in a cluster parameter group, {} for a default group."""
    found = backend.db_cluster_parameter_groups.get(group) if group else None
    parameters: Mapping[str, Mapping[str, str]] = found.parameters if found else {}
    return {name: entry["ParameterValue"] for name, entry in parameters.items()}


class RestoreEvent(Exception):
    """The restore fails with an event of its own, which is the text."""


class Restore:
    """Makes clusters from backups in S3 for one lab."""

    def __init__(self, state: State, description: Description):
        self.state = state
        self.description = description
        self.endpoints_lock = threading.Lock()

    def begin(self, backend: RDSBackend, members: Mapping[str, Any]) -> RestoredCluster:
        """Check the call, make the cluster in status `creating` and start the work; raise the API's error otherwise.

        `members` are the request's members, as moto parses them (Pascal and snake case alike).
        """
        self._check_members(backend, members)
        identifier = members["DBClusterIdentifier"].lower()
        bucket = s3_access.find_bucket(backend.account_id, members["S3BucketName"])
        if bucket is None or bucket.region_name != backend.region_name:
            raise InvalidParameterValue(NO_BUCKET)
        prefix = members.get("S3Prefix") or ""
        try:
            rights = self._assume(backend, identifier, members["S3IngestionRoleArn"])
            keys = s3_access.list_keys(bucket, prefix, rights)
        except s3_access.RoleNotAssumable as exc:
            print(f"{identifier}: {members['S3IngestionRoleArn']}: {exc}", flush=True)
            raise InvalidParameterValue(ROLE_NOT_USABLE) from exc
        except s3_access.AccessDenied as exc:
            print(f"{identifier}: {members['S3IngestionRoleArn']}: {exc}", flush=True)
            raise InvalidParameterValue(CANNOT_DOWNLOAD) from exc
        server = AuroraServer(identifier, self.state, self.description)
        arguments = {name: members[name] for name in members}
        arguments["engine_version"] = arguments.get("engine_version") or self.description.aurora.engine_version
        family = self._family(arguments["engine_version"])
        arguments["db_cluster_parameter_group_name"] = (
            arguments.get("db_cluster_parameter_group_name") or f"default.{family}"
        )
        cluster = RestoredCluster(backend, server, **arguments)
        backend.clusters[identifier] = cluster
        arguments_of_work = (cluster, bucket, prefix, keys, members)
        threading.Thread(target=self._work, args=arguments_of_work, daemon=True).start()
        return cluster

    def _assume(self, backend: RDSBackend, identifier: str, role_arn: str) -> s3_access.RoleRights:
        arn = f"arn:aws:rds:{backend.region_name}:{backend.account_id}:cluster:{identifier}"
        return s3_access.assume(backend.account_id, role_arn, arn, self.description.aurora.role_settle_seconds)

    def _family(self, version: str) -> str:
        found = find_engine_version(self.description.aurora, version)
        if found is None:
            raise RDSClientError("InvalidParameterCombination", f"Cannot find version {version} for aurora-mysql")
        return found.family

    def _check_members(self, backend: RDSBackend, members: Mapping[str, Any]) -> None:
        for name in REQUIRED:
            if not members.get(name):
                raise InvalidParameterValue(f"The parameter {name} must be provided and must not be blank.")
        if not members.get("MasterUserPassword") and not members.get("ManageMasterUserPassword"):
            raise InvalidParameterValue("The parameter MasterUserPassword must be provided and must not be blank.")
        if members["Engine"] != "aurora-mysql":
            raise InvalidParameterValue(f"Invalid DB engine: {members['Engine']}")
        if members["SourceEngine"] != "mysql":
            raise InvalidParameterValue(f"Invalid source engine: {members['SourceEngine']}")
        if members["MasterUsername"] in RESERVED_USERS:
            raise InvalidParameterValue(
                f"MasterUsername {members['MasterUsername']} cannot be used as it is a reserved word"
            )
        password = members.get("MasterUserPassword") or "managed!"
        if set(password) & set('/"@') or not 8 <= len(password) <= 41:
            raise InvalidParameterValue(
                "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/',"
                " '@', '\"' may be used, 8 to 41 of them."
            )
        backend._validate_db_identifier(members["DBClusterIdentifier"])
        if members["DBClusterIdentifier"] in backend.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        self._family(members.get("EngineVersion") or self.description.aurora.engine_version)
        group = members.get("DBClusterParameterGroupName")
        if group and not group.startswith("default.") and group not in backend.db_cluster_parameter_groups:
            raise DBClusterParameterGroupNotFoundError(group)
        subnets = members.get("DBSubnetGroupName")
        if subnets and subnets not in backend.subnet_groups:
            raise DBSubnetGroupNotFoundError(subnets)

    def _work(
        self, cluster: RestoredCluster, bucket: Any, prefix: str, keys: list[str], members: Mapping[str, Any]
    ) -> None:
        source_version = members["SourceEngineVersion"]
        try:
            self._begin_walk(cluster, members["S3IngestionRoleArn"])
            if faults.current(self.state, self.description).reads_nothing:
                self._walk_only(cluster, source_version)
            else:
                self._walk(cluster, bucket, prefix, keys, source_version)
        except RestoreEvent as exc:
            cluster.server.remove()
            cluster.add_event(str(exc), "failure")
            cluster.status = "migration-failed"
        except (RestoreFault, BackupFilesError, ChainError, OSError) as exc:
            self._fail(cluster, source_version, str(exc))
        except Exception as exc:  # a fault of the lab itself must end the restore, too, and say what it is
            traceback.print_exc()
            self._fail(cluster, source_version, f"The lab itself failed: {type(exc).__name__}: {exc}")
        if cluster.deleted:
            cluster.server.remove()

    def _fail(self, cluster: RestoredCluster, source_version: str, reason: str) -> None:
        cluster.server.remove()
        cluster.add_event(
            f"Failed to migrate from mysql {source_version} to aurora-mysql {cluster.engine_version}. Reason: {reason}",
            "failure",
        )
        cluster.status = "migration-failed"

    def _begin_walk(self, cluster: RestoredCluster, role_arn: str) -> None:
        """The status `creating`; at its end the role is assumed once more, to read the backup."""
        cluster.add_event("DB cluster created", "creation")
        time.sleep(self.description.aurora.status_seconds["creating"])
        self._hang(cluster, "creating")
        fails_with = faults.current(self.state, self.description).fails_with
        if fails_with:
            raise RestoreEvent(fails_with)
        try:
            self._assume(cluster.backend, cluster.db_cluster_identifier, role_arn)
        except s3_access.RoleNotAssumable as exc:
            raise RestoreEvent(NO_CREDENTIALS.format(cluster=cluster.db_cluster_identifier)) from exc

    def _walk_only(self, cluster: RestoredCluster, source_version: str) -> None:
        """The statuses of a restore, without one."""
        seconds = self.description.aurora.status_seconds
        pair = f"from mysql {source_version} to aurora-mysql {cluster.engine_version}"
        for status, message in (
            ("preparing-data-migration", "Preparing the migration: downloading the backup files"),
            ("migrating", f"Migrating {pair}"),
        ):
            self._enter(cluster, status, message)
            time.sleep(seconds[status])
            self._hang(cluster, status)
        self._enter(cluster, "available", f"Migrated {pair}")

    def _hang(self, cluster: RestoredCluster, status: str) -> None:
        """Stay in a status for as long as the lab's faults say so."""
        faults.hang(self.state, self.description, status, lambda: cluster.deleted)

    def _walk(self, cluster: RestoredCluster, bucket: Any, prefix: str, keys: list[str], source_version: str) -> None:
        server, seconds = cluster.server, self.description.aurora.status_seconds
        self._enter(cluster, "preparing-data-migration", "Preparing the migration: downloading the backup files")
        begin = time.monotonic()
        engine = find_engine_version(self.description.aurora, cluster.engine_version)
        assert engine is not None
        if _minor(source_version)[:2] != _minor(engine.community)[:2] or _minor(source_version) > _minor(
            engine.community
        ):
            raise RestoreFault(
                f"Source engine version {source_version} is not compatible with {cluster.engine_version},"
                f" which is compatible with MySQL {engine.community}."
            )
        files = classify(keys, self.description.aurora.source_files_limit)
        unpack = self.description.backup.unpack_stream
        found = fetch(files, prefix, lambda key: s3_access.blocks(bucket, key), server.incoming, unpack)
        chain = order(found)
        position = server.binlog_position(chain)
        _rest_of(begin, seconds["preparing-data-migration"])
        self._hang(cluster, "preparing-data-migration")
        self._enter(
            cluster, "migrating", f"Migrating from mysql {source_version} to aurora-mysql {cluster.engine_version}"
        )
        begin = time.monotonic()
        server.prepare(chain)
        if position:
            cluster.add_event(f"Binlog position from crash recovery is {position}", "notification")
        options = server_options(group_values(cluster.backend, cluster.parameter_group))
        user, password = str(cluster.master_username), cluster.master_password
        server.strip_and_hand_over(
            options, user, password, cluster.database_name, lambda text: cluster.add_event(text, "notification")
        )
        _rest_of(begin, seconds["migrating"])
        self._hang(cluster, "migrating")
        if not cluster.deleted:
            self.record_target(cluster.db_cluster_identifier, server.endpoint())
            self._enter(
                cluster, "available", f"Migrated from mysql {source_version} to aurora-mysql {cluster.engine_version}"
            )

    def _enter(self, cluster: RestoredCluster, status: str, message: str) -> None:
        if cluster.deleted:
            raise RestoreFault("the cluster was deleted")
        cluster.add_event(message, "notification")
        cluster.status = status

    def record_target(self, identifier: str, endpoint: dict[str, Any] | None) -> None:
        """Put a target into endpoints.json, or take it out (None)."""
        with self.endpoints_lock:
            document = self.state.read(self.state.endpoints)
            targets = document.setdefault("targets", {})
            targets.pop(identifier, None)
            if endpoint:
                targets[identifier] = endpoint
            self.state.write(self.state.endpoints, document)


def _rest_of(begin: float, seconds: float) -> None:
    time.sleep(max(0.0, begin + seconds - time.monotonic()))
