# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Decides in what the accounts of two servers differ, by the model in which they travel. No I/O.

No hash is shown, and what an account cannot keep on the way is told as expected, with the reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .accounts_document import Skipped
from .accounts_memberships import with_known_roles
from .accounts_model import Account, AccountName, Grant, Scope, difference
from .accounts_names import taken_names
from .accounts_target import Target
from .accounts_translate import Translator
from .comparison import around_the_difference
from .comparison_model import ERROR, EXPECTED, Difference, LeftBehind
from .reserved_accounts import system_reason
from .server import ServerVersion

"""(account, the part of it or "" for all) to the reason, as the module that brings accounts told them."""

_GRANTS_ON = re.compile(r"(.*) ON (.*)", re.DOTALL)


class SourceAccounts(NamedTuple):
    """The source's side of the comparison.

    :ivar login: the account that reads them.
    """

    version: ServerVersion
    accounts: Collection[Account]
    login: AccountName


def compare_accounts(
    source: SourceAccounts, actual: Iterable[Account], target: Target, left_behind: LeftBehind
) -> Iterator[Difference]:
    """The differences between the accounts that are not the servers' own, a privilege's object at a time.

    :param actual: all accounts of the target.
    :param target: whose rights decide what can have come.
    """
    comparison = _Comparison(source, {account.name: account for account in actual}, target, left_behind)
    return comparison.differences()


class _Comparison:
    def __init__(
        self, source: SourceAccounts, actual: Mapping[AccountName, Account], target: Target, left_behind: LeftBehind
    ) -> None:
        self._source = source
        self._actual = actual
        self._target = target
        self._left_behind = left_behind
        self._left_grants = _left_grants(left_behind)

    def differences(self) -> Iterator[Difference]:
        taken = taken_names(
            self._source.accounts, self._actual, self._target.current_user, self._target.version.mariadb
        )
        translator = Translator(self._source.version, self._target, "new_password", taken)
        translated = []
        for account in sorted(self._source.accounts, key=lambda one: one.name):
            if not system_reason(account.name):
                noted = len(translator.skipped)
                wanted = translator.translate(account)
                translated.append((account, wanted, translator.skipped[noted:]))
        names = {(wanted or account).name for account, wanted, _notes in translated}
        known = names | set(self._actual) | self._target.hidden
        for account, wanted, notes in translated:
            name = (wanted or account).name
            if name in self._target.hidden:
                continue
            found = self._actual.get(name)
            if wanted is not None and found is not None:
                wanted, unknown_roles = with_known_roles(wanted, self._actual, known, self._target)
                renewed = name in translator.renewed
                yield from self._same_name(account, wanted, found, [*notes, *unknown_roles], renewed)
            elif found is None:
                yield self._missing(account, notes, wanted is None or name in translator.renewed)
            else:
                yield from _lost(notes)
        for name in sorted(set(self._actual) - names):
            if not system_reason(name):
                yield Difference(
                    "account.extra", name.label, "", "there", EXPECTED, "An account that only the target has."
                )

    def _missing(self, account: Account, notes: list[Skipped], cannot_travel: bool) -> Difference:
        label = account.name.label
        reason = self._left_behind.get((label, ""))
        if reason is None and cannot_travel:
            reason = notes[0].reason
        if reason is None and account.name == self._source.login:
            reason = "it is the account of the migration itself"
        if reason is None:
            return Difference("account.missing", label, "there", "", ERROR, "The target does not have it.")
        note = f"It was left behind: {reason}" if reason else "It was left behind."
        return Difference("account.missing", label, "there", "", EXPECTED, note)

    def _same_name(
        self, account: Account, wanted: Account, found: Account, notes: list[Skipped], renewed: bool
    ) -> Iterator[Difference]:
        label = account.name.label
        of_all = self._left_behind.get((label, ""))
        if of_all is None and account.name in (self._source.login, self._target.current_user):
            of_all = "the migration logs in by an account of this name and leaves it alone"
        for each in self._parts(account, wanted, found, renewed):
            if each.severity == ERROR and of_all is not None:
                note = f"The account was left alone: {of_all}" if of_all else "The account was left alone."
                yield Difference(each.kind, label, each.source, each.target, EXPECTED, note)
            else:
                yield each
        yield from _lost(notes)

    def _parts(self, account: Account, wanted: Account, found: Account, renewed: bool) -> Iterator[Difference]:
        label = account.name.label
        if wanted.is_role != found.is_role:
            kinds = ["role" if one.is_role else "user" for one in (wanted, found)]
            yield Difference("account.kind", label, *kinds)
            return
        if not wanted.is_role:
            yield from self._password(label, wanted, found)
            yield from _attributes(label, wanted, found, renewed)
        yield from self._roles(label, wanted, found)
        yield from self._missing_grants(label, wanted, found)
        for text in self._shown(wanted, difference(found.grants, _union(wanted.grants, account.grants))):
            note = "The account may do more than on the source. Revoke it, if nobody gave it on purpose."
            yield Difference("account.extra_grants", label, "", text, ERROR, note)
        for schema in sorted(set(wanted.restrictions) | set(found.restrictions)):
            ours, theirs = (one.restrictions.get(schema, frozenset()) for one in (wanted, found))
            if ours != theirs:
                shown = [", ".join(sorted(one)) + f" ON {schema}.*" if one else "" for one in (ours, theirs)]
                yield Difference("account.partial_revokes", label, *shown)

    def _password(self, label: str, wanted: Account, found: Account) -> Iterator[Difference]:
        # An account whose plug-in the target does not have brings none.
        if wanted.authentication and wanted.authentication != found.authentication:
            plugins = [" or ".join(way.plugin for way in one.authentication) for one in (wanted, found)]
            if plugins[0] == plugins[1]:
                plugins[1] += ", another hash"
            yield self._told(label, "password", Difference("account.password", label, *plugins))
        if wanted.authentication and wanted.second_password_hex != found.second_password_hex:
            shown = ["there" if one.second_password_hex else "" for one in (wanted, found)]
            if all(shown):
                shown[1] = "another one"
            yield self._told(label, "second password", Difference("account.second_password", label, *shown))

    def _roles(self, label: str, wanted: Account, found: Account) -> Iterator[Difference]:
        for role in sorted(set(wanted.roles) | set(found.roles)):
            shown = [_membership(role, one.roles.get(role)) for one in (wanted, found)]
            if shown[0] != shown[1]:
                yield self._told(label, f"membership in role {role.label}", Difference("account.roles", label, *shown))
        if wanted.default_roles != found.default_roles:
            shown = [", ".join(role.label for role in sorted(one.default_roles)) for one in (wanted, found)]
            yield self._told(label, "default roles", Difference("account.default_roles", label, *shown))

    def _missing_grants(self, label: str, wanted: Account, found: Account) -> Iterator[Difference]:
        """What is missing, without what was left behind on purpose, which is told beside it."""
        missing = {}
        for scope, grant in difference(wanted.grants, found.grants).items():
            left = {name: self._left_grant(label, scope, name) for name in grant.privileges}
            kept = Grant(frozenset(name for name, reason in left.items() if reason is None), grant.grantable)
            for name, reason in sorted(left.items()):
                if reason is not None:
                    (text,) = self._shown(wanted, {scope: Grant(frozenset({name}))})
                    yield Difference("account.grants", label, text, "", EXPECTED, f"It was left behind: {reason}")
            if kept.privileges or (kept.grantable and not grant.privileges):
                missing[scope] = kept
        for text in self._shown(wanted, missing):
            yield Difference("account.grants", label, text, "", ERROR, "The account lacks it on the target.")

    def _left_grant(self, label: str, scope: Scope, privilege: str) -> str | None:
        """Why a privilege was left behind; None where it was not."""
        for names, reason in self._left_grants.get((label, self._target.dialect.object_name(scope)), ()):
            if names == "grants" or re.search(rf"(^|, ){re.escape(privilege)}(,| \(|$)", names):
                return reason
        return None

    def _shown(self, account: Account, grants: Mapping[Scope, Grant]) -> list[str]:
        """Grants as a person reads them, an entry for each object."""
        statements = self._target.dialect.grant(account, grants)
        ending = f" TO {self._target.dialect.name(account)}"
        return [
            (before[len("GRANT ") :] + after).replace("USAGE ON *.* WITH GRANT OPTION", "GRANT OPTION ON *.*")
            for before, _account, after in (statement.sql.rpartition(ending) for statement in statements)
        ]

    def _told(self, label: str, part: str, found: Difference) -> Difference:
        """The difference, as expected where the part was left behind on purpose."""
        reason = self._left_behind.get((label, part))
        if reason is None:
            return found
        return Difference(found.kind, label, found.source, found.target, EXPECTED, f"It was left behind: {reason}")


