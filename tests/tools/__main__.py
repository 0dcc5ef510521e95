# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run checks by group: ``python3 tests/tools lint unit``, or all. A failed step does not stop the rest."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import staging
from places import CHECKOUT, JUNIT, LOGS, STAGE
from steps import Step, all_steps
from totals import Totals, not_run, of_step

TAIL_LINES = 60
# On two cores: servers that are waited for leave room for a third.
AT_A_TIME = 3
GROUPS = ("lint", "docs", "unit", "lab", "sanity", "integration", "molecule")


def main() -> int:
    """Run the steps of the groups in argv; the last line is the count. Return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 tests/tools", description=__doc__)
    parser.add_argument("group", nargs="*", choices=[[], *GROUPS], metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--thorough", action="store_true", help="all of the tests, for hours")
    arguments = parser.parse_args()
    for folder in (LOGS, JUNIT):
        folder.mkdir(parents=True, exist_ok=True)
    staging.refresh(STAGE)
    steps = [step for step in all_steps(arguments.thorough) if step.group in (arguments.group or GROUPS)]
    started = time.monotonic()
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        results = list(pool.map(run, steps))
    failed = [step.title for step, succeeded in zip(steps, results) if not succeeded]
    totals = Totals()
    for step, succeeded in zip(steps, results):
        totals = totals.plus(of_step(succeeded, step.junit))
    for line in dict.fromkeys(line for step in steps if step.junit for line in not_run(LOGS / f"{step.title}.log")):
        print(line)
    print(f"{len(steps)} steps in {time.monotonic() - started:.0f} s; failed: {', '.join(failed) or 'none'}")
    print(totals, flush=True)
    return 1 if failed else 0


def run(step: Step) -> bool:
    """Run *step* with its output in a log of its own, and show the log's end when it failed; tell whether it passed."""
    print(f"begins  {step.title}", flush=True)
    log = LOGS / f"{step.title}.log"
    started = time.monotonic()
    if step.junit:
        step.junit.unlink(missing_ok=True)
    if step.needs and not step.needs.exists():
        print(f"FAILED  {step.title}: there is no {step.needs.relative_to(CHECKOUT)}", flush=True)
        return False
    with log.open("wb") as stream:
        status = subprocess.run(
            step.argv,
            cwd=step.cwd,
            env=step.env,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    elapsed = time.monotonic() - started
    if status == 0:
        print(f"ok      {step.title} ({elapsed:.0f} s)", flush=True)
        return True
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    # A tool that says what is wrong before it says much else would be cut off by the tail alone.
    errors = [line for line in lines[:-TAIL_LINES] if line.startswith("ERROR")]
    # One piece, so that the step beside this one does not write into it.
    tail = "".join(f"    {line[:240]}\n" for line in errors[:TAIL_LINES] + lines[-TAIL_LINES:])
    print(
        f"{tail}FAILED  {step.title}: status {status} after {elapsed:.0f} s; all {len(lines)} lines: {log}", flush=True
    )
    return False


if __name__ == "__main__":
    sys.exit(main())
