# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The statements that make accounts on a target that has none of them, as a script for the ``mysql`` client."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

from .accounts import read_target
from .accounts_document import Export
from .accounts_model import AccountName
from .accounts_plan import Options, Step, make_plan
from .connection import Connection
from .new_passwords import new_password
from .objects_dump import AFTER_ROUTINES

_ON_ROUTINE = re.compile(r"GRANT [A-Z ,]+ ON (?:PROCEDURE|FUNCTION) `")


def accounts_script(connection: Connection, export: Export, options: Options, new_password_key: str) -> str:
    """What the master user of this target can type to have the accounts; what it may not give is left out.

    :param connection: the target, which is asked what it allows; nothing is changed.
    :param new_password_key: as for ``accounts.bring_accounts``; without one, nobody knows the passwords that it sets.
    :returns: statements in the order in which they can be run, those about routines behind ``AFTER_ROUTINES``. A
        secret: it holds hashes.
    :raises MysqlError: the target cannot be read.
    """
    target = read_target(connection)

    def password(name: AccountName) -> str:
        return new_password(new_password_key or secrets.token_hex(32), name.label)

    # the script makes the routines, too
    target = replace(target, routines=None)
    plan = make_plan(export.accounts, export.version, [], target, options._replace(purge=False), password)
    where = f"{target.version.flavour} {target.version.text}"
    head = f"-- {len(plan.created)} accounts, for {where}: mysql --force < this file\n"
    on_routines = [step for step in plan.steps if _ON_ROUTINE.match(step.sql)]
    others = [step for step in plan.steps if not _ON_ROUTINE.match(step.sql)]
    return head + _lines(others) + (AFTER_ROUTINES + _lines(on_routines) if on_routines else "")


def _lines(steps: Iterable[Step]) -> str:
    return "".join(f"{step.sql};\n" for step in steps)
