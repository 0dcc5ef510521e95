# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Statements about accounts, in the dialect of one server. Pure.

No statement holds a password in clear; those with hashes say so by ``Statement.secret``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from .accounts_model import GLOBAL, Account, AccountName, Authentication, Grant, Limits, PasswordRules, Scope, Tls
from .quoting import quote_name, quote_text, unescape_pattern
from .server import ServerVersion

# MySQL takes hexadecimal literals after AS since 8.0.17 ("CREATE USER Statement").
_HEX_SINCE = (8, 0, 17)
_SHOWN_HASH = "<hash>"


class Statement(NamedTuple):
    """A statement, and whether it holds what nobody may see."""

    sql: str
    secret: bool = False


class Dialect(NamedTuple):
    """How one server wants its statements."""

    version: ServerVersion
    literal_schemas: bool = False
    """partial_revokes is on: schema names in grants are taken as they stand."""

    def name(self, account: Account | AccountName, is_role: bool = False) -> str:
        """An account or a role in a statement."""
        name = account if isinstance(account, AccountName) else account.name
        role = is_role or (isinstance(account, Account) and account.is_role)
        if self.version.mariadb and (role or not name.host):
            return quote_name(name.user)
        return f"{quote_text(name.user)}@{quote_text(name.host)}"

    def create(self, account: Account, new_password: str = "") -> list[Statement]:
        """CREATE USER (or ROLE) with everything but roles and grants.

        :param new_password: the password in clear of an account that brings no hash; nobody is to know it.
        """
        if account.is_role and self.version.mariadb:
            return [Statement(f"CREATE ROLE {self.name(account)}")]
        if not (account.name.user or self.version.mariadb or account.password.lifetime_days is None):
            # MySQL's CREATE USER takes no word of expiry for an account without a name; ALTER USER takes a lifetime.
            lasting = replace(account, password=account.password._replace(lifetime_days=None))
            return [*self.create(lasting, new_password), *self.alter(account, lasting, authentication=False)]
        if account.authentication:
            identified = self.identified(account.authentication)
        else:
            identified = f" IDENTIFIED BY {quote_text(new_password)}" if new_password else ""
        rules, afterwards = self._password(account, PasswordRules())
        clauses = [
            f"CREATE USER {self.name(account)}{identified}",
            self._tls(account.tls) if account.tls != Tls() else "",
            self._limits(account.limits, Limits()),
            "ACCOUNT LOCK" if account.locked else "",
            *rules,
            f"ATTRIBUTE {quote_text(account.attributes_json)}" if account.attributes_json else "",
        ]
        return [Statement(" ".join(filter(None, clauses)), bool(identified)), *afterwards]

    def set_password(self, account: Account, data_hex: str, retain: bool) -> Statement:
        """ALTER USER that sets the hash of the first plug-in, and with ``retain`` keeps the one before as second."""
        way = Authentication(account.authentication[0].plugin, data_hex)
        keep = " RETAIN CURRENT PASSWORD" if retain else ""
        return Statement(f"ALTER USER {self.name(account)}{self.identified((way,))}{keep}", True)

    def alter(self, wanted: Account, actual: Account, authentication: bool) -> list[Statement]:
        """ALTER USER for what differs, but for the lock; nothing where nothing does.

        :param authentication: set plug-in and hash, too.
        """
        clauses = []
        if wanted.tls != actual.tls:
            clauses.append(self._tls(wanted.tls))
        clauses += filter(None, [self._limits(wanted.limits, actual.limits)])
        # setting a hash ends an expiry, so that it has to be said again
        before = actual.password._replace(expired=False) if authentication else actual.password
        rules, afterwards = self._password(wanted, before)
        clauses += rules
        if wanted.attributes_json != actual.attributes_json:
            clauses.append(f"ATTRIBUTE {quote_text(_merge_patch(wanted.attributes_json, actual.attributes_json))}")
        identified = self.identified(wanted.authentication) if authentication else ""
        if not clauses and not identified:
            return afterwards
        altered = f"ALTER USER {self.name(wanted)}{identified} " + " ".join(clauses)
        return [Statement(altered.rstrip(), authentication), *afterwards]

    def expire(self, account: Account) -> Statement:
        """ALTER USER that has the password changed at the next login."""
        return Statement(f"ALTER USER {self.name(account)} PASSWORD EXPIRE")

    def discard_second_password(self, account: Account) -> Statement:
        """ALTER USER that takes the second password away, which setting the first one leaves."""
        return Statement(f"ALTER USER {self.name(account)} DISCARD OLD PASSWORD")

    def lock(self, account: Account) -> Statement:
        """ALTER USER that sets or takes off the lock."""
        return Statement(f"ALTER USER {self.name(account)} ACCOUNT {'LOCK' if account.locked else 'UNLOCK'}")

    def drop(self, account: Account) -> Statement:
        """DROP USER or ROLE."""
        kind = "ROLE" if account.is_role and self.version.mariadb else "USER"
        return Statement(f"DROP {kind} {self.name(account)}")

    def grant_role(self, role: AccountName, account: Account, admin: bool) -> Statement:
        """GRANT of a role."""
        option = " WITH ADMIN OPTION" if admin else ""
        return Statement(f"GRANT {self.name(role)} TO {self.name(account)}{option}")

    def revoke_role(self, role: AccountName, account: Account) -> Statement:
        """REVOKE of a role."""
        return Statement(f"REVOKE {self.name(role)} FROM {self.name(account)}")

    def default_roles(self, account: Account) -> Statement:
        """SET DEFAULT ROLE to what the account says, NONE included."""
        roles = ", ".join(self.name(role) for role in sorted(account.default_roles)) or "NONE"
        word = "FOR" if self.version.mariadb else "TO"
        return Statement(f"SET DEFAULT ROLE {roles} {word} {self.name(account)}")

    def grant(self, account: Account, grants: Mapping[Scope, Grant]) -> list[Statement]:
        """GRANT statements for these grants, as few as possible."""
        out = []
        for target, privileges, grantable in self._gathered(grants):
            names, option = ", ".join(privileges), " WITH GRANT OPTION" if grantable else ""
            if not privileges and target == "*.*":
                # GRANT GRANT OPTION would let MySQL 8 and later pass on all dynamic privileges, too.
                names = "USAGE"
            elif not privileges:
                names, option = "GRANT OPTION", ""
            out.append(Statement(f"GRANT {names} ON {target} TO {self.name(account)}{option}"))
        return out

    def revoke(self, account: Account, grants: Mapping[Scope, Grant]) -> list[Statement]:
        """REVOKE statements for these grants; grantable here means that the grant option goes as well."""
        out = []
        for target, privileges, grantable in self._gathered(grants):
            if target.startswith("PROXY") or privileges == ["PROXY"]:
                out.append(Statement(f"REVOKE PROXY ON {target} FROM {self.name(account)}"))
                continue
            names = privileges + (["GRANT OPTION"] if grantable and not _is_dynamic(grants, privileges) else [])
            out.append(Statement(f"REVOKE {', '.join(names)} ON {target} FROM {self.name(account)}"))
        return out

    def restrict(self, account: Account, schema: str, privileges: Iterable[str]) -> Statement:
        """REVOKE of a schema's share in a global grant (partial revoke)."""
        names = ", ".join(sorted(privileges))
        return Statement(f"REVOKE {names} ON {quote_name(schema)}.* FROM {self.name(account)}")

    def lift(self, account: Account, schema: str, privileges: Iterable[str]) -> Statement:
        """GRANT that gives a schema's share in a global grant back; it makes no grant of its own."""
        names = ", ".join(sorted(privileges))
        return Statement(f"GRANT {names} ON {quote_name(schema)}.* TO {self.name(account)}")

    def describe(self, account: Account, hash_text: str = _SHOWN_HASH) -> list[str]:
        """The account as statements for people to read; hashes are not shown.

        :param hash_text: what stands in a hash's place.
        """
        shown = account
        marks = {}
        if account.authentication:
            marks = {way.plugin: hash_text if way.data_hex else "" for way in account.authentication}
            shown = Account(**{**account.__dict__, "authentication": ()})
        lines = [statement.sql for statement in self.create(shown)]
        if marks:
            ways = [plugin + (f" {mark}" if mark else "") for plugin, mark in marks.items()]
            lines[0] += " -- " + " or ".join(ways)
        lines += [self.grant_role(role, account, admin).sql for role, admin in sorted(account.roles.items())]
        lines += [statement.sql for statement in self.grant(account, account.grants)]
        lines += [self.restrict(account, schema, names).sql for schema, names in sorted(account.restrictions.items())]
        if account.default_roles:
            lines.append(self.default_roles(account).sql)
        return lines

    def object_name(self, scope: Scope) -> str:
        """What stands after ON in a GRANT for a scope."""
        if scope.level in ("global", "dynamic"):
            return "*.*"
        if scope.level == "proxy":
            return f"{quote_text(scope.name)}@{quote_text(scope.detail)}"
        schema = scope.schema
        if scope.level == "schema":
            return quote_name(unescape_pattern(schema) if self.literal_schemas else schema) + ".*"
        kind = f"{scope.detail} " if scope.level == "routine" else ""
        return f"{kind}{quote_name(schema)}.{quote_name(scope.name)}"

    def identified(self, ways: tuple[Authentication, ...]) -> str:
        """The IDENTIFIED clause, with a space before it; "" for no way at all."""
        if not ways:
            return ""
        if self.version.mariadb:
            told = [
                quote_name(way.plugin) + (f" USING {quote_text(_text(way.data_hex))}" if way.data_hex else "")
                for way in ways
            ]
            return " IDENTIFIED VIA " + " OR ".join(told)
        way = ways[0]
        data = ""
        if way.data_hex:
            printable = all(0x20 <= byte < 0x7F for byte in bytes.fromhex(way.data_hex))
            as_hex = not printable and self.version.number >= _HEX_SINCE
            data = f" AS 0x{way.data_hex}" if as_hex else f" AS {quote_text(_text(way.data_hex))}"
        return f" IDENTIFIED WITH {quote_text(way.plugin)}{data}"

    def _gathered(self, grants: Mapping[Scope, Grant]) -> list[tuple[str, list[str], bool]]:
        """Grants that fit into one statement together: (object, privileges with their columns, grant option)."""
        dynamic: dict[bool, list[str]] = defaultdict(list)
        columns: dict[Scope, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        plain: dict[Scope, Grant] = {}
        for scope, grant in sorted(grants.items()):
            if scope.level == "dynamic":
                dynamic[grant.grantable].append(scope.name)
            elif scope.level == "column":
                table = Scope("table", scope.schema, scope.name)
                plain.setdefault(table, Grant(frozenset()))
                for privilege in grant.privileges:
                    columns[table][privilege].append(scope.detail)
            else:
                plain[scope] = grant
        out = []
        for scope, grant in sorted(plain.items(), key=lambda item: (item[0] != GLOBAL, item[0])):
            names = sorted(grant.privileges) + [
                f"{privilege} ({', '.join(quote_name(column) for column in sorted(named))})"
                for privilege, named in sorted(columns[scope].items())
            ]
            out.append((self.object_name(scope), names, grant.grantable))
        for grantable, names in sorted(dynamic.items()):
            out.append(("*.*", sorted(names), grantable))
        return out

    def _tls(self, tls: Tls) -> str:
        if tls.require == "specified":
            parts = [
                f"{word} {quote_text(value)}"
                for word, value in (("SUBJECT", tls.subject), ("ISSUER", tls.issuer), ("CIPHER", tls.cipher))
                if value
            ]
            return "REQUIRE " + " AND ".join(parts) if parts else "REQUIRE NONE"
        return "REQUIRE " + {"any": "SSL", "x509": "X509"}.get(tls.require, "NONE")

    def _limits(self, limits: Limits, before: Limits) -> str:
        """The clause for the limits that differ; "" where none does."""
        told = [
            ("MAX_QUERIES_PER_HOUR", limits.queries_per_hour, before.queries_per_hour),
            ("MAX_UPDATES_PER_HOUR", limits.updates_per_hour, before.updates_per_hour),
            ("MAX_CONNECTIONS_PER_HOUR", limits.connections_per_hour, before.connections_per_hour),
            ("MAX_USER_CONNECTIONS", limits.user_connections, before.user_connections),
        ]
        words = [f"{name} {number}" for name, number, other in told if number != other]
        if self.version.mariadb and limits.statement_seconds != before.statement_seconds:
            words.append(f"MAX_STATEMENT_TIME {limits.statement_seconds:f}")
        return "WITH " + " ".join(words) if words else ""

    def _password(self, account: Account, before: PasswordRules) -> tuple[list[str], list[Statement]]:
        """The clauses for what differs, and what has to be said in a statement of its own afterwards."""
        wanted, out = account.password, []
        afterwards: list[Statement] = []
        if wanted.lifetime_days != before.lifetime_days:
            days = wanted.lifetime_days
            how = "DEFAULT" if days is None else "NEVER" if days == 0 else f"INTERVAL {days} DAY"
            out.append(f"PASSWORD EXPIRE {how}")
        if wanted.expired and not before.expired:
            if out:
                # MariaDB takes one PASSWORD clause a statement; MySQL takes both and forgets the lifetime.
                afterwards.append(self.expire(account))
            else:
                out.append("PASSWORD EXPIRE")
        if wanted.history != before.history:
            out.append(f"PASSWORD HISTORY {_or_default(wanted.history)}")
        if wanted.reuse_days != before.reuse_days:
            days_text = "DEFAULT" if wanted.reuse_days is None else f"{wanted.reuse_days} DAY"
            out.append(f"PASSWORD REUSE INTERVAL {days_text}")
        if wanted.require_current != before.require_current:
            word = {None: " DEFAULT", True: "", False: " OPTIONAL"}[wanted.require_current]
            out.append(f"PASSWORD REQUIRE CURRENT{word}")
        if wanted.failed_attempts != before.failed_attempts:
            out.append(f"FAILED_LOGIN_ATTEMPTS {wanted.failed_attempts}")
        if wanted.lock_days != before.lock_days:
            out.append(f"PASSWORD_LOCK_TIME {'UNBOUNDED' if wanted.lock_days < 0 else wanted.lock_days}")
        return out, afterwards


def _is_dynamic(grants: Mapping[Scope, Grant], privileges: list[str]) -> bool:
    return any(Scope("dynamic", "", name) in grants for name in privileges)


def _merge_patch(wanted: str, actual: str) -> str:
    """The object that ATTRIBUTE merges into the present one (RFC 7396) so that the wanted one comes out."""
    return json.dumps(_patch(json.loads(wanted or "{}"), json.loads(actual or "{}")), ensure_ascii=False)


def _patch(wanted: dict[str, Any], actual: dict[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = dict.fromkeys(actual)
    for name, value in wanted.items():
        before = actual.get(name)
        patch[name] = _patch(value, before) if isinstance(value, dict) and isinstance(before, dict) else value
    return patch


def _or_default(value: int | None) -> str:
    return "DEFAULT" if value is None else str(value)


def _text(data_hex: str) -> str:
    return bytes.fromhex(data_hex).decode("utf-8", "surrogateescape")
