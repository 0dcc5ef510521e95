# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account may read, by the lines of SHOW GRANTS."""

from __future__ import annotations

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.grants import parse_grants
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.privileges import rights_of
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

VERSION = ServerVersion("mysql", (8, 0, 36))
TO = "TO `looker`@`%`"


@pytest.mark.parametrize(
    ("lines", "readable"),
    [
        ((f"GRANT USAGE ON *.* {TO}",), False),
        ((f"GRANT SELECT ON *.* {TO}",), True),
        ((f"GRANT ALL PRIVILEGES ON *.* {TO}",), True),
        ((f"GRANT SELECT ON *.* {TO}", "REVOKE SELECT ON `mysql`.* FROM `looker`@`%`"), False),
        ((f"GRANT SELECT ON `mysql`.* {TO}",), True),
        ((f"GRANT SELECT ON `my%`.* {TO}",), True),
        ((f"GRANT INSERT ON `mysql`.* {TO}",), False),
        ((f"GRANT SELECT ON `mysql`.`func` {TO}",), True),
        ((f"GRANT SELECT ON `mysql`.`user` {TO}",), False),
        ((f"GRANT SELECT (`name`) ON `mysql`.`func` {TO}",), False),
    ],
)
def test_a_table_is_readable_by_grants_on_any_level(lines: tuple[str, ...], readable: bool) -> None:
    assert rights_of(parse_grants(list(lines)), VERSION).may_select("mysql", "func") is readable
