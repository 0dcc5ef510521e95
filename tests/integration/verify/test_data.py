# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison of rows notices on real servers, and what it does not mind."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import comparison_checksum
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

UPDATE_TWO = "UPDATE shop.customer SET {} = CASE id WHEN 1 THEN 'Grace' WHEN 2 THEN 'Ada' ELSE {} END"
CHANGES = {
    "one letter": "UPDATE shop.customer SET name = 'Ade' WHERE id = 1",
    "letter case": "UPDATE shop.customer SET name = 'ada' WHERE id = 1",
    "accent": "UPDATE shop.customer SET nick = 'e' WHERE id = 4",
    "trailing space": "UPDATE shop.customer SET name = 'Ada ' WHERE id = 1",
    "null for empty": "UPDATE shop.customer SET note = NULL WHERE id = 4",
    "empty for null": "UPDATE shop.customer SET note = '' WHERE id = 3",
    "values of two rows swapped": UPDATE_TWO.format("name", "name"),
    "values of two columns swapped": "UPDATE shop.customer SET name = 'first', note = 'Ada' WHERE id = 1",
    "a boundary between two columns moved": "UPDATE shop.customer SET name = 'Adaf', note = 'irst' WHERE id = 1",
    "key": "UPDATE shop.customer SET id = 8 WHERE id = 9",
    "last digit of a double": "UPDATE shop.item SET size = 0.10000000000000002 WHERE code = 'a'",
    "last digit of a float": "UPDATE shop.item SET weight = 0.10000001 WHERE code = 'a'",
    "digit of a large float": "UPDATE shop.item SET weight = 16777218 WHERE code = 'c '",
    "bit": "UPDATE shop.item SET bits = b'100' WHERE code = 'a'",
    "enum": "UPDATE shop.item SET kind = 'small' WHERE code = 'a'",
    "set": "UPDATE shop.item SET flags = 'a,b' WHERE code = 'a'",
    "milliseconds": "UPDATE shop.item SET bought = '2020-02-29 12:00:00.124' WHERE code = 'a'",
    "hour of an instant when clocks go back": "UPDATE shop.item SET stamp = '2020-10-25 00:30:00.5' WHERE code = 'a'",
    "sign of a time": "UPDATE shop.item SET took = '12:00:00.25' WHERE code = 'a'",
    "year": "UPDATE shop.item SET made = 2025 WHERE made = 2024",
    "byte of a blob": "UPDATE shop.item SET picture = x'00ff01' WHERE code = 'a'",
    "binary padding": "UPDATE shop.item SET raw = 'abc' WHERE code = 'c '",
    "coordinate": "UPDATE shop.item SET place = ST_GeomFromText('POINT(1 3)') WHERE code = 'a'",
    "spatial reference": "UPDATE shop.item SET place = ST_GeomFromText('POINT(1 2)', 4326) WHERE code = 'a'",
    "json": "UPDATE shop.item SET extra = '{\"a\": 2}' WHERE code = 'a'",
    "cent": "UPDATE shop.item SET price = 2.01 WHERE code = 'b'",
    "a doubled row for another": "UPDATE shop.log SET text = 'other' WHERE text = 'same' LIMIT 1",
    "partition": "UPDATE shop.years SET made = '1990-01-02' WHERE id = 2",
}
COLUMNS = {
    "customer": "id, name, note, nick",
    "item": "customer, line, code, price, weight, size, bits, kind, flags, bought, stamp, took, made, picture, raw,"
    " place, extra",
    "log": "at, text",
    "years": "id, made",
}


def test_the_same_on_both_sides_is_equal(pair):
    found = pair.compare()
    assert found["equal"], found["differences"]
    assert [(one["kind"], one["severity"]) for one in found["differences"]] == [
        ("variable.character_set_server", "expected"),
        ("variable.collation_server", "expected"),
    ]
    assert (found["summary"]["checked"], found["summary"]["different"]) == (4, 0)
    assert found["summary"]["rows_source"] == found["summary"]["rows_target"] == 15
    assert {(one["table"], one["rows_source"], one["equal"]) for one in found["tables"]} == {
        ("customer", 6, True),
        ("item", 3, True),
        ("log", 3, True),
        ("years", 3, True),
    }


