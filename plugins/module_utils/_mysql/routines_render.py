# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Statements that make and drop stored objects. Pure."""

from __future__ import annotations

from .quoting import quote_name
from .routines import ROUTINES, StoredObject, to_bytes
from .routines_parse import encode


class NotExpressible(ValueError):
    """A name or comment cannot be written in the character set that its object must be created with."""


def session_settings(stored: StoredObject) -> str:
    """One SET statement that makes the session what the creator's was; the server stores these beside the object.

    The same that mysqldump writes around each object (MySQL Reference Manual, "Stored Program Metadata").
    """
    settings = {
        # A view keeps no mode; its text is always printed in the default one.
        "sql_mode": "" if stored.kind == "view" else stored.sql_mode,
        "character_set_client": stored.character_set_client,
        "collation_connection": stored.collation_connection,
        "time_zone": stored.clauses.get("time_zone", "+00:00"),
    }
    return "SET SESSION " + ", ".join(f"{name} = '{_escaped(value)}'" for name, value in settings.items())


def create_statement(stored: StoredObject, before: str = "") -> bytes:
    """The CREATE statement in bytes of the object's own ``character_set_client``.

    Views are made with OR REPLACE, which swaps an old one in one step; the other kinds have no such form in MySQL. A
    trigger's statement names no schema and needs the session to be in it: MySQL 5.7 keeps the statement as it came, and
    a dump with the schema's name in it could not be loaded under another name.

    :param before: for a trigger that follows none: the trigger of the same table and moment that fires after it.
    :raises NotExpressible: see the class.
    """
    target = f"{quote_name(stored.schema)}.{quote_name(stored.name)}"
    clauses = stored.clauses
    parts: list[bytes] = []

    def text(words: str) -> None:
        try:
            parts.append(encode(words, stored.character_set_client))
        except (UnicodeEncodeError, LookupError) as error:
            raise NotExpressible(
                f"its name, definer or comment cannot be written in {stored.character_set_client}, the character set "
                "it was created with"
            ) from error

    def raw(member: str) -> None:
        parts.append(to_bytes(member))

    definer = "DEFINER=" + quoted_account(stored.definer)
    if stored.kind in ROUTINES:
        aggregate = "AGGREGATE " if clauses.get("aggregate") == "YES" else ""
        text(f"CREATE {definer} {aggregate}{stored.kind.upper()} {target}(")
        raw(clauses["parameters"])
        text(")")
        if stored.kind == "function":
            text(" RETURNS ")
            raw(clauses["returns"])
        text(f"\n    {clauses['data_access']}")
        text("\n    DETERMINISTIC" if clauses["deterministic"] == "YES" else "\n    NOT DETERMINISTIC")
        text(f"\n    SQL SECURITY {stored.security}")
        text(_comment(stored) + "\n")
    elif stored.kind == "view":
        text(
            f"CREATE OR REPLACE ALGORITHM={clauses['algorithm']} {definer} SQL SECURITY {stored.security} VIEW {target}"
        )
        if clauses["columns"]:
            text(" (")
            raw(clauses["columns"])
            text(")")
        text(" AS ")
    elif stored.kind == "trigger":
        moment, table = f"{clauses['timing']} {clauses['event']}", quote_name(clauses["table"])
        text(f"CREATE {definer} TRIGGER {quote_name(stored.name)} {moment} ON {table} FOR EACH ROW ")
        if clauses["follows"]:
            text(f"FOLLOWS {quote_name(clauses['follows'])} ")
        elif before:
            text(f"PRECEDES {quote_name(before)} ")
    else:
        state = "ENABLE" if clauses["status"] == "ENABLED" else "DISABLE"
        # NOT PRESERVE is the default, and no server understands it under the mode HIGH_NOT_PRECEDENCE.
        completion = " ON COMPLETION PRESERVE" if clauses["on_completion"] == "PRESERVE" else ""
        text(f"CREATE {definer} EVENT {target} ON SCHEDULE {clauses['schedule']}")
        text(f"{completion} {state}{_comment(stored)} DO ")
    raw(stored.body)
    return b"".join(parts)


def use_statement(stored: StoredObject) -> str:
    """The statement that brings a session into the object's schema; a trigger has to be made there."""
    return f"USE {quote_name(stored.schema)}"


def drop_statement(stored: StoredObject) -> str:
    """The DROP statement for an object that is there."""
    return f"DROP {stored.kind.upper()} {quote_name(stored.schema)}.{quote_name(stored.name)}"


def quoted_account(definer: str) -> str:
    """``user@host``, or a role of MariaDB, as it stands behind DEFINER=; the last "@" parts the two."""
    user, at, host = definer.rpartition("@")
    return f"{quote_name(user)}@{quote_name(host)}" if at else quote_name(definer)


def readable(stored: StoredObject) -> str:
    """An object as a person reads it in a diff: the session's settings, then the statement."""
    try:
        statement = create_statement(stored)
    except NotExpressible as error:
        return f"{session_settings(stored)};\n-- {error}\n"
    codec = "utf-8" if stored.character_set_client.startswith("utf8") else "latin-1"
    return f"{session_settings(stored)};\n{statement.decode(codec, 'backslashreplace')};\n"


def _comment(stored: StoredObject) -> str:
    if not stored.comment:
        return ""
    doubled = stored.comment.replace("'", "''")
    if "NO_BACKSLASH_ESCAPES" not in stored.sql_mode.split(","):
        doubled = doubled.replace("\\", "\\\\")
    return f"\n    COMMENT '{doubled}'"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
