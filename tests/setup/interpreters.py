# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a Python for a virtual environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

Version = tuple[int, int]

NEWEST_KNOWN_MINOR = 15


def find(lowest: Version, highest: Optional[Version] = None) -> Optional[str]:
    """Return the path of a Python from *lowest* to *highest*, or None.

    The Python that runs this program comes first, then the newest that the search path or pyenv offers.
    """
    if _fits(sys.version_info[:2], lowest, highest):
        return sys.executable
    last_minor = highest[1] if highest else NEWEST_KNOWN_MINOR
    for minor in range(last_minor, lowest[1] - 1, -1):
        for path in _candidates(f"python3.{minor}"):
            if _version(path) == (3, minor):
                return path
    return None


def can_bring_pip(path: str) -> bool:
    """Tell whether the Python at *path* can make a virtual environment with a pip in it."""
    question = [path, "-c", "import ensurepip, venv"]
    return subprocess.run(question, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _candidates(name: str) -> list[str]:
    on_path = shutil.which(name)
    pyenv_root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(str(path) for path in pyenv_root.glob(f"versions/*/bin/{name}"))
    return ([on_path] if on_path else []) + found


def _fits(version: tuple[int, ...], lowest: Version, highest: Optional[Version]) -> bool:
    return version >= lowest and (highest is None or version <= highest)


def _version(path: str) -> Optional[Version]:
    """Ask the Python at *path*; None where it does not start (a pyenv shim without its version, for one)."""
    question = "import sys; print(sys.version_info[0], sys.version_info[1])"
    answer = subprocess.run(
        [path, "-c", question], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        return None
    major, minor = answer.stdout.split()
    return int(major), int(minor)
