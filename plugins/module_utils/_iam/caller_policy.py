# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What the person who runs the stations must be allowed: as policies to attach, and as rights to check. Pure."""

from __future__ import annotations

import fnmatch
import itertools
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .._errors import DbferryError
from .rights import Right
from .scope import Account, Migration, names
from .stations import STATIONS

# "IAM and AWS STS quotas": characters of a managed policy, white space not counted.
MAX_CHARACTERS = 6144
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class CallerPolicyError(DbferryError):
    """No policy can be made of what was asked for."""

    default_id = "iam.caller_policy"


class Statement(NamedTuple):
    """A right with the resources that it is about.

    :ivar context: condition keys and the value of each.
    :ivar certain: as ``stations.Right.certain``.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: tuple[tuple[str, str], ...]
    certain: bool


class Policy(NamedTuple):
    """A policy to attach to the caller.

    :ivar document: the policy document.
    :ivar characters: how many of IAM's characters it takes.
    """

    document: dict[str, Any]
    characters: int


def statements(stations: Iterable[str], account: Account, migrations: Sequence[Migration]) -> list[Statement]:
    """What the stations need for the migrations, in the order of the table, nothing twice.

    :raises CallerPolicyError: there is no such station.
    """
    wanted = set(stations)
    unknown = sorted(wanted - set(STATIONS))
    if unknown:
        raise CallerPolicyError(
            f"There is no station {', '.join(unknown)}.", remedy=f"The stations are {', '.join(STATIONS)}."
        )
    rights = [right for station, listed in STATIONS.items() if station in wanted for right in listed]
    known = [names(account, migration) for migration in migrations]
    found = []
    for right in rights:
        resources = _unique(resource for each in known for resource in _resources(right, each))
        if resources:
            found.append(Statement(right.sid, right.actions, resources, right.context or (), right.certain))
    return _merge(found)


def policies(found: Iterable[Statement]) -> list[Policy]:
    """The smallest policy that allows it; several, all of which are to be attached, where it exceeds IAM's limit."""
    # Whether a station fails without a right matters to a check only.
    left = _join(_merge(_without_repeats([each._replace(certain=True) for each in found])))
    packed: list[list[Statement]] = [[]]
    while left:
        each = left.pop(0)
        if _policy([*packed[-1], each]).characters <= MAX_CHARACTERS:
            packed[-1].append(each)
        elif packed[-1]:
            left.insert(0, each)
            packed.append([])
        else:
            half = len(each.resources) // 2
            left[:0] = [each._replace(resources=part) for part in (each.resources[:half], each.resources[half:])]
    return [_policy(part) for part in packed if part]


def rights_to_check(found: Iterable[Statement]) -> list[dict[str, Any]]:
    """What the stations cannot do without, in the form of module ``iam_rights_info``'s option ``rights``."""
    return [
        {"actions": list(each.actions), "resources": list(each.resources), "context": dict(each.context)}
        for each in found
        if each.certain
    ]


def _resources(right: Right, known: dict[str, tuple[str, ...]]) -> list[str]:
    found = []
    for template in right.resources:
        placeholders = list(dict.fromkeys(_PLACEHOLDER.findall(template)))
        for values in itertools.product(*(known[name] for name in placeholders)):
            found.append(template.format(**dict(zip(placeholders, values))))
    return found


def _merge(found: Iterable[Statement]) -> list[Statement]:
    """One statement for all rights of one kind on the same resources in the same context."""
    merged: dict[Any, Statement] = {}
    for each in found:
        key = (each.resources, each.context, each.certain)
        actions = (*merged[key].actions, *each.actions) if key in merged else each.actions
        merged[key] = merged.get(key, each)._replace(actions=tuple(sorted(set(actions))))
    return list(merged.values())


def _join(found: Iterable[Statement]) -> list[Statement]:
    """One statement for all resources that the same actions are allowed on in the same context."""
    joined: dict[Any, Statement] = {}
    for each in found:
        key = (each.actions, each.context)
        resources = (*joined[key].resources, *each.resources) if key in joined else each.resources
        joined[key] = joined.get(key, each)._replace(resources=_unique(resources))
    return list(joined.values())


def _without_repeats(found: Sequence[Statement]) -> list[Statement]:
    """The statements without the actions that another one allows on all of their resources, too."""
    kept = list(found)
    for index, each in enumerate(found):
        others = [other for other in [*kept[:index], *kept[index + 1 :]] if other.context == each.context]
        actions = tuple(action for action in each.actions if not any(_covers(other, action, each) for other in others))
        kept[index] = each._replace(actions=actions)
    return [each for each in kept if each.actions]


def _covers(other: Statement, action: str, statement: Statement) -> bool:
    return action in other.actions and all(
        any(fnmatch.fnmatchcase(resource, pattern) for pattern in other.resources) for resource in statement.resources
    )


def _policy(found: Iterable[Statement]) -> Policy:
    taken: set[str] = set()
    document = {"Version": "2012-10-17", "Statement": [_as_json(each, taken) for each in found]}
    return Policy(document, len(json.dumps(document, separators=(",", ":"))))


def _as_json(statement: Statement, taken: set[str]) -> dict[str, Any]:
    sids = itertools.chain([statement.sid], (f"{statement.sid}{number}" for number in itertools.count(2)))
    sid = next(each for each in sids if each not in taken)
    taken.add(sid)
    found: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": _one_or_all(statement.actions),
        "Resource": _one_or_all(statement.resources),
    }
    if statement.context:
        found["Condition"] = {"StringEquals": dict(statement.context)}
    return found


def _one_or_all(values: Sequence[str]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
