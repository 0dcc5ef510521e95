# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Add up what was run: the counts of pytest's JUnit files, and one for every other step."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree


class Totals(NamedTuple):
    """How many checks passed, failed (errors count as failures) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: Totals) -> Totals:
        return Totals(*(mine + theirs for mine, theirs in zip(self, other)))

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def of_step(succeeded: bool, junit: Path | None) -> Totals:
    """Return the counts of one finished step.

    *junit* is its JUnit file, which is missing where the runner died before it wrote one. A step that failed counts at
    least one failure, whatever its file says.
    """
    counted = _of_junit(junit) if junit and junit.is_file() else Totals(passed=1 if succeeded else 0)
    return counted if succeeded or counted.failed else counted.plus(Totals(failed=1))


def not_run(log: Path) -> list[str]:
    """Return what a pytest step says in *log* of the tests that it skipped or left out, with the reasons."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    return [line for line in lines if line.startswith(("SKIPPED [", "LEFT OUT ["))]


def _of_junit(path: Path) -> Totals:
    total = Totals()
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        tests, failures, errors, skipped = (
            int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")
        )
        failed = failures + errors
        total = total.plus(Totals(tests - failed - skipped, failed, skipped))
    return total
