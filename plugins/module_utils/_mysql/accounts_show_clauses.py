# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The clauses of CREATE USER that follow an account's name, as servers show them. Pure.

MySQL, "CREATE USER Statement", and its MariaDB namesake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .accounts_model import Account, AccountName, Authentication, Limits, Tls

_LITERAL = r"'(?:[^'\\]|''|\\.)*'"
NAME = r"`(?:[^`]|``)*`"
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
# What plug-ins keep of a password; salts may hold any character, quotes and line ends among them.
_HASHES = re.compile(r"\*[0-9A-F]{40}|[0-9a-f]{16}|\$5\$.{20}\$.{43}|\$A\$[0-9A-F]{3}\$.{63}", re.DOTALL)
_OLD_HASH = re.compile(r"[0-9a-f]{16}")
NATIVE, _OLD, SHA256 = "mysql_native_password", "mysql_old_password", "sha256_password"


def read_clauses(text: str, account: Account, escaped: bool) -> Account:
    """The account with what the clauses say of it.

    :param text: what follows the account's name, from the space on.
    :param escaped: whether the texts of REQUIRE carry escapes; MySQL leaves them out.
    :raises ValueError: a clause is not known, or hides what is needed to make the account again.
    """
    return _Clauses(text, account, escaped).read()


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

    def _with(self, **members: Any) -> None:
        self.account = replace(self.account, **members)

    def _rule(self, **members: Any) -> None:
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
            way = authentication_of(plugin, _stored(found["text"] or ""))
        self._with(authentication=(way,))

    def by_password(self, found: re.Match[str]) -> None:
        """MariaDB: its default plug-in."""
        stored = _unquoted(found["text"])
        self._with(authentication=(authentication_of(native_plugin(stored), stored),))

    def via_plugins(self, found: re.Match[str]) -> None:
        """MariaDB: one plug-in or several."""
        ways = re.finditer(rf"(?:VIA|OR) (\w+)(?: USING ({_LITERAL}))?", found[0], re.DOTALL)
        self._with(authentication=tuple(authentication_of(way[1], _unquoted(way[2]) if way[2] else "") for way in ways))

    def default_roles(self, found: re.Match[str]) -> None:
        pairs = re.findall(rf"({NAME})@({NAME})", found[0])
        self._with(
            default_roles=frozenset(AccountName(plain_name(user), plain_name(host).lower()) for user, host in pairs)
        )

    def require(self, found: re.Match[str]) -> None:
        require = {"NONE": "none", "SSL": "any", "X509": "x509"}[found[1]]
        self._with(tls=Tls(require))

    def require_these(self, found: re.Match[str]) -> None:
        words = {"cipher": "", "issuer": "", "subject": ""}
        for part in _CERTIFICATE_PART.finditer(found[0]):
            words[part[1].lower()] = _unescaped(part[2]) if self.escaped else part[2]
        self._with(tls=Tls("specified", **words))

    def limits(self, found: re.Match[str]) -> None:
        numbers: dict[str, Any] = {}
        for word, number in re.findall(r"(MAX_\w+) ([\d.]+)", found[0]):
            if word not in _LIMITS:
                raise ValueError(f"the limit {word} is not known")
            numbers[_LIMITS[word]] = float(number) if "." in number else int(number)
        self._with(limits=Limits(**numbers))

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
    _clause(rf" DEFAULT ROLE {NAME}@{NAME}(?:, ?{NAME}@{NAME})*", _Clauses.default_roles),
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


def authentication_of(plugin: str, stored: str) -> Authentication:
    """A way to log in, from what its plug-in keeps as text; bytes that are no UTF-8 stand there as surrogates."""
    return Authentication(plugin, stored.encode("utf-8", "surrogateescape").hex().upper())


def native_plugin(stored: str) -> str:
    """The plug-in that a hash without one belongs to (MySQL, "Password Hashing in MySQL")."""
    return _OLD if _OLD_HASH.fullmatch(stored) else NATIVE


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


def plain_name(name: str) -> str:
    """The name that stands between backticks."""
    return name[1:-1].replace("``", "`")
