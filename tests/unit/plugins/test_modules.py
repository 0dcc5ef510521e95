# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules have in common: check mode, and what they say of it and of diff mode; how often a restore tells."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from ansible_collections.dbferry.aurora_mysql.plugins.action.aurora_cluster_restore import (
    ActionModule as RestoreAction,
)

PLUGINS = Path(__file__).parents[3] / "plugins"
MODULES = sorted((PLUGINS / "modules").glob("*.py"))


def constant(tree: ast.Module, name: str) -> str:
    """The text that is assigned to a name."""
    (found,) = [
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and [target.id for target in node.targets if isinstance(target, ast.Name)] == [name]
        and isinstance(node.value, ast.Constant)
    ]
    return str(found)


def attributes(module: Path) -> dict[str, str]:
    """What a module's documentation says of each attribute; its own words lead over those of a fragment."""
    document = yaml.safe_load(constant(ast.parse(module.read_text()), "DOCUMENTATION"))
    fragments = ast.parse((PLUGINS / "doc_fragments" / "attributes.py").read_text())
    found = {}
    for fragment in document.get("extends_documentation_fragment", []):
        variant = fragment.removeprefix("dbferry.aurora_mysql.attributes").removeprefix(".")
        if fragment.startswith("dbferry.aurora_mysql.attributes") and variant:
            found.update(yaml.safe_load(constant(fragments, variant.upper()))["attributes"])
    found.update(document.get("attributes", {}))
    return {name: each.get("support", "") for name, each in found.items()}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_module_runs_in_check_mode_and_says_so(module: Path) -> None:
    said = attributes(module)
    assert said["check_mode"] == "full"
    assert set(said) == {"check_mode", "diff_mode", "idempotent"}
    made = [
        {keyword.arg: getattr(keyword.value, "value", None) for keyword in node.keywords}
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AnsibleModule"
    ]
    # What an action plugin does alone has no module to run.
    assert made or (PLUGINS / "action" / module.name).exists()
    assert all(each.get("supports_check_mode") is True for each in made)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_what_only_reads_has_no_differences(module: Path) -> None:
    only_reads = module.stem.endswith("_info")
    assert not only_reads or attributes(module)["diff_mode"] == "N/A"


def test_a_restore_shows_a_line_a_minute_where_nobody_says_otherwise() -> None:
    assert RestoreAction.default_interval == 60
