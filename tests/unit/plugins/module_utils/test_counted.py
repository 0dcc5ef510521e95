# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of things in sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._counted import counted

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
# A number in a text, and a word in the plural right behind it.
_PLURAL = re.compile(r"\{(?:len\([^{}]*\)|[a-z_.]*count)\} (?!of )(?:[a-z-]+ ){0,2}[a-z]{2,}s (?:[a-z]+)")


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (1, ("table",), "1 table"),
        (0, ("table",), "0 tables"),
        (2000, ("table",), "2,000 tables"),
        (1, ("entry", "entries"), "1 entry"),
        (3, ("account has", "accounts have"), "3 accounts have"),
    ],
)
def test_one_and_several(number: int, words: tuple[str, ...], text: str) -> None:
    assert counted(number, *words) == text


def test_messages_count_by_it() -> None:
    found = [
        f"{path.relative_to(PLUGINS)}: {match[0]}"
        for path in sorted(PLUGINS.rglob("*.py"))
        for match in _PLURAL.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
