# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one module from JSON on standard input and prints its result: ``python run_module.py NAME < arguments``.

With ``TESTS_READ_SECONDS`` a connection to S3 may stand still for so long only.
"""

from __future__ import annotations

import importlib
import json
import os
import sys


def main() -> None:
    module = importlib.import_module(f"ansible_collections.dbferry.aurora_mysql.plugins.modules.{sys.argv[1]}")
    if "TESTS_READ_SECONDS" in os.environ:
        wire = importlib.import_module(
            "ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.wire"
        )
        wire._READ_SECONDS = float(os.environ["TESTS_READ_SECONDS"])
    arguments = json.load(sys.stdin)
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:  # before ansible-core 2.18
        from ansible.module_utils import basic

        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        module.main()
    else:
        with patch_module_args(arguments):
            module.main()


if __name__ == "__main__":
    main()
