# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's AWS alone, without a database: who may do what is between its accounts."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import urllib3

from tests.integration.servers import free_port

CHECKOUT = Path(__file__).resolve().parents[3]
LAB = CHECKOUT / "tests" / "lab"
PYTHON = CHECKOUT / "build" / "venvs" / "lab" / "bin" / "python"
REGION = "eu-central-1"
ACCOUNT = "123456789012"
START_SECONDS = 60


class LabAws:
    """What stands for AWS, seen by its administrator."""

    def __init__(self, endpoint_url: str, state: Path = Path()) -> None:
        self.endpoint_url = endpoint_url
        self._faults = state / "run" / "faults.json"
        self.keys = {"access_key": "AKIALABSADMINISTRATO", "secret_key": "the administrator's secret"}

    def options(self, keys: dict[str, str] | None = None) -> dict[str, Any]:
        """AWS options as the modules take them, the administrator's or somebody else's."""
        return {"endpoint_url": self.endpoint_url, "region": REGION, **(keys or self.keys)}

    @contextlib.contextmanager
    def faults(self, **faults: Any) -> Iterator[None]:
        """What goes wrong in the lab's RDS for a while."""
        self._faults.write_text(json.dumps(faults), encoding="utf-8")
        try:
            yield
        finally:
            self._faults.unlink()

    def client(self, service: str, keys: dict[str, str] | None = None, region: str = REGION) -> Any:
        """A boto3 client, the administrator's or somebody else's."""
        import boto3

        given = keys or self.keys
        return boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=given["access_key"],
            aws_secret_access_key=given["secret_key"],
            aws_session_token=given.get("session_token"),
        )

    def make_user(self, name: str, *statements: dict[str, Any], path: str = "/") -> dict[str, str]:
        """An IAM user with one inline policy; returns its keys."""
        iam = self.client("iam")
        iam.create_user(UserName=name, Path=path)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}

    def make_role(
        self, name: str, *statements: dict[str, Any], trust: dict[str, Any] | None = None, **more: Any
    ) -> str:
        """A role with one inline policy; returns its ARN."""
        iam = self.client("iam")
        usual = {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust or usual), **more)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return str(made["Role"]["Arn"])

    def make_policy(self, name: str, *statements: dict[str, Any]) -> str:
        """A managed policy; returns its ARN."""
        made = self.client("iam").create_policy(PolicyName=name, PolicyDocument=policy(*statements))
        return str(made["Policy"]["Arn"])


def policy(*statements: dict[str, Any]) -> str:
    """A policy document of some statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str | list[str] = "*", **condition: Any) -> dict[str, Any]:
    """A statement that allows."""
    found: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return {**found, "Condition": condition} if condition else found


@contextlib.contextmanager
def lab_aws(state: Path) -> Iterator[LabAws]:
    """The lab's AWS as a process on a free port of loopback."""
    for name in ("log", "run", "tmp", "targets", "tls"):
        (state / name).mkdir(parents=True, exist_ok=True)
    aws = LabAws(f"http://127.0.0.1:{free_port()}", state)
    endpoints = {"endpoint_url": aws.endpoint_url, "region": REGION, "account_id": ACCOUNT, **aws.keys}
    settings = {"description": str(LAB / "lab.yml"), "endpoints": {"aws": endpoints}}
    (state / "lab.json").write_text(json.dumps(settings), encoding="utf-8")
    (state / "endpoints.json").write_text("{}", encoding="utf-8")
    log = state / "log" / "aws.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(PYTHON), "-m", "lab.aws.server", str(state)],
            cwd=LAB,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait(process, aws.endpoint_url, log)
        yield aws
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    http = urllib3.PoolManager(retries=False, timeout=10)
    while True:
        try:
            http.request("GET", f"{url}/moto-api/data.json")
            return
        except urllib3.exceptions.HTTPError:
            assert process.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")[-3000:]
            time.sleep(0.1)
