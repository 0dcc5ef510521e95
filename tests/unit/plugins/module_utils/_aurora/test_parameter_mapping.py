# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a source's settings in the cluster's parameter group."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora import parameter_mapping as mapping
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.parameter_rules import (
    RULES,
    SOURCE_VARIABLES,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.parameter_values import (
    FamilyParameter,
    family_parameter,
    fit,
    same_value,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import VARIABLES

MODES = (
    "ALLOW_INVALID_DATES,ANSI_QUOTES,ERROR_FOR_DIVISION_BY_ZERO,IGNORE_SPACE,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION,"
    "NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT,STRICT_TRANS_TABLES,TRADITIONAL"
)


def offered(**more):
    """A family in small; each value is (default, allowed values, data type, modifiable)."""
    known = {
        "character_set_server": ("utf8mb4", "latin1,utf8,utf8mb4", "string", True),
        "collation_server": (None, "", "string", True),
        "event_scheduler": ("ON", "ON,OFF", "string", True),
        "explicit_defaults_for_timestamp": ("1", "0,1", "boolean", True),
        "group_concat_max_len": (None, "4-18446744073709551615", "integer", True),
        "innodb_strict_mode": (None, "0,1", "boolean", True),
        "local_infile": (None, "0,1", "boolean", True),
        "long_query_time": (None, "0-31536000", "float", True),
        "lower_case_table_names": ("0", "0,1", "integer", True),
        "max_allowed_packet": (None, "1024-1073741824", "integer", True),
        "max_connections": ("GREATEST({log(DBInstanceClassMemory/805306368)*45},...)", "1-16000", "integer", True),
        "slow_query_log": ("0", "0,1", "boolean", True),
        "sql_mode": (None, MODES, "list", True),
        "transaction_isolation": (None, "READ-UNCOMMITTED,READ-COMMITTED,REPEATABLE-READ,SERIALIZABLE", "string", True),
        "wait_timeout": (None, "1-31536000", "integer", True),
        **more,
    }
    return {name: FamilyParameter(name, *members) for name, members in known.items()}


def plan(source, own=None, left=(), family="aurora-mysql8.0", **more):
    return mapping.plan_parameters(source, family, offered(**more), own or {}, left)


def only(entries):
    (entry,) = entries
    return entry


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("character_set_server", "utf8mb4"),
        ("collation_server", "utf8mb4_0900_ai_ci"),
        ("event_scheduler", "ON"),
        ("explicit_defaults_for_timestamp", "ON"),
        ("innodb_strict_mode", "ON"),
        ("long_query_time", "10.000000"),
        ("lower_case_table_names", "0"),
        ("max_allowed_packet", "67108864"),
        ("max_connections", "151"),
        ("slow_query_log", "OFF"),
        ("transaction_isolation", "REPEATABLE-READ"),
    ],
)
def test_what_the_cluster_has_anyway_is_listed_nowhere(variable, value):
    assert plan({variable: value}) == mapping.ParameterPlan({}, (), (), ())


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("collation_server", "utf8mb4_unicode_ci", "utf8mb4_unicode_ci"),
        ("event_scheduler", "OFF", "OFF"),
        ("explicit_defaults_for_timestamp", "OFF", "0"),
        ("group_concat_max_len", "1048576", "1048576"),
        ("local_infile", "ON", "1"),
        ("long_query_time", "0.500000", "0.5"),
        ("lower_case_table_names", "1", "1"),
        ("sql_mode", "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION", "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"),
        ("transaction_isolation", "READ-COMMITTED", "READ-COMMITTED"),
    ],
)
def test_what_differs_is_taken_in_the_family_s_spelling(variable, value, expected):
    found = plan({variable: value})
    assert found.parameters == {variable: expected}
    assert only(found.taken) == (variable, value, expected, "")
    assert found.changed == found.left == ()


