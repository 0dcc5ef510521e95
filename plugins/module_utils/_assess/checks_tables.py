# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of tables: engines, keys, names, and what only one flavour has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable, Optional

from .._mysql.quoting import quote_name
from . import links, table_facts
from . import table_queries as queries
from .checks_files import count_of, first_table, table_statement, there_are
from .facts import Facts, content_of, server_of, tables_of
from .model import BLOCKER, LOGICAL, NAMED, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Objects, Seen, objects_of

_MYISAM = ("myisam",)
_MEMORY = ("memory",)
# Files of these are in a backup; Aurora has none of the engines.
_COPIED = ("archive", "csv", "mrg_myisam", "merge")
# What they show lies elsewhere, or nowhere.
_EMPTY = ("blackhole", "federated", "example")
_KNOWN = ("innodb", *_MYISAM, *_MEMORY, *_COPIED, *_EMPTY)
_RESERVED = ("innodb", "rdsadmin", "tmp")


def _of_engines(facts: Facts, engines: Iterable[str]) -> Objects:
    """The tables of some engines."""
    tables = tables_of(facts)
    each = [tables.of(f"{table_facts.ENGINE}{engine}") for engine in engines]
    names = [name for objects in each for name in objects.names]
    first = next((objects.first for objects in each if objects.first), ())
    return Objects(sum(objects.count for objects in each), tuple(names[:NAMED]), first)


def _engines(*engines: str, drop: bool = False) -> Callable[[Facts], Optional[Seen]]:
    """A check that no table is of some engines.

    :param drop: whether such a table cannot be converted, or has nothing to convert.
    """

    def find(facts: Facts) -> Optional[Seen]:
        found = _of_engines(facts, engines)
        if not found:
            return None
        counts = tables_of(facts).engines or {}
        told = ", ".join(f"{engine.upper()} ({counts[engine]:,})" for engine in engines if engine in counts)
        statement = f"DROP TABLE {first_table(found)};" if drop else table_statement(found, "ENGINE=InnoDB")
        return Seen(f"{count_of(found, 'table')} not of InnoDB: {told}.", found, statement)

    return find


def _others(facts: Facts) -> Optional[Seen]:
    counts = tables_of(facts).engines
    if counts is None:
        raise NotKnownError(tables_of(facts).unknown["engines"])
    # a table without an engine is one that the server cannot open
    engines = sorted(engine for engine in counts if engine and engine not in _KNOWN)
    return _engines(*engines)(facts) if engines else None


def _broken(facts: Facts) -> Optional[Seen]:
    found = tables_of(facts).of(table_facts.ENGINE)
    if not found:
        return None
    return Seen(
        f"The server cannot open {count_of(found, 'table')}.",
        found,
        f"CHECK TABLE {first_table(found)};",
    )


def _class(group: str, text: str) -> Callable[[Facts], Optional[Seen]]:
    """A check that no table is of a class."""

    def find(facts: Facts) -> Optional[Seen]:
        found = tables_of(facts).of(group)
        return Seen(text.format(count_of(found, "table")), found) if found else None

    return find


def _sequences(facts: Facts) -> Optional[Seen]:
    found = tables_of(facts).of(table_facts.SEQUENCE)
    return Seen(f"{there_are(found)} {count_of(found, 'sequence')}.", found) if found else None


def _old_names(facts: Facts) -> Optional[Seen]:
    found = tables_of(facts).of(table_facts.OLD_NAME)
    if not found:
        return None
    schema, table = found.first
    if schema.startswith(queries.OLD_NAME):
        statement = f"ALTER DATABASE {quote_name(schema)} UPGRADE DATA DIRECTORY NAME;"
    else:
        name = quote_name(table[len(queries.OLD_NAME) :])
        statement = f"RENAME TABLE {first_table(found)} TO {quote_name(schema)}.{name};"
    return Seen(f"{count_of(found, 'table')} named #mysql50#...", found, statement)


def _in_mysql(facts: Facts) -> Optional[Seen]:
    found = tables_of(facts).of(table_facts.IN_MYSQL)
    if not found:
        return None
    name = quote_name(found.first[1])
    return Seen(
        f"Schema mysql has {count_of(found, 'table')} of yours.",
        found,
        f"RENAME TABLE mysql.{name} TO `another_schema`.{name};",
    )


def _reserved(facts: Facts) -> Optional[Seen]:
    found = objects_of(schema for schema in content_of(facts).known("schemas") if schema.lower() in _RESERVED)
    return (
        Seen(f"{count_of(found, 'schema')} {'has' if found.count == 1 else 'have'} such a name.", found)
        if found
        else None
    )


def _collations(facts: Facts, wanted: Callable[[str], bool]) -> Objects:
    collations = tables_of(facts).collations
    found = {name: count for name, count in collations.items() if wanted(name)}
    return Objects(sum(found.values()), tuple(f"{name} ({count:,})" for name, count in sorted(found.items()))[:NAMED])


def _unknown_collations(facts: Facts) -> Optional[Seen]:
    if facts.engine is None:
        raise NotKnownError("No engine version is chosen.")
    old = facts.engine.major == "5.7"
    found = _collations(facts, lambda name: "uca1400" in name or "nopad" in name or (old and "_0900_" in name))
    if not found:
        return None
    lab = server_of(facts).version.mariadb and facts.wanted.allow_mariadb
    return Seen(
        f"{count_of(found, 'table')} by default of a collation that {facts.engine.text} does not know.",
        found,
        severity=NOTE if lab else "",
    )


