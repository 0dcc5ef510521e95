# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Reads a server's catalogue for a comparison: a constant number of queries for each schema, whatever it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any, NamedTuple

from . import comparison_normal as normal
from .comparison_model import CatalogueObject, DataColumn, DataKey, Key, SchemaCatalogue, TableData
from .connection import Connection
from .server import SYSTEM_SCHEMAS, read_variables

_VARIABLES = (
    "time_zone",
    "system_time_zone",
    "sql_mode",
    "character_set_server",
    "collation_server",
    "lower_case_table_names",
    "explicit_defaults_for_timestamp",
)
# Columns of information_schema that not every flavour and version has.
_OPTIONAL_TABLES = ("CHECK_CONSTRAINTS", "COLUMNS", "STATISTICS", "TABLE_CONSTRAINTS")


class ServerFacts(NamedTuple):
    """What has to be known about a server before its schemas can be read.

    :ivar variables: the global variables that a comparison looks at.
    :ivar utc_offset: of the server's own time zone, such as ``02:00:00``; where summer has another than winter, such as
        ``01:00:00 in December, 02:00:00 in June``.
    :ivar catalogue_columns: (table, column) of information_schema where versions differ.
    """

    mariadb: bool
    login_user: str
    variables: dict[str, str]
    utc_offset: str
    catalogue_columns: set[tuple[str, str]]

    @property
    def folds_names(self) -> bool:
        """Whether names of schemas and tables ignore case."""
        return self.variables.get("lower_case_table_names", "0") != "0"


def read_server_facts(connection: Connection) -> ServerFacts:
    """The facts about the server behind a connection.

    :raises MysqlError: the server refused.
    """
    # The session itself is at UTC; the server's own zone is put in for one question and taken out again.
    connection.execute("SET SESSION time_zone = @@global.time_zone")
    offset = _utc_offset(connection, datetime.now(timezone.utc).year)
    connection.execute("SET SESSION time_zone = '+00:00'")
    names = ", ".join(f"'{name}'" for name in _OPTIONAL_TABLES)
    columns = connection.rows(
        "SELECT TABLE_NAME AS t, COLUMN_NAME AS c FROM information_schema.COLUMNS"
        f" WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME IN ({names})"
    )
    return ServerFacts(
        mariadb="mariadb" in connection.server_version.lower(),
        login_user=normal.text(connection.value("SELECT CURRENT_USER()")),
        variables=read_variables(connection, _VARIABLES),
        utc_offset=offset,
        catalogue_columns={(normal.text(one["t"]).upper(), normal.text(one["c"]).upper()) for one in columns},
    )


def _utc_offset(connection: Connection, year: int) -> str:
    """How far the session's time zone is from UTC in that year: today's offset alone makes London of UTC, in winter."""
    (row,) = connection.rows(
        "SELECT {} AS winter, {} AS summer".format(*(_offset_at(datetime(year, month, 21)) for month in (12, 6)))
    )
    winter, summer = normal.text(row["winter"]), normal.text(row["summer"])
    return winter if winter == summer else f"{winter} in December, {summer} in June"


def _offset_at(instant: datetime) -> str:
    seconds = int(instant.replace(tzinfo=timezone.utc).timestamp())
    return f"CAST(TIMEDIFF(FROM_UNIXTIME({seconds}), TIMESTAMP '{instant}') AS CHAR)"


def read_schemas(connection: Connection) -> dict[str, CatalogueObject]:
    """The schemas of a server that are not the server's own, by name."""
    rows = connection.rows(
        "SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS cs, DEFAULT_COLLATION_NAME AS co"
        " FROM information_schema.SCHEMATA"
    )
    return {
        row["name"]: CatalogueObject(
            "schema", (row["name"],), {"charset": normal.charset(row["cs"]), "collation": normal.charset(row["co"])}
        )
        for row in rows
        if row["name"].lower() not in SYSTEM_SCHEMAS
    }


def read_schema(connection: Connection, facts: ServerFacts, schema: str, fold: bool) -> SchemaCatalogue:
    """The tables of one schema, with all that belongs to them.

    :param schema: the name as this server has it.
    :param fold: take names of schemas and tables in lower case, because one of the two sides ignores case.
    :raises MysqlError: the server refused.
    """
    reader = _SchemaReader(connection, facts, schema, fold)
    tables = reader.tables()
    return SchemaCatalogue(objects=reader.objects, tables=tables)