@pytest.fixture(scope="module")
def changed(servers):
    """What one comparison finds in copies of the sample's tables, one schema a change, each with only that change."""
    servers.refill()
    for number, change in enumerate(CHANGES.values()):
        table = change.split()[1].split(".")[1]
        for side in (servers.source, servers.target):
            servers.run(
                side,
                f"CREATE DATABASE change_{number} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
                f"CREATE TABLE change_{number}.{table} LIKE shop.{table}",
                f"INSERT INTO change_{number}.{table} ({COLUMNS[table]}) SELECT {COLUMNS[table]} FROM shop.{table}",
            )
        servers.run(servers.target, change.replace("shop.", f"change_{number}."))
    schemas = ["change_*"]
    whole = servers.compare(schemas=schemas, max_differences=200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison_checksum, "_CHUNK_ROWS", (2, 2))
        patch.setattr(comparison_checksum, "_CHUNK_ROWS_UNKNOWN", 2)
        chunked = servers.compare(schemas=schemas, max_differences=200)
    return {"whole": whole, "chunked": chunked}


@pytest.mark.parametrize("way", ["whole", "chunked"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed(changed, way, name):
    schema = f"change_{list(CHANGES).index(name)}"
    table = CHANGES[name].split()[1].replace("shop", schema)
    errors = [one for one in changed[way]["differences"] if one["severity"] == "error"]
    assert [(one["kind"], one["object"]) for one in errors if one["object"].split(".")[0] == schema] == [
        ("data.content", table)
    ]


@pytest.mark.parametrize("way", ["whole", "chunked"])
def test_each_change_is_told_once(changed, way):
    assert changed[way]["summary"]["different"] == changed[way]["summary"]["errors"] == len(CHANGES)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(
    ("change", "rows", "where"),
    [
        ("DELETE FROM shop.customer WHERE id = 1", 5, "id from the first to 2"),
        ("DELETE FROM shop.customer WHERE id = 9", 5, "id from 4 to 9"),
        ("INSERT INTO shop.customer VALUES (-5, 'x', 'x', 'x')", 7, "id from the first to 2"),
        ("INSERT INTO shop.customer VALUES (1000, 'x', 'x', 'x')", 7, "id from 9 to the last"),
    ],
)
def test_a_missing_or_extra_row_is_noticed_and_where_it_is(pair, change, rows, where):
    with connect(pair.target.login()) as connection:
        connection.execute("SET foreign_key_checks = 0")
        connection.execute(change)
    (difference,) = (one for one in pair.compare()["differences"] if one["kind"] == "data.rows")
    assert (difference["source"], difference["target"]) == ("6 rows", f"{rows} rows")
    assert difference["note"] == f"In 1 of 4 ranges of rows: {where}."


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE shop.log ENGINE=InnoDB",
        "ALTER TABLE shop.customer ROW_FORMAT=REDUNDANT",
        "ALTER TABLE shop.item FORCE",
    ],
)
def test_how_rows_are_stored_is_no_difference(pair, change):
    pair.run(pair.target, change)
    found = pair.compare()
    assert found["equal"], found["differences"]
    assert found["summary"]["different"] == 0


def test_text_is_the_same_in_another_character_set(pair):
    pair.run(pair.target, "ALTER TABLE shop.customer MODIFY nick VARCHAR(20) CHARACTER SET utf8mb4")
    found = pair.differences()
    assert ("column.charset", "shop.customer.nick", "error") in found
    assert not any(kind.startswith("data.") for kind, _object, _severity in found)


KEYS = {
    "k VARCHAR(20) CHARACTER SET latin1": ["''", "'a'", "'Ä'", "'b\\'x'", "'z '"],
    "k VARCHAR(20) CHARACTER SET utf8mb4": ["''", "'ß'", "'🚢'", "'b\\\\'", "'%s'"],
    "k VARBINARY(9)": ["''", "x'00'", "x'27'", "x'ff'", "x'ff00'"],
    "k DECIMAL(65,30)": ["-1.5", "0", "1e-30", "12345678901234567890123456789012345", "2"],
    "k BIGINT UNSIGNED": ["0", "1", "9223372036854775808", "18446744073709551614", "18446744073709551615"],
    "k INT(9) ZEROFILL": ["0", "1", "22", "333", "4444"],
    "k DATETIME(6)": ["'0000-00-00'", "'1000-01-01'", "'2020-01-01 00:00:00.000001'", "'2021-01-01'", "'9999-12-31'"],
    "k TIMESTAMP(3)": [f"'2020-10-25 0{hour}:30:00'" for hour in range(5)],
    "k ENUM('z', 'y', 'x', 'w', 'v')": ["'z'", "'y'", "'x'", "'w'", "'v'"],
    "k DOUBLE": ["0", "0.1", "1e300", "-1", "3"],
}


