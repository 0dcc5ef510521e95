# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of tablespaces and of how tables are kept in them: place, encryption, compression, row versions. Pure."""

from __future__ import annotations

from typing import Callable, Optional

from .._mysql.quoting import quote_name
from . import links
from . import table_queries as queries
from .facts import Facts, content_of, server_of, tables_of
from .model import BLOCKER, PHYSICAL, WARNING, Check, Objects, Seen, objects_of
from .table_facts import ENCRYPTED

# XtraBackup refuses tables with row versions of these ("INSTANT ADD/DROP COLUMN", Percona XtraBackup 8.0).
_ROW_VERSIONS = ((8, 0, 29), (8, 0, 31))
_ENCRYPTING = ("default_table_encryption", "innodb_encrypt_tables")
# A running MySQL lets these be switched off; MariaDB reads its innodb_encrypt_log when it starts.
_SWITCHED = ("innodb_redo_log_encrypt", "innodb_undo_log_encrypt")
_ENCRYPTED_LOGS = (*_SWITCHED, "innodb_encrypt_log")


def count_of(objects: Objects, one: str, many: str = "") -> str:
    """So many of something: ``1 table``, ``2,000 tables``."""
    return f"{objects.count:,} {one if objects.count == 1 else many or one + 's'}"


def there_are(objects: Objects) -> str:
    """The words before such a number."""
    return "There is" if objects.count == 1 else "There are"


def table_statement(objects: Objects, clause: str) -> str:
    """An ALTER TABLE of the first of some tables; "" where it is none."""
    return f"ALTER TABLE {first_table(objects)} {clause};" if objects.first else ""


def first_table(objects: Objects) -> str:
    """The first of some tables, quoted; "" where it is none."""
    return ".".join(map(quote_name, objects.first))


def _tables(group: str, text: str, clause: str) -> Callable[[Facts], Optional[Seen]]:
    """A check that no table is of a class."""

    def find(facts: Facts) -> Optional[Seen]:
        found = tables_of(facts).of(group)
        if not found:
            return None
        return Seen(text.format(count_of(found, "table")), found, table_statement(found, clause))

    return find


def _outside(facts: Facts) -> Optional[Seen]:
    found = tables_of(facts).of(queries.OUTSIDE)
    if not found:
        return None
    return Seen(f"{count_of(found, 'file')} {'lies' if found.count == 1 else 'lie'} outside the data directory.", found)


def _general(facts: Facts) -> Optional[Seen]:
    found = tables_of(facts).of(queries.GENERAL_TABLESPACE)
    if not found:
        return None
    return Seen(f"{there_are(found)} {count_of(found, 'general tablespace')}.", found)


def _encrypted(facts: Facts) -> Optional[Seen]:
    tables = tables_of(facts)
    # an encrypted table has an encrypted tablespace, which may not be to be seen
    spaces, by_option = tables.of(queries.ENCRYPTED_SPACE), tables.of(ENCRYPTED)
    found = max(by_option, spaces, key=lambda objects: objects.count)
    if not found:
        return None
    clause = "ENCRYPTED=NO" if server_of(facts).version.mariadb else "ENCRYPTION='N'"
    # a tablespace of many tables, such as that of the dictionary, has a name without a schema
    statement = table_statement(found, clause) or f"ALTER TABLESPACE {quote_name(found.names[0])} {clause};"
    return Seen(
        f"{count_of(found, 'table or tablespace', 'tables and tablespaces')} "
        f"{'is' if found.count == 1 else 'are'} encrypted.",
        found,
        statement,
    )


