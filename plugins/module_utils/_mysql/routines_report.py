# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the modules for stored objects return: summaries, bounded lists, differences a person can read. Pure."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from .._counted import counted
from .routines import KINDS, Inventory, Key, NotPortable, Selection, digest
from .routines_apply import Outcome
from .routines_obstacles import Problem
from .routines_plan import Change, Redefinition
from .routines_render import readable

LIST_LIMIT = 200
"""No list in a result is longer; a job's event has to hold it. The counts in the summary are always whole."""
_DIFF_LIMIT = 50
_WARNINGS = 20
_DIFF_CHARACTERS = 20000


def plural(kind: str) -> str:
    """``functions`` for ``function``: how a summary and the option ``kinds`` name kinds."""
    return kind + "s"


_KINDS_BY_PLURAL = {plural(kind): kind for kind in KINDS}


def selection_of(params: Mapping[str, Any]) -> Selection:
    """The selection that a module's options make (``_argspec.stored_objects_argument_spec``)."""
    kinds = tuple(_KINDS_BY_PLURAL[kind] for kind in params["kinds"])
    return Selection(kinds, tuple(params["schemas"]), tuple(params["exclude_schemas"]))


def inventory_result(inventory: Inventory) -> dict[str, Any]:
    """``summary``, ``routines`` and ``not_portable`` of a server's inventory."""
    summary: dict[str, Any] = {plural(kind): 0 for kind in KINDS}
    for each in inventory.objects:
        summary[plural(each.kind)] += 1
    summary.update(
        schemas=len(inventory.schemas),
        not_portable=len(inventory.not_portable),
        truncated=max(len(inventory.objects), len(inventory.not_portable)) > LIST_LIMIT,
    )
    return {
        "summary": summary,
        "routines": [
            {
                "kind": each.kind,
                "schema": each.schema,
                "name": each.name,
                "definer": each.definer,
                "security": each.security or "DEFINER",
                "sha256": digest(each),
            }
            for each in inventory.objects[:LIST_LIMIT]
        ],
        "not_portable": [_refusal(each) for each in inventory.not_portable[:LIST_LIMIT]],
    }


def bring_over_result(outcome: Outcome) -> dict[str, Any]:
    """A summary of what was, or would be, done, and lists of it and of what is to be looked at."""
    done, failed, plan = outcome.done, outcome.failed, outcome.plan
    looked_at = (plan.without_definer, plan.disabled_on_replica, plan.left_in_system_zone, outcome.compared_loosely)
    lists = (done, plan.skipped, failed, plan.redefined, *looked_at)
    counts = {action: sum(each.action == action for each in done) for action in ("create", "replace", "drop")}
    return {
        "summary": {
            "source": len(outcome.source.objects) + len(outcome.source.not_portable),
            "created": counts["create"],
            "replaced": counts["replace"],
            "dropped": counts["drop"],
            "unchanged": len(plan.unchanged),
            "skipped": len(plan.skipped),
            "redefined": len(plan.redefined),
            "without_definer": len(plan.without_definer),
            "disabled_on_replica": len(plan.disabled_on_replica),
            "left_in_system_zone": len(plan.left_in_system_zone),
            "compared_loosely": len(outcome.compared_loosely),
            "failed": len(failed),
            "truncated": max(map(len, lists)) > LIST_LIMIT,
        },
        "changes": [dict(_named(each.key), action=each.action) for each in done[:LIST_LIMIT]],
        "left_behind": problem_entries(plan.skipped[:LIST_LIMIT]),
        "redefined": redefinition_entries(plan.redefined[:LIST_LIMIT]),
        "without_definer": problem_entries(plan.without_definer[:LIST_LIMIT]),
        "disabled_on_replica": problem_entries(plan.disabled_on_replica[:LIST_LIMIT]),
        "left_in_system_zone": problem_entries(plan.left_in_system_zone[:LIST_LIMIT]),
        "compared_loosely": problem_entries(outcome.compared_loosely[:LIST_LIMIT]),
        # Not "failed": that member of a result belongs to Ansible.
        "not_created": problem_entries(failed[:LIST_LIMIT]),
    }


def plan_diff(changes: Iterable[Change]) -> list[dict[str, str]]:
    """Ansible's diffs, one an object: its CREATE statement on the target before and after; at most 50."""
    diffs = []
    for change in list(changes)[:_DIFF_LIMIT]:
        diffs.append(
            {
                "before_header": f"{change.key} ({'absent' if change.actual is None else 'on the target'})",
                "after_header": f"{change.key} ({change.action})",
                "before": readable(change.actual)[:_DIFF_CHARACTERS] if change.actual else "",
                "after": readable(change.wanted)[:_DIFF_CHARACTERS] if change.wanted else "",
            }
        )
    return diffs


def failure_message(failed: Sequence[Problem]) -> str:
    """One sentence about what failed, with the first as an example."""
    first = failed[0]
    return (
        f"[routines.not_created] {counted(len(failed), 'stored object')} did not arrive, or not whole; all others "
        "were dealt "
        f"with. The first: {first.key}: {first.reason}. What to do: {first.remedy}"
    )


def warnings_of(outcome: Outcome) -> list[str]:
    """What a person should see at once; the lists tell the rest."""
    plan = outcome.plan
    warnings = _first_of(plan.without_definer, "objects are without their definer", "without_definer")
    warnings += _first_of(plan.disabled_on_replica, "events are disabled", "disabled_on_replica")
    warnings += _first_of(plan.left_in_system_zone, "events run in SYSTEM", "left_in_system_zone")
    if outcome.compared_loosely:
        warnings.append(
            f"{counted(len(outcome.compared_loosely), 'view')} could be compared without the select only; see "
            "compared_loosely."
        )
    return warnings


def _first_of(problems: Sequence[Problem], what: str, member: str) -> list[str]:
    told = [f"{each.key}: {each.reason}. {each.remedy}" for each in problems[:_WARNINGS]]
    if len(problems) > _WARNINGS:
        told.append(
            f"{len(problems) - _WARNINGS} more {what}; see {member} in the result, and all of them in left_behind_file."
        )
    return told


def _named(key: Key) -> dict[str, str]:
    return key._asdict()


def problem_entries(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Problems as a result's lists have them."""
    return [dict(_named(each.key), reason=each.reason, remedy=each.remedy) for each in problems]


def redefinition_entries(redefined: Sequence[Redefinition]) -> list[dict[str, str]]:
    """Objects with another definer as a result's list has them."""
    return [dict(_named(each.key), definer_source=each.source, definer_target=each.target) for each in redefined]


def _refusal(each: NotPortable) -> dict[str, str]:
    return {
        "kind": each.kind,
        "schema": each.schema,
        "name": each.name,
        "reason": each.reason,
        "remedy": each.remedy,
    }
