# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Catalogue values in a form that does not depend on the server's flavour and version."""

from __future__ import annotations

import re
from typing import Any

_INTEGER_TYPES = ("tinyint", "smallint", "mediumint", "int", "bigint")
_DISPLAY_WIDTH = re.compile(r"^({}|year)\(\d+\)".format("|".join(_INTEGER_TYPES)))
_CURRENT_TIMESTAMP = re.compile(r"^(?:current_timestamp|now)(?:\((\d*)\))?$", re.IGNORECASE)
_QUOTED = re.compile(r"('(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")", re.DOTALL)
_INTRODUCER = re.compile(r"_utf8mb[34](?=')|_utf8(?=')|_latin1(?=')", re.IGNORECASE)
_BARE_QUOTE = re.compile(r"(?<!\\)'")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


def text(value: Any) -> str:
    """A catalogue value as text; NULL as the empty string, bytes as UTF-8."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def charset(name: Any) -> str:
    """The name of a character set or collation; ``utf8`` is ``utf8mb3`` (MySQL manual, "The utf8 Character Set")."""
    value = text(name).lower()
    if value == "utf8" or value.startswith("utf8_"):
        return "utf8mb3" + value[len("utf8") :]
    return value


def column_type(value: Any) -> str:
    """A column's type without the display width of integers, which MySQL 8.0.19 and later no longer shows.

    ``tinyint(1)`` and ``zerofill`` keep it: there it means something to applications.
    """
    lowered = outside_quotes_lower(text(value))
    if lowered.startswith("tinyint(1)") or "zerofill" in lowered:
        return lowered
    return _DISPLAY_WIDTH.sub(r"\1", lowered)


def column_default(value: Any, nullable: bool, extra: str, mariadb: bool) -> str:
    """A column's default as it would stand in CREATE TABLE; empty where there is none.

    MariaDB 10.2.7 and later gives literals quoted and NULL as a word, MySQL gives them bare and marks expressions by
    ``DEFAULT_GENERATED`` in ``extra`` (MariaDB, "Information Schema COLUMNS Table"; MySQL, "The INFORMATION_SCHEMA
    COLUMNS Table").
    """
    if value is None:
        return "NULL" if nullable else ""
    shown = text(value)
    instant = _CURRENT_TIMESTAMP.match(shown)
    if instant:
        return "current_timestamp({})".format(instant.group(1) or "").replace("()", "")
    if mariadb and shown == "NULL":
        return "NULL"
    if mariadb and shown.startswith("'") and shown.endswith("'") and len(shown) >= 2:
        return "'{}'".format(shown[1:-1].replace("''", "'"))
    if shown.startswith("b'"):
        return shown
    if (mariadb and not _NUMBER.match(shown)) or "DEFAULT_GENERATED" in extra.upper():
        return expression(shown)
    return f"'{shown}'"


def column_extra(value: Any) -> str:
    """The ``EXTRA`` of a column: ``auto_increment``, ``on update ...``, ``invisible``, ``stored generated``."""
    lowered = text(value).lower().replace("default_generated", "")
    lowered = lowered.replace("persistent generated", "stored generated").replace(
        "current_timestamp()", "current_timestamp"
    )
    return " ".join(lowered.replace(",", " ").split())


def expression(value: Any) -> str:
    """An expression or a query that the server itself has formatted, without the ways in which versions differ.

    Outside of string literals: no back-quotes, no space around punctuation, lower case, no character set introducer.
    Parentheses around the whole are dropped.
    """
    shown = text(value)
    if not _BARE_QUOTE.search(shown):  # MySQL gives generated expressions and checks escaped as in a literal
        shown = re.sub(r"\\(.)", r"\1", shown, flags=re.DOTALL)
    out = []
    for index, piece in enumerate(_QUOTED.split(_INTRODUCER.sub("", shown))):
        if index % 2:
            out.append(piece)
        else:
            collapsed = re.sub(r"\s+", " ", piece.replace("`", "").lower())
            out.append(re.sub(r" ?([(),=<>+*/-]) ?", r"\1", collapsed))
    joined = "".join(out).strip()
    while joined.startswith("(") and _closes_at(joined) == len(joined) - 1:
        joined = joined[1:-1].strip()
    return joined


def outside_quotes_lower(value: str) -> str:
    """The text in lower case, string literals (the members of an ENUM) as they are."""
    return "".join(piece if index % 2 else piece.lower() for index, piece in enumerate(_QUOTED.split(value)))


def _closes_at(value: str) -> int:
    depth = 0
    quoted = [match.span() for match in _QUOTED.finditer(value)]
    for index, character in enumerate(value):
        if any(start <= index < end for start, end in quoted):
            continue
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return index
    return -1
