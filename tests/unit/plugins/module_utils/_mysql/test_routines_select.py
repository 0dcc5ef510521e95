# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brackets of a view that two servers may set differently, and those that mean something."""

from __future__ import annotations

from typing import Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.routines_select import (
    canonical_select,
)

Tree = Union[str, tuple]
OPERATORS = ("or", "xor", "and", "=", "<=>", "like", "|", "&", "<<", "+", "-", "*", "/", "DIV", "%", "^")


@pytest.mark.parametrize(
    ("sparing", "lavish"),
    [
        ("select `a` or `b` and `c`", "select (`a` or (`b` and `c`))"),
        ("select `a` between 1 and 2 and `b` is not null", "select ((`a` between 1 and 2) and (`b` is not null))"),
        ("select `a` is null or `b`", "select (isnull(`a`) or `b`)"),
        ("select (`a` or `b`) is null", "select (isnull((`a` or `b`)))"),
        ("select -`a` - (`b` - `c`), !`a`", "select (-(`a`) - (`b` - `c`)), (!(`a`))"),
        ("select `a` in (1,2) and `b` not in (3)", "select ((`a` in (1,2)) and (`b` not in (3)))"),
        (
            "select case when `a` or `b` then 1 else `c` + 1 end * 2",
            "select (case when (`a` or `b`) then 1 else (`c` + 1) end * 2)",
        ),
        ("select `d` + interval `a` + 1 day", "select (`d` + interval (`a` + 1) day)"),
        ("select not `a` = `b`", "select (not((`a` = `b`)))"),
        ("select f(`a` + 1,`s`.`g`(`b` or `c`))", "select f((`a` + 1),`s`.`g`((`b` or `c`)))"),
        ("select left(`a`,1) MOD `b`", "select (left(`a`,1) % `b`)"),
        (
            "from `a` join `b` on(`a`.`x` = `b`.`x`) where `c`",
            "from (`a` join `b` on((`a`.`x` = `b`.`x`))) where (`c`)",
        ),
        ("select `t`.`a`, _utf8mb4'(x' ", "select `s`.`t`.`a` , '(x'"),
        ("select 1 from `t` order by `a` + 1 desc", "select 1 from `t` order by (`a` + 1) desc"),
        ("select (select 1) + 1", "select ((select 1) + 1)"),
    ],
)
def test_brackets_that_change_nothing_are_dropped(sparing: str, lavish: str) -> None:
    assert canonical_select(sparing) == canonical_select(lavish)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("where (`a` and (not(`b`)))", "where ((0 <> `a`) and (0 = `b`))"),
        ("where `a`", "where (0 <> `a`)"),
        ("where (0 <> `a`) and (0 = `b`)", "where 0 <> `a` and 0 = `b`"),
        ("from (`t` join `u` on((`t`.`a` or `u`.`a`)))", "from (`t` join `u` on(((0 <> `t`.`a`) or (0 <> `u`.`a`))))"),
        ("select if(`a`,1,2),(`a` is true)", "select if((0 <> `a`),1,2),((0 <> `a`) is true)"),
        ("(not((`a` regexp 'x')))", "(not(regexp_like(`a`,'x')))"),
        ("`a` not regexp 'x'", "!(`a` regexp 'x')"),
        ("`a` not like 'x' escape '|' and `b`", "((not((`a` like 'x' escape '|'))) and `b`)"),
        ("(`a` not in (select 1)) = `b`", "((not(`a` in (select 1))) = `b`)"),
        ("`a` + 1 not between 1 and 2 or `b`", "((not(((`a` + 1) between 1 and 2))) or `b`)"),
        ("!exists(select 1 from `t` limit 1)", "(not(exists(select 1 from `t`)))"),
        ("ucase(`a`), lcase(`b`), octet_length(`c`), current_timestamp(3)", "upper(`a`),lower(`b`),length(`c`),now(3)"),
        ("cast(`a` as char charset utf8) collate utf8_bin", "cast(`a` as char charset utf8mb3) collate utf8mb3_bin"),
        ("select X'4aF'", "select 0x4AF"),
    ],
)
def test_what_servers_write_in_other_words_is_the_same(one: str, other: str) -> None:
    assert canonical_select(one) == canonical_select(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select (0 <> `a`)", "select `a`"),
        ("where ((0 <> `a`) = `b`)", "where (`a` = `b`)"),
        ("`b` and (0 <> `a`) = `c`", "`b` and `a` = `c`"),
        ("`b` = (0 <> `a`) is true", "`b` = `a` is true"),
        ("where ((0 <> `a`) + 1)", "where (`a` + 1)"),
        ("where 0 <> `a` + 1", "where (`a`) + 1"),
        ("`a` and 'utf8'", "`a` and 'utf8mb3'"),
        ("`ucase`", "`upper`"),
        ("regexp_like(`a`,'x','i')", "(`a` regexp 'x')"),
        ("(select 1 from `t` limit 1)", "(select 1 from `t`)"),
        ("`a` not like `b` or `c`", "not (`a` like `b` or `c`)"),
    ],
)
def test_words_that_mean_something_stay(one: str, other: str) -> None:
    assert canonical_select(one) != canonical_select(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("`a` and (`b` or `c`)", "(`a` and `b`) or `c`"),
        ("`a` - (`b` - `c`)", "(`a` - `b`) - `c`"),
        ("not (`a` and `b`)", "(not `a`) and `b`"),
        ("(`a`,`b`) in ((1,2),(3,4))", "`a`,`b` in ((1,2),(3,4))"),
        ("-(`a` + `b`)", "-`a` + `b`"),
        ("(`a` is null) + 1", "`a` is (null + 1)"),
        ("`a` between 1 and (2 and `b`)", "`a` between 1 and 2 and `b`"),
        ("(`a` + `b`) collate utf8mb4_bin", "`a` + `b` collate utf8mb4_bin"),
        ("`a` left join (`b` join `c` on(`x`)) on(`y`)", "`a` left join `b` join `c` on(`x`) on(`y`)"),
        ("`d` + interval (1 + 1) day + 1", "`d` + (interval 1 + 1 day + 1)"),
    ],
)
def test_brackets_that_mean_something_stay(one: str, other: str) -> None:
    assert canonical_select(one) != canonical_select(other)


