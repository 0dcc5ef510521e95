# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Who a server is: flavour, version, the settings that a migration depends on, and how much it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .connection import Connection
from .errors import MysqlError
from .quoting import mask_literals

# What a later station or a check looks at. A server that does not know one simply does not list it.
VARIABLES = (
    "auto_increment_increment",
    "auto_increment_offset",
    "autocommit",
    "binlog_format",
    "binlog_row_image",
    "block_encryption_mode",
    "character_set_server",
    "collation_server",
    "completion_type",
    "cte_max_recursion_depth",
    "datadir",
    "default_authentication_plugin",
    "default_storage_engine",
    "default_table_encryption",
    "default_week_format",
    "div_precision_increment",
    "enforce_gtid_consistency",
    "event_scheduler",
    "explicit_defaults_for_timestamp",
    "ft_min_word_len",
    "group_concat_max_len",
    "gtid_mode",
    "hostname",
    "init_connect",
    "innodb_autoinc_lock_mode",
    "innodb_buffer_pool_size",
    "innodb_data_file_path",
    "innodb_data_home_dir",
    "innodb_encrypt_tables",
    "innodb_file_per_table",
    "innodb_ft_max_token_size",
    "innodb_ft_min_token_size",
    "innodb_lock_wait_timeout",
    "innodb_log_group_home_dir",
    "innodb_page_size",
    "innodb_redo_log_encrypt",
    "innodb_rollback_on_timeout",
    "innodb_strict_mode",
    "innodb_undo_directory",
    "innodb_undo_log_encrypt",
    "interactive_timeout",
    "lc_time_names",
    "local_infile",
    "lock_wait_timeout",
    "log_bin",
    "log_bin_trust_function_creators",
    "log_queries_not_using_indexes",
    "long_query_time",
    "lower_case_table_names",
    "max_allowed_packet",
    "max_connections",
    "max_execution_time",
    "max_sp_recursion_depth",
    "max_user_connections",
    "net_read_timeout",
    "net_write_timeout",
    "partial_revokes",
    "read_only",
    "require_secure_transport",
    "server_id",
    "server_uuid",
    "slow_query_log",
    "socket",
    "sql_mode",
    "sql_require_primary_key",
    "super_read_only",
    "system_time_zone",
    "time_zone",
    "transaction_isolation",
    "tx_isolation",
    "updatable_views_with_limit",
    "wait_timeout",
)
SYSTEM_SCHEMAS = ("information_schema", "mysql", "ndbinfo", "performance_schema", "sys")
"""Schemas that belong to the server; all others are somebody's, whatever they are called."""
# An answer longer than this says "the version" no more; it protects the record from a hostile server.
_VALUE_LIMIT = 1000


class ServerVersion(NamedTuple):
    """A server's flavour and its version as numbers."""

    flavour: str
    """``mysql``, ``percona``, ``mariadb`` or ``aurora``."""
    number: tuple[int, int, int]

    @property
    def text(self) -> str:
        """The version without suffixes, such as ``8.0.36``."""
        return ".".join(str(part) for part in self.number)

    @property
    def mariadb(self) -> bool:
        """Whether the server is a MariaDB, whose grant tables and statements differ."""
        return self.flavour == "mariadb"


def parse_version(version: str, comment: str, variables: Mapping[str, Any]) -> ServerVersion:
    """Read flavour and number from what a server says of itself. Pure.

    :param version: ``@@version``, such as ``8.0.36-28``, ``10.11.14-MariaDB-log``, ``8.0.mysql_aurora.3.08.0``.
    :param comment: ``@@version_comment``.
    :param variables: names and values of server variables; ``aurora_version`` exists on Aurora only.
    :raises MysqlError: ``mysql.version_unknown`` when no number can be found.
    """
    text = re.sub(r"^5\.5\.5-(?=\d+\.\d+\.\d+-MariaDB)", "", version)
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    if not found:
        raise MysqlError(
            f"The server's version {version[:80]!r} cannot be read.",
            "mysql.version_unknown",
            "Check that login_host and login_port lead to a MySQL server and not to a proxy of another kind.",
        )
    number = (int(found[1]), int(found[2]), int(found[3] or 0))
    told = f"{version} {comment}".lower()
    if "mariadb" in told:
        flavour = "mariadb"
    elif "aurora_version" in variables or "aurora" in told:
        flavour = "aurora"
    elif "percona" in told:
        flavour = "percona"
    else:
        flavour = "mysql"
    return ServerVersion(flavour, number)


