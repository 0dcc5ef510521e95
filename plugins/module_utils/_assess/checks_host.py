# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the source host: backup tool, disk, rights, the way to S3. Pure."""

from __future__ import annotations

from typing import Optional

from .._counted import counted
from .._progress.line import format_bytes
from . import links
from .facts import Facts
from .host_facts import HostFacts
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, need, objects_of
from .wanted import Wanted

# S3 refuses a request that was signed more than 15 minutes ago or ahead (RequestTimeTooSkewed).
_CLOCK_BLOCKER = 900.0
_CLOCK_WARNING = 300.0


def _host(facts: Facts) -> HostFacts:
    return need(facts.host, "host")


def _readable(facts: Facts) -> HostFacts:
    host = _host(facts)
    if host.datadir_problem:
        raise NotKnownError(f"The data directory was not read: {host.datadir_message}")
    return host


def _with_tools(facts: Facts) -> HostFacts:
    host = _host(facts)
    if host.tools_problem:
        raise NotKnownError(f"The host's backup tools were not looked for: {host.tools_problem}")
    return host


def _tool_missing(facts: Facts) -> Optional[Seen]:
    host = _with_tools(facts)
    if host.tools:
        return None
    if host.package:
        return Seen(f"The host has no backup tool; role xtrabackup will install {host.package}.", severity=NOTE)
    return Seen("The host has no backup tool, and no series of XtraBackup fits this server.")


def _tool_unfit(facts: Facts) -> Optional[Seen]:
    host = _with_tools(facts)
    if not host.tools or any(not tool.problem for tool in host.tools):
        return None
    return Seen(
        f"None of the host's {counted(len(host.tools), 'backup tool')} can back up this server: "
        f"{host.tools[0].problem}",
        objects_of(f"{tool.executable} ({tool.name} {tool.version}): {tool.problem_id}" for tool in host.tools),
        severity=WARNING if host.package else "",
    )


def _tool_stands_in(facts: Facts) -> Optional[Seen]:
    usable = [tool for tool in _with_tools(facts).tools if not tool.problem]
    if not usable or usable[0].flavour != "mariabackup":
        return None
    return Seen(f"{usable[0].executable} is mariabackup {usable[0].version}.")


def _datadir_missing(facts: Facts) -> Optional[Seen]:
    host = _host(facts)
    return Seen(host.datadir_message) if host.datadir_problem == "host.datadir_missing" else None


def _datadir_unreadable(facts: Facts) -> Optional[Seen]:
    host = _host(facts)
    return Seen(host.datadir_message) if host.datadir_problem == "host.datadir_unreadable" else None


def _datadir_links(facts: Facts) -> Optional[Seen]:
    host = _readable(facts)
    if not host.links:
        return None
    return Seen(
        f"{counted(host.links.count, 'symbolic link leads', 'symbolic links lead')} out of {host.datadir}.", host.links
    )


def _disk_too_small(facts: Facts) -> Optional[Seen]:
    host, wanted = _readable(facts), facts.wanted
    if not wanted.staging or wanted.backup_mode == "existing":
        return None
    reserve = host.work_dir_total * wanted.min_free_percent // 100
    if host.work_dir_free - host.bytes >= reserve:
        return None
    disk = (
        f"{host.work_dir} has {format_bytes(host.work_dir_free)} of {format_bytes(host.work_dir_total)} free, of which "
        f"{format_bytes(reserve)} stay free."
    )
    # How large an increment or a compressed backup gets nobody knows before.
    if host.work_dir_free >= reserve and (wanted.backup_mode == "incremental" or _may_compress(host, wanted)):
        what = "An increment" if wanted.backup_mode == "incremental" else "A compressed backup"
        whole = format_bytes(host.bytes)
        return Seen(f"{what} may fit, and a backup of {whole} that is neither does not: {disk}", severity=WARNING)
    return Seen(f"The backup takes about {format_bytes(host.bytes)}; {disk}")


def _may_compress(host: HostFacts, wanted: Wanted) -> bool:
    """Whether the backup is, or where it has to becomes, a tar that gzip makes smaller: XtraBackup 2.x writes one."""
    usable = [tool for tool in host.tools if not tool.problem]
    writes_tar = bool(usable) and usable[0].flavour == "xtrabackup" and usable[0].version.startswith("2.")
    return wanted.backup_format == "tar_gz" or (wanted.backup_format == "auto" and writes_tar)


