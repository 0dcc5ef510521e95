# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in for Percona's releases: programs that print, for --version, what the real ones print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StandIn:
    """A release: Percona's package and the folder of its repository, and what its programs print on standard error."""

    package: str
    repository: str
    version: str
    release: str
    """What the package adds to the version."""
    conflicts: tuple[str, ...]
    """As in the package of Percona: storage/innobase/xtrabackup/utils/{debian/control,percona-xtrabackup.spec}."""
    xtrabackup: str
    innobackupex: str = ""
    """Its own program up to 2.2, a link to xtrabackup up to 2.4, nothing from 8.0 on."""


# Shown by a container of stackanetes' MariaDB image; 2.2's innobackupex, a Perl script, is quoted in many a guide.
TOO_OLD = StandIn(
    "percona-xtrabackup",
    "percona",
    "2.2.13",
    "1",
    ("percona-xtrabackup-21", "percona-xtrabackup-22"),
    "xtrabackup version 2.2.13 based on MySQL server 5.6.24 Linux (x86_64) (revision id: 70f4be3)",
    "InnoDB Backup Utility v1.5.1-xtrabackup; Copyright 2003, 2009 Innobase Oy",
)

CURRENT = (
    # From the log of a backup. 2.3 has 2.2's name, so that it is an upgrade of the same package.
    StandIn(
        "percona-xtrabackup",
        "percona",
        "2.3.4",
        "1",
        ("percona-xtrabackup-21", "percona-xtrabackup-22"),
        "xtrabackup version 2.3.4 based on MySQL server 5.6.24 Linux (x86_64) (revision id: e80c779)",
    ),
    # From an installation guide for CentOS 7.
    StandIn(
        "percona-xtrabackup-24",
        "pxb-24",
        "2.4.24",
        "1",
        ("percona-xtrabackup-21", "percona-xtrabackup-22", "percona-xtrabackup"),
        "xtrabackup: recognized server arguments: \n"
        "xtrabackup version 2.4.24 based on MySQL server 5.7.35 Linux (x86_64) (revision id: b4ee263)",
    ),
    # Percona XtraBackup 8.0, "Install Percona XtraBackup on Debian-based systems".
    StandIn(
        "percona-xtrabackup-80",
        "pxb-80",
        "8.0.35-31",
        "1",
        ("percona-xtrabackup-21", "percona-xtrabackup-22", "percona-xtrabackup", "percona-xtrabackup-24"),
        "xtrabackup version 8.0.35-31 based on MySQL server 8.0.35 Linux (x86_64) (revision id: 55ec21d7)",
    ),
    # Percona XtraBackup 8.4, "Create a full backup".
    StandIn(
        "percona-xtrabackup-84",
        "pxb-84-lts",
        "8.4.0-1",
        "1",
        (
            *("percona-xtrabackup-21", "percona-xtrabackup-22", "percona-xtrabackup"),
            *("percona-xtrabackup-24", "percona-xtrabackup-80"),
        ),
        "xtrabackup version 8.4.0-1 based on MySQL server 8.4.0 Linux (x86_64) (revision id: 3792f907)",
    ),
)

# What the packages of Percona do after they are unpacked, but for the request: the id is made where it is not forbidden
# (Percona: "Telemetry").
AFTER_INSTALL = """\
#!/bin/sh
if [ "$PERCONA_TELEMETRY_DISABLE" != 1 ]; then
    mkdir -p /usr/local/percona
    echo stand-in > /usr/local/percona/telemetry_uuid
fi
"""


def reports(stand_in: StandIn) -> bool:
    """Say whether the package does so: those of 2.x are older than Percona's telemetry."""
    return stand_in.version >= "8"


def write_programs(stand_in: StandIn, folder: Path) -> list[Path]:
    """Write the programs of *stand_in* into *folder*, which is made; return their paths."""
    folder.mkdir(parents=True)
    programs = [_program(folder / "xtrabackup", stand_in.xtrabackup)]
    if stand_in.innobackupex:
        programs.append(_program(folder / "innobackupex", stand_in.innobackupex))
    elif stand_in.version < "8":
        (folder / "innobackupex").symlink_to("xtrabackup")
        programs.append(folder / "innobackupex")
    return programs


def _program(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{says}\nEND\n", encoding="ascii")
    path.chmod(0o755)
    return path
