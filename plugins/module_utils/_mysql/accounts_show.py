# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""SHOW CREATE USER and SHOW GRANTS as an account of the neutral model. Pure.

The grammar is that of MySQL's pages "SHOW CREATE USER Statement", "CREATE USER Statement" and "SHOW GRANTS Statement",
and of their MariaDB namesakes; what servers escape and what not was seen at MySQL 5.6, 9.7 and MariaDB 10.11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from .accounts_model import Account, AccountName, Authentication, Grant, Limits, Scope, Tls
from .grants import Granted, parse_grants
from .privileges import rights_of
from .quoting import escape_pattern, quote_name, quote_text
from .server import ServerVersion

_LITERAL = r"'(?:[^'\\]|''|\\.)*'"
_NAME = r"`(?:[^`]|``)*`"
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
# What plug-ins keep of a password; salts may hold any character, quotes and line ends among them.
_HASHES = re.compile(r"\*[0-9A-F]{40}|[0-9a-f]{16}|\$5\$.{20}\$.{43}|\$A\$\d{3}\$.{63}", re.DOTALL)
_OLD_HASH = re.compile(r"[0-9a-f]{16}")
_NATIVE, _OLD, _SHA256 = "mysql_native_password", "mysql_old_password", "sha256_password"

# The text after the account's name in a line of SHOW GRANTS of servers before 5.7: the hash stands there, or its place.
_OLD_PASSWORD_CLAUSE = re.compile(r" IDENTIFIED BY PASSWORD(?: '(?P<hash>\$5\$.{20}\$.{43}|[^']*)')?(?= |$)", re.DOTALL)
_OLD_COLUMNS = re.compile(r"(?<=\w) \((?P<names>[^`].*?)\)(?=, [A-Z]|$)", re.DOTALL)
_GRANT_OPTION = re.compile(r" WITH (GRANT|ADMIN) OPTION(?= |$)")


class GrantLines(NamedTuple):
    """What SHOW GRANTS says of one account, in the form that ``parse_grants`` reads."""

    lines: list[str]
    default_roles: frozenset[AccountName]
    tail: str
    """What follows the account's name in the line of the global privileges, but for GRANT OPTION."""


def grant_lines(name: AccountName, shown: Iterable[str]) -> GrantLines:
    """The lines of SHOW GRANTS that are about an account itself; MariaDB adds those of the roles that a role has.

    Servers before MySQL 8 and MariaDB 10.4 write names as they are, between single quotes without escapes, and columns
    without quotes.

    :raises ValueError: a line has no grantee.
    """
    lines, roles, tail = [], set(), ""
    for line in shown:
        if line.startswith("SET DEFAULT ROLE "):
            found = re.match(rf"SET DEFAULT ROLE ({_NAME})", line)
            if not found:
                raise ValueError("the default role is missing")
            roles.add(AccountName(_plain(found[1]), ""))
            continue
        parts = _at_grantee(line, name)
        if parts is None:
            if not re.search(rf" (?:TO|FROM) (?:{_NAME}|PUBLIC|')", line):
                raise ValueError("a line of SHOW GRANTS has no grantee")
            continue
        head, rest = parts
        if " ON *.* " in head:
            tail = _GRANT_OPTION.sub(" WITH", rest) or tail
        option = _GRANT_OPTION.search(rest)
        lines.append(head + quote_name(name.user) + (option[0] if option else ""))
    return GrantLines(lines, frozenset(roles), tail)


def _at_grantee(line: str, name: AccountName) -> tuple[str, str] | None:
    """A line before and after its grantee; None where that is somebody else."""
    for words, old_style in _spellings(name):
        for verb in (" TO ", " FROM "):
            found = re.search(re.escape(verb) + words + r"(?= |$)", line)
            if found:
                head = line[: found.start()]
                if old_style:
                    privileges, on, target = head.rpartition(" ON ")
                    head = _OLD_COLUMNS.sub(_with_quoted_names, privileges) + on + target
                return head + verb, line[found.end() :]
    return None


