# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The statements that make one account, change it into another, or drop it. Pure."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from .accounts_model import GLOBAL, Account, AccountName, Grant, difference
from .accounts_render import Dialect, Statement
from .quoting import unescape_pattern


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


class Steps(NamedTuple):
    """What has to be said on one server, for accounts in its terms."""

    dialect: Dialect
    purge: bool
    """Whether grants and roles that an account has there only are taken away."""
    stand_ins: Mapping[str, Sequence[str]] = MappingProxyType({})
    """The schemas where accounts without a name have rights, and what we may grant there."""

    def create(self, wanted: Account, new_password: str) -> Iterator[Step]:
        """What makes an account.

        :param new_password: as for ``Dialect.create``.
        """
        name = wanted.name
        first = wanted
        if wanted.second_password_hex:
            way = wanted.authentication[0]._replace(data_hex=wanted.second_password_hex)
            # Setting the other password would end the expiry.
            first = replace(wanted, authentication=(way,), password=wanted.password._replace(expired=False))
        for statement in self.dialect.create(first, new_password):
            yield _step(Phase.CREATE, name, statement, "account")
        if wanted.second_password_hex:
            statement = self.dialect.set_password(wanted, wanted.authentication[0].data_hex, retain=True)
            yield _step(Phase.ALTER, name, statement, "second password")
            if wanted.password.expired:
                yield _step(Phase.ALTER, name, self.dialect.expire(wanted), "password")
        yield from self._rights(wanted, Account(name))

    def change(self, wanted: Account, actual: Account, lock: bool) -> Iterator[Step]:
        """What makes an account that is there the wanted one; nothing where they are equal.

        :param lock: whether the lock is brought, too.
        """
        if not wanted.is_role:
            yield from self._attributes(wanted, actual)
        yield from self._rights(wanted, actual)
        if lock and not wanted.is_role and wanted.locked != actual.locked:
            yield _step(Phase.LOCK, wanted.name, self.dialect.lock(wanted), "lock")

    def drop(self, actual: Account) -> Step:
        """What drops an account."""
        return _step(Phase.DROP, actual.name, self.dialect.drop(actual), "account")

    def outcome(self, wanted: Account, actual: Account) -> Account:
        """What an account that is there will be after ``change``."""
        if self.purge:
            return wanted
        grants = dict(actual.grants)
        for scope, grant in wanted.grants.items():
            other = grants.get(scope, Grant(frozenset()))
            grants[scope] = Grant(grant.privileges | other.privileges, grant.grantable or other.grantable)
        roles = {role: admin or wanted.roles.get(role, False) for role, admin in actual.roles.items()}
        return replace(
            wanted,
            grants=grants,
            roles={**wanted.roles, **roles},
            default_roles=self._default_roles(wanted, actual),
            authentication=wanted.authentication or actual.authentication,
        )

    def _attributes(self, wanted: Account, actual: Account) -> Iterator[Step]:
        """Steps for all but roles, grants and the lock."""
        name, second = wanted.name, wanted.second_password_hex
        other = other_password(wanted, actual)
        revived = bool(wanted.authentication) and actual.password.expired and not wanted.password.expired
        retained = other and bool(second)
        compared = actual
        if retained:
            for data_hex, retain in ((second, False), (wanted.authentication[0].data_hex, True)):
                yield _step(Phase.ALTER, name, self.dialect.set_password(wanted, data_hex, retain), "password")
            compared = replace(actual, password=actual.password._replace(expired=False))
        for statement in self.dialect.alter(wanted, compared, (other or revived) and not retained):
            yield _step(Phase.ALTER, name, statement, "account")
        if wanted.authentication and actual.second_password_hex and not second:
            yield _step(Phase.ALTER, name, self.dialect.discard_second_password(wanted), "second password")

    def _rights(self, wanted: Account, actual: Account) -> Iterator[Step]:
        yield from self._memberships(wanted, actual)
        yield from self._grants(wanted, actual)
        after = self._default_roles(wanted, actual)
        if after != actual.default_roles:
            statement = self.dialect.default_roles(replace(wanted, default_roles=after))
            yield _step(Phase.DEFAULT_ROLE, wanted.name, statement, "default roles")

    def _default_roles(self, wanted: Account, actual: Account) -> frozenset[AccountName]:
        """The default roles that an account gets; MariaDB's have one."""
        if self.purge or (self.dialect.version.mariadb and wanted.default_roles):
            return wanted.default_roles
        return wanted.default_roles | actual.default_roles

    def _memberships(self, wanted: Account, actual: Account) -> Iterator[Step]:
        for role, admin in sorted(wanted.roles.items()):
            held = actual.roles.get(role)
            if held is None or (admin and not held):
                statement = self.dialect.grant_role(role, wanted, admin)
                yield _step(Phase.ROLE, wanted.name, statement, f"membership in role {role.label}")
        if self.purge:
            for role in sorted(set(actual.roles) - set(wanted.roles)):
                yield _step(Phase.ROLE, wanted.name, self.dialect.revoke_role(role, wanted), f"role {role.label}")

    def _grants(self, wanted: Account, actual: Account) -> Iterator[Step]:
        missing = difference(wanted.grants, actual.grants)
        for statement in self.dialect.grant(wanted, missing):
            yield _grant_step(wanted, statement)
        everywhere = wanted.grants.get(GLOBAL, Grant(frozenset())).privileges
        for schema, privileges in sorted(actual.restrictions.items()):
            # What the account has everywhere on the source, it lacks there; other privileges are the target's own.
            surplus = privileges & everywhere - wanted.restrictions.get(schema, frozenset())
            if surplus:
                yield _grant_step(wanted, self.dialect.lift(wanted, schema, surplus))
        for schema, privileges in sorted(wanted.restrictions.items()):
            lacking = privileges - actual.restrictions.get(schema, frozenset())
            if lacking:
                yield from self._restrict(wanted, actual, schema, lacking)
        if self.purge:
            surplus_grants = difference(actual.grants, wanted.grants)
            # The option alone cannot be taken from these: they go with it, and come back without.
            again = {
                scope: wanted.grants[scope]
                for scope in surplus_grants
                if scope.level in ("dynamic", "proxy") and scope in wanted.grants
            }
            for statement in (*self.dialect.revoke(wanted, surplus_grants), *self.dialect.grant(wanted, again)):
                yield _grant_step(wanted, statement)

    def _restrict(self, wanted: Account, actual: Account, schema: str, privileges: Collection[str]) -> Iterator[Step]:
        """A partial revoke.

        MySQL looks first for the account's own grants in the schema, and takes those of an account without a name for
        them where there are none, so that the revoke fails by error 1141 (seen at 9.7). One of its own for that moment
        keeps it from that.
        """
        held = (scope for scope in (*wanted.grants, *actual.grants) if scope.level == "schema")
        own = any(unescape_pattern(scope.schema) == schema for scope in held)
        # Granted and revoked, it must not end a restriction.
        restricted = wanted.restrictions[schema] | actual.restrictions.get(schema, frozenset())
        usable = [] if own else [name for name in self.stand_ins.get(schema, ()) if name not in restricted]
        if usable:
            yield _grant_step(wanted, self.dialect.lift(wanted, schema, usable[:1]))
        yield _grant_step(wanted, self.dialect.restrict(wanted, schema, privileges))
        if usable:
            yield _grant_step(wanted, self.dialect.restrict(wanted, schema, usable[:1]))


def other_password(wanted: Account, actual: Account) -> bool:
    """Whether an account proves itself in another way than the wanted one.

    One that is made locked, because its plug-in cannot travel, keeps whatever password it has by now.
    """
    second = wanted.second_password_hex
    return bool(wanted.authentication) and (
        wanted.authentication != actual.authentication or (bool(second) and second != actual.second_password_hex)
    )


def _step(phase: Phase, name: AccountName, statement: Statement, what: str) -> Step:
    return Step(phase, name, statement.sql, statement.secret, what)


def _grant_step(wanted: Account, statement: Statement) -> Step:
    return _step(Phase.GRANT, wanted.name, statement, _shown_grant(statement.sql))


def _shown_grant(sql: str) -> str:
    """A GRANT or REVOKE without its verb and its account."""
    body = sql.split(" ", 1)[1]
    if body.startswith("USAGE ON "):
        body = body.replace("USAGE", "GRANT OPTION", 1)
    for word in (" TO '", " TO `", " FROM '", " FROM `"):
        body = body.rsplit(word, 1)[0]
    return body
