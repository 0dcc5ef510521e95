# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of a replica whose backup failed."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.replica import sql_thread_told
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.tool import parse_server
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError


@pytest.mark.parametrize(
    ("version", "statement"),
    [
        ("5.7.44", "START SLAVE SQL_THREAD"),
        ("8.0.21", "START SLAVE SQL_THREAD"),
        ("8.0.22", "START REPLICA SQL_THREAD"),
        ("8.4.3", "START REPLICA SQL_THREAD"),
        ("10.11.19-MariaDB", "START SLAVE SQL_THREAD"),
    ],
)
def test_the_sql_thread_is_started_as_its_server_has_it(version: str, statement: str) -> None:
    with pytest.raises(DbferryError) as caught, sql_thread_told(True, parse_server(version)):
        raise DbferryError("It stopped.", "backup.interrupted", "Run again.")
    assert "SQL thread may be stopped" in caught.value.message
    assert caught.value.remedy.startswith("Run again. ")
    assert statement in caught.value.remedy


@pytest.mark.parametrize(("asked", "error_id"), [(False, "backup.interrupted"), (True, "source.access_denied")])
def test_nothing_is_told_where_the_tool_has_not_stopped_it(asked: bool, error_id: str) -> None:
    with pytest.raises(DbferryError) as caught, sql_thread_told(asked, parse_server("8.0.36")):
        raise DbferryError("It stopped.", error_id, "Run again.")
    assert (caught.value.message, caught.value.remedy) == ("It stopped.", "Run again.")
