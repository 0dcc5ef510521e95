# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as a process of its own, so that it can be signalled and killed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RUN_MODULE = Path(__file__).with_name("run_module.py")
TIMEOUT_SECONDS = 300


class ModuleProcess:
    """Starts a module and reads its result.

    :param name: the module's name without the collection's.
    :param python: the interpreter that runs it.
    :param import_path: where ``ansible_collections`` lies.
    :param environment: further variables.
    """

    def __init__(self, name: str, python: str, import_path: str, environment: Mapping[str, str] | None = None) -> None:
        self._argv = [python, str(RUN_MODULE), name]
        self._environment = {**(environment or {}), "PYTHONPATH": import_path}

    def start(self, options: dict[str, Any]) -> subprocess.Popen[str]:
        """Start the module; its result is on standard output."""
        process = subprocess.Popen(
            self._argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._environment},
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(options))
        process.stdin.close()
        process.stdin = None
        return process

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """The module's result."""
        output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
        try:
            result: dict[str, Any] = json.loads(output)
        except ValueError as error:
            raise AssertionError(f"no result but {output!r} and {errors[-3000:]}") from error
        return result
