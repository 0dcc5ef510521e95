# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real MySQL servers for the integration tests, of the versions that the lab can fetch."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterator, Sequence

from .servers import (
    ROOT_PASSWORD,
    DatabaseServer,
    as_root,
    child_process,
    free_port,
    run_program,
    wait_for_greeting,
)

CHECKOUT = Path(__file__).resolve().parents[2]
FETCH = CHECKOUT / "tests" / "lab" / "servers" / "fetch.py"
SERVERS = CHECKOUT / "build" / "servers"

_ARGUMENTS = {
    "9.7": ["--mysqlx=OFF", "--innodb-redo-log-capacity=8M", "--character-set-server=utf8mb4"],
    "5.6": ["--character-set-server=utf8mb4"],
}
_FIRST_STATEMENTS = {
    "9.7": ["ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}'"],
    "5.6": [
        "DELETE FROM mysql.user WHERE User <> 'root' OR Host <> 'localhost'",
        "DELETE FROM mysql.db",
        "DELETE FROM mysql.proxies_priv",
        "FLUSH PRIVILEGES",
        "DROP DATABASE IF EXISTS test",
        "SET PASSWORD FOR 'root'@'localhost' = PASSWORD('{password}')",
    ],
}


@contextlib.contextmanager
def mysql_server(
    tmp_path: Path,
    version: str,
    name: str = "mysql",
    server_args: Sequence[str] = (),
    env: dict[str, str] | None = None,
    keyring: bool = False,
) -> Iterator[DatabaseServer]:
    """A MySQL server on a fresh data directory, with ``root`` (``ROOT_PASSWORD``) and no other account of a person.

    :param tmp_path: a directory for its files; the server's own is ``tmp_path/name``.
    :param version: ``9.7`` or ``5.6``.
    :param name: tells several servers of one test apart.
    :param server_args: further arguments.
    :param env: further environment variables of the process, such as ``TZ``.
    :param keyring: let 9.7 keep keys in a file, so that it can encrypt.
    """
    home = tmp_path / name
    datadir, log = home / "data", home / "error.log"
    # each server makes a UUID of its own: replication tells them apart by it
    shutil.copytree(_template(version), datadir, ignore=shutil.ignore_patterns("auto.cnf"))
    first = home / "first.sql"
    first.write_text("".join(f"{line.format(password=ROOT_PASSWORD)};\n" for line in _FIRST_STATEMENTS[version]))
    # a socket's path may have 107 bytes, pytest's directories are longer
    socket_dir = Path(tempfile.mkdtemp(prefix="dbferry-"))
    port = free_port()
    program = _with_keyring(home, version) if keyring else [_mysqld(version), "--no-defaults"]
    arguments = [
        *program,
        f"--datadir={datadir}",
        f"--socket={socket_dir}/s",
        f"--port={port}",
        f"--pid-file={home}/pid",
        f"--tmpdir={socket_dir}",
        f"--init-file={first}",
        "--bind-address=127.0.0.1",
        "--server-id=1",
        "--secure-file-priv=",
        "--innodb-buffer-pool-size=64M",
        "--innodb-flush-log-at-trx-commit=0",
        "--skip-log-bin",
        *_ARGUMENTS[version],
        *as_root(),
        *server_args,
    ]
    try:
        with child_process(arguments, log, env) as child:
            wait_for_greeting(child, port, log)
            yield DatabaseServer("127.0.0.1", port, socket_dir / "s", datadir, log, child.pid, None)
    finally:
        shutil.rmtree(socket_dir, ignore_errors=True)


def _with_keyring(home: Path, version: str) -> list[str]:
    """The command of a server that loads the keyring component: it looks for the list of components beside its own
    program, and follows symbolic links to it."""
    of_package, own = SERVERS / f"mysql-{version}" / "usr", home / "program"
    libraries, plugins = of_package / "lib/x86_64-linux-gnu", own / "plugins"
    plugins.mkdir(parents=True)
    component = "component_keyring_file"
    (own / "mysqld.my").write_text(json.dumps({"components": f"file://{component}"}))
    (plugins / f"{component}.cnf").write_text(json.dumps({"path": str(home / "keys"), "read_only": False}))
    (plugins / f"{component}.so").symlink_to(of_package / "lib/mysql/plugin" / f"{component}.so")
    shutil.copy2(of_package / "sbin/mysqld", own / "mysqld")
    loader = [str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries), str(own / "mysqld")]
    return [*loader, "--no-defaults", f"--basedir={of_package}", f"--plugin-dir={plugins}"]


def _mysqld(version: str) -> str:
    return str(SERVERS / f"mysql-{version}" / "bin" / "mysqld")


@functools.cache
def _template(version: str) -> Path:
    """A fresh data directory, made once a session; servers get copies of it."""
    done = subprocess.run([sys.executable, str(FETCH), f"mysql-{version}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    home = Path(tempfile.mkdtemp(prefix="dbferry-template-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    datadir = home / "data"
    if version == "5.6":
        run_program([str(SERVERS / "mysql-5.6" / "bin" / "initialize"), str(datadir)])
    else:
        small = "--innodb-redo-log-capacity=8M"
        run_program(
            [_mysqld(version), "--no-defaults", "--initialize-insecure", f"--datadir={datadir}", small, *as_root()]
        )
    return datadir
