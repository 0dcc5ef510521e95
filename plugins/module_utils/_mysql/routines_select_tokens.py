# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The words of a view's text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<name>`(?:[^`]|``)*`)|(?P<string>'(?:[^'\\]|\\.|'')*')"
    r"|(?P<word>0x[0-9a-f]+|\d[\d.]*(?:e[+-]?\d+)?|[\w$@]+)|(?P<symbol><=>|<>|<=|>=|!=|<<|>>|\|\||&&|:=|->>|->|.)",
    re.DOTALL | re.IGNORECASE,
)
_UTF8 = re.compile(r"utf8(?=_|\Z)")


class Token(NamedTuple):
    text: str
    kind: str
    spaced: bool
    """Something that is no token stands before it."""


class Tokens:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._position = 0

    def at_end(self) -> bool:
        return self._position >= len(self._tokens)

    def peek(self, ahead: int = 0) -> Token:
        position = self._position + ahead
        return self._tokens[position] if position < len(self._tokens) else Token("", "", True)

    def take(self) -> Token:
        self._position += 1
        return self._tokens[self._position - 1]

    def opens_call(self) -> bool:
        """Whether the next token is a bracket right behind the last one, as behind a function's name."""
        return self.peek().text == "(" and not self.peek().spaced


def _tokens(text: str) -> Iterator[Token]:
    spaced = True
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind != "space":
            shown = match[0] if kind in ("name", "string") else _UTF8.sub("utf8mb3", match[0].lower())
            yield Token(shown, kind, spaced)
        spaced = kind == "space"
