# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stored objects brought to a target, and what became of them."""

from __future__ import annotations

import dataclasses

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines import Inventory
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_apply import Outcome, bring_over
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_plan import Policy

from .side import EVERYTHING, Side

AS_IT_IS = Policy()


def carry(
    inventory: Inventory, target: Side, policy: Policy = AS_IT_IS, user: str = "", check: bool = False
) -> Outcome:
    """Bring an inventory to the target, as root or as another account."""
    if not user:
        return bring_over(target.connection, inventory, EVERYTHING, policy, check)
    login = target.server.login(user, "p", ssl_mode="disabled", connect_timeout=10)
    with connect(login, multi_statements=True) as connection:
        return bring_over(connection, inventory, EVERYTHING, policy, check)


def changed(outcome: Outcome) -> dict[str, str]:
    """Name to action of what was done."""
    return {change.key.name: change.action for change in outcome.done}


def failed(outcome: Outcome) -> dict[str, str]:
    """Name to reason of what was not."""
    return {problem.key.name: problem.reason for problem in outcome.failed}


def broken(inventory: Inventory, name: str, body: str) -> Inventory:
    """The inventory with another body for one object: what the target does not understand."""
    objects = tuple(dataclasses.replace(each, body=body) if each.name == name else each for each in inventory.objects)
    return dataclasses.replace(inventory, objects=objects)
