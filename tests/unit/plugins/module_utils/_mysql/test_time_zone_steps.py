# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Offsets over time as step functions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.time_zone_steps import (
    Steps,
    difference,
    normal_steps,
    offset_in,
)

END = 40
_OFFSETS = st.integers(-2, 2)


@st.composite
def raw_steps(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Steps from 0 on, with doubled times and steps that change nothing."""
    later = draw(st.lists(st.tuples(st.integers(0, END - 1), _OFFSETS), max_size=6))
    return [(0, draw(_OFFSETS)), *sorted(later, key=lambda step: step[0])]


def _values(steps: Steps) -> list[int]:
    return [offset_in(steps, instant) for instant in range(END)]


@given(raw_steps())
def test_the_normal_form_says_the_same_and_nothing_twice(raw: list[tuple[int, int]]) -> None:
    steps = normal_steps(raw)
    assert _values(steps) == [[offset for since, offset in raw if since <= instant][-1] for instant in range(END)]
    assert steps[0][0] == 0 and normal_steps(steps) == steps
    assert all(one[0] < other[0] and one[1] != other[1] for one, other in zip(steps, steps[1:]))


@given(raw_steps(), raw_steps())
def test_equal_exactly_if_equal_at_each_instant(
    one_raw: list[tuple[int, int]], other_raw: list[tuple[int, int]]
) -> None:
    one, other = normal_steps(one_raw), normal_steps(other_raw)
    pairs = list(zip(_values(one), _values(other)))
    differing = [instant for instant, (here, there) in enumerate(pairs) if here != there]
    found = difference(one, other, END)
    assert (one == other) == (found is None) == (not differing)
    if found:
        assert (found.first, (found.one, found.other)) == (differing[0], pairs[differing[0]])
        assert found.seconds == len(differing)
        assert found.area == sum(abs(here - there) for here, there in pairs)
