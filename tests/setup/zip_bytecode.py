# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the bytecode of what is imported out of zip files, as Python keeps it of what is imported out of folders.

Ansible hands each module to Python as a zip file of its own, so that every task compiles anew what the task before it
has compiled: about a sixth of the processor time of the tests. Setup puts this file into the virtual environments whose
Python runs modules, where it is imported before all else. It changes nothing where no PYTHONPYCACHEPREFIX says where
bytecode may be kept.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys
import zipimport
from types import CodeType

# Python's own business, so that another Python may not have it.
_compile = getattr(zipimport, "_compile_source", None)


def compiled(path: str, source: bytes) -> CodeType:
    """Return what zipimport makes of *source*, which is at *path* in a zip file; from what is kept, if it is there."""
    # Imported when it is used: every start of this Python comes by here, and few need it.
    from hashlib import sha256

    kept = os.path.join(sys.pycache_prefix, "zip", sys.implementation.cache_tag, sha256(source).hexdigest())
    try:
        with open(kept, "rb") as stream:
            code = marshal.load(stream)  # noqa: S302 - as trusted as the bytecode that Python keeps beside it
    except (OSError, EOFError, ValueError, TypeError):
        # Not there, or not whole: it is written anew.
        code = _compile(path, source)
        _keep(code, kept)
    else:
        # A traceback names the file of this process, as it does after an import out of a folder.
        _imp._fix_co_filename(code, path)
    return code


def _keep(code: CodeType, kept: str) -> None:
    """Write *code* to *kept* in one step: other processes read there. It is no harm where that is not possible."""
    written = f"{kept}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        with open(written, "wb") as stream:
            marshal.dump(code, stream)
        os.replace(written, kept)
    except OSError:
        pass


if _compile and sys.pycache_prefix and not sys.dont_write_bytecode:
    zipimport._compile_source = compiled
