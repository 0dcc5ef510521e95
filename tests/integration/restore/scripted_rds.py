# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's HTTP server with a RestoreDBClusterFromS3 that only plays a part.

It reads no backup: the S3 prefix of the request names the part (``PARTS``), and every DescribeDBClusters of the cluster
is one step of it. So a test has the one status, fault or event that it is about, without waiting for it. Real restores
are made by the lab. Run as ``python scripted_rds.py PORT``.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.rds import responses
from moto.rds.exceptions import RDSClientError
from moto.server import main

WALK = ["creating", "preparing-data-migration", "migrating"]
REASON = "xbstream: This does not look like a tar archive."
CANNOT_DOWNLOAD = (
    "Files from the specified Amazon S3 bucket cannot be downloaded. Make sure that you have created an AWS Identity "
    "and Access Management (IAM) role that lets Amazon RDS access Amazon S3 for you."
)
# Statuses that a cluster walks through, some with a per cent; it stays in the last. "!" is a throttled answer, "?" a
# fault of AWS' own, "..." no answer at all, "-" that of a reader which does not know the cluster yet.
PARTS: dict[str, list[str]] = {
    "good/": [*WALK, "available"],
    "broken/": [*WALK, "migration-failed"],
    "mute/": [*WALK, "migration-failed"],
    "doomed/": ["creating", "deleting"],
    "blinking/": ["creating", "-", "-", "migrating", "available"],
    "slow/": ["creating", *["migrating"] * 40, "available"],
    "endless/": ["creating", "migrating"],
    "long/": ["creating", *["migrating"] * 8, "available"],
    "silent/": ["creating", "..."],
    "throttled/": ["creating", "!", "!", "migrating", "?", "!", "available"],
    "telling/": ["creating 100", "migrating 30", "migrating 70", "available"],
    "odd/": ["creating", "polishing", "available"],
    "unreadable/": ["available"],
    "settling/": [*WALK, "available"],
    "forbidden/": ["available"],
    "lost/": [*WALK, "available"],
    "earlier/": [*WALK, "available"],
    "finished/": ["available"],
    "lingering/": [*WALK, "available"],
}
# AWS no longer takes this access key's token once there is a cluster whose name ends in EXPIRED.
PASSING_KEY = "AKIAPASSINGPASSINGPA"
EXPIRED = "-expired"
# How many calls are refused for want of rights before one is taken.
REFUSALS = {"unreadable/": 10**9, "settling/": 2}
_refused: dict[str, int] = {}
# The clusters of these parts were made so many seconds before the call, and the restore of the second one took so many.
EARLIER = 7200
TOOK = 1800
_delete = responses.RDSResponse.delete_db_cluster
_describe = responses.RDSResponse.describe_db_clusters
_events = responses.RDSResponse.describe_events
# So many looks at the events of a cluster of the part "mute/" that has failed: the first is throttled, the next empty.
SILENT_LOOKS = 2


def restore_db_cluster_from_s3(self: Any) -> ActionResult:
    """RestoreDBClusterFromS3."""
    prefix = self.params["S3Prefix"]
    name = self.params["DBClusterIdentifier"]
    if prefix == "forbidden/":
        raise RDSClientError(
            "AccessDenied", "User: arn:aws:iam::123456789012:user/x is not authorized to perform: iam:PassRole"
        )
    if name in self.backend.clusters:
        raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    if _refused.get(name, 0) < REFUSALS.get(prefix, 0):
        _refused[name] = _refused.get(name, 0) + 1
        raise RDSClientError("InvalidParameterValue", CANNOT_DOWNLOAD)
    # moto names a cluster's automated snapshot by the minute, and a name can be used again sooner.
    for snapshot in [one for one in self.backend.cluster_snapshots if one.startswith(f"rds:{name}-")]:
        del self.backend.cluster_snapshots[snapshot]
    cluster = self.backend.create_db_cluster(self.params)
    cluster.part = list(PARTS[prefix])
    cluster.mute = prefix == "mute/"
    cluster.status = cluster.part[0].partition(" ")[0]
    if prefix in ("earlier/", "finished/"):
        cluster.cluster_create_time -= timedelta(seconds=EARLIER)
    if prefix == "finished/":
        tell(self, cluster, "Binlog position from crash recovery is mysql-bin.000003 4278", ago=EARLIER - TOOK)
        tell(self, cluster, "The DB cluster started.", category="notification", ago=EARLIER - TOOK - 60)
        tell(self, cluster, "Reset master credentials", category="configuration change", ago=60)
    if prefix == "lost/":
        raise RDSClientError("InternalFailure", "An internal error has occurred.")
    return ActionResult({"DBCluster": cluster})


