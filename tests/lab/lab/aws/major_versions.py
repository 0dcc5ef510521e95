# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long Aurora's stand-in supports its major versions, in the shapes of DescribeDBMajorEngineVersions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

_YEAR = timedelta(days=365)
# "Release calendar for Aurora MySQL major versions": of the one whose standard support is over.
_OVER = {"5.7": datetime(2024, 10, 31, tzinfo=timezone.utc)}


def major_versions(communities: Iterable[str], params: Any, days: float) -> list[dict[str, Any]]:
    """The major versions that are asked for.

    :param communities: the versions of MySQL that the offered engine versions are compatible with.
    :param params: of the call.
    :param days: until the standard support of those ends that are in it. A day of the calendar would come near.
    """
    if params.get("Engine") not in (None, "aurora-mysql"):
        return []
    offered = sorted({".".join(community.split(".")[:2]) for community in communities})
    in_time = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return [
        {"Engine": "aurora-mysql", "MajorEngineVersion": major, "SupportedEngineLifecycles": _lifecycles(ends)}
        for major in offered
        if params.get("MajorEngineVersion") in (None, major)
        for ends in (_OVER.get(major, in_time),)
    ]


def _lifecycles(ends: datetime) -> list[dict[str, Any]]:
    return [
        {
            "LifecycleSupportName": f"open-source-rds-{name}-support",
            "LifecycleSupportStartDate": begin,
            "LifecycleSupportEndDate": end,
        }
        for name, begin, end in (
            ("standard", ends - 6 * _YEAR, ends),
            ("extended", ends + timedelta(days=1), ends + 3 * _YEAR),
        )
    ]
