# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What stays where it is whatever the target is: the list's entries for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .._counted import counted
from .accounts_document import Skipped
from .accounts_model import Account, AccountName, Scope
from .accounts_read_show import ALL
from .reserved_accounts import matches, system_reason, system_remedy

_SCOPES_NAMED = 5


def not_chosen(name: AccountName, include: Sequence[str], exclude: Sequence[str]) -> Skipped | None:
    """The entry for an account that the user's patterns leave out; None for others."""
    if include and not matches(name, include):
        return Skipped(
            name.label, "account", "no pattern of include fits it", "Add a pattern to include, if it shall travel."
        )
    if matches(name, exclude):
        return Skipped(
            name.label, "account", "a pattern of exclude fits it", "Take the pattern from exclude, if it shall travel."
        )
    return None


def of_the_system(name: AccountName) -> Skipped | None:
    """The entry for an account that belongs to a server and not to its users; None for others."""
    reason = system_reason(name)
    return Skipped(name.label, "account", reason, system_remedy(name)) if reason else None


def ownerless_grants(name: AccountName, scopes: Sequence[Scope]) -> Skipped:
    """The entry for grants without an account. Those of the nameless user are everybody's.

    MySQL, "Access Control, Stage 2: Request Verification": a blank ``User`` in ``mysql.db`` matches any account.
    """
    named = "; ".join(
        " ".join(part for part in (one.level, ".".join(part for part in (one.schema, one.name) if part)) if part)
        for one in scopes[:_SCOPES_NAMED]
    )
    if len(scopes) > _SCOPES_NAMED:
        named += f"; and {len(scopes) - _SCOPES_NAMED} more"
    if name.user:
        reason = f"there are grants, but no such account ({named})"
        remedy = "Most likely the account was deleted by hand; create it if somebody misses it."
    else:
        reason = f"the grant tables give rights to every account that comes from {name.host} ({named})"
        remedy = "Grant them to the accounts that need them; a cluster has no such rows, and no statement makes them."
    return Skipped(ALL, f"grants of {name.label}", reason, remedy)


def former_passwords(accounts: Iterable[Account], defaults: Mapping[str, str]) -> list[Skipped]:
    """The entry for hashes of former passwords, where rules forbid that these are chosen again.

    MySQL, "Password Management": they are kept in ``mysql.password_history``, which only the server writes.

    :param defaults: the source's variables; those for accounts without a rule of their own are not in servers before
        MySQL 8.0.3, nor in MariaDB. Whether the target's are others, ``accounts_defaults`` says.
    """
    rules = [account.password for account in accounts if not account.is_role]
    own = sum(bool(each.history or each.reuse_days) for each in rules)
    history, days = (int(defaults.get(name, "0")) for name in ("password_history", "password_reuse_interval"))
    ruled = sum(bool(_or(each.history, history) or _or(each.reuse_days, days)) for each in rules)
    if not ruled:
        return []
    reason = (
        f"the rules of {counted(ruled, 'account')} forbid the reuse of these, and no statement brings their hashes "
        "along"
    )
    remedy = (
        "Nothing, if one that was used on the source may be chosen again; rules of accounts count anew on the target."
    )
    if own < ruled:
        reason += f"; {ruled - own} of them have only the rules of the source's variables"
        remedy += " Those of variables are whatever password_history and password_reuse_interval say on the target."
    return [Skipped(ALL, "former passwords", reason, remedy)]


def _or(rule: int | None, default: int) -> int:
    return default if rule is None else rule
