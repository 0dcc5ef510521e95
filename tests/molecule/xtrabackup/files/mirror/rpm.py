# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signed RPM packages of stand-ins, and yum repositories of them, laid out as Percona's."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from signing import SigningKey
from stand_ins import StandIn, reports, write_programs

SYSTEM = "el9"

# As stand_ins.AFTER_INSTALL, in Lua: RPM runs it itself, and knows of no shell on a Debian.
AFTER_INSTALL = """\
if os.getenv("PERCONA_TELEMETRY_DISABLE") ~= "1" then
    posix.mkdir("/usr/local/percona")
    io.open("/usr/local/percona/telemetry_uuid", "w"):write("stand-in"):close()
end
"""


def build(stand_in: StandIn, folder: Path, key: SigningKey) -> Path:
    """Build the package into *folder*, which is made, and sign it; return its path.

    In RPM's version stands 8.0.35 for 8.0.35-31; the rest goes to the release, as Percona does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    version, _dash, serial = stand_in.version.partition("-")
    release = ".".join(part for part in (serial, stand_in.release, SYSTEM) if part)
    with tempfile.TemporaryDirectory() as scratch:
        programs = write_programs(stand_in, Path(scratch, "root/usr/bin"))
        files = "\n".join(f"/usr/bin/{path.name}" for path in programs)
        spec = Path(scratch, "stand-in.spec")
        spec.write_text(
            f"Name: {stand_in.package}\nVersion: {version}\nRelease: {release}\n"
            "Summary: stand-in for Percona XtraBackup that prints its version\nLicense: GPL-3.0-or-later\n"
            f"BuildArch: noarch\nConflicts: {', '.join(stand_in.conflicts)}\nAutoReqProv: no\n"
            "%description\nstand-in\n"
            f"%install\nmkdir -p %{{buildroot}}\ncp -a {scratch}/root/. %{{buildroot}}\n"
            + (f"%post -p <lua>\n{AFTER_INSTALL}" if reports(stand_in) else "")
            + f"%files\n{files}\n",
            encoding="ascii",
        )
        run("rpmbuild", "-bb", spec, _topdir=scratch, _rpmdir=scratch, __os_install_post="%{nil}")
        built = Path(scratch, f"noarch/{stand_in.package}-{version}-{release}.noarch.rpm")
        run("rpmsign", "--addsign", built, _gpg_name=key.fingerprint, _gpg_path=str(key.home), __gpg="/usr/bin/gpg")
        package = folder / built.name
        package.write_bytes(built.read_bytes())
    return package


def publish(repository: Path) -> None:
    """Write the index of the packages in *repository*. Percona signs the packages, not the index."""
    subprocess.run(["createrepo_c", "--quiet", str(repository)], check=True)


def run(program: str, action: str, path: Path, **macros: str) -> None:
    """Run a program of RPM's with *macros* defined."""
    defined = [word for name, value in macros.items() for word in ("--define", f"{name} {value}")]
    subprocess.run([program, *defined, action, str(path)], check=True)
