# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of schema-level grants, and texts without their literals."""

from __future__ import annotations

import pytest
from hypothesis import given

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.quoting import (
    escape_pattern,
    has_wildcard,
    mask_literals,
    pattern_matches,
    unescape_pattern,
)

from . import strategies


@strategies.examples
@given(strategies.names, strategies.names)
def test_escaped_name_matches_itself_alone(name: str, other: str) -> None:
    pattern = escape_pattern(name)
    assert not has_wildcard(pattern) and unescape_pattern(pattern) == name
    assert pattern_matches(pattern, other) == (other == name)


@pytest.mark.parametrize(
    ("pattern", "schema", "matches"),
    [
        ("my_app", "myXapp", True),
        ("my\\_app", "myXapp", False),
        ("s%", "shop", True),
        ("s%", "", False),
        ("a.c", "abc", False),
    ],
)
def test_wildcards(pattern: str, schema: str, matches: bool) -> None:
    assert pattern_matches(pattern, schema) is matches


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SET NAMES utf8mb4", "SET NAMES utf8mb4"),
        ("SET @a = 'secret', @b = 5", "SET @a = '***', @b = 5"),
        ("SET @a = \"it's\", @b = 'it''s'", "SET @a = '***', @b = '***'"),
        ("SET @a = 0xC0FFEE, @b = x'c0', @c = a0xb", "SET @a = '***', @b = x'***', @c = a0xb"),
        # Settings of the session are no secrets.
        ("SET NAMES 'utf8' COLLATE 'utf8_bin', @a = 'secret'", "SET NAMES 'utf8' COLLATE 'utf8_bin', @a = '***'"),
        (
            "SET SESSION sql_mode='ANSI', @@session.time_zone := \"+09:00\", @time_zone = 'secret'",
            "SET SESSION sql_mode='ANSI', @@session.time_zone := \"+09:00\", @time_zone = '***'",
        ),
        ("SET PASSWORD = 'secret', my_sql_mode = 'secret'", "SET PASSWORD = '***', my_sql_mode = '***'"),
        ("SET sql_mode = concat('ANSI', 'secret')", "SET sql_mode = concat('***', '***')"),
        ("SET sql_mode = 'it''s -- '", "SET sql_mode = '***'"),
        # Cut in the middle.
        ("SET sql_mode = 'ANS", "SET sql_mode = 'ANS"),
        ("SET @a = 'x', @b = 'secr", "SET @a = '***', @b = '***'"),
        # What a backslash means follows the session's sql_mode; in a comment and in a name a quote begins nothing.
        ("SET @a = 'c:\\', @b = 'secret'", "SET @a = '***'"),
        ("/* it's */ SET @a = 'secret'", "/* it'***'"),
        ("SET @b = 1 -- it's\n, @a = 'secret'", "SET @b = 1 -- it'***'"),
        ("SET @`it's` = 1, @a = 'secret'", "SET @`it'***'"),
    ],
)
def test_literals_are_not_shown(text: str, shown: str) -> None:
    assert mask_literals(text) == shown
