# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian packages of stand-ins, and signed apt repositories of them, laid out as Percona's."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from email.utils import formatdate
from pathlib import Path

from signing import SigningKey
from stand_ins import AFTER_INSTALL, StandIn, reports, write_programs

CODENAME = "bookworm"


def build(stand_in: StandIn, pool: Path) -> Path:
    """Build the package into *pool*, which is made; return its path."""
    pool.mkdir(parents=True, exist_ok=True)
    version = f"{stand_in.version}-{stand_in.release}.{CODENAME}"
    package = pool / f"{stand_in.package}_{version}_all.deb"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "package")
        write_programs(stand_in, folder / "usr/bin")
        control = folder / "DEBIAN"
        control.mkdir()
        (control / "control").write_text(
            f"Package: {stand_in.package}\n"
            f"Version: {version}\n"
            "Architecture: all\n"
            "Maintainer: dbferry contributors\n"
            f"Conflicts: {', '.join(stand_in.conflicts)}\n"
            "Description: stand-in for Percona XtraBackup that prints its version\n",
            encoding="ascii",
        )
        if reports(stand_in):
            (control / "postinst").write_text(AFTER_INSTALL, encoding="ascii")
            (control / "postinst").chmod(0o755)
        subprocess.run(["dpkg-deb", "--build", "--root-owner-group", str(folder), str(package)], check=True)
    return package


def publish(repository: Path, key: SigningKey) -> None:
    """Write the signed indexes of the packages in the pool of *repository*."""
    folder = repository / "dists" / CODENAME
    architecture = _output("dpkg", "--print-architecture").strip()
    index = folder / f"main/binary-{architecture}/Packages"
    index.parent.mkdir(parents=True)
    index.write_text("\n".join(_stanza(path, repository) for path in sorted(repository.glob("pool/*.deb"))))
    release = folder / "Release"
    release.write_text(
        f"Codename: {CODENAME}\nSuite: {CODENAME}\nComponents: main\nArchitectures: {architecture}\n"
        f"Date: {formatdate(usegmt=True)}\nSHA256:\n"
        f" {_sha256(index)} {index.stat().st_size} {index.relative_to(folder)}\n"
    )
    key.sign(release)


def _stanza(package: Path, repository: Path) -> str:
    return (
        f"{_output('dpkg-deb', '--field', str(package)).strip()}\n"
        f"Filename: {package.relative_to(repository)}\n"
        f"Size: {package.stat().st_size}\nSHA256: {_sha256(package)}\n"
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
