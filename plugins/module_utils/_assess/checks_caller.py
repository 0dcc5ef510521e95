# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of what the caller may do. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Optional

from .._counted import counted
from .._iam.simulation import Denied, Unknown
from . import links
from .access_facts import role_arn
from .facts import Facts, access_of
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, objects_of

_PHYSICAL_ONLY = (PHYSICAL,)
_PASSING = "iam:PassRole"
# So many rights are named in a sentence.
_NAMED = 5
# Stations of the physical way, and those that both ways pass.
_PHYSICAL_STATIONS = ("bucket", "backup", "iam", "restore")
_SHARED_STATIONS = ("objects", "verify", "report")


def _lacking(facts: Facts, stations: tuple[str, ...]) -> dict[str, tuple[Denied, ...]]:
    access = access_of(facts)
    if access.denied is None:
        raise NotKnownError(f"IAM does not say what the caller may do: {access.not_simulated}")
    return {name: access.denied[name] for name in stations if name in access.denied}


def _seen_lacking(facts: Facts, stations: tuple[str, ...], elsewhere: Collection[Denied] = ()) -> Optional[Seen]:
    """What the stations lack, without what is said ``elsewhere``."""
    found = {}
    for name, lacking in _lacking(facts, stations).items():
        rest = [each for each in lacking if each.action != _PASSING and each not in elsewhere]
        if rest:
            found[name] = rest
    if not found:
        _tell_unknown(facts, stations)
        return None
    texts = dict.fromkeys(each.text for rest in found.values() for each in rest)
    counts = ", ".join(f"{name} ({len(rest)})" for name, rest in found.items())
    return Seen(
        f"{access_of(facts).caller.arn} lacks {counted(len(texts), 'right')}, of stations {counts}.", objects_of(texts)
    )


def _tell_unknown(facts: Facts, stations: tuple[str, ...]) -> None:
    """Nothing is missing for sure.

    :raises NotKnownError: whether the caller has all depends on what IAM was not told.
    """
    unknown = [each for name in stations for each in access_of(facts).unknown.get(name, ()) if each.action != _PASSING]
    if unknown:
        raise NotKnownError(depends(access_of(facts).caller.arn, unknown))


def depends(who: str, unknown: Sequence[Unknown]) -> str:
    """The sentence that says on what it depends whether somebody has rights."""
    keys = ", ".join(dict.fromkeys(key for each in unknown for key in each.condition_keys))
    texts = list(dict.fromkeys(f"{each.action} on {each.resource}" for each in unknown))
    more = f" and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return f"Whether {who} may {', '.join(texts[:_NAMED])}{more} depends on {keys}, which IAM was not told."


def _rights_missing(facts: Facts) -> Optional[Seen]:
    shared = {each for lacking in _lacking(facts, _SHARED_STATIONS).values() for each in lacking}
    return _seen_lacking(facts, _PHYSICAL_STATIONS, shared)


def _shared_rights_missing(facts: Facts) -> Optional[Seen]:
    return _seen_lacking(facts, _SHARED_STATIONS)


def _pass_role(facts: Facts) -> Optional[Seen]:
    denied = [each for each in _lacking(facts, ("restore",)).get("restore", ()) if each.action == _PASSING]
    if not denied:
        unknown = [each for each in access_of(facts).unknown.get("restore", ()) if each.action == _PASSING]
        if unknown:
            raise NotKnownError(depends(access_of(facts).caller.arn, unknown))
        return None
    roles = dict.fromkeys(each.resource for each in denied)
    passed = [(role, service) for service, role in _passed_to(facts).items() if role in roles]
    caller = access_of(facts).caller.arn
    return Seen(
        f"{caller} may not pass {' and '.join(f'{role} to {service}' for role, service in passed)}.",
        objects_of(dict.fromkeys(each.text for each in denied)),
        ",\n".join(json.dumps(_passing_statement(role, service)) for role, service in passed),
    )


def _passed_to(facts: Facts) -> dict[str, str]:
    """The roles that the stations pass, by the service that gets each."""
    return {
        "rds.amazonaws.com": role_arn(access_of(facts).caller, facts.wanted),
        "monitoring.rds.amazonaws.com": facts.wanted.monitoring_role_arn,
    }


def _passing_statement(role: str, service: str) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Action": _PASSING,
        "Resource": role,
        "Condition": {"StringEquals": {"iam:PassedToService": service}},
    }


def _root_user(facts: Facts) -> Optional[Seen]:
    caller = access_of(facts).caller
    return Seen(f"The caller is {caller.arn}.") if caller.kind == "root" else None


def _not_simulated(facts: Facts) -> Optional[Seen]:
    access = access_of(facts)
    if access.denied is not None or not access.not_simulated:
        return None
    return Seen(access.not_simulated)


_NEEDS = ("access",)
_ATTACH = (
    "Attach the policies that module iam_caller_policy_info writes, or run the stations as somebody who has them. "
    "Where a policy of the bucket or the key gives these rights, which IAM does not look at, pass over this check."
)
CHECKS: tuple[Check, ...] = (
    Check(
        id="caller.rights_missing",
        severity=BLOCKER,
        title="The caller lacks rights of the physical way",
        why="The stations backup, iam and restore stop where AWS refuses them.",
        remedy=_ATTACH,
        link=links.IAM_SIMULATION,
        needs=_NEEDS,
        find=_rights_missing,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="caller.shared_rights_missing",
        severity=BLOCKER,
        title="The caller lacks rights of stations that both ways pass",
        why="The stations objects, verify and report read and write the record in the bucket, and look at the cluster.",
        remedy=_ATTACH,
        link=links.IAM_SIMULATION,
        needs=_NEEDS,
        find=_shared_rights_missing,
    ),
    Check(
        id="caller.pass_role",
        severity=BLOCKER,
        title="The caller may not pass a role to RDS",
        why="Whoever gives RDS a role, to read the backup or for Enhanced Monitoring, needs iam:PassRole on it; the "
        "role's own rights do not help.",
        remedy="Add what the statement says to a policy of the caller.",
        link=links.IAM_PASS_ROLE,
        needs=_NEEDS,
        find=_pass_role,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="caller.root_user",
        severity=WARNING,
        title="The caller is the account's root user",
        why="Its key opens everything and cannot be limited; a role cannot be assumed with it, either.",
        remedy="Call with a user or role that has what iam_caller_policy_info writes.",
        link=links.IAM_ROOT_USER,
        needs=_NEEDS,
        find=_root_user,
    ),
    Check(
        id="caller.not_simulated",
        severity=NOTE,
        title="IAM does not say what the caller may do",
        why="A right that is missing shows only when a station needs it.",
        remedy="Give the caller iam:SimulatePrincipalPolicy on itself, and name bucket, migration id and cluster.",
        link=links.IAM_SIMULATION,
        needs=_NEEDS,
        find=_not_simulated,
    ),
)
