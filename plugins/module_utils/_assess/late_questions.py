# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What has to be asked of a server because of what it answered, in one query for all who want it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Union

from .._mysql.connection import Connection
from .._mysql.errors import MysqlError


class LateQuestions:
    """Expressions whose values are wanted when all else is read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wanted: list[Sequence[str]] = []
        self._values: list[Union[list[Any], MysqlError]] = []

    def add(self, expressions: Sequence[str]) -> Callable[[], list[Any]]:
        """Expressions of somebody, who gets their values, as many, by calling what this returns.

        The first who calls it has those of all asked for; it raises ``MysqlError`` where the server refuses these.
        """
        self._wanted.append(expressions)
        number = len(self._wanted) - 1
        return lambda: self._values_of(number)

    def _values_of(self, number: int) -> list[Any]:
        open_ones = self._wanted[len(self._values) :]
        if open_ones:
            self._values += self._ask(open_ones)
        values = self._values[number]
        if isinstance(values, MysqlError):
            raise values
        return values

    def _ask(self, wanted: Sequence[Sequence[str]]) -> list[Union[list[Any], MysqlError]]:
        try:
            values = self._row([each for expressions in wanted for each in expressions])
        except MysqlError as error:
            if error.error_id == "mysql.connection_lost" or len(wanted) == 1:
                return [error] * len(wanted)
            # What one may not ask is not to cost the others theirs.
            return [self._ask([expressions])[0] for expressions in wanted]
        found: list[Union[list[Any], MysqlError]] = []
        for expressions in wanted:
            found.append(values[: len(expressions)])
            values = values[len(expressions) :]
        return found

    def _row(self, expressions: Sequence[str]) -> list[Any]:
        columns = ", ".join(f"{expression} AS v{number}" for number, expression in enumerate(expressions))
        return list(self._connection.rows(f"SELECT {columns}")[0].values())
