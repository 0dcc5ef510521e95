# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of several directories need."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Iterator

import pytest

from tests.conftest import BUILD

from .browser import Browser, opened
from .module_runner import ModuleRunner


@pytest.fixture
def run_module(generation: Any, tmp_path: Path) -> ModuleRunner:
    """Runs a module of the collection by ansible-playbook."""
    return ModuleRunner(generation, tmp_path)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser for the report's pages."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium and driver, "chromium and its driver are not there; type: make setup"
    with opened(chromium, driver) as browser:
        yield browser


@pytest.fixture
def old_python(generation: Any, tmp_path: Path) -> Path:
    """A host's Python 3.6, which ansible-core 2.16 is the last to reach, and never by a path that has a space."""
    if generation.name != "oldest":
        pytest.skip("ansible-core later than 2.16 reaches no host with Python 3.6")
    venv = BUILD / "venvs" / "host"
    if not venv.exists():
        pytest.skip("no Python 3.6 on this machine: setup made no environment of it")
    link = tmp_path / "old-python"
    link.symlink_to(venv)
    return link / "bin" / "python"
