# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Carrying out a plan for stored objects on a target: many statements a round trip, and each object for itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .batches import BATCH_STATEMENTS
from .connection import Connection, MysqlError
from .current_rights import show_current_grants
from .definers import DefinerRights, as_definer, global_privileges
from .routines import Inventory, Key, Selection, normal_form, same, same_but_for_select
from .routines_changer import Changer
from .routines_makers import Makers, Told
from .routines_obstacles import Problem
from .routines_plan import Change, Plan, Policy, chosen
from .routines_plan import plan as make_plan
from .routines_read import Text, read_inventory
from .routines_read_ahead import ReadAhead

_OWN_SETTINGS = (
    "SET SESSION sql_mode = '', time_zone = '+00:00', "
    "character_set_client = utf8mb4, character_set_connection = utf8mb4"
)
# SHOW CREATE VIEW leaves out the schema that the session is in; nobody has a view in this one.
_OWN_SCHEMA = "USE information_schema"

_ABOUT_FUNCTIONS = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'log_bin_trust_function_creators')"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was, or in check mode would be, done.

    :ivar source: the selected part of the source's inventory; :ivar done: what is on the target as it was wanted.
    :ivar failed: what the plan ruled out, what the server refused, and what it took and stored otherwise.
    :ivar compared_loosely: views that were made, and whose selects both servers write in other words in a way that is
        not understood here.
    :ivar changed: whether anything is otherwise on the target than before, be it as it was wanted or not.
    """

    source: Inventory
    plan: Plan
    done: tuple[Change, ...]
    failed: tuple[Problem, ...]
    compared_loosely: tuple[Problem, ...]
    changed: bool


class Applied(NamedTuple):
    """What became of a plan; the members are those of ``Outcome``, without what the plan itself ruled out."""

    done: tuple[Change, ...]
    failed: tuple[Problem, ...]
    compared_loosely: tuple[Problem, ...]
    changed: bool


def bring_over(
    connection: Connection,
    source: Inventory,
    selection: Selection,
    policy: Policy,
    check_mode: bool,
    to_come: frozenset[str] = frozenset(),
    beside: Callable[[], Connection] | None = None,
) -> Outcome:
    """Compare a source's inventory with the target and give the target what it lacks.

    :param connection: to the target, made with ``multi_statements=True``.
    :param to_come: see ``read_definer_rights``.
    :param beside: makes a connection like the first one, for making many routines and reading them back at the same
        time, and for giving a schema its default collation back where the first one is lost.
    :raises MysqlError: the target could not be asked, or the connection was lost.
    """
    wanted = chosen(source, selection)
    target = read_inventory(connection, selection)
    plan = make_plan(wanted, target, read_definer_rights(connection, to_come), policy)
    if check_mode:
        return Outcome(wanted, plan, plan.changes, plan.failed, (), bool(plan.changes))
    applied = apply_plan(connection, plan, target, wanted.family != target.family, beside)
    failed = plan.failed + applied.failed
    return Outcome(wanted, plan, applied.done, failed, applied.compared_loosely, applied.changed)


def read_definer_rights(connection: Connection, to_come: frozenset[str] = frozenset()) -> DefinerRights:
    """Ask the target what its session's account may do about definers and stored code.

    :param connection: made with ``multi_statements=True``.
    :param to_come: accounts (``user@host``) that are taken to be there, because they will be.
    :raises MysqlError: the server could not be asked.
    """
    settings, (session,) = connection.rows_of_each((_ABOUT_FUNCTIONS, "SELECT CURRENT_USER() AS account"))
    variables = {row["Variable_name"]: row["Value"].upper() in ("ON", "1") for row in settings}
    accounts: frozenset[str] | None
    try:
        found = connection.rows("SELECT User AS user, Host AS host FROM mysql.user")
        named = ("{user}@{host}".format(**row) for row in found)
        accounts = to_come.union(as_definer(account, connection.mariadb) for account in named)
    except MysqlError:
        accounts = None
    return DefinerRights(
        master=str(session["account"]),
        accounts=accounts,
        privileges=global_privileges(show_current_grants(connection)),
        log_bin=variables.get("log_bin", False),
        trust_function_creators=variables.get("log_bin_trust_function_creators", False),
    )


def apply_plan(
    connection: Connection,
    plan: Plan,
    target: Inventory,
    loose: bool,
    beside: Callable[[], Connection] | None = None,
) -> Applied:
    """Do what the plan says. An object that the server refuses costs only itself; its old form stays or comes back.

    Afterwards all that was touched is read again, so that what the server silently stored otherwise is found.

    :param connection: made with ``multi_statements=True``.
    :param target: the inventory that the plan was made from.
    :param loose: as for ``routines.normal_form``.
    :param beside: as for ``bring_over``.
    :raises MysqlError: the connection was lost; what was done stays done, and a second run does the rest.
    """
    texts: Mapping[Key, Text] = {}
    changer = Changer(connection, target.objects, beside)
    if beside is not None and len(plan.changes) > BATCH_STATEMENTS:
        with ReadAhead(beside) as ahead:
            done, refused = _make_all(Makers(changer, beside).apply, plan, ahead.made)
            texts = ahead.texts()
    else:
        done, refused = _make_all(changer.apply, plan, lambda _key: None)
    if plan.changes:
        connection.execute(_OWN_SETTINGS)
        connection.execute(_OWN_SCHEMA)
    there = _read_again(connection, done, texts)
    stored = there.by_key()
    # A view that is made anew because its text is not understood may well be what it was.
    new = [change for change in done if change.wanted is None or stored.get(change.key) != change.actual]
    wrong, compared_loosely = _stored_otherwise(there, done, loose)
    return Applied(
        done=tuple(change for change in new if change.key not in wrong),
        failed=tuple(refused) + tuple(wrong.values()),
        compared_loosely=tuple(compared_loosely),
        changed=bool(new) or changer.lost,
    )


def _make_all(
    apply: Callable[[Sequence[Change]], Told], plan: Plan, made: Callable[[Key], None]
) -> tuple[list[Change], list[Problem]]:
    """Make the changes, again and again while one more of them succeeds; say which were made, and why others not.

    :param apply: makes changes and says of each what became of it.
    :param made: told of each object as soon as it is there.
    """
    pending = list(plan.changes)
    done: list[Change] = []
    refused: list[Problem] = []
    while pending:
        again = []
        refused_now = []
        for change, failure in apply(pending):
            if failure is None or failure.made:
                done.append(change)
                if change.wanted is not None:
                    made(change.key)
            if failure is None:
                continue
            if failure.may_pass:
                again.append(change)
                refused_now.append(failure.problem)
            else:
                refused.append(failure.problem)
        if len(again) == len(pending):
            refused += refused_now
            break
        pending = again
    place = {change.key: number for number, change in enumerate(plan.changes)}
    return sorted(done, key=lambda change: place[change.key]), refused


def _read_again(connection: Connection, done: list[Change], texts: Mapping[Key, Text]) -> Inventory:
    made = {change.key for change in done if change.wanted is not None}
    if not made:
        return Inventory("", (), (), ())
    return read_inventory(connection, Selection(tuple({key.kind for key in made})), only=made, texts=texts)


def _stored_otherwise(read: Inventory, done: list[Change], loose: bool) -> tuple[dict[Key, Problem], list[Problem]]:
    wanted = {change.key: change.wanted for change in done if change.wanted is not None}
    there = read.by_key()
    unreadable = {Key(each.kind, each.schema, each.name): each for each in read.not_portable}
    problems = {}
    compared_loosely = []
    for key, each in wanted.items():
        actual = there.get(key)
        if key in unreadable:
            problems[key] = Problem(key, f"it was made, but {unreadable[key].reason}", unreadable[key].remedy)
        elif actual is None:
            reason = "the target took the statement but stored nothing, or stored it out of our sight"
            remedy = "A one-time event whose time has passed is dropped at once; otherwise check the master's rights."
            problems[key] = Problem(key, reason, remedy)
        elif same(each, actual, loose):
            continue
        elif loose and same_but_for_select(each, actual):
            # The target was given the source's text just now, so that what is otherwise in it is the target's own.
            reason = "source and target write its select in other words, so that it was compared without it"
            remedy = "Compare both with SHOW CREATE VIEW; each run makes it anew."
            compared_loosely.append(Problem(key, reason, remedy))
        else:
            expected, found = normal_form(each, loose), normal_form(actual, loose)
            members = [name for name in expected if expected[name] != found[name]]
            reason = f"the target stored it with another {', '.join(members)}"
            remedy = "Compare both with SHOW CREATE; the target's version may not keep this."
            problems[key] = Problem(key, reason, remedy)
    return problems, compared_loosely
