# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Definers: whose they become on the target, and whether the account that applies them may set them. Pure."""

from __future__ import annotations

import dataclasses
import re
from typing import Iterable, Mapping

from .reserved_accounts import reserved_reason

_GLOBAL_GRANT = re.compile(r"^GRANT (?P<privileges>.+) ON \*\.\* TO ")
_SETS_DEFINER = frozenset(("ALL PRIVILEGES", "SUPER", "SET_USER_ID", "SET_ANY_DEFINER", "SET USER"))
_SETS_NONEXISTENT = frozenset(("ALL PRIVILEGES", "SUPER", "SET_USER_ID", "ALLOW_NONEXISTENT_DEFINER", "SET USER"))


@dataclasses.dataclass(frozen=True)
class DefinerRights:
    """What the target lets its master do about definers and stored code.

    :ivar master: the account that the session runs as, ``user@host``.
    :ivar accounts: all accounts of the target; None where the master may not read them.
    :ivar privileges: the master's global privileges, active roles included, in capitals.
    :ivar log_bin: whether the binary log is on.
    :ivar trust_function_creators: the variable ``log_bin_trust_function_creators``.
    """

    master: str
    accounts: frozenset[str] | None
    privileges: frozenset[str]
    log_bin: bool
    trust_function_creators: bool

    def may_set(self, definer: str) -> bool:
        """Whether the master may create an object with this definer, given that the account exists."""
        return definer == self.master or bool(self.privileges & _SETS_DEFINER)

    def may_set_nonexistent(self) -> bool:
        """Whether the master may create an object whose definer does not exist."""
        return bool(self.privileges & _SETS_NONEXISTENT)

    def exists(self, definer: str) -> bool | None:
        """Whether the account is there; None where nobody can say."""
        return None if self.accounts is None else definer in self.accounts

    def is_super(self) -> bool:
        """Whether the binary log's check of function creators does not bind the master."""
        return bool(self.privileges & {"ALL PRIVILEGES", "SUPER"})


def as_definer(account: str, mariadb: bool) -> str:
    """``user@host``; without "@" for a role of MariaDB, whose catalogues show it in both ways.

    :param mariadb: whether it is one of a MariaDB.
    """
    return account[:-1] if mariadb and account.endswith("@") else account


def role_as_account(definer: str) -> str:
    """A definer as MySQL names it, where a role of MariaDB is an account that comes from anywhere."""
    return definer if "@" in definer else f"{definer}@%"


def is_reserved(definer: str) -> bool:
    """Whether ``user@host`` is the server's or RDS' own, so that nothing it defines may travel."""
    return bool(reserved_reason(definer.rpartition("@")[0]))


def definer_on_target(definer: str, mode: str, definer_map: Mapping[str, str], rights: DefinerRights) -> str:
    """The definer that an object gets on the target.

    :param mode: ``keep``, ``map`` (what the map does not name is kept), ``master``, or ``master_if_missing``: master
        for a definer that the target does not have, such as the source's ``root@localhost``.
    :param definer_map: ``user@host`` to ``user@host``; a value without "@" means any host ("%").
    :param rights: tells the master and the accounts that are there.
    """
    if mode == "master" or (mode == "master_if_missing" and rights.exists(definer) is False):
        return rights.master
    if mode == "map" and definer in definer_map:
        wanted = definer_map[definer]
        return wanted if "@" in wanted else f"{wanted}@%"
    return definer


def global_privileges(grants: Iterable[str]) -> frozenset[str]:
    """The global privileges in the rows of SHOW GRANTS, static and dynamic, in capitals."""
    found: set[str] = set()
    for grant in grants:
        match = _GLOBAL_GRANT.match(grant)
        if match:
            found.update(privilege.strip().upper() for privilege in match["privileges"].split(","))
    return frozenset(found)
