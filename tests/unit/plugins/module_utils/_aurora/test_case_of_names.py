# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster compares names as its source does, or is not made."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.case_of_names import (
    PARAMETER,
    CaseOfNamesError,
    require_group_alike,
    require_taken_over,
)


@pytest.mark.parametrize(
    ("source", "group"), [("0", "0"), ("0", None), ("1", "1"), ("2", "1"), ("1", " 1"), (1, "1"), (None, "1")]
)
def test_a_group_that_compares_alike(source, group):
    require_group_alike({} if source is None else {PARAMETER: source}, "theirs", group)


@pytest.mark.parametrize(("source", "group"), [("1", None), ("1", "0"), ("2", "0"), ("0", "1"), ("0", "2")])
def test_a_group_that_compares_in_another_way(source, group):
    with pytest.raises(CaseOfNamesError) as caught:
        require_group_alike({PARAMETER: source}, "theirs", group)
    assert f"is {source} on the source, and cluster parameter group theirs has {group or 0}" in caught.value.message
    assert caught.value.error_id == "restore.case_of_names"
    assert "nothing was changed" in caught.value.remedy


def test_a_value_of_the_user_s_own_has_to_be_the_source_s():
    require_taken_over({PARAMETER: "2"}, {PARAMETER: 1}, ())
    require_taken_over({PARAMETER: "1"}, {"sql_mode": "ANSI"}, ("sql_mode",))
    with pytest.raises(CaseOfNamesError, match="the chosen parameters have 0"):
        require_taken_over({PARAMETER: "1"}, {PARAMETER: 0}, ())


@pytest.mark.parametrize("source", ["0", "1"])
def test_nobody_leaves_it(source):
    with pytest.raises(CaseOfNamesError, match="taken over in any case"):
        require_taken_over({PARAMETER: source}, {}, [PARAMETER])
