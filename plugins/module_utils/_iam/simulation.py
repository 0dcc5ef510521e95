# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What a principal may do, as IAM itself works it out: SimulatePrincipalPolicy.

"SimulatePrincipalPolicy" (IAM API reference): the policies of the user with its groups, or of the role, the permissions
boundary and the organization's policies count. Policies of resources (bucket, key) and of sessions do not.

A condition on what the simulation was not told (whether the caller logged in with MFA, from which address) never holds
in it, and IAM lists its key under MissingContextValues: what is denied then may be allowed for real.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Union

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
_MAX_TOLD = 100
_REGION = "aws:RequestedRegion"
# "AWS global condition context keys", aws:RequestedRegion: IAM is asked in one Region of the partition.
_HOME_OF_IAM = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
# Asked in the Region of the migration. Where STS is asked depends on the client.
_REGIONAL = ("kms", "rds", "s3", "secretsmanager")
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


class Unknown(NamedTuple):
    """An action of which IAM does not say whether the principal may do it.

    :ivar condition_keys: the condition keys that it depends on.
    """

    action: str
    resource: str
    condition_keys: tuple[str, ...]

    @property
    def text(self) -> str:
        """The same as a person says it."""
        return f"{self.action} on {self.resource} (depends on {', '.join(self.condition_keys)})"


class Simulated(NamedTuple):
    """What IAM said about rights.

    :ivar allowed: how many pairs of action and resource are allowed.
    :ivar denied: those that are not, at most 100.
    :ivar unknown: those that depend on what the simulation was not told, at most 100.
    """

    allowed: int
    denied: tuple[Denied, ...]
    unknown: tuple[Unknown, ...]


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


def simulate(iam: Any, principal: str, rights: Iterable[Mapping[str, Any]], region: str) -> Simulated:
    """Ask IAM about rights.

    :param iam: a client of IAM.
    :param principal: as ``principal_to_simulate`` returns it.
    :param rights: each with ``actions``, ``resources`` (ARNs or ``*``) and ``context`` (condition key to value).
    :param region: in which the actions are to be done; empty where it is not known.
    :raises CannotSimulateError: the caller may not ask, IAM has no such principal, or asks are throttled for too long.
    :raises AwsError: AWS could not be reached, or said something else.
    """
    allowed = 0
    denied: list[Denied] = []
    unknown: list[Unknown] = []
    for right in rights:
        for each in _in_regions(right, principal.split(":")[1], region):
            for result in _results(iam, principal, each):
                found = list(not_allowed(result))
                denied += (one for one in found if isinstance(one, Denied))
                unknown += (one for one in found if isinstance(one, Unknown))
                allowed += max(len(result.get("ResourceSpecificResults") or ()), 1) - len(found)
    return Simulated(allowed, tuple(denied[:_MAX_TOLD]), tuple(unknown[:_MAX_TOLD]))


def _in_regions(right: Mapping[str, Any], partition: str, region: str) -> Iterable[Mapping[str, Any]]:
    """The right, cut by the Regions that its actions are done in, each part with its Region as context."""
    parts: dict[str, list[str]] = {}
    for action in right["actions"]:
        service = action.partition(":")[0].lower()
        place = _HOME_OF_IAM.get(partition, "") if service == "iam" else region if service in _REGIONAL else ""
        parts.setdefault(place, []).append(action)
    for place, actions in parts.items():
        yield {
            **right,
            "actions": actions,
            "context": {**({_REGION: place} if place else {}), **(right.get("context") or {})},
        }


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


def not_allowed(result: Mapping[str, Any]) -> Iterable[Union[Denied, Unknown]]:
    """What an EvaluationResult of SimulatePrincipalPolicy does not allow, or does not say."""
    action = str(result.get("EvalActionName"))
    specific: Sequence[Mapping[str, Any]] = result.get("ResourceSpecificResults") or ()
    for each in specific:
        if each.get("EvalResourceDecision") != "allowed":
            # The organization's decision stands once, for the action.
            yield _judged(action, str(each.get("EvalResourceName")), {**result, **each})
    if not specific and result.get("EvalDecision") != "allowed":
        yield _judged(action, str(result.get("EvalResourceName") or "*"), result)


def _judged(action: str, resource: str, result: Mapping[str, Any]) -> Union[Denied, Unknown]:
    missing = tuple(dict.fromkeys(str(key) for key in result.get("MissingContextValues") or ()))
    return Unknown(action, resource, missing) if missing else Denied(action, resource, _why(result))


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
