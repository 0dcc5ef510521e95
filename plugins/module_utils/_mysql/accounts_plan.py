# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""From the accounts that are wanted and those that are there to what is done with each, in order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .accounts_diff import Listing
from .accounts_document import Skipped
from .accounts_left import not_chosen, of_the_system
from .accounts_memberships import with_known_roles
from .accounts_model import Account, AccountName, Scope
from .accounts_names import DROP_REMEDY, name_on_target, taken_names
from .accounts_steps import Phase, Step, Steps, other_password
from .accounts_target import Target
from .accounts_translate import Translator
from .new_passwords import unmatched_password
from .quoting import escape_pattern, unescape_pattern
from .server import ServerVersion

# Of what can be granted in a schema, what lets an account see or do the least.
_STAND_INS = ("LOCK TABLES", "CREATE TEMPORARY TABLES", "SHOW VIEW", "REFERENCES", "SELECT", "EXECUTE")


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
    travelling: list[Account] = field(default_factory=list)
    """The accounts that travel, as the source has them."""
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
    :param unseen: accounts that the source may have, too, and of which it said nothing; they are not dropped.
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
        self.dialect = target.dialect
        self.steps = Steps(self.dialect, options.purge, self._stand_ins())
        self.renewed: set[AccountName] = set()
        self.shut: set[AccountName] = set()
        self.out = Plan()

    def plan(self, wanted: Iterable[Account], unseen: Iterable[AccountName]) -> Plan:
        wanted = sorted(wanted, key=lambda one: one.name)
        taken = taken_names(wanted, self.actual, self.target.current_user, self.target.version.mariadb)
        translator = Translator(self.source, self.target, self.options.unsupported_plugin, taken)
        named = {name_on_target(name, self.source, self.target.version) for name in unseen}
        accounts: list[Account] = []
        for account in wanted:
            name = name_on_target(account.name, self.source, self.target.version)
            # The account that keeps a role out is not ours to drop either.
            named.update((account.name, name))
            left = self._not_ours(name)
            if left:
                self.out.left_out += 1
                self.out.skipped.append(left._replace(account=account.name.label))
                continue
            if self.options.absent:
                if account.is_role and name in taken:
                    self._leave_out(account.name, taken[name], DROP_REMEDY)
                else:
                    self._drop(name)
                continue
            translated = translator.translate(account)
            if translated is None:
                self.out.left_out += 1
                continue
            accounts.append(translated)
            self.out.travelling.append(account)
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
        # Once an account without a name has rights in a schema, MySQL refuses to revoke others' global ones there.
        self.out.steps.sort(key=lambda step: (step.phase, step.phase is Phase.GRANT and not step.account.user))
        return self.out

    def _stand_ins(self) -> dict[str, list[str]]:
        """``Steps.stand_ins``."""
        nameless = (account for name, account in self.actual.items() if not name.user)
        schemas = {
            unescape_pattern(scope.schema) for one in nameless for scope in one.grants if scope.level == "schema"
        }
        may_grant = self.target.rights.may_grant
        return {
            schema: [name for name in _STAND_INS if may_grant(Scope("schema", escape_pattern(schema)), name)]
            for schema in schemas
        }

    def _not_ours(self, name: AccountName) -> Skipped | None:
        """The entry for an account that is none of our business; None where it is."""
        left = not_chosen(name, self.options.include, self.options.exclude) or of_the_system(name)
        if left is None and name == self.target.current_user:
            remedy = "Change it by hand, logged in by another account."
            left = Skipped(name.label, "account", "it is the account that we are on the target", remedy)
        return left

    def _would_shadow_us(self, name: AccountName) -> bool:
        """Whether an anonymous account would come before ours: the more specific host wins, whoever logs in.

        MySQL, "Access Control, Stage 1: Connection Verification". The empty host is the least specific.
        """
        return not name.user and name.host not in ("%", "", self.target.current_user.host) and not self.options.include

    def _leave_out(self, name: AccountName, reason: str, remedy: str) -> None:
        self.out.left_out += 1
        self.out.skipped.append(Skipped(name.label, "account", reason, remedy))

    def _drop(self, name: AccountName) -> None:
        found = self.actual.get(name)
        if found is None:
            self.out.unchanged += 1
            return
        self.out.steps.append(self.steps.drop(found))
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
        password = ""
        if self._gets_password(wanted):
            unmatched = None if name in self.renewed else unmatched_password(self.target.plugins)
            if unmatched:
                wanted = replace(wanted, authentication=(unmatched,))
            else:
                password = self.new_password(name)
        if name in self.renewed:
            self.out.renewed.append(name)
        self.out.steps += self.steps.create(wanted, password)
        self.out.created.append(name)
        self.out.after.add(lambda: self.dialect.describe(wanted))

    def _change(self, wanted: Account, actual: Account) -> None:
        name = wanted.name
        # Who gave such an account a password has unlocked it, and who has not yet leaves it locked.
        steps = list(self.steps.change(wanted, actual, lock=wanted.locked or name not in self.shut))
        if not steps:
            self.out.unchanged += 1
            return
        self.out.steps += steps
        self.out.changed.append(name)
        before = "<another hash>" if other_password(wanted, actual) else "<hash>"
        self.out.before.add(lambda: self.dialect.describe(actual, before))
        self.out.after.add(lambda: self.dialect.describe(self.steps.outcome(wanted, actual)))
