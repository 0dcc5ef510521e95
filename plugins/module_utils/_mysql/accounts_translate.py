# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""An account of one server as another server can have it, and the list of what gets lost on the way. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .accounts_document import Skipped
from .accounts_model import GLOBAL, Account, AccountName, Authentication, Grant, Limits, PasswordRules, Scope
from .accounts_render import Dialect
from .privileges import SUCCESSORS, Rights
from .quoting import has_wildcard, unescape_pattern
from .server import ServerVersion

# What a hash of mysql_native_password looks like; other texts make an account that nobody can log in to.
_NATIVE_HASH = re.compile(rb"\*[0-9A-F]{40}")
# MySQL, "Account Names": user names. Hosts: 60 characters before 8.0.17, 255 from then on.
_USER_LENGTH = 32


@dataclass(frozen=True)
class Target:
    """All that planning has to know of the server where the accounts go."""

    version: ServerVersion
    current_user: AccountName
    """The account that we are there."""
    rights: Rights
    plugins: frozenset[str]
    """Authentication plug-ins that are active."""
    partial_revokes: bool = False
    hidden: frozenset[AccountName] = frozenset()
    """Accounts that are there, and that we may not look at."""
    lower_case_names: bool = False
    """Schemas and tables are stored in lower case."""
    routines: frozenset[Scope] | None = None
    """The stored routines that exist, as routine scopes; None: not known, try."""

    @property
    def dialect(self) -> Dialect:
        """How the target wants its statements."""
        return Dialect(self.version, self.partial_revokes)

    @property
    def has_roles(self) -> bool:
        """Whether accounts can be members of roles there."""
        return self.version.mariadb or self.version.number >= (8, 0, 0)


