# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The targets of each case, judged by medians. Pure."""

from __future__ import annotations

from typing import Sequence

from summary import Line, Median, Verdict, at_most
from tool_names import OURS, PIPELINE_GUIDE, PIPELINE_OURS, RESUME_NEXT, S3_SYNC, S5CMD

MIB = 2**20
CPU_S_PER_GIB = 1.8
PEAK_MIB = 256
LOG_MIB = 1
"""What the log and the copies of the checkpoints take."""

LINEAR = 0.98
"""The share of variance that a straight line has to explain to be called one."""

MEMORY_NOISE = 1.1
"""Peaks of one size differ by less than this from run to run."""


def judge_large(found: Sequence[Median]) -> list[Verdict]:
    """Judge the case of few large files."""
    ours, peers = _split(found)
    if not peers:
        return [at_most("client CPU per GiB at most 1.8 s", ours.cpu_s_per_gib, CPU_S_PER_GIB, "s")]
    fastest = min(peers, key=lambda each: each.wall_s)
    leanest = min(peers, key=lambda each: each.cpu_s)
    return [
        at_most(f"wall no more than the best peer's ({fastest.tool})", ours.wall_s, fastest.wall_s, "s"),
        at_most("client CPU per GiB at most 1.8 s", ours.cpu_s_per_gib, CPU_S_PER_GIB, "s"),
        at_most(f"client CPU at most half of the best peer's ({leanest.tool})", ours.cpu_s, leanest.cpu_s / 2, "s"),
    ]


def judge_small(found: Sequence[Median]) -> list[Verdict]:
    """Judge the case of many small files."""
    ours, peers = _split(found)
    by_name = {each.tool: each for each in peers}
    others = [each for each in peers if each.tool != S5CMD]
    verdicts = []
    if others:
        fastest = min(others, key=lambda each: each.wall_s)
        verdicts.append(
            at_most(f"ahead of all peers but s5cmd (best: {fastest.tool})", ours.wall_s, fastest.wall_s, "s")
        )
    if S5CMD in by_name:
        verdicts.append(at_most("the goal: not behind s5cmd", ours.wall_s, by_name[S5CMD].wall_s, "s"))
    if S3_SYNC in by_name:
        verdicts.append(at_most("at least 10 times as fast as s3_sync", ours.wall_s, by_name[S3_SYNC].wall_s / 10, "s"))
    return verdicts


def judge_pipeline(found: Sequence[Median]) -> list[Verdict]:
    """Judge the backup that is uploaded while it is made."""
    by_name = {each.tool: each for each in found}
    ours, guide = by_name[PIPELINE_OURS], by_name[PIPELINE_GUIDE]
    return [
        at_most("wall at most 0.6 of the guide's pipeline", ours.wall_s, guide.wall_s * 0.6, "s"),
        at_most("nothing staged on the disk but log and checkpoints", ours.disk_bytes / MIB, LOG_MIB, "MiB"),
        at_most("peak memory at most 256 MiB, tool included", ours.max_rss_kib / 1024, PEAK_MIB, "MiB"),
    ]


def judge_resume(found: Sequence[Median]) -> list[Verdict]:
    """Judge the run after one that was killed when half of the bytes had arrived."""
    after = next(each for each in found if each.tool == RESUME_NEXT)
    share = 100 * after.bytes / after.size
    return [at_most("the next run sends at most 55 % of the bytes", share, 55, "%")]


def judge_growth(found: Sequence[Median], wall: Line, cpu: Line) -> list[Verdict]:
    """Judge how cost and memory grow with the size."""
    ordered = sorted(found, key=lambda each: each.size)
    first, highest = ordered[0].max_rss_kib, max(each.max_rss_kib for each in ordered)
    return [
        Verdict("wall grows linearly", f"R² {wall.r_squared:.4f}", wall.r_squared >= LINEAR),
        Verdict("client CPU grows linearly", f"R² {cpu.r_squared:.4f}", cpu.r_squared >= LINEAR),
        at_most("memory does not grow (10 % is noise)", highest / 1024, first / 1024 * MEMORY_NOISE, "MiB"),
    ]


def _split(found: Sequence[Median]) -> tuple[Median, list[Median]]:
    return next(each for each in found if each.tool == OURS), [each for each in found if each.tool != OURS]