def _spellings(name: AccountName) -> list[tuple[str, bool]]:
    """How servers write an account's name, as patterns, and whether that is the way of old servers."""

    def at(user: str, host: str) -> str:
        return f"{re.escape(user)}@(?i:{re.escape(host)})"

    out = [
        (at(quote_name(name.user), quote_name(name.host)), False),
        (at(f"'{name.user}'", f"'{name.host}'"), True),
        (at(quote_text(name.user), quote_text(name.host)), True),
    ]
    if not name.host:
        # a role of MariaDB
        out += [(re.escape(shown), False) for shown in (quote_name(name.user), f"'{name.user}'", name.user)]
    return out


def _with_quoted_names(found: re.Match[str]) -> str:
    return " (" + ", ".join(quote_name(name) for name in found["names"].split(", ")) + ")"


def with_grants(account: Account, shown: GrantLines, version: ServerVersion, literal_schemas: bool) -> Account:
    """The account with all that SHOW GRANTS says of it.

    :param literal_schemas: the server has partial_revokes on and reads schema names of grants as they stand.
    :raises MysqlError: ``grants.unreadable`` for a line that does not follow the grammar.
    """
    granted = parse_grants(shown.lines)
    return replace(
        account,
        grants=_scopes(granted, version, literal_schemas),
        roles=granted.roles,
        default_roles=shown.default_roles or account.default_roles,
        restrictions=granted.restrictions,
    )


def _scopes(granted: Granted, version: ServerVersion, literal_schemas: bool) -> dict[Scope, Grant]:
    held = rights_of(granted, version).grants
    if not literal_schemas:
        return dict(held)
    return {
        scope._replace(schema=escape_pattern(scope.schema)) if scope.level == "schema" else scope: grant
        for scope, grant in held.items()
    }


def account_of_grants(name: AccountName, tail: str) -> Account:
    """The account that SHOW GRANTS of servers without SHOW CREATE USER describes; its grants are left out.

    :param tail: as ``grant_lines`` gave it.
    :raises ValueError: it does not say how the account logs in. The password's hash is shown to administrators only,
        and a plug-in that keeps none is not shown at all.
    """
    found = _OLD_PASSWORD_CLAUSE.match(tail)
    if not found:
        raise ValueError("SHOW GRANTS of this server does not tell an account without password from one with a plug-in")
    if not found["hash"]:
        raise ValueError("the server hides its password's hash from the account that reads")
    stored = found["hash"]
    plugin = _SHA256 if stored.startswith("$5$") else _of_native_family(stored)
    clauses = _Clauses(tail[found.end() :], Account(name, authentication=(_way(plugin, stored),)), escaped=False)
    return clauses.read()


def account_of_create_user(name: AccountName, shown: Sequence[str], version: ServerVersion) -> Account:
    """The account that SHOW CREATE USER describes; its grants and MariaDB's default role are left out.

    :param shown: its rows. MariaDB adds an ALTER USER for what does not fit into one statement.
    :raises ValueError: it follows another grammar, or says less than is needed to make the account again.
    """
    account = Account(name)
    for line in shown:
        text = re.sub(r"^(?:CREATE|ALTER) USER ", "", line)
        for words, _old_style in _spellings(name):
            found = re.match(words + r"(?= |$)", text)
            if found:
                break
        else:
            raise ValueError("it does not name the account")
        account = _Clauses(text[found.end() :], account, escaped=version.mariadb).read()
    if version.mariadb and not account.authentication:
        account = replace(account, authentication=(_way(_NATIVE, ""),))
    if not account.authentication:
        raise ValueError("it does not say how the account logs in")
    return account


