# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What a server has stored beside the objects that can travel, and what may be there out of the reader's sight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from .connection import Connection, MysqlError
from .current_rights import read_current_rights
from .definers import is_reserved
from .privileges import Rights
from .quoting import pattern_matches
from .routines import ROUTINES, NotPortable, Selection
from .server import SYSTEM_SCHEMAS, ServerVersion, read_version

# Not only for speed: MariaDB opens every view that a query on VIEWS or TABLES does not rule out by its schema, and
# opening those of its own schema sys has been seen to crash 10.11.
NOT_SYSTEM = "NOT IN ({})".format(", ".join(f"'{name}'" for name in SYSTEM_SCHEMAS))
# Procedures that MariaDB keeps there, before 10.6 with the definer root@localhost.
_MARIADB_OWN = frozenset(("AddGeometry", "DropGeometry", "AddGeometryColumn", "DropGeometryColumn"))
_IN_SYSTEM = """
SELECT LOWER(ROUTINE_TYPE) AS kind, ROUTINE_SCHEMA AS `schema`, ROUTINE_NAME AS name, DEFINER AS definer
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ('mysql', 'sys')
UNION ALL SELECT 'event', EVENT_SCHEMA, EVENT_NAME, DEFINER
FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN ('mysql', 'sys')
UNION ALL SELECT 'trigger', TRIGGER_SCHEMA, TRIGGER_NAME, DEFINER
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN ('mysql', 'sys')
UNION ALL SELECT 'view', TABLE_SCHEMA, TABLE_NAME, DEFINER
FROM information_schema.VIEWS WHERE TABLE_SCHEMA {view_schemas}
ORDER BY 1, 2, 3"""
_SEQUENCES = f"""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS name FROM information_schema.TABLES
WHERE TABLE_SCHEMA {NOT_SYSTEM} AND TABLE_TYPE = 'SEQUENCE' ORDER BY 1, 2"""
# Of code in other languages, which routines import.
_LIBRARIES_SINCE = (9, 2, 0)
_LIBRARIES = f"""
SELECT LIBRARY_SCHEMA AS `schema`, LIBRARY_NAME AS name, LANGUAGE AS language FROM information_schema.LIBRARIES
WHERE LIBRARY_SCHEMA {NOT_SYSTEM} ORDER BY 1, 2"""

# What an account needs on a schema to have all of a kind listed there (Reference Manual, "The INFORMATION_SCHEMA
# ROUTINES Table" and its neighbours, "SHOW TRIGGERS Statement", "SHOW EVENTS Statement").
_ROUTINE_RIGHTS = frozenset(("EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE"))
_SHOWS_ALL = {
    "function": _ROUTINE_RIGHTS,
    "procedure": _ROUTINE_RIGHTS,
    "view": frozenset(("SELECT", "SHOW VIEW")),
    "trigger": frozenset(("TRIGGER",)),
    "event": frozenset(("EVENT",)),
}
# Any one of these, on all schemas.
_SHOWS_ROUTINES = ("SHOW_ROUTINE", "SHOW CREATE ROUTINE", "SELECT")
_SHOWS_SCHEMAS = ("SHOW DATABASES", "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER")
_TO_GRANT = {
    "function": "SHOW_ROUTINE (MySQL 8.0.20 on) or SELECT on mysql.proc (before, and on MariaDB)",
    "view": "SELECT and SHOW VIEW",
    "trigger": "TRIGGER",
    "event": "EVENT",
}
_TO_GRANT["procedure"] = _TO_GRANT["function"]
_NAMED = 5


def read_left(connection: Connection, selection: Selection, schemas: Sequence[str]) -> Iterator[NotPortable]:
    """Loadable functions, sequences, libraries, what users keep in the server's own schemas, and what may be hidden.

    :param schemas: those that are chosen.
    :raises MysqlError: the server could not be asked.
    """
    version = read_version(connection)
    if "function" in selection.kinds:
        yield from _loadable_functions(connection)
    if version.mariadb:
        for row in connection.rows(_SEQUENCES):
            if row["schema"] in schemas:
                remedy = "Replace it by an AUTO_INCREMENT column."
                yield NotPortable("sequence", row["schema"], row["name"], "MySQL has no sequences", remedy)
    elif version.number >= _LIBRARIES_SINCE and set(ROUTINES) & set(selection.kinds):
        for row in connection.rows(_LIBRARIES):
            if row["schema"] in schemas:
                reason = f"it is written in {row['language']}, not in SQL"
                yield NotPortable("library", row["schema"], row["name"], reason, "Rewrite what uses it in MySQL's SQL.")
    yield from _in_system_schemas(connection, selection, version)
    yield from out_of_sight(selection, schemas, read_current_rights(connection, version), version)


