# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs is that of all its processes, and nothing of who measures it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from measure import BenchError, Command, measure

MIB = 2**20
HELD = bytearray(300 * MIB)
"""What this process holds, so that it would be seen in a peak that counts it."""

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
FAMILY = f"""
import subprocess, sys, time
held = bytearray(60 * {MIB})
children = [subprocess.Popen([sys.executable, "-c", "import time; held = b'x' * (60 << 20); time.sleep(2)"])
            for _ in range(2)]
subprocess.run([sys.executable, "-c", {BURN!r}], check=True)
for child in children: child.wait()
"""


def test_a_tree_of_processes_is_measured_as_one(tmp_path: Path) -> None:
    result = measure(Command([sys.executable, "-c", FAMILY]), tmp_path / "log")

    assert result.status == 0
    assert result.cpu_s >= 0.3
    # The two children and their parent hold 60 MiB each, and none of them what this process holds.
    assert 120 * 1024 < result.max_rss_kib < 300 * 1024
    assert HELD[-1] == 0


def test_the_peak_of_a_small_program_is_its_own(tmp_path: Path) -> None:
    result = measure(Command(["true"]), tmp_path / "log")

    assert result.max_rss_kib < 50 * 1024


def test_the_end_of_what_it_said_and_its_status_are_kept(tmp_path: Path) -> None:
    command = Command(
        [sys.executable, "-c", "import os, sys; print(os.environ['WORD']); sys.exit(3)"], {"WORD": "hello"}
    )

    result = measure(command, tmp_path / "log")

    assert (result.status, result.output) == (3, "hello\n")


def test_what_was_on_the_disk_for_a_while_is_seen(tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.mkdir()
    program = (
        "import os, sys, time\npath = sys.argv[1]\n"
        "with open(path, 'wb') as stream: stream.write(b'x' * (1 << 20))\ntime.sleep(2)\nos.remove(path)\n"
    )

    result = measure(Command([sys.executable, "-c", program, staged / "file"]), tmp_path / "log", watched=staged)

    assert result.disk_bytes >= MIB
    assert not list(staged.iterdir())


def test_a_kill_reaches_the_children(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    # It would leave the mark once more, if it lived.
    child = f"import time\n{BURN}open({str(mark)!r}, 'w').close(); time.sleep(600)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

    result = measure(Command([sys.executable, "-c", program]), tmp_path / "log", kill_when=mark.exists)

    # That it ends at all shows that the child has ended, too: who measures waits for it, and counts its time.
    assert result.status == -9 and result.cpu_s >= 0.3


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="could not be started"):
        measure(Command([tmp_path / "nothing"]), tmp_path / "log")
