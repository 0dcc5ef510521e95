# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The neutral model of an account: what every server of the family can say of one, in one form. Pure.

Privileges bear the names that MySQL's SHOW GRANTS gives them; schemas of schema-level grants are patterns in which
``\\_`` and ``\\%`` stand for the characters themselves, as in MySQL's page "GRANT Statement".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class AccountName(NamedTuple):
    """A user and the host pattern it may come from. A role of MariaDB has the host ""."""

    user: str
    host: str = "%"

    @property
    def label(self) -> str:
        """The name as a person reads it: ``app@10.%``, or ``app`` for a role of MariaDB."""
        return f"{self.user}@{self.host}" if self.host or not self.user else self.user


class Authentication(NamedTuple):
    """One way for an account to prove itself."""

    plugin: str
    data_hex: str = ""
    """What the server keeps for it (a hash mostly), byte for byte, as upper-case hexadecimal digits. A secret."""


class Tls(NamedTuple):
    """What an account demands of its connections."""

    require: str = "none"
    """``none``, ``any``, ``x509`` or ``specified``."""
    cipher: str = ""
    issuer: str = ""
    subject: str = ""


class Limits(NamedTuple):
    """Resource limits; 0 is none."""

    queries_per_hour: int = 0
    updates_per_hour: int = 0
    connections_per_hour: int = 0
    user_connections: int = 0
    statement_seconds: float = 0
    """MariaDB only."""


class PasswordRules(NamedTuple):
    """How passwords age. None: what the server's default says."""

    expired: bool = False
    lifetime_days: int | None = None
    """0: never expires."""
    history: int | None = None
    reuse_days: int | None = None
    require_current: bool | None = None
    failed_attempts: int = 0
    lock_days: int = 0
    """-1: until somebody unlocks the account."""


class Scope(NamedTuple):
    """What a grant is about.

    ========== ============== ================= ==========================
    level      schema         name              detail
    ========== ============== ================= ==========================
    global
    dynamic                   the privilege
    schema     pattern
    table      schema         table
    column     schema         table             column
    routine    schema         routine           PROCEDURE or FUNCTION
    proxy                     user              host
    ========== ============== ================= ==========================
    """

    level: str
    schema: str = ""
    name: str = ""
    detail: str = ""


LEVELS = ("global", "dynamic", "schema", "table", "column", "routine", "proxy")
GLOBAL = Scope("global")


class Grant(NamedTuple):
    """What an account may do within a scope, and whether it may pass that on."""

    privileges: frozenset[str]
    grantable: bool = False


_NO_TLS, _NO_LIMITS, _DEFAULT_RULES = Tls(), Limits(), PasswordRules()


@dataclass(frozen=True)
class Account:
    """An account or a role."""

    name: AccountName
    is_role: bool = False
    """A role of MariaDB. A role of MySQL is an account like any other, that others are members of."""
    authentication: tuple[Authentication, ...] = ()
    """The first is the one that is tried first; only MariaDB has more than one."""
    further_factors: tuple[str, ...] = ()
    """Plug-ins that MySQL asks besides the first one (multifactor authentication)."""
    second_password_hex: str = ""
    """MySQL's secondary password (RETAIN CURRENT PASSWORD). A secret."""
    tls: Tls = _NO_TLS
    limits: Limits = _NO_LIMITS
    password: PasswordRules = _DEFAULT_RULES
    locked: bool = False
    attributes_json: str = ""
    """The comment and attributes of MySQL 8.0.21 and later, a JSON object as text."""
    roles: Mapping[AccountName, bool] = field(default_factory=dict)
    """Roles the account is a member of, and whether with admin option."""
    default_roles: frozenset[AccountName] = frozenset()
    grants: Mapping[Scope, Grant] = field(default_factory=dict)
    restrictions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Partial revokes: schema (literal) to privileges that the global grant does not give there."""

    @property
    def may_be_role(self) -> bool:
        """Whether it is a role, or an account as MySQL makes roles, locked and expired ("CREATE ROLE Statement")."""
        return self.is_role or (self.locked and self.password.expired)


def difference(these: Mapping[Scope, Grant], those: Mapping[Scope, Grant]) -> dict[Scope, Grant]:
    """What is in ``these`` and not in ``those``, scope by scope."""
    out = {}
    for scope, grant in these.items():
        other = those.get(scope, Grant(frozenset()))
        left = Grant(grant.privileges - other.privileges, grant.grantable and not other.grantable)
        if left.grantable and scope.level in ("dynamic", "proxy"):
            # these are given again, with the option
            left = grant
        if left.privileges or left.grantable:
            out[scope] = left
    return out
