# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab with two sources, and a runner of playbooks for it."""

from __future__ import annotations

from typing import Iterator

import pytest

from .lab import Lab
from .playbook import PlaybookRunner


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Lab]:
    """Two small sources and what stands for AWS."""
    lab = Lab(tmp_path_factory.mktemp("lab") / "state")
    try:
        lab.up("--sources", "2", "--fast")
        yield lab
    finally:
        lab.down()


@pytest.fixture
def playbook(generation, lab, tmp_path) -> PlaybookRunner:
    """Runs playbooks on a controller that has never seen a run."""
    return PlaybookRunner(generation.environment(), generation.playbook, lab.inventory, tmp_path)
