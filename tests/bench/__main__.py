# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure side by side: ``make bench``, or ``make bench CASES='large small' RUNS=1 SCALE=0.05``.

Rows of uploads go to build/bench/transport.json, rows of accounts and routines to build/bench/objects.json, rows of the
assessment to build/bench/assess.json; the tables of cases that were measured in full go to docs/performance.md.
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
from objects import assessment, judged, object_rows
from objects.cases import ACCOUNT_MODULES, ROUTINE_MODULES, ObjectsBench
from objects.object_rows import Row as ObjectRow
from pipeline import SETTINGS, pipeline
from places import ASSESS_ROWS, BUILD, COLLECTIONS, DOCUMENT, OBJECT_ROWS, PYTHON, ROWS
from report import growth_table, pipeline_table, replace_section, resume_table, transport_table, verdict_table
from rows import Row, read_rows, write_rows
from server import s3_server
from summary import Median, fit, medians
from tools import LARGE, SMALL, Tool, all_tools

UPLOADS = ("large", "small", "pipeline", "resume", "growth")
OBJECTS = {
    "accounts": (ObjectsBench.accounts, ACCOUNT_MODULES),
    "accounts-500": (ObjectsBench.looped, ACCOUNT_MODULES),
    "routines": (ObjectsBench.routines, ROUTINE_MODULES),
}
ASSESS = ("assess",)
RUNS = 5
OBJECT_RUNS = 3
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
    names = [*UPLOADS, *OBJECTS, *ASSESS]
    parser.add_argument("--cases", nargs="+", default=names, choices=names, metavar="CASE", help=", ".join(names))
    parser.add_argument("--runs", type=int, help=f"runs of each tool in a case, of uploads {RUNS}, else {OBJECT_RUNS}")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies all sizes; less than 1 is a trial")
    parser.add_argument(
        "--tools", nargs="+", metavar="TOOL", help="of the peers of uploads only those whose name has one of these"
    )
    parser.add_argument(
        "--limit",
        type=float,
        default=LIMIT_SECONDS,
        help="a peer gets no further run in a case once its runs there took so many seconds",
    )
    arguments = parser.parse_args()
    machine, started, modules = this_machine().described(), time.monotonic(), Modules(COLLECTIONS, PYTHON)
    print(machine, flush=True)
    try:
        for measure, known in ((_uploads, UPLOADS), (_objects, OBJECTS), (_assess, ASSESS)):
            chosen = [name for name in arguments.cases if name in known]
            if chosen:
                measure(chosen, arguments, machine, modules)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"{time.monotonic() - started:.0f} s in all")
    return 0


def _uploads(names: Sequence[str], arguments: argparse.Namespace, machine: str, modules: Modules) -> None:
    runs, tools = arguments.runs or RUNS, all_tools(modules)
    known = _upload_cases(tools, modules)
    if arguments.tools:
        tools = tools[:1] + [each for each in tools[1:] if any(part in each.name for part in arguments.tools)]
    whole = arguments.scale == 1 and runs >= RUNS and not arguments.tools
    with s3_server(BUILD) as server:
        bench = Bench(server, BUILD, runs, arguments.scale, arguments.limit)
        cases.warm_up(bench, tools)
        for name in names:
            rows = list(known[name].measure(bench, tools))
            write_rows(ROWS, [*(row for row in read_rows(ROWS, Row) if row.case != name), *rows])
            _tell(name, f"{machine}\n\n{known[name].section(medians(rows))}", whole)
    print(f"rows: {ROWS}; tables: {DOCUMENT if whole else 'none written, this was a trial'}")


def _objects(names: Sequence[str], arguments: argparse.Namespace, machine: str, modules: Modules) -> None:
    runs = arguments.runs or OBJECT_RUNS
    whole = arguments.scale == 1 and runs >= OBJECT_RUNS
    bench = ObjectsBench(modules, BUILD, runs, arguments.scale, arguments.limit)
    for name in names:
        measure, modules_of = OBJECTS[name]
        rows = measure(bench)
        others = (row for row in read_rows(OBJECT_ROWS, ObjectRow) if row.case != name)
        write_rows(OBJECT_ROWS, [*others, *rows])
        text = judged.section(object_rows.medians(rows), modules_of.reader, modules_of.writer)
        _tell(name, f"{machine}\n\n{text}", whole)
    print(f"rows: {OBJECT_ROWS}; tables: {DOCUMENT if whole else 'none written, this was a trial'}")


def _assess(names: Sequence[str], arguments: argparse.Namespace, machine: str, modules: Modules) -> None:
    runs = arguments.runs or OBJECT_RUNS
    whole = arguments.scale == 1 and runs >= OBJECT_RUNS
    for name in names:
        rows = assessment.assess(modules, BUILD, runs, arguments.scale)
        write_rows(ASSESS_ROWS, rows)
        _tell(name, f"{machine}\n\n{assessment.section(object_rows.medians(rows))}", whole)
    print(f"rows: {ASSESS_ROWS}; tables: {DOCUMENT if whole else 'none written, this was a trial'}")


def _tell(name: str, section: str, whole: bool) -> None:
    print(f"\n{name}: {section}", flush=True)
    if whole:
        text = replace_section(DOCUMENT.read_text(encoding="utf-8"), name, section)
        DOCUMENT.write_text(text, encoding="utf-8")


def _upload_cases(tools: Sequence[Tool], modules: Modules) -> dict[str, Case]:
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
