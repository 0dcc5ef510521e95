# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts as documents."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_document import (
    ACCOUNT_OPTIONS,
    Export,
    Skipped,
    from_document,
    pack,
    to_document,
    unpack,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import Account, AccountName
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

from . import strategies

VERSION = ServerVersion("mysql", (8, 0, 36))


@strategies.examples
@given(st.lists(strategies.accounts, max_size=3))
def test_export_is_whole(accounts: list[Account]) -> None:
    skipped = [Skipped("root@localhost", "account", "no", "")]
    roles, hidden = (AccountName("everybodys"),), (AccountName("unseen", "10.%"), AccountName("role", ""))
    whole = Export(
        VERSION,
        tuple(accounts),
        tuple(skipped),
        roles,
        hidden,
        False,
        ("app*",),
        ("repl@*", "ü"),
        {"password_history": "5"},
    )
    assert unpack(pack(whole)) == whole


@strategies.examples
@given(strategies.accounts)
def test_public_form_has_no_hash_and_only_known_options(account: Account) -> None:
    document = to_document(account, secrets=False)
    assert set(document) <= set(ACCOUNT_OPTIONS)
    assert "hex" not in json.dumps(sorted(document)) and all(
        "data_hex" not in way for way in document["authentication"]
    )
    assert from_document(document).grants == account.grants


@pytest.mark.parametrize(
    "export",
    ["", "nonsense", "AAAA", base64.b64encode(zlib.compress(b'{"export_version": 99}')).decode(), "ü"],
)
def test_unreadable_export_is_an_error_that_says_what_to_give(export: str) -> None:
    with pytest.raises(MysqlError, match="mysql_accounts_info"):
        unpack(export)


@strategies.examples
@given(st.lists(strategies.accounts, min_size=1, max_size=2), st.data())
def test_cut_off_export_is_an_error(accounts: list[Account], data: st.DataObject) -> None:
    whole = pack(Export(VERSION, tuple(accounts), ()))
    length = data.draw(st.integers(0, len(whole) - 5))
    with pytest.raises(MysqlError):
        unpack(whole[:length])


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"user": "x", "grants": [{"level": "galaxy"}]},
        {"user": "x", "authentication": [{"plugin": "p", "data_hex": "xyz"}]},
        {"user": "x", "tls": {"colour": "red"}},
    ],
)
def test_wrong_document_is_an_error(document: dict[str, object]) -> None:
    with pytest.raises(MysqlError, match=r"\[accounts.document\]"):
        from_document(document)


@strategies.examples
@given(strategies.accounts)
def test_an_account_that_is_listed_without_its_hash_brings_no_password(account: Account) -> None:
    """An empty hash would be an account that anybody can log in to."""
    assert from_document(to_document(account, secrets=False)).authentication == ()


def test_an_empty_password_has_to_be_written_and_a_plug_in_without_hash_needs_none() -> None:
    for way in ({"plugin": "mysql_native_password", "data_hex": ""}, {"plugin": "auth_socket", "data_hex": None}):
        (made,) = from_document({"user": "app", "authentication": [way]}).authentication
        assert made == (way["plugin"], "")
