# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What one account may pass on to others, and what privileges are called on which server. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .accounts_model import GLOBAL, AccountName, Grant, Scope
from .accounts_read_mariadb import GLOBAL_PRIVILEGES as MARIADB_PRIVILEGES
from .grants import ALL, Granted
from .quoting import has_wildcard, pattern_matches, unescape_pattern
from .server import ServerVersion

# MySQL, "Privileges Provided by MySQL", the static ones; a server that shows ALL PRIVILEGES (5.7) means these.
_ROUTINE = frozenset({"ALTER ROUTINE", "EXECUTE"})
_TABLE = frozenset(
    [
        "ALTER",
        "CREATE",
        "CREATE VIEW",
        "DELETE",
        "DROP",
        "INDEX",
        "INSERT",
        "REFERENCES",
        "SELECT",
        "SHOW VIEW",
        "TRIGGER",
        "UPDATE",
    ]
)
_SCHEMA = _TABLE | _ROUTINE | {"CREATE ROUTINE", "CREATE TEMPORARY TABLES", "EVENT", "LOCK TABLES"}
_GLOBAL = _SCHEMA | frozenset(
    [
        "CREATE TABLESPACE",
        "CREATE USER",
        "FILE",
        "PROCESS",
        "RELOAD",
        "REPLICATION CLIENT",
        "REPLICATION SLAVE",
        "SHOW DATABASES",
        "SHUTDOWN",
        "SUPER",
    ]
)
# Those that MySQL 8.0 added.
_ROLES = frozenset({"CREATE ROLE", "DROP ROLE"})
# What SUPER was split into: MySQL, "Migrating Accounts from SUPER to Dynamic Privileges", and 8.4's successors.
SUPER_PARTS = (
    "ALLOW_NONEXISTENT_DEFINER",
    "APPLICATION_PASSWORD_ADMIN",
    "BINLOG_ADMIN",
    "CONNECTION_ADMIN",
    "ENCRYPTION_KEY_ADMIN",
    "GROUP_REPLICATION_ADMIN",
    "REPLICATION_SLAVE_ADMIN",
    "ROLE_ADMIN",
    "SESSION_VARIABLES_ADMIN",
    "SET_ANY_DEFINER",
    "SET_USER_ID",
    "SYSTEM_VARIABLES_ADMIN",
    "XA_RECOVER_ADMIN",
)
# Privileges of one server under the names of another, tried where the first is not known or cannot be passed on.
SUCCESSORS: Mapping[str, tuple[str, ...]] = {
    "SUPER": SUPER_PARTS,
    # What Aurora MySQL 8.4's master user has in its place (AWS, "Master user account privileges").
    "RELOAD": ("FLUSH_OPTIMIZER_COSTS", "FLUSH_PRIVILEGES", "FLUSH_STATUS", "FLUSH_TABLES", "FLUSH_USER_RESOURCES"),
    "SET_USER_ID": ("SET_ANY_DEFINER", "ALLOW_NONEXISTENT_DEFINER"),
    "SET_ANY_DEFINER": ("SET_USER_ID",),
    "BINLOG ADMIN": ("BINLOG_ADMIN",),
    "CONNECTION ADMIN": ("CONNECTION_ADMIN",),
    "REPLICATION SLAVE ADMIN": ("REPLICATION_SLAVE_ADMIN",),
    "SET USER": ("SET_USER_ID", "SET_ANY_DEFINER", "ALLOW_NONEXISTENT_DEFINER"),
    "SHOW CREATE ROUTINE": ("SHOW_ROUTINE",),
}


def expand(privilege: str, level: str, version: ServerVersion) -> frozenset[str]:
    """What a privilege that SHOW GRANTS names means; more than itself for ALL PRIVILEGES only."""
    if privilege != ALL:
        return frozenset({privilege})
    named = {"global": _GLOBAL, "schema": _SCHEMA, "routine": _ROUTINE}.get(level, _TABLE)
    if not version.mariadb:
        return named | _ROLES if level == "global" and version.number >= (8, 0, 0) else named
    if level == "global":
        return MARIADB_PRIVILEGES - ({"SHOW CREATE ROUTINE"} if version.number < (11, 3, 0) else set())
    return named if level == "routine" else named | {"DELETE HISTORY"}


