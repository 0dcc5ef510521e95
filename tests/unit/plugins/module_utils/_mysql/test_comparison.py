# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a difference, and how it is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import comparison
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql import comparison_normal as normal
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.comparison_model import (
    CatalogueObject,
    Difference,
    DifferenceList,
)


def objects(*found):
    return {(kind, key): CatalogueObject(kind, key, attributes) for kind, key, attributes in found}


def differences(source, target, left_behind=None, login="admin@%"):
    context = comparison.Context(login, left_behind or {})
    return [(one.kind, one.object, one.severity) for one in comparison.compare_objects(source, target, context)]


TABLE = ("table", ("s", "t"), {"engine": "InnoDB", "column_order": "a, b"})
COLUMN = ("column", ("s", "t", "a"), {"type": "int"})


def test_what_stands_inside_a_missing_table_is_not_told_again():
    assert differences(objects(TABLE, COLUMN), objects()) == [("table.missing", "s.t", "error")]
    assert differences(objects(), objects(TABLE, COLUMN)) == [("table.extra", "s.t", "error")]


def test_a_missing_column_is_not_told_as_another_order_too():
    target = objects((*TABLE[:2], {"engine": "InnoDB", "column_order": "b"}))
    assert differences(objects(TABLE, COLUMN), target) == [("column.missing", "s.t.a", "error")]


def test_another_order_of_the_same_columns_is_told():
    target = objects((*TABLE[:2], {"engine": "InnoDB", "column_order": "b, a"}), COLUMN)
    assert differences(objects(TABLE, COLUMN), target) == [("table.column_order", "s.t", "error")]


@pytest.mark.parametrize(
    ("source", "target", "severity"), [("MyISAM", "InnoDB", "expected"), ("InnoDB", "MyISAM", "error")]
)
def test_only_myisam_becomes_innodb(source, target, severity):
    sides = [objects(("table", ("s", "t"), {"engine": engine})) for engine in (source, target)]
    assert differences(*sides) == [("table.engine", "s.t", severity)]


@pytest.mark.parametrize(("definer", "severity"), [("`admin`@`%`", "expected"), ("`mallory`@`%`", "error")])
def test_only_the_targets_login_may_replace_a_definer(definer, severity):
    sides = [objects(("procedure", ("s", "p"), {"definer": one})) for one in ("`app`@`%`", definer)]
    assert differences(*sides) == [("procedure.definer", "s.p", severity)]


@pytest.mark.parametrize(
    ("source", "target", "severity"),
    [("ENABLED", "DISABLED", "expected"), ("DISABLED", "ENABLED", "error")],
)
def test_events_may_sleep_but_not_wake(source, target, severity):
    sides = [objects(("event", ("s", "e"), {"status": status})) for status in (source, target)]
    assert differences(*sides) == [("event.status", "s.e", severity)]


@pytest.mark.parametrize(
    ("source", "target", "severity"),
    [
        ("SYSTEM", "Europe/Berlin", "expected"),
        ("SYSTEM", "+01:00", "expected"),
        ("Europe/Berlin", "SYSTEM", "error"),
        ("Europe/Berlin", "Europe/Paris", "error"),
    ],
)
def test_an_event_in_system_may_be_given_the_zone_that_system_was(source, target, severity):
    sides = [objects(("event", ("s", "e"), {"time_zone": zone})) for zone in (source, target)]
    assert differences(*sides) == [("event.time_zone", "s.e", severity)]


@pytest.mark.parametrize(
    ("attribute", "part", "severity"),
    [
        ("definer", "definer new@%", "expected"),
        ("definer", "definer other@%", "error"),
        ("definer", "", "error"),
        ("definition", "definition", "expected"),
        ("definition", "definer new@%", "error"),
    ],
)
def test_what_was_made_otherwise_is_expected_as_it_was_made(attribute, part, severity):
    sides = [objects(("view", ("s", "v"), {attribute: value})) for value in ("old@%", "new@%")]
    found = differences(*sides, left_behind={("s.v", part): "because"})
    assert found == [(f"view.{attribute}", "s.v", severity)]


def test_what_was_left_behind_with_a_reason_is_expected():
    context = comparison.Context("admin@%", {("s.p", ""): "it is loadable"})
    (found,) = comparison.compare_objects(objects(("function", ("s", "p"), {})), {}, context)
    assert (found.kind, found.severity) == ("function.missing", "expected")
    assert "it is loadable" in found.note


def test_an_empty_extra_schema_is_expected_and_a_filled_one_is_not():
    extra = {name: CatalogueObject("schema", (name,), {}) for name in ("empty", "full")}
    context = comparison.Context("admin@%", {})
    found = {one.object: one.severity for one in comparison.compare_schemas({}, extra, {"full"}, context)}
    assert found == {"empty": "expected", "full": "error"}