def _encrypted_logs(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    names = [name for name in _ENCRYPTED_LOGS if server.on(name)]
    if not names:
        return None
    off = ", ".join(f"GLOBAL {name} = OFF" for name in names if name in _SWITCHED)
    return Seen(f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} ON.", statement=f"SET {off};" if off else "")


def _encrypting(facts: Facts) -> Optional[Seen]:
    variables = server_of(facts).variables
    names = [name for name in _ENCRYPTING if variables.get(name, "OFF").upper() not in ("OFF", "0", "NO")]
    schemas = content_of(facts).known("encrypting_schemas")
    if not names and not schemas:
        return None
    found = objects_of(schemas)
    said = [f"{name} is {variables[name]}." for name in names]
    statements = [f"SET GLOBAL {name} = OFF;" for name in names]
    if found:
        said.append(f"{count_of(found, 'schema')} {'has' if found.count == 1 else 'have'} DEFAULT ENCRYPTION='Y'.")
        statements.append(f"ALTER DATABASE {quote_name(schemas[0])} DEFAULT ENCRYPTION='N';")
    return Seen(" ".join(said), found, "\n".join(statements))


def _page_compression(facts: Facts) -> Optional[Seen]:
    mariadb = server_of(facts).version.mariadb
    clause = "PAGE_COMPRESSED=0" if mariadb else "COMPRESSION='NONE', FORCE"
    return _tables(queries.PAGE_COMPRESSED, "Page compression is used by {}.", clause)(facts)


def _row_versions(facts: Facts) -> Optional[Seen]:
    server = server_of(facts)
    if server.version.mariadb or not _ROW_VERSIONS[0] <= server.version.number <= _ROW_VERSIONS[1]:
        return None
    found = tables_of(facts).of(queries.ROW_VERSIONS)
    if not found:
        return None
    return Seen(
        f"MySQL {server.version.text} has {count_of(found, 'table')} with row versions.",
        found,
        f"OPTIMIZE TABLE {first_table(found)};",
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "source.files_outside_datadir",
        BLOCKER,
        "Tablespaces lie outside the data directory",
        "Aurora does not restore tables that are defined outside the data directory.",
        "Bring each table into the data directory: rebuild it there without DATA DIRECTORY, or move its tablespace.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _outside,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.general_tablespaces",
        WARNING,
        "There are general tablespaces",
        "Aurora keeps every table in a tablespace of its own, and its page about migration does not speak of others.",
        "Move the tables out with ALTER TABLE ... TABLESPACE innodb_file_per_table, and drop the tablespace.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _general,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.encrypted_tables",
        BLOCKER,
        "Tables are encrypted",
        "Aurora restores from an unencrypted source only: it has no key of the source's keyring.",
        "Decrypt them with ALTER TABLE; the cluster's own storage can be encrypted by KMS.",
        links.PHYSICAL_MIGRATION,
        ("server", "tables"),
        _encrypted,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.encrypted_logs",
        BLOCKER,
        "Redo or undo logs are encrypted",
        "A backup holds both logs, and Aurora has no key of the source's keyring.",
        "Switch their encryption off, and let the server write new logs before the backup.",
        links.PHYSICAL_MIGRATION,
        ("server",),
        _encrypted_logs,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.encryption_by_default",
        WARNING,
        "New tables are encrypted",
        "A table that is made before the backup would be encrypted, and Aurora could not read it.",
        "Switch the default off until the migration is done.",
        links.PHYSICAL_MIGRATION,
        ("server", "content"),
        _encrypting,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.row_format_compressed",
        BLOCKER,
        "Tables are of ROW_FORMAT=COMPRESSED",
        "Aurora does not know compressed tables.",
        "Rebuild them as DYNAMIC before the backup; they take more room then.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _tables(
            queries.COMPRESSED_ROWS, "ROW_FORMAT=COMPRESSED is used by {}.", "ROW_FORMAT=DYNAMIC, KEY_BLOCK_SIZE=0"
        ),
        ways=(PHYSICAL,),
    ),
    Check(
        "source.page_compression",
        BLOCKER,
        "Tables use page compression",
        "Aurora does not know compressed pages.",
        "Switch it off and rebuild the tables before the backup.",
        links.PHYSICAL_MIGRATION,
        ("server", "tables"),
        _page_compression,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.row_versions",
        BLOCKER,
        "Tables have row versions of INSTANT columns",
        "XtraBackup refuses such tables of MySQL 8.0.29 to 8.0.31, whose form of them was faulty.",
        "Rebuild them with OPTIMIZE TABLE, or upgrade the server.",
        links.XTRABACKUP_INSTANT,
        ("server", "tables"),
        _row_versions,
        ways=(PHYSICAL,),
    ),
)
