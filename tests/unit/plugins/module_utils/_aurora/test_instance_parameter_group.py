# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done about the instances' parameter group, and whose it is."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.instance_parameter_group import (
    Group,
    GroupError,
    GroupPlan,
    plan_group,
    require_usable,
    wanted_group,
)

FAMILY = "aurora-mysql8.0"
WANTED = wanted_group(FAMILY, {"slow_query_log": True, "max_connections": 200}, {"team": "shop"}, "orders")


def test_values_become_what_the_api_takes_and_the_migration_s_tag_comes_along():
    assert WANTED.parameters == {"slow_query_log": "1", "max_connections": "200"}
    assert WANTED.tags == {"team": "shop", "dbferry:migration-id": "orders"}


def test_a_group_that_is_not_there_is_made():
    assert plan_group("g", None, WANTED) == GroupPlan(True, WANTED.parameters, (), {})


def test_a_group_that_is_as_it_should_be_needs_nothing():
    before = Group(FAMILY, {"slow_query_log": "ON", "max_connections": "200"}, {**WANTED.tags, "x": "y"})
    assert not plan_group("g", before, WANTED).changes


def test_only_what_differs_is_set():
    before = Group(FAMILY, {"slow_query_log": "0"}, {"dbferry:migration-id": "orders"})
    assert plan_group("g", before, WANTED) == GroupPlan(False, WANTED.parameters, (), {"team": "shop"})


def test_what_an_attempt_before_has_set_and_nobody_wants_any_more_is_reset():
    before = Group(FAMILY, {"slow_query_log": "1", "max_connections": "200", "b": "1", "a": "1"}, WANTED.tags)
    assert plan_group("g", before, WANTED) == GroupPlan(False, {}, ("a", "b"), {})
    assert plan_group("g", before, WANTED).changes


def test_a_group_that_is_there_is_left_as_it_is_on_wish():
    before = Group(FAMILY, {"slow_query_log": "0", "other": "1"}, {"dbferry:migration-id": "orders"})
    assert not plan_group("g", before, WANTED, update=False).changes
    assert plan_group("g", None, WANTED, update=False).create


@pytest.mark.parametrize("update", [True, False])
@pytest.mark.parametrize(
    ("before", "word"),
    [
        (Group(FAMILY, {}, {}), "tag dbferry:migration-id"),
        (Group(FAMILY, {}, {"dbferry:migration-id": "other"}), "tag dbferry:migration-id"),
        (Group("aurora-mysql5.7", {}, {"dbferry:migration-id": "orders"}), "aurora-mysql5.7"),
    ],
)
def test_a_stranger_s_group_and_one_of_another_family_are_refused(before, word, update):
    with pytest.raises(GroupError, match=word):
        plan_group("g", before, WANTED, update=update)


def test_a_group_that_is_taken_as_it_is_has_to_be_there_and_of_the_family():
    require_usable("theirs", FAMILY, FAMILY)
    for family, word in (
        (None, "There is no parameter group theirs"),
        ("aurora-mysql5.7", "Of family aurora-mysql5.7"),
    ):
        with pytest.raises(GroupError, match=word) as caught:
            require_usable("theirs", family, FAMILY)
        assert caught.value.error_id == "restore.db_parameter_group"
