# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of the lab's source with its real tool, and their way into the bucket."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from lab_client import Aws
from restores import connect


def command(lab: dict[str, Any], directory: Path, *options: str) -> list[str]:
    """The command that takes a backup into `directory` with the described tool as the migrator account."""
    source = lab["sources"]["source"]
    # The tool takes one option file: the server's own for its paths by inclusion, and the account.
    config = lab["state_dir"] / "tmp" / "backup.cnf"
    config.touch(mode=0o600)
    config.write_text(
        f'!include {source["config_file"]}\n[mariabackup]\nuser={source["user"]}\npassword="{source["password"]}"\n',
        encoding="utf-8",
    )
    return [
        lab["tools"]["backup"], f"--defaults-file={config}", "--backup", f"--socket={source['unix_socket']}",
        f"--target-dir={directory}", *options,
    ]  # fmt: skip


def take(lab: dict[str, Any], directory: Path, *options: str) -> Path:
    """A backup in a directory."""
    done = subprocess.run(command(lab, directory, *options), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return directory


def stream(lab: dict[str, Any], lsn_directory: Path, *options: str) -> bytes:
    """A backup as an xbstream, with the directory that the next increment builds on."""
    lsn_directory.mkdir(parents=True)
    options = ("--stream=xbstream", f"--extra-lsndir={lsn_directory}", *options)
    done = subprocess.run(command(lab, lsn_directory, *options), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def tar(directory: Path) -> bytes:
    """A directory as XtraBackup's tar stream has it: with blocks of zeros between the members."""
    whole = io.BytesIO()
    for path in sorted(directory.rglob("*")):
        member = io.BytesIO()
        with tarfile.open(fileobj=member, mode="w", format=tarfile.GNU_FORMAT) as archive:
            archive.add(path, path.relative_to(directory).as_posix(), recursive=False)
        whole.write(member.getvalue())  # closed with two blocks of zeros and filled up to a record
    return whole.getvalue()


def gzip_members(data: bytes, size: int = 1 << 20) -> bytes:
    """Compressed as parallel compressors do it: one gzip member after another."""
    return b"".join(gzip.compress(data[begin : begin + size], 1) for begin in range(0, len(data), size))


def put_parts(aws: Aws, name: str, data: bytes, count: int = 4) -> list[str]:
    """Put `data` under `name` (a key with its extension) in numbered parts; returns the keys."""
    size = -(-len(data) // count)
    keys = []
    for number, begin in enumerate(range(0, len(data), size)):
        keys.append(f"{name}{number:05}")
        aws.s3.put_object(Bucket=aws.bucket, Key=keys[-1], Body=data[begin : begin + size])
    return keys


def upload(aws: Aws, directory: Path, prefix: str) -> None:
    """Every file of a tree under a prefix."""
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            aws.s3.upload_file(str(path), aws.bucket, prefix + path.relative_to(directory).as_posix())


def execute(lab: dict[str, Any], *statements: str) -> None:
    """Run statements on the source as root."""
    source = lab["sources"]["source"]
    root = connect(source["host"], source["port"], source["root_user"], source["root_password"], source["ca_cert"])
    with root.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    root.close()
