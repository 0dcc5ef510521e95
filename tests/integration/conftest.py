# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of several directories need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .module_runner import ModuleRunner


@pytest.fixture
def run_module(generation: Any, tmp_path: Path) -> ModuleRunner:
    """Runs a module of the collection by ansible-playbook."""
    return ModuleRunner(generation, tmp_path)
