# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of stored objects: routines, triggers, events and views, and what their texts do. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Optional

from .._counted import counted
from .._mysql.quoting import quote_name
from .._mysql.routines import portable_sql_mode
from . import content_code as code
from . import links
from .content_code import Code
from .facts import Facts, content_of
from .model import NOTE, WARNING, Check, NotKnownError, Objects, Seen, objects_of
from .target_accounts import is_aurora_2

_KINDS = ("function", "procedure", "trigger", "event", "view")


def stored(facts: Facts) -> tuple[Code, ...]:
    """All stored objects of the source.

    :raises NotKnownError: they are not known.
    """
    objects: tuple[Code, ...] = content_of(facts).known("code")
    return objects


def _labels(objects: Iterable[Code]) -> Objects:
    return objects_of(one.label for one in objects)


def _files(facts: Facts) -> Optional[Seen]:
    found = [one for one in stored(facts) if one.has(code.FILES)]
    if not found:
        return None
    return Seen(f"The texts of {counted(len(found), 'object')} mention OUTFILE, DUMPFILE or LOAD_FILE.", _labels(found))


def _administration(facts: Facts) -> Optional[Seen]:
    found = [one for one in stored(facts) if one.has(code.ADMINISTRATION)]
    if not found:
        return None
    return Seen(
        f"The texts of {counted(len(found), 'object')} mention statements such as SET GLOBAL or PERSIST, SET "
        "sql_log_bin, KILL, "
        "RESET or CHANGE MASTER, PURGE BINARY LOGS or INSTALL PLUGIN.",
        _labels(found),
    )


def _system_tables(facts: Facts) -> Optional[Seen]:
    found = [one for one in stored(facts) if one.has(code.SYSTEM_TABLES) and one.schema != "mysql"]
    if not found:
        return None
    return Seen(f"The texts of {counted(len(found), 'object')} mention tables of schema mysql.", _labels(found))


def _in_system_schema(facts: Facts) -> Optional[Seen]:
    found = [one for one in stored(facts) if one.schema.lower() == "mysql"]
    if not found:
        return None
    return Seen(f"{counted(len(found), 'object lies', 'objects lie')} in schema mysql.", _labels(found))


def _events(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    found = [one for one in stored(facts) if one.kind == "event" and one.status == "ENABLED"]
    if not found:
        return None
    scheduler = content.variables.get("event_scheduler", "")
    return Seen(
        f"{counted(len(found), 'event is', 'events are')} enabled; event_scheduler is {scheduler} on the source.",
        _labels(found),
        "SET GLOBAL event_scheduler = OFF;",
        severity="" if scheduler.upper() == "ON" else NOTE,
    )


def _events_disabled_on_replica(facts: Facts) -> Optional[Seen]:
    found = [one for one in stored(facts) if one.kind == "event" and one.status.endswith("SIDE_DISABLED")]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'event is', 'events are')} disabled on this replica and left to its own source.",
        _labels(found),
    )


def _function_creators(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    wanted = facts.wanted.cluster_parameters
    binlog = str(wanted.get("binlog_format", "")).upper()
    if not binlog or binlog == "OFF" or str(wanted.get("log_bin_trust_function_creators", "")).upper() in ("1", "ON"):
        return None
    if "log_bin_trust_function_creators" not in wanted and content.on("log_bin_trust_function_creators"):
        return None
    found = [one for one in stored(facts) if one.kind == "trigger" or one.has(code.UNDECLARED)]
    if not found:
        return None
    return Seen(
        f"The cluster is to write a binary log (binlog_format {binlog}), and there "
        f"{'is' if len(found) == 1 else 'are'} "
        f"{counted(len(found), 'trigger, or function that is', 'triggers, or functions that are')} not declared "
        "DETERMINISTIC, NO SQL or READS SQL DATA.",
        _labels(found),
    )


def _sql_modes(facts: Facts) -> Optional[Seen]:
    gone: Counter[str] = Counter()
    found = []
    for one in stored(facts):
        modes = {mode for mode in one.sql_mode.split(",") if mode} - {"ORACLE"}
        lost = modes - set(portable_sql_mode(one.sql_mode).split(","))
        if lost and not is_aurora_2(facts.engine):
            gone.update(lost)
            found.append(one)
    if not found:
        return None
    said = ", ".join(f"{mode} ({count})" for mode, count in gone.most_common())
    return Seen(
        f"{counted(len(found), 'object was', 'objects were')} made under modes that MySQL 8.0 removed: {said}.",
        _labels(found),
    )


def _not_portable(facts: Facts) -> Optional[Seen]:
    found = [
        (one, reason)
        for one in stored(facts)
        for reason in [
            "written in Oracle mode"
            if "ORACLE" in one.sql_mode.split(",")
            else f"written in {one.language}"
            if one.language != "SQL"
            else "no such thing in MySQL"
            if one.kind not in _KINDS
            else ""
        ]
        if reason
    ]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'object is', 'objects are')} nothing that Aurora understands.",
        objects_of(f"{one.label} ({reason})" for one, reason in found),
    )


