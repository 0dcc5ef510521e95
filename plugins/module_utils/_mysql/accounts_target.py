# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What is known of the server where accounts go. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .accounts_model import AccountName, Scope
from .accounts_render import Dialect
from .privileges import Rights
from .server import ServerVersion


@dataclass(frozen=True)
class Target:
    """All that planning has to know of the server where the accounts go."""

    version: ServerVersion
    current_user: AccountName
    """The account that we are there."""
    rights: Rights
    plugins: frozenset[str]
    """Authentication plug-ins that are active."""
    partial_revokes: bool = False
    hidden: frozenset[AccountName] = frozenset()
    """Accounts that are there, and that we may not look at."""
    lower_case_names: bool = False
    """Schemas and tables are stored in lower case."""
    mandatory_roles: frozenset[AccountName] = frozenset()
    """Roles that everybody has there by its variable ``mandatory_roles``."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Variables that accounts there depend on (``accounts_defaults.DEFAULTS``)."""
    routines: frozenset[Scope] | None = None
    """The stored routines that exist, as routine scopes; None: not known, try."""

    @property
    def dialect(self) -> Dialect:
        """How the target wants its statements."""
        return Dialect(self.version, self.partial_revokes)

    @property
    def has_roles(self) -> bool:
        """Whether accounts can be members of roles there."""
        return self.version.mariadb or self.version.number >= (8, 0, 0)
