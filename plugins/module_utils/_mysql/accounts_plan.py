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
from .accounts_left import not_chosen, of_the_system
from .accounts_memberships import with_known_roles
from .accounts_model import GLOBAL, Account, AccountName, Grant, Scope
from .accounts_names import name_on_target, taken_names
from .accounts_render import Dialect, Statement
from .accounts_target import Target
from .accounts_translate import Translator
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
    unseen: Iterable[AccountName] = (),
) -> Plan:
    """Plan what brings the target's accounts to what is wanted.

    :param wanted: accounts in the terms of their source.
    :param source: where ``wanted`` comes from.
    :param actual: all accounts of the target.
    :param new_password: makes the password of an account that is made without the one that it had.
    :param unseen: accounts that the source has, too, and did not show; they are not dropped.
    """
    planner = _Planner(source, {account.name: account for account in actual}, target, options, new_password)
    return planner.plan(wanted, unseen)


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
        self.shut: set[AccountName] = set()
        self.out = Plan()

    def plan(self, wanted: Iterable[Account], unseen: Iterable[AccountName]) -> Plan:
        wanted, mariadb = sorted(wanted, key=lambda one: one.name), self.target.version.mariadb
        taken = taken_names(wanted, self.actual, self.target.current_user, mariadb)
        translator = Translator(self.source, self.target, self.options.unsupported_plugin, taken)
        named = {name_on_target(name, mariadb) for name in unseen}
        accounts: list[Account] = []
        for account in wanted:
            # The account that keeps a role out is not ours to drop either.
            named.update((account.name, name_on_target(account.name, mariadb)))
            left = self._not_ours(account.name)
            if left:
                self.out.left_out += 1
                self.out.skipped.append(left)
                continue
            if self.options.absent:
                self._drop(account.name)
                continue
            translated = translator.translate(account)
            if translated is None:
                self.out.left_out += 1
                continue
            accounts.append(translated)
        self.out.skipped += translator.skipped
        self.renewed, self.shut = translator.renewed, translator.shut
        known = {account.name for account in accounts} | set(self.actual) | self.target.hidden
        for account in accounts:
            member, skipped = with_known_roles(account, self.actual, known, self.target)
            self.out.skipped += skipped
            self._bring(member)
        if self.options.purge and not self.options.absent:
            for name in sorted(set(self.actual) - named):
                if not self._not_ours(name):
                    self._drop(name)
        self.out.steps.sort(key=lambda step: step.phase)
        return self.out

    def _not_ours(self, name: AccountName) -> Skipped | None:
        """The entry for an account that is none of our business; None where it is."""
        left = not_chosen(name, self.options.include, self.options.exclude) or of_the_system(name)
        if left is None and name == self.target.current_user:
            remedy = "Change it by hand, logged in by another account."
            left = Skipped(name.label, "account", "it is the account that we are on the target", remedy)
        return left

    def _would_shadow_us(self, name: AccountName) -> bool:
        """Whether an anonymous account would come before ours: the more specific host wins, whoever logs in.

        MySQL, "Access Control, Stage 1: Connection Verification".
        """
        return not name.user and name.host not in ("%", self.target.current_user.host) and not self.options.include

    def _leave_out(self, name: AccountName, reason: str, remedy: str) -> None:
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

    def _bring(self, wanted: Account) -> None:
        actual = self.actual.get(wanted.name)
        if actual is None and not (wanted.is_role or wanted.authentication or self._gets_password(wanted)):
            remedy = "Say how it proves itself (authentication), or lock it."
            self._leave_out(wanted.name, "it is not there yet, and no authentication is given for it", remedy)
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
            remedy = "Drop or rename the one on the target, if nobody needs it, and run it again."
            self._leave_out(wanted.name, f"the target has a {kind} of this name", remedy)
        else:
            self._change(wanted, actual)

    def _gets_password(self, wanted: Account) -> bool:
        """Whether an account that brings no way to log in is made with a password of ours."""
        unknown = self.renewed | self.shut
        return not wanted.is_role and not wanted.authentication and (wanted.locked or wanted.name in unknown)

    def _create(self, wanted: Account) -> None:
        name = wanted.name
        if name in self.shut:
            wanted = replace(wanted, locked=True)
        first = wanted
        if wanted.second_password_hex:
            way = wanted.authentication[0]._replace(data_hex=wanted.second_password_hex)
            # Setting the other password would end the expiry.
            first = replace(wanted, authentication=(way,), password=wanted.password._replace(expired=False))
        password = self.new_password(name) if self._gets_password(wanted) else ""
        if name in self.renewed:
            self.out.renewed.append(name)
        for statement in self.dialect.create(first, password):
            self._step(Phase.CREATE, name, statement, "account")
        if wanted.second_password_hex:
            statement = self.dialect.set_password(wanted, wanted.authentication[0].data_hex, retain=True)
            self._step(Phase.ALTER, name, statement, "second password")
            if wanted.password.expired:
                self._step(Phase.ALTER, name, self.dialect.expire(wanted), "password")
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
        self._default_roles(wanted, actual)
        # Who gave such an account a password has unlocked it, and who has not yet leaves it locked.
        own_lock = wanted.locked or name not in self.shut
        if not wanted.is_role and own_lock and wanted.locked != actual.locked:
            self._step(Phase.LOCK, name, self.dialect.lock(wanted), "lock")
        if len(self.out.steps) == steps:
            self.out.unchanged += 1
            return
        self.out.changed.append(name)
        after = wanted if self.options.purge else _union(wanted, actual, self.target.version.mariadb)
        self.out.before.add(lambda: self.dialect.describe(actual, "<another hash>" if other_password else "<hash>"))
        self.out.after.add(lambda: self.dialect.describe(after))

    def _attributes(self, wanted: Account, actual: Account) -> bool:
        """Steps for all but roles, grants and the lock; returns whether the password is another one."""
        # an account that is made locked, because its plug-in cannot travel, keeps whatever password it has by now
        second = wanted.second_password_hex
        other = bool(wanted.authentication) and (
            wanted.authentication != actual.authentication or (bool(second) and second != actual.second_password_hex)
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
        if wanted.authentication and actual.second_password_hex and not second:
            self._step(Phase.ALTER, wanted.name, self.dialect.discard_second_password(wanted), "second password")
        return other

    def _default_roles(self, wanted: Account, actual: Account) -> None:
        after = _default_roles_after(wanted, actual, self.options.purge, self.target.version.mariadb)
        if after != actual.default_roles:
            statement = self.dialect.default_roles(replace(wanted, default_roles=after))
            self._step(Phase.DEFAULT_ROLE, wanted.name, statement, "default roles")

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
        for schema, privileges in sorted(actual.restrictions.items()):
            # What the account has everywhere on the source, it lacks there; other privileges are the target's own.
            surplus = privileges & _everywhere(wanted) - wanted.restrictions.get(schema, frozenset())
            if surplus:
                statement = self.dialect.lift(wanted, schema, surplus)
                self._step(Phase.GRANT, wanted.name, statement, _shown_grant(statement.sql))
        for schema, privileges in sorted(wanted.restrictions.items()):
            lacking = privileges - actual.restrictions.get(schema, frozenset())
            if lacking:
                statement = self.dialect.restrict(wanted, schema, lacking)
                self._step(Phase.GRANT, wanted.name, statement, _shown_grant(statement.sql))
        if self.options.purge:
            surplus_grants = difference(actual.grants, wanted.grants)
            # The option alone cannot be taken from these: they go with it, and come back without.
            again = {
                scope: wanted.grants[scope]
                for scope in surplus_grants
                if scope.level in ("dynamic", "proxy") and scope in wanted.grants
            }
            for statement in (*self.dialect.revoke(wanted, surplus_grants), *self.dialect.grant(wanted, again)):
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


def _everywhere(account: Account) -> frozenset[str]:
    return account.grants.get(GLOBAL, Grant(frozenset())).privileges


def _default_roles_after(wanted: Account, actual: Account, purge: bool, mariadb: bool) -> frozenset[AccountName]:
    """The default roles that an account gets; MariaDB's have one."""
    if purge or (mariadb and wanted.default_roles):
        return wanted.default_roles
    return wanted.default_roles | actual.default_roles


def _union(wanted: Account, actual: Account, mariadb: bool) -> Account:
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
        default_roles=_default_roles_after(wanted, actual, False, mariadb),
        authentication=wanted.authentication or actual.authentication,
    )


def _shown_grant(sql: str) -> str:
    """A GRANT or REVOKE without its verb and its account."""
    body = sql.split(" ", 1)[1]
    if body.startswith("USAGE ON "):
        body = body.replace("USAGE", "GRANT OPTION", 1)
    for word in (" TO '", " TO `", " FROM '", " FROM `"):
        body = body.rsplit(word, 1)[0]
    return body
