# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""All checks, in the order in which a person reads them. Pure."""

from __future__ import annotations

from . import (
    checks_accounts,
    checks_bucket,
    checks_bucket_policy,
    checks_caller,
    checks_definers,
    checks_engine,
    checks_files,
    checks_host,
    checks_innodb,
    checks_keys,
    checks_objects,
    checks_plugins,
    checks_privileges,
    checks_replication,
    checks_role,
    checks_size,
    checks_tables,
    checks_target,
    checks_time_zone,
    checks_variables,
    checks_version,
)
from .model import Check

CHECKS: tuple[Check, ...] = (
    *checks_version.CHECKS,
    *checks_size.CHECKS,
    *checks_innodb.CHECKS,
    *checks_files.CHECKS,
    *checks_tables.CHECKS,
    *checks_variables.CHECKS,
    *checks_accounts.CHECKS,
    *checks_privileges.CHECKS,
    *checks_definers.CHECKS,
    *checks_objects.CHECKS,
    *checks_plugins.CHECKS,
    *checks_replication.CHECKS,
    *checks_time_zone.CHECKS,
    *checks_host.CHECKS,
    *checks_bucket.CHECKS,
    *checks_bucket_policy.CHECKS,
    *checks_keys.CHECKS,
    *checks_caller.CHECKS,
    *checks_role.CHECKS,
    *checks_engine.CHECKS,
    *checks_target.CHECKS,
)
