# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many accounts in few round trips. Counted, not timed."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts import bring_accounts, take_accounts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_plan import Options
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.connection import connect

from ..servers import mariadb_server

ACCOUNTS = 2000


def test_two_thousand_accounts_take_few_round_trips(tmp_path: Path) -> None:
    with mariadb_server(tmp_path, "source") as one, mariadb_server(tmp_path, "target") as other:
        with connect(one.login(), multi_statements=True) as source:
            for first in range(0, ACCOUNTS, 500):
                statements = []
                for n in range(first, first + 500):
                    statements += [f"CREATE USER u{n}@'%' IDENTIFIED BY 'x{n}'", f"GRANT SELECT ON shop.* TO u{n}"]
                assert source.execute_batch(statements) == (len(statements), None)
            source.statements = 0
            taken = take_accounts(source, (), ())
            assert source.statements <= 12
        with connect(other.login(), multi_statements=True) as target:
            outcome = bring_accounts(target, taken, Options(), check=False)
            assert (outcome.summary["created"], outcome.failed) == (ACCOUNTS, [])
            assert target.statements <= 40
            target.statements = 0
            assert not bring_accounts(target, taken, Options(), check=False).changed
            assert target.statements <= 16
