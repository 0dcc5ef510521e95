# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The names that roles of MariaDB get on MySQL, and those that no role can get. Pure.

MariaDB keeps roles apart from users, so that a role and a user may share a name. On MySQL both are accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .accounts_model import Account, AccountName
from .server import ServerVersion

ROLE_REMEDY = "Give the role another name on the source, or grant its privileges to its members."
DROP_REMEDY = "Drop the user by hand, if nobody needs it."


def name_on_target(name: AccountName, source: ServerVersion, target: ServerVersion) -> AccountName:
    """An account's name on a target: a role of MariaDB comes from anywhere on MySQL.

    Only MariaDB has no host for roles. On MySQL an account may have an empty one, beside another with ``%``.
    """
    return AccountName(name.user, "%") if not name.host and source.mariadb and not target.mariadb else name


def taken_names(
    wanted: Iterable[Account], actual: Mapping[AccountName, Account], current_user: AccountName, mariadb: bool
) -> dict[AccountName, str]:
    """Names that no role of MariaDB can have on a target, and why. None where the target is a MariaDB, too.

    A role must not take over an account that somebody logs in to: it would be locked, and lose its password. Nor is
    such an account dropped for a role.

    :param wanted: the source's accounts; :param actual: the target's.
    :param current_user: the account that we are on the target.
    """
    if mariadb:
        return {}
    taken = {name: "the target has a user" for name, account in actual.items() if not account.may_be_role}
    taken.update({account.name: "the source has a user" for account in wanted if not account.is_role})
    taken[current_user] = "the account that we are on the target is one"
    return {
        name: f"on MySQL a role is an account, this one {name.label}, and {who} of this name"
        for name, who in taken.items()
    }
