# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Carrying out a plan for stored objects on a target, one statement a call, one object at a time."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Iterator

from .connection import Connection, MysqlError
from .definers import DefinerRights, global_privileges
from .routines import Inventory, Key, Selection, StoredObject, canonical_charset, normal_form, same
from .routines_parse import quoted_name
from .routines_plan import Change, Plan, Policy, Problem, chosen
from .routines_plan import plan as make_plan
from .routines_read import read_inventory
from .routines_render import NotExpressible, create_statement, drop_statement, session_settings

# Errors that go away once another object of the same plan is there (Server Error Message Reference).
_NO_SUCH_TABLE, _NO_SUCH_ROUTINE, _INVALID_VIEW, _NO_SUCH_TRIGGER = 1146, 1305, 1356, 4031
_MISSING = frozenset((_NO_SUCH_TABLE, _NO_SUCH_ROUTINE, _INVALID_VIEW, _NO_SUCH_TRIGGER))

_REMEDIES = {
    1064: "The target does not understand the statement. Rewrite the object for the target's version.",
    1146: "Bring the table or view that it names to the target first.",
    1227: "The master lacks this privilege. Use definer=master, or definer=map with an account that holds no more.",
    1273: "The target does not know this collation. Create the object again on the source under another one.",
    1298: "The target does not know this time zone. Create the event again on the source in a zone that both know.",
    1356: "Repair the view on the source: something that it uses is not there, or its definer may not use it.",
    1418: "Set log_bin_trust_function_creators to 1 in the cluster parameter group.",
    1419: "Set log_bin_trust_function_creators to 1 in the cluster parameter group.",
}
# What connect() gives a session, and session_settings() takes from it.
_OWN_SETTINGS = (
    "SET SESSION sql_mode = '', time_zone = '+00:00', "
    "character_set_client = utf8mb4, character_set_connection = utf8mb4"
)
_ANY_REMEDY = "Create it by hand on the target, or correct it on the source, then run again."


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
    applier = _Applier(connection, target)
    pending = list(plan.changes)
    done: list[Change] = []
    refused: list[tuple[Change, Problem]] = []
    while pending:
        again = []
        refused_now = []
        for change in pending:
            failure = applier.apply(change)
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


@dataclasses.dataclass(frozen=True)
class _Failure:
    problem: Problem
    may_pass: bool


class _Applier:
    def __init__(self, connection: Connection, target: Inventory) -> None:
        self._connection = connection
        self._settings = ""
        self._collations = {
            row["name"]: row["collation"]
            for row in connection.rows(
                "SELECT SCHEMA_NAME AS name, DEFAULT_COLLATION_NAME AS `collation` FROM information_schema.SCHEMATA"
            )
        }
        self._triggers = {each.key: each for each in target.objects if each.kind == "trigger"}

    def apply(self, change: Change) -> _Failure | None:
        try:
            if change.wanted is None:
                self._drop(change.actual)
            elif change.actual is None or change.key.kind == "view":
                self._create(change.wanted)
            else:
                self._replace(change.wanted, change.actual)
        except NotExpressible as error:
            remedy = "Create it again on the source by a client that speaks utf8mb4."
            return _Failure(Problem(change.key, str(error), remedy), may_pass=False)
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                error.message += f" It happened at {change.key}."
                raise
            reason = f"the target said: {error.server_text} (error {error.errno})"
            problem = Problem(change.key, reason, _REMEDIES.get(error.errno, _ANY_REMEDY))
            return _Failure(problem, may_pass=error.errno in _MISSING)
        return None

    def _replace(self, wanted: StoredObject, actual: StoredObject) -> None:
        create_statement(wanted)  # what cannot be written at all must not cost the old one
        self._drop(actual)
        try:
            self._create(wanted)
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                raise
            try:
                self._create(actual)
            except MysqlError as worse:
                error.server_text += f"; and the old one could not be put back: {worse.server_text}"
            raise error

    def _drop(self, actual: StoredObject | None) -> None:
        if actual is not None:
            self._execute_utf8(drop_statement(actual))
            self._triggers.pop(actual.key, None)

    def _execute_utf8(self, statement: str) -> None:
        """Run a statement of ours, whose names are UTF-8, whatever the session was set to for the last object."""
        if self._settings and not statement.isascii():
            self._settings = ""
            self._connection.execute("SET SESSION character_set_client = utf8mb4")
        self._connection.execute(statement)

    def _create(self, wanted: StoredObject) -> None:
        statement = create_statement(*self._in_firing_order(wanted))
        with self._schema_collation(wanted):
            settings = session_settings(wanted)
            if settings != self._settings:
                self._settings = ""
                self._connection.execute(settings)
                self._settings = settings
            # The driver sends bytes as they are; they are in the object's character set, not in the connection's.
            self._connection.execute(statement)  # type: ignore[arg-type]
        if wanted.kind == "trigger":
            self._triggers[wanted.key] = wanted

    @contextlib.contextmanager
    def _schema_collation(self, wanted: StoredObject) -> Iterator[None]:
        """Within the block the schema has the default collation that it had when the object was made.

        The server notes it beside the object and takes it from nowhere else; mysqldump does the same.
        """
        usual = self._collations.get(wanted.schema, "")
        if canonical_charset(wanted.database_collation) in ("", canonical_charset(usual)):
            yield
            return
        alter = f"ALTER DATABASE {quoted_name(wanted.schema)} COLLATE "
        self._execute_utf8(alter + wanted.database_collation)
        try:
            yield
        finally:
            self._execute_utf8(alter + usual)

    def _in_firing_order(self, wanted: StoredObject) -> tuple[StoredObject, str]:
        """A trigger whose neighbour is not (yet) there is made without naming it."""
        if wanted.kind != "trigger":
            return wanted, ""
        if Key("trigger", wanted.schema, wanted.clauses["follows"]) in self._triggers:
            return wanted, ""
        alone = dataclasses.replace(wanted, clauses={**wanted.clauses, "follows": ""})
        moment = _moment(wanted)
        firsts = [
            key.name
            for key, each in self._triggers.items()
            if _moment(each) == moment and each.key._replace(name=each.clauses["follows"]) not in self._triggers
        ]
        return alone, firsts[0] if firsts and not wanted.clauses["follows"] else ""


def _moment(trigger: StoredObject) -> tuple[str, ...]:
    return (trigger.schema, *(trigger.clauses[member] for member in ("table", "timing", "event")))


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
    there = read_inventory(connection, touched, only=wanted.keys()).by_key()
    problems = {}
    for key, each in wanted.items():
        actual = there.get(key)
        if actual is None:
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
