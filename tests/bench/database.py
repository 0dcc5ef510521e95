# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real MariaDB server with data to back up: made once below build/, started for a measurement."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from measure import BenchError, disk_usage

TABLES = 4
ROW_BYTES = 1100
"""What a row takes in InnoDB's file, about."""

START_SECONDS = 120
# Half of a row compresses well and half of it does not, as real tables do.
FILL = """
USE bench;
CREATE TABLE t{number} (id INT PRIMARY KEY, text VARCHAR(600), data VARBINARY(600)) ENGINE=InnoDB;
INSERT INTO t{number} SELECT seq, REPEAT(MD5(seq), 15), RANDOM_BYTES(480) FROM seq_1_to_{rows};
"""


@dataclass(frozen=True)
class Database:
    """The running server."""

    socket: Path
    datadir: Path
    bytes_of_tables: int
    """What its tables take on the disk."""


@contextlib.contextmanager
def mariadb(home: Path, size: int) -> Iterator[Database]:
    """Run a server with about *size* bytes in its tables; *home* keeps them for the next time."""
    datadir = home / f"mariadb-{size}"
    filled = home / f"mariadb-{size}.filled"
    if not filled.exists():
        print(f"filling a MariaDB server with {size / 2**30:.2f} GiB", flush=True)
        shutil.rmtree(datadir, ignore_errors=True)
        _install(datadir)
        with _running(datadir, "--innodb-buffer-pool-size=1G", "--innodb-doublewrite=0", "--skip-log-bin") as socket:
            _sql(socket, "CREATE DATABASE bench")
            for number in range(TABLES):
                _sql(socket, FILL.format(number=number, rows=max(1, size // TABLES // ROW_BYTES)))
        filled.touch()
    with _running(datadir, "--innodb-buffer-pool-size=256M", "--log-bin=binlog") as socket:
        yield Database(socket, datadir, disk_usage(datadir / "bench"))


def _install(datadir: Path) -> None:
    argv = ["mariadb-install-db", "--no-defaults", f"--datadir={datadir}", "--auth-root-authentication-method=normal"]
    result = subprocess.run([*argv, *_user()], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise BenchError(f"no data directory could be made:\n{result.stdout}{result.stderr}")


@contextlib.contextmanager
def _running(datadir: Path, *options: str) -> Iterator[Path]:
    # A socket's path may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="dbferry-bench-") as short:
        socket, log = Path(short, "s"), Path(short, "log")
        argv = [
            *("mariadbd", "--no-defaults", f"--datadir={datadir}", f"--socket={socket}", "--skip-networking"),
            *(f"--pid-file={short}/pid", f"--tmpdir={short}", "--server-id=1"),
            *("--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=256M", *_user(), *options),
        ]
        with log.open("wb") as stream:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)
        try:
            limit = time.monotonic() + START_SECONDS
            while not socket.exists():
                if process.poll() is not None or time.monotonic() > limit:
                    raise BenchError(f"mariadbd did not start:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.1)
            yield socket
        finally:
            process.terminate()
            process.wait()


def _sql(socket: Path, statements: str) -> None:
    argv = ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root"]
    result = subprocess.run(argv, input=statements, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise BenchError(f"the server said: {result.stderr}")


def _user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