@pytest.mark.parametrize(
    ("zones", "offsets", "severity"),
    [
        (("SYSTEM", "Europe/Paris"), ("01:00:00", "01:00:00"), "expected"),
        (("SYSTEM", "UTC"), ("01:00:00", "00:00:00"), "error"),
    ],
)
def test_a_time_zone_is_judged_by_its_offset(zones, offsets, severity):
    variables = [{"time_zone": zone, "system_time_zone": "CET"} for zone in zones]
    (found,) = comparison.compare_variables(*variables, *offsets)
    assert (found.kind, found.severity) == ("variable.time_zone", severity)


def test_the_order_of_sql_modes_is_no_difference():
    variables = [{"sql_mode": mode} for mode in ("ANSI,STRICT_ALL_TABLES", "STRICT_ALL_TABLES,ANSI")]
    assert list(comparison.compare_variables(*variables, "0", "0")) == []


@given(st.text(max_size=600), st.text(max_size=600))
def test_long_values_are_cut_where_they_part(source, target):
    sides = [objects(("table", ("s", "t"), {"comment": value})) for value in (source, target)]
    context = comparison.Context("", {})
    found = list(comparison.compare_objects(*sides, context))
    assert bool(found) == (source != target)
    for one in found:
        assert max(len(one.source), len(one.target)) <= 200
        assert one.source != one.target or max(len(source), len(target)) > 200


@given(st.lists(st.tuples(st.sampled_from(["error", "expected"]), st.integers(0, 99))), st.integers(1, 10))
def test_a_list_counts_all_and_keeps_errors_first(found, bound):
    kept = DifferenceList(bound)
    for severity, number in found:
        kept.add(Difference("k", str(number), "", "", severity))
    errors = sum(severity == "error" for severity, _number in found)
    shown = [one["severity"] for one in kept.as_dicts()]
    assert (kept.errors, kept.expected) == (errors, len(found) - errors)
    assert shown == (["error"] * errors + ["expected"] * (len(found) - errors))[:bound]


@pytest.mark.parametrize(
    ("mariadb", "mysql"),
    [
        # (COLUMN_DEFAULT, EXTRA), as MariaDB 10.11 and MySQL 9.7 give them for the same CREATE TABLE
        (("5", ""), ("5", "")),
        (("'x''y'", ""), ("x'y", "")),
        (("1.50", ""), ("1.50", "")),
        (("uuid()", ""), ("uuid()", "DEFAULT_GENERATED")),
        (("NULL", ""), (None, "")),
        (
            ("current_timestamp(3)", "on update current_timestamp(3)"),
            ("CURRENT_TIMESTAMP(3)", "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)"),
        ),
        (("current_timestamp()", ""), ("CURRENT_TIMESTAMP", "DEFAULT_GENERATED")),
        (("b'101'", ""), ("b'101'", "")),
    ],
)
def test_defaults_are_the_same_on_both_flavours(mariadb, mysql):
    forms = [
        normal.column_default(value, True, extra, flavour)
        for (value, extra), flavour in ((mariadb, True), (mysql, False))
    ]
    assert forms[0] == forms[1]
    assert normal.column_extra(mariadb[1]) == normal.column_extra(mysql[1])


@pytest.mark.parametrize(
    ("mariadb", "mysql"),
    [
        # GENERATION_EXPRESSION and CHECK_CLAUSE of the same definitions
        ("`a` + 1", "(`a` + 1)"),
        ("concat(`b`,'Q')", "concat(`b`,_utf8mb3\\'Q\\')"),
        ("`b` <> 'Q\\'x'", "(`b` <> _utf8mb3\\'Q\\\\\\'x\\')"),
    ],
)
def test_expressions_are_the_same_on_both_flavours(mariadb, mysql):
    assert normal.expression(mariadb) == normal.expression(mysql)


@pytest.mark.parametrize(
    ("one", "other"),
    [("`a` + 1", "`a` + 2"), ("'A'", "'a'"), ("'a b'", "'a  b'"), ("(a)+(b)", "a)+(b"), ("", "''")],
)
def test_expressions_that_mean_something_else_stay_different(one, other):
    assert normal.expression(one) != normal.expression(other)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("int(11)", "int"),
        ("bigint(20) unsigned", "bigint unsigned"),
        ("tinyint(1)", "tinyint(1)"),
        ("tinyint(4)", "tinyint"),
        ("int(7) unsigned zerofill", "int(7) unsigned zerofill"),
        ("year(4)", "year"),
        ("varchar(11)", "varchar(11)"),
        ("enum('A','int(11)')", "enum('A','int(11)')"),
    ],
)
def test_only_display_widths_without_a_meaning_are_dropped(value, form):
    assert normal.column_type(value) == form
