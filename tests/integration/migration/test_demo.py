# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo` with a dump of the user's, in a copy of the checkout whose path has spaces."""

from __future__ import annotations

import gzip
import os
import re
import runpy
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest

from ..process_tree import command_lines
from .dumps import column, definitions_of_both, rows_of_both
from .lab import CHECKOUT, Lab

DUMP = Path(__file__).with_name("library.sql")
SHORT = "a lab with a dump in tests/lab, the playbook in test_migrate.py, how the demo ends in tests/unit/test_demo.py"
pytestmark = pytest.mark.thorough(SHORT)


@pytest.fixture(scope="module")
def copy(generation, tmp_path_factory) -> Path:
    """A copy of the checkout with what setup has made: its stamps name the path, so that setup would make all anew."""
    if generation.name != "newest":
        pytest.skip("make demo has no ansible-core but the newest")
    copy = tmp_path_factory.mktemp("demo") / "a copy, with spaces"
    shutil.copytree(CHECKOUT, copy, symlinks=True, ignore=shutil.ignore_patterns("build", ".*", "__pycache__"))
    collections = copy / "build/collections/newest/ansible_collections"
    (collections / "dbferry").mkdir(parents=True)
    (collections / "dbferry/aurora_mysql").symlink_to(copy)
    (collections / "amazon").symlink_to(generation.collections / "ansible_collections/amazon")
    for made in ("venvs", "setup"):
        (copy / "build" / made).symlink_to(CHECKOUT / "build" / made)
    return copy


@pytest.fixture
def lab(copy) -> Iterator[Lab]:
    """What the demo starts there; it is stopped where a test left it."""
    yield Lab(copy / "build/lab-demo")
    make(copy, "demo-down")


def make(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make in the copy without its setup; returns what it said."""
    # Those of a make that runs the tests.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "--directory", str(copy), "SETUP=true", *words],
        env=inherited,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def report(copy: Path, output: str) -> str:
    """The page whose path the demo's output tells."""
    (told,) = re.findall(r"^  report: (.*)$", output, re.MULTILINE)
    assert Path(told).parent == copy / "build/demo"
    return Path(told).read_text(encoding="utf-8")


def left_running(copy: Path) -> bool:
    """Whether a process names the copy, or inherits the demo's mark; those with the mark are ended."""
    belongings = runpy.run_path(str(CHECKOUT / "tests/demo/belongings.py"))
    return bool(belongings["end_all"](belongings["mark"](copy / "build")) or command_lines(str(copy)))


def listens(endpoint: dict[str, Any]) -> bool:
    """Whether somebody listens at an address."""
    with socket.socket() as client:
        return client.connect_ex((endpoint["host"], int(endpoint["port"]))) == 0


def test_a_dump_is_moved_and_nothing_is_left_running(copy, lab, tmp_path):
    dump = tmp_path / "my library.sql"
    dump.write_bytes(DUMP.read_bytes())
    done = make(copy, "demo", f"SQL={dump}")
    assert done.returncode == 0, done.stdout[-6000:]
    assert "source and target are EQUAL" in done.stdout
    assert "my library" in report(copy, done.stdout)
    assert not left_running(copy)
    assert not lab.inventory.exists()


def test_a_kept_lab_has_the_dump_on_both_sides_until_it_is_stopped(copy, lab, tmp_path):
    dump = tmp_path / "of a whole schema.sql.gz"
    dump.write_bytes(gzip.compress(b"CREATE DATABASE `library`;\nUSE `library`;\n" + DUMP.read_bytes()))
    done = make(copy, "demo", f"SQL={dump}", "KEEP=1")
    assert done.returncode == 0, done.stdout[-6000:]
    assert "source and target are EQUAL" in done.stdout
    assert "library" in report(copy, done.stdout)

    source, target = rows_of_both(lab, "source")
    assert sum(line.startswith("INSERT") for line in source) == 2
    assert source == target
    source, target = definitions_of_both(lab, "source")
    for kind in ("TABLE", "VIEW", "TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"):
        assert any(f" {kind} `" in line for line in source), kind
    assert source == target
    with lab.target("source", user="librarian", password="Qx7-not-a-secret") as librarian:
        assert column(librarian, "SELECT books FROM library.shelf WHERE name LIKE 'Selma%'") == [1]

    endpoints = lab.endpoints
    up = [*endpoints["sources"].values(), *endpoints["targets"].values()]
    assert command_lines(str(copy)) and all(map(listens, up))
    stopped = make(copy, "demo-down")
    assert stopped.returncode == 0, stopped.stdout
    assert not left_running(copy)
    assert not any(map(listens, up))