class Rights(NamedTuple):
    """What an account has and may pass on."""

    grants: Mapping[Scope, Grant]
    roles: Mapping[AccountName, bool]
    restrictions: Mapping[str, frozenset[str]]
    mariadb: bool

    def has(self, privilege: str) -> bool:
        """Whether the account has a global privilege, static or dynamic."""
        held = self.grants.get(GLOBAL, Grant(frozenset())).privileges
        return privilege in held or Scope("dynamic", "", privilege) in self.grants

    def may_select(self, schema: str, table: str) -> bool:
        """Whether the account may read a whole table."""
        everywhere = GLOBAL in self.grants and "SELECT" in self.grants[GLOBAL].privileges
        if everywhere and "SELECT" not in self.restrictions.get(schema, ()):
            return True
        return any(
            "SELECT" in grant.privileges
            for scope, grant in self.grants.items()
            if scope == Scope("table", schema, table)
            or (scope.level == "schema" and pattern_matches(scope.schema, schema))
        )

    def may_grant(self, scope: Scope, privilege: str) -> bool:
        """Whether the account may give ``privilege`` (or ``GRANT OPTION``) within ``scope`` to another."""
        if scope.level in ("global", "dynamic"):
            return self._gives(scope, privilege)
        if scope.level == "proxy":
            # a grantable proxy right on the anonymous account is one on every account
            held = (self.grants.get(one) for one in (scope, Scope("proxy"), Scope("proxy", "", "", "%")))
            return any(grant is not None and grant.grantable for grant in held)
        literal = scope.schema
        if scope.level == "schema" and not has_wildcard(literal):
            literal = unescape_pattern(literal)
        if self._gives(GLOBAL, privilege) and privilege not in self.restrictions.get(literal, ()):
            return True
        above = [scope]
        if scope.level == "column":
            above.append(Scope("table", scope.schema, scope.name))
        if any(self._gives(one, privilege) for one in above):
            return True
        return any(
            self._gives(one, privilege) and pattern_matches(one.schema, literal)
            for one in self.grants
            if one.level == "schema"
        )

    def may_grant_role(self, role: AccountName) -> bool:
        """Whether the account may make others members of a role."""
        if not self.mariadb and (self.has("ROLE_ADMIN") or self.has("SUPER")):
            return True
        return self.roles.get(role, False)

    def _gives(self, scope: Scope, privilege: str) -> bool:
        held = self.grants.get(scope)
        return held is not None and held.grantable and (privilege == "GRANT OPTION" or privilege in held.privileges)


def spelt_out(grants: Mapping[Scope, Grant], version: ServerVersion) -> dict[Scope, Grant]:
    """Grants with the static privileges that ALL PRIVILEGES stands for on such a server."""
    return {
        scope: Grant(
            frozenset().union(*(expand(privilege, scope.level, version) for privilege in grant.privileges)),
            grant.grantable,
        )
        for scope, grant in grants.items()
    }


def with_dynamic(grants: Mapping[Scope, Grant], rights: Rights) -> dict[Scope, Grant]:
    """Grants with the dynamic privileges that ALL PRIVILEGES stands for, too, as far as somebody has them to give.

    :param rights: of whoever gives them; which dynamic privileges there are depends on a server's components.
    """
    everything = grants.get(GLOBAL, Grant(frozenset()))
    if ALL not in everything.privileges:
        return dict(grants)
    there = {
        scope: Grant(frozenset({scope.name}), everything.grantable)
        for scope in rights.grants
        if scope.level == "dynamic"
    }
    return {**grants, **there}


def rights_of(granted: Granted, version: ServerVersion) -> Rights:
    """The rights that SHOW GRANTS for an account tells."""
    grants = spelt_out(granted.grants, version)
    return Rights(grants, granted.roles, granted.restrictions, version.mariadb)
