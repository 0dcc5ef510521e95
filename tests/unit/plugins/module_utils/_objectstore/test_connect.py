# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The S3 client on a host without boto3."""

from __future__ import annotations

import subprocess
import sys

# A None in sys.modules makes the import fail as it does where the package is not installed.
WITHOUT_BOTO3 = """
import sys
for name in ("boto3", "botocore", "awscrt"):
    sys.modules[name] = None
sys.path[:0] = {path!r}
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore import connect, sync
try:
    connect.connect_bucket({{"region": "eu-west-1"}}, "b", "p/")
except DbferryError as error:
    print(error.error_id)
"""


def test_a_missing_boto3_is_told() -> None:
    program = WITHOUT_BOTO3.format(path=sys.path)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("aws.boto3_missing\n", "")
