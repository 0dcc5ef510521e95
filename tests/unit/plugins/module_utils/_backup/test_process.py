# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of programs while they run."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.process import Pipeline, Stage
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.sink import FileSink
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import Stop

# As an increment does, it reads much and writes little.
SIFTER = (
    "import os, time; f = os.open('/dev/zero', os.O_RDONLY);"
    "[(os.read(f, 100_000), os.write(1, bytes(10)), os.write(2, b'x\\n'), time.sleep(0.1)) for _ in range(6)]"
)
WRITER = "import os, time; [(os.write(1, bytes(100_000)), time.sleep(0.1)) for _ in range(6)]"
# As a compressor does, it has work to do when the tool is gone.
READER = "import sys, time; block = sys.stdin.buffer.read(); time.sleep(1); sys.stdout.buffer.write(block)"


def test_what_is_done_stays_done_when_the_tool_has_ended(tmp_path: Path) -> None:
    progress = ProgressFile(None)
    stages = [Stage([sys.executable, "-c", program]) for program in (WRITER, READER)]
    sink = FileSink(str(tmp_path), "tar_gz", 10_000_000)
    log: list[str] = []
    ended = Pipeline(stages, log.append).run(progress, 600_000, Stop(), sink)
    assert [each.exit_status for each in ended] == [0, 0]
    assert [part.bytes for part in sink.finish()] == [600_000]
    assert log == []
    done = [point["done"] for point in progress.samples.points()]
    assert done == sorted(done)
    assert done[-1] > 400_000


def test_of_a_tool_that_reads_all_and_writes_little_is_told_what_it_has_read(tmp_path: Path) -> None:
    progress = ProgressFile(None)
    sink = FileSink(str(tmp_path), "xbstream", 10_000_000)
    stages = [Stage([sys.executable, "-c", SIFTER])]
    Pipeline(stages, lambda _line: None, reads=True).run(progress, 600_000, Stop(), sink)
    assert [part.bytes for part in sink.finish()] == [60]
    assert progress.samples.points()[-1]["done"] >= 500_000
