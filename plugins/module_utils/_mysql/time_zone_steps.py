# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Offsets from UTC over time, as step functions in a normal form: two are equal exactly if they are at each instant."""

from __future__ import annotations

import bisect
import dataclasses
from typing import Iterable

Steps = tuple[tuple[int, int], ...]
"""Pairs of a Unix time and the offset (seconds east of UTC) from then on. Times ascend, neighbouring offsets differ.

The first time is the start of the span that is looked at; the span's end is not part of it.
"""


@dataclasses.dataclass(frozen=True)
class Difference:
    """How two step functions differ before a common end.

    :ivar first: the first Unix time at which they do; :ivar one, other: the offsets then, in seconds.
    :ivar seconds: how long they differ, in all.
    :ivar area: the sum over all seconds of how many seconds they are apart.
    """

    first: int
    one: int
    other: int
    seconds: int
    area: int


def normal_steps(steps: Iterable[tuple[int, int]]) -> Steps:
    """The normal form: without steps that change nothing. Of several at one time the last counts.

    :param steps: at least one, times ascending.
    """
    found: list[tuple[int, int]] = []
    for instant, offset in steps:
        if found and found[-1][0] == instant:
            found.pop()
        if not found or found[-1][1] != offset:
            found.append((instant, offset))
    return tuple(found)


def offset_in(steps: Steps, instant: int) -> int:
    """The offset at a Unix time that is not before the first step."""
    # No offset is as large as a time: the pair sorts after a step at this very instant.
    return steps[bisect.bisect_right(steps, (instant, 1 << 62)) - 1][1]


def difference(one: Steps, other: Steps, end: int) -> Difference | None:
    """Where two step functions with the same start differ, looked at between all steps of both; None where nowhere.

    :param end: the Unix time before which they are compared, after the last step of both.
    """
    if one == other:
        return None
    instants = sorted({instant for instant, _offset in (*one, *other)})
    first: tuple[int, int, int] | None = None
    seconds = area = 0
    for instant, until in zip(instants, [*instants[1:], end]):
        offsets = offset_in(one, instant), offset_in(other, instant)
        if offsets[0] != offsets[1]:
            first = first or (instant, *offsets)
            seconds += until - instant
            area += (until - instant) * abs(offsets[0] - offsets[1])
    return Difference(*first, seconds, area) if first else None
