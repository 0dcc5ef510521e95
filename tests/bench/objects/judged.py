# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables and the targets of the measurement of accounts and routines. Pure."""

from __future__ import annotations

from typing import Sequence

from report import table, verdict_table
from summary import Verdict, at_most

from .object_rows import Median

PT_SHOW_GRANTS = "pt-show-grants, piped into mysql"
MYSQL_USER = "community.mysql.mysql_user, a loop"
BARE = "bare statements, 250 in a round trip"
FAR = ", 30 ms away"
AGAIN = ", again"
READ_SECONDS, AGAIN_SECONDS = 3.0, 5.0
PEAK_MIB = 300
MANY = 5000
OF_BARE, OF_NEAR = 1.2, 2.0


def section(found: Sequence[Median], reader: str, writer: str) -> str:
    """Return what the document says of a case: the table and the targets.

    :param reader: the module that reads; :param writer: the module that applies.
    """
    return f"{_measured(found)}\n{verdict_table(judge(found, reader, writer))}"


def judge(found: Sequence[Median], reader: str, writer: str) -> list[Verdict]:
    """Judge the medians of a case; what was not measured is not judged."""
    by_tool = {each.tool: each for each in found}
    verdicts = []
    if reader in by_tool:
        verdicts.append(at_most("read in at most 3 s", by_tool[reader].wall_s, READ_SECONDS, "s"))
    for peer in (PT_SHOW_GRANTS, MYSQL_USER):
        if peer in by_tool:
            both = by_tool[reader].wall_s + by_tool[writer].wall_s
            verdicts.append(at_most(f"read and applied before {peer}", both, by_tool[peer].wall_s, "s"))
    # A few hundred accounts are made in less time than a module takes to start.
    if BARE in by_tool and by_tool[BARE].count >= MANY:
        limit = by_tool[BARE].wall_s * OF_BARE
        verdicts.append(at_most("applied in at most 1.2 times the bare statements", by_tool[writer].wall_s, limit, "s"))
    if writer + AGAIN in by_tool:
        again = by_tool[writer + AGAIN].wall_s
        verdicts.append(at_most("a second run, with nothing to do, at most 5 s", again, AGAIN_SECONDS, "s"))
    for tool in (reader, writer, writer + AGAIN):
        if tool + FAR in by_tool:
            limit = by_tool[tool].wall_s * OF_NEAR
            verdicts.append(at_most(f"{tool}: 30 ms away at most twice", by_tool[tool + FAR].wall_s, limit, "s"))
    ours = [each.max_rss_kib / 1024 for each in found if each.tool.startswith((reader, writer))]
    verdicts.append(at_most("peak memory at most 300 MiB", max(ours), PEAK_MIB, "MiB"))
    return verdicts


def _measured(found: Sequence[Median]) -> str:
    return table(
        [
            ("tool", [each.tool for each in found]),
            ("wall s", [f"{each.wall_s:.2f}" for each in found]),
            ("client CPU s", [f"{each.cpu_s:.2f}" for each in found]),
            ("peak memory MiB", [f"{each.max_rss_kib / 1024:.0f}" for each in found]),
            ("statements", [f"{each.statements:.0f}" for each in found]),
            ("carried", [str(each.count) for each in found]),
            ("what arrived", [each.arrived for each in found]),
            ("runs", [str(each.runs) for each in found]),
            ("version", [each.version for each in found]),
        ]
    )
