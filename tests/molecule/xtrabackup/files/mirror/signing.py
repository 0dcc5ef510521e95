# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signing key of its own, made on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path


class SigningKey:
    """A GnuPG key in *home*, which is made and must be a short path: the agent's socket lies in it."""

    def __init__(self, home: Path, owner: str) -> None:
        home.mkdir(mode=0o700)
        self.home = home
        self.owner = owner
        self._gpg("--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", owner, "rsa3072", "sign")
        listing = self._gpg("--with-colons", "--list-keys")
        self.fingerprint = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))

    def export(self, path: Path) -> None:
        """Write the public half to *path*, armored."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._gpg("--armor", "--export", self.fingerprint), encoding="ascii")

    def sign(self, release: Path) -> None:
        """Write InRelease beside *release*."""
        signed = release.with_name("InRelease")
        signed.unlink(missing_ok=True)
        self._gpg("--output", str(signed), "--clear-sign", str(release))

    def _gpg(self, *arguments: str) -> str:
        command = ["gpg", "--batch", "--quiet", "--homedir", str(self.home), *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