def _clock_wrong(facts: Facts) -> Optional[Seen]:
    offset = _host(facts).clock_offset
    if abs(offset) < _CLOCK_WARNING:
        return None
    return Seen(
        f"The host's clock is {abs(offset):.0f} seconds {'ahead of' if offset > 0 else 'behind'} the controller's.",
        severity="" if abs(offset) >= _CLOCK_BLOCKER else WARNING,
    )


def _s3_unreachable(facts: Facts) -> Optional[Seen]:
    host = _host(facts)
    if not host.s3_endpoint:
        raise NotKnownError("S3 was not tried from the host, because no Region is given.")
    return Seen(f"{host.s3_endpoint}: {host.s3_problem}") if host.s3_problem else None


_PHYSICAL_ONLY = (PHYSICAL,)

CHECKS: tuple[Check, ...] = (
    Check(
        id="tool.missing",
        severity=BLOCKER,
        title="No backup tool on the host",
        why="Aurora restores what Percona XtraBackup 2.3 or later has written, and nothing else.",
        remedy="Open the way to Percona's repository or a mirror (xtrabackup_repository_url), or name a tarball.",
        link=links.XTRABACKUP_VERSIONS,
        needs=("host",),
        find=_tool_missing,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="tool.unfit",
        severity=BLOCKER,
        title="The backup tool does not fit the server",
        why="A series of XtraBackup reads the files of its own series of servers only, and backs up no other.",
        remedy="Let role xtrabackup install the series that fits, or name it in xtrabackup_executable.",
        link=links.XTRABACKUP_VERSIONS,
        needs=("host",),
        find=_tool_unfit,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="tool.stands_in",
        severity=NOTE,
        title="mariabackup stands where XtraBackup would",
        why="Aurora does not read what it writes; it serves a lab only (migration_allow_mariadb).",
        remedy="Nothing in a lab. In production, back up a MySQL server with XtraBackup.",
        link=links.PHYSICAL_MIGRATION,
        needs=("host",),
        find=_tool_stands_in,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="host.datadir_missing",
        severity=BLOCKER,
        title="The server's data directory is not on this host",
        why="XtraBackup copies files, and so it has to run where they are.",
        remedy="Correct ansible_host of this source, or migration_source_login_host: they lead to two machines.",
        link=links.PHYSICAL_MIGRATION,
        needs=("host",),
        find=_datadir_missing,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="host.datadir_unreadable",
        severity=BLOCKER,
        title="The data directory may not be read",
        why="XtraBackup copies files, and so its user has to read them.",
        remedy="Run with become, as root or as the server's user.",
        link=links.XTRABACKUP_PRIVILEGES,
        needs=("host",),
        find=_datadir_unreadable,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="host.datadir_links",
        severity=BLOCKER,
        title="Files of the server lie outside its data directory, behind links",
        why="Aurora restores one directory. What lies behind a link is missing there, or comes under a wrong name.",
        remedy="Stop the server, move what the links lead to into the data directory, and start it again.",
        link=links.PHYSICAL_MIGRATION,
        needs=("host",),
        find=_datadir_links,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="host.disk_too_small",
        severity=BLOCKER,
        title="No room for the backup on the host",
        why="The backup is laid down on the host before it is sent, and a full disk stops the server itself.",
        remedy="Send it without staging (backup_staging: false), free space, or choose another migration_work_dir.",
        link=links.PHYSICAL_MIGRATION,
        needs=("host",),
        find=_disk_too_small,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="host.clock_wrong",
        severity=BLOCKER,
        title="The host's clock is wrong",
        why="S3 refuses a request whose signature is more than 15 minutes old or ahead (RequestTimeTooSkewed).",
        remedy="Have the clock set by NTP (chronyd, systemd-timesyncd) before the backup is sent.",
        link=links.S3_ERRORS,
        needs=("host",),
        find=_clock_wrong,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="host.s3_unreachable",
        severity=BLOCKER,
        title="The host does not reach S3",
        why="The backup goes from the host straight to S3.",
        remedy="Open the way to S3 (port 443, a gateway or interface endpoint), or name a proxy in upload_proxy_url.",
        link=links.S3_ENDPOINTS,
        needs=("host",),
        find=_s3_unreachable,
        ways=_PHYSICAL_ONLY,
    ),
)
