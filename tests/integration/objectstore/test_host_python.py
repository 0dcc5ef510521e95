# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The upload on the oldest Python of a database host, with the boto3 of that day."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BUILD

from .conftest import BUCKET, PREFIX, REGION, Place, Tree

HOST_PYTHON = BUILD / "venvs" / "host" / "bin" / "python"
SYNC = """
import json, sys
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore import (
    bucket, checksums, connect, plan, sync, tree)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import stop_on_signals
given = json.load(sys.stdin)
client = connect.connect_bucket(given["aws"], given["bucket"], given["prefix"])
store = bucket.S3Prefix(client, given["bucket"], given["prefix"], checksums.choose_algorithm())
options = sync.SyncOptions(3, False, False)
planned = plan.plan_objects(tree.scan_tree(given["src"]), given["prefix"], 5 << 20)
with stop_on_signals() as stop:
    result = sync.TreeSync(given["src"], given["prefix"], planned, store, options, ProgressFile(None), stop).run()
print(json.dumps(dict(result._asdict(), python=sys.version_info[:2], algorithm=store.algorithm.name)))
"""


def sync(place: Place, tree: Tree, import_path: Path, keys: dict[str, str]) -> dict[str, Any]:
    given = {
        "aws": {"endpoint_url": place.proxy.endpoint_url, "region": REGION, **keys},
        "bucket": BUCKET,
        "prefix": PREFIX,
        "src": str(tree.root),
    }
    # LC_ALL=C: how many a task runs on an old host, where names decode as ASCII
    found = {} if keys else {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"}
    environment = {**os.environ, **found, "PYTHONPATH": str(import_path), "LC_ALL": "C"}
    done = subprocess.run(
        [HOST_PYTHON, "-c", SYNC], input=json.dumps(given), capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.skipif(not HOST_PYTHON.exists(), reason="no Python 3.6 on this machine: setup made no environment of it")
@pytest.mark.parametrize("keys", [{"access_key": "A", "secret_key": "s"}, {}], ids=["told", "found"])
def test_the_upload_works_on_python_3_6(place: Place, tree: Tree, generation: Any, keys: dict[str, str]) -> None:
    tree.write("ünïcödé/new\nline", b"x")
    first = sync(place, tree, generation.collections, keys)
    assert first["python"] == [3, 6]
    assert first["algorithm"] == "CRC32"
    assert first["objects_uploaded"] == 5
    assert place.contents() == tree.contents()
    assert {request.checksum for request in place.proxy.sent()} == {"x-amz-checksum-crc32"}
    assert not any("content-md5" in request.headers for request in place.proxy.sent())
    assert place.open_uploads() == []
    second = sync(place, tree, generation.collections, keys)
    assert second["objects_uploaded"] == 0
    assert second["fingerprint"] == first["fingerprint"]
