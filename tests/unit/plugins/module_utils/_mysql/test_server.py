# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flavours and versions, as servers write them."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.errors import MysqlError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import parse_version


@pytest.mark.parametrize(
    ("version", "comment", "variables", "flavour", "number"),
    [
        ("8.0.36", "MySQL Community Server - GPL", {}, "mysql", "8.0.36"),
        ("8.0.35-27", "Percona Server (GPL), Release 27", {}, "percona", "8.0.35"),
        ("10.11.14-MariaDB-log", "Debian 12", {}, "mariadb", "10.11.14"),
        ("5.5.5-10.4.2-MariaDB", "mariadb.org", {}, "mariadb", "10.4.2"),
        ("8.0.39", "Source distribution", {"aurora_version": "3.08.0"}, "aurora", "8.0.39"),
        ("8.0.mysql_aurora.3.08.0", "", {}, "aurora", "8.0.0"),
        ("5.6.51-log", "", {}, "mysql", "5.6.51"),
    ],
)
def test_flavour_and_number(version: str, comment: str, variables: dict[str, str], flavour: str, number: str) -> None:
    told = parse_version(version, comment, variables)
    assert (told.flavour, told.text) == (flavour, number)


def test_no_version_is_an_error() -> None:
    with pytest.raises(MysqlError, match=r"\[mysql.version_unknown\]"):
        parse_version("ProxySQL", "", {})
