# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM's SimulatePrincipalPolicy, which moto lacks, and the IAM user whose access key the lab hands out.

"SimulatePrincipalPolicy" (IAM API reference): identity policies, those of the user's groups and the permissions
boundary count; policies of resources do not unless they are handed over, which is refused here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Callable

from moto.core.responses import ActionResult
from moto.iam import urls
from moto.iam.exceptions import IAMException, NotFoundException
from moto.iam.models import IAMBackend, ManagedPolicy, Role, User, iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends

from .iam_policy import PolicyError, Request, is_allowed, missing_keys

PARTITION = "aws"
CALLER = "migrator"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# AWS answers with at most 100 results unless asked for another number; a small page makes clients turn pages here, too.
PAGE = 10
ACTION = "iam:SimulatePrincipalPolicy"

Documents = list[dict[str, Any]]


class AccessDenied(IAMException):
    """The caller may not do it."""

    code = "AccessDenied"


class InvalidInput(IAMException):
    """The request asks for what cannot be simulated."""

    code = "InvalidInput"


class Principal:
    """A user or a role with all the policies that decide what it may do.

    :ivar identity: the documents that allow.
    :ivar boundary: the permissions boundary's document; None without one.
    """

    def __init__(self, iam: IAMBackend, entity: User | Role) -> None:
        self.identity = _inline(entity) + _attached(entity)
        self.boundary: Documents | None = None
        if isinstance(entity, User):
            for group in iam.get_groups_for_user(entity.name):
                self.identity += _inline(group) + _attached(group)
        elif entity.permissions_boundary_arn:
            policy = iam.managed_policies.get(entity.permissions_boundary_arn)
            self.boundary = _default_version(policy) if policy is not None else []

    def within_boundary(self, request: Request) -> bool:
        """Whether the permissions boundary, if there is one, lets the request pass."""
        return self.boundary is None or is_allowed(self.boundary, request)

    def decide(self, request: Request) -> str:
        """AWS' word for the decision: allowed, explicitDeny or implicitDeny."""
        if is_allowed(self.identity, request) and self.within_boundary(request):
            return "allowed"
        denials = [
            {**statement, "Effect": "Allow"}
            for document in [*self.identity, *(self.boundary or [])]
            for statement in _statements(document)
            if statement.get("Effect") == "Deny"
        ]
        return "explicitDeny" if is_allowed([{"Statement": denials}], request) else "implicitDeny"


def _details(principal: Principal, request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {
        "MissingContextValues": missing_keys([*principal.identity, *(principal.boundary or [])], request)
    }
    if principal.boundary is not None:
        allows = principal.within_boundary(request)
        found["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allows}
    return found


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _inline(entity: Any) -> Documents:
    return [json.loads(text) if isinstance(text, str) else text for text in entity.policies.values()]


def _attached(entity: Any) -> Documents:
    return [document for policy in entity.managed_policies.values() for document in _default_version(policy)]


def _default_version(policy: ManagedPolicy) -> Documents:
    return [json.loads(each.document) for each in policy.versions if each.version_id == policy.default_version_id]


class LabIamResponse(IamResponse):
    """moto's IAM with the lab's operation."""

    def simulate_principal_policy(self) -> ActionResult:
        """SimulatePrincipalPolicy of a user or a role, by pages."""
        params = self.params
        arn = params.get("PolicySourceArn") or ""
        self._require_right(arn)
        if params.get("PolicyInputList") or params.get("ResourcePolicy"):
            raise InvalidInput("This stand-in simulates the principal's own policies only.")
        principal = Principal(self.backend, self._entity(arn))
        context = {
            entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in params.get("ContextEntries") or []
        }
        resources = params.get("ResourceArns") or ["*"]
        for resource in resources:
            if resource != "*" and not resource.startswith("arn:"):
                raise InvalidInput(f"ResourceNames are not in a valid ARN format: {resource}.")
        try:
            results = [self._result(principal, action, resources, context) for action in params["ActionNames"]]
        except PolicyError as exc:
            raise IAMException(f"A policy of {arn} could not be evaluated: {exc}") from exc
        begin = int(params.get("Marker") or 0)
        end = begin + min(PAGE, int(params.get("MaxItems") or PAGE))
        more = end < len(results)
        page: dict[str, Any] = {"EvaluationResults": results[begin:end], "IsTruncated": more}
        return ActionResult({**page, "Marker": str(end)} if more else page)

    def _result(
        self, principal: Principal, action: str, resources: list[str], context: Mapping[str, str]
    ) -> dict[str, Any]:
        """The EvaluationResult of an action: of each resource that is named, and the strictest decision of all.

        "EvaluationResult" (IAM API reference): where resources are named, their missing keys stand with them.
        """
        requests = [Request(action, resource, context=context) for resource in resources]
        decisions = [principal.decide(request) for request in requests]
        strictest = next(each for each in ("explicitDeny", "implicitDeny", "allowed") if each in decisions)
        result = {"EvalActionName": action, "EvalDecision": strictest, "MatchedStatements": []}
        if resources == ["*"]:
            return {**result, "EvalResourceName": "*", **_details(principal, requests[0])}
        specific = [
            {
                "EvalResourceName": request.resource,
                "EvalResourceDecision": decision,
                "MatchedStatements": [],
                **_details(principal, request),
            }
            for request, decision in zip(requests, decisions)
        ]
        return {**result, "EvalResourceName": resources[0], "ResourceSpecificResults": specific}

    def _entity(self, arn: str) -> User | Role:
        for entity in [*self.backend.users.values(), *self.backend.roles.values()]:
            if entity.arn == arn:
                return entity
        raise NotFoundException(f"The policy source {arn} cannot be found.")

    def _require_right(self, resource: str) -> None:
        """Raise AccessDenied when the caller is somebody of the account whose policies do not allow the simulation."""
        key = self.get_access_key()
        caller: User | Role | None = self.backend.get_user_from_access_key_id(key)
        assumed = sts_backends[self.current_account][self.partition].get_assumed_role_from_access_key(key)
        if assumed is not None:
            caller = self.backend.get_role_by_arn(assumed.role_arn)
        if caller is None:
            return
        if Principal(self.backend, caller).decide(Request(ACTION, resource)) != "allowed":
            who = assumed.arn if assumed is not None else caller.arn
            raise AccessDenied(f"User: {who} is not authorized to perform: {ACTION} on resource: {resource}")


def install(account_id: str, region: str, access_key: str) -> None:
    """Put the lab's operation in the place of moto's, and make the user that the lab's access key belongs to."""
    dispatch: Callable[..., Any] = LabIamResponse.dispatch
    urls.url_paths = dict.fromkeys(urls.url_paths, dispatch)
    iam = iam_backends[account_id][PARTITION]
    user = iam.create_user(region, CALLER)
    iam.put_user_policy(CALLER, "everything", json.dumps(EVERYTHING))
    user.create_access_key(prefix="AKIA").access_key_id = access_key
