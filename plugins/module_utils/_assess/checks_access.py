# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of what the caller may do, and of the role that RDS reads the bucket with. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Sequence
from typing import Optional

from .._iam.simulation import Denied, Unknown
from . import links
from .access_facts import AccessFacts, RoleFacts
from .facts import Facts
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, need, objects_of

_PHYSICAL_ONLY = (PHYSICAL,)
_PASSING = "iam:PassRole"
# So many rights are named in a sentence.
_NAMED = 5
# Stations of the physical way, and those that both ways pass.
_PHYSICAL_STATIONS = ("bucket", "backup", "iam", "restore")
_SHARED_STATIONS = ("objects", "verify", "report")


def _access(facts: Facts) -> AccessFacts:
    return need(facts.access, "access")


def _lacking(facts: Facts, stations: tuple[str, ...]) -> dict[str, tuple[Denied, ...]]:
    access = _access(facts)
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
    return Seen(f"{_access(facts).caller.arn} lacks {len(texts)} rights, of stations {counts}.", objects_of(texts))


def _tell_unknown(facts: Facts, stations: tuple[str, ...]) -> None:
    """Nothing is missing for sure.

    :raises NotKnownError: whether the caller has all depends on what IAM was not told.
    """
    unknown = [each for name in stations for each in _access(facts).unknown.get(name, ()) if each.action != _PASSING]
    if unknown:
        raise NotKnownError(_depends(_access(facts).caller.arn, unknown))


def _depends(who: str, unknown: Sequence[Unknown]) -> str:
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
        unknown = [each for each in _access(facts).unknown.get("restore", ()) if each.action == _PASSING]
        if unknown:
            raise NotKnownError(_depends(_access(facts).caller.arn, unknown))
        return None
    statement = {
        "Effect": "Allow",
        "Action": _PASSING,
        "Resource": denied[0].resource,
        "Condition": {"StringEquals": {"iam:PassedToService": "rds.amazonaws.com"}},
    }
    return Seen(
        f"{_access(facts).caller.arn} may not pass {denied[0].resource} to RDS.",
        objects_of(each.text for each in denied),
        json.dumps(statement),
    )


def _root_user(facts: Facts) -> Optional[Seen]:
    caller = _access(facts).caller
    return Seen(f"The caller is {caller.arn}.") if caller.kind == "root" else None


def _not_simulated(facts: Facts) -> Optional[Seen]:
    access = _access(facts)
    if access.denied is not None or not access.not_simulated:
        return None
    return Seen(access.not_simulated)


def _role(facts: Facts) -> Optional[RoleFacts]:
    """The existing role that is wanted.

    :raises NotKnownError: IAM did not show it, or it is not there.
    """
    role = _access(facts).role
    if role is not None and not role.there:
        raise NotKnownError(role.why or f"There is no role {role.arn}.")
    return role


def _role_missing(facts: Facts) -> Optional[Seen]:
    role = _access(facts).role
    if role is not None and role.there is None:
        raise NotKnownError(role.why)
    return Seen(f"There is no role {role.arn}.") if role is not None and not role.there else None


def _role_other_account(facts: Facts) -> Optional[Seen]:
    access = _access(facts)
    if access.role is None:
        return None
    parts = access.role.arn.split(":")
    account = parts[4] if len(parts) > 5 else ""
    if account == access.caller.place.account:
        return None
    return Seen(
        f"Role {access.role.arn} is of account {account or 'unknown'}, the caller of {access.caller.place.account}."
    )


def _role_trust(facts: Facts) -> Optional[Seen]:
    role, account = _role(facts), _access(facts).caller.place.account
    if role is None or role.trust.admits:
        return None
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "rds.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    only = ""
    if role.trust.trusting:
        whom = facts.wanted.cluster_identifier or "a cluster"
        named = f", only for {', '.join(role.trust.only)}" if role.trust.only else ""
        only = f" for {whom} in account {account}{named}"
    name = shlex.quote(role.arn.rpartition("/")[2])
    return Seen(
        f"The trust policy of {role.arn} does not let rds.amazonaws.com assume it{only}.",
        statement=f"aws iam update-assume-role-policy --role-name {name} --policy-document {shlex.quote(document)}",
    )


