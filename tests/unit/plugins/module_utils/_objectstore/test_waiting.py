# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the line of progress says that S3 takes nothing."""

from __future__ import annotations

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.waiting import Waiting


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_stall_begins_with_the_last_thing_that_s3_took() -> None:
    clock = Clock()
    waiting = Waiting(clock)
    clock.now = 100
    waiting.began()
    clock.now = 105
    waiting.began()
    assert waiting.words(0) == ""
    clock.now = 112
    assert waiting.words(0) == "S3 has taken nothing for 12 s"
    assert waiting.words(3) == "S3 has taken nothing for 12 s, 3 retries"
    waiting.ended()
    assert waiting.words(3) == "3 retries"
    clock.now = 200
    assert waiting.words(0) == "S3 has taken nothing for 1 min 28 s"


def test_who_sends_nothing_waits_for_nothing() -> None:
    clock = Clock()
    waiting = Waiting(clock)
    waiting.began()
    waiting.ended()
    clock.now = 1000
    assert waiting.words(0) == ""
    waiting.began()
    clock.now = 1009
    assert waiting.words(0) == ""
