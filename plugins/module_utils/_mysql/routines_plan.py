# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What has to be done on a target so that it has a source's stored objects. Pure."""

from __future__ import annotations

import dataclasses
import graphlib
import re
from typing import Mapping, Sequence

from .definers import DefinerRights, definer_on_target, is_reserved, role_as_account
from .routines import KINDS, Inventory, Key, NotPortable, Selection, StoredObject, portable_sql_mode, same
from .routines_obstacles import Problem, disabled_on_replica, left_in_system_zone, obstacle_of, without_definer


@dataclasses.dataclass(frozen=True)
class Policy:
    """The user's wishes.

    :ivar definer: ``keep``, ``map``, ``master`` or ``master_if_missing``; :ivar definer_map: for ``map``.
    :ivar events: ``as_source``, or ``disabled`` to let all events arrive disabled.
    :ivar system_time_zone: the zone for events that run in the source's SYSTEM zone; "" keeps SYSTEM.
    :ivar purge: drop what the source does not have, within its schemas and of the kinds that were read there, where its
        reader was shown all of the kind.
    """

    definer: str = "keep"
    definer_map: Mapping[str, str] = dataclasses.field(default_factory=dict)
    events: str = "as_source"
    system_time_zone: str = ""
    purge: bool = False


@dataclasses.dataclass(frozen=True)
class Change:
    """One thing to do: ``create``, ``replace`` or ``drop``."""

    action: str
    key: Key
    wanted: StoredObject | None
    actual: StoredObject | None


@dataclasses.dataclass(frozen=True)
class Redefinition:
    """An object that has another definer on the target than on the source."""

    key: Key
    source: str
    target: str


@dataclasses.dataclass(frozen=True)
class Plan:
    """Everything that is to be done, in the order of doing it, and what will not be.

    :ivar skipped: what never travels, and what a purge spares; :ivar failed: what should, and cannot as things stand.
    :ivar redefined: what changes its definer, or has changed it in an earlier run.
    :ivar without_definer: what is, or will be, on the target without its definer being there.
    :ivar disabled_on_replica: events that are, or will be, disabled on the target because the source is a
        replica and leaves them to its own source.
    :ivar left_in_system_zone: events that run in SYSTEM on the target, too, because ``system_time_zone`` is "".
    """

    changes: tuple[Change, ...]
    unchanged: tuple[Key, ...]
    skipped: tuple[Problem, ...]
    failed: tuple[Problem, ...]
    redefined: tuple[Redefinition, ...]
    without_definer: tuple[Problem, ...]
    disabled_on_replica: tuple[Problem, ...]
    left_in_system_zone: tuple[Problem, ...]


def chosen(inventory: Inventory, selection: Selection) -> Inventory:
    """The part of an inventory that is selected. Loadable functions have no schema and count as functions."""
    kinds = set(selection.kinds)
    if "function" in kinds:
        kinds.add("loadable function")
    if "procedure" in kinds:
        kinds.update(("package", "package body"))
    return dataclasses.replace(
        inventory,
        schemas=tuple(name for name in inventory.schemas if selection.has_schema(name)),
        kinds=tuple(kind for kind in inventory.kinds if kind in kinds),
        objects=tuple(each for each in inventory.objects if each.kind in kinds and selection.has_schema(each.schema)),
        not_portable=tuple(
            each
            for each in inventory.not_portable
            if each.kind in kinds | {"sequence", "library", "schema"}
            and (not each.schema or selection.names(each.schema))
        ),
    )


def plan(source: Inventory, target: Inventory, rights: DefinerRights, policy: Policy) -> Plan:
    """Compare two inventories of the same kinds and schemas.

    :param rights: what the target's master may do.
    :returns: see ``Plan``; nothing in it that is equal in normal form already.
    """
    loose = source.family != target.family
    actual_by_key = target.by_key()
    unreadable = {Key(each.kind, each.schema, each.name): each for each in target.not_portable}
    changes: list[Change] = []
    unchanged: list[Key] = []
    coming: list[tuple[StoredObject, StoredObject]] = []
    failed: list[Problem] = []
    skipped: list[Problem] = []
    redefined: list[Redefinition] = []
    for refusal in source.not_portable:
        (failed if refusal.unreadable else skipped).append(_problem(refusal))
    for original in source.objects:
        wanted = on_target(original, target.family, rights, policy)
        actual = actual_by_key.get(wanted.key)
        if wanted.definer != original.definer:
            redefined.append(Redefinition(wanted.key, original.definer, wanted.definer))
        if is_reserved(wanted.definer):
            remedy = "Give it another definer with definer=map or definer=master."
            skipped.append(Problem(wanted.key, f"its definer {wanted.definer} belongs to the server itself", remedy))
        elif wanted.clauses.get("aggregate") == "YES" and target.family != "mariadb":
            remedy = "Rewrite it as a query with MySQL's own aggregate functions."
            skipped.append(Problem(wanted.key, "MySQL has no stored aggregate functions", remedy))
        elif actual and same(wanted, actual, loose):
            coming.append((original, wanted))
            unchanged.append(wanted.key)
        elif wanted.key in unreadable:
            reason = f"there is one on the target that cannot be compared: {unreadable[wanted.key].reason}"
            failed.append(Problem(wanted.key, reason, unreadable[wanted.key].remedy))
        else:
            obstacle = obstacle_of(wanted, target, rights)
            if obstacle:
                failed.append(obstacle)
            else:
                coming.append((original, wanted))
                changes.append(Change("replace" if actual else "create", wanted.key, wanted, actual))
    if policy.purge:
        drops, spared = _purged(source, target)
        changes += drops
        skipped += spared
    return Plan(
        tuple(in_order(changes)),
        tuple(unchanged),
        tuple(skipped),
        tuple(failed),
        tuple(redefined),
        tuple(problem for _original, wanted in coming for problem in without_definer(wanted, rights)),
        tuple(problem for original, _wanted in coming for problem in disabled_on_replica(original)),
        tuple(problem for _original, wanted in coming for problem in left_in_system_zone(wanted)),
    )