class Translator:
    """Carries accounts of one server over to the terms of another and notes what cannot come along."""

    def __init__(self, source: ServerVersion, target: Target, unsupported_plugin: str) -> None:
        """
        :param unsupported_plugin: what becomes of an account whose plug-ins the target has not: ``skip``, ``lock`` for
            an account that is locked and has a password that nobody knows, or ``new_password`` for one with another
            password; ``renewed`` names those.
        """
        self.source = source
        self.target = target
        self.unsupported_plugin = unsupported_plugin
        self.skipped: list[Skipped] = []
        self.renewed: set[AccountName] = set()

    def translate(self, account: Account) -> Account | None:
        """The account as the target can have it; None where it cannot at all. ``skipped`` grows accordingly."""
        label = account.name.label
        name = self._name(account.name)
        target = self.target
        if account.is_role and not target.has_roles:
            self._skip(label, "role", "the target has no roles", "Grant its privileges to its members instead.")
            return None
        too_long = self._too_long(name)
        if too_long:
            self._skip(label, "account", too_long, "Give it a shorter name on the source.")
            return None
        if account.further_factors:
            factors = ", ".join(account.further_factors)
            self._skip(
                label,
                "account",
                f"it also proves itself by {factors}; without that, its password alone would let in whoever has it",
                "Make it by hand on the target, or take the further factor off on the source.",
            )
            return None
        authentication = self._authentication(account)
        locked = account.locked
        if authentication is None:
            if self.unsupported_plugin == "skip":
                return None
            authentication = ()
            if self.unsupported_plugin == "new_password":
                self.renewed.add(name)
            else:
                locked = True
        grants, restrictions = self._grants(account)
        as_account = account.is_role and not target.version.mariadb
        return replace(
            account,
            name=name,
            is_role=account.is_role and target.version.mariadb,
            # MySQL makes roles as accounts that nobody can log in to ("CREATE ROLE Statement")
            locked=locked or as_account,
            authentication=authentication,
            second_password_hex=self._second_password(account),
            password=self._rules(account)._replace(expired=account.password.expired or as_account),
            limits=self._limits(account),
            attributes_json=self._attributes(account),
            roles=self._roles(account),
            default_roles=frozenset(self._name(role) for role in account.default_roles)
            if target.has_roles
            else frozenset(),
            grants=grants,
            restrictions=restrictions,
        )

    def _skip(self, account: str, what: str, reason: str, remedy: str = "") -> None:
        self.skipped.append(Skipped(account, what, reason, remedy))

    def _name(self, name: AccountName) -> AccountName:
        return name if name.host or self.target.version.mariadb else AccountName(name.user, "%")

    def _too_long(self, name: AccountName) -> str:
        if self.target.version.mariadb:
            return ""
        host_length = 255 if self.target.version.number >= (8, 0, 17) else 60
        if len(name.user) > _USER_LENGTH:
            return f"the user name has {len(name.user)} characters, the target takes {_USER_LENGTH}"
        if len(name.host) > host_length:
            return f"the host has {len(name.host)} characters, the target takes {host_length}"
        return ""

    def _authentication(self, account: Account) -> tuple[Authentication, ...] | None:
        if not account.authentication:
            return ()
        usable = [way for way in account.authentication if self._usable(way)]
        if not self.target.version.mariadb:
            usable = usable[:1]
        label = account.name.label
        outcomes = {
            "skip": "Give it a password of a kind that the target knows, or choose unsupported_plugin: new_password.",
            "lock": "The account is made, locked, with a password that nobody knows; give it one and unlock it.",
            "new_password": "If it is not there yet, it is made with a new password, kept under Ansible Vault.",
        }
        if not usable:
            plugins = ", ".join(way.plugin for way in account.authentication)
            self._skip(
                label,
                "account" if self.unsupported_plugin == "skip" else f"authentication by {plugins}",
                f"the target has no authentication plug-in that can take its credentials ({plugins})",
                outcomes[self.unsupported_plugin],
            )
            return None
        for way in account.authentication:
            if way not in usable:
                self._skip(label, f"authentication by {way.plugin}", "the target cannot offer it to this account")
        return tuple(usable)

    def _usable(self, way: Authentication) -> bool:
        if way.plugin not in self.target.plugins or way.plugin == "mysql_old_password":
            return False
        if way.plugin == "mysql_native_password" and way.data_hex and not self.target.version.mariadb:
            return _NATIVE_HASH.fullmatch(bytes.fromhex(way.data_hex)) is not None
        return True

    def _second_password(self, account: Account) -> str:
        if not account.second_password_hex or self._mysql_since((8, 0, 14)):
            return account.second_password_hex
        self._skip(account.name.label, "second password", "the target's accounts have one password", "")
        return ""

    def _rules(self, account: Account) -> PasswordRules:
        rules, kept = account.password, account.password
        for since, fields in (
            ((8, 0, 3), ("history", "reuse_days")),
            ((8, 0, 13), ("require_current",)),
            ((8, 0, 19), ("failed_attempts", "lock_days")),
        ):
            if not self._mysql_since(since):
                kept = kept._replace(**{field: PasswordRules._field_defaults[field] for field in fields})
        lost = [field for field in PasswordRules._fields if getattr(rules, field) != getattr(kept, field)]
        if lost:
            self._skip(account.name.label, f"password rules {', '.join(lost)}", "the target does not know them")
        return kept

    def _limits(self, account: Account) -> Limits:
        if account.limits.statement_seconds and not self.target.version.mariadb:
            self._skip(
                account.name.label,
                "limit MAX_STATEMENT_TIME",
                "the target does not know it",
                "Set max_execution_time in the application's sessions.",
            )
            return account.limits._replace(statement_seconds=0)
        return account.limits

    def _attributes(self, account: Account) -> str:
        if account.attributes_json and not self._mysql_since((8, 0, 21)):
            self._skip(account.name.label, "comment and attributes", "the target's accounts have none")
            return ""
        return account.attributes_json

    def _mysql_since(self, number: tuple[int, int, int]) -> bool:
        return not self.target.version.mariadb and self.target.version.number >= number

    def _roles(self, account: Account) -> Mapping[AccountName, bool]:
        if not self.target.has_roles:
            for role in sorted(account.roles):
                self._skip(
                    account.name.label,
                    f"membership in role {role.label}",
                    "the target has no roles",
                    "Grant the role's privileges to the account instead.",
                )
            return {}
        if self.target.version.mariadb and not self.source.mariadb:
            for role in sorted(account.roles):
                self._skip(
                    account.name.label, f"membership in role {role.label}", "MariaDB's roles are not accounts", ""
                )
            return {}
        return {self._name(role): admin for role, admin in account.roles.items()}

    # Privileges

    def _grants(self, account: Account) -> tuple[dict[Scope, Grant], dict[str, frozenset[str]]]:
        """Grants and partial revokes as the target can have them."""
        label = account.name.label
        wanted: dict[Scope, Grant] = {}
        for scope, grant in sorted(account.grants.items()):
            placed = self._place(label, scope)
            if placed is None:
                continue
            kept = {
                privilege
                for privilege in sorted(grant.privileges)
                if self._given(label, placed, privilege, grant, wanted)
            }
            # whoever may give a dynamic privilege or a proxy right may give it with the option
            grantable = grant.grantable and (
                placed.level in ("dynamic", "proxy")
                or bool(grant.privileges and not kept)
                or self._offered(label, placed, "GRANT OPTION")
            )
            if kept or (grantable and not grant.privileges):
                _add(wanted, placed, Grant(frozenset(kept), grantable))
        return wanted, self._restrictions(label, account.restrictions, wanted)

    def _restrictions(
        self, label: str, restrictions: Mapping[str, frozenset[str]], wanted: dict[Scope, Grant]
    ) -> dict[str, frozenset[str]]:
        """Partial revokes as the target can have them. Where it has none, the global grant shrinks: never more than
        before."""
        held = wanted.get(GLOBAL, Grant(frozenset()))
        left = {schema: names & held.privileges for schema, names in restrictions.items() if names & held.privileges}
        if left and not self.target.partial_revokes:
            lost = frozenset().union(*left.values())
            for privilege in sorted(lost):
                schemas = ", ".join(schema for schema, names in sorted(restrictions.items()) if privilege in names)
                self._skip(
                    label,
                    f"{privilege} ON *.*",
                    f"it is revoked for {schemas}, which the target cannot express (partial_revokes is off); with the "
                    "global grant alone the account could do more than before",
                    "Turn partial_revokes on in the target's parameter group, or grant it schema by schema.",
                )
            wanted[GLOBAL] = Grant(held.privileges - lost, held.grantable)
            if wanted[GLOBAL] == Grant(frozenset()):
                del wanted[GLOBAL]
            return {}
        return left

    def _place(self, label: str, scope: Scope) -> Scope | None:
        """A scope in the target's terms; None where it has none."""
        target = self.target
        if target.lower_case_names and scope.level in ("schema", "table", "column", "routine"):
            scope = scope._replace(schema=scope.schema.lower())
            if scope.level in ("table", "column"):
                scope = scope._replace(name=scope.name.lower())
        what = target.dialect.object_name(scope)
        if scope.level == "schema" and target.partial_revokes and has_wildcard(scope.schema):
            self._skip(
                label,
                f"grants ON {what}",
                "the target has partial_revokes on and takes % and _ for the characters themselves",
                "Grant schema by schema.",
            )
            return None
        if scope.level == "routine" and target.routines is not None and scope not in target.routines:
            self._skip(
                label,
                f"grants ON {what}",
                "the target does not have this routine, or not yet",
                "Run it again once the routines are there.",
            )
            return None
        return scope

    def _given(self, label: str, scope: Scope, privilege: str, grant: Grant, wanted: dict[Scope, Grant]) -> bool:
        """Whether the target can give a privilege; its successors go to ``wanted`` where it cannot."""
        rights = self.target.rights
        if rights.may_grant(scope, privilege):
            return True
        what = f"{privilege} ON {self.target.dialect.object_name(scope)}"
        given = [name for name in SUCCESSORS.get(privilege, ()) if rights.may_grant(Scope("dynamic", "", name), name)]
        for name in given:
            _add(wanted, Scope("dynamic", "", name), Grant(frozenset({name}), grant.grantable))
        if given:
            self._skip(label, what, f"the target gives {', '.join(given)} in its place")
        else:
            self._offered(label, scope, privilege)
        return False

    def _offered(self, label: str, scope: Scope, privilege: str) -> bool:
        rights = self.target.rights
        if rights.may_grant(scope, privilege):
            return True
        who = self.target.current_user.label
        level = unescape_pattern(scope.schema) if scope.schema else ""
        self._skip(
            label,
            f"{privilege} ON {self.target.dialect.object_name(scope)}",
            f"the account {who} that we are on the target does not have it to give"
            + (f" for {level}" if level and rights.has(privilege) else ""),
            "A managed server gives it to nobody, or by a role or parameter of its own.",
        )
        return False


def _add(grants: dict[Scope, Grant], scope: Scope, grant: Grant) -> None:
    before = grants.get(scope, Grant(frozenset()))
    grants[scope] = Grant(before.privileges | grant.privileges, before.grantable or grant.grantable)