class _SchemaReader:
    """Collects the objects of one schema."""

    def __init__(self, connection: Connection, facts: ServerFacts, schema: str, fold: bool) -> None:
        self._connection = connection
        self._facts = facts
        self._schema = schema
        self._fold = fold
        self.objects: dict[tuple[str, Key], CatalogueObject] = {}

    def tables(self) -> dict[str, TableData]:
        columns = self._columns()
        indexes, keys = self._indexes()
        partitions = self._partitions()
        tables = {}
        for row in self._rows(
            "SELECT TABLE_NAME AS name, ENGINE AS engine, TABLE_COLLATION AS co, TABLE_ROWS AS n,"
            " DATA_LENGTH AS bytes, TABLE_COMMENT AS comment FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = %s AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')"
        ):
            name = normal.text(row["name"])
            key = self._key(name)
            of_table = columns.get(name, [])
            self._put(
                "table",
                key,
                engine=normal.text(row["engine"]),
                collation=normal.charset(row["co"]),
                comment=normal.text(row["comment"]),
                column_order=", ".join(one.name for one, _attributes in of_table),
                partitions=partitions.get(name, ""),
            )
            for column, attributes in of_table:
                self._put("column", (*key, column.name), **attributes)
            for index, attributes in indexes.get(name, {}).items():
                self._put("index", (*key, index), **attributes)
            tables[key[1]] = TableData(
                schema=self._schema,
                name=name,
                engine=normal.text(row["engine"]),
                rows=int(row["n"] or 0),
                bytes=int(row["bytes"] or 0),
                columns=tuple(one for one, _attributes in of_table),
                keys=tuple(keys.get(name, ())),
            )
        self._foreign_keys()
        self._checks()
        return tables

    def _columns(self) -> dict[str, list[tuple[DataColumn, dict[str, str]]]]:
        columns: dict[str, list[tuple[DataColumn, dict[str, str]]]] = defaultdict(list)
        for row in self._rows(
            "SELECT TABLE_NAME AS t, COLUMN_NAME AS name, COLUMN_TYPE AS type, DATA_TYPE AS data_type,"
            " COLUMN_DEFAULT AS d, IS_NULLABLE AS nullable, EXTRA AS extra, CHARACTER_SET_NAME AS cs,"
            " COLLATION_NAME AS co, CHARACTER_OCTET_LENGTH AS octets, COLUMN_COMMENT AS comment,"
            " {} AS expression, {} AS srid FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s"
            " ORDER BY TABLE_NAME, ORDINAL_POSITION".format(
                self._optional("COLUMNS", "GENERATION_EXPRESSION"), self._optional("COLUMNS", "SRS_ID")
            )
        ):
            nullable = row["nullable"] == "YES"
            default = normal.column_default(row["d"], nullable, normal.text(row["extra"]), self._facts.mariadb)
            data = DataColumn(
                name=normal.text(row["name"]),
                data_type=normal.text(row["data_type"]).lower(),
                charset=normal.charset(row["cs"]),
                collation=normal.charset(row["co"]),
                octets=int(row["octets"] or 0),
            )
            attributes: dict[str, str] = {
                "type": normal.column_type(row["type"]),
                "nullable": "yes" if nullable else "no",
                "default": default,
                "extra": normal.column_extra(row["extra"]),
                "expression": normal.expression(row["expression"]),
                "charset": data.charset,
                "collation": data.collation,
                "comment": normal.text(row["comment"]),
                "srid": normal.text(row["srid"]),
            }
            columns[normal.text(row["t"])].append((data, attributes))
        return columns

    def _indexes(self) -> tuple[dict[str, dict[str, dict[str, str]]], dict[str, list[DataKey]]]:
        parts: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows(
            "SELECT TABLE_NAME AS t, INDEX_NAME AS name, NON_UNIQUE AS non_unique, COLUMN_NAME AS c, SUB_PART AS sub,"
            " COLLATION AS direction, NULLABLE AS nullable, INDEX_TYPE AS type, INDEX_COMMENT AS comment,"
            " {} AS expression, {} AS visible, {} AS ignored FROM information_schema.STATISTICS"
            " WHERE TABLE_SCHEMA = %s ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX".format(
                self._optional("STATISTICS", "EXPRESSION"),
                self._optional("STATISTICS", "IS_VISIBLE"),
                self._optional("STATISTICS", "IGNORED"),
            )
        ):
            parts[(normal.text(row["t"]), normal.text(row["name"]))].append(row)
        indexes: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        keys: dict[str, list[DataKey]] = defaultdict(list)
        for (table, name), rows in parts.items():
            visible = rows[0]["visible"] != "NO" and rows[0]["ignored"] != "YES"
            unique = not int(rows[0]["non_unique"])
            indexes[table][name] = {
                "columns": ", ".join(_index_part(row) for row in rows),
                "unique": "yes" if unique else "no",
                "type": normal.text(rows[0]["type"]),
                "visible": "yes" if visible else "no",
                "comment": normal.text(rows[0]["comment"]),
            }
            plain = all(row["c"] is not None and row["sub"] is None and row["nullable"] != "YES" for row in rows)
            if unique and visible and plain:
                key = DataKey(name, tuple(normal.text(row["c"]) for row in rows))
                keys[table].insert(0 if name == "PRIMARY" else len(keys[table]), key)
        return indexes, keys

    def _partitions(self) -> dict[str, str]:
        shown: dict[str, list[str]] = defaultdict(list)
        for row in self._rows(
            "SELECT TABLE_NAME AS t, PARTITION_NAME AS p, SUBPARTITION_NAME AS s, PARTITION_METHOD AS method,"
            " PARTITION_EXPRESSION AS e, SUBPARTITION_METHOD AS sub_method, SUBPARTITION_EXPRESSION AS se,"
            " PARTITION_DESCRIPTION AS d FROM information_schema.PARTITIONS"
            " WHERE TABLE_SCHEMA = %s AND PARTITION_NAME IS NOT NULL"
            " ORDER BY TABLE_NAME, PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION"
        ):
            of_table = shown[normal.text(row["t"])]
            if not of_table:
                of_table.append("{}({})".format(row["method"], normal.expression(row["e"])))
                if row["sub_method"]:
                    of_table.append("{}({})".format(row["sub_method"], normal.expression(row["se"])))
            names = [normal.text(row["p"])] + ([normal.text(row["s"])] if row["s"] else [])
            of_table.append("/".join(names) + (" " + normal.expression(row["d"]) if row["d"] else ""))
        return {table: "; ".join(parts) for table, parts in shown.items()}

    def _foreign_keys(self) -> None:
        columns: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows(
            "SELECT TABLE_NAME AS t, CONSTRAINT_NAME AS name, COLUMN_NAME AS c, REFERENCED_TABLE_SCHEMA AS rs,"
            " REFERENCED_TABLE_NAME AS rt, REFERENCED_COLUMN_NAME AS rc FROM information_schema.KEY_COLUMN_USAGE"
            " WHERE TABLE_SCHEMA = %s AND REFERENCED_TABLE_NAME IS NOT NULL"
            " ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION"
        ):
            columns[(row["t"], row["name"])].append(row)
        for row in self._rows(
            "SELECT TABLE_NAME AS t, CONSTRAINT_NAME AS name, UPDATE_RULE AS u, DELETE_RULE AS d"
            " FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = %s"
        ):
            parts = columns.get((row["t"], row["name"]), [])
            referenced = ", ".join(normal.text(part["rc"]) for part in parts)
            where = "{}.{}".format(self._folded(parts[0]["rs"]), self._folded(parts[0]["rt"])) if parts else ""
            self._put(
                "foreign_key",
                (*self._key(row["t"]), normal.text(row["name"])),
                columns=", ".join(normal.text(part["c"]) for part in parts),
                references=f"{where} ({referenced})",
                # InnoDB makes no difference between the two; MariaDB shows one and MySQL the other as the default.
                on_update=normal.text(row["u"]).replace("RESTRICT", "NO ACTION"),
                on_delete=normal.text(row["d"]).replace("RESTRICT", "NO ACTION"),
            )

    def _checks(self) -> None:
        if ("CHECK_CONSTRAINTS", "CHECK_CLAUSE") not in self._facts.catalogue_columns:
            return
        if ("CHECK_CONSTRAINTS", "TABLE_NAME") in self._facts.catalogue_columns:
            query = (
                "SELECT TABLE_NAME AS t, CONSTRAINT_NAME AS name, CHECK_CLAUSE AS clause, 'YES' AS enforced"
                " FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = %s"
            )
        else:
            query = (
                "SELECT t.TABLE_NAME AS t, t.CONSTRAINT_NAME AS name, c.CHECK_CLAUSE AS clause, {} AS enforced"
                " FROM information_schema.TABLE_CONSTRAINTS AS t JOIN information_schema.CHECK_CONSTRAINTS AS c"
                " ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME"
                " WHERE t.CONSTRAINT_SCHEMA = %s AND t.CONSTRAINT_TYPE = 'CHECK'"
            ).format("t.ENFORCED" if ("TABLE_CONSTRAINTS", "ENFORCED") in self._facts.catalogue_columns else "'YES'")
        for row in self._rows(query):
            self._put(
                "check",
                (*self._key(row["t"]), normal.text(row["name"])),
                clause=normal.expression(row["clause"]),
                enforced=normal.text(row["enforced"]).upper(),
            )

    def _rows(self, query: str) -> Iterable[dict[str, Any]]:
        return self._connection.rows(query, (self._schema,))

    def _optional(self, table: str, column: str) -> str:
        return column if (table, column) in self._facts.catalogue_columns else "NULL"

    def _folded(self, name: Any) -> str:
        shown = normal.text(name)
        return shown.lower() if self._fold else shown

    def _key(self, name: Any) -> Key:
        return (self._folded(self._schema), self._folded(name))

    def _put(self, kind: str, key: Key, **attributes: str) -> None:
        self.objects[(kind, key)] = CatalogueObject(kind, key, attributes)


def _index_part(row: dict[str, Any]) -> str:
    shown = normal.text(row["c"]) if row["c"] is not None else "({})".format(normal.expression(row["expression"]))
    if row["sub"] is not None:
        shown += "({})".format(row["sub"])
    return shown + (" DESC" if row["direction"] == "D" else "")
