# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stream that comes through several pipes.

No XtraBackup is in the lab, and mariabackup has no ``--fifo-streams``. So a stand-in makes the pipes as XtraBackup
does, and real programs of the same format write into them and read what comes out: ``mbstream``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.intake import FifoStreams
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.process import Ended, Pipeline, Stage
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.sink import FileSink, PartInfo
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import Stop

from .conftest import Site, run_module

STREAMS = 3
# Makes all pipes, then opens them for writing one after the other, as XtraBackup 8.0.33 does.
STAND_IN = """
import os, subprocess, sys, time
where, count, tree, fault = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
if fault == "no pipes":
    sys.exit(1)
paths = [os.path.join(where, "thread_%d" % number) for number in range(count)]
for path in paths:
    os.mkfifo(path, 0o600)
pipes = [open(path, "wb") for path in paths]
found = [os.path.join(folder, name) for folder, _, names in os.walk(tree) for name in names]
files = sorted(os.path.relpath(path, tree) for path in found)
if fault == "garbage":
    pipes[1].write(b"this is no xbstream, whatever it may be")
    pipes[1].flush()
running = []
for number, pipe in enumerate(pipes):
    mine = files[number::count]
    if fault == "cut" and number == 2:
        whole = subprocess.run(["mbstream", "-c", *mine], cwd=tree, stdout=subprocess.PIPE, check=True).stdout
        pipe.write(whole[:-5])
    else:
        running.append(subprocess.Popen(["mbstream", "-c", *mine], cwd=tree, stdout=pipe))
    pipe.close()
for each in running:
    each.wait()
print("completed OK!", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def tree(server, tmp_path_factory) -> Path:
    """A real backup as a directory."""
    site = Site(server, tmp_path_factory.mktemp("fifo"))
    assert not run_module(site.arguments()).get("failed")
    return site.target


class Run:
    """The stand-in's streams on their way into parts."""

    def __init__(self, tmp_path: Path, tree: Path) -> None:
        self.parts_dir = tmp_path / "parts"
        self._pipes_dir = tmp_path / "pipes"
        for path in (self.parts_dir, self._pipes_dir):
            path.mkdir()
        self._tree = tree
        self.pipes = FifoStreams(str(self._pipes_dir), STREAMS)
        self.sink = FileSink(str(self.parts_dir), "xbstream", 5_000_000)

    def __call__(self, fault: str = "") -> Ended:
        argv = [sys.executable, "-c", STAND_IN, str(self._pipes_dir), str(STREAMS), str(self._tree), fault]
        log: list[str] = []
        (ended,) = Pipeline([Stage(argv)], log.append).run(ProgressFile(None), 0, Stop(), self.sink, self.pipes)
        return ended

    def finish(self) -> list[PartInfo]:
        self.pipes.check_whole()
        return self.sink.finish()


@pytest.fixture
def run(tmp_path: Path, tree: Path) -> Run:
    return Run(tmp_path, tree)


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_what_comes_through_several_pipes_is_one_stream(run: Run, tree: Path, tmp_path: Path) -> None:
    ended = run()
    assert (ended.exit_status, ended.last_line) == (0, "completed OK!")
    parts = run.finish()
    assert len(parts) > 2
    whole = b"".join((run.parts_dir / part.name).read_bytes() for part in parts)
    into = tmp_path / "unpacked"
    into.mkdir()
    subprocess.run(["mbstream", "-x", "-C", str(into)], input=whole, check=True)
    assert contents(into) == contents(tree)


def test_a_tool_that_makes_no_pipes(run: Run) -> None:
    assert run("no pipes").exit_status == 1
    with pytest.raises(DbferryError, match=r"backup\.stream_broken.*3 of them were never opened"):
        run.finish()


def test_a_stream_that_ends_too_early(run: Run) -> None:
    assert run("cut").exit_status == 0
    with pytest.raises(DbferryError, match=r"backup\.stream_broken.*too early"):
        run.finish()


def test_what_is_no_xbstream_ends_the_tool(run: Run) -> None:
    with pytest.raises(DbferryError, match=r"backup\.stream_broken.*not xbstream"):
        run("garbage")


@pytest.mark.parametrize("fault", ["", "cut", "garbage"])
def test_no_pipe_is_left_open(run: Run, tmp_path: Path, fault: str) -> None:
    with contextlib.suppress(DbferryError):
        run(fault)
    opened = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    assert not [path for path in opened if path.startswith(str(tmp_path / "pipes"))]


def test_a_tool_that_cannot_is_refused_before_anything_is_done(server, tmp_path: Path) -> None:
    site = Site(server, tmp_path)
    result = run_module(site.arguments(format="xbstream", fifo_streams=2))
    assert result["error_id"] == "backup.option_unsupported"
    assert "8.0.33" in result["msg"]
    assert not site.target.exists()
