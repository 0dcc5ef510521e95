# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module run by ansible-playbook, as a user runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


class ModuleRunner:
    """Runs one module by ansible-playbook, as a user does."""

    def __init__(self, generation: Any, home: Path) -> None:
        self._generation = generation
        self._home = home

    def __call__(self, name: str, options: dict[str, Any], *flags: str) -> dict[str, Any]:
        """The module's result; ``flags`` are such as ``--check``."""
        result = self._home / "result.json"
        # Names and bodies may look like templates.
        (self._home / "options.json").write_text(json.dumps({"options": _unsafe(options)}))
        play = [
            {
                "hosts": "localhost",
                "connection": "local",
                "gather_facts": False,
                "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
                "tasks": [
                    {
                        f"dbferry.aurora_mysql.{name}": {key: f"{{{{ options['{key}'] }}}}" for key in options},
                        "register": "result",
                        "ignore_errors": True,
                        "diff": "--diff" in flags,
                    },
                    {
                        "ansible.builtin.copy": {
                            "content": "{{ result | ansible.builtin.to_json }}",
                            "dest": str(result),
                            "mode": "0600",
                        },
                        "check_mode": False,
                        "diff": False,
                    },
                ],
            }
        ]
        playbook = self._home / "play.json"
        playbook.write_text(json.dumps(play))
        done = subprocess.run(
            [
                str(self._generation.playbook),
                "-i",
                "localhost,",
                "-e",
                f"@{self._home}/options.json",
                *flags,
                str(playbook),
            ],
            env={**self._generation.environment(), "HOME": str(self._home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(json.loads(result.read_text()), console=done.stdout + done.stderr)


def _unsafe(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unsafe(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_unsafe(each) for each in value]
    return {"__ansible_unsafe": value} if isinstance(value, str) else value
