# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""SHOW GRANTS, line by line, as grants of the neutral model. Pure.

The grammar is that of MySQL's pages "SHOW GRANTS Statement" and "GRANT Statement" and of their MariaDB namesakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .accounts_model import GLOBAL, AccountName, Grant, Scope
from .errors import MysqlError

ALL = "ALL PRIVILEGES"
# MariaDB renamed these; a server of either name understands the one on the right.
_SYNONYMS = {
    "BINLOG MONITOR": "REPLICATION CLIENT",
    "DELETE VERSIONING ROWS": "DELETE HISTORY",
    "ALL": ALL,
}
_TOKEN = re.compile(
    r"\s*(?:`(?P<name>(?:[^`]|``)*)`|'(?P<text>(?:[^'\\]|''|\\.)*)'|\"(?P<double>(?:[^\"\\]|\"\"|\\.)*)\""
    r"|(?P<mark>[,().*@])|(?P<word>[^\s,().*@`'\"]+))",
    re.DOTALL,
)
_DYNAMIC = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)+")


class Granted(NamedTuple):
    """What the lines of SHOW GRANTS for one account say."""

    grants: dict[Scope, Grant]
    roles: dict[AccountName, bool]
    restrictions: dict[str, frozenset[str]]


class _Token(NamedTuple):
    kind: str  # name (quoted), mark, word
    value: str


def together(own: Granted, with_roles: Granted) -> Granted:
    """What an account has by itself and with its roles.

    :param with_roles: what the server says of both; where it says that a role lifts a restriction, the role may still
        be inactive, so that the restriction counts.
    """
    grants = dict(own.grants)
    for scope, grant in with_roles.grants.items():
        before = grants.get(scope, Grant(frozenset()))
        grants[scope] = Grant(before.privileges | grant.privileges, before.grantable or grant.grantable)
    schemas = {*own.restrictions, *with_roles.restrictions}
    nothing: frozenset[str] = frozenset()
    restrictions = {
        schema: own.restrictions.get(schema, nothing) | with_roles.restrictions.get(schema, nothing)
        for schema in schemas
    }
    return Granted(grants, own.roles, restrictions)


def privilege_name(text: str) -> str:
    """A privilege as the model names it."""
    name = " ".join(text.upper().split())
    return _SYNONYMS.get(name, name)


def is_dynamic(privilege: str) -> bool:
    """Whether a global privilege is one of MySQL 8's dynamic ones; those are single words with underscores."""
    return _DYNAMIC.fullmatch(privilege) is not None


def parse_grants(lines: Iterable[str]) -> Granted:
    """Read all lines that SHOW GRANTS gave for one account.

    :returns: grants with ``ALL PRIVILEGES`` as it stands; the account's own lines such as SET DEFAULT ROLE are passed
        over.
    :raises MysqlError: ``grants.unreadable`` for a GRANT or REVOKE that does not follow the grammar.
    """
    found = Granted({}, {}, {})
    for line in lines:
        verb = line.split(None, 1)[0].upper() if line.strip() else ""
        if verb in ("GRANT", "REVOKE"):
            try:
                _Line(line, found).read(verb)
            except (IndexError, ValueError) as error:
                shown = line.split(" IDENTIFIED ", 1)[0][:200]
                raise MysqlError(
                    f"A line of SHOW GRANTS cannot be read: {shown} ({error}).",
                    "grants.unreadable",
                    "Report it: this server says something that the collection does not know yet.",
                ) from None
    return found


def _tokens(line: str) -> list[_Token]:
    out, index = [], 0
    line = line.rstrip()
    while index < len(line):
        match = _TOKEN.match(line, index)
        if not match:
            raise ValueError(f"unexpected text at character {index}")
        index = match.end()
        if match["name"] is not None:
            out.append(_Token("name", match["name"].replace("``", "`")))
        elif match["text"] is not None:
            out.append(_Token("name", _unescape(match["text"], "'")))
        elif match["double"] is not None:
            out.append(_Token("name", _unescape(match["double"], '"')))
        elif match["mark"]:
            out.append(_Token("mark", match["mark"]))
        else:
            out.append(_Token("word", match["word"]))
    return out


def _unescape(text: str, quote: str) -> str:
    return re.sub(r"\\(.)", r"\1", text.replace(quote * 2, quote), flags=re.DOTALL)


