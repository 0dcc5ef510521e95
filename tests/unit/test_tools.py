# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a quick run leaves out is said, with what stands for it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
FLEET = "tests/integration/restore/test_fleet.py"


def collected(*options: str) -> str:
    """What pytest says that it would run of a file with a thorough test."""
    argv = [sys.executable, "-m", "pytest", "-q", "--collect-only", *options, FLEET]
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_quick_run_names_what_it_leaves_out() -> None:
    assert "test_the_hosts_of_one_playbook" in collected()
    quick = collected("--quick")
    assert "test_the_hosts_of_one_playbook" not in quick and "clusters_of_one_process[12]" in quick
    assert f"LEFT OUT [2] {FLEET}, which `make integration` runs: a dozen clusters" in quick


def test_the_last_lines_of_all_checks_repeat_it(tmp_path: Path) -> None:
    specification = importlib.util.spec_from_file_location("dbferry_totals", CHECKOUT / "tests" / "tools" / "totals.py")
    assert specification is not None and specification.loader is not None
    totals = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(totals)
    log = tmp_path / "step.log"
    said = ["SKIPPED [1] tests/a.py:3: no npm", "LEFT OUT [2] tests/b.py, which `make integration` runs: c"]
    log.write_text("\n".join(["..s", *said, "1 passed, 1 skipped"]))
    assert totals.not_run(log) == said
    assert totals.not_run(tmp_path / "nothing.log") == []
