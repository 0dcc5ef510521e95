# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No check is left without a test that makes it fire on a real part, or a reason why none can."""

from __future__ import annotations

import importlib
from pathlib import Path

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.catalogue import CHECKS

MODULES = [
    importlib.import_module(f"{__package__}.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("test_*.py"))
    if path.name != Path(__file__).name
]


def test_every_check_is_fired_for_real_or_says_why_not():
    fired = {case.check_id for module in MODULES for case in getattr(module, "CASES", ())}
    fired |= {name for module in MODULES for name in getattr(module, "FIRED", ())}
    excused = {name for module in MODULES for name in getattr(module, "NOT_FIRED_FOR_REAL", {})}
    known = {check.id for check in CHECKS}
    assert fired | excused == known, sorted((fired | excused) ^ known)
    assert not fired & excused, sorted(fired & excused)


def test_every_excuse_is_a_sentence():
    for module in MODULES:
        for name, reason in getattr(module, "NOT_FIRED_FOR_REAL", {}).items():
            assert len(reason.split()) >= 4, name
