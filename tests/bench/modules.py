# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as Ansible sends it to a host: one Python file with everything that the module imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping

from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, module_loader
from ansible.template import Templar
from measure import BenchError


class Modules:
    """Builds modules of the collections under *collections* for the interpreter *python*."""

    def __init__(self, collections: Path, python: Path) -> None:
        init_plugin_loader([str(collections)])
        self._python = python

    def has(self, name: str) -> bool:
        """Tell whether there is a module of that full name."""
        return bool(module_loader.find_plugin_with_context(name).resolved)

    def build(self, name: str, options: Mapping[str, Any], target: Path) -> Path:
        """Write the program for one run of the module to *target* and return it."""
        found = module_loader.find_plugin_with_context(name)
        if not found.resolved:
            raise BenchError(f"there is no module {name}")
        built = modify_module(
            module_name=name,
            module_path=found.plugin_resolved_path,
            module_args=dict(options),
            templar=Templar(loader=DataLoader(), variables={}),
            task_vars={"ansible_python_interpreter": str(self._python)},
            # As ansible.cfg's default has it.
            module_compression="ZIP_DEFLATED",
        )
        target.write_bytes(built.b_module_data)
        target.chmod(0o700)
        return target