class _Clauses:
    """The clauses that follow an account's name, from left to right."""

    def __init__(self, text: str, account: Account, escaped: bool) -> None:
        self.text = text
        self.account = account
        self.escaped = escaped
        """Whether the texts of REQUIRE carry escapes: MySQL leaves them out."""

    def read(self) -> Account:
        while self.text.strip():
            for pattern, take in _GRAMMAR:
                found = pattern.match(self.text)
                if found:
                    self.text = self.text[found.end() :]
                    take(self, found)
                    break
            else:
                # Whatever it is, it may be a secret: only its keyword is shown.
                word = re.match(r" ?([A-Z_]*)", self.text)
                raise ValueError(f"the clause {word[1] if word else ''} is not known")
        return self.account

    def _with(self, **members: object) -> None:
        self.account = replace(self.account, **members)  # type: ignore[arg-type]

    def _rule(self, **members: object) -> None:
        self._with(password=self.account.password._replace(**members))

    def several_factors(self, _found: re.Match[str]) -> None:
        raise ValueError("it logs in with more than one factor")

    def by_plugin(self, found: re.Match[str]) -> None:
        """MySQL: one plug-in, and what it keeps, as digits or between quotes."""
        if found["secret"]:
            raise ValueError("the server hides its password's hash from the account that reads")
        plugin = _unquoted(found["plugin"])
        if found["hex"]:
            way = Authentication(plugin, found["hex"].upper())
        else:
            way = _way(plugin, _stored(found["text"]) if found["text"] else "")
        self._with(authentication=(way,))

    def by_password(self, found: re.Match[str]) -> None:
        """MariaDB: its default plug-in."""
        stored = _unquoted(found["text"])
        self._with(authentication=(_way(_of_native_family(stored), stored),))

    def via_plugins(self, found: re.Match[str]) -> None:
        """MariaDB: one plug-in or several."""
        ways = []
        for way in re.finditer(rf"(?:VIA|OR) (\w+)(?: USING ({_LITERAL}))?", found[0], re.DOTALL):
            ways.append(_way(way[1], _unquoted(way[2]) if way[2] else ""))
        self._with(authentication=tuple(ways))

    def default_roles(self, found: re.Match[str]) -> None:
        pairs = re.findall(rf"({_NAME})@({_NAME})", found[0])
        self._with(default_roles=frozenset(AccountName(_plain(user), _plain(host).lower()) for user, host in pairs))

    def require(self, found: re.Match[str]) -> None:
        require = {"NONE": "none", "SSL": "any", "X509": "x509"}[found[1]]
        self._with(tls=Tls(require))

    def require_these(self, found: re.Match[str]) -> None:
        words = {"cipher": "", "issuer": "", "subject": ""}
        for part in _CERTIFICATE_PART.finditer(found[0]):
            words[part[1].lower()] = _unescaped(part[2]) if self.escaped else part[2]
        self._with(tls=Tls("specified", **words))

    def limits(self, found: re.Match[str]) -> None:
        numbers = {_LIMITS[word]: float(number) for word, number in re.findall(r"(MAX_\w+) ([\d.]+)", found[0])}
        self._with(limits=Limits(**{k: v if k == "statement_seconds" else int(v) for k, v in numbers.items()}))

    def expire(self, found: re.Match[str]) -> None:
        if found["days"]:
            self._rule(lifetime_days=int(found["days"]))
        elif found["word"] == "NEVER":
            self._rule(lifetime_days=0)
        elif not found["word"]:
            self._rule(expired=True)

    def history(self, found: re.Match[str]) -> None:
        self._rule(history=int(found[1]) if found[1] else None)

    def reuse(self, found: re.Match[str]) -> None:
        self._rule(reuse_days=int(found[1]) if found[1] else None)

    def require_current(self, found: re.Match[str]) -> None:
        self._rule(require_current={"DEFAULT": None, "OPTIONAL": False}.get(found[1], True))

    def failed_logins(self, found: re.Match[str]) -> None:
        self._rule(failed_attempts=int(found[1]))

    def lock_time(self, found: re.Match[str]) -> None:
        self._rule(lock_days=-1 if found[1] == "UNBOUNDED" else int(found[1]))

    def lock(self, found: re.Match[str]) -> None:
        self._with(locked=found[1] == "LOCK")

    def attribute(self, found: re.Match[str]) -> None:
        told = json.loads(_unquoted(found[1]))
        self._with(attributes_json=json.dumps(told, sort_keys=True, ensure_ascii=False) if told else "")


_LIMITS = {
    "MAX_QUERIES_PER_HOUR": "queries_per_hour",
    "MAX_UPDATES_PER_HOUR": "updates_per_hour",
    "MAX_CONNECTIONS_PER_HOUR": "connections_per_hour",
    "MAX_USER_CONNECTIONS": "user_connections",
    "MAX_STATEMENT_TIME": "statement_seconds",
}
# MySQL writes these texts as they are, quotes and all, so that only what follows them tells where they end.
_AFTER_REQUIRE = r"(?= (?:(?:SUBJECT|ISSUER|CIPHER) '|WITH(?: MAX_| ?$)|PASSWORD |ACCOUNT )|$)"
_CERTIFICATE = rf" (?:SUBJECT|ISSUER|CIPHER) '(?:.*?)'{_AFTER_REQUIRE}"
_CERTIFICATE_PART = re.compile(rf" (SUBJECT|ISSUER|CIPHER) '(.*?)'{_AFTER_REQUIRE}", re.DOTALL)