def _attributes(label: str, wanted: Account, found: Account, renewed: bool) -> Iterator[Difference]:
    for kind, rules, others in (
        ("tls", wanted.tls, found.tls),
        ("limits", wanted.limits, found.limits),
        ("password_rules", wanted.password, found.password),
    ):
        if rules != others:
            yield Difference(f"account.{kind}", label, *_unlike_fields(rules._asdict(), others._asdict()))
    if wanted.locked != found.locked:
        ours, theirs = ("locked" if one.locked else "not locked" for one in (wanted, found))
        note = "No plug-in of the target takes its credentials, so that it waits for a password." if renewed else ""
        severity = EXPECTED if renewed and found.locked else ERROR
        yield Difference("account.lock", label, ours, theirs, severity, note)
    if wanted.attributes_json != found.attributes_json:
        yield Difference(
            "account.attributes", label, *around_the_difference(wanted.attributes_json, found.attributes_json)
        )


def _unlike_fields(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Both sides' values of the fields that differ, as text."""
    unlike = [name for name, value in ours.items() if value != theirs[name]]
    return [
        ", ".join(f"{name} {'default' if one[name] is None else one[name]}" for name in unlike)
        for one in (ours, theirs)
    ]


def _membership(role: AccountName, admin: bool | None) -> str:
    if admin is None:
        return ""
    return role.label + (" with admin option" if admin else "")


def _lost(notes: Iterable[Skipped]) -> Iterator[Difference]:
    """What does not travel of one account, together where the reason is the same."""
    by_reason: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for note in notes:
        by_reason[note.account, note.reason, note.remedy].append(note.what)
    for (label, reason, remedy), parts in by_reason.items():
        told = ". ".join(part.rstrip(".") for part in (reason, remedy) if part)
        shown, _nothing = around_the_difference(", ".join(parts), "")
        yield Difference("account.left_behind", label, shown, "", EXPECTED, f"It does not travel: {told}.")


def _union(these: Mapping[Scope, Grant], those: Mapping[Scope, Grant]) -> dict[Scope, Grant]:
    nothing = Grant(frozenset())
    return {
        scope: Grant(
            these.get(scope, nothing).privileges | those.get(scope, nothing).privileges,
            these.get(scope, nothing).grantable or those.get(scope, nothing).grantable,
        )
        for scope in {*these, *those}
    }


def _left_grants(left_behind: LeftBehind) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(account, object) to what was left behind of the grants on it: (privileges, reason)."""
    out: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for (label, part), reason in left_behind.items():
        told = _GRANTS_ON.fullmatch(part)
        if told:
            out[label, told[2]].append((told[1], reason))
    return out