def describe_db_clusters(self: Any) -> ActionResult:
    """DescribeDBClusters, one step of the part further."""
    name = self.params.get("DBClusterIdentifier") or ""
    if self.access_key == PASSING_KEY and name + EXPIRED in self.backend.clusters:
        raise RDSClientError("ExpiredToken", "The security token included in the request is expired")
    cluster = self.backend.clusters.get(name)
    part = getattr(cluster, "part", None)
    if part:
        step = part[0] if len(part) == 1 else part.pop(0)
        if step == "!":
            raise RDSClientError("Throttling", "Rate exceeded")
        if step == "?":
            raise RDSClientError("InternalFailure", "An internal error has occurred.")
        if step == "...":
            time.sleep(86400)
        if step == "-":
            raise RDSClientError("DBClusterNotFoundFault", f"DBCluster {name} not found.")
        step, _space, percent = step.partition(" ")
        cluster.percent_progress = percent or None
        cluster._status = step
        if step == "creating":
            # moto's own property would show it as available the next time
            cluster._status = "creating"
        if step == "migration-failed" and not getattr(cluster, "told", False):
            cluster.told = True
            cluster.silent_looks = SILENT_LOOKS if cluster.mute else 0
            tell(self, cluster, f"Failed to migrate from mysql 8.0.36 to aurora-mysql 8.0.42. Reason: {REASON}")
        if step == "migrating" and not getattr(cluster, "began", False):
            cluster.began = True
            tell(self, cluster, "Binlog position from crash recovery is mysql-bin.000003 4278")
    return _describe(self)


def delete_db_cluster(self: Any) -> ActionResult:
    """DeleteDBCluster; one whose name begins with ``lingering`` does not go."""
    name = self.params["DBClusterIdentifier"]
    if not name.startswith("lingering"):
        return _delete(self)
    cluster = self.backend.clusters[name]
    cluster.part = ["deleting"]
    return ActionResult({"DBCluster": cluster})


def describe_events(self: Any) -> ActionResult:
    """DescribeEvents; the reason of a failure may come later than its status."""
    cluster = self.backend.clusters.get(self.params.get("SourceIdentifier") or "")
    if getattr(cluster, "silent_looks", 0):
        cluster.silent_looks -= 1
        if cluster.silent_looks == SILENT_LOOKS - 1:
            raise RDSClientError("Throttling", "Rate exceeded")
        return ActionResult({"Events": []})
    return _events(self)


def tell(self: Any, cluster: Any, message: str, category: str = "migration", ago: float = 0) -> None:
    """Make an event of the cluster, of so many seconds ago."""
    self.backend.events.append(
        SimpleNamespace(
            source_identifier=cluster.db_cluster_identifier,
            source_type="db-cluster",
            source_arn=cluster.db_cluster_arn,
            message=message,
            event_categories=[category],
            date=utcnow() - timedelta(seconds=ago),
        )
    )


def describe_db_engine_versions(_self: Any) -> ActionResult:
    """DescribeDBEngineVersions."""
    versions = {
        "5.7.mysql_aurora.2.12.5": ("5.7", "Aurora MySQL 2.12.5 (compatible with MySQL 5.7.44)"),
        "8.0.mysql_aurora.3.08.2": ("8.0", "Aurora MySQL 3.08.2 (compatible with MySQL 8.0.39)"),
        "8.0.mysql_aurora.3.10.1": ("8.0", "Aurora MySQL 3.10.1 (compatible with MySQL 8.0.42)"),
        "8.4.mysql_aurora.8.4.7": ("8.4", "Aurora MySQL 8.4.7 (compatible with MySQL 8.4.7)"),
    }
    return ActionResult(
        {
            "DBEngineVersions": [
                {
                    "Engine": "aurora-mysql",
                    "EngineVersion": version,
                    "DBParameterGroupFamily": f"aurora-mysql{family}",
                    "DBEngineVersionDescription": description,
                }
                for version, (family, description) in versions.items()
            ]
        }
    )


for action in (
    restore_db_cluster_from_s3,
    describe_db_clusters,
    delete_db_cluster,
    describe_events,
    describe_db_engine_versions,
):
    setattr(responses.RDSResponse, action.__name__, action)

if __name__ == "__main__":
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
