# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mariadb-dump, which is not the collection's, says of both sides of a migration."""

from __future__ import annotations

import subprocess

from .lab import Lab

SYSTEM_SCHEMAS = "('mysql', 'information_schema', 'performance_schema', 'sys')"


def _dump(connection: dict[str, str], *options: str) -> list[str]:
    """What mariadb-dump says of a server's user schemas, a line each, without what names the server."""
    command = [
        "mariadb-dump",
        f"--host={connection['host']}",
        f"--port={connection['port']}",
        f"--user={connection['user']}",
        "--skip-comments",
        "--skip-dump-date",
        "--order-by-primary",
        *options,
    ]
    done = subprocess.run(
        command, env={"MYSQL_PWD": connection["password"], "PATH": "/usr/bin:/bin"}, capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "surrogateescape").splitlines()


def _sides(lab: Lab, host: str, migration_id: str = "") -> tuple[dict[str, str], dict[str, str]]:
    """Administrator's logins of source and target for mariadb-dump; a migration is called like its host."""
    source = lab.endpoints["sources"][host]
    variables = lab.host_variables(host)
    restored = lab.document(migration_id or host, "restore")
    return (
        {
            "host": source["host"],
            "port": source["port"],
            "user": source["root_user"],
            "password": source["root_password"],
        },
        {
            "host": restored["endpoint"],
            "port": restored["port"],
            "user": variables["migration_target_login_user"],
            "password": variables["migration_target_login_password"],
        },
    )


def column(connection, sql: str) -> list:
    """The first column of a query's rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def _schemas(lab: Lab, host: str) -> list[str]:
    """The user's schemas of a source."""
    with lab.source(host) as connection:
        schemas = column(
            connection, f"SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN {SYSTEM_SCHEMAS}"
        )
    assert schemas
    return schemas


def rows_of_both(lab: Lab, host: str, migration_id: str = "") -> tuple[list[str], list[str]]:
    """All rows of the source, and all rows of its schemas on the cluster, as lines of SQL."""
    source, target = _sides(lab, host, migration_id)
    with lab.source(host) as connection:
        views = column(connection, "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.views")
    # Views have no rows, and before station objects the functions that they call are not there.
    without = [f"--ignore-table={view}" for view in views]
    options = ("--no-create-info", "--skip-triggers", *without, "--databases", *_schemas(lab, host))
    return _dump(source, *options), _dump(target, *options)


def definitions_of_both(lab: Lab, host: str) -> tuple[list[str], list[str]]:
    """The tables, views, routines, triggers and events of the source's schemas, on both sides, as lines of SQL."""
    options = ("--no-data", "--routines", "--events", "--databases", *_schemas(lab, host))
    source, target = _sides(lab, host)
    return _dump(source, *options), _dump(target, *options)
