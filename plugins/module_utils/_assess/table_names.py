# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Names of tables as InnoDB has them: those of files, encoded, with the partition ("Mapping of Identifiers to File
Names")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .._mysql.connection import Connection

_HEXADECIMAL = re.compile("@([0-9a-f]{4})")
# a letter of another alphabet has a code of two characters, such as @1i for an o with a diaeresis
_LETTER = re.compile("@(?![0-9a-f]{4})")
_PARTITION = re.compile("#p#.*", re.IGNORECASE | re.DOTALL)


class TableName(NamedTuple):
    """The name of a table, tablespace or file; a tablespace of nobody or of many, and a file, have no schema."""

    schema: str
    table: str
    encoded: bool = False
    """Whether both are written as in the names of files."""

    @property
    def label(self) -> str:
        """As a person writes it: ``shop.orders``."""
        return f"{self.schema}.{self.table}" if self.schema else self.table


def innodb_name(name: str, encoded: bool) -> TableName:
    """The table that a name of InnoDB's is about: ``shop/a@002db#p#p0`` is a partition of ``a@002db``."""
    if name.startswith("/"):
        return TableName("", name)
    schema, slash, table = name.partition("/")
    return TableName(schema, _PARTITION.sub("", table), encoded) if slash else TableName("", name)


def codes_of(names: Iterable[TableName]) -> list[str]:
    """What of some names the server has to decode: schemas and tables with codes of letters."""
    return sorted({part for name in names if name.encoded for part in name[:2] if _LETTER.search(part)})


def decoding(code: str, connection: Connection) -> str:
    """The expression that decodes; some servers do not offer it."""
    return f"CONVERT(CONVERT(CAST({connection.literal(code)} AS BINARY) USING filename) USING utf8mb4)"


def decode(names: Iterable[TableName], letters: Mapping[str, str]) -> dict[TableName, TableName]:
    """The names as statements have them.

    :param letters: what ``codes_of`` names to what the server says it is. Without that a name keeps its codes.
    """
    return {name: _decoded(name, letters) for name in names}


def _decoded(name: TableName, letters: Mapping[str, str]) -> TableName:
    if not name.encoded:
        return name
    schema, table = (
        letters.get(part) or _HEXADECIMAL.sub(lambda found: chr(int(found[1], 16)), part) for part in name[:2]
    )
    return TableName(schema, table)
