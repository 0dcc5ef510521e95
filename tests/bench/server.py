# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The S3 server that all tools send to: built here, a process of its own, emptied before each run."""

from __future__ import annotations

import contextlib
import http.client
import json
import shlex
import subprocess
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from measure import BenchError

SOURCES = Path(__file__).resolve().parent / "s3server"
COMPILE = shlex.split("gcc -std=c11 -D_GNU_SOURCE -O2 -march=native -Wall -Wextra -Werror -pthread")
BUCKET = "bench"


@dataclass(frozen=True)
class Counters:
    """What the server has seen since it was last emptied; its processor time since it was started.

    :ivar connections: those that are open now, the one that asks among them.
    """

    requests: int
    bytes: int
    objects: int
    uploads: int
    connections: int
    cpu_s: float


@dataclass(frozen=True)
class Arrived:
    """An object as it arrived."""

    size: int
    crc32c: int


class S3Server:
    """The running server."""

    def __init__(self, port: int) -> None:
        self._port = port

    @property
    def endpoint_url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}"

    def counters(self) -> Counters:
        """Return what it has counted."""
        return Counters(**json.loads(self._get("/-/counters")))

    def objects(self) -> dict[str, Arrived]:
        """Return the objects of the bucket by key."""
        found = {}
        for line in self._get("/-/objects").splitlines():
            size, crc, name = line.split(" ")
            _empty, bucket, key = urllib.parse.unquote(name).split("/", 2)
            if bucket == BUCKET:
                found[key] = Arrived(int(size), int(crc))
        return found

    def reset(self) -> None:
        """Empty it and let it count from zero."""
        self._get("/-/reset")

    def hold_at(self, count: int) -> None:
        """Let it read no more once *count* bytes have arrived; 0 lets it read again."""
        self._get(f"/-/hold?bytes={count}")

    def let_go(self) -> None:
        """Let it read what killed clients have left in their connections, and wait until these are closed."""
        self.hold_at(0)
        while self.counters().connections > 1:
            time.sleep(0.01)

    def _get(self, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().read().decode()


@contextlib.contextmanager
def s3_server(build: Path) -> Iterator[S3Server]:
    """Build the server below *build* where that has to be done, and run it for the block."""
    program = _program(build)
    process = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise BenchError(f"{program} did not start")
        yield S3Server(int(port))
    finally:
        process.terminate()
        process.wait()


def _program(build: Path) -> Path:
    program = build / "s3server"
    sources = sorted(SOURCES.glob("*.[ch]"))
    if not program.exists() or program.stat().st_mtime < max(path.stat().st_mtime for path in sources):
        build.mkdir(parents=True, exist_ok=True)
        argv = [*COMPILE, *(path for path in sources if path.suffix == ".c"), "-o", program]
        result = subprocess.run(argv, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise BenchError(f"{SOURCES} cannot be compiled:\n{result.stderr}")
    return program
