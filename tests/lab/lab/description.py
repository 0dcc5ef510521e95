# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The description of the lab (lab.yml): which server, which backup tool, and how Aurora's stand-in behaves."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType

from .errors import LabError

# A program and its arguments: never empty.
Command = NewType("Command", "list[str]")


@dataclass(frozen=True)
class ServerDescription:
    """How the described server is installed, started and talked to. Commands are argument lists with placeholders."""

    executable: str
    arguments: list[str]
    initialize: Command
    client: str
    time_zone_sql: Command
    time_zone: str
    migrator_privileges: list[str]
    dump_replacements: dict[str, str]
    set_password: str = "ALTER USER {account} IDENTIFIED BY {password}"
    tls: bool = True
    sample_without: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BackupDescription:
    """The backup tool of the source, and how its backups are unpacked and prepared."""

    install: str
    executable: str
    unpack_stream: Command
    prepare_full: Command
    prepare_base: Command
    prepare_incremental: Command
    required: bool = True


@dataclass(frozen=True)
class EngineVersion:
    """One Aurora MySQL version that the stand-in announces, with the MySQL version it is compatible with."""

    version: str
    community: str
    family: str


@dataclass(frozen=True)
class Faults:
    """What goes wrong by itself; "" for nothing.

    `throttled_share` is one of RDS' calls, `hangs_in` a status that no cluster and no instance leaves, `fails_with` the
    event with which every restore fails, `refused_looks` the numbers of a cluster's looks at its instances that are
    refused; with `reads_nothing`, restores only walk through the statuses. In `support_ends_in_days` the standard
    support of the major versions ends.
    """

    throttled_share: float = 0.0
    hangs_in: str = ""
    fails_with: str = ""
    reads_nothing: bool = False
    refused_looks: dict[str, list[int]] = field(default_factory=dict)
    support_ends_in_days: float = 1000.0


@dataclass(frozen=True)
class AuroraDescription:
    """What Aurora's stand-in announces, how long each status lasts, and what its master user may do."""

    region: str
    account_id: str
    source_engine_version: str
    engine_version: str
    engine_versions: list[EngineVersion]
    instance_class: str
    instance_classes: list[str]
    status_seconds: dict[str, float]
    instance_creating_seconds: float
    role_settle_seconds: float
    server_arguments: list[str]
    kept_accounts: list[str]
    master_privileges: list[str]
    source_files_limit: int = 1_000_000
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True)
class Description:
    """The whole of lab.yml."""

    path: Path
    server: ServerDescription
    backup: BackupDescription
    aurora: AuroraDescription
    allow_mariadb: bool
    packages: dict[str, str]
    remedy: str = ""

    def missing_server_programs(self) -> list[str]:
        """Programs without which the lab cannot start, as far as this machine lacks them."""
        server = self.server
        return _missing([server.executable, server.initialize[0], server.client, server.time_zone_sql[0], "openssl"])

    def missing_backup_programs(self) -> list[str]:
        """Programs that take, unpack and prepare a physical backup, as far as this machine lacks them."""
        backup = self.backup
        commands = [backup.unpack_stream, backup.prepare_full, backup.prepare_base, backup.prepare_incremental]
        return _missing([backup.executable, *(command[0] for command in commands), "tar"])


def _missing(programs: list[str]) -> list[str]:
    return sorted({program for program in programs if shutil.which(program) is None})


def require_programs(description: Description) -> None:
    """Raise LabError that names what to install when a program is missing that this lab cannot do without."""
    missing = description.missing_server_programs()
    if description.backup.required:
        missing = sorted({*missing, *description.missing_backup_programs()})
    if not missing:
        return
    packages = " ".join(
        sorted({description.packages[program] for program in missing if program in description.packages})
    )
    remedy = f" On Debian: apt-get install --no-install-recommends {packages}" if packages else ""
    remedy += f" {description.remedy}" if description.remedy else ""
    raise LabError(f"Not found on this machine: {', '.join(missing)} (named in {description.path}).{remedy}")


def fill(command: list[str], **values: object) -> list[str]:
    """A described command with its {placeholders} replaced; other braces stay as they are."""
    filled = []
    for argument in command:
        for name, value in values.items():
            argument = argument.replace("{" + name + "}", str(value))
        filled.append(argument)
    return filled


def find_engine_version(aurora: AuroraDescription, version: str | None) -> EngineVersion | None:
    """The announced engine version named `version` (None: the description's default), None if it is not announced."""
    wanted = version or aurora.engine_version
    return next((entry for entry in aurora.engine_versions if entry.version == wanted), None)
