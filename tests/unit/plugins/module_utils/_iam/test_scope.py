# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a migration's things are called in IAM."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._iam.scope import made_policy_name, made_role_name

IDS = st.text("abcXYZ019._-", min_size=1, max_size=200)


@pytest.mark.parametrize(("name", "limit"), [(made_role_name, 64), (made_policy_name, 128)])
def test_a_name_that_fits_is_the_migration_s(name, limit):
    fits = "o" * (limit - len("dbferry-"))
    assert name("orders") == "dbferry-orders"
    assert name(fits) == f"dbferry-{fits}"
    assert name(fits + "o")[: limit - 9] == f"dbferry-{fits}"[: limit - 9]


@given(IDS, IDS)
def test_names_fit_iam_and_tell_migrations_apart(first, second):
    for name, limit in ((made_role_name, 64), (made_policy_name, 128)):
        assert len(name(first)) <= limit
        assert (name(first) == name(second)) is (first == second)
