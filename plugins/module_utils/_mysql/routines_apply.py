# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Carrying out a plan for stored objects on a target: many statements a round trip, and each object for itself."""

from __future__ import annotations

import dataclasses

from .connection import Connection, MysqlError
from .definers import DefinerRights, global_privileges
from .routines import Inventory, Key, Selection, normal_form, same
from .routines_changer import Changer
from .routines_plan import Change, Plan, Policy, Problem, chosen
from .routines_plan import plan as make_plan
from .routines_read import read_inventory

_OWN_SETTINGS = (
    "SET SESSION sql_mode = '', time_zone = '+00:00', "
    "character_set_client = utf8mb4, character_set_connection = utf8mb4"
)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was, or in check mode would be, done.

    :ivar source: the selected part of the source's inventory; :ivar done: what has changed on the target.
    :ivar failed: what the plan ruled out and what the server refused.
    """

    source: Inventory
    plan: Plan
    done: tuple[Change, ...]
    failed: tuple[Problem, ...]


def bring_over(
    connection: Connection, source: Inventory, selection: Selection, policy: Policy, check_mode: bool
) -> Outcome:
    """Compare a source's inventory with the target and give the target what it lacks.

    :param connection: to the target, made with ``multi_statements=True``.
    :raises MysqlError: the target could not be asked, or the connection was lost.
    """
    wanted = chosen(source, selection)
    target = read_inventory(connection, selection)
    plan = make_plan(wanted, target, read_definer_rights(connection), policy)
    if check_mode:
        return Outcome(wanted, plan, plan.changes, plan.failed)
    done, failed = apply_plan(connection, plan, target, loose=wanted.family != target.family)
    return Outcome(wanted, plan, done, plan.failed + failed)


def read_definer_rights(connection: Connection) -> DefinerRights:
    """Ask the target what its session's account may do about definers and stored code.

    :raises MysqlError: the server could not be asked.
    """
    variables = {
        row["Variable_name"]: row["Value"].upper() in ("ON", "1")
        for row in connection.rows(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'log_bin_trust_function_creators')"
        )
    }
    accounts: frozenset[str] | None
    try:
        found = connection.rows("SELECT User AS user, Host AS host FROM mysql.user")
        accounts = frozenset("{user}@{host}".format(**row) for row in found)
    except MysqlError:
        accounts = None
    grants = [str(next(iter(row.values()))) for row in connection.rows(_grants_query(connection))]
    return DefinerRights(
        master=str(connection.value("SELECT CURRENT_USER()")),
        accounts=accounts,
        privileges=global_privileges(grants),
        log_bin=variables.get("log_bin", False),
        trust_function_creators=variables.get("log_bin_trust_function_creators", False),
    )


def apply_plan(
    connection: Connection, plan: Plan, target: Inventory, loose: bool
) -> tuple[tuple[Change, ...], tuple[Problem, ...]]:
    """Do what the plan says. An object that the server refuses costs only itself; its old form stays or comes back.

    Afterwards all that was touched is read again, so that what the server silently stored otherwise is found.

    :param connection: made with ``multi_statements=True``.
    :param target: the inventory that the plan was made from.
    :param loose: as for ``routines.normal_form``.
    :returns: what was done, and what was not.
    :raises MysqlError: the connection was lost; what was done stays done, and a second run does the rest.
    """
    changer = Changer(connection, target.objects)
    pending = list(plan.changes)
    done: list[Change] = []
    refused: list[tuple[Change, Problem]] = []
    while pending:
        again = []
        refused_now = []
        for change, failure in changer.apply(pending):
            if failure is None:
                done.append(change)
            elif failure.may_pass:
                again.append(change)
                refused_now.append((change, failure.problem))
            else:
                refused.append((change, failure.problem))
        if len(again) == len(pending):
            refused += refused_now
            break
        pending = again
    if plan.changes:
        connection.execute(_OWN_SETTINGS)
    wrong = _stored_otherwise(connection, done, loose)
    return (
        tuple(change for change in done if change.key not in wrong),
        tuple(problem for _change, problem in refused) + tuple(wrong.values()),
    )


def _grants_query(connection: Connection) -> str:
    """MySQL 8.0 tells what roles give only when it is told which; MariaDB tells it by itself."""
    if "mariadb" not in connection.server_version.lower() and int(connection.server_version.split(".")[0]) >= 8:
        roles = str(connection.value("SELECT CURRENT_ROLE()"))
        if roles != "NONE":
            return f"SHOW GRANTS FOR CURRENT_USER() USING {roles}"
    return "SHOW GRANTS"


def _stored_otherwise(connection: Connection, done: list[Change], loose: bool) -> dict[Key, Problem]:
    wanted = {change.key: change.wanted for change in done if change.wanted is not None}
    if not wanted:
        return {}
    touched = Selection(tuple({key.kind for key in wanted}))
    read = read_inventory(connection, touched, only=wanted.keys())
    there = read.by_key()
    unreadable = {Key(each.kind, each.schema, each.name): each for each in read.not_portable}
    problems = {}
    for key, each in wanted.items():
        actual = there.get(key)
        if key in unreadable:
            problems[key] = Problem(key, f"it was made, but {unreadable[key].reason}", unreadable[key].remedy)
        elif actual is None:
            reason = "the target took the statement but stored nothing, or stored it out of our sight"
            remedy = "A one-time event whose time has passed is dropped at once; otherwise check the master's rights."
            problems[key] = Problem(key, reason, remedy)
        elif not same(each, actual, loose):
            expected, found = normal_form(each, loose), normal_form(actual, loose)
            members = [name for name in expected if expected[name] != found[name]]
            reason = f"the target stored it with another {', '.join(members)}"
            remedy = "Compare both with SHOW CREATE; the target's version may not keep this."
            problems[key] = Problem(key, reason, remedy)
    return problems
