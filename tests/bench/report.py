# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables and verdicts as Markdown, and the marked sections of a document that they are written to. Pure."""

from __future__ import annotations

from typing import Mapping, Sequence

from summary import Line, Median, Verdict

GIB = 2**30
MIB = 2**20
GB_100 = 100 * 10**9

Column = tuple[str, Sequence[str]]


def transport_table(found: Sequence[Median], settings: Mapping[str, str]) -> str:
    """Return the table of the tools of one case, the fastest first; *settings* by tool, in words."""
    ordered = _fastest_first(found)
    return table(
        [
            ("tool", [each.tool for each in ordered]),
            ("wall s", [f"{each.wall_s:.2f}" for each in ordered]),
            ("client CPU s", [f"{each.cpu_s:.2f}" for each in ordered]),
            ("CPU s per GiB", [f"{each.cpu_s_per_gib:.2f}" for each in ordered]),
            ("peak memory MiB", [f"{each.max_rss_kib / 1024:.0f}" for each in ordered]),
            *_sent(ordered, settings),
        ]
    )


def pipeline_table(found: Sequence[Median], settings: Mapping[str, str]) -> str:
    """Return the table of the ways from a server to S3, the fastest first; *settings* by way, in words."""
    ordered = _fastest_first(found)
    return table(
        [
            ("way", [each.tool for each in ordered]),
            ("wall s", [f"{each.wall_s:.2f}" for each in ordered]),
            ("CPU s, tool included", [f"{each.cpu_s:.2f}" for each in ordered]),
            ("peak memory MiB", [f"{each.max_rss_kib / 1024:.0f}" for each in ordered]),
            ("staged on disk MiB", [f"{each.disk_bytes / MIB:.1f}" for each in ordered]),
            *_sent(ordered, settings),
        ]
    )


def _fastest_first(found: Sequence[Median]) -> list[Median]:
    return sorted(found, key=lambda each: each.wall_s)


def _sent(ordered: Sequence[Median], settings: Mapping[str, str]) -> list[Column]:
    """The last columns of a table that compares tools: what went to the server, how often, and by what."""
    return [
        ("MiB sent", [f"{each.bytes / MIB:.1f}" for each in ordered]),
        ("requests", [f"{each.requests:.0f}" for each in ordered]),
        ("server CPU s", [f"{each.server_cpu_s:.2f}" for each in ordered]),
        ("runs", [str(each.runs) for each in ordered]),
        ("version", [each.version for each in ordered]),
        ("settings", [settings.get(each.tool, "") for each in ordered]),
    ]


def resume_table(found: Sequence[Median]) -> str:
    """Return the table of a killed run and of the next one, in their order."""
    return table(
        [
            ("run", [each.tool for each in found]),
            ("MiB sent", [f"{each.bytes / MIB:.1f}" for each in found]),
            ("of all bytes", [f"{100 * each.bytes / each.size:.1f} %" for each in found]),
            ("requests", [f"{each.requests:.0f}" for each in found]),
            ("wall s", [f"{each.wall_s:.2f}" for each in found]),
            ("client CPU s", [f"{each.cpu_s:.2f}" for each in found]),
            ("runs", [str(each.runs) for each in found]),
        ]
    )


def growth_table(found: Sequence[Median], wall: Line, cpu: Line) -> str:
    """Return the table of growing sizes with, as its last line, what the straight lines give for 100 GB."""
    ordered = sorted(found, key=lambda each: each.size)
    return table(
        [
            ("size", [f"{each.size / GIB:g} GiB" for each in ordered] + ["100 GB, extrapolated"]),
            ("wall s", [f"{each.wall_s:.2f}" for each in ordered] + [f"{wall.at(GB_100):.0f}"]),
            ("client CPU s", [f"{each.cpu_s:.2f}" for each in ordered] + [f"{cpu.at(GB_100):.0f}"]),
            ("peak memory MiB", [f"{each.max_rss_kib / 1024:.0f}" for each in ordered] + [""]),
            ("requests", [f"{each.requests:.0f}" for each in ordered] + [""]),
            ("runs", [str(each.runs) for each in ordered] + [""]),
        ]
    )


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """Return the table of targets."""
    return table(
        [
            ("target", [each.target for each in verdicts]),
            ("measured", [each.measured for each in verdicts]),
            ("", ["met" if each.met else "**missed**" for each in verdicts]),
        ]
    )


def replace_section(document: str, name: str, text: str) -> str:
    """Return *document* with *text* between the markers of section *name*. Raises ValueError where they are missing."""
    begin, end = f"<!-- bench:{name} begin -->", f"<!-- bench:{name} end -->"
    before, found_begin, rest = document.partition(begin)
    _old, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"the document has no section between '{begin}' and '{end}'")
    return f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}"


def table(columns: Sequence[Column]) -> str:
    """Return a table, column by column."""
    titles = [title for title, _cells in columns]
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(cells) + " |" for cells in zip(*(cells for _title, cells in columns))]
    return "\n".join(lines) + "\n"
