# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What the caller may do, and the role that RDS reads the bucket with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Optional, TypeVar, Union

from .._aws.errors import AwsError, aws_errors
from .._aws.minting import Caller, read_caller
from .._iam.caller_policy import rights_to_check, statements
from .._iam.scope import Account, Migration, made_policy_name, made_role_name
from .._iam.service_role import rights_of_service_role
from .._iam.shown import shown_role
from .._iam.simulation import CannotSimulateError, Denied, Unknown, principal_to_simulate, simulate
from .._iam.trust import Trust, read_trust
from .wanted import Wanted

_Said = TypeVar("_Said", Denied, Unknown)

_STATIONS = ("backup", "iam", "restore", "objects", "verify", "report")
# A bucket that nobody means, to see whether the role is limited to its own.
_ANOTHER_BUCKET = "dbferry-another-bucket"


class RoleFacts(NamedTuple):
    """An existing role that RDS is to read the bucket with."""

    arn: str
    there: Optional[bool] = None
    """``None`` where IAM did not say."""
    trust: Trust = Trust(False, False, False, ())
    denied: Optional[tuple[Denied, ...]] = None
    """What it lacks; ``None`` where IAM did not say."""
    unknown: tuple[Unknown, ...] = ()
    """Of what IAM did not say whether it may do it."""
    too_wide: tuple[str, ...] = ()
    """What it may do besides reading this backup, as a person says it."""
    why: str = ""
    """Why something of it is not known."""


class AccessFacts(NamedTuple):
    """What the caller may do, and the role that RDS reads the bucket with."""

    caller: Caller
    denied: Optional[Mapping[str, tuple[Denied, ...]]] = None
    """What the caller lacks for each station that lacks something; ``None`` where IAM did not say."""
    unknown: Mapping[str, tuple[Unknown, ...]] = {}
    """Of what IAM did not say whether the caller may do it, by the station that needs it."""
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
    denied: Optional[Mapping[str, tuple[Denied, ...]]] = None
    unknown: Mapping[str, tuple[Unknown, ...]] = {}
    why = ""
    if not (wanted.bucket and wanted.migration_id and wanted.cluster_identifier):
        why = "Bucket, migration id or cluster identifier is not given, and rights are about these."
    else:
        try:
            denied, unknown = _lacking(iam, caller, wanted, backup_key)
        except (CannotSimulateError, AwsError) as error:
            why = str(error)
    role = _role(iam, caller, wanted, backup_key) if wanted.role_arn else None
    return AccessFacts(caller, denied, unknown, why, role)


def role_arn(caller: Caller, wanted: Wanted) -> str:
    """The role that RDS gets: the one given, or the one that role ``iam`` makes. Pure."""
    if wanted.role_arn:
        return wanted.role_arn
    name = wanted.role_name or made_role_name(wanted.migration_id)
    return f"arn:{caller.place.partition}:iam::{caller.place.account}:role{wanted.role_path}{name}"


def _lacking(
    iam: Any, caller: Caller, wanted: Wanted, backup_key: str
) -> tuple[dict[str, tuple[Denied, ...]], dict[str, tuple[Unknown, ...]]]:
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
        monitoring_role_arn=wanted.monitoring_role_arn,
        key_arns=keys,
    )
    stations = (*_STATIONS, "bucket") if wanted.bucket_create else _STATIONS
    needed = {name: rights_to_check(statements([name], account, [migration])) for name in stations}
    said = simulate(
        iam,
        principal_to_simulate(iam, caller.arn),
        # What several stations need is asked for once.
        rights_to_check(statements(stations, account, [migration])),
        account.region,
    )
    return _by_station(said.denied, needed), _by_station(said.unknown, needed)


def _by_station(
    said: Sequence[_Said], needed: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, tuple[_Said, ...]]:
    found = {name: tuple(each for each in said if _is_among(each, rights)) for name, rights in needed.items()}
    return {name: some for name, some in found.items() if some}


def _is_among(said: Union[Denied, Unknown], rights: Iterable[Mapping[str, Any]]) -> bool:
    return any(said.action in right["actions"] and said.resource in right["resources"] for right in rights)


def _role(iam: Any, caller: Caller, wanted: Wanted, backup_key: str) -> RoleFacts:
    arn = wanted.role_arn
    if arn.count(":") < 5 or arn.split(":")[4] != caller.place.account:
        return RoleFacts(arn, why="It is another account's, which IAM does not show.")
    try:
        with aws_errors(f"looking at role {arn} (right iam:GetRole)"):
            shown = shown_role(iam, arn.rpartition("/")[2])
    except AwsError as error:
        return RoleFacts(arn, why=error.message)
    if shown is None or shown["Arn"] != arn:
        return RoleFacts(arn, False)
    place = caller.place
    name, region = wanted.cluster_identifier, wanted.region or place.region
    cluster = f"arn:{place.partition}:rds:{region}:{place.account}:cluster:{name}" if name and region else ""
    trust = read_trust(shown.get("AssumeRolePolicyDocument") or {}, place.account, cluster)
    role = RoleFacts(arn, there=True, trust=trust)
    if not (wanted.bucket and wanted.migration_id):
        return role._replace(why="No bucket or no migration id is given, and the role's rights are about these.")
    try:
        return _with_rights(iam, role, caller.place.partition, wanted, backup_key)
    except (CannotSimulateError, AwsError) as error:
        return role._replace(why=str(error))


def _with_rights(iam: Any, role: RoleFacts, partition: str, wanted: Wanted, backup_key: str) -> RoleFacts:
    bucket, prefix = f"arn:{partition}:s3:::{wanted.bucket}", f"{wanted.migration_id}/backup/"
    needed = rights_of_service_role(bucket, prefix, backup_key)
    said = simulate(iam, role.arn, needed, wanted.region)
    too_wide = []
    for text, action, resources in (
        ("read objects of other buckets", "s3:GetObject", [f"arn:{partition}:s3:::{_ANOTHER_BUCKET}/any"]),
        ("write into the backup", "s3:PutObject", [f"{bucket}/{prefix}*"]),
    ):
        if simulate(iam, role.arn, [{"actions": [action], "resources": resources}], wanted.region).allowed:
            too_wide.append(text)
    return role._replace(denied=said.denied, unknown=said.unknown, too_wide=tuple(too_wide))
