# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of the measurement of accounts and routines."""

from __future__ import annotations

from dataclasses import replace

from objects import judged
from objects.object_rows import Row, medians

ROW = Row("accounts", "mysql_accounts", "1", 1, 40.0, 9.0, 100 * 1024, 50_000, 10_200, "all", 1.0)


def rows(**walls: float) -> list[Row]:
    names = {
        "read": "mysql_accounts_info",
        "write": "mysql_accounts",
        "again": "mysql_accounts" + judged.AGAIN,
        "far": "mysql_accounts" + judged.FAR,
        "bare": judged.BARE,
        "pt": judged.PT_SHOW_GRANTS,
    }
    return [replace(ROW, tool=names[name], wall_s=wall) for name, wall in walls.items()]


def verdicts(found: list[Row]) -> dict[str, bool]:
    judgement = judged.judge(medians(found), "mysql_accounts_info", "mysql_accounts")
    return {each.target: each.met for each in judgement}


def test_medians_are_of_each_tool() -> None:
    found = medians([replace(ROW, run=run, wall_s=wall) for run, wall in ((1, 5.0), (2, 1.0), (3, 3.0))])
    assert [(each.tool, each.runs, each.wall_s) for each in found] == [("mysql_accounts", 3, 3.0)]


def test_targets_are_met_and_missed() -> None:
    met = verdicts(rows(read=2.0, write=40.0, again=4.0, far=79.0, bare=35.0, pt=90.0))
    assert len(met) == 6 and all(met.values())
    missed = verdicts(rows(read=3.1, write=40.0, again=5.1, far=81.0, bare=33.0, pt=43.0))
    assert len(missed) == 6 and [target for target, is_met in missed.items() if is_met] == [
        "peak memory at most 300 MiB"
    ]


def test_few_accounts_are_not_held_against_bare_statements() -> None:
    few = [replace(row, count=500) for row in rows(read=0.8, write=1.4, again=0.7, bare=0.6)]
    assert not any("bare" in target for target in verdicts(few))
