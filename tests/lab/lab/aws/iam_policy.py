# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evaluate IAM policy documents: may this principal do this action on this resource, in this context?

Pure: documents in, decision out. Rules from "Policy evaluation logic" and "IAM JSON policy elements" of the IAM user
guide. An element or a condition operator that is not known here raises PolicyError: no guess may open a door.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable


class PolicyError(Exception):
    """The policy document is malformed, or uses an element that this evaluation does not know."""


@dataclass(frozen=True)
class Request:
    """What is asked: an action ("s3:GetObject"), a resource ARN, the service principal that asks, condition keys."""

    action: str
    resource: str = "*"
    service: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def wildcard_match(pattern: str, text: str, ignore_case: bool = False) -> bool:
    """Match IAM's wildcards: * is any text, ? one character; nothing else is special."""
    expression = "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch(expression, text, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


def arn_match(pattern: str, arn: str) -> bool:
    """Match ARNs part by part, so that a wildcard never crosses a colon but in the last part."""
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(parts) and all(map(wildcard_match, patterns, parts))


def _boolean(expected: str, actual: str) -> bool:
    return expected.lower() == actual.lower()


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda expected, actual: expected == actual,
    "StringEqualsIgnoreCase": lambda expected, actual: expected.lower() == actual.lower(),
    "StringLike": wildcard_match,
    "ArnEquals": arn_match,
    "ArnLike": arn_match,
    "Bool": _boolean,
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def _condition_holds(operator: str, key: str, expected: Any, context: Mapping[str, str]) -> bool:
    # Every context key here has one value, for which both set qualifiers mean the same unless the key is missing.
    qualifier, separator, name = operator.rpartition(":")
    if separator and qualifier not in ("ForAnyValue", "ForAllValues"):
        raise PolicyError(f"condition operator {operator} is not known")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    actual = {known.lower(): value for known, value in context.items()}.get(key.lower())
    values = [str(value).lower() if isinstance(value, bool) else str(value) for value in _as_list(expected)]
    if name == "Null":
        return any(_boolean(value, "true" if actual is None else "false") for value in values)
    positive = _NEGATED.get(name, name)
    if positive not in _OPERATORS:
        raise PolicyError(f"condition operator {operator} is not known")
    if actual is None:
        return if_exists or qualifier == "ForAllValues" or name in _NEGATED
    found = any(_OPERATORS[positive](value, actual) for value in values)
    return found != (name in _NEGATED)


def _principal_matches(principal: Any, service: str | None) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, dict):
        raise PolicyError(f"Principal {principal!r} is not an object")
    return service in _as_list(principal.get("Service", []))


def _action_matches(patterns: Any, action: str) -> bool:
    return any(wildcard_match(pattern, action, ignore_case=True) for pattern in _as_list(patterns))


def _resource_matches(patterns: Any, resource: str) -> bool:
    return any(wildcard_match(pattern, resource) for pattern in _as_list(patterns))


def _statement_applies(statement: Mapping[str, Any], request: Request) -> bool:
    if "Action" in statement:
        if not _action_matches(statement["Action"], request.action):
            return False
    elif "NotAction" in statement:
        if _action_matches(statement["NotAction"], request.action):
            return False
    else:
        raise PolicyError("a statement has neither Action nor NotAction")
    if "Resource" in statement and not _resource_matches(statement["Resource"], request.resource):
        return False
    if "NotResource" in statement and _resource_matches(statement["NotResource"], request.resource):
        return False
    if "Principal" in statement and not _principal_matches(statement["Principal"], request.service):
        return False
    if "NotPrincipal" in statement and _principal_matches(statement["NotPrincipal"], request.service):
        return False
    return all(
        _condition_holds(operator, key, expected, request.context)
        for operator, keys in statement.get("Condition", {}).items()
        for key, expected in keys.items()
    )


def missing_keys(documents: Iterable[Mapping[str, Any]], request: Request) -> list[str]:
    """The condition keys that the request gives no value to, of statements about its action and resource."""
    given = {key.lower() for key in request.context}
    found: dict[str, str] = {}
    for document in documents:
        for statement in _as_list(document.get("Statement", [])):
            unconditional = {name: value for name, value in statement.items() if name != "Condition"}
            if _statement_applies(unconditional, request):
                for keys in statement.get("Condition", {}).values():
                    found.update((key.lower(), key) for key in keys if key.lower() not in given)
    return list(found.values())


def is_allowed(documents: Iterable[Mapping[str, Any]], request: Request) -> bool:
    """Whether the policies together allow the request: a Deny wins, then any Allow, else no."""
    allowed = False
    for document in documents:
        for statement in _as_list(document.get("Statement", [])):
            effect = statement.get("Effect")
            if effect not in ("Allow", "Deny"):
                raise PolicyError(f"Effect {effect!r} is neither Allow nor Deny")
            if _statement_applies(statement, request):
                if effect == "Deny":
                    return False
                allowed = True
    return allowed
