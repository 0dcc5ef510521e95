# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The master users of Aurora's versions, on a server that is not Aurora (AWS, "Master user account privileges")."""

from __future__ import annotations

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import Connection

MASTER = "admin"
MASTER_PASSWORD = "master of the target"
ROLE = "rds_superuser_role"
STATIC = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)
# MySQL 9.7 has no SET_USER_ID, which its two successors stand for.
DEFINERS = ("SET_ANY_DEFINER", "ALLOW_NONEXISTENT_DEFINER")
_DYNAMIC_3 = (
    "APPLICATION_PASSWORD_ADMIN, CONNECTION_ADMIN, ROLE_ADMIN, XA_RECOVER_ADMIN, SHOW_ROUTINE, FLUSH_OPTIMIZER_COSTS,"
    f" FLUSH_STATUS, FLUSH_TABLES, FLUSH_USER_RESOURCES, {', '.join(DEFINERS)}"
)
MASTERS = {
    "Aurora 2": (STATIC, ""),
    "Aurora 3": (f"{STATIC}, CREATE ROLE, DROP ROLE", _DYNAMIC_3),
    "Aurora 8.4": (
        f"{STATIC.replace(' RELOAD,', '')}, CREATE ROLE, DROP ROLE",
        f"{_DYNAMIC_3}, FLUSH_PRIVILEGES, OPTIMIZE_LOCAL_TABLE",
    ),
}
"""The privileges that a version's master user has itself, and those that it has by its role."""


def make_master(root: Connection, version: str) -> None:
    """Make a version's master user on a MySQL 9.7, with what Aurora's has and no more."""
    own, by_role = MASTERS[version]
    root.execute(f"CREATE USER '{MASTER}'@'%' IDENTIFIED BY '{MASTER_PASSWORD}'")
    root.execute(f"GRANT {own} ON *.* TO '{MASTER}'@'%' WITH GRANT OPTION")
    if by_role:
        root.execute(f"CREATE ROLE {ROLE}")
        root.execute(f"GRANT {by_role} ON *.* TO {ROLE} WITH GRANT OPTION")
        root.execute(f"GRANT {ROLE} TO '{MASTER}'@'%' WITH ADMIN OPTION")
        root.execute(f"SET DEFAULT ROLE {ROLE} TO '{MASTER}'@'%'")
