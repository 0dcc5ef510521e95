# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Reading the stored objects of a server.

A constant number of queries tells what there is; SHOW CREATE, hundreds in one round trip, brings the texts that
information_schema would spoil (``routines_parse`` says which and why).
"""

from __future__ import annotations

import itertools
from typing import Any, Collection, Iterator, Mapping, Sequence, Union

from . import routines_parse as parse
from .connection import Connection, MysqlError
from .definers import as_definer, is_reserved
from .quoting import quote_name
from .routines import KINDS, REPLICA_SIDE_DISABLED, Inventory, Key, NotPortable, Selection, StoredObject, to_text
from .routines_left import NOT_SYSTEM, read_left
from .show_batches import answers

_SCHEMAS = "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME"
_ROUTINES = f"""
SELECT ROUTINE_SCHEMA AS `schema`, ROUTINE_NAME AS name, ROUTINE_TYPE AS routine_type, ROUTINE_BODY AS language,
       DEFINER AS definer, SECURITY_TYPE AS security, SQL_MODE AS sql_mode, ROUTINE_COMMENT AS comment,
       CHARACTER_SET_CLIENT AS character_set_client, COLLATION_CONNECTION AS collation_connection,
       DATABASE_COLLATION AS database_collation, IS_DETERMINISTIC AS `deterministic`, SQL_DATA_ACCESS AS data_access
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA {NOT_SYSTEM}"""
_VIEWS = f"""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS name, DEFINER AS definer, SECURITY_TYPE AS security,
       CHARACTER_SET_CLIENT AS character_set_client, COLLATION_CONNECTION AS collation_connection
FROM information_schema.VIEWS WHERE TABLE_SCHEMA {NOT_SYSTEM}"""
_TRIGGERS = f"""
SELECT TRIGGER_SCHEMA AS `schema`, TRIGGER_NAME AS name, DEFINER AS definer, SQL_MODE AS sql_mode,
       CHARACTER_SET_CLIENT AS character_set_client, COLLATION_CONNECTION AS collation_connection,
       DATABASE_COLLATION AS database_collation, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event,
       EVENT_OBJECT_TABLE AS `table`, ACTION_ORDER AS action_order
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA {NOT_SYSTEM}
ORDER BY TRIGGER_SCHEMA, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER"""
_EVENTS = f"""
SELECT EVENT_SCHEMA AS `schema`, EVENT_NAME AS name, DEFINER AS definer, SQL_MODE AS sql_mode, EVENT_COMMENT AS comment,
       CHARACTER_SET_CLIENT AS character_set_client, COLLATION_CONNECTION AS collation_connection,
       DATABASE_COLLATION AS database_collation, STATUS AS status,
       ON_COMPLETION AS on_completion, TIME_ZONE AS time_zone
FROM information_schema.EVENTS WHERE EVENT_SCHEMA {NOT_SYSTEM}"""
_QUERIES = {"function": _ROUTINES, "procedure": _ROUTINES, "view": _VIEWS, "trigger": _TRIGGERS, "event": _EVENTS}
# Position of the text in a row of SHOW CREATE (Reference Manual, "SHOW CREATE PROCEDURE Statement" and its neighbours).
_TEXT_COLUMN = {"function": 2, "procedure": 2, "view": 1, "trigger": 2, "event": 3}

Text = Union[tuple[Any, ...], MysqlError]
"""A row of SHOW CREATE, or the server's refusal."""

_READ_REMEDY = (
    "Let the reading account see stored code: SHOW_ROUTINE (MySQL 8.0.20 on), SELECT on mysql.proc (before, and on "
    "MariaDB), TRIGGER, EVENT and SHOW VIEW on the schema."
)


def server_family(connection: Connection) -> str:
    """The syntax that a server's catalogue speaks: ``mariadb`` or ``mysql-<major>.<minor>``; 9.x counts as one."""
    version = connection.server_version
    if "mariadb" in version.lower():
        return "mariadb"
    major, minor = version.split(".")[:2]
    return f"mysql-{major}" if int(major) >= 9 else f"mysql-{major}.{minor}"


def read_inventory(
    connection: Connection,
    selection: Selection,
    only: Collection[Key] | None = None,
    texts: Mapping[Key, Text] | None = None,
) -> Inventory:
    """All selected stored objects of a server, as they are.

    :param connection: made with ``multi_statements=True``.
    :param only: read the texts of these objects alone, and nothing that is not portable.
    :param texts: what ``show_create`` has told of some of them, which are not asked for again.
    :raises MysqlError: the server could not be asked. An object that cannot be read is listed, not raised.
    """
    kinds = selection.kinds
    queries = list(dict.fromkeys(_QUERIES[kind] for kind in KINDS if kind in kinds))
    schemas, *found = connection.rows_of_each([_SCHEMAS, *queries])
    chosen = [row["name"] for row in schemas if selection.has_schema(row["name"])]
    wanted = set(chosen)
    listed: dict[Key, dict[str, Any]] = {}
    refused: list[NotPortable] = []
    for query, rows in zip(queries, found):
        for row in _with_order(rows):
            row["definer"] = as_definer(row["definer"], connection.mariadb)
            if row["schema"] in wanted:
                _list_row(query, row, kinds, listed, refused)
    if only is None:
        refused += read_left(connection, selection, chosen)
    objects = sorted(_read_texts(connection, listed, only, texts or {}, refused), key=lambda each: _position(each.key))
    return Inventory(server_family(connection), tuple(chosen), tuple(kinds), tuple(objects), tuple(refused))


