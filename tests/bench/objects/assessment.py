# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The case that assesses a server of 100,000 tables: how long it takes, how much memory, how many statements."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Iterator, NamedTuple, Sequence

from measure import BenchError, Command, measure
from modules import Modules
from places import BIN
from report import table, verdict_table
from summary import Verdict, at_most
from tools import own_version

from .object_rows import Median, Row
from .servers import MARIADB, VERSION, Server, server

MODULE = "mysql_assessment_info"
TABLES = 100_000
_A_SCHEMA = 1000
SECONDS, PEAK_MIB = 10.0, 200
# What makes a server quick to fill, and nothing that it is asked about slower or faster.
_HASTY = ("--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-buffer-pool-size=1G")


class Source(NamedTuple):
    """A kind of server that is assessed."""

    name: str
    version: str


SOURCES = (Source("MySQL 9.7", VERSION), Source("MariaDB 10.11", MARIADB))


def assess(modules: Modules, home: Path, runs: int, scale: float) -> list[Row]:
    """Assess a server of each kind with 100,000 tables, without AWS."""
    count = max(1, round(TABLES * scale))
    rows: list[Row] = []
    scratch = home / "assess"
    for source in SOURCES:
        print(f"assess: making {count} tables on a {source.name}", flush=True)
        with server(list(_tables(count)), source.version, _HASTY) as filled:
            for run in range(1, runs + 1):
                rows.append(_measured(modules, scratch, filled, source, run, count, scale))
    return rows


def section(found: Sequence[Median]) -> str:
    """What the document says of the case: the table and the targets."""
    told = table(
        [
            ("source", [each.tool for each in found]),
            ("tables", [str(each.count) for each in found]),
            ("wall s", [f"{each.wall_s:.2f}" for each in found]),
            ("client CPU s", [f"{each.cpu_s:.2f}" for each in found]),
            ("peak memory MiB", [f"{each.max_rss_kib / 1024:.0f}" for each in found]),
            ("statements", [f"{each.statements:.0f}" for each in found]),
            ("runs", [str(each.runs) for each in found]),
            ("version", [each.version for each in found]),
        ]
    )
    return f"{told}\n{verdict_table(judge(found))}"


def judge(found: Sequence[Median]) -> list[Verdict]:
    """Judge the medians."""
    verdicts = [at_most(f"{each.tool}: at most 10 s", each.wall_s, SECONDS, "s") for each in found]
    peak = max(each.max_rss_kib / 1024 for each in found)
    return [*verdicts, at_most("peak memory at most 200 MiB", peak, PEAK_MIB, "MiB")]


def _tables(count: int) -> Iterator[str]:
    for number in range(count):
        if number % _A_SCHEMA == 0:
            yield f"CREATE DATABASE app{number // _A_SCHEMA}"
        yield f"CREATE TABLE app{number // _A_SCHEMA}.t{number % _A_SCHEMA} (id INT PRIMARY KEY, name VARCHAR(50))"


def _measured(
    modules: Modules, scratch: Path, filled: Server, source: Source, run: int, count: int, scale: float
) -> Row:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=stat.S_IRWXU)
    options = {**filled.module_login(), "aws": False, "allow_mariadb": True}
    program = modules.build(f"dbferry.aurora_mysql.{MODULE}", options, scratch / MODULE)
    before = filled.statements()
    result = measure(Command([BIN / "python", program], {}), scratch / "log")
    statements = filled.statements() - before
    if result.status:
        raise BenchError(f"{MODULE} ended with status {result.status}:\n{result.output}")
    told = json.loads((scratch / "log").read_text(encoding="utf-8").splitlines()[-1])["assessment"]
    if told["source"]["tables"] != count:
        raise BenchError(f"{MODULE} saw {told['source']['tables']} of {count} tables")
    print(f"  {source.name}, run {run}: {result.wall_s:.2f} s, {result.max_rss_kib / 1024:.0f} MiB", flush=True)
    return Row(
        case="assess",
        tool=source.name,
        version=own_version(),
        run=run,
        wall_s=round(result.wall_s, 4),
        cpu_s=round(result.cpu_s, 4),
        max_rss_kib=result.max_rss_kib,
        statements=statements,
        count=count,
        arrived="",
        scale=scale,
    )
