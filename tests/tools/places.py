# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the tools find things: the checkout, and what setup has put under build/."""

from __future__ import annotations

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD = CHECKOUT / "build"
LOGS = BUILD / "logs"
JUNIT = BUILD / "junit"
STAGE = BUILD / "stage"
SANITY = BUILD / "sanity"
COLLECTION = Path("ansible_collections", "dbferry", "aurora_mysql")
"""The collection's folder below a collections path."""


def venv_bin(name: str) -> Path:
    """Return the folder of programs of the virtual environment *name*."""
    return BUILD / "venvs" / name / "bin"


def collections(generation: str) -> Path:
    """Return the collections path of an ansible generation, "newest" or "oldest"."""
    return BUILD / "collections" / generation


def environment(venv: str, *collections_paths: Path) -> dict[str, str]:
    """Return this process' environment with the programs of *venv* first and only *collections_paths* to search."""
    own = {
        "PATH": os.pathsep.join([str(venv_bin(venv)), os.environ.get("PATH", os.defpath), "/usr/sbin"]),
        "VIRTUAL_ENV": str(venv_bin(venv).parent),
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(map(str, collections_paths)),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        # The user's own locale may not have been generated on this machine, and Ansible asks for UTF-8.
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        # Without its bytecode boto3 takes a second to import, in every module; beside the sources it is in the way.
        "PYTHONPYCACHEPREFIX": str(BUILD / "pycache"),
    }
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}, **own}