def _bracketed(data: st.DataObject, parts: list[str]) -> Tree:
    """A tree over operands with an operator between every two, split at random."""
    if len(parts) == 1:
        return parts[0]
    at = 2 * data.draw(st.integers(0, len(parts) // 2 - 1)) + 1
    return (parts[at], _bracketed(data, parts[:at]), _bracketed(data, parts[at + 1 :]))


def _text(tree: Tree) -> str:
    return tree if isinstance(tree, str) else f"({_text(tree[1])} {tree[0]} {_text(tree[2])})"


def _meaning(tree: Tree) -> Tree:
    """The tree, where the order in which AND and OR are evaluated does not matter."""
    if isinstance(tree, str):
        return tree
    operator, left, right = tree[0], _meaning(tree[1]), _meaning(tree[2])
    members: list[Tree] = []
    for each in (left, right):
        members += each[1:] if operator in ("and", "or") and each[0] == operator else [each]
    return (operator, *members)


@given(st.data())
def test_two_bracketings_are_equal_only_if_they_mean_the_same(data: st.DataObject) -> None:
    operators = data.draw(st.lists(st.sampled_from(OPERATORS), min_size=1, max_size=5))
    parts = ["`a`"]
    for number, operator in enumerate(operators):
        parts += [operator, f"`b{number}`"]
    one, other = _bracketed(data, parts), _bracketed(data, parts)
    equal = canonical_select(_text(one)) == canonical_select(_text(other))
    assert equal is (_meaning(one) == _meaning(other))


@given(st.text())
def test_any_text_has_one_form(text: str) -> None:
    assert canonical_select(canonical_select(text)) == canonical_select(text)