def _broken_views(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    if not code.tells_broken_views(content.version):
        raise NotKnownError("Only MySQL 8.0 and later know it without opening every table.")
    names = {account.name for account in content.known("accounts")}
    # Of a view whose definer is missing, orphan_definers speaks.
    found = [one for one in stored(facts) if one.has(code.BROKEN) and one.account in names]
    if not found:
        return None
    first = ".".join(map(quote_name, (found[0].schema, found[0].name)))
    return Seen(
        f"{counted(len(found), 'view uses', 'views use')} what is not there, or what the definer may not use.",
        objects_of(one.label for one in found),
        f"CHECK TABLE {first};",
    )


def _unseen(facts: Facts) -> Optional[Seen]:
    found = [one for one in stored(facts) if one.has(code.UNSEEN) and one.schema != "mysql"]
    if not found:
        return None
    return Seen(
        f"The texts of {counted(len(found), 'object')} are hidden from {content_of(facts).me.label}.", _labels(found)
    )


def _functions(facts: Facts) -> Optional[Seen]:
    functions = content_of(facts).known("functions")
    if not functions:
        return None
    return Seen(
        f"{counted(len(functions), 'function comes', 'functions come')} out of shared libraries.",
        objects_of(f"{function.name} ({function.detail})" for function in functions),
    )


def _servers(facts: Facts) -> Optional[Seen]:
    servers = content_of(facts).known("servers")
    if not servers:
        return None
    return Seen(
        f"{counted(len(servers), 'foreign server is', 'foreign servers are')} defined.",
        objects_of(f"{server.name} ({server.detail})" for server in servers),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        id="source.code_uses_files",
        severity=WARNING,
        title="Stored code uses files of the server's host",
        why="Nobody has FILE on Aurora, and there is no host to read from: the code arrives, and fails when it runs.",
        remedy="Use SELECT INTO OUTFILE S3 and LOAD DATA FROM S3, or do it in the application.",
        link=links.AURORA_TO_S3,
        needs=("content",),
        find=_files,
    ),
    Check(
        id="source.code_administers",
        severity=WARNING,
        title="Stored code does what Aurora keeps for itself",
        why="These statements need SUPER or its parts, which Aurora gives to nobody: the code arrives, and fails when "
        "it runs.",
        remedy="Use parameter groups, and procedures such as mysql.rds_kill and mysql.rds_kill_query.",
        link=links.AURORA_PROCEDURES,
        needs=("content",),
        find=_administration,
    ),
    Check(
        id="source.code_uses_mysql_schema",
        severity=WARNING,
        title="Stored code uses the system tables",
        why="Tables of schema mysql are read only on Aurora, and some differ between versions.",
        remedy="Use CREATE USER, GRANT and information_schema instead, and procedures such as "
        "mysql.rds_rotate_slow_log for the tables of logs.",
        link=links.MYSQL_80_COMPARED,
        needs=("content",),
        find=_system_tables,
    ),
    Check(
        id="source.code_in_mysql_schema",
        severity=WARNING,
        title="Stored code lies in schema mysql",
        why="Nobody makes objects in schema mysql on Aurora: it is left behind.",
        remedy="Move it to a schema of its own, and change what calls it.",
        link=links.MYSQL_80_COMPARED,
        needs=("content",),
        find=_in_system_schema,
    ),
    Check(
        id="source.events",
        severity=WARNING,
        title="Events will run on both servers",
        why="Events arrive enabled if they are, and the target runs them while the source still does: mails go out "
        "twice, and data that is caught up by replication is changed under it.",
        remedy="Choose objects_events: disabled and enable them at the cutover, or stop the source's scheduler first.",
        link=links.MYSQL_EVENTS,
        needs=("content",),
        find=_events,
    ),
    Check(
        id="source.events_disabled_on_replica",
        severity=NOTE,
        title="Events of a replica arrive disabled",
        why="The source is a replica that leaves these events to its own source (DISABLE ON REPLICA). They arrive "
        "disabled, so that they do not run on both, and nobody runs them once that source is switched off.",
        remedy="Enable them on the target at the cutover; disabled_on_replica in left_behind_objects.json has the "
        "statements.",
        link=links.MYSQL_INVOKED,
        needs=("content",),
        find=_events_disabled_on_replica,
    ),
    Check(
        id="source.function_creators",
        severity=WARNING,
        title="The target will refuse functions or triggers",
        why="While a server writes a binary log, whoever has no SUPER may not make triggers, nor functions that are "
        "not declared (errors 1418 and 1419), and on Aurora nobody has it.",
        remedy="Set log_bin_trust_function_creators to 1 in restore_cluster_parameters.",
        link=links.MYSQL_STORED_LOGGING,
        needs=("content",),
        find=_function_creators,
    ),
    Check(
        id="source.code_sql_modes",
        severity=NOTE,
        title="Stored code was made under an SQL mode that is gone",
        why="Each object keeps the sql_mode of its making, and MySQL 8.0 refuses the modes that it removed.",
        remedy="Nothing: role objects leaves these modes out, which only changed how GRANT and SHOW work.",
        link=links.MYSQL_SQL_MODE,
        needs=("content",),
        find=_sql_modes,
    ),
    Check(
        id="source.code_not_portable",
        severity=WARNING,
        title="Stored objects do not exist in Aurora's SQL",
        why="Packages and Oracle mode are MariaDB's, and Aurora runs stored code in SQL alone. They are left behind.",
        remedy="Rewrite them in MySQL's SQL.",
        link=links.MYSQL_STORED_OBJECTS,
        needs=("content",),
        find=_not_portable,
    ),
    Check(
        id="source.broken_views",
        severity=WARNING,
        title="Views cannot be opened",
        why="Whoever reads them gets error 1356. They cannot be made on the target: role objects leaves them behind, "
        "and a dump stops at the first.",
        remedy="Repair those that somebody needs, and drop the rest; CHECK TABLE says what is missing.",
        link=links.MYSQL_STORED_OBJECTS,
        needs=("content",),
        find=_broken_views,
    ),
    Check(
        id="source.code_unseen",
        severity=WARNING,
        title="Stored code is hidden from the account",
        why="What cannot be read is left behind, and was not assessed.",
        remedy="Grant SELECT ON *.* (or SHOW_ROUTINE from MySQL 8.0.20 on), SHOW VIEW, TRIGGER and EVENT to it.",
        link=links.MYSQL_GRANTS,
        needs=("content",),
        find=_unseen,
    ),
    Check(
        id="source.loadable_functions",
        severity=WARNING,
        title="There are functions out of shared libraries",
        why="Aurora loads no libraries: whatever calls these functions fails there.",
        remedy="Replace them by stored functions, by invoking AWS Lambda, or in the application.",
        link=links.MYSQL_LOADABLE_FUNCTIONS,
        needs=("content",),
        find=_functions,
    ),
    Check(
        id="source.foreign_servers",
        severity=WARNING,
        title="Connections to other servers are defined",
        why="They serve FEDERATED tables, an engine that Aurora does not have.",
        remedy="Copy what is behind them into tables, or let the application ask the other server.",
        link=links.MYSQL_FEDERATED,
        needs=("content",),
        find=_servers,
    ),
)