def _clause(
    pattern: str, take: Callable[[_Clauses, re.Match[str]], None]
) -> tuple[re.Pattern[str], Callable[..., None]]:
    return re.compile(pattern, re.DOTALL), take


_GRAMMAR = (
    _clause(r" (?:AND IDENTIFIED|INITIAL AUTHENTICATION) ", _Clauses.several_factors),
    _clause(
        rf" IDENTIFIED WITH (?P<plugin>{_LITERAL})"
        r"(?: AS (?:0x(?P<hex>[0-9A-Fa-f]*)|(?P<secret><secret>)"
        r"|'(?P<text>.*?)'(?= DEFAULT ROLE `| REQUIRE | AND |$)))?",
        _Clauses.by_plugin,
    ),
    _clause(rf" IDENTIFIED BY PASSWORD (?P<text>{_LITERAL})", _Clauses.by_password),
    _clause(
        rf" IDENTIFIED VIA \w+(?: USING {_LITERAL})?(?: OR \w+(?: USING {_LITERAL})?)*(?= |$)", _Clauses.via_plugins
    ),
    _clause(rf" DEFAULT ROLE {_NAME}@{_NAME}(?:, ?{_NAME}@{_NAME})*", _Clauses.default_roles),
    _clause(r" REQUIRE (NONE|SSL|X509)(?= |$)", _Clauses.require),
    _clause(rf" REQUIRE(?:{_CERTIFICATE})+", _Clauses.require_these),
    _clause(r" WITH(?: MAX_\w+ [\d.]+)*(?= |$)", _Clauses.limits),
    _clause(r" PASSWORD EXPIRE(?: (?:(?P<word>DEFAULT|NEVER)|INTERVAL (?P<days>\d+) DAY))?(?= |$)", _Clauses.expire),
    _clause(r" PASSWORD HISTORY (?:DEFAULT|(\d+))(?= |$)", _Clauses.history),
    _clause(r" PASSWORD REUSE INTERVAL (?:DEFAULT|(\d+) DAY)(?= |$)", _Clauses.reuse),
    _clause(r" PASSWORD REQUIRE CURRENT(?: (DEFAULT|OPTIONAL))?(?= |$)", _Clauses.require_current),
    _clause(r" FAILED_LOGIN_ATTEMPTS (\d+)(?= |$)", _Clauses.failed_logins),
    _clause(r" PASSWORD_LOCK_TIME (UNBOUNDED|\d+)(?= |$)", _Clauses.lock_time),
    _clause(r" ACCOUNT (LOCK|UNLOCK)(?= |$)", _Clauses.lock),
    _clause(rf" ATTRIBUTE ({_LITERAL})", _Clauses.attribute),
)


def _way(plugin: str, stored: str) -> Authentication:
    return Authentication(plugin, stored.encode("utf-8", "surrogateescape").hex().upper())


def _of_native_family(stored: str) -> str:
    return _OLD if _OLD_HASH.fullmatch(stored) else _NATIVE


def _stored(shown: str) -> str:
    """What a plug-in keeps, from text between quotes of which nobody says whether it is escaped.

    :raises ValueError: it can be read in two ways.
    """
    plain = _unescaped(shown)
    if plain == shown:
        return shown
    fitting = [text for text in (shown, plain) if _HASHES.fullmatch(text)]
    if len(fitting) != 1:
        raise ValueError("what its plug-in keeps is not shown byte for byte")
    return fitting[0]


def _unquoted(literal: str) -> str:
    return _unescaped(literal[1:-1])


def _unescaped(text: str) -> str:
    """The text that stands between quotes with MySQL's escapes ("String Literals")."""
    return re.sub(
        r"''|\\(.)", lambda found: _ESCAPES.get(found[1], found[1]) if found[1] else "'", text, flags=re.DOTALL
    )


def _plain(name: str) -> str:
    return name[1:-1].replace("``", "`")


__all__ = ["GrantLines", "account_of_create_user", "account_of_grants", "grant_lines", "with_grants"]
