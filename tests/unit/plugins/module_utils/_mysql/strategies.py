# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of every kind, for property tests."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    Account,
    AccountName,
    Authentication,
    Grant,
    Limits,
    PasswordRules,
    Scope,
    Tls,
)

# Enough to find what a person would not think of; no time limit, because machines differ.
examples = settings(max_examples=40)

# Anything a server stores: no NUL, no surrogates, nothing beyond the basic plane (utf8mb3 system tables).
text = st.text(st.characters(min_codepoint=1, max_codepoint=0xFFFF, exclude_categories=("Cs",)), max_size=12)
names = text.filter(bool) | st.sampled_from(
    ["o'b", "a`b", 'say"hi"', "back\\slash", "100%", "a_b", "ü\\'`", "a,b", "x TO y"]
)
hosts = st.sampled_from(["%", "localhost", "10.%", "192.168.0.0/255.255.0.0", "db_1.example.com", "o'host"])
account_names = st.builds(AccountName, names | st.just(""), hosts)
hexes = st.binary(max_size=40).map(lambda data: data.hex().upper())
static = st.frozensets(st.sampled_from(["SELECT", "INSERT", "UPDATE", "REFERENCES"]), min_size=1)
routine = st.frozensets(st.sampled_from(["EXECUTE", "ALTER ROUTINE"]), min_size=1)
dynamic_names = st.sampled_from(["ROLE_ADMIN", "SET_USER_ID", "XA_RECOVER_ADMIN"])


def _dynamic(name: str, grantable: bool) -> tuple[Scope, Grant]:
    return Scope("dynamic", "", name), Grant(frozenset({name}), grantable)


def _item(
    level: str, schema: str, name: str, detail: str, privileges: frozenset[str], option: bool
) -> tuple[Scope, Grant]:
    return Scope(level, schema, name, detail), Grant(privileges, option)


_none, _lower = st.just(""), names.map(str.lower)
_proxy, _kinds = st.just(frozenset({"PROXY"})), st.sampled_from(["PROCEDURE", "FUNCTION"])
grant_items = st.one_of(
    st.builds(_item, st.just("global"), _none, _none, _none, static, st.booleans()),
    st.builds(_dynamic, dynamic_names, st.booleans()),
    st.builds(_item, st.just("schema"), names, _none, _none, static, st.booleans()),
    st.builds(_item, st.just("table"), names, names, _none, static, st.booleans()),
    st.builds(_item, st.just("column"), names, names, _lower, static, st.just(False)),
    st.builds(_item, st.just("routine"), names, _lower, _kinds, routine, st.booleans()),
    st.builds(_item, st.just("proxy"), _none, names, hosts, _proxy, st.booleans()),
)
grants = st.lists(grant_items, max_size=6).map(dict)
optional = st.none() | st.integers(0, 1000)
accounts = st.builds(
    Account,
    name=account_names,
    authentication=st.lists(
        st.builds(Authentication, st.sampled_from(["mysql_native_password", "caching_sha2_password"]), hexes),
        min_size=1,
        max_size=1,
    ).map(tuple),
    second_password_hex=hexes,
    tls=st.builds(Tls, st.sampled_from(["none", "any", "x509", "specified"]), text, text, text),
    limits=st.builds(Limits, *[st.integers(0, 9)] * 4, st.just(0)),
    password=st.builds(
        PasswordRules, st.booleans(), optional, optional, optional, st.none() | st.booleans(), st.just(0), st.just(0)
    ),
    locked=st.booleans(),
    roles=st.dictionaries(account_names, st.booleans(), max_size=3),
    grants=grants,
    restrictions=st.dictionaries(names, static, max_size=2),
)
