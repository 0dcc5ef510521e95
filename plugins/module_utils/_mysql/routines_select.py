# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The text of a view as servers print it, without what each of them prints in its own way. Pure.

MySQL puts brackets around every operation, MariaDB only where they change the meaning. Here all are dropped that the
precedence of operators makes superfluous (Reference Manual, "Operator Precedence"; MariaDB, "Operator Precedence"), and
the others stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<name>`(?:[^`]|``)*`)|(?P<string>'(?:[^'\\]|\\.|'')*')"
    r"|(?P<word>\d[\d.]*(?:e[+-]?\d+)?|[\w$@]+)|(?P<symbol><=>|<>|<=|>=|!=|<<|>>|\|\||&&|:=|->>|->|.)",
    re.DOTALL | re.IGNORECASE,
)
_INTRODUCER = re.compile(r"_(?:utf8(?:mb[34])?|latin1)", re.IGNORECASE)

_NOTHING, _JOIN, _OR, _XOR, _AND, _NOT, _COMPARED, _BETWEEN, _IN = range(9)
_BIT_OR, _BIT_AND, _SHIFT, _ADD, _MULTIPLY, _BIT_XOR, _NEGATE, _BANG, _COLLATE, _UNKNOWN, _OPERAND = range(9, 20)
_INFIX = {
    word: precedence
    for precedence, words in (
        (_JOIN, ("join", "left", "right", "inner", "cross", "natural", "outer", "straight_join", "on")),
        (_OR, ("or", "||")),
        (_XOR, ("xor",)),
        (_AND, ("and", "&&")),
        (_COMPARED, ("=", "<=>", ">=", ">", "<=", "<", "<>", "!=", "is")),
        (_BETWEEN, ("between",)),
        (_IN, ("in", "like", "regexp", "rlike", "sounds", "member", "of", "escape")),
        (_BIT_OR, ("|",)),
        (_BIT_AND, ("&",)),
        (_SHIFT, ("<<", ">>")),
        (_ADD, ("+", "-")),
        (_MULTIPLY, ("*", "/", "%", "div", "mod")),
        (_BIT_XOR, ("^",)),
        (_COLLATE, ("collate",)),
        (_UNKNOWN, (":=", "->", "->>")),
    )
    for word in words
}
_PREFIX = {"not": _NOT, "-": _NEGATE, "+": _NEGATE, "~": _NEGATE, "!": _BANG, "binary": _COLLATE}
# What stands between expressions.
_BREAKS = frozenset(
    (",", "select", "distinct", "all", "from", "where", "group", "by", "having", "order", "limit", "offset")
    + ("union", "except", "intersect", "window", "partition", "rows", "range", "over", "as", "using", "with", "values")
    + ("when", "then", "else", "separator", "asc", "desc", "for")
)
_CLOSED = {
    "case": frozenset(("end",)),
    "interval": frozenset(
        ("microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "second_microsecond")
        + ("minute_microsecond", "minute_second", "hour_microsecond", "hour_second", "hour_minute", "day_microsecond")
        + ("day_second", "day_minute", "day_hour", "year_month")
    ),
}
# Also names of functions, where a bracket follows at once.
_FUNCTIONS = frozenset(("left", "right", "mod", "values", "interval"))


class _Token(NamedTuple):
    text: str
    kind: str
    spaced: bool
    """Something that is no token stands before it."""


class _Item(NamedTuple):
    """An operand, an operator, a break, or an expression in brackets.

    :ivar words: what is printed of it; :ivar role: ``operand``, ``infix``, ``prefix``, ``break`` or ``group``.
    :ivar binds: of an operator its precedence, of a group the lowest one in it.
    """

    words: tuple[str, ...]
    role: str
    binds: int = _OPERAND
    firm: bool = False
    """The brackets of a group have to stay."""


def canonical_select(select: str) -> str:
    """A view's select: one space between words, in lower case outside of quotes, and only brackets that matter.

    Literals' introducers and the schemas of columns are dropped, too: MySQL 5.6 names a column by its table, later ones
    by its schema.
    """
    tokens = _Tokens(select)
    items = _items(tokens, frozenset())
    while not tokens.at_end():  # a bracket that closes nothing
        items = [*items, _Item((tokens.take().text,), "operand"), *_items(tokens, frozenset())]
    return " ".join(_printed(items))


def without_brackets(canonical: str) -> str:
    """What ``canonical_select`` gives, without any brackets but those in quotes."""
    return " ".join(token.text for token in _tokens(canonical) if token.text not in "()")


class _Tokens:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._position = 0

    def at_end(self) -> bool:
        return self._position >= len(self._tokens)

    def peek(self, ahead: int = 0) -> _Token:
        position = self._position + ahead
        return self._tokens[position] if position < len(self._tokens) else _Token("", "", True)

    def take(self) -> _Token:
        self._position += 1
        return self._tokens[self._position - 1]

    def opens_call(self) -> bool:
        """Whether the next token is a bracket right behind the last one, as behind a function's name."""
        return self.peek().text == "(" and not self.peek().spaced


def _tokens(text: str) -> Iterator[_Token]:
    spaced = True
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind != "space":
            shown = match[0] if kind in ("name", "string") else match[0].lower()
            yield _Token(shown, kind, spaced)
        spaced = kind == "space"


def _items(tokens: _Tokens, ends: frozenset[str]) -> list[_Item]:
    """The items up to a closing bracket or one of the words, which stays."""
    items: list[_Item] = []
    betweens = 0
    while not tokens.at_end() and tokens.peek().text != ")" and tokens.peek().text not in ends:
        token = tokens.take()
        behind_operand = bool(items) and items[-1].role in ("operand", "group")
        word = token.text
        if token.kind == "name":
            items.append(_called(_column(token, tokens), tokens))
        elif token.kind == "string":
            items.append(_Item((word,), "operand"))
        elif _INTRODUCER.fullmatch(word) and tokens.peek().kind == "string":
            continue
        elif word == "(":
            items.append(_grouped(_inside(tokens)))
        elif token.kind == "word" and tokens.opens_call() and _may_be_called(word):
            items.append(_called((word,), tokens))
        elif word in _CLOSED:
            items.append(_closed(word, tokens))
        elif word == "not" and behind_operand:
            items.append(_Item((word,), "infix", _INFIX.get(tokens.peek().text, _UNKNOWN)))
        elif word == "not" and items and items[-1].words == ("is",):
            items.append(_Item((word,), "infix", _COMPARED))
        elif word in _PREFIX and not behind_operand:
            items.append(_Item((word,), "prefix", _PREFIX[word]))
        elif word in _BREAKS:
            items.append(_Item((word,), "break"))
        elif word in _INFIX and (behind_operand or token.kind == "word"):
            binds = _INFIX[word]
            betweens += word == "between"
            if word == "and" and betweens:
                betweens, binds = betweens - 1, _BETWEEN
            items.append(_Item(("%" if word == "mod" else word,), "infix", binds))
        else:
            items.append(_Item((word,), "operand"))
    return items


def _may_be_called(word: str) -> bool:
    return word in _FUNCTIONS or not (word in _INFIX or word in _PREFIX or word in _BREAKS or word in _CLOSED)


def _column(first: _Token, tokens: _Tokens) -> tuple[str, ...]:
    parts = [first.text]
    while tokens.peek().text == "." and tokens.peek(1).kind == "name":
        tokens.take()
        parts.append(tokens.take().text)
    return (".".join(parts[-2:]),)


def _called(words: tuple[str, ...], tokens: _Tokens) -> _Item:
    """A name, with the arguments where it is a function's. What MySQL 5 prints as isnull(x) is x is null."""
    if not tokens.opens_call():
        return _Item(words, "operand")
    tokens.take()
    if words == ("isnull",):
        asked = _grouped(_inside(tokens))
        return _grouped([asked, _Item(("is",), "infix", _COMPARED), _Item(("null",), "operand")])
    return _Item((*words, "(", *_printed(_inside(tokens)), ")"), "operand")


def _closed(word: str, tokens: _Tokens) -> _Item:
    """What a word opens and another one closes, such as CASE and END."""
    inner = _printed(_items(tokens, _CLOSED[word]))
    end = (tokens.take().text,) if tokens.peek().text in _CLOSED[word] else ()
    return _Item((word, *inner, *end), "operand")


def _inside(tokens: _Tokens) -> list[_Item]:
    inner = _items(tokens, frozenset())
    if not tokens.at_end():
        tokens.take()
    return inner


def _grouped(inner: list[_Item]) -> _Item:
    if len(inner) == 1 and inner[0].role == "group":
        return inner[0]
    firm = not inner or any(each.role == "break" for each in inner)
    loosest = min((each.binds for position, each in enumerate(inner) if _counts(inner, position)), default=_OPERAND)
    return _Item(tuple(_printed(inner)), "group", loosest, firm)


def _counts(items: Sequence[_Item], position: int) -> bool:
    """Whether an item's precedence is that of the whole: an operator, or a group that loses its brackets."""
    item = items[position]
    return item.role in ("infix", "prefix") or (item.role == "group" and not _keeps_brackets(items, position))


def _printed(items: Sequence[_Item]) -> list[str]:
    words: list[str] = []
    for position, item in enumerate(items):
        if item.role == "group" and _keeps_brackets(items, position):
            words += ["(", *item.words, ")"]
        else:
            words += item.words
    return words


def _keeps_brackets(items: Sequence[_Item], position: int) -> bool:
    group = items[position]
    before = items[position - 1] if position else None
    after = items[position + 1] if position + 1 < len(items) else None
    if group.firm or (before is not None and (before.role in ("operand", "group") or before.words == ("in",))):
        return True
    left = before.binds if before is not None and before.role in ("infix", "prefix") else _NOTHING
    right = after.binds if after is not None and after.role == "infix" else _NOTHING
    # What is alike is read from the left; only of these two the order does not matter.
    same = group.binds == left and (left in (_AND, _OR) or (before is not None and before.role == "prefix"))
    return not (group.binds > left or same) or group.binds < right
