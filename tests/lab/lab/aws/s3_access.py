# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a bucket as a role would: moto keeps the objects and the policies, the role's rights are evaluated here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional, cast

from moto.iam.models import Role, iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import FakeBucket, FakeKey, s3_backends

from .iam_policy import PolicyError, Request, is_allowed

RDS_SERVICE = "rds.amazonaws.com"
PARTITION = "aws"


class AccessDenied(Exception):
    """The role may not do this; the text says what it lacks."""


class RoleNotAssumable(Exception):
    """The service cannot assume the role (yet); the text says why."""


@dataclass(frozen=True)
class RoleRights:
    """The policies of a role that has been assumed."""

    documents: tuple[dict[str, Any], ...]

    def require(self, action: str, resource: str, **context: str) -> None:
        """Raise AccessDenied unless the policies allow the action; context keys have `_` for `:`."""
        keys = {name.replace("_", ":"): value for name, value in context.items()}
        try:
            allowed = is_allowed(self.documents, Request(action, resource, context=keys))
        except PolicyError as exc:
            raise AccessDenied(f"a policy of the role cannot be evaluated: {exc}") from exc
        if not allowed:
            raise AccessDenied(f"the role is not allowed {action} on {resource}")


def assume(account_id: str, role_arn: str, cluster_arn: str, settle_seconds: float) -> RoleRights:
    """Assume a role as RDS does for a cluster; raise RoleNotAssumable when it is unknown, too new or not trusting."""
    iam = iam_backends[account_id][PARTITION]
    role: Role | None = next((role for role in iam.roles.values() if role.arn == role_arn), None)
    if role is None:
        raise RoleNotAssumable(f"there is no role {role_arn}")
    # moto keeps times in UTC without saying so.
    age = (datetime.now(timezone.utc).replace(tzinfo=None) - role.create_date).total_seconds()
    if age < settle_seconds:
        raise RoleNotAssumable(f"the role is {age:.1f} s old and has not reached every part of IAM")
    context = {"aws:SourceAccount": account_id, "aws:SourceArn": cluster_arn}
    try:
        trust = json.loads(role.assume_role_policy_document)
        trusted = is_allowed([trust], Request("sts:AssumeRole", service=RDS_SERVICE, context=context))
    except (PolicyError, ValueError) as exc:
        raise RoleNotAssumable(f"its trust policy cannot be evaluated: {exc}") from exc
    if not trusted:
        raise RoleNotAssumable(f"its trust policy does not let {RDS_SERVICE} assume it for {cluster_arn}")
    documents = [json.loads(text) if isinstance(text, str) else text for text in role.policies.values()]
    documents += [
        json.loads(version.document)
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    ]
    return RoleRights(tuple(documents))


def find_bucket(account_id: str, name: str) -> FakeBucket | None:
    """A bucket of the account, None if there is none."""
    return cast(Optional[FakeBucket], s3_backends[account_id][PARTITION].buckets.get(name))


def list_keys(bucket: FakeBucket, prefix: str, rights: RoleRights) -> list[str]:
    """All keys of objects that begin with `prefix`; raise AccessDenied when the role may not list, read or decrypt."""
    arn = f"arn:{PARTITION}:s3:::{bucket.name}"
    rights.require("s3:GetBucketLocation", arn)
    context = {"s3_prefix": prefix} if prefix else {}
    rights.require("s3:ListBucket", arn, **context)
    # A key whose last version is a delete marker is in no list.
    keys = [
        name for name in list(bucket.keys) if name.startswith(prefix) and isinstance(bucket.keys.get(name), FakeKey)
    ]
    for name in keys:
        rights.require("s3:GetObject", f"{arn}/{name}")
    for key_id in sorted({key_id for name in keys if (key_id := _kms_key(bucket.keys[name]))}):
        _require_key(bucket, key_id, rights)
    return keys


def _kms_key(key: FakeKey) -> str:
    """The customer's KMS key that encrypts an object; "" where none does (AWS' own key for S3 needs no right)."""
    return str(key.kms_key_id or "") if key.encryption == "aws:kms" else ""


def _require_key(bucket: FakeBucket, key_id: str, rights: RoleRights) -> None:
    """Raise AccessDenied unless the key is enabled and the role's policies let it decrypt; its own is not read."""
    keys = kms_backends[bucket.account_id][bucket.region_name].keys
    key = keys.get(key_id.rpartition("/")[2])
    if key is None or not key.enabled:
        raise AccessDenied(f"the KMS key {key_id} is not there or not enabled")
    rights.require("kms:Decrypt", key.arn)


def blocks(bucket: FakeBucket, name: str, size: int = 1 << 20) -> Iterator[bytes]:
    """The bytes of an object, in blocks."""
    key: FakeKey = bucket.keys[name]
    position = 0
    while True:
        with key.lock:
            key._value_buffer.seek(position)
            block = key._value_buffer.read(size)
        if not block:
            return
        position += len(block)
        yield block
