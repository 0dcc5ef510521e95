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
from collections.abc import Sequence
from typing import NamedTuple

from .routines_select_tokens import Token, Tokens

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
# What servers call a function that another one prints by another of its names.
_SYNONYMS = {"ucase": "upper", "lcase": "lower", "current_timestamp": "now", "octet_length": "length"}
# Also names of functions, where a bracket follows at once.
_FUNCTIONS = frozenset(("left", "right", "mod", "values", "interval"))


_VALUES = ("operand", "group")
_LOGICAL = (("and",), ("or",), ("xor",), ("not",))
# What a condition stands behind.
_CONDITIONS = (("where",), ("having",), ("on",))
_CONTINUED = ((("between",), ("and",)), (("like",), ("escape",)))


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
    truth: tuple[_Item, ...] = ()
    """Of the group 0 <> x the x: MySQL 8 and later print it so where a value is taken for true or false."""


def canonical_select(select: str) -> str:
    """A view's select: one space between words, in lower case outside of quotes, and only brackets that matter.

    Literals' introducers and the schemas of columns are dropped, too: MySQL 5.6 names a column by its table, later ones
    by its schema. What servers print in other words gets the same: ``!x``, ``0 = x`` and ``not x``; ``x not in (y)``
    and ``not x in (y)``; ``regexp_like(x, y)`` and ``x regexp y``; ``0 <> x`` and ``x`` in a condition; ``utf8`` and
    ``utf8mb3``; ``X'41'`` and ``0x41``; names of functions; ``exists`` with the ``limit 1`` that MariaDB adds.
    """
    tokens = Tokens(select)
    items = _items(tokens, frozenset())
    while not tokens.at_end():  # a bracket that closes nothing
        items = [*items, _Item((tokens.take().text,), "operand"), *_items(tokens, frozenset())]
    return " ".join(_printed(items))


def _items(tokens: Tokens, ends: frozenset[str]) -> list[_Item]:
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
        elif word == "x" and re.fullmatch(r"'[0-9A-Fa-f]*'", tokens.peek().text) and not tokens.peek().spaced:
            items.append(_Item((f"0x{tokens.take().text[1:-1].lower()}",), "operand"))
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
    return _with_truths(_with_leading_nots(items))


_NOT_ITEM = _Item(("not",), "prefix", _NOT)
_COMMA = _Item((",",), "break")


def _with_leading_nots(items: list[_Item]) -> list[_Item]:
    """Each NOT, be it ``!`` or one between operand and operator, before what it turns round."""
    at = len(items) - 2
    while at >= 0:
        item, operator = items[at : at + 2]
        if item.words == ("!",) and operator.role in _VALUES:
            items[at : at + 2] = [_grouped([_NOT_ITEM, operator])]
        elif item.words == ("not",) and item.role == operator.role == "infix":
            start, end = at, at + 2
            while start and _tightness(items[start - 1]) >= operator.binds:
                start -= 1
            while end < len(items) and (
                _tightness(items[end]) > operator.binds or (operator.words, items[end].words) in _CONTINUED
            ):
                end += 1
            items[start:end] = [_grouped([_NOT_ITEM, *items[start:at], *items[at + 1 : end]])]
        at = min(at, len(items) - 1) - 1
    return items


def _tightness(item: _Item) -> int:
    if item.role in _VALUES:
        return _OPERAND
    return item.binds if item.role in ("infix", "prefix") else _NOTHING


def _with_truths(items: list[_Item]) -> list[_Item]:
    """x in the place of ``0 <> x`` where it is taken for true or false anyway."""
    items = _with_groups_of_0(items)
    out = list(items)
    for at, item in enumerate(items):
        if not item.truth:
            continue
        before, after = _neighbours(items, at, at + 1)
        logical = before.words in (*_CONDITIONS, *_LOGICAL) or after.words in _LOGICAL
        whole = _tightness(before) <= _NOT and ((_tightness(after) <= _NOT and logical) or after.words == ("is",))
        out[at] = item.truth[0] if whole else item
    return out


def _with_groups_of_0(items: list[_Item]) -> list[_Item]:
    """``0 <> x`` and ``0 = x`` in brackets, which MariaDB leaves out where it can."""
    out = list(items)
    for at in range(len(items) - 3, -1, -1):
        before, after = _neighbours(out, at, at + 3)
        if _compares_to_0(out[at : at + 3]) and _tightness(before) < _COMPARED and _tightness(after) <= _COMPARED:
            out[at : at + 3] = [_grouped(out[at : at + 3])]
    return out


def _neighbours(items: Sequence[_Item], start: int, end: int) -> tuple[_Item, _Item]:
    nothing = _Item((), "break")
    return items[start - 1] if start else nothing, items[end] if end < len(items) else nothing


def _may_be_called(word: str) -> bool:
    return word in _FUNCTIONS or not (word in _INFIX or word in _PREFIX or word in _BREAKS or word in _CLOSED)


def _column(first: Token, tokens: Tokens) -> tuple[str, ...]:
    parts = [first.text]
    while tokens.peek().text == "." and tokens.peek(1).kind == "name":
        tokens.take()
        parts.append(tokens.take().text)
    return (".".join(parts[-2:]),)


def _called(words: tuple[str, ...], tokens: Tokens) -> _Item:
    """A name, with the arguments where it is a function's. What MySQL 5 prints as isnull(x) is x is null."""
    if not tokens.opens_call():
        return _Item(words, "operand")
    tokens.take()
    inner = _inside(tokens)
    if words == ("isnull",):
        return _grouped([_grouped(inner), _Item(("is",), "infix", _COMPARED), _Item(("null",), "operand")])
    if words == ("regexp_like",) and inner.count(_COMMA) == 1:
        comma = inner.index(_COMMA)
        sides = [_grouped(inner[:comma]), _grouped(inner[comma + 1 :])]
        return _grouped([sides[0], _Item(("regexp",), "infix", _IN), sides[1]])
    while words == ("exists",) and inner[-2:] == [_Item(("limit",), "break"), _Item(("1",), "operand")]:
        del inner[-2:]
    if words == ("if",) and inner and inner[0].truth:
        inner[0] = inner[0].truth[0]
    words = tuple(_SYNONYMS.get(word, word) for word in words)
    return _Item((*words, "(", *_printed(inner), ")"), "operand")


def _closed(word: str, tokens: Tokens) -> _Item:
    """What a word opens and another one closes, such as CASE and END."""
    inner = _printed(_items(tokens, _CLOSED[word]))
    end = (tokens.take().text,) if tokens.peek().text in _CLOSED[word] else ()
    return _Item((word, *inner, *end), "operand")


def _inside(tokens: Tokens) -> list[_Item]:
    inner = _items(tokens, frozenset())
    if not tokens.at_end():
        tokens.take()
    return inner


def _grouped(inner: list[_Item]) -> _Item:
    if len(inner) == 1 and inner[0].role == "group":
        return inner[0]
    truth: tuple[_Item, ...] = ()
    if _compares_to_0(inner):
        if inner[1].words == ("=",):
            return _grouped([_NOT_ITEM, inner[2]])
        truth = (inner[2],)
    firm = not inner or any(each.role == "break" for each in inner)
    loosest = min((each.binds for position, each in enumerate(inner) if _counts(inner, position)), default=_OPERAND)
    return _Item(tuple(_printed(inner)), "group", loosest, firm, truth)


def _compares_to_0(items: Sequence[_Item]) -> bool:
    words = [item.words for item in items[:2]]
    return len(items) == 3 and words in ([("0",), ("=",)], [("0",), ("<>",)]) and items[2].role in _VALUES


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
