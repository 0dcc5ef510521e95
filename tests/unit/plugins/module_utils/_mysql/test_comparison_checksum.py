# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a table is planned, cut into ranges and rendered."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import comparison_checksum as sql
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_model import (
    DataColumn,
    DataKey,
    TableData,
)

INT = DataColumn("id", "int")
BY_ID = (DataKey("PRIMARY", ("id",)),)


def table(*columns, keys=(), rows=0, size=0):
    return TableData("shop", "t", "InnoDB", rows, size, columns, keys)


def plan(*columns, keys=BY_ID):
    one = table(*columns, keys=keys)
    return sql.make_plan(one, one)


KEYS = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=40, unique=True
)


@given(rows=KEYS, cuts=st.lists(st.tuples(*[st.integers(-3, 3)] * 3), max_size=5, unique=True), width=st.integers(1, 3))
def test_ranges_hold_every_row_exactly_once(rows, cuts, width):
    """Whatever rows the other side has between the bounds that one side gave."""
    columns = [DataColumn(f"k{number}", "int") for number in range(width)]
    key = DataKey("PRIMARY", tuple(column.name for column in columns))
    ranged = plan(*columns, keys=(key,))
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (k0, k1, k2)")
    database.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    bounds = [
        None,
        *sorted({tuple(map(str, cut[:width])) for cut in cuts}, key=lambda cut: [int(v) for v in cut]),
        None,
    ]
    seen = []
    for after, upto in zip(bounds, bounds[1:]):
        condition = sql.range_condition(ranged, after, upto)
        seen += database.execute(f"SELECT * FROM t WHERE {condition or '1'}").fetchall()
    assert sorted(seen) == sorted(rows)


@pytest.mark.parametrize("value", ["1 OR 1=1", "", "1e5", "0x10", "\uff11"])
def test_a_key_value_that_is_no_number_never_reaches_a_statement(value):
    with pytest.raises(ValueError, match="not a number key"):
        sql.range_condition(plan(INT), [value], None)


@pytest.mark.parametrize("kind", ["varchar", "varbinary"])
def test_text_reaches_a_statement_as_hex_only(kind):
    ranged = plan(DataColumn("id", kind))
    with pytest.raises(ValueError, match="hexadecimal"):
        sql.range_condition(ranged, ["' OR ''='"], None)
    assert "X'2720'" in sql.range_condition(ranged, ["2720"], None)


def test_names_are_quoted():
    column = DataColumn("a`b", "int")
    assert "`a``b` + 0" in plan(column, keys=()).source_row
    assert sql.table_name("x`y", "z") == "`x``y`.`z`"


def test_a_table_without_a_usable_key_is_read_in_one_piece():
    assert plan(INT, DataColumn("e", "enum"), keys=(DataKey("PRIMARY", ("e",)),)).key == ()
    assert plan(INT, keys=()).key == ()


def test_a_unique_key_stands_in_where_the_primary_key_cannot_bound_ranges():
    keys = (DataKey("PRIMARY", ("f",)), DataKey("u", ("id",)))
    chosen = plan(INT, DataColumn("f", "double"), keys=keys)
    assert (chosen.key_name, chosen.key) == ("u", (("id", "number"),))


def test_a_text_key_that_sorts_differently_on_the_other_side_bounds_nothing():
    ours, theirs = (
        DataColumn("id", "varchar", "utf8mb4", collation) for collation in ("utf8mb4_bin", "utf8mb4_general_ci")
    )
    keys = (DataKey("PRIMARY", ("id",)),)
    assert sql.make_plan(table(ours, keys=keys), table(theirs, keys=keys)).key == ()


def test_stored_bytes_are_taken_unless_the_character_sets_differ():
    latin1, utf8 = DataColumn("c", "varchar", "latin1", "", 9), DataColumn("c", "varchar", "utf8mb4", "", 36)
    assert "USING binary" in plan(latin1, keys=()).source_row
    mixed = sql.make_plan(table(latin1), table(utf8))
    assert mixed.source_row == mixed.target_row
    assert "USING utf8mb4" in mixed.source_row


def test_columns_without_a_common_form_are_named():
    found = sql.make_plan(table(INT, DataColumn("j", "longtext")), table(INT, DataColumn("j", "json")))
    assert found.uncompared == ("j",)
    assert "`j`" not in found.source_row


def test_columns_of_one_side_only_are_left_to_the_catalogue():
    assert "`b`" not in sql.make_plan(table(INT, DataColumn("b", "int")), table(INT)).source_row


@given(st.integers(0, 10**12), st.integers(0, 10**15))
def test_a_chunk_is_bounded_in_rows(rows, size):
    assert 1_000 <= sql.chunk_rows(rows, size) <= 200_000


@given(st.lists(st.integers(0, 2**64 - 1), max_size=50), st.integers(0, 5))
def test_rows_without_a_hash_are_counted_apart(values, unhashed):
    total = sum(values) + unhashed * sql._NO_HASH
    assert sql.split_sum(total) == (sum(values), unhashed)


def test_only_keys_that_cannot_be_personal_are_shown():
    assert sql.describe_range(plan(INT), ["5"], ["9"]) == "id from 5 to 9"
    assert sql.describe_range(plan(DataColumn("id", "varchar")), ["61"], ["62"]) == ""
