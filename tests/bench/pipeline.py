# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The case that takes a backup of a real server to S3: our stream, and what AWS' guide would have typed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Iterator

from cases import Bench
from data import BLOCK, GIB, PART_BYTES, crc32c
from database import Database, mariadb
from measure import BenchError, Command
from modules import Modules
from places import BIN, PYTHON
from rows import Row
from server import BUCKET, Arrived
from tool_names import PIPELINE_GUIDE, PIPELINE_OURS, PIPELINE_PLAIN
from tools import LARGE, PREFIX, Job, Tool, aws_environment, module_options, own_version

DATABASE_GIB = 2
MODULE = "dbferry.aurora_mysql.xtrabackup_s3"
NAME = "full"
# $1 the server's socket, $2 its data directory, $3 the tool's own directory, $4 the part size, $5 the directory of the
# parts, $6 and following the program that uploads them.
BACKUP = 'mariabackup --backup --stream=xbstream --user=root --socket="$1" --datadir="$2" --target-dir="$3"'
UPLOAD = '"${@:6}"'
STAGE = {
    PIPELINE_GUIDE: "gzip - | split -d -a 5 --bytes=$4 - $5/backup.xbstream.gz",
    PIPELINE_PLAIN: "split -d -a 5 --bytes=$4 - $5/backup.xbstream",
}
SETTINGS = {
    PIPELINE_OURS: "the module's defaults: xbstream, 4 threads that copy, 4 blocks sent at a time",
    PIPELINE_GUIDE: "as the guide has it: gzip's and the tool's defaults, one after the other",
    PIPELINE_PLAIN: "the same without gzip",
}


def pipeline(bench: Bench, modules: Modules) -> Iterator[Row]:
    """Back up 2 GiB of MariaDB to S3."""
    part = round(PART_BYTES * bench.scale)
    with mariadb(bench.home / "data", round(DATABASE_GIB * GIB * bench.scale)) as database:
        subprocess.run(["cat", *database.datadir.rglob("*.ibd")], stdout=subprocess.DEVNULL, check=True)
        for run, tool in bench.rounds(ways(modules, database, part)):
            bench.server.reset()
            scratch = bench.scratch()
            staged = scratch / "backup"
            staged.mkdir()
            command = tool.command(Job(LARGE, staged, bench.server.endpoint_url, scratch))
            row, _result = bench.counted("pipeline", run, tool, database.bytes_of_tables, command, watched=staged)
            _check(bench, tool.name, staged, database, part)
            shutil.rmtree(scratch)
            yield row


def ways(modules: Modules, database: Database, part: int) -> list[Tool]:
    """Return our module and the guide's pipelines, as tools."""
    return [_ours(modules, database, part), *(_guide(name, database, part) for name in STAGE)]


def _ours(modules: Modules, database: Database, part: int) -> Tool:
    def command(job: Job) -> Command:
        options = {
            **module_options(job.endpoint_url),
            "bucket": BUCKET,
            "prefix": PREFIX,
            "name": NAME,
            "work_dir": str(job.source / "work"),
            "datadir": str(database.datadir),
            "login_unix_socket": str(database.socket),
            "login_user": "root",
            "server_version": _server_version(),
            "executable": "mariabackup",
            "allow_mariadb": True,
            "part_size": str(part),
            "progress_file": str(job.scratch / "progress"),
        }
        program = modules.build(MODULE, options, job.scratch / "xtrabackup_s3.py")
        return Command([PYTHON, program], {"TMPDIR": str(job.source)})

    return Tool(PIPELINE_OURS, own_version(), SETTINGS, command)


def _guide(name: str, database: Database, part: int) -> Tool:
    def command(job: Job) -> Command:
        upload = [BIN / "aws", "--endpoint-url", job.endpoint_url, "s3", "cp", "--recursive", "--only-show-errors"]
        upload += [job.source, f"s3://{BUCKET}/{PREFIX}{NAME}/"]
        script = f"set -o pipefail; {BACKUP} | {STAGE[name]} && {UPLOAD}"
        values = [database.socket, database.datadir, job.scratch / "target", str(part), job.source]
        env = {**aws_environment(job.scratch, {"preferred_transfer_client": "classic"}), "TMPDIR": str(job.source)}
        return Command(["bash", "-c", script, "guide", *values, *upload], env)

    return Tool(name, _tool_version(), SETTINGS, command)


def _check(bench: Bench, way: str, staged: Path, database: Database, part: int) -> None:
    """Raise BenchError unless what arrived is what was staged, or, where nothing was, a stream of the data's size.

    That the stream is a backup that can be restored is what the integration tests prove.
    """
    found = bench.server.objects()
    wanted = {f"{PREFIX}{NAME}/{path.name}": _sum(path) for path in staged.glob("backup.*")}
    if wanted and found != wanted:
        raise BenchError(f"what {way} staged is not what arrived: {sorted(wanted)}, {sorted(found)}")
    sizes = [each.size for _key, each in sorted(found.items())]
    if not wanted and (any(size != part for size in sizes[:-1]) or sum(sizes) < 0.9 * database.bytes_of_tables):
        raise BenchError(f"{way} sent parts of {sizes} bytes of a server with {database.bytes_of_tables}")
    if uploads := bench.server.counters().uploads:
        raise BenchError(f"{way} left {uploads} multipart uploads open")


def _sum(path: Path) -> Arrived:
    crc = 0
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            crc = crc32c(block, crc)
    return Arrived(path.stat().st_size, crc)


def _server_version() -> str:
    words = subprocess.run(["mariadbd", "--version"], capture_output=True, text=True, check=True).stdout.split()
    return words[words.index("Ver") + 1]


def _tool_version() -> str:
    result = subprocess.run(["mariabackup", "--version"], capture_output=True, text=True, check=True)
    words = (result.stdout + result.stderr).split()
    return f"mariabackup {words[words.index('server') + 1].partition('-')[0]}"
