# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `up`, `down` and `status` do, step by step."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import urllib3

from . import certificates, inventory
from .certificates import SOURCE_TLS, TARGET_TLS, ServerCertificate
from .description import Description, require_programs
from .errors import LabError
from .processes import Process, free_port, running
from .source import FAST_SIZE, FULL_SIZE, SMALL_SIZE, Source, require_known_features, write_zone_sql
from .state import State

AWS_PROCESS = "aws"


class Steps:
    """Prints a line for each of the steps that follow one another, with its seconds."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def done(self, text: str) -> None:
        """Print what is done and how long it took."""
        now = time.monotonic()
        print(f"{now - self.last:6.1f} s  {text}", flush=True)
        self.last = now


def up(state: State, description: Description, sources: int, dump: Path | None, fast: bool) -> None:
    """Start a lab; says so when it is up already. A start that fails leaves no process behind."""
    if sources < 1:
        raise LabError("--sources takes 1 or more")
    if dump is not None and not dump.is_file():
        raise LabError(f"The dump {dump} is not a file")
    require_programs(description)
    require_known_features(description)
    content = {"sources": sources, "dump": str(dump or ""), "fast": fast}
    with state.locked():
        if state.endpoints.exists() and Process(AWS_PROCESS, state.run).pid() is not None:
            settings = state.read(state.settings)
            standing = settings["description"]
            if standing != str(description.path):
                raise LabError(f"The lab in {state.directory} is up already, as {standing} describes it; stop it first")
            if settings["content"] != content:
                raise LabError(f"The lab in {state.directory} is up already, with other sources or data; stop it first")
            print(f"The lab in {state.directory} is up already.")
            _tell(state)
            return
        _stop_all(state)
        try:
            _start(state, description, sources, dump, fast)
            state.write(state.settings, {**state.read(state.settings), "content": content})
        except BaseException:
            _stop_all(state)
            raise
        _tell(state)


def _start(state: State, description: Description, sources: int, dump: Path | None, fast: bool) -> None:
    steps = Steps()
    _tell_what_is_lacking(description)
    state.create()
    source_tls = certificates.make(state.tls, SOURCE_TLS)
    target_tls = certificates.make(state.tls, TARGET_TLS)
    write_zone_sql(state, description)
    steps.done("certificates and zone tables made")

    endpoints: dict[str, Any] = {
        "aws": {
            "endpoint_url": f"http://127.0.0.1:{free_port()}",
            "region": description.aurora.region,
            "access_key": "AKIA" + secrets.token_hex(8).upper(),
            "secret_key": secrets.token_urlsafe(30),
            "account_id": description.aurora.account_id,
        },
        "bucket": f"dbferry-lab-{secrets.token_hex(4)}",
        "target_ca_cert": str(target_tls.ca),
        "sources": {},
        "targets": {},
        "tools": {
            "backup": description.backup.executable,
            "client": description.server.client,
            "unpack_stream": description.backup.unpack_stream,
        },
    }
    names = ["source", *(f"source{number}" for number in range(2, sources + 1))]
    made = [Source(name, state, description, server_id=101 + number) for number, name in enumerate(names)]
    sizes = [FAST_SIZE if fast else FULL_SIZE, *[FAST_SIZE if fast else SMALL_SIZE] * (sources - 1)]
    # A server that loads its data keeps one core busy; the others start on what is left.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as side_by_side:
        filled = [
            side_by_side.submit(_fill, source, source_tls, size if dump is None else dump)
            for source, size in zip(made, sizes)
        ]
        _start_aws(state, description, endpoints)
        steps.done(f"S3, IAM, STS and RDS answer at {endpoints['aws']['endpoint_url']}, bucket {endpoints['bucket']}")
        for each in filled:
            each.result()
    for source in made:
        endpoints["sources"][source.name] = source.endpoint(source_tls)
    inventory.write(state, description, endpoints)
    state.write(state.endpoints, endpoints)


def _fill(source: Source, certificate: ServerCertificate, content: int | Path) -> None:
    """Start a source and load the sample of that size, or that dump."""
    steps = Steps()
    source.start(certificate)
    steps.done(f"{source.name} runs on port {source.port}")
    loaded = source.load_dump(content) if isinstance(content, Path) else source.load_sample(content)
    steps.done(f"{source.name} holds {loaded}")


def _tell_what_is_lacking(description: Description) -> None:
    missing = description.missing_backup_programs()
    if missing:
        print(
            f"Not found on this machine: {', '.join(missing)}. The lab starts without; no physical backup will run"
            " here, and no cluster can be restored from one."
        )
    for feature, reason in description.server.sample_without.items():
        print(f"The sample data comes without {feature}: {reason}")


def _start_aws(state: State, description: Description, endpoints: dict[str, Any]) -> None:
    state.write(state.settings, {"description": str(description.path), "endpoints": endpoints})
    process, log = Process(AWS_PROCESS, state.run), state.log / "aws.log"
    url = endpoints["aws"]["endpoint_url"]
    process.start(
        [sys.executable, "-m", "lab.aws.server", str(state.directory)], log, cwd=Path(__file__).resolve().parents[1]
    )
    http = urllib3.PoolManager(retries=False, timeout=10)

    def answers() -> bool:
        try:
            return http.request("GET", f"{url}/moto-api/data.json", preload_content=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    process.wait_until(answers, log)
    s3 = boto3.client(
        "s3",
        endpoint_url=url,
        region_name=endpoints["aws"]["region"],
        aws_access_key_id=endpoints["aws"]["access_key"],
        aws_secret_access_key=endpoints["aws"]["secret_key"],
    )
    s3.create_bucket(
        Bucket=endpoints["bucket"], CreateBucketConfiguration={"LocationConstraint": endpoints["aws"]["region"]}
    )


def _tell(state: State) -> None:
    print(f"endpoints: {state.endpoints}")
    print(f"inventory: {state.inventory}")


def _stop_all(state: State) -> int:
    """Stop what runs and remove the data; returns the number of processes that ran."""
    # AWS' stand-in goes first: it would start servers while the others are being stopped.
    found = sorted(running(state.run), key=lambda process: process.name != AWS_PROCESS)
    for process in found:
        process.stop()
    left = running(state.run)
    for process in left:
        process.stop()
    state.remove_all()
    return len(found) + len(left)


def down(state: State, logs: bool) -> None:
    """Stop everything of this lab and remove its data."""
    if not state.directory.exists():
        print(f"No lab in {state.directory}.")
        return
    with state.locked():
        stopped = _stop_all(state)
        if logs:
            shutil.rmtree(state.log, ignore_errors=True)
    print(f"The lab in {state.directory} is down ({stopped} processes stopped).")


def status(state: State) -> bool:
    """Print what runs; True when the lab is up."""
    found = running(state.run)
    for process in found:
        print(f"{process.name}: pid {process.pid()}")
    is_up = state.endpoints.exists() and any(process.name == AWS_PROCESS for process in found)
    print(f"The lab in {state.directory} is {'up' if is_up else 'not up'}.")
    if is_up:
        _tell(state)
    return is_up
