# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports run downwards only (docs/architecture.md, "The floors"): the import graph of plugins/ is walked."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PLUGINS = CHECKOUT / "plugins"
UTILITIES = PLUGINS / "module_utils"
OWN = ("ansible_collections", "dbferry", "aurora_mysql")
FILES = sorted(PLUGINS.rglob("*.py"))
HOST_FILES = set(runpy.run_path(str(CHECKOUT / "tests/tools/host_files.py"))["host_files"](CHECKOUT))


def imported_names(path: Path) -> set[str]:
    """Every module that the file imports, anywhere in it, as an absolute dotted name."""
    package = (*OWN, *path.relative_to(CHECKOUT).parent.parts)
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            names.add(module)
            names.update(f"{module}.{alias.name}" for alias in node.names)
    return names


def own_files(path: Path) -> set[Path]:
    """The collection's files that the file imports, each package with its __init__.py."""
    found: set[Path] = set()
    for name in imported_names(path):
        parts = tuple(name.split("."))
        if parts[: len(OWN)] != OWN:
            continue
        target = CHECKOUT.joinpath(*parts[len(OWN) :])
        found.update(file for file in (target.with_suffix(".py"), target / "__init__.py") if file.is_file())
    return found


def ids(path: Path) -> str:
    return str(path.relative_to(PLUGINS))


def test_the_walk_sees_the_collection():
    """A walk that resolves no import would prove nothing."""
    assert len(FILES) > 20
    assert UTILITIES / "_errors.py" in own_files(PLUGINS / "modules/xtrabackup_tool_info.py")


@pytest.mark.parametrize("path", [path for path in FILES if UTILITIES in path.parents], ids=ids)
def test_module_utils_import_no_floor_above(path):
    above = {file for file in own_files(path) if UTILITIES not in file.parents}
    assert not above


@pytest.mark.parametrize("path", [path for path in FILES if UTILITIES in path.parents], ids=ids)
def test_module_utils_know_no_ansible_module(path):
    # The one place that turns an error into fail_json gets the module handed to it.
    assert not {name for name in imported_names(path) if name.startswith("ansible.module_utils.basic")}


@pytest.mark.parametrize("path", [path for path in FILES if PLUGINS / "modules" in path.parents], ids=ids)
def test_modules_import_no_module_and_no_action(path):
    beside = {file for file in own_files(path) if UTILITIES not in file.parents}
    assert not beside


@pytest.mark.parametrize("path", sorted(HOST_FILES), ids=ids)
def test_what_runs_on_a_database_host_imports_only_what_may_run_there(path):
    assert own_files(path) <= HOST_FILES


def test_no_import_runs_in_a_circle():
    graph = {path: own_files(path) - {path} for path in FILES}
    walked: set[Path] = set()

    def walk(path: Path, way: tuple[Path, ...]) -> None:
        assert path not in way, " -> ".join(ids(step) for step in (*way[way.index(path) :], path))
        if path not in walked:
            for target in sorted(graph[path]):
                walk(target, (*way, path))
            walked.add(path)

    for path in FILES:
        walk(path, ())


def test_the_lab_and_the_collection_share_no_code():
    lab = sorted((CHECKOUT / "tests" / "lab").rglob("*.py"))
    assert len(lab) > 20
    assert [path for path in lab if any(PLUGINS in file.parents for file in own_files(path))] == []
    assert [
        path for path in FILES if any(name.split(".")[0] in ("lab", "tests") for name in imported_names(path))
    ] == []
