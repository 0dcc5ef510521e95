# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Waits for a cluster to go away."""

from __future__ import annotations

from typing import Callable

from . import status
from .clusters import Clusters
from .waiter import Pace, Surroundings, wait_for


def await_deletion(
    clusters: Clusters,
    identifier: str,
    pace: Pace,
    around: Surroundings,
    on_progress: Callable[[str, str], None],
) -> None:
    """Wait until no cluster has the name any more.

    :raises WaitTimeoutError: it is still there after ``pace.timeout`` seconds.
    :raises WaitInterruptedError: a stop was asked for; the deletion goes on.
    """

    def look() -> bool | None:
        cluster = clusters.find(identifier)
        if cluster is None:
            return True
        on_progress(status.status_of(cluster), "")
        return None

    wait_for(look, pace, around, f"cluster {identifier} to be deleted")
