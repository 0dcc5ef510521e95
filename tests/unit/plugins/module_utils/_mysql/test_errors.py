# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the numbers of a server's errors mean."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import query_error


@pytest.mark.parametrize(
    ("mariadb", "errno", "error_id"),
    [
        (False, 4031, "mysql.connection_lost"),
        (True, 4031, "mysql.query_failed"),
        (False, 3011, "mysql.query_failed"),
        (True, 1927, "mysql.connection_lost"),
        (False, 2013, "mysql.connection_lost"),
        (False, 3024, "mysql.statement_timeout"),
        (True, 1969, "mysql.statement_timeout"),
    ],
)
def test_a_number_that_the_families_use_for_two_things_is_read_by_family(
    mariadb: bool, errno: int, error_id: str
) -> None:
    failure = query_error(Exception(errno, "some text"), "db1:3306", mariadb)
    assert (failure.error_id, failure.errno) == (error_id, errno)
