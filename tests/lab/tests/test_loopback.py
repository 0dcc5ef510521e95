# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing of the lab can be reached from another machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LISTENS = "0A"
# As the kernel writes 127.0.0.1 and ::1 on a little-endian machine.
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}


def test_the_lab_listens_on_loopback_only(lab: dict[str, Any]) -> None:
    sockets = {target for pid in processes(lab["state_dir"]) for target in descriptors(pid)}
    addresses = [address for inode, address in listening() if f"socket:[{inode}]" in sockets]
    # AWS and the source, at least.
    assert len(addresses) >= 2
    assert set(addresses) <= LOOPBACK


def processes(state: Path) -> Iterator[Path]:
    """Those that were started for the lab in *state*."""
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(state) in (directory / "cmdline").read_bytes():
                yield directory
        except OSError:
            continue


def descriptors(process: Path) -> Iterator[str]:
    for descriptor in (process / "fd").iterdir():
        try:
            yield str(descriptor.readlink())
        except OSError:
            continue


def listening() -> Iterator[tuple[str, str]]:
    """The inode and the local address of each TCP socket of the machine that listens."""
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENS:
                yield fields[9], fields[1].split(":")[0]
