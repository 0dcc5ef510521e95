# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison of two servers says of accounts that have just come."""

from __future__ import annotations

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import Outcome
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_accounts_run import (
    account_differences,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection


def unlike(source: Connection, target: Connection, outcome: Outcome | None = None) -> list[str]:
    """What it calls wrong, told what was left behind as role ``verify`` tells it; nothing where there is no outcome."""
    skipped = outcome.skipped if outcome else []
    left = {(one.account, "" if one.what == "account" else one.what): one.reason for one in skipped}
    return [str(one) for one in account_differences(source, target, left) if one.severity == "error"]


def changing(connection: Connection) -> dict[str, int]:
    """How many statements that change something this session has sent, each kind as the server counts it."""
    counted = "Com_(create|alter|drop|grant|revoke|rename|set_password|insert|update|delete|replace|flush)"
    rows = connection.rows(f"SHOW SESSION STATUS WHERE Variable_name REGEXP '^{counted}'")
    return {row["Variable_name"]: int(row["Value"]) for row in rows}
