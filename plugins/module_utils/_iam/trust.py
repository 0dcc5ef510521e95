# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Whether a role's trust policy lets RDS assume the role for a cluster. Pure.

The rules are those of the IAM User Guide, "IAM JSON policy elements: Condition operators" and "The confused deputy
problem": RDS names the account and the cluster that it acts for as ``aws:SourceAccount`` and ``aws:SourceArn``.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Optional

_RDS = "rds.amazonaws.com"
_ACCOUNT, _ARN = "aws:sourceaccount", "aws:sourcearn"
_EXACT = ("StringEquals", "StringEqualsIgnoreCase")
_PATTERN = ("StringLike", "ArnEquals", "ArnLike")


class Trust(NamedTuple):
    """What a trust policy says about RDS."""

    trusting: bool
    """Whether a statement allows RDS to assume the role at all."""
    admits: bool
    """Whether it does so for this cluster."""
    limited: bool
    """Whether all that do are limited by ``aws:SourceAccount`` or ``aws:SourceArn``."""
    only: tuple[str, ...]
    """The accounts and clusters that these limits name."""


def read_trust(document: Mapping[str, Any], account: str, cluster_arn: str) -> Trust:
    """What a trust policy means for RDS.

    A condition on anything else than account and cluster is taken as one that admits: nobody can tell.

    :param account: that RDS acts for.
    :param cluster_arn: of the cluster that it restores; "" where it has no name yet.
    """
    told = {_ACCOUNT: account, _ARN: cluster_arn}
    allows, denies = _statements(document, "Allow"), _statements(document, "Deny")
    limits = [list(_limits(each)) for each in allows]
    return Trust(
        trusting=bool(allows),
        admits=any(_holds(each, told) is not False for each in allows)
        and not any(_holds(each, told) is True for each in denies),
        limited=bool(allows) and all(limits),
        only=tuple(dict.fromkeys(value for each in limits for value in each)),
    )


def _statements(document: Mapping[str, Any], effect: str) -> list[Mapping[str, Any]]:
    """The statements that are about RDS assuming the role."""
    listed = document.get("Statement") or []
    found = []
    for statement in listed if isinstance(listed, list) else [listed]:
        principal = statement.get("Principal")
        services = _listed(principal.get("Service")) if isinstance(principal, Mapping) else _listed(principal)
        actions = {action.lower() for action in _listed(statement.get("Action"))}
        named = {_RDS, "*"} & set(services) and {"sts:assumerole", "sts:*", "*"} & actions
        if named and statement.get("Effect") == effect:
            found.append(statement)
    return found


def _limits(statement: Mapping[str, Any]) -> Iterable[str]:
    for operator, entries in (statement.get("Condition") or {}).items():
        if "Not" not in operator and not operator.endswith("IfExists"):
            for key, values in entries.items():
                if key.lower() in (_ACCOUNT, _ARN):
                    yield from _listed(values)


def _holds(statement: Mapping[str, Any], told: Mapping[str, str]) -> Optional[bool]:
    """Whether all conditions of a statement hold; ``None`` where nobody can tell."""
    answers = [
        _compares(operator, told.get(key.lower(), ""), _listed(values))
        for operator, entries in (statement.get("Condition") or {}).items()
        for key, values in entries.items()
    ]
    if False in answers:
        return False
    return None if None in answers else True


def _compares(operator: str, value: str, wanted: list[str]) -> Optional[bool]:
    name = operator.rpartition(":")[2]
    name = name[: -len("IfExists")] if name.endswith("IfExists") else name
    plain = name.replace("Not", "", 1)
    if not value or plain not in (*_EXACT, *_PATTERN):
        return None
    if plain in _PATTERN:
        found = any(fnmatch.fnmatchcase(value, _escaped(each)) for each in wanted)
    else:
        found = value.lower() in [each.lower() for each in wanted]
    return found is (plain == name)


def _escaped(pattern: str) -> str:
    """IAM knows ``*`` and ``?``; a bracket is itself."""
    return pattern.replace("[", "[[]")


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []
