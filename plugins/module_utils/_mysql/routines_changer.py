# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Making, replacing and dropping stored objects on a server: many in a round trip, and each for itself."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from . import batches
from .connection import Connection, MysqlError
from .routines import ROUTINES, Key, StoredObject
from .routines_obstacles import Problem
from .routines_plan import Change
from .routines_render import NotExpressible, create_statement, drop_statement, session_settings, use_statement
from .routines_rights import RoutineRights
from .schema_collations import SchemaCollations

_NO_SUCH_TABLE, _NO_SUCH_ROUTINE, _INVALID_VIEW = 1146, 1305, 1356
_NO_SUCH_TRIGGER_ON_MYSQL, _NO_SUCH_TRIGGER_ON_MARIADB = 3011, 4031

_REMEDIES = {
    1064: "The target does not understand the statement. Rewrite the object for the target's version.",
    1142: "Give the account that does this the right that is named.",
    1146: "Bring the table or view that it names to the target first.",
    1227: "The master lacks this privilege. Use definer=master, or definer=map with an account that holds no more.",
    1273: "The target does not know this collation. Create the object again on the source under another one.",
    1298: "The target does not know this time zone. Create the event again on the source in a zone that both know.",
    1356: "Repair the view on the source: something that it uses is not there, or its definer may not use it.",
    1418: "Set log_bin_trust_function_creators to 1 in the cluster parameter group.",
    1419: "Set log_bin_trust_function_creators to 1 in the cluster parameter group.",
}
_COMPOUND = re.compile(r"\s*BEGIN\b.*\bEND\s*", re.DOTALL | re.IGNORECASE)
_ANY_REMEDY = "Create it by hand on the target, or correct it on the source, then run again."


class Failure(NamedTuple):
    """Why a change was not made, or what it lacks.

    :ivar may_pass: something that it needs is not there, which a later change may bring.
    :ivar made: the object is there as it was wanted, but not all that belongs to it.
    """

    problem: Problem
    may_pass: bool
    made: bool = False


class _Creation(NamedTuple):
    change: Change
    settings: str
    statement: bytes


class Changer:
    """Makes changes on one server, and knows what its session is set to.

    :ivar lost: whether an old object is gone, because its new form was refused and it could not be put back.
    """

    def __init__(
        self,
        connection: Connection,
        there: Iterable[StoredObject],
        beside: Callable[[], Connection] | None = None,
    ) -> None:
        """
        :param connection: made with ``multi_statements=True``.
        :param there: what the server has stored.
        :param beside: as for ``schema_collations.SchemaCollations``.
        """
        self.lost = False
        self._connection = connection
        no_such_trigger = _NO_SUCH_TRIGGER_ON_MARIADB if connection.mariadb else _NO_SUCH_TRIGGER_ON_MYSQL
        self._missing = frozenset((_NO_SUCH_TABLE, _NO_SUCH_ROUTINE, _INVALID_VIEW, no_such_trigger))
        self._settings = ""
        self._schema = ""
        self._rights = RoutineRights(connection)
        self._collations = SchemaCollations(connection, self._execute_utf8, beside)
        self._triggers = {each.key: each for each in there if each.kind == "trigger"}

    def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Failure | None]]:
        """Make the changes in their order, and say of each what became of it.

        :raises MysqlError: ``mysql.connection_lost``, with the first change that nobody can tell of.
        """
        position = 0
        while position < len(changes):
            batch = list(self._batch(changes[position:]))
            try:
                if len(batch) > 1:
                    for work, error in self._create_batch(batch):
                        yield work.change, self._failure(work.change, error) if error else None
                        position += 1
                else:
                    yield changes[position], self._apply_one(changes[position])
                    position += 1
            except MysqlError as error:
                error.message += f" It happened at {changes[position].key}."
                raise

    def needs_nothing(self, change: Change) -> bool:
        """Whether the change makes a routine by one statement that neither needs nor touches anything else: a server
        looks for what a routine's body names when it runs."""
        return change.key.kind in ROUTINES and change.actual is None and self._in_one_statement(change)

    def _in_one_statement(self, change: Change) -> bool:
        wanted = change.wanted
        replaced = change.actual is not None and change.key.kind != "view"
        return not (wanted is None or replaced or not _ends_by_itself(wanted) or self._collations.differs(wanted))

    def _batch(self, changes: Sequence[Change]) -> Iterator[_Creation]:
        """What may go in one round trip, from the first change on: what is made under the same settings and in the
        schemas as they are, and needs no look at what was made before it."""
        settings, size = "", 0
        for count, change in enumerate(changes[: batches.BATCH_STATEMENTS]):
            wanted = change.wanted
            if wanted is None or not self._in_one_statement(change):
                return
            try:
                creation = _Creation(change, session_settings(wanted), create_statement(wanted))
            except NotExpressible:
                return
            size += len(creation.statement)
            if count and (creation.settings != settings or size > batches.BATCH_BYTES):
                return
            settings = creation.settings
            yield creation

    def _create_batch(self, batch: list[_Creation]) -> Iterator[tuple[_Creation, MysqlError | None]]:
        try:
            self._settle(batch[0].settings)
        except MysqlError as refusal:
            if refusal.error_id == "mysql.connection_lost":
                raise
            # a collation or a time zone that the server does not know: all of them need it
            yield from ((work, refusal) for work in batch)
            return
        while batch:
            done, error = self._connection.execute_batch([work.statement for work in batch])
            yield from ((work, None) for work in batch[:done])
            if error:
                yield batch[done], error
                done += 1
            batch = batch[done:]

    def _apply_one(self, change: Change) -> Failure | None:
        try:
            if change.wanted is None:
                self._drop(change.actual)
            elif change.actual is None or change.key.kind == "view":
                self._create(change.wanted)
            else:
                not_given = self._replace(change.wanted, change.actual)
                return _not_whole(change, not_given) if not_given else None
        except NotExpressible as error:
            remedy = "Create it again on the source by a client that speaks utf8mb4."
            return Failure(Problem(change.key, str(error), remedy), may_pass=False)
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                raise
            return self._failure(change, error)
        return None

    def _failure(self, change: Change, error: MysqlError) -> Failure:
        reason = f"the target said: {error.server_text} (error {error.errno})"
        problem = Problem(change.key, reason, _REMEDIES.get(error.errno, _ANY_REMEDY))
        return Failure(problem, may_pass=error.errno in self._missing)

    def _replace(self, wanted: StoredObject, actual: StoredObject) -> list[str]:
        """Put one object in the place of another; returns the rights on it that could not be given back."""
        create_statement(wanted)  # what cannot be written at all must not cost the old one
        grants = self._grants_on(actual)
        self._drop(actual)
        try:
            self._create(wanted)
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost":
                error.message += _named_in_full(grants)
                raise
            try:
                self._create(actual)
            except MysqlError as worse:
                self.lost = True
                error.server_text += f"; and the old one could not be put back: {worse.server_text}"
                error.server_text += _still_to_be_given(grants)
            else:
                error.server_text += _still_to_be_given(self._give_back(grants))
            raise error
        return self._give_back(grants)

    def _grants_on(self, actual: StoredObject) -> list[str]:
        if actual.kind not in ROUTINES:
            return []
        try:
            return self._rights.grants_on(actual)
        except MysqlError as error:
            error.server_text += "; without it nobody can give back the rights on the old one, which go with it"
            raise

    def _give_back(self, grants: Sequence[str]) -> list[str]:
        """Give all rights that can be given; returns the others, with the server's words."""
        refused: list[str] = []
        for position, grant in enumerate(grants):
            try:
                self._execute_utf8(grant)
            except MysqlError as error:
                if error.error_id == "mysql.connection_lost":
                    error.message += _named_in_full([*refused, *grants[position:]])
                    raise
                refused.append(f"{grant} (the target said: {error.server_text})")
        return refused

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
        with self._collations.as_it_was(wanted):
            if wanted.kind == "trigger" and wanted.schema != self._schema:
                self._execute_utf8(use_statement(wanted))
                self._schema = wanted.schema
            self._settle(session_settings(wanted))
            # The driver sends bytes as they are; they are in the object's character set, not in the connection's.
            self._connection.execute(statement)  # type: ignore[arg-type]
        if wanted.kind == "trigger":
            self._triggers[wanted.key] = wanted

    def _settle(self, settings: str) -> None:
        """Make the session what the settings say, unless it is so already."""
        if settings != self._settings:
            self._settings = ""
            self._connection.execute(settings)
            self._settings = settings

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


def _not_whole(change: Change, not_given: Sequence[str]) -> Failure:
    reason = "it was made anew, but not all rights on it could be given back" + _still_to_be_given(not_given)
    remedy = "Give these rights with an account that has them to give."
    return Failure(Problem(change.key, reason, remedy), may_pass=False, made=True)


def _still_to_be_given(grants: Sequence[str]) -> str:
    return f"; still to be given: {'; '.join(grants)}" if grants else ""


def _named_in_full(grants: Sequence[str]) -> str:
    return f" These rights went with a routine and are still to be given: {'; '.join(grants)}." if grants else ""


def _ends_by_itself(wanted: StoredObject) -> bool:
    """Whether a server that reads the semicolon behind a statement leaves it out of what it stores.

    MySQL 9.7 keeps ``SELECT 1;`` as the body of a procedure, but nothing behind the END of a block without a label. A
    view's text it writes anew.
    """
    if wanted.kind == "view":
        return True
    last_line = wanted.body.rstrip().rpartition("\n")[2]
    commented = any(mark in last_line for mark in ("#", "--", "*/"))
    return wanted.kind != "trigger" and not commented and _COMPOUND.fullmatch(wanted.body) is not None


def _moment(trigger: StoredObject) -> tuple[str, ...]:
    return (trigger.schema, *(trigger.clauses[member] for member in ("table", "timing", "event")))
