# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages: the servers and tools that PyPI does not hold."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from commands import SetupError, run

INSTALL = ["apt-get", "install", "-y", "--no-install-recommends"]
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


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
    Program("openssl", "openssl"),
)
COMPRESSORS = (
    Program("pigz", "pigz"),
    Program("igzip", "isal"),
)
CONTAINERS = (
    Program("podman", "podman"),
    Program("runc", "runc"),
    Program("debootstrap", "debootstrap"),
    Program("gpg", "gnupg"),
    Program("dpkg-deb", "dpkg"),
)
BROWSER = (
    Program("chromium", "chromium"),
    Program("chromedriver", "chromium-driver"),
    Program("npm", "npm"),
)
BENCH = (
    Program("mariadbd", "mariadb-server-core"),
    Program("mariabackup", "mariadb-backup"),
    Program("mariadb", "mariadb-client"),
    Program("pt-show-grants", "percona-toolkit"),
    Program("rclone", "rclone"),
    # With the C library's headers, which gcc alone does not bring.
    Program("gcc", "build-essential"),
)


VENV = "python3-venv"
"""Brings ensurepip for Debian's own Python."""


def missing_packages(programs: tuple[Program, ...]) -> list[str]:
    """Return the packages of those *programs* that are nowhere on the search path, each once, sorted."""
    return sorted({item.package for item in programs if shutil.which(item.name, path=SEARCH_PATH) is None})


def privilege(packages: list[str]) -> list[str]:
    """Return the words to put before apt-get: none for root, sudo's for who may use it without a password.

    Raises SetupError, with what to type, where *packages* cannot be installed from here.
    """
    names = " ".join(packages)
    if shutil.which("apt-get", path=SEARCH_PATH) is None:
        raise SetupError(
            f"These Debian packages are missing: {names}\n"
            "This machine has no apt-get: install what brings the same programs, then run this again."
        )
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _silent(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    raise SetupError(
        f"These Debian packages are missing: {names}\n"
        "You are not root, and sudo does not let you install them without a password. Nothing was changed.\n"
        "Type this as root, then run this again as yourself:\n"
        f"  apt-get update && {' '.join([*INSTALL, *packages])}"
    )


def install(packages: list[str], prefix: list[str], log: Path) -> None:
    """Install *packages* with apt-get behind *prefix*, which `privilege` gave. Raises SetupError."""
    options = ["-q", "-o", "DPkg::Lock::Timeout=300"]
    # A third party's list that cannot be read does not keep Debian's own packages from being installed.
    with contextlib.suppress(SetupError):
        run([*prefix, "apt-get", "update", *options], log)
    # The download may be interrupted, dpkg may not: it would leave packages half configured.
    run([*prefix, *INSTALL, "--download-only", *options, *packages], log)
    run([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *INSTALL, *options, *packages], log, uninterrupted=True)


def _silent(argv: list[str]) -> bool:
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
