# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What a cluster's status means for its restore.

Pure. The statuses are those of Amazon Aurora's user guide, "Viewing DB cluster status", and those in which clusters
have been seen besides: Terraform's provider waits for the ``configuring-`` and ``scaling-`` ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MIGRATION_FAILED = "migration-failed"
DELETING = "deleting"

# The restore is over and the cluster is usable.
READY = frozenset({"available", "storage-optimization"})

# The restore goes on.
RESTORING = frozenset({"creating", "preparing-data-migration", "migrating"})

# The restore is over; the cluster is a person's to start.
STOPPED = frozenset({"stopped", "stopping"})

# On its way; it will become ready by itself.
PENDING = RESTORING | frozenset(
    {
        "backing-up",
        "backtracking",
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "failing-over",
        "maintenance",
        "modifying",
        "promoting",
        "rebooting",
        "renaming",
        "resetting-master-credentials",
        "scaling-capacity",
        "scaling-compute",
        "scaling-storage",
        "starting",
        "update-iam-db-auth",
        "upgrading",
    }
)

# It will not become ready by itself.
FAILED = frozenset(
    {
        "cloning-failed",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-parameters",
        "restore-failed",
        "upgrade-failed",
        MIGRATION_FAILED,
    }
)


def status_of(cluster: Mapping[str, Any]) -> str:
    """The status that a described cluster has; ``unknown`` where the description has none."""
    return str(cluster.get("Status") or "unknown")


def percent_of(cluster: Mapping[str, Any]) -> int:
    """How much of the restore is done, in per cent, as AWS tells it; 0 where it does not.

    DescribeDBClusters has ``PercentProgress`` as text (Amazon RDS API reference, "DBCluster"). Before the cluster is
    ready, 100 speaks of something else.
    """
    if is_ready(cluster):
        return 100
    told = str(cluster.get("PercentProgress") or "")
    return int(told) if re.fullmatch("[0-9]{1,2}", told) else 0


def is_ready(cluster: Mapping[str, Any]) -> bool:
    """Whether the restore is over and the cluster can take instances."""
    return status_of(cluster) in READY


def is_restoring(cluster: Mapping[str, Any]) -> bool:
    """Whether the restore goes on."""
    return status_of(cluster) in RESTORING


def is_stopped(cluster: Mapping[str, Any]) -> bool:
    """Whether the restore is over and somebody has stopped the cluster since."""
    return status_of(cluster) in STOPPED


def is_failed(cluster: Mapping[str, Any]) -> bool:
    """Whether the cluster will never become ready by itself."""
    return status_of(cluster) in FAILED


def is_migration_failed(cluster: Mapping[str, Any]) -> bool:
    """Whether it was the restore that failed: such a cluster has never held anything."""
    return status_of(cluster) == MIGRATION_FAILED


def is_deleting(cluster: Mapping[str, Any]) -> bool:
    """Whether the cluster is going away."""
    return status_of(cluster) == DELETING


def is_known(cluster: Mapping[str, Any]) -> bool:
    """Whether the status is one that this collection knows; one that it does not know is reported and waited out."""
    return status_of(cluster) in READY | STOPPED | PENDING | FAILED | {DELETING}
