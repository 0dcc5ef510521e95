# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""An account of one server as another server can have it, and the list of what gets lost on the way. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from .accounts_document import Skipped
from .accounts_model import Account, AccountName, Authentication, Limits, PasswordRules
from .accounts_names import ROLE_REMEDY, name_on_target
from .accounts_target import Target
from .accounts_translate_grants import GrantTranslator
from .server import ServerVersion

# What a hash of mysql_native_password looks like; other texts make an account that nobody can log in to.
_NATIVE_HASH = re.compile(rb"\*[0-9A-F]{40}")
# MySQL, "Account Names": user names. Hosts: 60 characters before 8.0.17, 255 from then on.
_USER_LENGTH = 32


class Translator:
    """Carries accounts of one server over to the terms of another and notes what cannot come along."""

    def __init__(
        self,
        source: ServerVersion,
        target: Target,
        unsupported_plugin: str,
        taken: Mapping[AccountName, str],
    ) -> None:
        """
        :param unsupported_plugin: what becomes of an account whose plug-ins the target has not: ``skip``, ``lock`` for
            an account that is locked and has a password that nobody knows, or ``new_password`` for one with another
            password; ``renewed`` names those.
        :param taken: names that no role of MariaDB can have on the target, and why (``accounts_names.taken_names``).
        """
        self.source = source
        self.target = target
        self.unsupported_plugin = unsupported_plugin
        self.taken = taken
        self._grants = GrantTranslator(target, self._skip)
        self.skipped: list[Skipped] = []
        self.renewed: set[AccountName] = set()
        self.shut: set[AccountName] = set()
        """Accounts that are made locked, because nobody can log in to them; one that is there keeps its own lock."""

    def translate(self, account: Account) -> Account | None:
        """The account as the target can have it; None where it cannot at all. ``skipped`` grows accordingly."""
        label = account.name.label
        name = self._name(account.name)
        target = self.target
        if account.is_role and not target.has_roles:
            self._skip(label, "role", "the target has no roles", "Grant its privileges to its members instead.")
            return None
        if account.is_role and name in self.taken:
            self._skip(label, "account", self.taken[name], ROLE_REMEDY)
            return None
        too_long = self._too_long(name)
        if too_long:
            self._skip(label, "account", too_long, "Give it a shorter name on the source.")
            return None
        if not account.name.user and account.password.expired and not target.version.mariadb:
            reason = "its password has expired, and on MySQL those of accounts without a name cannot have"
            self._skip(label, "account", reason, "Give it a new password on the source, or drop it there.")
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
        if authentication is None:
            if self.unsupported_plugin == "skip":
                return None
            authentication = ()
            if self.unsupported_plugin == "new_password":
                self.renewed.add(name)
            else:
                self.shut.add(name)
        grants, restrictions = self._grants.translate(account)
        as_account = account.is_role and not target.version.mariadb
        barred = account.limits.user_connections < 0 and not target.version.mariadb
        return replace(
            account,
            name=name,
            is_role=account.is_role and target.version.mariadb,
            # MySQL makes roles as accounts that nobody can log in to ("CREATE ROLE Statement")
            locked=account.locked or as_account or barred,
            authentication=authentication,
            second_password_hex=self._second_password(account, bool(authentication)),
            password=self._rules(account)._replace(expired=account.password.expired or as_account),
            limits=self._limits(account),
            attributes_json=self._attributes(account),
            roles=self._roles(account),
            default_roles=self._default_roles(account),
            grants=grants,
            restrictions=restrictions,
        )

    def _skip(self, account: str, what: str, reason: str, remedy: str) -> None:
        self.skipped.append(Skipped(account, what, reason, remedy))

    def _name(self, name: AccountName) -> AccountName:
        return name_on_target(name, self.source, self.target.version)

    def _cannot_be(self, role: AccountName) -> str:
        """Why a role of MariaDB is not on the target; "" where it can be."""
        return self.taken.get(self._name(role), "") if self.source.mariadb and not role.host else ""

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
                self._skip(
                    label,
                    f"authentication by {way.plugin}",
                    "the target cannot offer it to this account",
                    f"Log in by {usable[0].plugin}.",
                )
        return tuple(usable)

    def _usable(self, way: Authentication) -> bool:
        if way.plugin not in self.target.plugins or way.plugin == "mysql_old_password":
            return False
        if way.plugin == "mysql_native_password" and way.data_hex and not self.target.version.mariadb:
            return _NATIVE_HASH.fullmatch(bytes.fromhex(way.data_hex)) is not None
        return True

    def _second_password(self, account: Account, first_travels: bool) -> str:
        if not account.second_password_hex or (self._mysql_since((8, 0, 14)) and first_travels):
            return account.second_password_hex
        reason, remedy = "the target's accounts have one password", "Log in by the first password."
        if not first_travels:
            reason, remedy = "the password before it does not travel either", "See the entry for its authentication."
        self._skip(account.name.label, "second password", reason, remedy)
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
            self._skip(
                account.name.label,
                f"password rules {', '.join(lost)}",
                "the target does not know them",
                "Have whoever gives out passwords see to them.",
            )
        return kept

    def _limits(self, account: Account) -> Limits:
        limits = account.limits
        if limits.user_connections < 0 and not self.target.version.mariadb:
            self._skip(
                account.name.label,
                f"limit MAX_USER_CONNECTIONS {limits.user_connections}",
                "the target has no limit that lets nobody in, so that the account is locked there",
                "Nothing. To let it in, give it another limit on the source and run it again.",
            )
            limits = limits._replace(user_connections=0)
        if limits.statement_seconds and not self.target.version.mariadb:
            self._skip(
                account.name.label,
                "limit MAX_STATEMENT_TIME",
                "the target does not know it",
                "Set max_execution_time in the application's sessions.",
            )
            limits = limits._replace(statement_seconds=0)
        return limits

    def _attributes(self, account: Account) -> str:
        if account.attributes_json and not self._mysql_since((8, 0, 21)):
            self._skip(
                account.name.label,
                "comment and attributes",
                "the target's accounts have none",
                "Keep them elsewhere, if somebody reads them.",
            )
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
                    account.name.label,
                    f"membership in role {role.label}",
                    "MariaDB's roles are not accounts",
                    "Make a role on the target and grant it, or grant the role's privileges to the account.",
                )
            return {}
        for role in sorted(account.roles):
            if self._cannot_be(role):
                reason = f"the role itself does not travel: {self._cannot_be(role)}"
                self._skip(account.name.label, f"membership in role {role.label}", reason, ROLE_REMEDY)
        return {self._name(role): admin for role, admin in account.roles.items() if not self._cannot_be(role)}

    def _default_roles(self, account: Account) -> frozenset[AccountName]:
        if not self.target.has_roles:
            return frozenset()
        return frozenset(self._name(role) for role in account.default_roles if not self._cannot_be(role))
