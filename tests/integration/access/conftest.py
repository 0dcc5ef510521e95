# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's AWS, and the modules about rights as processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

import pytest

from tests.integration.module_process import ModuleProcess

from .lab_aws import LabAws, lab_aws


@pytest.fixture(scope="session")
def aws(tmp_path_factory) -> Iterator[LabAws]:
    """An AWS account that all tests of the folder share."""
    with lab_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture
def run_module(generation) -> Callable[..., dict[str, Any]]:
    """Runs a module to its end and returns its result."""

    def run(name: str, /, **options: Any) -> dict[str, Any]:
        module = ModuleProcess(name, str(generation.bin / "python"), str(generation.collections))
        return module.finish(module.start(options))

    return run
