# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The statements that make stored objects on a target that has none of them, as a script for the ``mysql`` client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .connection import Connection
from .quoting import quote_name
from .routines import Inventory, Selection, StoredObject, canonical_charset
from .routines_apply import read_definer_rights
from .routines_plan import Policy, chosen, plan
from .routines_read import server_family
from .routines_render import NotExpressible, create_statement, session_settings, use_statement

_DELIMITERS = (b";;", b"$$", b"//", b"$$dbferry$$")


def routines_script(
    connection: Connection,
    source: Inventory,
    selection: Selection,
    policy: Policy,
    to_come: frozenset[str] = frozenset(),
) -> bytes:
    """What the master user of this target can type to have the stored objects.

    :param connection: the target, which is asked what it allows; nothing is changed.
    :param to_come: see ``read_definer_rights``.
    :returns: statements, each object in the character set that it was created in, as mysqldump writes them.
    :raises MysqlError: the target cannot be asked.
    """
    wanted = chosen(source, selection)
    nothing = Inventory(server_family(connection), wanted.schemas, wanted.kinds, ())
    made = plan(wanted, nothing, read_definer_rights(connection, to_come), policy)
    collations = {
        row["name"]: row["collation"]
        for row in connection.rows(
            "SELECT SCHEMA_NAME AS name, DEFAULT_COLLATION_NAME AS `collation` FROM information_schema.SCHEMATA"
        )
    }
    lines = [b"-- %d stored objects: mysql --force --binary-mode --comments < this file\n" % len(made.changes)]
    for change in made.changes:
        if change.wanted is not None:
            lines += _of_object(change.wanted, collations)
    return b"".join(lines)


def _of_object(wanted: StoredObject, collations: Mapping[str, str]) -> Iterator[bytes]:
    try:
        statement = create_statement(wanted)
    except NotExpressible as error:
        yield f"-- {wanted.key} is left out: {error}\n".encode()
        return
    usual = collations.get(wanted.schema, "")
    other = canonical_charset(wanted.database_collation) not in ("", canonical_charset(usual))
    alter = f"ALTER DATABASE {quote_name(wanted.schema)} COLLATE ".encode()
    # names in these statements are UTF-8
    utf8 = b"SET SESSION character_set_client = utf8mb4;\n"
    if other:
        yield utf8 + alter + wanted.database_collation.encode("ascii") + b";\n"
    if wanted.kind == "trigger":
        yield utf8 + use_statement(wanted).encode("utf-8") + b";\n"
    yield session_settings(wanted).encode("utf-8") + b";\n"
    delimiter = min(_DELIMITERS, key=statement.count)
    yield b"DELIMITER " + delimiter + b"\n" + statement + b"\n" + delimiter + b"\nDELIMITER ;\n"
    if other:
        yield utf8 + alter + usual.encode("ascii") + b";\n"
