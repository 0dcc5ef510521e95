# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import what a database host runs on a real Python 3.6 with its last boto3, where this machine has a Python 3.6.

Syntax alone is checked elsewhere; an import also meets the library calls that run at import time.
"""

from __future__ import annotations

import subprocess
import sys

from host_files import host_files
from places import COLLECTION, STAGE, venv_bin

IMPORT_ALL = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name); print('imported', name)"


def main() -> int:
    """Return the exit status: 0 too where there is no Python 3.6, which is then said."""
    python = venv_bin("host") / "python"
    if not python.exists():
        print("no Python 3.6 on this machine: only the syntax was checked")
        return 0
    files = host_files(STAGE / COLLECTION)
    compiled = subprocess.run([python, "-m", "py_compile", *map(str, files)], check=False).returncode
    utilities = [path for path in files if "module_utils" in path.parts]
    names = [".".join(path.relative_to(STAGE).with_suffix("").parts).removesuffix(".__init__") for path in utilities]
    imported = subprocess.run([python, "-c", IMPORT_ALL, *names], cwd=STAGE, check=False).returncode
    return 1 if compiled or imported else 0


if __name__ == "__main__":
    sys.exit(main())
