# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make and serve mirrors of Percona's package server in the folder argv[1]. told.json there holds what tests must know.

percona/   as it should be: apt and yum repositories of every series, the key, a tarball
forged/    the same key, but the apt repository of 8.4 is signed by somebody else's
unsigned/  the apt repository of 8.4 has no signature
tampered/  the packages of 8.4 were changed after the indexes were signed (deb), or by somebody else (rpm)
half/      the indexes of 8.4 name a list of packages that is not there
old/       packages of 2.2, as a host may have them from long ago
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
from pathlib import Path

import deb
import rpm
import tarball
from serve import serve
from signing import SigningKey
from stand_ins import CURRENT, TOO_OLD

KEY = "yum/PERCONA-PACKAGING-KEY"
APT = "pxb-84-lts/apt"
YUM = "{repository}/yum/release/9/RPMS/{machine}"


def main() -> None:
    """Make them, serve them, and write down what the tests must know."""
    root = Path(sys.argv[1])
    root.mkdir()
    key = SigningKey(root / "key", "mirror@example.org")
    stranger = SigningKey(root / "stranger", "stranger@example.org")
    web = root / "web"
    mirror = web / "percona"
    archive = make_mirror(mirror, key)
    make_bad_mirrors(web, mirror, stranger)
    old = [deb.build(TOO_OLD, web / "old"), rpm.build(TOO_OLD, web / "old", key)]
    address = serve(web)
    told = {
        "url": address,
        "fingerprint": key.fingerprint,
        "tarball": f"{address}/{archive.relative_to(web)}",
        "tarball_sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "tarball_path": str(archive),
        "old": {path.suffix[1:]: f"{address}/{path.relative_to(web)}" for path in old},
    }
    (root / "told.json").write_text(json.dumps(told), encoding="ascii")


def make_mirror(mirror: Path, key: SigningKey) -> Path:
    """Fill *mirror* with every series' repositories, the key and a tarball; return the tarball's path."""
    key.export(mirror / KEY)
    for stand_in in CURRENT:
        repository = mirror / stand_in.repository / "apt"
        deb.build(stand_in, repository / "pool")
        deb.publish(repository, key)
        packages = mirror / YUM.format(repository=stand_in.repository, machine=_machine())
        rpm.build(stand_in, packages, key)
        rpm.publish(packages)
    return tarball.build(CURRENT[-2], mirror / "downloads")


def make_bad_mirrors(web: Path, mirror: Path, stranger: SigningKey) -> None:
    """Make those that the role must refuse, beside the good one."""
    forged, unsigned, tampered, half = (
        shutil.copytree(mirror, web / name) for name in ("forged", "unsigned", "tampered", "half")
    )
    for release in (forged / APT).glob("dists/*/Release"):
        stranger.sign(release)
    for signature in (unsigned / APT).glob("dists/*/InRelease"):
        signature.unlink()
    for package in (tampered / APT).glob("pool/*.deb"):
        content = bytearray(package.read_bytes())
        content[-1] ^= 1
        package.write_bytes(content)
    of_latest = YUM.format(repository=CURRENT[-1].repository, machine=_machine())
    for listing in (*(half / APT).glob("dists/*/main/*/Packages"), *(half / of_latest).glob("repodata/*-primary.xml*")):
        listing.unlink()
    packages = tampered / of_latest
    shutil.rmtree(packages)
    rpm.build(CURRENT[-1], packages, stranger)
    rpm.publish(packages)


def _machine() -> str:
    """Return what yum calls $basearch."""
    return platform.machine()


if __name__ == "__main__":
    main()
