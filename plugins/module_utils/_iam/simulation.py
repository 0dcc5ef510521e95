# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What a principal may do, as IAM itself works it out: SimulatePrincipalPolicy.

"SimulatePrincipalPolicy" (IAM API reference): the policies of the user with its groups, or of the role, the permissions
boundary and the organization's policies count. Policies of resources (bucket, key) and of sessions do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

try:
    from botocore.exceptions import ClientError
except ImportError:  # make_client says so

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._aws.errors import aws_errors, error_code, error_text
from .._errors import DbferryError

# What says that it cannot be asked here, and nothing about the rights that were asked for.
_CANNOT_ASK = frozenset(
    ("AccessDenied", "AccessDeniedException", "InvalidAction", "InvalidInput", "NoSuchEntity", "NotImplemented")
    + ("Throttling", "ThrottlingException", "UnknownOperationException")
)
_MAX_DENIED = 100
_BECAUSE = {
    "implicit": "no policy allows it",
    "explicit": "a policy denies it",
    "boundary": "the permissions boundary does not let it pass",
    "organization": "a policy of the organization does not let it pass",
}


class RightsError(DbferryError):
    """Rights cannot be asked for in this form."""

    default_id = "iam.rights"


class CannotSimulateError(Exception):
    """IAM does not say what the principal may do; the text says why."""


class Denied(NamedTuple):
    """An action that the principal may not do.

    :ivar why: ``explicit`` (a policy denies it), ``implicit`` (no policy allows it), ``boundary`` (the permissions
        boundary does not let it pass), ``organization`` (a service control policy does not).
    """

    action: str
    resource: str
    why: str

    @property
    def text(self) -> str:
        """The same as a person says it."""
        return f"{self.action} on {self.resource} ({_BECAUSE[self.why]})"


def principal_to_simulate(iam: Any, arn: str) -> str:
    """The user or role whose policies decide what ``arn`` may do.

    :param iam: a client of IAM.
    :param arn: as GetCallerIdentity says it, or of a user, group or role.
    :raises CannotSimulateError: the root user, a federated user, or something else without policies of its own.
    :raises RightsError: it is no ARN.
    """
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise RightsError(f"{arn!r} is not an ARN.", error_id="iam.principal", remedy="Give the ARN of a user or role.")
    partition, account, (kind, _slash, rest) = parts[1], parts[4], parts[5].partition("/")
    if parts[2] == "iam" and kind in ("user", "group", "role"):
        return arn
    if kind != "assumed-role":
        who = "The account's root user" if kind == "root" else f"A {kind}"
        raise CannotSimulateError(f"{who} has no policies that could be simulated ({arn}).")
    name = rest.split("/")[0]
    try:
        # A session's ARN has the role's name and not its path.
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])
    except ClientError:
        return f"arn:{partition}:iam::{account}:role/{name}"


def simulate(iam: Any, principal: str, rights: Iterable[Mapping[str, Any]]) -> tuple[int, list[Denied]]:
    """Ask IAM about rights.

    :param iam: a client of IAM.
    :param principal: as ``principal_to_simulate`` returns it.
    :param rights: each with ``actions``, ``resources`` (ARNs or ``*``) and ``context`` (condition key to value).
    :returns: how many pairs of action and resource are allowed, and those that are not (at most 100).
    :raises CannotSimulateError: the caller may not ask, IAM has no such principal, or asks are throttled for too long.
    :raises AwsError: AWS could not be reached, or said something else.
    """
    allowed = 0
    denied: list[Denied] = []
    for right in rights:
        for result in _results(iam, principal, right):
            found = list(denials(result))
            denied += found
            allowed += max(len(result.get("ResourceSpecificResults") or ()), 1) - len(found)
    return allowed, denied[:_MAX_DENIED]


def _results(iam: Any, principal: str, right: Mapping[str, Any]) -> list[dict[str, Any]]:
    request: dict[str, Any] = {
        "PolicySourceArn": principal,
        "ActionNames": list(right["actions"]),
        "ResourceArns": list(right.get("resources") or ["*"]),
        "ContextEntries": [
            {"ContextKeyName": key, "ContextKeyValues": [str(value)], "ContextKeyType": "string"}
            for key, value in (right.get("context") or {}).items()
        ],
    }
    found: list[dict[str, Any]] = []
    with aws_errors(f"asking IAM what {principal} may do (right iam:SimulatePrincipalPolicy)"):
        try:
            for page in iam.get_paginator("simulate_principal_policy").paginate(**request):
                found.extend(page.get("EvaluationResults") or ())
        except ClientError as error:
            if error_code(error) in _CANNOT_ASK:
                raise CannotSimulateError(f"{error_code(error)}: {error_text(error)}") from error
            raise
    return found


def denials(result: Mapping[str, Any]) -> Iterable[Denied]:
    """What an EvaluationResult of SimulatePrincipalPolicy does not allow."""
    action = str(result.get("EvalActionName"))
    specific: Sequence[Mapping[str, Any]] = result.get("ResourceSpecificResults") or ()
    for each in specific:
        # The organization's decision stands once, for the action.
        if each.get("EvalResourceDecision") != "allowed":
            yield Denied(action, str(each.get("EvalResourceName")), _why({**result, **each}))
    if not specific and result.get("EvalDecision") != "allowed":
        yield Denied(action, str(result.get("EvalResourceName") or "*"), _why(result))


def _why(result: Mapping[str, Any]) -> str:
    if (result.get("EvalResourceDecision") or result.get("EvalDecision")) == "explicitDeny":
        return "explicit"
    organization = result.get("OrganizationsDecisionDetail") or {}
    if organization.get("AllowedByOrganizations") is False:
        return "organization"
    boundary = result.get("PermissionsBoundaryDecisionDetail") or {}
    if boundary.get("AllowedByPermissionsBoundary") is False:
        return "boundary"
    return "implicit"
