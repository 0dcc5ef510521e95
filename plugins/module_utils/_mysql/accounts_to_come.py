# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Which accounts a target will have once they are brought there: who plans before that has to count on them."""

from __future__ import annotations

from .accounts import bring_accounts
from .accounts_document import unpack
from .accounts_names import name_on_target
from .accounts_plan import Options
from .connection import Connection
from .definers import as_definer
from .server import read_version


def accounts_to_come(connection: Connection, export: str, options: Options) -> frozenset[str]:
    """The accounts of an export, each as a definer, that the target has or would get. Nothing is changed.

    :param connection: to the target, made with ``multi_statements=True``.
    :param options: those with which they will be brought.
    :raises MysqlError: as ``bring_accounts`` does, and where the export cannot be read.
    """
    wanted, version = unpack(export), read_version(connection)
    planned = bring_accounts(connection, wanted, options, check=True)
    left_out = {entry.account for entry in planned.skipped if entry.what == "account"}
    coming = (account.name for account in wanted.accounts if account.name.label not in left_out)
    names = (name_on_target(name, wanted.version, version) for name in coming)
    return frozenset(as_definer(f"{name.user}@{name.host}", version.mariadb) for name in names)
