# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the role that RDS reads the bucket with. Pure."""

from __future__ import annotations

import json
import shlex
from typing import Optional

from .._counted import counted
from . import links
from .access_facts import RoleFacts
from .checks_caller import depends
from .facts import Facts, access_of
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, objects_of

_PHYSICAL_ONLY = (PHYSICAL,)


def _role(facts: Facts) -> Optional[RoleFacts]:
    """The existing role that is wanted.

    :raises NotKnownError: IAM did not show it, or it is not there.
    """
    role = access_of(facts).role
    if role is not None and not role.there:
        raise NotKnownError(role.why or f"There is no role {role.arn}.")
    return role


def _missing(facts: Facts) -> Optional[Seen]:
    role = access_of(facts).role
    if role is not None and role.there is None:
        raise NotKnownError(role.why)
    return Seen(f"There is no role {role.arn}.") if role is not None and not role.there else None


def _other_account(facts: Facts) -> Optional[Seen]:
    access = access_of(facts)
    if access.role is None:
        return None
    parts = access.role.arn.split(":")
    account = parts[4] if len(parts) > 5 else ""
    if account == access.caller.place.account:
        return None
    return Seen(
        f"Role {access.role.arn} is of account {account or 'unknown'}, the caller of {access.caller.place.account}."
    )


def _trust(facts: Facts) -> Optional[Seen]:
    role, account = _role(facts), access_of(facts).caller.place.account
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


def _trust_open(facts: Facts) -> Optional[Seen]:
    role = _role(facts)
    if role is None or not role.trust.trusting or role.trust.limited:
        return None
    return Seen(f"The trust policy of {role.arn} names neither aws:SourceAccount nor aws:SourceArn.")


def _role_with_rights(facts: Facts) -> Optional[RoleFacts]:
    """The existing role that is wanted, of which IAM has said what it may do.

    :raises NotKnownError: as ``_role``, or IAM did not say it.
    """
    role = _role(facts)
    if role is not None and role.denied is None:
        raise NotKnownError(f"IAM does not say what {role.arn} may do: {role.why}")
    return role


def _rights_missing(facts: Facts) -> Optional[Seen]:
    role = _role_with_rights(facts)
    if role is None:
        return None
    if not role.denied:
        if role.unknown:
            raise NotKnownError(depends(role.arn, role.unknown))
        return None
    return Seen(
        f"{role.arn} lacks {counted(len(role.denied), 'right')}.", objects_of(each.text for each in role.denied)
    )


def _too_wide(facts: Facts) -> Optional[Seen]:
    role = _role_with_rights(facts)
    return Seen(f"{role.arn} may {' and '.join(role.too_wide)}.") if role is not None and role.too_wide else None


_NEEDS = ("access",)
CHECKS: tuple[Check, ...] = (
    Check(
        id="role.missing",
        severity=BLOCKER,
        title="There is no such role",
        why="RDS reads the backup with the rights of this role.",
        remedy="Correct iam_role_arn with its path, or leave it empty to have a role made.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_missing,
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
        find=_other_account,
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
        find=_trust,
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
        find=_trust_open,
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
        find=_rights_missing,
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
        find=_too_wide,
        ways=_PHYSICAL_ONLY,
    ),
)
