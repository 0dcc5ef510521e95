# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files run on a database host, where Python may be as old as 3.6 (see docs/architecture.md, "The floors")."""

from __future__ import annotations

from pathlib import Path

MODULES = (
    "s3_credentials_handover",
    "s3_tree",
    "xtrabackup",
    "xtrabackup_host_info",
    "xtrabackup_info",
    "xtrabackup_s3",
    "xtrabackup_tarballs",
    "xtrabackup_tool_info",
)
MODULE_UTILS = (
    "_argspec.py",
    "_aws",
    "_backup",
    "_errors.py",
    "_file_lock.py",
    "_objectstore",
    "_progress",
    "_counted.py",
    "_stop.py",
)


def host_files(collection: Path) -> list[Path]:
    """Return the Python files of *collection* that a database host runs."""
    utilities = collection / "plugins/module_utils"
    files = [collection / "plugins/modules" / f"{name}.py" for name in MODULES]
    for name in MODULE_UTILS:
        path = utilities / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [path for path in files if path.is_file()]
