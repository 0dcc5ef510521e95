# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What is asked of a source's dictionary about its tables, in the words of each flavour. Pure.

Every query is one scan that opens no table: engines, options and collations come from the data dictionary or the .frm
files, all else from what InnoDB holds in memory or in its own dictionary, which needs the privilege PROCESS.
"""

from __future__ import annotations

from typing import NamedTuple

from .._mysql.quoting import in_one_collation
from .._mysql.server import SYSTEM_SCHEMAS, ServerVersion

PROCESS = "PROCESS"
# Classes of rows: what all tables come to, a table, a file, and those of InnoDB.
ENGINES = "engines"
ODD = "odd"
FILE = "file"
COMPRESSED_ROWS = "compressed_rows"
ROW_VERSIONS = "row_versions"
NO_PRIMARY_KEY = "no_primary_key"
FULLTEXT = "fulltext"
GENERAL_TABLESPACE = "general_tablespace"
OUTSIDE = "outside"
PAGE_COMPRESSED = "page_compressed"
ENCRYPTED_SPACE = "encrypted_space"
INNODB_CLASSES = (
    COMPRESSED_ROWS,
    ROW_VERSIONS,
    NO_PRIMARY_KEY,
    FULLTEXT,
    GENERAL_TABLESPACE,
    OUTSIDE,
    ENCRYPTED_SPACE,
)

OLD_NAME = "#mysql50#"
"""What the server puts before names whose files and directories are not encoded."""
_SYSTEM = ", ".join(f"'{schema}'" for schema in SYSTEM_SCHEMAS)
# A bit of a table's flags in MariaDB (DICT_TF_MASK_PAGE_COMPRESSION).
_PAGE_COMPRESSION = 128
_STORED = "TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW')"
SYSTEM_TABLE_NAMES = (
    "audit_log_filter audit_log_user catalog column_stats columns_priv component db default_roles engine_cost event"
    " firewall_group_allowlist firewall_groups firewall_membership firewall_users firewall_whitelist func general_log"
    " global_grants global_priv gtid_executed gtid_slave_pos help_category help_keyword help_relation help_topic host"
    " index_stats innodb_index_stats innodb_table_stats inventory ndb_apply_status ndb_binlog_index ndb_replication"
    " ndb_schema password_history plugin proc procs_priv proxies_priv replication_asynchronous_connection_failover"
    " replication_asynchronous_connection_failover_managed replication_group_configuration_version"
    " replication_group_member_actions role_edges roles_mapping server_cost servers slave_master_info"
    " slave_relay_log_info slave_worker_info slow_log spider_tables table_stats tables_priv time_zone"
    " time_zone_leap_second time_zone_name time_zone_transition time_zone_transition_type transaction_registry user"
)
"""Those of MySQL 5.5 to 9.7, MariaDB and their plug-ins, with blanks between them."""


def tables_query(version: ServerVersion) -> str:
    """How many tables each engine and collation has, and tables that may be of interest by what the dictionary says.

    Columns are those of all three queries: ``class``, ``table_schema``, ``name``, ``number`` and ``detail``. Rows of
    class ``ENGINES`` have the engine for a name, how many, and the collation; those of class ``ODD`` are further
    tables, whose detail ``odd_table`` reads. Only MySQL 8.0 and later tell the row format without opening the tables.

    It is one look at all tables, because MariaDB reads a file for each at every look.
    """
    names = ", ".join(f"'{name}'" for name in SYSTEM_TABLE_NAMES.split())
    # MariaDB opens the tables for their options; what matters of them is in what InnoDB holds
    options = "''" if version.mariadb else "CREATE_OPTIONS"
    row_format, compressed = ("ROW_FORMAT", " OR ROW_FORMAT = 'Compressed'") if _dictionary(version) else ("''", "")
    members = ("ENGINE", "TABLE_COLLATION", "TABLE_TYPE", row_format, options)
    told = f"CONCAT_WS('|', {', '.join(_text(member) for member in members)})"
    in_mysql = "TABLE_SCHEMA = 'mysql'"
    odd = (
        f"({in_mysql} OR COALESCE(ENGINE, '') <> 'InnoDB'"
        f" OR TABLE_TYPE <> 'BASE TABLE' OR {options} LIKE '%COMPRESS%' OR {options} LIKE '%ENCRYPT%'"
        f" OR TABLE_NAME LIKE '{OLD_NAME}%' OR TABLE_SCHEMA LIKE '{OLD_NAME}%'{compressed})"
    )
    columns = _columns(
        f"IF({odd}, '{ODD}', '{ENGINES}')",
        f"IF({odd}, TABLE_SCHEMA, '')",
        f"IF({odd}, TABLE_NAME, {_text('ENGINE')})",
        "COUNT(*)",
        f"IF({odd}, {told}, {_text('TABLE_COLLATION')})",
    )
    return (
        f"{columns} FROM information_schema.TABLES"
        f" WHERE {_STORED} AND (TABLE_SCHEMA NOT IN ({_SYSTEM}) OR {in_mysql} AND TABLE_NAME NOT IN ({names}))"
        " GROUP BY 1, 2, 3, 4"
    )


class OddTable(NamedTuple):
    """What the dictionary says of a table, "" where it says nothing."""

    engine: str
    collation: str
    kind: str
    row_format: str
    options: str


def odd_table(detail: str) -> OddTable:
    """The detail of a row of class ``ODD``."""
    return OddTable(*detail.split("|", 4))


def _text(column: str) -> str:
    return f"COALESCE({column}, '')"


def innodb_query(version: ServerVersion) -> str:
    """Tables and tablespaces of a class, in the columns of ``tables_query``; "" before 5.6.

    Where ``table_schema`` is empty, ``name`` is InnoDB's own, ``schema/table``, and ``number`` tells whether its parts
    are written as those of files.

    InnoDB's own list of tables costs MySQL 8.0 and later half a millisecond a table, so that they are asked for what
    they have in their dictionary; only row versions are not there, and only 8.0.29 to 8.0.31 are asked for these.
    """
    if not version.mariadb and version.number < (5, 6, 0):
        return ""
    if _dictionary(version):
        return " UNION ALL ".join(_dictionary_parts(version))
    tables = "information_schema.INNODB_SYS_TABLES"
    keyless = _having("NAME = 'GEN_CLUST_INDEX'")
    if version.mariadb and version.number >= (10, 3, 0):
        # A sequence is a table of one row, whose first column has this name.
        column = "information_schema.INNODB_SYS_COLUMNS WHERE NAME = 'next_not_cached_value' AND POS = 0"
        keyless += f" AND TABLE_ID NOT IN (SELECT TABLE_ID FROM {column})"
    parts = [
        _select(COMPRESSED_ROWS, "NAME", tables, "ROW_FORMAT = 'Compressed'"),
        _select(NO_PRIMARY_KEY, "NAME", tables, keyless),
        _select(FULLTEXT, "NAME", tables, _having("TYPE & 32")),
    ]
    spaces = "information_schema.INNODB_SYS_TABLESPACES"
    if version.mariadb:
        encryption = "information_schema.INNODB_TABLESPACES_ENCRYPTION"
        parts.append(_select(ENCRYPTED_SPACE, "NAME", encryption, "CURRENT_KEY_VERSION <> 0"))
        parts.append(_select(PAGE_COMPRESSED, "NAME", tables, f"FLAG & {_PAGE_COMPRESSION}"))
        if version.number >= (10, 6, 0):
            parts.append(_select(OUTSIDE, "FILENAME", spaces, _outside("FILENAME", ".ibd")))
    else:
        parts.append(_select(OUTSIDE, "PATH", "information_schema.INNODB_SYS_DATAFILES", _outside("PATH", ".ibd")))
        if version.number >= (5, 7, 6):
            parts.append(_select(GENERAL_TABLESPACE, "NAME", spaces, "SPACE_TYPE = 'General'"))
    return " UNION ALL ".join(parts)


def size_query(version: ServerVersion) -> str:
    """Files of InnoDB and how many bytes they have, of class ``FILE``, in the columns of ``tables_query``.

    Where InnoDB tells the size of files these are the bytes of the backup; before 5.7 its statistics have to do, and
    before 5.6 the estimates of all tables, for which the server opens each.
    """
    # The system tablespace is in none of the lists of MySQL, and those of undo are not in 5.7's.
    others = _columns(repr(FILE), "NULL", "TABLESPACE_NAME", "TOTAL_EXTENTS * EXTENT_SIZE", "NULL")
    others += " FROM information_schema.FILES WHERE"
    if version.mariadb and version.number >= (10, 1, 0):
        return _sizes("FILE_SIZE", "NAME", "information_schema.INNODB_SYS_TABLESPACES")
    if not version.mariadb and version.number >= (8, 0, 0):
        spaces = _sizes("FILE_SIZE", "NAME", "information_schema.INNODB_TABLESPACES")
        return f"{spaces} UNION ALL {others} TABLESPACE_NAME = 'innodb_system'"
    if version.number >= (5, 7, 6):
        spaces = _sizes("FILE_SIZE", "NAME", "information_schema.INNODB_SYS_TABLESPACES")
        return f"{spaces} UNION ALL {others} TABLESPACE_NAME = 'innodb_system' OR TABLESPACE_NAME LIKE 'innodb_undo%'"
    if version.number >= (5, 6, 0):
        pages = "(clustered_index_size + sum_of_other_index_sizes) * @@innodb_page_size"
        return _sizes(pages, "CONCAT(database_name, '/', table_name)", "mysql.innodb_table_stats")
    length = "COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0)"
    name = "CONCAT(TABLE_SCHEMA, '/', TABLE_NAME)"
    return _sizes(length, name, "information_schema.TABLES", f"{_STORED} AND TABLE_SCHEMA NOT IN ({_SYSTEM})")


def read_for_sizes(version: ServerVersion) -> str:
    """The privilege that ``size_query`` takes, or the table; "" where it takes none."""
    if version.number >= (5, 7, 6):
        return PROCESS
    return "mysql.innodb_table_stats" if version.number >= (5, 6, 0) else ""


def encoded_files(version: ServerVersion) -> bool:
    """Whether the names that ``size_query`` tells are written as those of files."""
    return version.mariadb or (5, 7, 6) <= version.number < (8, 0, 0)


def _dictionary(version: ServerVersion) -> bool:
    return not version.mariadb and version.number >= (8, 0, 0)


def _dictionary_parts(version: ServerVersion) -> list[str]:
    spaces, others = "information_schema.INNODB_TABLESPACES", f"NOT IN ({_SYSTEM})"
    keyless = (
        "information_schema.TABLES t LEFT JOIN information_schema.TABLE_CONSTRAINTS c ON c.TABLE_SCHEMA ="
        " t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY'"
    )
    # What InnoDB takes for the primary key where there is none: a unique one without NULL and of whole columns that are
    # stored. An expression has no column. Without the word about c it would be looked for before that join, which is
    # for tables that have a primary key, too.
    in_its_place = (
        "SELECT 1 FROM information_schema.STATISTICS s LEFT JOIN information_schema.COLUMNS k ON"
        " k.TABLE_SCHEMA = s.TABLE_SCHEMA AND k.TABLE_NAME = s.TABLE_NAME AND k.COLUMN_NAME = s.COLUMN_NAME"
        " AND k.EXTRA NOT LIKE '%VIRTUAL GENERATED%'"
        " WHERE c.CONSTRAINT_NAME IS NULL AND s.TABLE_SCHEMA = t.TABLE_SCHEMA AND s.TABLE_NAME = t.TABLE_NAME"
        " AND s.NON_UNIQUE = 0 GROUP BY s.INDEX_NAME"
        " HAVING MAX(s.NULLABLE) = '' AND COUNT(s.SUB_PART) = 0 AND COUNT(k.COLUMN_NAME) = COUNT(*)"
    )
    no_key = (
        f"c.CONSTRAINT_NAME IS NULL AND t.TABLE_TYPE = 'BASE TABLE' AND t.ENGINE = 'InnoDB' AND t.TABLE_SCHEMA {others}"
        f" AND NOT EXISTS ({in_its_place})"
    )
    indexes = (
        "information_schema.STATISTICS i JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = i.TABLE_SCHEMA"
        " AND t.TABLE_NAME = i.TABLE_NAME AND t.ENGINE = 'InnoDB'"
    )
    fulltext = f"i.INDEX_TYPE = 'FULLTEXT' AND i.SEQ_IN_INDEX = 1 AND i.TABLE_SCHEMA {others}"
    parts = [
        _plain(NO_PRIMARY_KEY, "t.TABLE_SCHEMA", "t.TABLE_NAME", keyless, no_key),
        _plain(FULLTEXT, "i.TABLE_SCHEMA", "i.TABLE_NAME", indexes, fulltext),
        _select(OUTSIDE, "PATH", "information_schema.INNODB_DATAFILES", _outside("PATH", ".ibd")),
        # of undo, made by CREATE UNDO TABLESPACE; innodb_undo_directory has the others
        _select(OUTSIDE, "PATH", "information_schema.INNODB_TABLESPACES_BRIEF", _outside("PATH", ".ibu")),
        _plain(GENERAL_TABLESPACE, "''", "NAME", spaces, "SPACE_TYPE = 'General' AND NAME <> 'mysql'"),
        # those of undo follow innodb_undo_log_encrypt, and no statement decrypts them
        _plain(ENCRYPTED_SPACE, "''", "NAME", spaces, "ENCRYPTION = 'Y' AND SPACE_TYPE <> 'Undo'"),
    ]
    if (8, 0, 29) <= version.number <= (8, 0, 31):
        parts.append(_select(ROW_VERSIONS, "NAME", "information_schema.INNODB_TABLES", "TOTAL_ROW_VERSIONS > 0"))
    return parts


def _select(group: str, name: str, table: str, where: str) -> str:
    return f"{_columns(repr(group), repr(''), name, '1')} FROM {table} WHERE {where}"


def _plain(group: str, schema: str, name: str, table: str, where: str) -> str:
    return f"{_columns(repr(group), schema, name, '0')} FROM {table} WHERE {where}"


def _columns(group: str, schema: str, name: str, number: str, detail: str = "''") -> str:
    texts = {"class": group, "table_schema": schema, "name": name, "detail": detail}
    converted = ", ".join(f"{in_one_collation(text)} AS {column}" for column, text in texts.items())
    return f"SELECT {converted}, {number} AS number"


def _outside(path: str, ending: str) -> str:
    return f"{path} LIKE '/%{ending}' AND LEFT({path}, CHAR_LENGTH(@@datadir)) <> @@datadir"


def _having(condition: str) -> str:
    return f"TABLE_ID IN (SELECT TABLE_ID FROM information_schema.INNODB_SYS_INDEXES WHERE {condition})"


def _sizes(size: str, name: str, table: str, where: str = "1") -> str:
    # no backup has the temporary tablespace
    columns = _columns(repr(FILE), "NULL", name, size, "NULL")
    return f"{columns} FROM {table} WHERE {where} AND NOT {name} <=> 'innodb_temporary'"
