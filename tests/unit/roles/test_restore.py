# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When role ``restore`` waits for an instance no longer."""

from __future__ import annotations

from pathlib import Path

import yaml

VARIABLES = Path(__file__).parents[3] / "roles" / "restore" / "vars" / "main.yml"
# Amazon Aurora user guide, "Viewing DB instance status": those that an instance leaves by itself, and the others.
PASSING = [
    "available",
    "backing-up",
    "backtracking",
    "configuring-enhanced-monitoring",
    "configuring-iam-database-auth",
    "configuring-log-exports",
    "converting-to-vpc",
    "creating",
    "deleting",
    "maintenance",
    "modifying",
    "moving-to-vpc",
    "rebooting",
    "resetting-master-credentials",
    "renaming",
    "starting",
    "storage-config-upgrade",
    "storage-initialization",
    "storage-optimization",
    "upgrading",
]
LASTING = [
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-create",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
    "stopped",
    "stopping",
    "storage-full",
]


def test_an_instance_is_not_waited_for_in_a_status_that_it_does_not_leave_by_itself() -> None:
    failures = yaml.safe_load(VARIABLES.read_text())["restore_instance_failures"]
    assert sorted(failures) == sorted(LASTING)
    assert not set(failures) & set(PASSING)
