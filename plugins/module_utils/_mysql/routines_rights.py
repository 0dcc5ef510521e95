# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Who may call or change a routine of a server: what DROP takes away with it."""

from __future__ import annotations

from .accounts_model import AccountName
from .connection import Connection
from .grant_tables import account_name, grant_of_set, mended_account, mended_text
from .quoting import quote_name
from .routines import StoredObject

# ASCII, so that they mean the same whatever character set the session is set to.
_GRANTS = "SELECT Host, User, Db, Routine_name, Routine_type, Proc_priv FROM mysql.procs_priv"
_ACCOUNTS = "SELECT Host, User FROM mysql.user"


class RoutineRights:
    """Grants on single routines, read when they are first asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._grants: dict[tuple[str, str, str], list[str]] | None = None

    def grants_on(self, routine: StoredObject) -> list[str]:
        """The GRANT statements that give back what DROP FUNCTION or DROP PROCEDURE takes from everybody.

        A row whose account does not exist is passed over: MySQL 5.7 makes an account of a GRANT to nobody.

        :raises MysqlError: the grants may not be read.
        """
        if self._grants is None:
            self._grants = self._read()
        return self._grants.get((routine.kind, routine.schema, routine.name.lower()), [])

    def _read(self) -> dict[tuple[str, str, str], list[str]]:
        names = {account_name(row) for row in self._connection.rows(_ACCOUNTS)}
        found: dict[tuple[str, str, str], list[str]] = {}
        for row in self._connection.rows(_GRANTS):
            account = mended_account(account_name(row), names)
            if account not in names:
                continue
            kind, schema, name = str(row["Routine_type"]), mended_text(row["Db"]), mended_text(row["Routine_name"])
            grant = grant_of_set(str(row["Proc_priv"]))
            statement = (
                f"GRANT {', '.join(sorted(grant.privileges)) or 'USAGE'} ON {kind} {quote_name(schema)}."
                f"{quote_name(name)} TO {_grantee(account)}{' WITH GRANT OPTION' if grant.grantable else ''}"
            )
            # servers compare names of routines without regard to case
            found.setdefault((kind.lower(), schema, name.lower()), []).append(statement)
        return found


def _grantee(account: AccountName) -> str:
    # MariaDB's roles have no host
    return quote_name(account.user) + (f"@{quote_name(account.host)}" if account.host else "")