def read_variables(connection: Connection, names: tuple[str, ...]) -> dict[str, str]:
    """The global values of some variables; what the server does not know is absent. One query.

    :raises MysqlError: when the server refuses the query.
    """
    marks = ", ".join(["%s"] * len(names))
    rows = connection.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({marks})", names)
    return {row["Variable_name"].lower(): str(row["Value"])[:_VALUE_LIMIT] for row in rows}


def read_version(connection: Connection) -> ServerVersion:
    """The flavour and version of a server. One query.

    :raises MysqlError: when the server refuses the query or its version cannot be read.
    """
    told = read_variables(connection, ("version", "version_comment", "aurora_version"))
    return parse_version(told.get("version", ""), told.get("version_comment", ""), told)


def read_server(connection: Connection, sizes: bool = True, names: tuple[str, ...] = VARIABLES) -> dict[str, Any]:
    """The members of the migration record's ``source`` document, in three queries whatever the number of tables.

    :param sizes: whether ``schemas``, ``data_bytes`` and ``tables`` are among them; without these it is one query. A
        server before 8.0 opens each table for them.
    :param names: of the ``variables``.
    :returns: ``host``, ``port``, ``version``, ``version_number``, ``flavour``, ``version_comment``, ``server_uuid`` (""
        where the server has none), ``variables`` (name to value, strings; ``init_connect`` as ``mask_literals`` leaves
        it, because logs and records have it), ``schemas`` (sorted, without those of the
        server itself), ``data_bytes`` (data and indexes as the server estimates them), ``tables`` (base tables) and
        ``time_zone`` {``global``, ``system``}.
    :raises MysqlError: when the server refuses a query.
    """
    told = read_variables(connection, (*names, "version", "version_comment", "aurora_version"))
    version = parse_version(told.get("version", ""), told.get("version_comment", ""), told)
    return {
        "host": connection.login.host,
        "port": connection.login.port,
        "version": told.get("version", ""),
        "version_number": version.text,
        "flavour": version.flavour,
        "version_comment": told.get("version_comment", ""),
        "server_uuid": told.get("server_uuid", ""),
        "variables": {
            name: mask_literals(told[name]) if name == "init_connect" else told[name] for name in names if name in told
        },
        "time_zone": {"global": told.get("time_zone", ""), "system": told.get("system_time_zone", "")},
        **(_read_sizes(connection) if sizes else {}),
    }


def _read_sizes(connection: Connection) -> dict[str, Any]:
    marks = ", ".join(["%s"] * len(SYSTEM_SCHEMAS))
    schemas = connection.rows(
        f"SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE LOWER(SCHEMA_NAME) NOT IN ({marks})",
        SYSTEM_SCHEMAS,
    )
    size = connection.rows(
        "SELECT COUNT(*) AS tables, CAST(COALESCE(SUM(COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0)), 0)"
        " AS UNSIGNED) AS data_bytes FROM information_schema.TABLES"
        f" WHERE TABLE_TYPE = 'BASE TABLE' AND LOWER(TABLE_SCHEMA) NOT IN ({marks})",
        SYSTEM_SCHEMAS,
    )[0]
    return {
        "schemas": sorted(row["name"] for row in schemas),
        "data_bytes": int(size["data_bytes"]),
        "tables": int(size["tables"]),
    }
