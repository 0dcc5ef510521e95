# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What remedies tell people to set is there to be set."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.catalogue import CHECKS

ROOT = Path(__file__).resolve().parents[5]
MODULES = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
OPTIONS = {
    name
    for path in ROOT.glob("roles/*/meta/argument_specs.yml")
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values()
    for name in entry.get("options") or {}
}
ROLES = sorted({path.name for path in (ROOT / "roles").iterdir()})
NAMED = re.compile(rf"\b(?:{'|'.join(ROLES)})_[a-z0-9_]+\b")


def test_options_that_remedies_name_exist():
    named = {(check.id, word) for check in CHECKS for word in NAMED.findall(f"{check.remedy} {check.why}")}
    assert len(named) > 10
    assert [each for each in sorted(named) if each[1] not in OPTIONS | MODULES] == []
