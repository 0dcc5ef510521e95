# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the tree as a collection: what git tracks or would track, below ansible_collections/dbferry/aurora_mysql.

Tools that walk a tree get this copy, so that they see neither build/ nor the links in it.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
from pathlib import Path

from places import CHECKOUT, COLLECTION


def refresh(collections_path: Path) -> Path:
    """Make the copy below *collections_path* equal to the tree, touching only what differs; return its folder."""
    copy = collections_path / COLLECTION
    wanted = tree_files()
    copy.mkdir(parents=True, exist_ok=True)
    _remove_others(copy, set(wanted))
    for name in wanted:
        source, target = CHECKOUT / name, copy / name
        if target.is_symlink() or (target.exists() and not filecmp.cmp(source, target, shallow=False)):
            target.unlink()
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    return copy


def tree_files() -> list[Path]:
    """Return the tree's files relative to the checkout: tracked, or untracked and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, check=True).stdout
    names = (Path(os.fsdecode(name)) for name in listing.split(b"\0") if name)
    return sorted(name for name in set(names) if (CHECKOUT / name).is_file())


def _remove_others(copy: Path, wanted: set[Path]) -> None:
    for folder, folders, files in os.walk(copy):
        folders[:] = [name for name in folders if name != ".git"]
        for name in files:
            path = Path(folder, name)
            if path.relative_to(copy) not in wanted:
                path.unlink()
