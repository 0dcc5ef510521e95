# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the caller may do, and the role that RDS reads the bucket with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Optional

try:
    from botocore.exceptions import ClientError
except ImportError:  # make_client says so

    class ClientError(Exception):  # type: ignore[no-redef]
        """Stands in where botocore is not installed."""


from .._aws.errors import AwsError, aws_errors, error_code
from .._aws.minting import Caller, read_caller
from .._iam.caller_policy import rights_to_check, statements
from .._iam.scope import Account, Migration, made_policy_name, made_role_name
from .._iam.simulation import CannotSimulateError, Denied, principal_to_simulate, simulate
from .wanted import Wanted

_STATIONS = ("backup", "iam", "restore", "objects", "verify", "report")
_RDS = "rds.amazonaws.com"
# A bucket that nobody means, to see whether the role is limited to its own.
_ANOTHER_BUCKET = "dbferry-another-bucket"


class RoleFacts(NamedTuple):
    """An existing role that RDS is to read the bucket with."""

    arn: str
    there: Optional[bool] = None
    """``None`` where IAM did not say."""
    trusting: bool = False
    """Whether its trust policy allows RDS to assume it."""
    accounts: tuple[str, ...] = ()
    """The accounts that the trust policy limits RDS to; empty where it does not."""
    limited: bool = False
    """Whether the trust policy limits RDS to an account, by ``aws:SourceAccount`` or ``aws:SourceArn``."""
    denied: Optional[tuple[Denied, ...]] = None
    """What it lacks; ``None`` where IAM did not say."""
    too_wide: tuple[str, ...] = ()
    """What it may do besides reading this backup, as a person says it."""
    why: str = ""
    """Why something of it is not known."""


class AccessFacts(NamedTuple):
    """What the caller may do, and the role that RDS reads the bucket with."""

    caller: Caller
    denied: Optional[Mapping[str, tuple[Denied, ...]]] = None
    """What the caller lacks for each station that lacks something; ``None`` where IAM did not say."""
    not_simulated: str = ""
    """Why IAM did not say."""
    role: Optional[RoleFacts] = None
    """``None`` where role ``iam`` makes one."""


def read_access_facts(sts: Any, iam: Any, wanted: Wanted, backup_key: str = "") -> AccessFacts:
    """Ask who calls, and let IAM work out what caller and role may do. Nothing is tried out.

    :param sts: a boto3 client of STS.
    :param iam: a boto3 client of IAM.
    :param backup_key: ARN of the KMS key that the backup is encrypted with; "" where a role needs no right on it.
    :raises AwsError: AWS refused the key, or could not be reached.
    """
    caller = read_caller(sts)
    denied, why = None, ""
    if not (wanted.bucket and wanted.migration_id and wanted.cluster_identifier):
        why = "Bucket, migration id or cluster identifier is not given, and rights are about these."
    else:
        try:
            denied = _lacking(iam, caller, wanted, backup_key)
        except (CannotSimulateError, AwsError) as error:
            why = str(error)
    role = _role(iam, caller, wanted, backup_key) if wanted.role_arn else None
    return AccessFacts(caller, denied, why, role)


def role_arn(caller: Caller, wanted: Wanted) -> str:
    """The role that RDS gets: the one given, or the one that role ``iam`` makes. Pure."""
    if wanted.role_arn:
        return wanted.role_arn
    name = wanted.role_name or made_role_name(wanted.migration_id)
    return f"arn:{caller.place.partition}:iam::{caller.place.account}:role{wanted.role_path}{name}"


def _lacking(iam: Any, caller: Caller, wanted: Wanted, backup_key: str) -> dict[str, tuple[Denied, ...]]:
    place = caller.place
    account = Account(place.partition, wanted.region or place.region, place.account)
    policy = wanted.policy_name or made_policy_name(wanted.migration_id)
    made = "" if wanted.role_arn else f"arn:{place.partition}:iam::{place.account}:policy{wanted.role_path}{policy}"
    keys = tuple(dict.fromkeys(key for key in (wanted.kms_key_id, backup_key) if key.startswith("arn:")))
    migration = Migration(
        migration_id=wanted.migration_id,
        bucket=wanted.bucket,
        cluster=wanted.cluster_identifier,
        role_arn=role_arn(caller, wanted),
        policy_arn=made,
        upload_role_arn=wanted.upload_role_arn,
        key_arns=keys,
    )
    stations = (*_STATIONS, "bucket") if wanted.bucket_create else _STATIONS
    needed = {name: rights_to_check(statements([name], account, [migration])) for name in stations}
    _allowed, denied = simulate(
        iam,
        principal_to_simulate(iam, caller.arn),
        # What several stations need is asked for once.
        rights_to_check(statements(stations, account, [migration])),
    )
    found = {name: tuple(each for each in denied if _is_among(each, rights)) for name, rights in needed.items()}
    return {name: lacking for name, lacking in found.items() if lacking}