def _utf8mb3(facts: Facts) -> Optional[Seen]:
    found = _collations(facts, lambda name: name.startswith(("utf8_", "utf8mb3_")))
    return Seen(f"{count_of(found, 'table')} by default of utf8mb3.", found) if found else None


_ENGINES_WHY = "Aurora has InnoDB only. "

CHECKS: tuple[Check, ...] = (
    Check(
        "source.myisam_tables",
        WARNING,
        "Tables are of MyISAM",
        _ENGINES_WHY + "It converts MyISAM while it restores, which takes time and room, and tells of a table that it "
        "cannot convert by event RDS-EVENT-0077.",
        "Convert them before the backup, or plan for the time.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _engines(*_MYISAM),
    ),
    Check(
        "source.memory_tables",
        NOTE,
        "Tables are of MEMORY",
        "What is in them is in no backup, as after a restart of the server.",
        "See that the application fills them again.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _engines(*_MEMORY),
    ),
    Check(
        "source.engines_unsupported",
        WARNING,
        "Tables are of engines that Aurora has not",
        _ENGINES_WHY + "These tables cannot be used there.",
        "Convert them to InnoDB, or drop them, before the copy.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _engines(*_COPIED),
    ),
    Check(
        "source.engines_without_data",
        WARNING,
        "Tables have no data of their own",
        _ENGINES_WHY + "What these tables stand for does not travel with them.",
        "Drop them before the copy, and have the application do without.",
        links.MYSQL_FEDERATED,
        ("tables",),
        _engines(*_EMPTY, drop=True),
    ),
    Check(
        "source.engines_not_copied",
        BLOCKER,
        "Tables are of engines whose data no backup holds",
        _ENGINES_WHY + "XtraBackup copies InnoDB and a few simple engines; the rows of these tables would be lost.",
        "Convert them to InnoDB before the backup.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _others,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.broken_tables",
        BLOCKER,
        "The server cannot open tables",
        "A dump stops at such a table, and a physical copy carries the damage.",
        "Repair the table, or restore it from a backup, or drop it.",
        links.INNODB_RECOVERY,
        ("tables",),
        _broken,
    ),
    Check(
        "source.no_primary_key",
        WARNING,
        "Tables have no primary key",
        "Replication finds a changed row of such a table by reading the whole table, so that catching up may never "
        "end; a comparison of the data has nothing to go by.",
        "Give each a primary key; on MySQL 8.0.23 and later it may be an invisible column.",
        links.EXTERNAL_REPLICATION,
        ("tables",),
        _class(queries.NO_PRIMARY_KEY, "{} of InnoDB without a primary key."),
    ),
    Check(
        "source.tables_in_mysql",
        WARNING,
        "Schema mysql has tables of yours",
        "Aurora has a schema mysql of its own, and restores no table into it.",
        "Move them to another schema before the backup.",
        links.PHYSICAL_MIGRATION,
        ("tables",),
        _in_mysql,
    ),
    Check(
        "source.reserved_schemas",
        WARNING,
        "Schemas have names that RDS keeps for itself",
        "RDS uses schemas of these names on its servers.",
        "Move the tables to a schema of another name.",
        links.PHYSICAL_MIGRATION,
        ("content",),
        _reserved,
    ),
    Check(
        "source.old_names",
        WARNING,
        "Tables have names of before MySQL 5.1",
        "The file of such a table, or the directory of its schema, has a name that is not encoded, which later servers "
        "refuse to open.",
        "Rename them by ALTER DATABASE ... UPGRADE DATA DIRECTORY NAME, or RENAME TABLE.",
        links.MYSQL_UPGRADE,
        ("tables",),
        _old_names,
    ),
    Check(
        "source.sequences",
        BLOCKER,
        "There are sequences",
        "MySQL has none: the dump's CREATE SEQUENCE fails there.",
        "Replace them by tables with AUTO_INCREMENT, in the application too.",
        links.LOGICAL_MIGRATION,
        ("tables",),
        _sequences,
        ways=(LOGICAL,),
    ),
    Check(
        "source.system_versioned",
        BLOCKER,
        "Tables are system-versioned",
        "MySQL has no such tables: the dump's WITH SYSTEM VERSIONING fails there, and a dump has only the rows of now.",
        "Keep the history in tables of its own, and drop the versioning, before the copy.",
        links.LOGICAL_MIGRATION,
        ("tables",),
        _class(table_facts.VERSIONED, "{} with system versioning."),
        ways=(LOGICAL,),
    ),
    Check(
        "source.collations_unknown",
        BLOCKER,
        "Tables have collations that the target does not know",
        "The dump's CREATE TABLE fails there.",
        "Convert the tables to a collation that both know, with ALTER TABLE ... CONVERT TO CHARACTER SET ... COLLATE.",
        links.MYSQL_CHARACTER_SETS,
        ("server", "tables"),
        _unknown_collations,
        ways=(LOGICAL,),
    ),
    Check(
        "source.utf8mb3",
        NOTE,
        "Tables are of utf8mb3",
        "It holds no characters above U+FFFF, such as emoji, and MySQL is going to drop it.",
        "Convert them to utf8mb4 some day; the migration does not need it.",
        links.MYSQL_CHARACTER_SETS,
        ("tables",),
        _utf8mb3,
    ),
)
