# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What an account may do, as another server can have it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .accounts_model import GLOBAL, Account, Grant, Scope
from .accounts_target import Target
from .privileges import SUCCESSORS
from .quoting import has_wildcard, unescape_pattern


class GrantTranslator:
    """Carries grants over to the terms of a server and notes what cannot come along."""

    def __init__(self, target: Target, skip: Callable[[str, str, str, str], None]) -> None:
        """
        :param skip: takes account, part, reason and remedy of what cannot.
        """
        self.target = target
        self._skip = skip

    def translate(self, account: Account) -> tuple[dict[Scope, Grant], dict[str, frozenset[str]]]:
        """Grants and partial revokes as the target can have them."""
        label = account.name.label
        wanted: dict[Scope, Grant] = {}
        for scope, grant in sorted(account.grants.items()):
            placed = self._place(label, scope)
            if placed is None:
                continue
            kept = {
                privilege
                for privilege in sorted(grant.privileges)
                if self._given(label, placed, privilege, grant, wanted)
            }
            # whoever may give a dynamic privilege or a proxy right may give it with the option
            grantable = grant.grantable and (
                placed.level in ("dynamic", "proxy")
                or bool(grant.privileges and not kept)
                or self._offered(label, placed, "GRANT OPTION")
            )
            if kept or (grantable and not grant.privileges):
                _add(wanted, placed, Grant(frozenset(kept), grantable))
        return wanted, self._restrictions(label, account.restrictions, wanted)

    def _restrictions(
        self, label: str, restrictions: Mapping[str, frozenset[str]], wanted: dict[Scope, Grant]
    ) -> dict[str, frozenset[str]]:
        """Partial revokes as the target can have them. Where it has none, the global grant shrinks: never more than
        before."""
        held = wanted.get(GLOBAL, Grant(frozenset()))
        left = {schema: names & held.privileges for schema, names in restrictions.items() if names & held.privileges}
        if left and not self.target.partial_revokes:
            lost = frozenset().union(*left.values())
            for privilege in sorted(lost):
                schemas = ", ".join(schema for schema, names in sorted(restrictions.items()) if privilege in names)
                self._skip(
                    label,
                    f"{privilege} ON *.*",
                    f"it is revoked for {schemas}, which the target cannot express (partial_revokes is off); with the "
                    "global grant alone the account could do more than before",
                    "Turn partial_revokes on in the target's parameter group, or grant it schema by schema.",
                )
            wanted[GLOBAL] = Grant(held.privileges - lost, held.grantable)
            if wanted[GLOBAL] == Grant(frozenset()):
                del wanted[GLOBAL]
            return {}
        return left

    def _place(self, label: str, scope: Scope) -> Scope | None:
        """A scope in the target's terms; None where it has none."""
        target = self.target
        if target.lower_case_names and scope.level in ("schema", "table", "column", "routine"):
            scope = scope._replace(schema=scope.schema.lower())
            if scope.level in ("table", "column"):
                scope = scope._replace(name=scope.name.lower())
        what = target.dialect.object_name(scope)
        if scope.level == "schema" and target.partial_revokes and has_wildcard(scope.schema):
            self._skip(
                label,
                f"grants ON {what}",
                "the target has partial_revokes on and takes % and _ for the characters themselves",
                "Grant schema by schema.",
            )
            return None
        if scope.level == "routine" and target.routines is not None and scope not in target.routines:
            self._skip(
                label,
                f"grants ON {what}",
                "the target does not have this routine, or not yet",
                "Run it again once the routines are there.",
            )
            return None
        return scope

    def _given(self, label: str, scope: Scope, privilege: str, grant: Grant, wanted: dict[Scope, Grant]) -> bool:
        """Whether the target can give a privilege; its successors go to ``wanted`` where it cannot."""
        rights = self.target.rights
        if rights.may_grant(scope, privilege):
            return True
        what = f"{privilege} ON {self.target.dialect.object_name(scope)}"
        given = [name for name in SUCCESSORS.get(privilege, ()) if rights.may_grant(Scope("dynamic", "", name), name)]
        for name in given:
            _add(wanted, Scope("dynamic", "", name), Grant(frozenset({name}), grant.grantable))
        if given:
            remedy = "Look whether what it is used for still works; nothing else."
            self._skip(label, what, f"the target gives {', '.join(given)} in its place", remedy)
        else:
            self._offered(label, scope, privilege)
        return False

    def _offered(self, label: str, scope: Scope, privilege: str) -> bool:
        rights = self.target.rights
        if rights.may_grant(scope, privilege):
            return True
        who = self.target.current_user.label
        level = unescape_pattern(scope.schema) if scope.schema else ""
        self._skip(
            label,
            f"{privilege} ON {self.target.dialect.object_name(scope)}",
            f"the account {who} that we are on the target does not have it to give"
            + (f" for {level}" if level and rights.has(privilege) else ""),
            "A managed server gives it to nobody, or by a role or parameter of its own.",
        )
        return False


def _add(grants: dict[Scope, Grant], scope: Scope, grant: Grant) -> None:
    before = grants.get(scope, Grant(frozenset()))
    grants[scope] = Grant(before.privileges | grant.privileges, before.grantable or grant.grantable)