def _list_row(
    query: str,
    row: dict[str, Any],
    kinds: Collection[str],
    listed: dict[Key, dict[str, Any]],
    refused: list[NotPortable],
) -> None:
    kind = next(kind for kind, its_query in _QUERIES.items() if its_query is query)
    if query is _ROUTINES:
        kind = row["routine_type"].lower()
        if kind in ("package", "package body"):
            if "procedure" in kinds:
                refused.append(_refusal(kind, row, "a package is a construct of MariaDB's Oracle mode"))
            return
        if kind not in kinds:
            return
        if row["language"] != "SQL":
            refused.append(_refusal(kind, row, f"it is written in {row['language']}, not in SQL"))
            return
    if "ORACLE" in row.get("sql_mode", "").split(","):
        refused.append(_refusal(kind, row, "it is written in MariaDB's Oracle mode (sql_mode ORACLE)"))
    elif is_reserved(row["definer"]):
        reason = f"its definer {row['definer']} belongs to the server itself"
        refused.append(_refusal(kind, row, reason, "Create it anew with a definer of yours if it is needed."))
    else:
        listed[Key(kind, row["schema"], row["name"])] = row


def _refusal(kind: str, row: Mapping[str, Any], reason: str, remedy: str = "Rewrite it in MySQL's SQL.") -> NotPortable:
    return NotPortable(kind, row["schema"], row["name"], reason, remedy)


def _unreadable(key: Key, reason: str, remedy: str) -> NotPortable:
    return NotPortable(key.kind, key.schema, key.name, reason, remedy, unreadable=True)


def _with_order(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Triggers learn which one fires before them: their rows arrive in that order."""
    previous: dict[tuple[Any, ...], str] = {}
    for row in rows:
        if "timing" in row:
            moment = (row["schema"], row["table"], row["timing"], row["event"])
            row["follows"] = previous.get(moment, "")
            previous[moment] = row["name"]
        yield row


def _read_texts(
    connection: Connection,
    listed: Mapping[Key, dict[str, Any]],
    only: Collection[Key] | None,
    texts: Mapping[Key, Text],
    refused: list[NotPortable],
) -> Iterator[StoredObject]:
    keys = [key for key in sorted(listed, key=_position) if only is None or key in only]
    missing = [key for key in keys if key not in texts]
    told = ((key, texts[key]) for key in keys if key in texts)
    for key, answer in itertools.chain(told, zip(missing, show_create(connection, missing))):
        row = listed[key]
        if isinstance(answer, MysqlError):
            refused.append(_unreadable(key, f"it cannot be read: {answer.server_text}", _READ_REMEDY))
            continue
        text = answer[_TEXT_COLUMN[key.kind]]
        if text is None:
            refused.append(_unreadable(key, "the account that reads may not see its text", _READ_REMEDY))
            continue
        try:
            yield _BUILDERS[key.kind](key, row, text)
        except ValueError as error:
            reason = f"the text that SHOW CREATE printed is not understood: {error}"
            refused.append(_unreadable(key, reason, "Carry it over by hand, and report its statement."))


def _position(key: Key) -> tuple[int, str, str]:
    # Triggers keep the order of their query, which is the order in which they fire.
    return KINDS.index(key.kind), key.schema, "" if key.kind == "trigger" else key.name


def show_create(connection: Connection, keys: Sequence[Key]) -> Iterator[Text]:
    """One row, or the error, for each key. Until all are read, the session can be asked nothing else.

    :param connection: made with ``multi_statements=True``.
    :raises MysqlError: ``mysql.connection_lost``.
    """
    statements = [f"SHOW CREATE {key.kind.upper()} {quote_name(key.schema)}.{quote_name(key.name)}" for key in keys]
    for answer in answers(connection, statements):
        yield answer if isinstance(answer, MysqlError) else answer[0]


def _common(key: Key, row: Mapping[str, Any], body: bytes, clauses: dict[str, str]) -> StoredObject:
    return StoredObject(
        kind=key.kind,
        schema=key.schema,
        name=key.name,
        definer=row["definer"],
        security=row.get("security", ""),
        sql_mode=row.get("sql_mode", ""),
        character_set_client=row["character_set_client"],
        collation_connection=row["collation_connection"],
        database_collation=row.get("database_collation", ""),
        comment=row.get("comment", ""),
        body=to_text(body),
        clauses=clauses,
    )


def _routine(key: Key, row: Mapping[str, Any], text: bytes) -> StoredObject:
    parts = parse.routine_text(
        text, key.kind.upper(), key.name, row["comment"], row["character_set_client"], row["sql_mode"]
    )
    clauses = {
        "parameters": to_text(parts.parameters),
        "deterministic": row["deterministic"],
        "data_access": row["data_access"],
    }
    if key.kind == "function":
        clauses.update(returns=to_text(parts.returns), aggregate="YES" if parts.aggregate else "NO")
    return _common(key, row, parts.body, clauses)


def _view(key: Key, row: Mapping[str, Any], text: bytes) -> StoredObject:
    parts = parse.view_text(text, row["character_set_client"])
    return _common(key, row, parts.body, {"algorithm": parts.algorithm, "columns": to_text(parts.columns)})


def _trigger(key: Key, row: Mapping[str, Any], text: bytes) -> StoredObject:
    body = parse.trigger_body(text, row["character_set_client"], row["sql_mode"])
    return _common(key, row, body, {member: row[member] for member in ("timing", "event", "table", "follows")})


def _event(key: Key, row: Mapping[str, Any], text: bytes) -> StoredObject:
    parts = parse.event_text(text)
    clauses = {
        "schedule": parts.schedule,
        "on_completion": row["on_completion"],
        "status": row["status"] if row["status"] in ("ENABLED", "DISABLED") else REPLICA_SIDE_DISABLED,
        "time_zone": row["time_zone"],
    }
    return _common(key, row, parts.body, clauses)


_BUILDERS = {"function": _routine, "procedure": _routine, "view": _view, "trigger": _trigger, "event": _event}
