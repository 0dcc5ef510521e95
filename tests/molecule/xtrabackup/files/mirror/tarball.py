# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tarball of a stand-in, named and laid out as Percona's."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

from stand_ins import StandIn, write_programs


def build(stand_in: StandIn, folder: Path) -> Path:
    """Pack the programs below one folder that is named as the tarball; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"percona-xtrabackup-{stand_in.version}-Linux-x86_64.glibc2.17-minimal"
    archive = folder / f"{name}.tar.gz"
    with tempfile.TemporaryDirectory() as scratch:
        write_programs(stand_in, Path(scratch, name, "bin"))
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(Path(scratch, name), name)
    return archive
