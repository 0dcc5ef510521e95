# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The description of the lab (lab.yml): which server, which backup tool, and how Aurora's stand-in behaves."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import LabError


@dataclass(frozen=True)
class ServerDescription:
    """How the described server is installed, started and talked to. Commands are argument lists with placeholders."""

    executable: str
    arguments: list[str]
    initialize: list[str]
    client: str
    time_zone_sql: list[str]
    time_zone: str
    migrator_privileges: list[str]
    dump_replacements: dict[str, str]


@dataclass(frozen=True)
class BackupDescription:
    """The backup tool of the source, and how its backups are unpacked and prepared."""

    install: str
    executable: str
    unpack_stream: list[str]
    prepare_full: list[str]
    prepare_base: list[str]
    prepare_incremental: list[str]


@dataclass(frozen=True)
class EngineVersion:
    """One Aurora MySQL version that the stand-in announces, with the MySQL version it is compatible with."""

    version: str
    community: str
    family: str


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


@dataclass(frozen=True)
class Description:
    """The whole of lab.yml."""

    path: Path
    server: ServerDescription
    backup: BackupDescription
    aurora: AuroraDescription
    allow_mariadb: bool
    packages: dict[str, str]

    def missing_packages(self) -> dict[str, str]:
        """Executables that the description names and this machine lacks, each with the Debian package that has it."""
        commands = [
            self.server.executable,
            self.server.initialize[0],
            self.server.client,
            self.server.time_zone_sql[0],
            self.backup.executable,
            self.backup.unpack_stream[0],
            "openssl",
            "tar",
        ]
        return {command: self.packages.get(command, "?") for command in commands if shutil.which(command) is None}


def load(path: Path) -> Description:
    """Read a description; raise LabError that names the file and the fault when it is not one."""
    try:
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        aurora = dict(raw["aurora"])
        aurora["engine_versions"] = [EngineVersion(**entry) for entry in aurora["engine_versions"]]
        return Description(
            path=path.resolve(),
            server=ServerDescription(**raw["server"]),
            backup=BackupDescription(**raw["backup"]),
            aurora=AuroraDescription(**aurora),
            allow_mariadb=raw["allow_mariadb"],
            packages=raw["packages"],
        )
    except OSError as exc:
        raise LabError(f"The lab's description {path} cannot be read: {exc}") from exc
    except (KeyError, TypeError, yaml.YAMLError) as exc:
        raise LabError(
            f"{path} does not describe a lab ({type(exc).__name__}: {exc}); compare it with tests/lab/lab.yml"
        ) from exc


def require_packages(description: Description) -> None:
    """Raise LabError that names what to install when an executable of the description is missing."""
    missing = description.missing_packages()
    if missing:
        names = ", ".join(sorted(missing))
        packages = " ".join(sorted(set(missing.values()) - {"?"}))
        remedy = f" On Debian: apt-get install --no-install-recommends {packages}" if packages else ""
        raise LabError(f"Not found on this machine: {names} (named in {description.path}).{remedy}")


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
