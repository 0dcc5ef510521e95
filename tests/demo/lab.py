# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's lab: started for it, and stopped when it ends, however it ends."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD = CHECKOUT / "build"
LABCTL = [str(BUILD / "venvs/lab/bin/python"), str(CHECKOUT / "tests/lab/labctl.py")]


class Lab:
    """One lab, in the usual state directory, or in the demo's own where a lab is up in that one."""

    def __init__(self) -> None:
        usual, own = BUILD / "lab", BUILD / "lab-demo"
        self.directory = own if _is_up(usual) else usual

    @property
    def inventory(self) -> Path:
        return self.directory / "inventory.yml"

    @property
    def down_command(self) -> list[str]:
        return [*LABCTL, "down", "--state-dir", str(self.directory)]

    def up(self, options: list[str]) -> dict[str, Any]:
        """Start it with *options* of `labctl.py up`; return its endpoints. Raises CalledProcessError."""
        if _is_up(self.directory):
            # A demo that was ended by force has left it: what is in it has been moved already.
            self.down()
        subprocess.run(
            [*LABCTL, "up", "--state-dir", str(self.directory), *options], stdin=subprocess.DEVNULL, check=True
        )
        return self.endpoints()

    def endpoints(self) -> dict[str, Any]:
        """Return what stands in endpoints.json now: the targets appear there once they are restored."""
        endpoints: dict[str, Any] = json.loads((self.directory / "endpoints.json").read_text(encoding="utf-8"))
        return endpoints

    def down(self) -> None:
        """Stop it; in a session of its own, so that a second Ctrl-C does not leave half of it running."""
        subprocess.run(self.down_command, stdin=subprocess.DEVNULL, start_new_session=True, check=True)


def _is_up(directory: Path) -> bool:
    status = [*LABCTL, "status", "--state-dir", str(directory)]
    return subprocess.run(status, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0
