# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of schema-level grants."""

from __future__ import annotations

import pytest
from hypothesis import given

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.quoting import (
    escape_pattern,
    has_wildcard,
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
