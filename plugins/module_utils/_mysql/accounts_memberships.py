# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Which of an account's roles it can be a member of on the target. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from .accounts_document import Skipped
from .accounts_model import Account, AccountName
from .accounts_target import Target

_GIVE_REMEDY = "Let an account that has ROLE_ADMIN, or the role with admin option, give it on the target."
_MANDATORY_REMEDY = (
    "Set mandatory_roles in the target's parameter group, if its family has it, or grant the role to the account; then "
    "make it a default role, and run it again."
)


def with_known_roles(
    account: Account, actual: Mapping[AccountName, Account], known: Collection[AccountName], target: Target
) -> tuple[Account, list[Skipped]]:
    """The account without roles that the target will not have or that we may not give, and what to say of these.

    :param account: in the target's terms.
    :param actual: all accounts of the target.
    :param known: names of the accounts that the target has or will have.
    """
    skipped = []
    kept: dict[AccountName, bool] = {}
    held = actual[account.name].roles if account.name in actual else {}
    for role, admin in sorted(account.roles.items()):
        what, reason, remedy = f"membership in role {role.label}", "", ""
        to_give = held.get(role) is None or (admin and not held[role])
        if role not in known:
            reason, remedy = "the role itself does not travel", "See the entry for the role, or bring it, too."
        elif to_give and (role in actual or not target.version.mariadb) and not target.rights.may_grant_role(role):
            reason = f"the account {target.current_user.label} may not give it on the target"
            remedy = _GIVE_REMEDY
        if not reason:
            kept[role] = admin
            continue
        if role in held:
            kept[role] = held[role]
            what = f"admin option of role {role.label}"
        skipped.append(Skipped(account.name.label, what, reason, remedy))
    # Not by a set of the known ones, which would be made for each of many accounts.
    everybodys = {role for role in target.mandatory_roles if role in known}
    lost = sorted(account.default_roles - kept.keys() - everybodys)
    for role in lost:
        if role in account.roles:
            reason, remedy = "the membership does not travel", "See the entry for the membership."
        else:
            reason = (
                "it is no member of the role by itself; on the source mandatory_roles makes it one, on the target not"
            )
            remedy = _MANDATORY_REMEDY
        skipped.append(Skipped(account.name.label, f"default role {role.label}", reason, remedy))
    return replace(account, roles=kept, default_roles=account.default_roles - frozenset(lost)), skipped
