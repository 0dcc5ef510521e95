# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cluster parameters: what the API tells of them, which values it takes, and what they are for the real server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# Parameters of the API under another name in the server's option file.
OPTION_NAMES = {"time_zone": "default_time_zone", "gtid-mode": "gtid_mode"}
# Aurora takes these into its own hands; on the stand-in's server they would stop it or mean something else.
NOT_FOR_THE_SERVER = {
    "aurora_load_from_s3_role",
    "aws_default_s3_role",
    "default_storage_engine",
    "gtid-mode",
    "innodb_page_size",
    "tls_version",
}


# "Aurora MySQL configuration parameters" (Aurora user guide): version 3 has aws_default_s3_role instead.
ONLY_IN_VERSION_2 = {"aurora_load_from_s3_role"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of the family."""

    name: str
    default: str | None
    apply_type: str
    data_type: str
    allowed_values: str | None

    def api(
        self, value: str | None = None, apply_method: str = "pending-reboot", source: str = "engine-default"
    ) -> dict[str, Any]:
        """The parameter as the API's Parameter shape; members without a value are left out, as AWS leaves them out."""
        members = {
            "ParameterName": self.name,
            "ParameterValue": self.default if value is None else value,
            "Description": f"{self.name} of the server",
            "Source": source,
            "ApplyType": self.apply_type,
            "DataType": self.data_type,
            "AllowedValues": self.allowed_values,
            "IsModifiable": self.name != "innodb_page_size",
            "ApplyMethod": apply_method,
            "SupportedEngineModes": ["provisioned"],
        }
        return {name: member for name, member in members.items() if member is not None}

    def accepts(self, value: str) -> bool:
        """Whether AllowedValues admits the value (a range, a list, or for the type `list` a comma list of members)."""
        allowed = self.allowed_values
        if allowed is None or value.startswith("{"):
            return True
        span = re.fullmatch(r"([0-9]+)-([0-9]+)", allowed)
        if span:
            return re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) is not None and int(span[1]) <= float(value) <= int(
                span[2]
            )
        members = allowed.split(",")
        if self.data_type == "list":
            return all(part in members for part in value.split(",") if part)
        return value in members


def catalogue() -> dict[str, Parameter]:
    """All parameters by name."""
    raw = yaml.safe_load((Path(__file__).parent / "cluster_parameters.yml").read_text(encoding="utf-8"))
    return {name: Parameter(name, *members) for name, members in sorted(raw.items())}


def of_family(parameters: Mapping[str, Parameter], family: str) -> dict[str, Parameter]:
    """Those that a family has, such as ``aurora-mysql8.0``."""
    second = family == "aurora-mysql5.7"
    return {name: each for name, each in parameters.items() if second or name not in ONLY_IN_VERSION_2}


def server_options(values: Mapping[str, str]) -> dict[str, str]:
    """The option file entries for the real server from a group's values (name to value); the zone is UTC by default."""
    options = {"default_time_zone": "UTC"}
    for name, value in values.items():
        if name in NOT_FOR_THE_SERVER or "{" in value or (name == "binlog_format" and value == "OFF"):
            continue
        options[OPTION_NAMES.get(name, name)] = value
        if name == "binlog_format":
            options["log_bin"] = "mysql-bin-changelog"
    return options