@pytest.mark.parametrize(
    ("variable", "value", "expected", "why"),
    [
        ("character_set_server", "utf8mb3", "utf8", "family's name"),
        ("collation_server", "utf8mb4_uca1400_ai_ci", "utf8mb4_0900_ai_ci", "UCA 14.0.0"),
        ("collation_server", "uca1400_as_cs", "utf8mb4_0900_as_cs", "UCA 14.0.0"),
        ("collation_server", "utf8mb4_nopad_bin", "utf8mb4_0900_bin", "without padding"),
        ("collation_server", "utf8mb4_unicode_520_nopad_ci", "utf8mb4_0900_ai_ci", "without padding"),
        ("event_scheduler", "DISABLED", "OFF", "ON and OFF"),
        ("lower_case_table_names", "2", "1", "0 and 1"),
        ("sql_mode", "STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER", "STRICT_TRANS_TABLES", "no NO_AUTO_CREATE_USER"),
        ("sql_mode", "EMPTY_STRING_IS_NULL,ANSI_QUOTES", "ANSI_QUOTES", "no EMPTY_STRING_IS_NULL"),
        ("max_allowed_packet", "2147483648", "1073741824", "1024 to 1073741824"),
    ],
)
def test_what_the_target_says_otherwise_is_changed_and_told(variable, value, expected, why):
    found = plan({variable: value})
    assert found.parameters == {variable: expected}
    entry = only(found.changed)
    assert entry[:3] == (variable, value, expected)
    assert why in entry.reason
    assert found.taken == found.left == ()


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("max_connections", "500", "class"),
        ("time_zone", "SYSTEM", "role objects"),
        ("sql_mode", "", "empty list"),
        ("sql_mode", "EMPTY_STRING_IS_NULL", "none of its modes"),
        ("character_set_server", "cp932", "does not allow cp932"),
        ("div_precision_increment", "8", "none of that name"),
        ("init_connect", "x" * 1000, "too long"),
        ("init_connect", "SET @key = '***'", "restore_cluster_parameters"),
        ("autocommit", "OFF", "nobody change"),
    ],
)
def test_what_cannot_travel_is_left_with_the_reason(variable, value, why):
    found = plan({variable: value}, autocommit=(None, "0,1", "boolean", False), init_connect=(None, "", "string", True))
    assert found.parameters == {}
    entry = only(found.left)
    assert entry[:3] == (variable, value, "")
    assert why in entry.reason


@pytest.mark.parametrize("own", [{}, {"init_connect": "SET @key = 'of the user'"}])
def test_what_is_shown_of_a_statement_is_without_its_literals(own):
    value = "SET @key = 'of the source'"
    found = plan({"init_connect": value}, own=own, init_connect=(None, "", "string", True))
    assert found.parameters == (own or {"init_connect": value})
    for shown in (*found.taken, *found.changed, *found.left, *mapping.summary_lines(found), mapping.plan_diff(found)):
        assert "@key = '***'" in str(shown)
        assert "of the" not in str(shown).replace("of the user's", "")


def test_a_character_set_is_itself_where_the_family_names_none():
    found = plan({"character_set_server": "latin1"}, character_set_server=("utf8mb4", "", "string", True))
    assert found.parameters == {"character_set_server": "latin1"}
    assert found.changed == found.left == ()


def test_on_5_7_the_family_has_the_old_names_and_modes():
    found = plan(
        {"tx_isolation": "SERIALIZABLE", "sql_mode": "NO_AUTO_CREATE_USER", "character_set_server": "latin1"},
        family="aurora-mysql5.7",
        character_set_server=(None, "latin1,utf8,utf8mb4", "string", True),
        transaction_isolation=(None, "SERIALIZABLE", "string", False),
        tx_isolation=(None, "READ-COMMITTED,SERIALIZABLE", "string", True),
    )
    assert found.parameters == {"sql_mode": "NO_AUTO_CREATE_USER"}
    # transaction_isolation comes first; a family that lists it is asked for nothing else
    assert only(found.left).name == "transaction_isolation"


