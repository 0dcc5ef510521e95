# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""Minting short-lived credentials that can do what one session policy allows.

Who may call what, and for how long: "Compare AWS STS credentials", "GetFederationToken" and "AssumeRole" (IAM user
guide and STS API reference). A federated user's session has the rights that both the IAM user and the session policy
have; a role's session those that both the role and the session policy have.
"""

import datetime
from typing import Any, Dict, NamedTuple, Optional

try:
    from botocore.exceptions import ClientError
except ImportError:  # make_client says so

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._errors import DbferryError
from .errors import AwsError, aws_errors, error_code, error_text
from .session_policy import Place

MIN_SECONDS = 900
MAX_FEDERATION_SECONDS = 129600
MAX_ROLE_SECONDS = 43200
# For the account's root user, for a role that a role assumes ("role chaining"), and the least maximum that a role has.
ONE_HOUR = 3600

_DENIED = frozenset(["AccessDenied", "AccessDeniedException"])
_TOO_LARGE = frozenset(["PackedPolicyTooLarge", "PackedPolicyTooLargeException"])
_ROLE_REMEDY = (
    "Give role_arn: a role in the bucket's account that trusts this caller and may write to the bucket (role upload: "
    "upload_role_arn). Or call with the access key of an IAM user. Or let the host use this caller's own rights "
    "(upload_credentials: caller)."
)


class CredentialsError(DbferryError):
    """No credentials could be minted."""

    default_id = "credentials.failed"


class Caller(NamedTuple):
    """Who calls AWS.

    :ivar arn: as GetCallerIdentity says it.
    :ivar kind: ``root``, ``user``, ``assumed-role`` or ``federated-user``.
    :ivar place: partition, Region and account.
    :ivar temporary: whether the caller's own key is a temporary one.
    """

    arn: str
    kind: str
    place: Place
    temporary: bool


class Minted(NamedTuple):
    """Fresh credentials.

    :ivar expiration: ISO 8601 in UTC, such as ``2026-01-02T03:04:05Z``.
    :ivar operation: what STS was asked, ``GetFederationToken`` or ``AssumeRole``.
    :ivar packed_policy_percent: how much of AWS' limit for packed session policies is used; None where not said.
    """

    access_key: str
    secret_key: str
    session_token: str
    expiration: str
    operation: str
    packed_policy_percent: Optional[int]


def read_caller(sts: Any) -> Caller:
    """Ask AWS who the caller is, which needs no right.

    :param sts: a client of STS.
    :raises AwsError: AWS refused the key, or could not be reached.
    """
    with aws_errors("asking who calls (sts:GetCallerIdentity)"):
        answer = sts.get_caller_identity()
    arn = str(answer["Arn"])
    _arn, partition, _service, _region, account, resource = arn.split(":", 5)
    # The client's own credentials tell what the ARN does not: GetSessionToken leaves a user's ARN as it is.
    credentials = sts._request_signer._credentials
    # Without a Region botocore calls itself so.
    region = "*" if sts.meta.region_name == "aws-global" else sts.meta.region_name
    return Caller(
        arn=arn,
        kind=resource.split("/", 1)[0],
        place=Place(partition, region, account),
        temporary=bool(credentials is not None and credentials.token),
    )


def mint(
    sts: Any,
    caller: Caller,
    policy: str,
    duration: int,
    session_name: str,
    role_arn: Optional[str] = None,
    external_id: Optional[str] = None,
) -> Minted:
    """Mint credentials that can do what the policy and the caller (or the role) both allow.

    A duration that this kind of session cannot have becomes the longest that it can have for certain.

    :param sts: a client of STS.
    :param policy: as ``session_policy`` returns it.
    :param duration: seconds.
    :param session_name: how AWS' logs call the session; 2 to 32 letters, digits and ``=,.@_-``.
    :param role_arn: the role to assume; None for a federated user's session.
    :raises CredentialsError: ``credentials.role_needed``, ``credentials.denied``, ``credentials.policy_too_large``.
    :raises AwsError: anything else that AWS said.
    """
    if role_arn:
        return _assume_role(sts, caller, policy, duration, session_name, role_arn, external_id)
    if caller.kind not in ("user", "root") or caller.temporary:
        raise CredentialsError(
            "{0} calls with temporary credentials, and AWS gives a federated user's session to the long-term key of an "
            "IAM user only.".format(caller.arn),
            error_id="credentials.role_needed",
            remedy=_ROLE_REMEDY,
            details={"caller_arn": caller.arn},
        )
    longest = ONE_HOUR if caller.kind == "root" else MAX_FEDERATION_SECONDS
    return _ask(
        sts.get_federation_token,
        "GetFederationToken",
        caller,
        {"Name": session_name, "Policy": policy, "DurationSeconds": min(duration, longest)},
    )


def _assume_role(
    sts: Any,
    caller: Caller,
    policy: str,
    duration: int,
    session_name: str,
    role_arn: str,
    external_id: Optional[str],
) -> Minted:
    longest = ONE_HOUR if caller.kind == "assumed-role" else MAX_ROLE_SECONDS
    arguments = {
        "RoleArn": role_arn,
        "RoleSessionName": session_name,
        "Policy": policy,
        "DurationSeconds": min(duration, longest),
    }  # type: Dict[str, Any]
    if external_id:
        arguments["ExternalId"] = external_id
    try:
        return _ask(sts.assume_role, "AssumeRole", caller, arguments)
    except AwsError as error:
        # "The requested DurationSeconds exceeds the MaxSessionDuration set for this role"; an hour suits every role.
        if "DurationSeconds" not in error.message or arguments["DurationSeconds"] <= ONE_HOUR:
            raise
    return _ask(sts.assume_role, "AssumeRole", caller, dict(arguments, DurationSeconds=ONE_HOUR))


def _ask(operation: Any, name: str, caller: Caller, arguments: Dict[str, Any]) -> Minted:
    with aws_errors("minting credentials (right sts:{0})".format(name), caller_arn=caller.arn):
        try:
            answer = operation(**arguments)
        except ClientError as error:
            code = error_code(error)
            if code in _DENIED:
                raise _denied(name, caller, arguments, error_text(error)) from error
            if code in _TOO_LARGE:
                raise CredentialsError(
                    "AWS cannot pack the session policy: {0}".format(error_text(error)),
                    error_id="credentials.policy_too_large",
                    remedy="Use a shorter prefix (a shorter migration_id), or a session with fewer tags.",
                ) from error
            raise
    keys = answer["Credentials"]
    expiration = keys["Expiration"].astimezone(datetime.timezone.utc)
    return Minted(
        access_key=keys["AccessKeyId"],
        secret_key=keys["SecretAccessKey"],
        session_token=keys["SessionToken"],
        expiration=expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        operation=name,
        packed_policy_percent=answer.get("PackedPolicySize"),
    )


def _denied(name: str, caller: Caller, arguments: Dict[str, Any], words: str) -> CredentialsError:
    if name == "AssumeRole":
        remedy = (
            "Let the trust policy of {0} name {1} for sts:AssumeRole, and allow {1} sts:AssumeRole on it; check "
            "external_id.".format(arguments["RoleArn"], caller.arn)
        )
    else:
        remedy = (
            "Allow {0} sts:GetFederationToken on arn:{1}:sts::{2}:federated-user/{3}, or give role_arn (role upload: "
            "upload_role_arn).".format(caller.arn, caller.place.partition, caller.place.account, arguments["Name"])
        )
    return CredentialsError(
        "{0} may not call sts:{1}: {2}".format(caller.arn, name, words),
        error_id="credentials.denied",
        remedy=remedy,
        details={"caller_arn": caller.arn, "right": "sts:{0}".format(name)},
    )
