# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What accounts have from variables of their server, and what becomes of it on another one. Pure.

MySQL, "Password Management" and "Using Roles". Which clusters let a variable be set: AWS, "Password policies and
Password validation in Aurora MySQL"; that page does not name ``activate_all_roles_on_login``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from .._counted import counted
from .accounts_document import Skipped
from .accounts_model import Account, AccountName, PasswordRules
from .accounts_read_show import ALL


class _Default(NamedTuple):
    """A variable that gives password rules to accounts that have none of their own.

    :ivar unset: its value on a server that does not know it.
    :ivar family: the clusters whose parameter groups have it.
    :ivar own: whether an account has a rule of its own.
    :ivar clause: that rule, of a value of the variable, as ALTER USER has it.
    """

    unset: str
    family: str
    own: Callable[[PasswordRules], bool]
    clause: Callable[[str], str]


_ACTIVATE = "activate_all_roles_on_login"
_RULES = {
    "default_password_lifetime": _Default(
        "0",
        "Aurora MySQL 3 and later",
        lambda rules: rules.lifetime_days is not None,
        lambda value: "PASSWORD EXPIRE NEVER" if value == "0" else f"PASSWORD EXPIRE INTERVAL {value} DAY",
    ),
    "password_history": _Default(
        "0",
        "Aurora MySQL 8.4 and later",
        lambda rules: rules.history is not None,
        lambda value: f"PASSWORD HISTORY {value}",
    ),
    "password_reuse_interval": _Default(
        "0",
        "Aurora MySQL 8.4 and later",
        lambda rules: rules.reuse_days is not None,
        lambda value: f"PASSWORD REUSE INTERVAL {value} DAY",
    ),
    "password_require_current": _Default(
        "OFF",
        "Aurora MySQL 8.4 and later",
        lambda rules: rules.require_current is not None,
        lambda value: "PASSWORD REQUIRE CURRENT" + (" OPTIONAL" if value == "OFF" else ""),
    ),
}
DEFAULTS = (_ACTIVATE, *_RULES)
"""The variables; a server that does not know one of them does without."""


def other_defaults(
    accounts: Iterable[Account],
    everybodys: Collection[AccountName],
    source: Mapping[str, str] | None,
    target: Mapping[str, str],
) -> list[Skipped]:
    """What to say of variables that differ, each with the number of accounts to which it matters.

    :param accounts: those that travel, as the source has them.
    :param everybodys: roles that everybody has on the source (``mandatory_roles``).
    :param source: values by name; what the server does not know is absent. None: they are the target's.
    :param target: the same.
    """
    if source is None:
        return []
    people = [account for account in accounts if not account.may_be_role]
    entries = [_roles(people, everybodys, source.get(_ACTIVATE, "OFF"), target.get(_ACTIVATE, "OFF"))]
    entries += [_rule(people, name, source, target) for name in _RULES]
    return [entry for entry in entries if entry]


def _roles(people: Iterable[Account], everybodys: Collection[AccountName], here: str, there: str) -> Skipped | None:
    inactive = sum(
        not account.locked and not account.default_roles >= {*account.roles, *everybodys} for account in people
    )
    if here == there or not inactive:
        return None
    if here == "ON":
        reason = (
            f"{counted(inactive, 'account has', 'accounts have')} roles that are active from login on the source, and "
            "on the target not"
        )
        remedy = (
            f"Set {_ACTIVATE} to 1 in the target's cluster parameter group, if its family has it, or make the roles "
            "default roles of these accounts (SET DEFAULT ROLE ALL TO ...)."
        )
    else:
        reason = (
            f"{counted(inactive, 'account has', 'accounts have')} roles that are active from login on the target, and "
            "on the source not"
        )
        remedy = f"Set {_ACTIVATE} to 0 in the target's cluster parameter group, or revoke what must not be active."
    return Skipped(ALL, _ACTIVATE, reason, remedy)


def _rule(people: Iterable[Account], name: str, source: Mapping[str, str], target: Mapping[str, str]) -> Skipped | None:
    default = _RULES[name]
    here, there = source.get(name, default.unset), target.get(name, default.unset)
    concerned = sum(not default.own(account.password) for account in people)
    if here == there or not concerned:
        return None
    reason = (
        f"{counted(concerned, 'account has no rule of its', 'accounts have no rule of their')} own; "
        f"the server's is {here} on the source, {there} on the target"
    )
    if name not in target:
        return Skipped(ALL, name, reason, "Have whoever gives out passwords see to it: the target does not know it.")
    remedy = f"Set {name} to {here} in the target's cluster parameter group ({default.family} have it)"
    if name in source:
        remedy += f", or give them the rule on the source (ALTER USER ... {default.clause(here)}) and run it again"
    return Skipped(ALL, name, reason, f"{remedy}.")
