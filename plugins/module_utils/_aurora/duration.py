# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""How long a restore took that another run began.

Pure. RDS tells when a cluster was made and not when it became available; its events do. Categories and wording are
those of the Aurora user guide's "Amazon RDS event categories and event messages for Aurora".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .events import EVENT_DATE, Event
from .status import is_restoring

# What happens to a cluster that is in use.
_LATER = frozenset(("configuration change", "failover", "maintenance"))
# RDS-EVENT-0150 to 0153, whose category a restore's events have, too.
_STOPPED_OR_STARTED = re.compile(r"DB cluster (?:stopped|started|stop failed|is being started)", re.IGNORECASE)


def seconds_since_made(found: Mapping[str, Any], events: Iterable[Event], now: datetime) -> float | None:
    """Seconds from a cluster's making to the end of its restore; ``None`` where nothing tells them.

    :param found: the cluster as it was when this run found it.
    :param events: its events since it was made.
    :param now: when it is available, where it was still being restored.
    """
    made = found.get("ClusterCreateTime")
    ended = now if is_restoring(found) else _last_of_restore(events, now)
    return None if made is None or ended is None else max(0.0, (ended - made).total_seconds())


def _last_of_restore(events: Iterable[Event], now: datetime) -> datetime | None:
    dates = [
        event.date
        for event in events
        if event.date and not _LATER & set(event.categories) and not _STOPPED_OR_STARTED.search(event.message)
    ]
    return datetime.strptime(max(dates), EVENT_DATE).replace(tzinfo=now.tzinfo) if dates else None
