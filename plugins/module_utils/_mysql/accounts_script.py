# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The statements that make accounts on a target that has none of them, as a script for the ``mysql`` client."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace

from .._counted import counted
from .accounts import read_target
from .accounts_defaults import other_defaults
from .accounts_document import Export
from .accounts_model import AccountName
from .accounts_plan import Options, make_plan
from .accounts_steps import Phase, Step
from .connection import Connection
from .new_passwords import new_password
from .objects_dump import AFTER_OBJECTS

# Whatever the client's option file, and the objects between the two parts, make of the session.
_SESSION = "SET NAMES utf8mb4;\nSET SESSION sql_mode = '';\n"


def accounts_script(connection: Connection, export: Export, options: Options, new_password_key: str) -> str:
    """What the master user of this target can type to have the accounts; what it may not give is left out.

    :param connection: the target, which is asked what it allows; nothing is changed.
    :param new_password_key: as for ``accounts.bring_accounts``; without one, nobody knows the passwords that it sets.
    :returns: statements in the order in which they can be run; rights, which may be on a view or a routine, stand
        behind ``AFTER_OBJECTS``. A secret: it holds hashes.
    :raises MysqlError: the target cannot be read.
    """
    target = read_target(connection)

    def password(name: AccountName) -> str:
        return new_password(new_password_key or secrets.token_hex(32), name.label)

    # the script makes the routines, too
    target = replace(target, routines=None)
    plan = make_plan(export.accounts, export.version, [], target, options._replace(purge=False), password)
    where = f"{target.version.flavour} {target.version.text}"
    head = (
        f"-- {counted(len(plan.created), 'account')}, for {where}: mysql --force --binary-mode --comments < this file\n"
    )
    if export.mandatory_roles:
        # A name must not end the comment.
        roles = " ".join(", ".join(role.label for role in export.mandatory_roles).split())
        head += f"-- On the source, everybody has these roles by the variable mandatory_roles: {roles}\n"
    for entry in other_defaults(plan.travelling, export.mandatory_roles, export.defaults, target.defaults):
        head += f"-- {entry.what}: {entry.reason}\n"
    before = [step for step in plan.steps if step.phase < Phase.GRANT]
    after = [step for step in plan.steps if step.phase >= Phase.GRANT]
    return head + _SESSION + _lines(before) + AFTER_OBJECTS + _SESSION + _lines(after)


def _lines(steps: Iterable[Step]) -> str:
    return "".join(f"{step.sql};\n" for step in steps)
