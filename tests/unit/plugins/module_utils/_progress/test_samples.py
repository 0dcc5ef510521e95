# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The samples of a module's course."""

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.samples import LIMIT, Samples


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def sampled(steps):
    """The points of a course of *steps*, each of which takes so many seconds and moves a byte."""
    clock = Clock()
    samples = Samples(clock)
    for done, seconds in enumerate(steps, 1):
        clock.now += seconds
        samples.add("uploading", done)
    return samples.points()


def test_nothing_done_is_no_sample():
    assert Samples().points() == []


def test_a_short_course_is_told_step_by_step():
    assert sampled([1, 1, 1]) == [
        {"at": 1.0, "phase": "uploading", "done": 1},
        {"at": 2.0, "phase": "uploading", "done": 2},
        {"at": 3.0, "phase": "uploading", "done": 3},
    ]


def test_one_phase_can_be_asked_for():
    samples = Samples(Clock())
    samples.add("comparing", 7)
    samples.add("uploading", 1)
    assert [each["done"] for each in samples.points("uploading")] == [1]


def test_many_steps_in_a_moment_are_the_first_and_the_last():
    assert [each["done"] for each in sampled([0.0001] * 1000)] == [1, 1000]


def test_a_long_course_is_told_evenly():
    points = sampled([0.25] * 100_000)
    gaps = [second["at"] - first["at"] for first, second in zip(points, points[1:-1])]
    assert LIMIT / 2 <= len(points) <= LIMIT
    assert max(gaps) == min(gaps)
    assert points[-1]["done"] == 100_000


def test_a_short_phase_of_a_long_course_is_not_lost():
    clock = Clock()
    samples = Samples(clock)
    for done in range(10_000):
        clock.now += 1
        samples.add("preparing" if done == 4321 else "migrating", done)
    points = samples.points()
    assert len(points) <= LIMIT
    assert [each["done"] for each in points if each["phase"] == "preparing"] == [4321]


@given(st.lists(st.floats(min_value=0, max_value=500), min_size=1, max_size=600))
def test_there_are_never_too_many_and_the_ends_are_there(steps):
    points = sampled(steps)
    assert len(points) <= LIMIT
    assert points[0]["done"] == 1
    assert points[-1]["done"] == len(steps)
    assert [each["at"] for each in points] == sorted(each["at"] for each in points)
