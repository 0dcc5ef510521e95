# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Why a stored object cannot come to a target, and what has to be looked at although it comes. Pure."""

from __future__ import annotations

import dataclasses
from typing import Iterable

from .definers import DefinerRights
from .quoting import quote_name
from .routines import REPLICA_SIDE_DISABLED, Inventory, Key, StoredObject


@dataclasses.dataclass(frozen=True)
class Problem:
    """Why an object does not arrive, and what to do about it."""

    key: Key
    reason: str
    remedy: str


def obstacle_of(wanted: StoredObject, target: Inventory, rights: DefinerRights) -> Problem | None:
    """Why the target cannot be given an object as things stand; None where nothing is in the way."""
    if wanted.schema not in target.schemas:
        return Problem(
            wanted.key,
            f"the target has no schema {wanted.schema}",
            "Bring the data first, or leave the schema out with exclude_schemas.",
        )
    if not rights.may_set(wanted.definer):
        return Problem(
            wanted.key,
            f"{rights.master} may not make objects for the definer {wanted.definer}",
            "Use definer=master or definer=map, or log in to the target with an account that holds SET_USER_ID "
            "(MySQL 8.0), SET_ANY_DEFINER (8.4) or SET USER (MariaDB). Aurora MySQL 2 has none of these.",
        )
    if rights.exists(wanted.definer) is False and not rights.may_set_nonexistent():
        return Problem(
            wanted.key,
            f"its definer {wanted.definer} does not exist on the target",
            "Carry the account over first (mysql_accounts), or name another with definer=map or definer=master.",
        )
    if rights.log_bin and not rights.trust_function_creators:
        return _binary_log_obstacle(wanted, rights)
    return None


def _binary_log_obstacle(wanted: StoredObject, rights: DefinerRights) -> Problem | None:
    """Reference Manual, "Stored Program Binary Logging": errors 1418 and 1419."""
    remedy = (
        "Set log_bin_trust_function_creators to 1 in the cluster parameter group (it is dynamic), or turn the binary "
        "log off (binlog_format OFF) until everything is there; then run again."
    )
    if wanted.kind in ("function", "trigger") and not rights.is_super():
        reason = "the binary log is on, log_bin_trust_function_creators is off and the master has no SUPER"
        return Problem(wanted.key, reason, remedy)
    unsafe = wanted.clauses.get("deterministic") == "NO" and wanted.clauses.get("data_access") not in (
        "NO SQL",
        "READS SQL DATA",
    )
    if wanted.kind == "function" and unsafe:
        return Problem(
            wanted.key,
            "the binary log is on, log_bin_trust_function_creators is off and the function declares neither "
            "DETERMINISTIC, NO SQL nor READS SQL DATA",
            remedy,
        )
    return None


def without_definer(wanted: StoredObject, rights: DefinerRights) -> Iterable[Problem]:
    """The object, where the target has it, or will, without its definer."""
    if rights.exists(wanted.definer) is False:
        yield Problem(
            wanted.key,
            f"its definer {wanted.definer} does not exist on the target; whoever uses it gets an error until the "
            "account is there",
            "Bring the account (mysql_accounts), or give the object to the master with definer=master_if_missing.",
        )


def left_in_system_zone(wanted: StoredObject) -> Iterable[Problem]:
    """The event, where it runs in SYSTEM on the target, too."""
    if wanted.clauses.get("time_zone") == "SYSTEM":
        yield Problem(
            wanted.key,
            "it runs in the source's SYSTEM zone, and nobody said which that is; on Aurora SYSTEM is UTC, so that it "
            "may run at another hour",
            "Give the zone with system_time_zone (role objects: objects_source_host_zone or objects_time_zone_name), "
            "and run it again.",
        )


def disabled_on_replica(original: StoredObject) -> Iterable[Problem]:
    """The event, where the target has it, or will, disabled because the source is a replica and does not run it."""
    if original.clauses.get("status") == REPLICA_SIDE_DISABLED:
        target = f"{quote_name(original.schema)}.{quote_name(original.name)}"
        yield Problem(
            original.key,
            "the source is a replica and leaves it to its own source (DISABLE ON REPLICA, or ON SLAVE); it arrives "
            "disabled, so that it does not run on both",
            f"At the cutover, run on the target: ALTER EVENT {target} ENABLE",
        )
