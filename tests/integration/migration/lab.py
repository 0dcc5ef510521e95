# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab for the tests: started by its own command, looked at by means that are not the collection's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pymysql
import yaml
from botocore.config import Config

CHECKOUT = Path(__file__).resolve().parents[3]
LABCTL = [str(CHECKOUT / "build" / "venvs" / "lab" / "bin" / "python"), str(CHECKOUT / "tests" / "lab" / "labctl.py")]


class Lab:
    """A lab under a state directory of its own.

    :param state_dir: where it lives; another lab may run beside it.
    """

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir

    def up(self, *options: str) -> None:
        """Start it; ``options`` are labctl's."""
        self._labctl("up", *options)

    def down(self) -> None:
        """Stop it and remove its data."""
        self._labctl("down", "--logs")

    @property
    def endpoints(self) -> dict[str, Any]:
        """What the lab says of itself."""
        return json.loads((self.state_dir / "endpoints.json").read_text())

    @property
    def inventory(self) -> Path:
        """The inventory that it wrote."""
        return self.state_dir / "inventory.yml"

    def host_variables(self, host: str) -> dict[str, Any]:
        """The inventory's variables of one source."""

        class Loader(yaml.SafeLoader):
            """Reads !unsafe as what it marks."""

        Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
        inventory = yaml.load(self.inventory.read_text(), Loader=Loader)  # noqa: S506 - a SafeLoader
        return inventory["mysql_sources"]["hosts"][host]

    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client of the lab's AWS, in its Region or in another."""
        aws = self.endpoints["aws"]
        return boto3.client(
            service,
            endpoint_url=aws["endpoint_url"],
            region_name=region or aws["region"],
            aws_access_key_id=aws["access_key"],
            aws_secret_access_key=aws["secret_key"],
            # Some tests have AWS throttle a fifth of all requests, these among them.
            config=Config(retries={"total_max_attempts": 20, "mode": "standard"}),
        )

    @property
    def bucket(self) -> str:
        """The lab's bucket."""
        return self.endpoints["bucket"]

    def objects(self, prefix: str) -> dict[str, int]:
        """Keys and sizes under a prefix."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}

    def document(self, migration_id: str, station: str, bucket: str = "") -> dict[str, Any]:
        """A document of a migration's record, in the lab's bucket or in another."""
        key = f"{migration_id}/record/{station}.json"
        return json.loads(self.client("s3").get_object(Bucket=bucket or self.bucket, Key=key)["Body"].read())

    def source(self, host: str, **login: Any) -> pymysql.connections.Connection:
        """A connection to a source, as its administrator."""
        source = self.endpoints["sources"][host]
        options = {"user": source["root_user"], "password": source["root_password"], **login}
        return pymysql.connect(host=source["host"], port=source["port"], autocommit=True, **options)

    def target(self, host: str, **login: Any) -> pymysql.connections.Connection:
        """A connection to the cluster restored from ``host``, as its master user."""
        variables = self.host_variables(host)
        restored = self.document(host, "restore")
        options = {
            "user": variables["migration_target_login_user"],
            "password": variables["migration_target_login_password"],
            **login,
        }
        return pymysql.connect(host=restored["endpoint"], port=int(restored["port"]), autocommit=True, **options)

    def _labctl(self, command: str, *options: str) -> None:
        done = subprocess.run(
            [*LABCTL, command, "--state-dir", str(self.state_dir), *options],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
