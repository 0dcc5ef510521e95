# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Feed a user's own SQL dump, plain or gzip, to a server."""

from __future__ import annotations

import contextlib
import gzip
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .database_server import DatabaseServer, identifier
from .errors import LabError

# A whole statement: a view's or a routine's body may have a line that begins with USE INDEX.
CHOOSES_SCHEMA = re.compile(
    rb"^\s*(?:/\*![0-9]+\s*)?(?:USE\s+(?:`(?:[^`]|``)+`|[\w$]+)\s*;|CREATE\s+(?:DATABASE|SCHEMA)\b)", re.IGNORECASE
)
# What mysqldump writes for a server with GTIDs: about binary logs that are not this server's, and unknown to MariaDB.
OF_ANOTHER_BINLOG = re.compile(
    rb"^SET\s+(?:@MYSQLDUMP_TEMP_LOG_BIN|@@SESSION\.SQL_LOG_BIN|@@GLOBAL\.GTID_PURGED)\s*=", re.IGNORECASE
)


def _open(path: Path) -> IO[bytes]:
    with open(path, "rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if compressed else open(path, "rb")  # type: ignore[return-value]


def chooses_schema(path: Path) -> bool:
    """Whether the dump itself names a schema (USE or CREATE DATABASE at the start of a line)."""
    with _open(path) as lines:
        return any(CHOOSES_SCHEMA.match(line) for line in lines)


def schema_for(path: Path) -> str:
    """The schema that a dump which names none goes into: the file's name without its endings."""
    return path.name.split(".")[0] or "dump"


def translated(path: Path, replacements: dict[str, str]) -> Iterator[bytes]:
    """The dump's lines as the lab's server takes them.

    :param replacements: regular expressions of whole words, and what stands in their place outside of rows.
    """
    patterns = [(re.compile(rf"\b(?:{old})\b".encode()), new.encode()) for old, new in replacements.items()]
    left_out = False
    with _open(path) as lines:
        for line in lines:
            left_out = left_out or bool(OF_ANOTHER_BINLOG.match(line))
            if left_out:
                # A set of GTIDs goes over several lines.
                left_out = not line.rstrip().endswith(b";")
                continue
            # Rows stay as they are: a replaced word there would be changed data.
            if not line.startswith((b"INSERT", b"REPLACE", b"(")):
                for old, new in patterns:
                    line = old.sub(new, line)
            yield line


def load(server: DatabaseServer, config: Path, path: Path) -> str:
    """Load the dump as the account of `config`; returns the schema it was put into, "" when the dump chooses itself."""
    try:
        schema = "" if chooses_schema(path) else schema_for(path)
    except (OSError, EOFError) as exc:
        raise LabError(f"The dump {path} cannot be read: {exc}") from exc
    if schema:
        server.run_sql(config, f"CREATE DATABASE IF NOT EXISTS {identifier(schema)}")
    command = [server.server.client, f"--defaults-file={config}", "--default-character-set=utf8mb4"]
    if schema:
        command.append(f"--database={schema}")
    with open(server.home / "dump.err", "w+b") as errors:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors) as client:
            assert client.stdin is not None
            try:
                for line in translated(path, server.server.dump_replacements):
                    client.stdin.write(line)
                client.stdin.close()
            except BrokenPipeError:
                # The client has given up and says why. What is left for it is tried once more at the end of the block.
                with contextlib.suppress(BrokenPipeError):
                    client.stdin.close()
            except (OSError, EOFError) as exc:
                client.kill()
                raise LabError(f"The dump {path} cannot be read: {exc}") from exc
        if client.returncode:
            errors.seek(0)
            raise LabError(f"The dump {path} does not load: {errors.read().decode('utf-8', 'replace').strip()}")
    return schema