def on_target(original: StoredObject, family: str, rights: DefinerRights, policy: Policy) -> StoredObject:
    """An object of the source as it shall be on the target."""
    clauses = dict(original.clauses)
    if original.kind == "event":
        if policy.events == "disabled":
            clauses["status"] = "DISABLED"
        if clauses["time_zone"] == "SYSTEM" and policy.system_time_zone:
            clauses["time_zone"] = policy.system_time_zone
    keeps_modes = family == "mariadb" or family.startswith("mysql-5.")
    definer = original.definer if family == "mariadb" else role_as_account(original.definer)
    return dataclasses.replace(
        original,
        definer=definer_on_target(definer, policy.definer, policy.definer_map, rights),
        sql_mode=original.sql_mode if keeps_modes else portable_sql_mode(original.sql_mode),
        clauses=clauses,
    )


def in_order(changes: Sequence[Change]) -> list[Change]:
    """Drops first and backwards; then functions, procedures, views (the used before the using), triggers, events."""
    drops = sorted((each for each in changes if each.action == "drop"), key=_position, reverse=True)
    rest = sorted((each for each in changes if each.action != "drop" and each.key.kind != "trigger"), key=_position)
    # The source's order is the order in which triggers of one moment fire.
    triggers = [each for each in changes if each.action != "drop" and each.key.kind == "trigger"]
    views = _used_first([each for each in rest if each.key.kind == "view"])
    before = [each for each in rest if KINDS.index(each.key.kind) < KINDS.index("view")]
    after = [each for each in rest if KINDS.index(each.key.kind) > KINDS.index("view")]
    return drops + before + views + triggers + after


_QUALIFIED_NAME = re.compile(r"`((?:[^`]|``)+)`\.`((?:[^`]|``)+)`")


def _used_first(views: Sequence[Change]) -> list[Change]:
    by_name = {(each.key.schema, each.key.name): each for each in views}
    graph = {}
    for name, change in by_name.items():
        body = change.wanted.body if change.wanted else ""
        used = {(a.replace("``", "`"), b.replace("``", "`")) for a, b in _QUALIFIED_NAME.findall(body)}
        graph[name] = (used & by_name.keys()) - {name}
    try:
        return [by_name[name] for name in graphlib.TopologicalSorter(graph).static_order()]
    except graphlib.CycleError:  # names in a string literal; the rounds of the applying side still find a way
        return list(views)


def _position(change: Change) -> tuple[int, Key]:
    return KINDS.index(change.key.kind), change.key


def _purged(source: Inventory, target: Inventory) -> tuple[list[Change], list[Problem]]:
    """What the target has and the source has not, and what of it stays because the source may well have it."""
    known = {each.key for each in source.objects}
    known |= {Key(each.kind, each.schema, each.name) for each in source.not_portable}
    hidden = {each.kind: each for each in source.not_portable if (each.schema, each.name) == ("", "*")}
    drops, spared = [], []
    for each in target.objects:
        key = each.key
        if key in known or key.schema not in source.schemas or key.kind not in source.kinds:
            continue
        unseen = hidden.get(key.kind)
        if unseen and (not unseen.schemas or key.schema in unseen.schemas):
            reason = f"it is on the target and not in the export, but is not dropped: {unseen.reason}"
            spared.append(Problem(key, reason, unseen.remedy))
        else:
            drops.append(Change("drop", key, None, each))
    return drops, spared


def _problem(refusal: NotPortable) -> Problem:
    return Problem(Key(refusal.kind, refusal.schema, refusal.name), refusal.reason, refusal.remedy)
