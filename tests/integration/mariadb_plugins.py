# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plug-ins for the MariaDB server of the tests, which Debian's package of the server alone does not hold."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = "mariadb-server"
"""It is unpacked and not installed: that would start a server of the machine's own."""


def mariadb_plugins() -> Path:
    """The folder of Debian's plug-ins, for ``--plugin-dir``; fetched by apt once a checkout."""
    home = CHECKOUT / "build" / "servers" / "mariadb-plugins"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        # Made beside its place, so that a killed run leaves nothing that looks done.
        with tempfile.TemporaryDirectory(prefix=".mariadb-plugins.", dir=home.parent) as work:
            download = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", PACKAGE]
            if subprocess.run(download, cwd=work, capture_output=True, check=False).returncode:
                # There are no lists yet, or they are older than the mirror.
                _run("apt-get", "-q", "update")
                _run(*download, cwd=work)
            (package,) = Path(work).glob("*.deb")
            _run("dpkg-deb", "--extract", str(package), f"{work}/made")
            (Path(work) / "made/usr/lib/mysql/plugin").rename(home)
    return home


def _run(*command: str, cwd: str = "/") -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
