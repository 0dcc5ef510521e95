# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A catalogue of MySQL 5.5 to ask, without a server.

No server of 5.5 ran for this. Tables of SQLite have the columns that the MySQL 5.5 Reference Manual documents
("INFORMATION_SCHEMA Tables", "Grant Tables"); those of information_schema were compared with what sql/sql_show.cc of
5.5.59 defines. A query that names another column fails. What the server would put into them is made up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Optional

_CREATION = "CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION"
_ON_ALL = (
    "Select Insert Update Delete Create Drop Grant References Index Alter Create_tmp_table Lock_tables Create_view"
)
_ON_ALL += " Show_view Create_routine Alter_routine Execute Event Trigger"
_GLOBAL = "Reload Shutdown Process File Show_db Super Repl_slave Repl_client Create_user Create_tablespace"


def _flags(names: str) -> str:
    return ", ".join(f"{name}_priv" for name in names.split())


_NAME = "TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME"
_CONSTRAINT = "CONSTRAINT_CATALOG, CONSTRAINT_SCHEMA, CONSTRAINT_NAME"
TABLES = {
    "information_schema.SCHEMATA": "CATALOG_NAME, SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, "
    "SQL_PATH",
    # DATETIME_PRECISION came with 5.6.
    "information_schema.ROUTINES": "SPECIFIC_NAME, ROUTINE_CATALOG, ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, "
    "DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, "
    "CHARACTER_SET_NAME, COLLATION_NAME, DTD_IDENTIFIER, ROUTINE_BODY, ROUTINE_DEFINITION, EXTERNAL_NAME, "
    "EXTERNAL_LANGUAGE, PARAMETER_STYLE, IS_DETERMINISTIC, SQL_DATA_ACCESS, SQL_PATH, SECURITY_TYPE, CREATED, "
    f"LAST_ALTERED, SQL_MODE, ROUTINE_COMMENT, DEFINER, {_CREATION}",
    "information_schema.VIEWS": f"{_NAME}, VIEW_DEFINITION, CHECK_OPTION, IS_UPDATABLE, DEFINER, SECURITY_TYPE, "
    "CHARACTER_SET_CLIENT, COLLATION_CONNECTION",
    "information_schema.TRIGGERS": "TRIGGER_CATALOG, TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_MANIPULATION, "
    "EVENT_OBJECT_CATALOG, EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, ACTION_ORDER, ACTION_CONDITION, ACTION_STATEMENT, "
    "ACTION_ORIENTATION, ACTION_TIMING, ACTION_REFERENCE_OLD_TABLE, ACTION_REFERENCE_NEW_TABLE, "
    f"ACTION_REFERENCE_OLD_ROW, ACTION_REFERENCE_NEW_ROW, CREATED, SQL_MODE, DEFINER, {_CREATION}",
    "information_schema.EVENTS": "EVENT_CATALOG, EVENT_SCHEMA, EVENT_NAME, DEFINER, TIME_ZONE, EVENT_BODY, "
    "EVENT_DEFINITION, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, SQL_MODE, STARTS, ENDS, STATUS, "
    f"ON_COMPLETION, CREATED, LAST_ALTERED, LAST_EXECUTED, EVENT_COMMENT, ORIGINATOR, {_CREATION}",
    # ROW_FORMAT and the sizes are those that the server opens a table for.
    "information_schema.TABLES": f"{_NAME}, TABLE_TYPE, ENGINE, VERSION, ROW_FORMAT, TABLE_ROWS, AVG_ROW_LENGTH, "
    "DATA_LENGTH, MAX_DATA_LENGTH, INDEX_LENGTH, DATA_FREE, AUTO_INCREMENT, CREATE_TIME, UPDATE_TIME, CHECK_TIME, "
    "TABLE_COLLATION, CHECKSUM, CREATE_OPTIONS, TABLE_COMMENT",
    # No DATETIME_PRECISION, GENERATION_EXPRESSION and SRS_ID yet.
    "information_schema.COLUMNS": f"{_NAME}, COLUMN_NAME, ORDINAL_POSITION, COLUMN_DEFAULT, IS_NULLABLE, DATA_TYPE, "
    "CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_SET_NAME, "
    "COLLATION_NAME, COLUMN_TYPE, COLUMN_KEY, EXTRA, PRIVILEGES, COLUMN_COMMENT",
    "information_schema.STATISTICS": f"{_NAME}, NON_UNIQUE, INDEX_SCHEMA, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, "
    "COLLATION, CARDINALITY, SUB_PART, PACKED, NULLABLE, INDEX_TYPE, COMMENT, INDEX_COMMENT",
    "information_schema.PARTITIONS": f"{_NAME}, PARTITION_NAME, SUBPARTITION_NAME, PARTITION_ORDINAL_POSITION, "
    "SUBPARTITION_ORDINAL_POSITION, PARTITION_METHOD, SUBPARTITION_METHOD, PARTITION_EXPRESSION, "
    "SUBPARTITION_EXPRESSION, PARTITION_DESCRIPTION, TABLE_ROWS, AVG_ROW_LENGTH, DATA_LENGTH, MAX_DATA_LENGTH, "
    "INDEX_LENGTH, DATA_FREE, CREATE_TIME, UPDATE_TIME, CHECK_TIME, CHECKSUM, PARTITION_COMMENT, NODEGROUP, "
    "TABLESPACE_NAME",
    "information_schema.TABLE_CONSTRAINTS": f"{_CONSTRAINT}, TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_TYPE",
    "information_schema.KEY_COLUMN_USAGE": f"{_CONSTRAINT}, {_NAME}, COLUMN_NAME, ORDINAL_POSITION, "
    "POSITION_IN_UNIQUE_CONSTRAINT, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME",
    "information_schema.REFERENTIAL_CONSTRAINTS": f"{_CONSTRAINT}, UNIQUE_CONSTRAINT_CATALOG, "
    "UNIQUE_CONSTRAINT_SCHEMA, UNIQUE_CONSTRAINT_NAME, MATCH_OPTION, UPDATE_RULE, DELETE_RULE, TABLE_NAME, "
    "REFERENCED_TABLE_NAME",
    "information_schema.PLUGINS": "PLUGIN_NAME, PLUGIN_VERSION, PLUGIN_STATUS, PLUGIN_TYPE, PLUGIN_TYPE_VERSION, "
    "PLUGIN_LIBRARY, PLUGIN_LIBRARY_VERSION, PLUGIN_AUTHOR, PLUGIN_DESCRIPTION, PLUGIN_LICENSE, LOAD_OPTION",
    "information_schema.GLOBAL_VARIABLES": "VARIABLE_NAME, VARIABLE_VALUE",
    "information_schema.GLOBAL_STATUS": "VARIABLE_NAME, VARIABLE_VALUE",
    "mysql.func": "name, ret, dl, type",
    "mysql.user": f"Host, User, Password, {_flags(_ON_ALL)}, {_flags(_GLOBAL)}, ssl_type, ssl_cipher, "
    "x509_issuer, x509_subject, max_questions, max_updates, max_connections, max_user_connections, plugin, "
    "authentication_string",
    "mysql.db": f"Host, Db, User, {_flags(_ON_ALL)}",
    "mysql.tables_priv": "Host, Db, User, Table_name, Grantor, Timestamp, Table_priv, Column_priv",
    "mysql.proxies_priv": "Host, User, Proxied_host, Proxied_user, With_grant, Grantor, Timestamp",
    "mysql.servers": "Server_name, Host, Db, Username, Password, Port, Socket, Wrapper, Owner",
    "mysql.time_zone_name": "Name, Time_zone_id",
}
# MySQL's words that SQLite writes in another way.
_WORDS = ((" USING utf8mb4) COLLATE utf8mb4_bin", ")"), ("<=>", "IS"), ("%s", "?"))
_FUNCTIONS = {
    "CONCAT": lambda *parts: None if None in parts else "".join(map(str, parts)),
    "CONCAT_WS": lambda mark, *parts: mark.join(str(part) for part in parts if part is not None),
    "CONVERT": lambda value: value,
    "CURRENT_USER": lambda: "root@localhost",
    "IF": lambda condition, then, otherwise: then if condition else otherwise,
    # The classes of characters in patterns are not those of Python.
    "REGEXP": lambda _pattern, _text: False,
}