def _role_trust_open(facts: Facts) -> Optional[Seen]:
    role = _role(facts)
    if role is None or not role.trust.trusting or role.trust.limited:
        return None
    return Seen(f"The trust policy of {role.arn} names neither aws:SourceAccount nor aws:SourceArn.")


def _role_rights_missing(facts: Facts) -> Optional[Seen]:
    role = _role(facts)
    if role is None:
        return None
    if role.denied is None:
        raise NotKnownError(f"IAM does not say what {role.arn} may do: {role.why}")
    if not role.denied:
        if role.unknown:
            raise NotKnownError(_depends(role.arn, role.unknown))
        return None
    return Seen(f"{role.arn} lacks {len(role.denied)} rights.", objects_of(each.text for each in role.denied))


def _role_too_wide(facts: Facts) -> Optional[Seen]:
    role = _role(facts)
    if role is None:
        return None
    if role.denied is None:
        raise NotKnownError(f"IAM does not say what {role.arn} may do: {role.why}")
    return Seen(f"{role.arn} may {' and '.join(role.too_wide)}.") if role.too_wide else None


_NEEDS = ("access",)
CHECKS: tuple[Check, ...] = (
    Check(
        id="caller.rights_missing",
        severity=BLOCKER,
        title="The caller lacks rights of the physical way",
        why="The stations backup, iam and restore stop where AWS refuses them.",
        remedy="Attach the policies that module iam_caller_policy_info writes, or run the stations as somebody who has "
        "them.",
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
        remedy="Attach the policies that module iam_caller_policy_info writes, or run the stations as somebody who has "
        "them.",
        link=links.IAM_SIMULATION,
        needs=_NEEDS,
        find=_shared_rights_missing,
    ),
    Check(
        id="caller.pass_role",
        severity=BLOCKER,
        title="The caller may not pass the role to RDS",
        why="Whoever gives RDS a role needs iam:PassRole on it; the role's own rights do not help.",
        remedy="Add the statement to a policy of the caller.",
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
    Check(
        id="role.missing",
        severity=BLOCKER,
        title="There is no such role",
        why="RDS reads the backup with the rights of this role.",
        remedy="Correct iam_role_arn with its path, or leave it empty to have a role made.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_role_missing,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="role.other_account",
        severity=BLOCKER,
        title="The role is another account's",
        why="A role can be passed to a service only within its own account.",
        remedy="Take a role of the cluster's account; the bucket's policy may let it read a bucket of another one.",
        link=links.IAM_PASS_ROLE,
        needs=_NEEDS,
        find=_role_other_account,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="role.trust",
        severity=BLOCKER,
        title="The role does not trust RDS",
        why="RDS has to assume the role to read the backup.",
        remedy="Let the trust policy allow it. The command replaces the whole policy: add what else is to stay.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_role_trust,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="role.trust_open",
        severity=WARNING,
        title="The role trusts RDS for every account",
        why="Without aws:SourceAccount or aws:SourceArn, another account may have RDS read with this role.",
        remedy="Add the condition aws:SourceAccount to the trust policy.",
        link=links.IAM_CONFUSED_DEPUTY,
        needs=_NEEDS,
        find=_role_trust_open,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="role.rights_missing",
        severity=BLOCKER,
        title="The role may not read the backup",
        why="RDS finds the bucket, lists the prefix and reads every object with the rights of this role.",
        remedy="Give the role the rights that are named, on this bucket and prefix.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_role_rights_missing,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="role.too_wide",
        severity=NOTE,
        title="The role may do more than reading the backup",
        why="A role that is given to a service is best limited to what it is for.",
        remedy="Limit the role to reading under the migration's prefix, or leave iam_role_arn empty to have one made.",
        link=links.IAM_CONFUSED_DEPUTY,
        needs=_NEEDS,
        find=_role_too_wide,
        ways=_PHYSICAL_ONLY,
    ),
)
