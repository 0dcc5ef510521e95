# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the tests talk to a lab: its command, and AWS clients."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

LAB = Path(__file__).resolve().parents[1]


def labctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run labctl.py to its end."""
    return subprocess.run(
        [sys.executable, str(LAB / "labctl.py"), *arguments], capture_output=True, text=True, check=False
    )


class Aws:
    """Clients of the lab's services."""

    def __init__(self, endpoints: dict[str, Any]):
        self.endpoints = endpoints
        self.bucket = endpoints["bucket"]
        self.account = endpoints["aws"]["account_id"]
        self.s3, self.iam, self.rds = (self.client(name) for name in ("s3", "iam", "rds"))

    def client(self, service: str) -> Any:
        """A boto3 client with the credentials that endpoints.json tells."""
        aws = self.endpoints["aws"]
        return boto3.client(
            service,
            endpoint_url=aws["endpoint_url"],
            region_name=aws["region"],
            aws_access_key_id=aws["access_key"],
            aws_secret_access_key=aws["secret_key"],
        )
