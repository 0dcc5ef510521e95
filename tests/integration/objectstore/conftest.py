# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto as S3, a fault proxy before it, a tree to carry, and ``s3_tree`` as a process of its own."""

from __future__ import annotations

import contextlib
import json
import random
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.module_process import ModuleProcess
from tests.integration.servers import MotoServer, moto_server

from .faults import FaultProxy, fault_proxy

BUCKET = "migrations"
REGION = "eu-west-1"
PREFIX = "shop/backup/"
MIB = 1024 * 1024
PATIENCE = 40
PROFILE = "tests"
# What the options tell by themselves, botocore has to find with these.
TOLD: dict[str, Any] = {}
FOUND: dict[str, Any] = {"access_key": None, "secret_key": None, "profile": PROFILE}


class Place:
    """The bucket, the proxy on the way to it, and the module that sends to it."""

    def __init__(self, moto: MotoServer, proxy: FaultProxy, python: str, import_path: str, files: Path) -> None:
        self.proxy = proxy
        self._host = (moto, proxy, python)
        self._files = files
        self.s3 = moto.client("s3", REGION)
        # what a test puts beside the module's way has to be seen under the same names
        self.through = MotoServer(proxy.endpoint_url, moto.pid).client("s3", REGION)
        self._options = dict(moto.aws_options(), endpoint_url=proxy.endpoint_url, region=REGION)
        credentials = files / "aws-credentials"
        keys = f"aws_access_key_id={self._options['access_key']}\naws_secret_access_key={self._options['secret_key']}\n"
        credentials.write_text(f"[{PROFILE}]\n{keys}")
        environment = {"AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
        self._modules = {
            name: ModuleProcess(name, python, import_path, environment) for name in ("s3_tree", "xtrabackup_s3")
        }

    def with_imports_from(self, import_path: str) -> Place:
        """The same place, reached from a host that has other packages."""
        return Place(*self._host, import_path, self._files)

    def start(self, src: Path, **options: Any) -> subprocess.Popen[str]:
        """Start ``s3_tree``; its result is on standard output."""
        return self.start_module("s3_tree", src=str(src), **{"part_size_mib": 5, "parallel": 3, **options})

    def start_module(self, module: str, **options: Any) -> subprocess.Popen[str]:
        """Start a module for the bucket; its result is on standard output."""
        return self._modules[module].start({"bucket": BUCKET, "prefix": PREFIX, **self._options, **options})

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """The module's result."""
        return self._modules["s3_tree"].finish(process)

    def wait_for_progress(self, process: subprocess.Popen[str], file: Path, detail: str) -> dict[str, Any]:
        """The first snapshot of a running module whose detail has such words."""
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError):
                snapshot: dict[str, Any] = json.loads(file.read_text())
                if re.search(detail, snapshot["detail"]):
                    return snapshot
            time.sleep(0.05)
        raise AssertionError(f"the progress has never said {detail!r}")

    def run(self, src: Path, **options: Any) -> dict[str, Any]:
        """Run the module, which has to succeed."""
        result = self.finish(self.start(src, **options))
        assert not result.get("failed"), result
        return result

    def fail(self, src: Path, **options: Any) -> dict[str, Any]:
        """Run the module, which has to fail."""
        result = self.finish(self.start(src, **options))
        assert result.get("failed"), result
        return result

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin with ``prefix``."""
        pages = self.through.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def contents(self, prefix: str = PREFIX) -> dict[str, bytes]:
        """What stands under a prefix, by key without it."""
        return {
            key[len(prefix) :]: self.through.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            for key in self.keys(prefix)
        }

    def open_uploads(self) -> list[str]:
        """The keys of multipart uploads that were begun and neither completed nor aborted."""
        return [each["Key"] for each in self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]

    def put(self, key: str, body: bytes = b"someone else's") -> None:
        """Put an object past the module."""
        self.through.put_object(Bucket=BUCKET, Key=key, Body=body)


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    with moto_server(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture
def place(moto: MotoServer, generation: Any, tmp_path: Path) -> Iterator[Place]:
    """An empty bucket."""
    s3 = moto.client("s3", REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    try:
        with fault_proxy(moto.endpoint_url) as proxy:
            yield Place(moto, proxy, str(generation.bin / "python"), str(generation.collections), tmp_path)
    finally:
        for upload in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            objects = [{"Key": each["Key"]} for each in page.get("Contents", [])]
            if objects:
                s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects})
        s3.delete_bucket(Bucket=BUCKET)


class Tree:
    """A directory with the files of a backup, or what could be there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._random = random.Random(7)

    def write(self, path: str, data: bytes | int) -> None:
        """Write a file: its bytes, or how many random ones."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self._random.randbytes(data) if isinstance(data, int) else data)

    def contents(self) -> dict[str, bytes]:
        """Every file's bytes, by path."""
        return {str(path.relative_to(self.root)): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small backup with one file of several parts."""
    made = Tree(tmp_path / "backup")
    made.write("ibdata1", 12 * MIB + 345)
    made.write("xtrabackup_checkpoints", b"backup_type = full-backuped\n")
    made.write("shop/orders.ibd", 96 * 1024)
    made.write("shop/db.opt", b"")
    return made
