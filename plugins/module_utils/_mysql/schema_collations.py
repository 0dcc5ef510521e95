# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The default collations of a server's schemas, and how a schema has another one while an object is made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from .connection import Connection
from .errors import MysqlError
from .quoting import quote_name
from .routines import StoredObject, canonical_charset


class SchemaCollations:
    """The default collations that the schemas of a server have of their own."""

    def __init__(
        self, connection: Connection, execute: Callable[[str], object], beside: Callable[[], Connection] | None
    ) -> None:
        """
        :param execute: runs a statement of ours on the connection, whatever its session is set to.
        :param beside: makes a second connection like the first one, for when the first is lost; None where nobody can.
        """
        self._execute = execute
        self._beside = beside
        self._own = {
            row["name"]: row["collation"]
            for row in connection.rows(
                "SELECT SCHEMA_NAME AS name, DEFAULT_COLLATION_NAME AS `collation` FROM information_schema.SCHEMATA"
            )
        }

    def differs(self, wanted: StoredObject) -> bool:
        """Whether the schema had another default collation when the object was made."""
        own = canonical_charset(self._own.get(wanted.schema, ""))
        return canonical_charset(wanted.database_collation) not in ("", own)

    @contextlib.contextmanager
    def as_it_was(self, wanted: StoredObject) -> Iterator[None]:
        """Within the block the schema has the default collation that it had when the object was made.

        The server notes it beside the object and takes it from nowhere else; mysqldump does the same.

        :raises MysqlError: also where the schema could not be given back its own; the error says so.
        """
        if not self.differs(wanted):
            yield
            return
        alter = f"ALTER DATABASE {quote_name(wanted.schema)} COLLATE "
        try:
            self._execute(alter + wanted.database_collation)
        except MysqlError as error:
            # A connection that is lost may have altered it all the same.
            if _lost(error):
                self._give_back(alter, wanted, error)
            raise
        try:
            yield
        except BaseException as error:
            if isinstance(error, MysqlError) and _lost(error):
                self._give_back(alter, wanted, error)
            else:
                self._restore(alter, wanted)
            raise
        self._restore(alter, wanted)

    def _restore(self, alter: str, wanted: StoredObject) -> None:
        try:
            self._execute(alter + self._own[wanted.schema])
        except MysqlError as error:
            self._give_back(alter, wanted, error)
            raise

    def _give_back(self, alter: str, wanted: StoredObject, error: MysqlError) -> None:
        """Try it on a new connection; where that fails, too, let the error say what is left to do.

        The next run would take what it finds for the schema's own.
        """
        statement = alter + self._own[wanted.schema]
        if _lost(error) and self._beside is not None:
            with contextlib.suppress(MysqlError), self._beside() as connection:
                connection.execute(statement)
                return
        left = f"schema {wanted.schema} may still have the default collation {wanted.database_collation}, not its own"
        error.server_text += f"; {left}, which comes back by {statement}"
        error.add(f"S{left[1:]}.", f"Run {statement}; the next run takes what it finds for the schema's own.")


def _lost(error: MysqlError) -> bool:
    return error.error_id == "mysql.connection_lost"