def _is_among(denied: Denied, rights: Iterable[Mapping[str, Any]]) -> bool:
    return any(denied.action in right["actions"] and denied.resource in right["resources"] for right in rights)


def _role(iam: Any, caller: Caller, wanted: Wanted, backup_key: str) -> RoleFacts:
    arn = wanted.role_arn
    if arn.count(":") < 5 or arn.split(":")[4] != caller.place.account:
        return RoleFacts(arn, why="It is another account's, which IAM does not show.")
    try:
        with aws_errors(f"looking at role {arn} (right iam:GetRole)"):
            try:
                shown = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
            except ClientError as error:
                if error_code(error) == "NoSuchEntity":
                    return RoleFacts(arn, False)
                raise
    except AwsError as error:
        return RoleFacts(arn, why=error.message)
    if shown["Arn"] != arn:
        return RoleFacts(arn, False)
    trusting = rds_statements(shown.get("AssumeRolePolicyDocument") or {})
    conditions = [_conditions(each) for each in trusting]
    role = RoleFacts(
        arn=arn,
        there=True,
        trusting=bool(trusting),
        accounts=tuple(dict.fromkeys(value for each in conditions for value in each.get("aws:sourceaccount", ()))),
        limited=bool(trusting) and all({"aws:sourceaccount", "aws:sourcearn"} & set(each) for each in conditions),
    )
    if not (wanted.bucket and wanted.migration_id):
        return role._replace(why="No bucket or no migration id is given, and the role's rights are about these.")
    try:
        return _with_rights(iam, role, caller.place.partition, wanted, backup_key)
    except (CannotSimulateError, AwsError) as error:
        return role._replace(why=str(error))


def _with_rights(iam: Any, role: RoleFacts, partition: str, wanted: Wanted, backup_key: str) -> RoleFacts:
    bucket, prefix = f"arn:{partition}:s3:::{wanted.bucket}", f"{wanted.migration_id}/backup/"
    backup = [f"{bucket}/{prefix}*"]
    needed: list[Mapping[str, Any]] = [
        {"actions": ["s3:GetBucketLocation"], "resources": [bucket]},
        {"actions": ["s3:ListBucket"], "resources": [bucket], "context": {"s3:prefix": prefix}},
        {"actions": ["s3:GetObject"], "resources": backup},
    ]
    if backup_key:
        needed.append({"actions": ["kms:Decrypt"], "resources": [backup_key]})
    _allowed, denied = simulate(iam, role.arn, needed)
    too_wide = []
    for text, action, resources in (
        ("read objects of other buckets", "s3:GetObject", [f"arn:{partition}:s3:::{_ANOTHER_BUCKET}/any"]),
        ("write into the backup", "s3:PutObject", backup),
    ):
        allowed, _denied = simulate(iam, role.arn, [{"actions": [action], "resources": resources}])
        if allowed:
            too_wide.append(text)
    return role._replace(denied=tuple(denied), too_wide=tuple(too_wide))


def rds_statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a trust policy that allow RDS to assume the role. Pure."""
    listed = document.get("Statement") or []
    found = []
    for statement in listed if isinstance(listed, list) else [listed]:
        principal = statement.get("Principal")
        services = _listed(principal.get("Service")) if isinstance(principal, Mapping) else _listed(principal)
        actions = {action.lower() for action in _listed(statement.get("Action"))}
        trusted = {_RDS, "*"} & set(services) and {"sts:assumerole", "sts:*", "*"} & actions
        if trusted and statement.get("Effect") == "Allow":
            found.append(statement)
    return found


def _conditions(statement: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values by condition key in lower case, of the operators that compare for likeness."""
    found: dict[str, list[str]] = {}
    for operator, entries in (statement.get("Condition") or {}).items():
        if "Not" not in operator and not operator.endswith("IfExists"):
            for key, values in entries.items():
                found.setdefault(key.lower(), []).extend(_listed(values))
    return found


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []
