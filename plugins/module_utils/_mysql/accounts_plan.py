# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""From the accounts that are wanted and those that are there to the statements between them, in order. Pure."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .accounts_diff import Listing
from .accounts_document import Skipped
from .accounts_model import Account, AccountName, Grant, Scope
from .accounts_render import Dialect, Statement
from .accounts_translate import Target, Translator
from .reserved_accounts import matches, system_reason
from .server import ServerVersion


class Phase(enum.IntEnum):
    """The order of work: nothing refers to what is not there yet, and nobody is locked out before the end."""

    CREATE = 1
    ALTER = 2
    ROLE = 3
    GRANT = 4
    DEFAULT_ROLE = 5
    LOCK = 6
    DROP = 7


class Step(NamedTuple):
    """One statement for one account."""

    phase: Phase
    account: AccountName
    sql: str
    secret: bool
    """The statement holds a hash or a password: neither it nor what a server says about it may be shown whole."""
    what: str
    """What it is about, for people."""


class Options(NamedTuple):
    """What the user decides."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    unsupported_plugin: str = "skip"
    purge: bool = False
    absent: bool = False


@dataclass
class Plan:
    """What is to be done, and what is not and why."""

    steps: list[Step] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    created: list[AccountName] = field(default_factory=list)
    changed: list[AccountName] = field(default_factory=list)
    removed: list[AccountName] = field(default_factory=list)
    renewed: list[AccountName] = field(default_factory=list)
    """Those among the created that get a new password, which somebody keeps."""
    unchanged: int = 0
    left_out: int = 0
    """Accounts that do not travel at all."""
    before: Listing = field(default_factory=Listing)
    after: Listing = field(default_factory=Listing)


def make_plan(
    wanted: Iterable[Account],
    source: ServerVersion,
    actual: Iterable[Account],
    target: Target,
    options: Options,
    new_password: Callable[[AccountName], str],
) -> Plan:
    """Plan what brings the target's accounts to what is wanted.

    :param wanted: accounts in the terms of their source.
    :param source: where ``wanted`` comes from.
    :param actual: all accounts of the target.
    :param new_password: makes the password of an account that is made without the one that it had.
    """
    return _Planner(source, {account.name: account for account in actual}, target, options, new_password).plan(wanted)


class _Planner:
    def __init__(
        self,
        source: ServerVersion,
        actual: Mapping[AccountName, Account],
        target: Target,
        options: Options,
        new_password: Callable[[AccountName], str],
    ) -> None:
        self.source = source
        self.actual = actual
        self.target = target
        self.options = options
        self.new_password = new_password
        self.dialect: Dialect = target.dialect
        self.renewed: set[AccountName] = set()
        self.out = Plan()

    def plan(self, wanted: Iterable[Account]) -> Plan:
        translator = Translator(self.source, self.target, self.options.unsupported_plugin)
        named: set[AccountName] = set()
        accounts: list[Account] = []
        for account in sorted(wanted, key=lambda one: one.name):
            named.add(account.name)
            reason = self._not_ours(account.name)
            if reason:
                self._leave_out(account.name, reason)
                continue
            if self.options.absent:
                self._drop(account.name)
                continue
            translated = translator.translate(account)
            if translated is None:
                self.out.left_out += 1
                continue
            named.add(translated.name)
            accounts.append(translated)
        self.out.skipped += translator.skipped
        self.renewed = translator.renewed
        known = {account.name for account in accounts} | set(self.actual) | self.target.hidden
        for account in accounts:
            self._bring(self._with_known_roles(account, known))
        if self.options.purge and not self.options.absent:
            for name in sorted(set(self.actual) - named):
                if not self._not_ours(name):
                    self._drop(name)
        self.out.steps.sort(key=lambda step: step.phase)
        return self.out

    def _not_ours(self, name: AccountName) -> str:
        """Why an account is none of our business; "" where it is."""
        if self.options.include and not matches(name, self.options.include):
            return "no pattern of include fits it"
        if matches(name, self.options.exclude):
            return "a pattern of exclude fits it"
        reason = system_reason(name)
        if reason:
            return reason
        if name == self.target.current_user:
            return "it is the account that we are on the target"
        return ""

    def _would_shadow_us(self, name: AccountName) -> bool:
        """Whether an anonymous account would come before ours: the more specific host wins, whoever logs in.

        MySQL, "Access Control, Stage 1: Connection Verification".
        """
        return not name.user and name.host not in ("%", self.target.current_user.host) and not self.options.include

    def _leave_out(self, name: AccountName, reason: str, remedy: str = "") -> None:
        self.out.left_out += 1
        self.out.skipped.append(Skipped(name.label, "account", reason, remedy))

    def _step(self, phase: Phase, name: AccountName, statement: Statement, what: str) -> None:
        self.out.steps.append(Step(phase, name, statement.sql, statement.secret, what))

    def _drop(self, name: AccountName) -> None:
        found = self.actual.get(name)
        if found is None:
            self.out.unchanged += 1
            return
        self._step(Phase.DROP, name, self.dialect.drop(found), "account")
        self.out.removed.append(name)
        self.out.before.add(lambda: self.dialect.describe(found))

    def _with_known_roles(self, account: Account, known: set[AccountName]) -> Account:
        """The account without roles that the target will not have or that we may not give."""
        kept: dict[AccountName, bool] = {}
        held = self.actual[account.name].roles if account.name in self.actual else {}
        for role, admin in sorted(account.roles.items()):
            reason = ""
            if role not in known:
                reason = "the role itself does not travel"
            elif held.get(role) is None and role in self.actual and not self.target.rights.may_grant_role(role):
                reason = f"the account {self.target.current_user.label} may not give it on the target"
            elif self.target.version.mariadb is False and not self.target.rights.may_grant_role(role):
                reason = f"the account {self.target.current_user.label} may not give roles on the target"
            if reason:
                self.out.skipped.append(Skipped(account.name.label, f"membership in role {role.label}", reason))
            else:
                kept[role] = admin
        if len(kept) == len(account.roles) and account.default_roles <= kept.keys():
            return account
        return replace(account, roles=kept, default_roles=account.default_roles & frozenset(kept))

    def _bring(self, wanted: Account) -> None:
        actual = self.actual.get(wanted.name)
        if actual is None and not (wanted.is_role or wanted.authentication or self._gets_password(wanted)):
            self._leave_out(wanted.name, "it is not there yet, and no authentication is given for it")
        elif actual is None and self._would_shadow_us(wanted.name):
            me = self.target.current_user
            reason = (
                f"from {wanted.name.host} it would take the logins of {me.label}, the account that we are on the target"
            )
            remedy = "Give it a name on the source. To have it all the same, name it in include."
            self._leave_out(wanted.name, reason, remedy)
        elif actual is None:
            self._create(wanted)
        elif actual.is_role != wanted.is_role:
            kind = "role" if actual.is_role else "user"
            self._leave_out(wanted.name, f"the target has a {kind} of this name")
        else:
            self._change(wanted, actual)

    def _gets_password(self, wanted: Account) -> bool:
        """Whether an account that brings no way to log in is made with a password of ours."""
        return not wanted.is_role and not wanted.authentication and (wanted.locked or wanted.name in self.renewed)

    def _create(self, wanted: Account) -> None:
        name = wanted.name
        first = wanted
        if wanted.second_password_hex:
            way = wanted.authentication[0]._replace(data_hex=wanted.second_password_hex)
            first = replace(wanted, authentication=(way,))
        password = self.new_password(name) if self._gets_password(wanted) else ""
        if name in self.renewed:
            self.out.renewed.append(name)
        for statement in self.dialect.create(first, password):
            self._step(Phase.CREATE, name, statement, "account")
        if wanted.second_password_hex:
            statement = self.dialect.set_password(wanted, wanted.authentication[0].data_hex, retain=True)
            self._step(Phase.ALTER, name, statement, "second password")
        self._memberships(wanted, Account(name))
        self._grants(wanted, Account(name))
        if wanted.default_roles:
            self._step(Phase.DEFAULT_ROLE, name, self.dialect.default_roles(wanted), "default roles")
        self.out.created.append(name)
        self.out.after.add(lambda: self.dialect.describe(wanted))

    def _change(self, wanted: Account, actual: Account) -> None:
        name, steps = wanted.name, len(self.out.steps)
        other_password = False
        if not wanted.is_role:
            other_password = self._attributes(wanted, actual)
        self._memberships(wanted, actual)
        self._grants(wanted, actual)
        if wanted.default_roles != actual.default_roles and (wanted.default_roles or self.options.purge):
            self._step(Phase.DEFAULT_ROLE, name, self.dialect.default_roles(wanted), "default roles")
        if not wanted.is_role and wanted.locked != actual.locked:
            self._step(Phase.LOCK, name, self.dialect.lock(wanted), "lock")
        if len(self.out.steps) == steps:
            self.out.unchanged += 1
            return
        self.out.changed.append(name)
        after = wanted if self.options.purge else _union(wanted, actual)
        self.out.before.add(lambda: self.dialect.describe(actual, "<another hash>" if other_password else "<hash>"))
        self.out.after.add(lambda: self.dialect.describe(after))

    def _attributes(self, wanted: Account, actual: Account) -> bool:
        """Steps for all but roles, grants and the lock; returns whether the password is another one."""
        # an account that is made locked, because its plug-in cannot travel, keeps whatever password it has by now
        other = bool(wanted.authentication) and (
            wanted.authentication != actual.authentication or wanted.second_password_hex != actual.second_password_hex
        )
        revived = bool(wanted.authentication) and actual.password.expired and not wanted.password.expired
        retained = other and bool(wanted.second_password_hex)
        if retained:
            for data_hex, retain in ((wanted.second_password_hex, False), (wanted.authentication[0].data_hex, True)):
                statement = self.dialect.set_password(wanted, data_hex, retain)
                self._step(Phase.ALTER, wanted.name, statement, "password")
        compared = actual
        if retained:
            compared = replace(actual, password=actual.password._replace(expired=False))
        for statement in self.dialect.alter(wanted, compared, (other or revived) and not retained):
            self._step(Phase.ALTER, wanted.name, statement, "account")
        return other

    def _memberships(self, wanted: Account, actual: Account) -> None:
        for role, admin in sorted(wanted.roles.items()):
            held = actual.roles.get(role)
            if held is None or (admin and not held):
                statement = self.dialect.grant_role(role, wanted, admin)
                self._step(Phase.ROLE, wanted.name, statement, f"membership in role {role.label}")
        if self.options.purge:
            for role in sorted(set(actual.roles) - set(wanted.roles)):
                self._step(Phase.ROLE, wanted.name, self.dialect.revoke_role(role, wanted), f"role {role.label}")

    def _grants(self, wanted: Account, actual: Account) -> None:
        missing = difference(wanted.grants, actual.grants)
        for statement in self.dialect.grant(wanted, missing):
            self._step(Phase.GRANT, wanted.name, statement, _shown_grant(statement.sql))
        for schema, privileges in sorted(wanted.restrictions.items()):
            lacking = privileges - actual.restrictions.get(schema, frozenset())
            if lacking:
                statement = self.dialect.restrict(wanted, schema, lacking)
                self._step(Phase.GRANT, wanted.name, statement, _shown_grant(statement.sql))
        if self.options.purge:
            for statement in self.dialect.revoke(wanted, difference(actual.grants, wanted.grants)):
                self._step(Phase.GRANT, wanted.name, statement, _shown_grant(statement.sql))


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


def _union(wanted: Account, actual: Account) -> Account:
    """What the account is after a run that removes nothing."""
    grants = dict(actual.grants)
    for scope, grant in wanted.grants.items():
        other = grants.get(scope, Grant(frozenset()))
        grants[scope] = Grant(grant.privileges | other.privileges, grant.grantable or other.grantable)
    roles = {role: admin or wanted.roles.get(role, False) for role, admin in actual.roles.items()}
    return replace(
        wanted,
        grants=grants,
        roles={**wanted.roles, **roles},
        default_roles=wanted.default_roles or actual.default_roles,
        authentication=wanted.authentication or actual.authentication,
    )


def _shown_grant(sql: str) -> str:
    """A GRANT or REVOKE without its verb and its account."""
    body = sql.split(" ", 1)[1]
    for word in (" TO '", " TO `", " FROM '", " FROM `"):
        body = body.rsplit(word, 1)[0]
    return body