def test_mysql_5_7_s_isolation_goes_by_its_old_name_where_the_family_has_only_that():
    known = offered(tx_isolation=(None, "READ-COMMITTED,REPEATABLE-READ", "string", True))
    del known["transaction_isolation"]
    found = mapping.plan_parameters(
        {"tx_isolation": "READ-COMMITTED", "transaction_isolation": "READ-COMMITTED"}, "aurora-mysql5.7", known, {}
    )
    assert found.parameters == {"tx_isolation": "READ-COMMITTED"}


def test_the_user_s_own_values_lead():
    found = plan({"wait_timeout": "600", "sql_mode": "ANSI_QUOTES"}, own={"wait_timeout": 60, "local_infile": True})
    assert found.parameters == {"local_infile": "1", "sql_mode": "ANSI_QUOTES", "wait_timeout": "60"}
    assert only(found.left) == ("wait_timeout", "600", "", "your own value 60 leads")


def test_a_value_that_the_user_chose_as_the_source_has_it_is_worth_no_word():
    assert plan({"local_infile": "ON"}, own={"local_infile": "1"}) == mapping.ParameterPlan(
        {"local_infile": "1"}, (), (), ()
    )


def test_what_the_user_does_not_want_is_left():
    found = plan({"wait_timeout": "600", "tx_isolation": "SERIALIZABLE"}, left=["wait_timeout", "tx_isolation"])
    assert found.parameters == {}
    assert [entry.name for entry in found.left] == ["transaction_isolation", "wait_timeout"]


@pytest.mark.parametrize(
    ("own", "word"),
    [
        ({"wait_timeuot": 1}, "wait_timeuot (no such parameter)"),
        ({"innodb_page_size": 4096}, "innodb_page_size (AWS lets nobody change it)"),
        ({"event_scheduler": "maybe"}, "event_scheduler = maybe (allowed: ON,OFF)"),
        ({"wait_timeout": 0}, "wait_timeout = 0 (allowed: 1-31536000)"),
    ],
)
def test_what_the_family_does_not_take_of_the_user_is_refused_by_name(own, word):
    with pytest.raises(mapping.ParameterError) as caught:
        plan({}, own={"slow_query_log": True, **own}, innodb_page_size=("16384", "", "integer", False))
    assert word in str(caught.value)
    assert "slow_query_log" not in caught.value.message


@pytest.mark.parametrize(
    ("source", "own", "left_name"),
    [
        (
            {"character_set_server": "latin1", "collation_server": "latin1_swedish_ci"},
            {"character_set_server": "utf8mb4"},
            "collation_server",
        ),
        (
            {"character_set_server": "latin1", "collation_server": "utf8mb4_general_ci"},
            {"collation_server": "utf8mb4_general_ci"},
            "character_set_server",
        ),
    ],
)
def test_a_collation_of_another_character_set_never_reaches_the_group(source, own, left_name):
    found = plan(source, own=own)
    assert found.parameters == own
    assert left_name in {entry.name for entry in found.left}


def test_both_names_of_utf8mb3_belong_together():
    found = plan({"character_set_server": "utf8mb3", "collation_server": "utf8mb3_general_ci"})
    assert found.parameters == {"character_set_server": "utf8", "collation_server": "utf8mb3_general_ci"}


def test_the_summary_names_each_thing_once():
    found = plan({"local_infile": "ON", "event_scheduler": "DISABLED", "max_connections": "500", "wait_timeout": "600"})
    assert mapping.summary_lines(found) == [
        "taken: wait_timeout=600, local_infile=1",
        "changed: event_scheduler=OFF, DISABLED on the source: Aurora has ON and OFF",
        "left: max_connections, 500 on the source: Aurora derives it from the memory of the instance's class",
    ]
    difference = mapping.plan_diff(found)
    assert difference["before"].splitlines() == [
        "event_scheduler: DISABLED",
        "local_infile: ON",
        "max_connections: 500",
        "wait_timeout: 600",
    ]
    assert difference["after"].splitlines() == ["event_scheduler: OFF", "local_infile: 1", "wait_timeout: 600"]


