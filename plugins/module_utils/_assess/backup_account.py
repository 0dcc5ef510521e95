# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The account that the backup logs in as: it runs on the server's own host, and the assessment elsewhere. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Optional

from .._mysql.accounts_model import Account, AccountName
from .._mysql.privileges import Rights
from .._mysql.quoting import pattern_matches
from .model import NotKnownError

LOCALHOST = "localhost"
"""What a server takes a client of its socket to come from."""


class BackupAccount(NamedTuple):
    """Whom the server takes the backup for, and what that account may do."""

    user: str
    """As which it logs in."""
    name: Optional[AccountName] = None
    """``None`` where no account lets it in."""
    rights: Optional[Rights] = None


def account_for(accounts: Iterable[Account], user: str, host: str) -> Optional[AccountName]:
    """The account that the server takes a user of a host for.

    It is the one of the most specific host, an anonymous one after all others of that host (MySQL, "Access Control,
    Stage 1: Connection Verification").
    """
    names = (account.name for account in accounts if not account.is_role)
    fitting = [name for name in names if name.user in (user, "") and pattern_matches(name.host or "%", host)]
    return min(fitting, key=lambda name: (_width(name.host), not name.user), default=None)


def choose_account(accounts: Iterable[Account], user: str, over_tcp: bool) -> Optional[AccountName]:
    """The account that the backup logs in as.

    :param over_tcp: whether it does not use the server's socket; then nobody here knows what host the server sees.
    :raises NotKnownError: several may be it.
    """
    if not over_tcp:
        return account_for(accounts, user, LOCALHOST)
    own = [account.name for account in accounts if account.name.user == user and not account.is_role]
    if len(own) > 1:
        raise NotKnownError(
            f"The backup logs in over TCP as {user}, which may be any of {', '.join(name.label for name in own)}."
        )
    return own[0] if own else None


def _width(host: str) -> tuple[bool, int]:
    """The wider a host pattern, the greater: a name, then patterns by where their first wildcard stands."""
    wildcard = re.search(r"(?<!\\)[%_]", host)
    if not host:
        return True, 1
    return wildcard is not None, -wildcard.start() if wildcard else 0
