# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Names and strings in SQL text: quoted on the way out, patterns escaped and understood. Pure.

Everything here counts on a session whose sql_mode has neither ANSI_QUOTES nor NO_BACKSLASH_ESCAPES, which is what
``connection.connect`` makes.
"""

from __future__ import annotations

import functools
import re

# Thousands of accounts share a few schemas.
_PATTERNS = 4096
MASK = "'***'"
"""What stands for a literal that is not told."""
_LITERALS = re.compile(r"""(?:'[^']*(?:'|\Z)|"[^"]*(?:"|\Z))+|\b0x[0-9a-f]+""", re.IGNORECASE)
# What a literal behind it sets: what text and time are in a session, which is no secret.
_SETTING = re.compile(
    r"""(?<![@\w]) (?: @@ (?: (?:session|local|global)\. )? )?
    (?: (?: character_set_(?:client|connection|results) | collation_connection | default_storage_engine | lc_messages
          | lc_time_names | sql_mode | time_zone | transaction_isolation | tx_isolation ) \s* :?= \s*
      | (?: names | character\s+set | charset | collate ) \s+ ) \Z""",
    re.IGNORECASE | re.VERBOSE,
)
# A backslash, and what begins a comment or a quoted name: behind these, a quote need not begin or end a literal.
_DOUBTFUL = re.compile(r"[\\#`]|--|/\*")
_LITERAL_AND_REST = re.compile(r"""(?:['"]|\b0x[0-9a-f]).*""", re.IGNORECASE | re.DOTALL)
_UNESCAPED_WILDCARD = re.compile(r"(?:^|[^\\])(?:\\\\)*[%_]")


def quote_name(name: str) -> str:
    """An identifier between backticks."""
    return "`" + name.replace("`", "``") + "`"


def quote_text(text: str) -> str:
    """A string literal between single quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'"


def mask_literals(statement: str) -> str:
    """A statement to be shown or kept, without the string literals in which a secret may stand.

    Those that are the value of a setting such as ``sql_mode`` stay. Where it is doubtful what a quote means, all behind
    the first is left out.
    """
    if _DOUBTFUL.search(statement):
        return _LITERAL_AND_REST.sub(MASK, statement)

    def masked(literal: re.Match[str]) -> str:
        return literal[0] if _SETTING.search(statement[: literal.start()]) else MASK

    return _LITERALS.sub(masked, statement)


@functools.lru_cache(maxsize=_PATTERNS)
def has_wildcard(pattern: str) -> bool:
    """Whether a schema pattern of a grant can match more than one schema."""
    return _UNESCAPED_WILDCARD.search(pattern) is not None


def escape_pattern(schema: str) -> str:
    """The pattern that matches one schema and no other."""
    return schema.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")


@functools.lru_cache(maxsize=_PATTERNS)
def unescape_pattern(pattern: str) -> str:
    """The schema that a pattern without wildcards stands for."""
    return re.sub(r"\\(.)", r"\1", pattern)


@functools.lru_cache(maxsize=_PATTERNS)
def pattern_matches(pattern: str, schema: str) -> bool:
    """Whether a schema-level grant on ``pattern`` covers a schema."""
    out, index = [], 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\" and index + 1 < len(pattern):
            index += 1
            out.append(re.escape(pattern[index]))
        else:
            out.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
        index += 1
    return re.fullmatch("".join(out), schema, re.DOTALL) is not None


def in_one_collation(column: str) -> str:
    """A column that a UNION takes beside any other, whatever collations the server's own tables have."""
    return f"CONVERT({column} USING utf8mb4) COLLATE utf8mb4_bin"