class Catalogue:
    """A connection to a server that has nothing but its catalogue; what SHOW CREATE prints is handed over beside."""

    server_version = "5.5.62-log"
    where = "the catalogue of 5.5"
    mariadb = False

    def __init__(self, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """
        :param rows: what its tables hold, besides the description of their columns.
        """
        self._driver = SimpleNamespace(use_unicode=True)
        self._tables = sqlite3.connect(":memory:")
        self._tables.row_factory = sqlite3.Row
        for name, function in _FUNCTIONS.items():
            self._tables.create_function(name, -1, function)
        for schema in ("information_schema", "mysql"):
            self._tables.execute(f"ATTACH ':memory:' AS {schema}")
        for table, columns in TABLES.items():
            self._tables.execute(f"CREATE TABLE {table} ({columns})")
        self._tables.execute("CREATE TABLE DUAL AS SELECT 1 AS one")
        for table, columns in TABLES.items():
            schema, _dot, name = table.partition(".")
            for column in columns.split(", "):
                described = {"TABLE_SCHEMA": schema, "TABLE_NAME": name, "COLUMN_NAME": column}
                self._insert("information_schema.COLUMNS", described)
        for table, row in rows:
            self._insert(table, row)

    def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Put a row into a table; what it does not name is NULL."""
        marks = ", ".join("?" * len(row))
        self._tables.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))

    def close(self) -> None:
        self._tables.close()

    def rows(self, sql: str, args: Optional[Sequence[Any]] = None) -> list[dict[str, Any]]:
        return list(self.stream(sql, args))

    def stream(self, sql: str, args: Optional[Sequence[Any]] = None) -> Iterator[dict[str, Any]]:
        if sql.startswith("SHOW GLOBAL VARIABLES"):
            yield {"Variable_name": "version", "Value": self.server_version}
        elif sql == "SHOW GRANTS":
            yield {"Grants": "GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION"}
        else:
            for theirs, ours in _WORDS:
                sql = sql.replace(theirs, ours)
            yield from map(dict, self._tables.execute(sql, list(args or ())))

    def rows_of_each(self, queries: Sequence[str]) -> list[list[dict[str, Any]]]:
        return [self.rows(query) for query in queries]

    def execute(self, sql: str) -> None:
        assert sql.startswith("SET SESSION character_set_results")
