# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Deletes a restored cluster, and nothing but a restored cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from .beginning import RestoreError, find_patiently
from .clusters import Clusters
from .deletion import await_deletion
from .ownership import Action, decide_removal
from .restore import Outcome
from .waiter import Pace, Surroundings, call_patiently, told_on_break


def plan_removal(
    clusters: Clusters, identifier: str, expected_tags: Mapping[str, str], around: Surroundings
) -> tuple[Action, dict[str, Any] | None]:
    """What is to be done so that the cluster is gone, and the cluster that is there now.

    :param expected_tags: ``ownership.restore_tags`` of the restore; empty where only the cluster's name is given.
    :raises RestoreError: the cluster is not ours, is protected, or has instances.
    """
    with told_on_break("Nothing was changed; run the same task again."):
        cluster = find_patiently(clusters, identifier, around)
    decision = decide_removal(cluster, expected_tags)
    if decision.action is Action.REFUSE:
        raise RestoreError(decision.reason, error_id="restore.not_removable", remedy=decision.remedy)
    return decision.action, cluster


def remove(
    clusters: Clusters,
    identifier: str,
    action: Action,
    cluster: dict[str, Any] | None,
    final_snapshot: str | None,
    pace: Pace | None,
    around: Surroundings,
    on_progress: Callable[[str, str], None],
) -> Outcome:
    """Do what ``plan_removal`` found.

    :param action: what it returned, as ``cluster``.
    :param final_snapshot: the name of the snapshot to leave; ``None`` leaves none.
    :param pace: for waiting until it is gone; ``None`` returns as soon as AWS has taken the call.
    """
    began = around.clock()
    if action is Action.DELETE:
        with told_on_break(f"Whether AWS deletes cluster {identifier} is not known; run the same task again."):
            call_patiently(
                lambda: clusters.delete(identifier, final_snapshot), around, f"AWS to delete cluster {identifier}"
            )
    if action is not Action.UNCHANGED and pace is not None:
        with told_on_break(f"AWS goes on deleting cluster {identifier}; run the same task again to wait for its end."):
            await_deletion(clusters, identifier, pace, around, on_progress)
        cluster = None
    return Outcome(action, cluster, [], around.clock() - began, [])