def test_the_source_is_asked_for_every_setting_that_has_a_rule():
    assert set(VARIABLES) >= SOURCE_VARIABLES


def test_the_api_s_shape_of_a_parameter():
    described = {"ParameterName": "x", "AllowedValues": "0,1", "DataType": "boolean", "IsModifiable": False}
    assert family_parameter(described) == FamilyParameter("x", None, "0,1", "boolean", False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ON", "1", True),
        ("off", "FALSE", True),
        ("10", "10.000000", True),
        ("A,B", "b,a", True),
        ("A,B", "A", False),
        ("10", "100", False),
        ("ON", "OFF", False),
        ("1", "10", False),
    ],
)
def test_what_two_spellings_mean(one, other, same):
    assert [same_value(*pair) for pair in ((one, other), (other, one))] == [same, same]


@pytest.mark.parametrize(
    ("value", "allowed", "expected"),
    [
        ("{DBInstanceClassMemory*3/4}", "1-16000", "{DBInstanceClassMemory*3/4}"),
        ("5", "-1-100", "5"),
        ("-5", "-1-100", "-1"),
        ("anything", "", "anything"),
        ("7", "0-5,10", "7"),
        ("off", "ON,OFF", "OFF"),
        ("maybe", "ON,OFF", None),
        ("1e3", "1-31536000", "1000"),
    ],
)
def test_the_spelling_and_bounds_of_a_value(value, allowed, expected):
    assert fit(value, FamilyParameter("x", None, allowed, "string", True)).value == expected


PARAMETERS = st.builds(
    FamilyParameter,
    name=st.just("x"),
    default=st.none() | st.sampled_from(["0", "1", "ON", "OFF", "utf8mb4", "100"]),
    allowed=st.sampled_from(["", "0,1", "ON,OFF", "1-1000", "0-18446744073709551615", "latin1,utf8,utf8mb4", MODES]),
    data_type=st.sampled_from(["string", "boolean", "integer", "float", "list"]),
    modifiable=st.booleans(),
)
VALUES = st.one_of(
    st.sampled_from(["ON", "OFF", "0", "1", "2", "DISABLED", "utf8mb3", "latin1_swedish_ci", MODES, "ORACLE", ""]),
    st.integers(-10, 2**64).map(str),
    st.text(max_size=40),
)


@given(
    source=st.dictionaries(st.sampled_from(sorted(SOURCE_VARIABLES)), VALUES),
    family=st.dictionaries(st.sampled_from(sorted({name for rule in RULES for name in rule.parameters})), PARAMETERS),
    left=st.sets(st.sampled_from(sorted(SOURCE_VARIABLES)), max_size=3),
    series=st.sampled_from(["5.7", "8.0", "8.4"]),
)
def test_every_setting_ends_in_one_place_and_the_group_takes_the_result(source, family, left, series):
    family = {name: parameter._replace(name=name) for name, parameter in family.items()}
    found = mapping.plan_parameters(source, f"aurora-mysql{series}", family, {}, left)
    named = [entry.name for entry in (*found.taken, *found.changed, *found.left)]
    assert len(named) == len(set(named))
    assert set(found.parameters) == {entry.name for entry in (*found.taken, *found.changed)}
    for entry in (*found.taken, *found.changed):
        assert family[entry.name].modifiable
        # What the group is given, it takes as it is: a second plan of it alone changes nothing.
        assert fit(entry.value, family[entry.name]) == (entry.value, "")
        assert found.parameters[entry.name] == entry.value
    assert all(entry.reason for entry in (*found.changed, *found.left))
    assert not any(entry.reason for entry in found.taken)
    assert not set(left) & {entry.name for entry in found.taken}
    # The user's own choice of the very same is accepted and leaves nothing to say.
    again = mapping.plan_parameters(source, f"aurora-mysql{series}", family, found.parameters, left)
    assert again.parameters == found.parameters