@pytest.mark.usefixtures("small_chunks")
def test_every_row_is_read_once_whatever_the_key(pair):
    for number, (column, values) in enumerate(KEYS.items()):
        rows = ", ".join(f"({value}, {position})" for position, value in enumerate(values))
        for side in (pair.source, pair.target):
            pair.run(
                side,
                f"CREATE TABLE shop.keyed_{number} ({column} PRIMARY KEY, v INT)",
                f"INSERT INTO shop.keyed_{number} VALUES {rows}",
            )
    found = pair.compare()
    assert found["equal"], found["differences"]
    read = {one["table"]: (one["rows_source"], one["rows_target"]) for one in found["tables"]}
    assert {table: rows for table, rows in read.items() if table.startswith("keyed")} == {
        f"keyed_{number}": (5, 5) for number in range(len(KEYS))
    }


def test_a_row_longer_than_a_packet_is_told_not_passed_over(pair):
    for side in (pair.source, pair.target):
        columns = ", ".join(f"c{number} VARBINARY(255)" for number in range(200))
        values = ", ".join(["REPEAT('x', 250)"] * 200)
        pair.run(side, f"CREATE TABLE shop.wide ({columns}) ENGINE=MyISAM", f"INSERT INTO shop.wide VALUES ({values})")
    pair.run(pair.target, "SET GLOBAL max_allowed_packet = 32768")
    try:
        (difference,) = (one for one in pair.compare()["differences"] if one["object"] == "shop.wide")
    finally:
        pair.run(pair.target, "SET GLOBAL max_allowed_packet = DEFAULT")
    assert difference["kind"] == "data.unreadable"
    assert "max_allowed_packet" in difference["note"]


def test_a_table_that_cannot_be_read_costs_only_itself(pair):
    for side in (pair.source, pair.target):
        pair.run(side, "CREATE TABLE shop.broken (a INT) ENGINE=MyISAM")
    (pair.target.datadir / "shop" / "broken.MYI").write_bytes(b"")
    pair.run(pair.target, "FLUSH TABLES")
    found = pair.compare()
    assert [one["object"] for one in found["differences"] if one["kind"] == "data.unreadable"] == ["shop.broken"]
    assert found["summary"]["rows_target"] == 15


def test_counts_see_rows_and_no_more(pair):
    pair.run(pair.target, CHANGES["one letter"], "DELETE FROM shop.log WHERE text = 'other'")
    assert [one for one in pair.differences(data="counts") if one[2] == "error"] == [("data.rows", "shop.log", "error")]


def test_without_data_no_row_is_read(pair):
    pair.run(pair.target, CHANGES["one letter"])
    found = pair.compare(data="none")
    assert found["equal"]
    assert found["summary"]["rows_source"] is None
    assert found["summary"]["checked"] == 0


@pytest.mark.usefixtures("small_chunks")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
            st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)),
            st.one_of(st.none(), st.binary(max_size=8)),
        ),
        min_size=1,
        max_size=6,
    ),
    data=st.data(),
)
def test_equal_exactly_when_the_rows_are(servers, rows, data):
    others = list(rows)
    if data.draw(st.booleans()):
        row, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, 2))
        donor = data.draw(st.integers(0, len(rows) - 1))
        changed = list(others[row])
        changed[column] = rows[donor][column]
        others[row] = tuple(changed)
    for side, values in ((servers.source, rows), (servers.target, others)):
        with connect(side.login()) as connection:
            connection.execute("CREATE DATABASE IF NOT EXISTS any")
            connection.execute(
                "CREATE OR REPLACE TABLE any.t"
                " (id INT PRIMARY KEY, f DOUBLE, s VARCHAR(20) CHARACTER SET utf8mb4, b BLOB)"
            )
            for number, value in enumerate(values):
                connection.execute("INSERT INTO any.t VALUES (%s, %s, %s, %s)", (number, *value))
    found = servers.compare(schemas=["any"])
    (table,) = found["tables"]
    # -0.0 and 0.0 are two values to the server, too: repr tells them apart.
    assert table["equal"] == (repr(rows) == repr(others))