def _loadable_functions(connection: Connection) -> Iterator[NotPortable]:
    try:
        for row in connection.rows("SELECT name, dl FROM mysql.func ORDER BY name"):
            yield NotPortable(
                "loadable function",
                "",
                row["name"],
                f"it lives in the shared library {row['dl']}, and Aurora loads no libraries",
                "Replace it by a stored function, or do its work in the application.",
            )
    except MysqlError as error:
        yield NotPortable(
            "loadable function",
            "",
            "*",
            f"the list of loadable functions could not be read: {error.server_text}",
            "Grant SELECT on mysql.func to the reading account, or look there by hand.",
        )


def _in_system_schemas(connection: Connection, selection: Selection, version: ServerVersion) -> Iterator[NotPortable]:
    query = _IN_SYSTEM.format(view_schemas="= 'mysql'" if version.mariadb else "IN ('mysql', 'sys')")
    for row in connection.rows(query):
        own = row["name"] in _MARIADB_OWN or is_reserved(row["definer"])
        if row["kind"] in selection.kinds and selection.names(row["schema"]) and not own:
            yield NotPortable(
                row["kind"],
                row["schema"],
                row["name"],
                f"it is stored in the server's own schema {row['schema']}, which a cluster keeps for itself",
                "Move it to a schema of yours if it is needed, and run it again.",
            )


def out_of_sight(
    selection: Selection, schemas: Sequence[str], rights: Rights, version: ServerVersion
) -> Iterator[NotPortable]:
    """What may be stored and is not even listed for an account with these rights. Pure.

    :param schemas: the chosen schemas that the account sees.
    """
    others = not selection.schemas or not set(selection.schemas) <= set(schemas)
    if others and not any(rights.has(privilege) for privilege in _SHOWS_SCHEMAS):
        yield NotPortable(
            "schema",
            "",
            "*",
            "the reading account is shown only the schemas on which it has a right; what others hold is not here",
            "Grant it SHOW DATABASES and the rights on stored code, or name every schema in the option schemas.",
        )
    for kind in selection.kinds:
        if _SHOWS_ALL[kind] is _ROUTINE_RIGHTS and _shows_all_routines(rights, version):
            continue
        dark = [schema for schema in schemas if not _holds_one(rights, _SHOWS_ALL[kind], schema)]
        if dark:
            named = ", ".join(dark[:_NAMED]) + (f" and {len(dark) - _NAMED} more" if len(dark) > _NAMED else "")
            yield NotPortable(
                kind,
                "",
                "*",
                f"the reading account may not be shown every {kind} of {named}; what it is not shown is not here",
                f"Grant it {_TO_GRANT[kind]}, and run it again.",
                schemas=tuple(dark),
            )


def _shows_all_routines(rights: Rights, version: ServerVersion) -> bool:
    if any(rights.has(privilege) for privilege in _SHOWS_ROUTINES):
        return True
    if not version.mariadb and version.number >= (8, 0, 0):
        return False
    reads_table = any(
        "SELECT" in grant.privileges
        for scope, grant in rights.grants.items()
        if scope.level == "table" and (scope.schema, scope.name) == ("mysql", "proc")
    )
    return reads_table or _holds_one(rights, {"SELECT"}, "mysql")


def _holds_one(rights: Rights, privileges: AbstractSet[str], schema: str) -> bool:
    """Whether one of the privileges is held on all that a schema has."""
    for scope, grant in rights.grants.items():
        held: AbstractSet[str] = frozenset()
        if scope.level == "global":
            held = grant.privileges - rights.restrictions.get(schema, frozenset())
        elif scope.level == "schema" and pattern_matches(scope.schema, schema):
            held = grant.privileges
        if held & privileges:
            return True
    return False
