# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in the table of grants on routines, whose UTF-8 servers take for latin1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.grant_tables import (
    mended_account,
    mended_text,
)

# MySQL's latin1 is cp1252, and gives these bytes the characters of their own numbers.
UNDEFINED = b"\x81\x8d\x8f\x90\x9d"


def taken_for_latin1(name: str) -> str:
    """A name as the table holds it."""
    return "".join(chr(byte) if byte in UNDEFINED else bytes([byte]).decode("cp1252") for byte in name.encode("utf-8"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_taken_for_latin1_is_mended(name: str) -> None:
    assert mended_text(taken_for_latin1(name)) == name


@pytest.mark.parametrize("name", ["", "plain", "größe", "naïve", "字", "ÿ", "Ünï ö"])
def test_a_name_that_was_written_as_it_is_stays(name: str) -> None:
    assert mended_text(name) == name


def test_an_account_is_mended_only_where_nobody_has_the_name_that_is_there() -> None:
    true, odd = AccountName("jürgen", "%"), AccountName(taken_for_latin1("jürgen"), "%")
    assert mended_account(odd, {true}) == true
    assert mended_account(odd, {true, odd}) == odd
    assert mended_account(odd, set()) == odd
    assert mended_account(true, {true}) == true
