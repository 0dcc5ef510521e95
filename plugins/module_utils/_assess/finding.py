# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""A finding: a check that fired, and how the user wants it to be taken. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from .model import BOTH, Check, Seen


def concerns(way: str, ways: Collection[str]) -> bool:
    """Whether what stands in some ways is about the verdict's; where none is open, all is.

    :param way: the verdict's.
    """
    return way in ways or way not in BOTH


class Finding(NamedTuple):
    """A check and what it saw."""

    check: Check
    seen: Seen
    ignored: str = ""
    """The user's reason to pass over it; "" where it counts."""

    @property
    def severity(self) -> str:
        """What it weighs in this case."""
        return self.seen.severity or self.check.severity

    def document(self, way: str) -> dict[str, Any]:
        """The finding as it stands in the record and in reports.

        :param way: the verdict's.
        """
        return {
            "id": self.check.id,
            "area": self.check.area,
            "severity": self.severity,
            "title": self.check.title,
            "seen": self.seen.text,
            "count": self.seen.objects.count,
            "objects": list(self.seen.objects.names),
            "why": self.check.why,
            "remedy": self.seen.remedy or self.check.remedy,
            "statement": self.seen.statement,
            "link": self.check.link,
            "ways": list(self.check.ways),
            "concerns": concerns(way, self.check.ways),
            "ignored": self.ignored,
        }
