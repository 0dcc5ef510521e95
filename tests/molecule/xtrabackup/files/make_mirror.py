# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a signed apt repository, laid out as Percona's, in the folder argv[1].

It holds one package, percona-xtrabackup-80, which is a stand-in: its program only prints the line that the real
xtrabackup 8.0.35-31 prints for --version. The signing key is made here; its fingerprint goes to FOLDER/fingerprint.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from email.utils import formatdate
from pathlib import Path

VERSION_LINE = "xtrabackup version 8.0.35-31 based on MySQL server 8.0.35 Linux (x86_64) (revision id: 55ec21d7)"
CONTROL = """\
Package: percona-xtrabackup-80
Version: 8.0.35-31-1.bookworm
Architecture: all
Maintainer: dbferry contributors
Description: stand-in for Percona XtraBackup that prints its version
"""


def main() -> None:
    """Make package, index, key and signature."""
    mirror = Path(sys.argv[1])
    repository = mirror / "pxb-80/apt"
    pool = repository / "pool"
    pool.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        package = make_package(Path(scratch, "package"), pool)
        release = write_indexes(repository, package)
        sign(Path(scratch), mirror, release)


def make_package(folder: Path, pool: Path) -> Path:
    """Build the package from *folder* into *pool*; return its path."""
    program = folder / "usr/bin/xtrabackup"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{VERSION_LINE}' >&2\n", encoding="ascii")
    program.chmod(0o755)
    (folder / "DEBIAN").mkdir()
    (folder / "DEBIAN/control").write_text(CONTROL, encoding="ascii")
    folder.chmod(0o755)
    package = pool / "percona-xtrabackup-80.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", str(folder), str(package)], check=True)
    return package


def write_indexes(repository: Path, package: Path) -> Path:
    """Write Packages and Release; return the path of Release."""
    content = package.read_bytes()
    stanza = f"{CONTROL}Filename: {package.relative_to(repository)}\nSize: {len(content)}\nSHA256: {sha256(content)}\n"
    folder = repository / "dists/bookworm"
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    index = folder / f"main/binary-{architecture}/Packages"
    index.parent.mkdir(parents=True)
    index.write_text(stanza, encoding="ascii")
    release = folder / "Release"
    lines = [
        "Codename: bookworm",
        "Suite: bookworm",
        "Components: main",
        f"Architectures: {architecture}",
        f"Date: {formatdate(usegmt=True)}",
        "SHA256:",
        f" {sha256(index.read_bytes())} {index.stat().st_size} {index.relative_to(folder)}",
    ]
    release.write_text("\n".join(lines) + "\n", encoding="ascii")
    return release


def sign(home: Path, mirror: Path, release: Path) -> None:
    """Make a key in *home*, write its public half and its fingerprint below *mirror*, sign *release* with it."""
    home.chmod(0o700)
    gpg = ["gpg", "--batch", "--homedir", str(home), "--pinentry-mode", "loopback", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "mirror@example.org", "rsa2048", "sign", "never"], check=True)
    listing = subprocess.run(
        [*gpg, "--with-colons", "--list-keys"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    fingerprint = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))
    (mirror / "fingerprint").write_text(fingerprint, encoding="ascii")
    (mirror / "yum").mkdir()
    key = mirror / "yum/PERCONA-PACKAGING-KEY"
    subprocess.run([*gpg, "--armor", "--output", str(key), "--export", fingerprint], check=True)
    subprocess.run([*gpg, "--output", str(release.with_name("InRelease")), "--clear-sign", str(release)], check=True)


def sha256(content: bytes) -> str:
    """Return the digest as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    main()