class _Line:
    """One statement under the reader's finger."""

    def __init__(self, line: str, found: Granted) -> None:
        self.tokens = _tokens(line)
        self.index = 1
        self.found = found

    def peek(self, *words: str) -> bool:
        ahead = self.tokens[self.index : self.index + len(words)]
        return len(ahead) == len(words) and all(
            token.kind != "name" and token.value.upper() == word for token, word in zip(ahead, words)
        )

    def take(self) -> _Token:
        token = self.tokens[self.index]
        self.index += 1
        return token

    def expect(self, *words: str) -> None:
        if not self.peek(*words):
            raise ValueError(f"{' '.join(words)} is missing")
        self.index += len(words)

    def read(self, verb: str) -> None:
        if self.peek("PROXY", "ON"):
            self.index += 2
            proxied = self.account()
            self.add(Scope("proxy", "", proxied.user, proxied.host), {"PROXY"}, self.grantable("GRANT"))
        elif self.tokens[self.index].kind == "name":
            self.roles()
        else:
            self.privileges(verb)

    def account(self) -> AccountName:
        """The next account. Servers compare hosts without regard to case."""
        user = self.take().value
        if self.peek("@"):
            self.take()
            return AccountName(user, self.take().value.lower())
        return AccountName(user, "")

    def grantable(self, option: str) -> bool:
        """Whether WITH ... GRANT (or ADMIN) OPTION stands in the rest of the line."""
        rest = [token.value.upper() if token.kind == "word" else "" for token in self.tokens[self.index :]]
        return any(pair == (option, "OPTION") for pair in zip(rest, rest[1:]))

    def roles(self) -> None:
        roles = [self.account()]
        while self.peek(","):
            self.take()
            roles.append(self.account())
        self.expect("TO")
        admin = self.grantable("ADMIN")
        for role in roles:
            self.found.roles[role] = admin or self.found.roles.get(role, False)

    def privileges(self, verb: str) -> None:
        named: list[tuple[str, list[str]]] = []
        while True:
            words = []
            while self.tokens[self.index].kind == "word" and not self.peek("ON"):
                words.append(self.take().value)
            if not words:
                raise ValueError("a privilege is missing")
            named.append((privilege_name(" ".join(words)), self.columns()))
            if not self.peek(","):
                break
            self.take()
        self.expect("ON")
        kind = "TABLE"
        if self.tokens[self.index].kind == "word":
            kind = self.take().value.upper()
            if kind == "PACKAGE" and self.peek("BODY"):
                self.take()
                kind = "PACKAGE BODY"
        schema, name = self.target()
        grantable = self.grantable("GRANT")
        if verb == "REVOKE":
            known = self.found.restrictions.get(schema, frozenset())
            self.found.restrictions[schema] = known | {privilege for privilege, _columns in named}
            return
        for privilege, columns in named:
            if schema == "*":
                if is_dynamic(privilege):
                    self.add(Scope("dynamic", "", privilege), {privilege}, grantable)
                else:
                    self.add(GLOBAL, {privilege}, grantable)
            elif name == "*":
                self.add(Scope("schema", schema), {privilege}, grantable)
            elif kind != "TABLE":
                self.add(Scope("routine", schema, name.lower(), kind), {privilege}, grantable)
            elif columns:
                for column in columns:
                    self.add(Scope("column", schema, name, column.lower()), {privilege}, False)
                if grantable:
                    self.add(Scope("table", schema, name), set(), True)
            else:
                self.add(Scope("table", schema, name), {privilege}, grantable)

    def columns(self) -> list[str]:
        names: list[str] = []
        if self.peek("("):
            self.take()
            names.append(self.take().value)
            while self.peek(","):
                self.take()
                names.append(self.take().value)
            self.expect(")")
        return names

    def target(self) -> tuple[str, str]:
        schema = self.take().value
        self.expect(".")
        return schema, self.take().value

    def add(self, scope: Scope, privileges: set[str], grantable: bool) -> None:
        """Note a grant. USAGE and GRANT OPTION are no privileges of the model."""
        named = privileges - {"USAGE", "GRANT OPTION"}
        grantable = grantable or "GRANT OPTION" in privileges
        before = self.found.grants.get(scope, Grant(frozenset()))
        if named or grantable:
            self.found.grants[scope] = Grant(before.privileges | named, before.grantable or grantable)
