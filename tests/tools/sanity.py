# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test sanity on a copy of the tree, with nothing from outside the package index.

ansible-test's caches and virtual environments go to a home under build/.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import staging
from places import SANITY, venv_bin

HOME = SANITY / "home"
STAND_IN = Path(__file__).resolve().parent / "get_pip.py"
PIP_VERSION = re.compile(r"pip='([0-9.]+)'")


def main() -> int:
    """Return the exit status of ansible-test."""
    copy = staging.refresh(SANITY)
    shutil.rmtree(copy / "tests/output", ignore_errors=True)
    # A repository of its own, or ansible-test would ask the checkout's, which ignores all that is under build/.
    subprocess.run(["git", "init", "-q", str(copy)], check=True)
    _prepare_home()
    # Compile and import tests take every Python that they find and name those that they miss.
    pythons = sorted(str(path) for path in Path.home().glob(".pyenv/versions/3.*/bin"))
    env = {**os.environ, "HOME": str(HOME), "PIP_QUIET": "1", "PATH": os.pathsep.join([os.environ["PATH"], *pythons])}
    command = [str(venv_bin("newest") / "ansible-test"), "sanity", "--color", "no", "--venv"]
    return subprocess.run([*command, *sys.argv[1:]], cwd=copy, env=env, check=False).returncode


def _prepare_home() -> None:
    """Lay the stand-in where ansible-test looks for each get-pip script, and keep the user's settings of pip."""
    cache = HOME / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in _pip_versions():
        shutil.copyfile(STAND_IN, cache / f"get_pip_{version.replace('.', '_')}.py")
    for settings in (".config/pip", ".pip"):
        theirs, ours = Path.home() / settings, HOME / settings
        if theirs.is_dir() and not ours.is_symlink():
            ours.parent.mkdir(parents=True, exist_ok=True)
            ours.symlink_to(theirs)


def _pip_versions() -> set[str]:
    """Return the versions of pip that this ansible-test puts into its virtual environments."""
    sources = list(
        venv_bin("newest").parent.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py")
    )
    versions = set(PIP_VERSION.findall(sources[0].read_text(encoding="utf-8"))) if sources else set()
    if not versions:
        sys.exit("cannot tell which pip this ansible-test wants: its python_requirements.py has changed")
    return versions


if __name__ == "__main__":
    sys.exit(main())
