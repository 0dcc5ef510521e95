# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages: the servers and tools that PyPI does not hold."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from commands import SetupError, run

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])

_one_apt_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Program:
    """A program that must be found, and the Debian package that brings it."""

    name: str
    package: str


LAB = (
    Program("mariadbd", "mariadb-server-core"),
    Program("mariabackup", "mariadb-backup"),
    Program("mbstream", "mariadb-backup"),
    Program("mariadb", "mariadb-client"),
    Program("mariadb-dump", "mariadb-client"),
)
CONTAINERS = (
    Program("podman", "podman"),
    Program("runc", "runc"),
    Program("debootstrap", "debootstrap"),
    Program("gpg", "gnupg"),
    Program("dpkg-deb", "dpkg"),
)


def missing_packages(programs: tuple[Program, ...]) -> list[str]:
    """Return the packages of those *programs* that are nowhere on the search path, each once, sorted."""
    return sorted({item.package for item in programs if shutil.which(item.name, path=SEARCH_PATH) is None})


def install(packages: list[str], log: Path) -> None:
    """Install *packages* with apt-get, as root or through sudo.

    Raises SetupError, with the command to type, where neither is possible.
    """
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get", path=SEARCH_PATH) is None:
        raise SetupError(
            f"this machine has no apt-get; install what brings: {', '.join(packages)}; then run this again"
        )
    prefix: list[str] = []
    if os.geteuid() != 0:
        prefix = ["sudo", "-n"]
        try:
            run([*prefix, "true"], log)
        except SetupError as error:
            raise SetupError(f"Debian packages are missing; type: sudo {' '.join(command)}") from error
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-q", "-o", "DPkg::Lock::Timeout=300"]
    with _one_apt_at_a_time:
        # A third party's list that cannot be read does not keep Debian's own packages from being installed.
        with contextlib.suppress(SetupError):
            run([*prefix, "apt-get", "update", *options], log, quiet)
        run([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *command, *options], log, quiet)
