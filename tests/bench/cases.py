# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases that send trees: few large files, many small ones, growing sizes, and going on after a kill."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, Optional

import data
from measure import BenchError, Command, Measured, measure
from rows import Row
from server import S3Server
from tool_names import RESUME_KILLED, RESUME_NEXT
from tools import LARGE, PREFIX, SMALL, Job, Tool

GROWTH_GIB = (1, 2, 4, 8)


@dataclass(frozen=True)
class Bench:
    """What every case works with.

    :ivar home: the directory for data, logs and scratch.
    :ivar runs: of each tool.
    :ivar scale: of all sizes.
    :ivar limit: no further run of a tool in a case begins once its runs have taken so many seconds.
    """

    server: S3Server
    home: Path
    runs: int
    scale: float
    limit: float

    def scratch(self) -> Path:
        """Return an empty directory."""
        path = self.home / "scratch"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def rounds(self, tools: list[Tool]) -> Iterator[tuple[int, Tool]]:
        """Yield run and tool, one run of each tool after the other, so that what disturbs them disturbs all."""
        spent = {tool.name: 0.0 for tool in tools}
        for run in range(1, self.runs + 1):
            for tool in tools:
                if spent[tool.name] < self.limit:
                    started = time.monotonic()
                    yield run, tool
                    spent[tool.name] += time.monotonic() - started

    def counted(
        self,
        case: str,
        run: int,
        tool: Tool,
        size: int,
        command: Command,
        watched: Optional[Path] = None,
        kill_when: Optional[Callable[[], bool]] = None,
        name: str = "",
    ) -> tuple[Row, Measured]:
        """Measure one run and make its row; what the server counted goes into it. Say so on the terminal."""
        before = self.server.counters()
        result = measure(command, self.home / f"{case}.log", watched, kill_when)
        after = self.server.counters()
        row = Row(
            case=case,
            tool=name or tool.name,
            version=tool.version,
            run=run,
            wall_s=round(result.wall_s, 4),
            cpu_s=round(result.cpu_s, 4),
            max_rss_kib=result.max_rss_kib,
            bytes=after.bytes - before.bytes,
            requests=after.requests - before.requests,
            size=size,
            scale=self.scale,
            server_cpu_s=round(after.cpu_s - before.cpu_s, 4),
            disk_bytes=result.disk_bytes,
        )
        if result.status != 0 and kill_when is None:
            raise BenchError(f"{row.tool} ended with status {result.status} in case {case}:\n{result.output}")
        print(
            f"{case:9} run {run}  {row.tool:32} {row.wall_s:8.2f} s  cpu {row.cpu_s:7.2f} s  "
            f"{row.max_rss_kib / 1024:6.0f} MiB  {row.requests} requests, {row.bytes} bytes",
            flush=True,
        )
        return row, result

    def sent(self, case: str, run: int, tool: Tool, tree: data.Tree, kind: str) -> Row:
        """Send a tree to an empty bucket, and see that it has arrived."""
        self.server.reset()
        job = Job(kind, tree.directory, self.server.endpoint_url, self.scratch())
        row, _result = self.counted(case, run, tool, tree.bytes, tool.command(job))
        check_arrived(tree, self.server, tool.name)
        return row


def check_arrived(tree: data.Tree, server: S3Server, tool: str) -> None:
    """Raise BenchError unless the bucket has every file with its bytes, nothing else, and no open upload."""
    wanted = {PREFIX + path: each for path, each in tree.files.items()}
    found = server.objects()
    if wrong := [key for key, each in wanted.items() if found.get(key) != each]:
        first = wrong[0]
        raise BenchError(
            f"{len(wrong)} of {len(wanted)} files did not arrive by {tool}: {first} is {found.get(first)} "
            f"and should be {wanted[first]}"
        )
    if more := found.keys() - wanted.keys():
        raise BenchError(f"{tool} made {len(more)} objects that are no files, such as {min(more)}")
    if uploads := server.counters().uploads:
        raise BenchError(f"{tool} left {uploads} multipart uploads open")


def warm_up(bench: Bench, tools: list[Tool]) -> None:
    """Run each tool once on next to nothing: its programs are then compiled and in memory."""
    tree = data.small_tree(bench.home / "data", data.FILES_IN_DIRECTORY)
    for tool in tools:
        bench.sent("warm-up", 0, tool, tree, SMALL)


def large(bench: Bench, tools: list[Tool]) -> Iterator[Row]:
    """4 GiB as parts of 500 MB."""
    tree = _parts(bench, 4)
    tree.read()
    for run, tool in bench.rounds(tools):
        yield bench.sent("large", run, tool, tree, LARGE)


def small(bench: Bench, tools: list[Tool]) -> Iterator[Row]:
    """20,000 files of 4 KiB in 500 directories."""
    count = max(1, round(data.SMALL_FILES * bench.scale))
    tree = data.small_tree(bench.home / "data", count)
    tree.read()
    for run, tool in bench.rounds(tools):
        yield bench.sent("small", run, tool, tree, SMALL)


def growth(bench: Bench, tools: list[Tool]) -> Iterator[Row]:
    """1, 2, 4 and 8 GiB by our own tool, the first of *tools*."""
    trees = [_parts(bench, gib) for gib in GROWTH_GIB]
    for tree in trees:
        tree.read()
    for run in range(1, bench.runs + 1):
        for tree in trees:
            yield bench.sent("growth", run, tools[0], tree, LARGE)


def resume(bench: Bench, tools: list[Tool]) -> Iterator[Row]:
    """4 GiB by our own tool, killed when half has arrived, and once more."""
    tree, tool = _parts(bench, 4), tools[0]
    tree.read()
    for run in range(1, bench.runs + 1):
        bench.server.reset()
        half = tree.bytes // 2
        bench.server.hold_at(half)
        command = tool.command(Job(LARGE, tree.directory, bench.server.endpoint_url, bench.scratch()))
        row, result = bench.counted(
            "resume",
            run,
            tool,
            tree.bytes,
            command,
            kill_when=lambda half=half: bench.server.counters().bytes >= half,
            name=RESUME_KILLED,
        )
        if result.status == 0:
            raise BenchError("the run to be killed came to its end")
        bench.server.let_go()
        yield row
        yield bench.counted("resume", run, tool, tree.bytes, command, name=RESUME_NEXT)[0]
        check_arrived(tree, bench.server, tool.name)


def _parts(bench: Bench, gib: int) -> data.Tree:
    size, part = round(gib * data.GIB * bench.scale), round(data.PART_BYTES * bench.scale)
    return data.parts_tree(bench.home / "data", size, part)
