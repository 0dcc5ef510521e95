# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Whose a cluster is: the tags that mark it as a restore's own, and what follows from them.

Pure. The form of tags is that of the RDS user guide's "Tagging Amazon RDS resources".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from .._aws.tags import tags_of
from .status import is_deleting, is_failed, is_migration_failed, is_ready, is_stopped, status_of

TAG_MIGRATION_ID = "dbferry:migration-id"
TAG_SOURCE = "dbferry:source"
TAG_BACKUP_ID = "dbferry:backup-id"
TAG_FINGERPRINT = "dbferry:fingerprint"
OWN_TAGS = (TAG_MIGRATION_ID, TAG_SOURCE, TAG_BACKUP_ID, TAG_FINGERPRINT)

_TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}\Z")


class Action(Enum):
    """What is to be done about the cluster that has the name, or the lack of one."""

    CREATE = "create"
    WAIT = "wait"
    UNCHANGED = "unchanged"
    REFUSE = "refuse"
    REPLACE = "replace"
    RECREATE = "recreate"
    DELETE = "delete"
    AWAIT_DELETION = "await_deletion"


class Decision(NamedTuple):
    """An action, and for ``REFUSE`` why and what to do."""

    action: Action
    reason: str = ""
    remedy: str = ""
    foreign: bool = False
    """Whether the cluster is not this migration's: what it went through says nothing about this restore."""


def restore_tags(
    bucket: str | None,
    prefix: str | None,
    migration_id: str | None,
    backup_id: str | None,
    fingerprint: str | None,
) -> dict[str, str]:
    """The tags that mark a cluster as this restore's; what is not given has no tag."""
    tags = {
        TAG_MIGRATION_ID: migration_id,
        TAG_SOURCE: f"s3://{bucket}/{prefix or ''}" if bucket else None,
        TAG_BACKUP_ID: backup_id,
        TAG_FINGERPRINT: fingerprint,
    }
    return {key: _tag_value(value) for key, value in tags.items() if value}


def cluster_tags(cluster: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a described cluster."""
    return tags_of(cluster.get("TagList"))


def decide(cluster: Mapping[str, Any] | None, expected: Mapping[str, str], replace_failed: bool) -> Decision:
    """What to do so that a cluster restored from this backup stands under the name.

    :param cluster: the cluster that has the name, as DescribeDBClusters shows it; ``None`` where none has.
    :param expected: ``restore_tags`` of this restore.
    :param replace_failed: whether a cluster of this migration whose restore failed may be deleted.
    """
    if cluster is None:
        return Decision(Action.CREATE)
    name = str(cluster.get("DBClusterIdentifier"))
    status = status_of(cluster)
    actual = cluster_tags(cluster)
    if not _same_migration(actual, expected):
        return Decision(
            Action.REFUSE,
            f"A cluster named {name} (status {status}) is there already, and it was not made by this migration: "
            f"{_differences(actual, expected)}.",
            "Choose another cluster identifier; nothing was changed.",
            foreign=True,
        )
    if is_deleting(cluster):
        return Decision(Action.RECREATE)
    if is_failed(cluster) and not is_migration_failed(cluster):
        return Decision(
            Action.REFUSE,
            f"Cluster {name} of this migration is {status}.",
            "It may hold data, so replace_failed does not delete it: bring it back to available (its events tell more; "
            "inaccessible-encryption-credentials is about its KMS key), or delete it yourself. Nothing was changed.",
        )
    if is_failed(cluster):
        if replace_failed and cluster.get("DeletionProtection"):
            return Decision(
                Action.REFUSE,
                f"Cluster {name} of this migration is {status}, and it is protected against deletion.",
                "Switch its deletion protection off, then run again; nothing was changed.",
            )
        if replace_failed:
            return Decision(Action.REPLACE)
        return Decision(
            Action.REFUSE,
            f"Cluster {name} of this migration is {status}: an earlier restore failed.",
            "Mend the cause, then run again with replace_failed: true, which deletes the failed cluster first.",
        )
    if _differences(actual, expected):
        return Decision(
            Action.REFUSE,
            f"Cluster {name} (status {status}) was restored by this migration from another backup: "
            f"{_differences(actual, expected)}.",
            "Delete that cluster if it is no longer wanted, or choose another cluster identifier; nothing was changed.",
        )
    if is_ready(cluster) or is_stopped(cluster):
        return Decision(Action.UNCHANGED)
    return Decision(Action.WAIT)


def decide_removal(cluster: Mapping[str, Any] | None, expected: Mapping[str, str]) -> Decision:
    """What to do so that no cluster of this restore is left under the name.

    :param expected: ``restore_tags`` of this restore; empty where the caller named only the cluster.
    :returns: ``UNCHANGED``, ``AWAIT_DELETION``, ``DELETE`` or ``REFUSE``.
    """
    if cluster is None:
        return Decision(Action.UNCHANGED)
    name = str(cluster.get("DBClusterIdentifier"))
    actual = cluster_tags(cluster)
    if not any(key in actual for key in OWN_TAGS) or _differences(actual, expected):
        return Decision(
            Action.REFUSE,
            f"Cluster {name} is not a restore of this collection, or not the one that the options describe"
            f"{': ' + _differences(actual, expected) if expected else ''}.",
            "Delete it with amazon.aws.rds_cluster if it is really to go; nothing was changed.",
        )
    if is_deleting(cluster):
        return Decision(Action.AWAIT_DELETION)
    if cluster.get("DeletionProtection"):
        return Decision(
            Action.REFUSE,
            f"Cluster {name} is protected against deletion.",
            "Switch its deletion protection off first; nothing was changed.",
        )
    members = [str(member.get("DBInstanceIdentifier")) for member in cluster.get("DBClusterMembers") or ()]
    if members:
        return Decision(
            Action.REFUSE,
            f"Cluster {name} still has instances, and AWS deletes only an empty cluster: {', '.join(sorted(members))}.",
            "Delete the instances with amazon.aws.rds_instance first; nothing was changed.",
        )
    return Decision(Action.DELETE)


def _same_migration(actual: Mapping[str, str], expected: Mapping[str, str]) -> bool:
    # Without a migration id the place of the backup is all that tells whose a cluster is.
    key = TAG_MIGRATION_ID if TAG_MIGRATION_ID in expected else TAG_SOURCE
    return key in expected and actual.get(key) == expected[key]


def _differences(actual: Mapping[str, str], expected: Mapping[str, str]) -> str:
    return ", ".join(
        f"tag {key} is {actual[key]!r} and not {value!r}" if key in actual else f"tag {key} is missing"
        for key, value in sorted(expected.items())
        if actual.get(key) != value
    )


def _tag_value(value: str) -> str:
    # RDS takes 256 characters of a small alphabet; a longer or stranger value is told apart by its digest.
    if _TAG_VALUE.match(value):
        return value
    return f"sha256:{hashlib.sha256(value.encode('utf-8')).hexdigest()}"
