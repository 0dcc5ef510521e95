# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Administrative statements and system tables in a text, as conditions that the server itself answers. Pure.

Three engines read the expressions: Henry Spencer's (MySQL before 8.0.4, MariaDB before 10.0.5), ICU (MySQL) and PCRE
(MariaDB). So there are bracket expressions instead of escapes, and no word boundaries, which each of them writes in
another way. ICU gives up after so many steps ("regexp_time_limit"), which it takes at each branch that it could come
back to: none begins with one, and texts without the statement's first words are ruled out before.
"""

from __future__ import annotations

from typing import NamedTuple

from .table_queries import SYSTEM_TABLE_NAMES

_BLANKS = "[[:space:]]+"
_OUTSIDE = "[^A-Z0-9_$]"
"""A character that is no part of a word."""
_NAMED = "[[:space:].]+[A-Z0-9_.`]+"
"""A scope's variable."""


class _Statement(NamedTuple):
    word: str
    """What is in every such text."""
    expression: str
    """What the text has to match, in upper case, between a blank and a semicolon."""


def _statement(verb: str, *objects: str) -> _Statement:
    """A statement of words; a blank in an object stands for any white space."""
    choice = "|".join(objects).replace(" ", _BLANKS)
    return _Statement(verb, f"{_OUTSIDE}{verb}{_BLANKS}({choice}){_OUTSIDE}")


def _setting(scope: str, words: str) -> tuple[_Statement, ...]:
    """SET with a scope, at once or behind another variable; that a value is read from the scope does not count."""
    return (
        _Statement(scope, f"{_OUTSIDE}SET{_BLANKS}(@@)?{words}{_NAMED}"),
        _Statement(scope, f",[[:space:]]*(@@)?{words}{_NAMED}[[:space:]]*:?="),
    )


_STATEMENTS = (
    *_setting("GLOBAL", "GLOBAL"),
    *_setting("PERSIST", "PERSIST(_ONLY)?"),
    # Behind the word in a sentence comes neither a number nor a name that ends the statement.
    _Statement(
        "KILL", f"{_OUTSIDE}KILL{_BLANKS}([0-9@(?'\"]|(CONNECTION|QUERY|HARD|SOFT){_BLANKS}|[A-Z0-9_$.`]+[[:space:]]*;)"
    ),
    _statement("CHANGE", "MASTER TO", "MASTER '[^']*' TO", "REPLICATION SOURCE", "REPLICATION FILTER"),
    _statement("PURGE", "BINARY LOGS", "MASTER LOGS"),
    _statement("RESET", "BINARY LOGS", "MASTER", "PERSIST", "REPLICA", "SLAVE"),
    _statement("START", "ALL SLAVES", "GROUP_REPLICATION", "REPLICA", "SLAVE"),
    _statement("STOP", "ALL SLAVES", "GROUP_REPLICATION", "REPLICA", "SLAVE"),
    _statement("INSTALL", "COMPONENT", "PLUGIN", "SONAME"),
    _statement("UNINSTALL", "COMPONENT", "PLUGIN", "SONAME"),
    _Statement("SONAME", f"{_OUTSIDE}SONAME[[:space:]]*['\"]"),
)

_QUOTED = '["`]?'
_TABLES = "|".join(SYSTEM_TABLE_NAMES.upper().split())
_SYSTEM_TABLE = f"{_OUTSIDE}MYSQL{_QUOTED}[[:space:]]*[.][[:space:]]*{_QUOTED}({_TABLES}){_OUTSIDE}"


def administers(text: str) -> str:
    """The condition that a text has an administrative statement; one in a comment or a string counts, too.

    :param text: an SQL expression, in upper case and of a collation that tells cases apart.
    """
    conditions = [f"{text} LIKE '%SQL!_LOG!_BIN%' ESCAPE '!'"]
    for word, expression in _STATEMENTS:
        quoted = expression.replace("'", "''")
        conditions.append(f"{text} LIKE '%{word}%' AND CONCAT(' ', {text}, ';') REGEXP '{quoted}'")
    return " OR ".join(conditions)


def uses_system_tables(text: str) -> str:
    """The condition that a text names one of the server's tables in schema mysql, or anything there in the way in which
    the server writes down views.

    :param text: as for ``administers``.
    """
    return f"{text} LIKE '%`MYSQL`.%' OR {text} LIKE '%MYSQL%' AND CONCAT(' ', {text}, ';') REGEXP '{_SYSTEM_TABLE}'"
