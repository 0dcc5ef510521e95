# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure uploads to S3 side by side: ``make bench``, or ``make bench CASES='large small' RUNS=1 SCALE=0.05``.

Every row goes to build/bench/transport.json; the tables of cases that were measured in full go to docs/performance.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Callable, Iterable, Mapping, Sequence

import cases
import targets
from cases import Bench
from machine import this_machine
from measure import BenchError
from modules import Modules
from pipeline import SETTINGS, pipeline
from places import BUILD, COLLECTIONS, DOCUMENT, PYTHON, ROWS
from report import growth_table, pipeline_table, replace_section, resume_table, transport_table, verdict_table
from rows import Row, read_rows, write_rows
from server import s3_server
from summary import Median, fit, medians
from tools import LARGE, SMALL, Tool, all_tools

RUNS = 5
LIMIT_SECONDS = 150.0
"""What a slow tool may take of a case, so that the whole run takes less than half an hour."""


@dataclass(frozen=True)
class Case:
    """A case: how it is measured, and what is said of its medians."""

    measure: Callable[[Bench, list[Tool]], Iterable[Row]]
    section: Callable[[Sequence[Median]], str]


def main() -> int:
    """Measure, print tables and write them; return 0 when all was measured, whether or not the targets are met."""
    parser = argparse.ArgumentParser(prog="tests/bench", description=__doc__)
    parser.add_argument("--cases", nargs="+", default=[], metavar="CASE", help="large, small, pipeline, resume, growth")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each tool in a case")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies all sizes; less than 1 is a trial")
    parser.add_argument(
        "--tools", nargs="+", metavar="TOOL", help="of the peers only those whose name has one of these"
    )
    parser.add_argument(
        "--limit",
        type=float,
        default=LIMIT_SECONDS,
        help="a tool gets no further run in a case once its runs there took so many seconds",
    )
    arguments = parser.parse_args()
    try:
        return _run(arguments, parser)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1


def _run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    machine, started = this_machine().described(), time.monotonic()
    modules = Modules(COLLECTIONS, PYTHON)
    tools = all_tools(modules)
    known = _cases(tools, modules)
    if unknown := set(arguments.cases) - set(known):
        parser.error(f"there is no case {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if arguments.tools:
        tools = tools[:1] + [each for each in tools[1:] if any(part in each.name for part in arguments.tools)]
    whole = arguments.scale == 1 and arguments.runs >= RUNS and not arguments.tools
    print(machine, flush=True)
    with s3_server(BUILD) as server:
        bench = Bench(server, BUILD, arguments.runs, arguments.scale, arguments.limit)
        cases.warm_up(bench, tools)
        for name in arguments.cases or known:
            rows = list(known[name].measure(bench, tools))
            write_rows(ROWS, [*(row for row in read_rows(ROWS) if row.case != name), *rows])
            section = f"{machine}\n\n{known[name].section(medians(rows))}"
            print(f"\n{name}: {section}", flush=True)
            if whole:
                text = replace_section(DOCUMENT.read_text(encoding="utf-8"), name, section)
                DOCUMENT.write_text(text, encoding="utf-8")
    print(f"rows: {ROWS}; tables: {DOCUMENT if whole else 'none written, this was a trial'}")
    print(f"{time.monotonic() - started:.0f} s in all")
    return 0


def _cases(tools: Sequence[Tool], modules: Modules) -> dict[str, Case]:
    def settings(kind: str) -> Mapping[str, str]:
        return {tool.name: tool.settings[kind] for tool in tools}

    def growth_section(found: Sequence[Median]) -> str:
        wall, cpu = (fit([(each.size, cost) for each, cost in zip(found, costs)]) for costs in _costs(found))
        return f"{growth_table(found, wall, cpu)}\n{verdict_table(targets.judge_growth(found, wall, cpu))}"

    return {
        "large": Case(
            cases.large,
            lambda found: f"{transport_table(found, settings(LARGE))}\n{verdict_table(targets.judge_large(found))}",
        ),
        "small": Case(
            cases.small,
            lambda found: f"{transport_table(found, settings(SMALL))}\n{verdict_table(targets.judge_small(found))}",
        ),
        "pipeline": Case(
            lambda bench, _tools: pipeline(bench, modules),
            lambda found: f"{pipeline_table(found, SETTINGS)}\n{verdict_table(targets.judge_pipeline(found))}",
        ),
        "resume": Case(
            cases.resume,
            lambda found: f"{resume_table(found)}\n{verdict_table(targets.judge_resume(found))}",
        ),
        "growth": Case(cases.growth, growth_section),
    }


def _costs(found: Sequence[Median]) -> tuple[list[float], list[float]]:
    return [each.wall_s for each in found], [each.cpu_s for each in found]


if __name__ == "__main__":
    sys.exit(main())
