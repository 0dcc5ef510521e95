# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of definers: whose rights stored objects have, here and there. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Optional

from .._counted import counted
from .._mysql.reserved_accounts import reserved_reason, system_reason
from . import links
from .checks_objects import stored
from .content_code import Code
from .facts import Facts, content_of
from .model import NOTE, WARNING, Check, Objects, Seen, objects_of
from .target_accounts import is_aurora_2


def _definers(objects: Iterable[Code]) -> str:
    counts = Counter(one.definer for one in objects)
    shown = ", ".join(f"{definer} ({count})" for definer, count in counts.most_common(5))
    return f"{shown} and {len(counts) - 5} others" if len(counts) > 5 else shown


def _by_definer(objects: Iterable[Code]) -> Objects:
    return objects_of(f"{one.label} ({one.definer})" for one in objects)


def _orphans(facts: Facts) -> Optional[Seen]:
    names = {account.name for account in content_of(facts).known("accounts")}
    found = [
        one
        for one in stored(facts)
        if one.definer and one.account not in names and not reserved_reason(one.account.user)
    ]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'object has', 'objects have')} a definer that is no account of the source: "
        f"{_definers(found)}.",
        _by_definer(found),
    )


def _reserved_definers(facts: Facts) -> Optional[Seen]:
    found = [one for one in stored(facts) if one.definer and reserved_reason(one.account.user)]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'object is', 'objects are')} defined by an account of the server itself: "
        f"{_definers(found)}.",
        _by_definer(found),
    )


def _definers_redefined(facts: Facts) -> Optional[Seen]:
    found = []
    for one in stored(facts):
        if one.definer and system_reason(one.account) and not reserved_reason(one.account.user):
            found.append(one)
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'object has', 'objects have')} a definer that does not travel: {_definers(found)}.",
        _by_definer(found),
    )


def _definers_refused(facts: Facts) -> Optional[Seen]:
    if not is_aurora_2(facts.engine):
        return None
    found = [
        one
        for one in stored(facts)
        if one.definer and not system_reason(one.account) and one.account.user != facts.wanted.master_username
    ]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'object has', 'objects have')} a definer of their own: {_definers(found)}.",
        _by_definer(found),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        id="source.orphan_definers",
        severity=WARNING,
        title="Stored objects have definers that do not exist",
        why="They fail with error 1449 on the source whenever they are used with their definer's rights. On the "
        "target they become the master user's, and begin to work, with its rights.",
        remedy="Drop what nobody misses, and give the rest a definer that exists.",
        link=links.MYSQL_STORED_OBJECTS,
        needs=("content",),
        find=_orphans,
    ),
    Check(
        id="source.reserved_definers",
        severity=WARNING,
        title="Stored objects belong to the server's or RDS' own accounts",
        why="Aurora drops what rdsadmin@localhost has defined, and role objects leaves behind what accounts of the "
        "server itself have defined.",
        remedy="Create them anew with a definer of yours if they are needed.",
        link=links.PHYSICAL_MIGRATION,
        needs=("content",),
        find=_reserved_definers,
    ),
    Check(
        id="source.definers_redefined",
        severity=NOTE,
        title="Stored objects change their definer",
        why="root does not exist on Aurora. Its objects become the master user's, which may do less: no SUPER, no "
        "FILE.",
        remedy="Nothing, or name another account in objects_definer_map (objects_definer: map).",
        link=links.MYSQL_STORED_OBJECTS,
        needs=("content",),
        find=_definers_redefined,
    ),
    Check(
        id="source.definers_refused",
        severity=WARNING,
        title="The target lets nobody set another's definer",
        why="On Aurora MySQL 2 a definer other than the master user needs SUPER, which nobody has there.",
        remedy="Choose objects_definer: master, and see that what runs with the master user's rights should; or "
        "choose Aurora MySQL 3.",
        link=links.MYSQL_STORED_OBJECTS,
        needs=("content",),
        find=_definers_refused,
    ),
)
