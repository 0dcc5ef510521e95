# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New passwords follow from their key, and what is kept of them is read back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.new_passwords import (
    Keeping,
    new_keeping,
    new_password,
    read_keeping,
)

LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(key=st.text(min_size=1), label=LABELS, other=LABELS)
def test_a_password_is_its_account_s_and_its_key_s(key: str, label: str, other: str) -> None:
    password = new_password(key, label)
    assert password == new_password(key, label)
    assert (password == new_password(key, other)) == (label == other)
    assert password != new_password(key + "x", label)
    assert len(password) == 36 and password.isascii() and not set(password) & set("'\"\\ ")


@given(labels=st.lists(LABELS), more=st.lists(LABELS))
def test_what_is_kept_is_read_back_and_only_grows(labels: list[str], more: list[str]) -> None:
    kept = new_keeping().with_accounts(labels)
    assert read_keeping(kept.text()) == kept
    grown = kept.with_accounts(more)
    assert set(grown.passwords) == {*labels, *more} and grown.passwords.items() >= kept.passwords.items()
    assert grown == kept.with_accounts(more).with_accounts(labels)


def test_others_are_added_and_do_not_win() -> None:
    ours = Keeping("a", {"app@%": "ours"})
    other = Keeping("b", {"app@%": "theirs", "report@%": "theirs"})
    assert ours.with_others(other) == Keeping("a", {"app@%": "ours", "report@%": "theirs"})


def test_keys_differ() -> None:
    assert len({new_keeping().key for _time in range(5)}) == 5


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"key": 1, "passwords": {}}), json.dumps({"key": "a"})])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # json's own errors are among them
        read_keeping(text)
