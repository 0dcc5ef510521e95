# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""The calls of the RDS API that a restore is made of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from importlib import metadata
from typing import Any, Callable, TypeVar

from .._aws.errors import AwsError, aws_errors
from .engine_versions import EngineVersion, engine_versions
from .events import Event, parse_event
from .renewal import credentials_refused
from .request import ENGINE

T = TypeVar("T")

# RDS keeps events for 14 days and refuses an earlier StartTime ("DescribeEvents").
_EVENTS_KEPT = timedelta(days=14) - timedelta(minutes=5)
# A restore tells its story in a few dozen events; a cluster that lives on has more.
MAX_EVENTS = 100


class Clusters:
    """RDS clusters, through a client.

    :param client: a boto3 client for ``rds``. All methods raise ``AwsError`` when AWS refuses or cannot be reached.
    :param renewed: asked for another client when AWS refuses the credentials; ``None`` where there are no others.
    """

    def __init__(self, client: Any, renewed: Callable[[], Any | None] = lambda: None) -> None:
        self._client = client
        self._renewed = renewed

    def find(self, identifier: str) -> dict[str, Any] | None:
        """The cluster as DescribeDBClusters shows it; ``None`` where no cluster has the name."""
        try:
            answer = self._ask(
                f"asking for cluster {identifier}",
                lambda client: client.describe_db_clusters(DBClusterIdentifier=identifier),
            )
        except AwsError as error:
            if error.details.get("aws_code") == "DBClusterNotFoundFault":
                return None
            raise
        clusters = answer.get("DBClusters") or []
        return dict(clusters[0]) if clusters else None

    def events(self, cluster: dict[str, Any]) -> list[Event]:
        """The cluster's last events since it was made, oldest first, at most ``MAX_EVENTS``."""
        earliest = datetime.now(timezone.utc) - _EVENTS_KEPT
        # An earlier cluster of the same name has events too; they are older than this one.
        since = max(cluster.get("ClusterCreateTime") or earliest, earliest)
        identifier = cluster["DBClusterIdentifier"]

        def read(client: Any) -> list[Event]:
            found: list[Event] = []
            pages = client.get_paginator("describe_events").paginate(
                SourceIdentifier=identifier, SourceType="db-cluster", StartTime=since
            )
            for page in pages:
                fresh = [event for event in page.get("Events") or () if event.get("Date", since) >= since]
                found = (found + [parse_event(event) for event in fresh])[-MAX_EVENTS:]
            return found

        return sorted(self._ask(f"asking for the events of cluster {identifier}", read), key=lambda event: event.date)

    def start_restore(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call RestoreDBClusterFromS3; returns the new cluster."""
        answer = self._ask(
            f"starting the restore of cluster {request['DBClusterIdentifier']}",
            lambda client: client.restore_db_cluster_from_s3(**request),
        )
        return dict(answer["DBCluster"])

    def delete(self, identifier: str, final_snapshot: str | None) -> None:
        """Call DeleteDBCluster; ``final_snapshot`` names the snapshot to leave, ``None`` leaves none."""
        snapshot: dict[str, Any] = (
            {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": final_snapshot}
            if final_snapshot
            else {"SkipFinalSnapshot": True}
        )
        self._ask(
            f"deleting cluster {identifier}",
            lambda client: client.delete_db_cluster(DBClusterIdentifier=identifier, **snapshot),
        )

    def engine_versions(self) -> list[EngineVersion]:
        """The Aurora MySQL versions that the Region offers, oldest first."""

        def read(client: Any) -> list[dict[str, Any]]:
            described: list[dict[str, Any]] = []
            for page in client.get_paginator("describe_db_engine_versions").paginate(Engine=ENGINE):
                described.extend(page.get("DBEngineVersions") or ())
            return described

        return engine_versions(self._ask("asking for the Aurora MySQL versions of the Region", read))

    def _ask(self, doing: str, ask: Callable[[Any], T]) -> T:
        """What ``ask`` returns; asked once more where the credentials were refused and there are others."""
        try:
            with aws_errors(doing):
                return ask(self._client)
        except AwsError as error:
            fresh = self._renewed() if credentials_refused(error) else None
            if fresh is None:
                raise
        self._client = fresh
        with aws_errors(doing):
            return ask(self._client)

    def known_request_members(self) -> dict[str, Any]:
        """The members of RestoreDBClusterFromS3 that the installed botocore knows, with those below each."""
        model = self._client.meta.service_model.operation_model("RestoreDBClusterFromS3")
        return _members(model.input_shape)

    def botocore_version(self) -> str:
        """The version of the installed botocore, for messages."""
        return metadata.version("botocore")


def _members(shape: Any) -> dict[str, Any]:
    while shape.type_name == "list":
        shape = shape.member
    if shape.type_name != "structure":
        return {}
    return {name: _members(member) for name, member in shape.members.items()}
