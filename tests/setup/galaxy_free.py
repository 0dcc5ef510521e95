# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections without Galaxy: taken out of the PyPI package 'ansible', which carries them all.

Who has Galaxy at hand installs them with ``ansible-galaxy collection install``; this is for who has PyPI alone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Sequence

from commands import SetupError, run

ROOT = "ansible_collections"
OWN_NAMESPACE, OWN_NAME = "dbferry", "aurora_mysql"


def install(
    pip: Sequence[str | os.PathLike[str]],
    requirement: Path,
    wanted: Sequence[str],
    target: Path,
    checkout: Path,
    log: Path,
) -> None:
    """Make *target* a collections path with the *wanted* collections and with *checkout* as the project's own.

    The wheel that *requirement* names is downloaded by *pip* (whose cache keeps it) and removed once it is unpacked.
    Raises SetupError.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        options = ["--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary", ":all:"]
        run([*pip, "download", *options, "--dest", scratch, "-r", requirement], log)
        wheels = list(Path(scratch).glob("*.whl"))
        if len(wheels) != 1:
            raise SetupError(f"{requirement} should bring one wheel and brought {len(wheels)}; see {log}")
        _unpack(wheels[0], wanted, target)
    _link(target, checkout)


def _unpack(wheel: Path, wanted: Sequence[str], target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        for collection in wanted:
            folder = f"{ROOT}/{collection.replace('.', '/')}/"
            members = [name for name in names if name.startswith(folder)]
            if not members:
                raise SetupError(f"{wheel.name} does not carry {collection}")
            archive.extractall(target, members)


def _link(target: Path, checkout: Path) -> None:
    """Link the checkout into *target* by a relative path where *target* is inside it, so that the tree can be moved."""
    link = target / ROOT / OWN_NAMESPACE / OWN_NAME
    link.parent.mkdir(parents=True, exist_ok=True)
    inside = target.is_relative_to(checkout)
    link.symlink_to(os.path.relpath(checkout, link.parent) if inside else checkout, target_is_directory=True)
