# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What Aurora's versions have for accounts: ways to log in, and privileges that their master users pass on. Pure.

AWS, "Master user account privileges" and "Security with Amazon Aurora MySQL".
"""

from __future__ import annotations

from typing import Optional

from .._aurora.engine_versions import EngineVersion

_STATIC = frozenset(
    (
        "ALTER",
        "ALTER ROUTINE",
        "CREATE",
        "CREATE ROUTINE",
        "CREATE TEMPORARY TABLES",
        "CREATE USER",
        "CREATE VIEW",
        "DELETE",
        "DROP",
        "EVENT",
        "EXECUTE",
        "INDEX",
        "INSERT",
        "LOCK TABLES",
        "PROCESS",
        "REFERENCES",
        "RELOAD",
        "REPLICATION CLIENT",
        "REPLICATION SLAVE",
        "SELECT",
        "SHOW DATABASES",
        "SHOW VIEW",
        "TRIGGER",
        "UPDATE",
    )
)
_ROLE = frozenset(
    (
        "APPLICATION_PASSWORD_ADMIN",
        "CONNECTION_ADMIN",
        "CREATE ROLE",
        "DROP ROLE",
        "ROLE_ADMIN",
        "XA_RECOVER_ADMIN",
    )
)
_FLUSH = frozenset(("FLUSH_OPTIMIZER_COSTS", "FLUSH_STATUS", "FLUSH_TABLES", "FLUSH_USER_RESOURCES"))
_ONLY_84 = frozenset(("ALLOW_NONEXISTENT_DEFINER", "FLUSH_PRIVILEGES", "OPTIMIZE_LOCAL_TABLE", "SET_ANY_DEFINER"))
_SHOW_ROUTINE_SINCE = (3, 4)
_FLUSH_SINCE = (3, 9)

AURORA_2 = "5.7"
AURORA_84 = "8.4"


def is_aurora_2(engine: Optional[EngineVersion]) -> bool:
    """Whether the target is of MySQL 5.7's series, which has neither roles nor dynamic privileges."""
    return engine is not None and engine.major == AURORA_2


def authentication_plugins(engine: Optional[EngineVersion]) -> frozenset[str]:
    """The plug-ins that an account can have on the target.

    :param engine: ``None`` for the newest of MySQL 8.0's series.
    """
    plugins = {"mysql_native_password", "AWSAuthenticationPlugin"}
    return frozenset(plugins if is_aurora_2(engine) else plugins | {"caching_sha2_password"})


def master_privileges(engine: Optional[EngineVersion]) -> frozenset[str]:
    """The global privileges of the target's master user, which are all that anybody can get there.

    :param engine: ``None`` for the newest of MySQL 8.0's series.
    """
    if is_aurora_2(engine):
        return _STATIC
    if engine is not None and engine.major == AURORA_84:
        return (_STATIC - {"RELOAD"}) | _ROLE | _FLUSH | _ONLY_84 | {"SHOW_ROUTINE"}
    found = _STATIC | _ROLE | {"SET_USER_ID"}
    if engine is None or engine.aurora >= _SHOW_ROUTINE_SINCE:
        found |= {"SHOW_ROUTINE"}
    if engine is None or engine.aurora >= _FLUSH_SINCE:
        found |= _FLUSH
    return found
