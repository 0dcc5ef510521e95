# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What rights are about: the account, and the things that one migration names. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

# STS' limit for the name of a federated user.
_SESSION_NAME_LENGTH = 32
# "IAM and AWS STS quotas"
_ROLE_NAME_LENGTH = 64
_POLICY_NAME_LENGTH = 128
_DIGEST = 8


class Account(NamedTuple):
    """Where the rights hold.

    :ivar partition: such as ``aws`` or ``aws-cn``.
    :ivar region: the Region of the cluster and the bucket.
    :ivar account_id: twelve digits.
    """

    partition: str
    region: str
    account_id: str


class Migration(NamedTuple):
    """What a migration's things are called.

    :ivar migration_id: the first part of its keys in S3.
    :ivar bucket: the bucket's name.
    :ivar cluster: the cluster's identifier, which the names of instances and groups begin with.
    :ivar role_arn: the role that lets RDS read the backup.
    :ivar policy_arn: that role's policy; empty where neither is made.
    :ivar upload_role_arn: the role that the upload's credentials come from; empty takes a federated user's session.
    :ivar monitoring_role_arn: the role by which Enhanced Monitoring writes; empty where there is none.
    :ivar domain_role_arn: the role by which RDS asks the directory of Kerberos; empty where there is none.
    :ivar key_arns: KMS keys of the bucket's objects and the cluster's storage.
    """

    migration_id: str
    bucket: str
    cluster: str
    role_arn: str
    policy_arn: str = ""
    upload_role_arn: str = ""
    monitoring_role_arn: str = ""
    domain_role_arn: str = ""
    key_arns: tuple[str, ...] = ()


def federated_user(migration_id: str) -> str:
    """The name of the session that the upload's credentials are minted for (module ``s3_prefix_credentials``)."""
    return re.sub(r"[^A-Za-z0-9_=,.@-]", "-", f"dbferry-{migration_id}")[:_SESSION_NAME_LENGTH]


def made_role_name(migration_id: str) -> str:
    """The name of the role that a migration makes, where the user names none."""
    return _shortened(f"dbferry-{migration_id}", _ROLE_NAME_LENGTH)


def made_policy_name(migration_id: str) -> str:
    """The name of that role's policy, where the user names none."""
    return _shortened(f"dbferry-{migration_id}", _POLICY_NAME_LENGTH)


def _shortened(name: str, limit: int) -> str:
    """A name within a limit; one that is cut ends in a digest of the whole, so that no two become the same."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - _DIGEST - 1]}-{hashlib.sha256(name.encode('utf-8')).hexdigest()[:_DIGEST]}"


def names(account: Account, migration: Migration) -> dict[str, tuple[str, ...]]:
    """What stands for each placeholder of ``stations.Right.resources``: nothing where there is no such thing."""
    arn = f"arn:{account.partition}"
    bucket = f"{arn}:s3:::{migration.bucket}"
    session = f"{arn}:sts::{account.account_id}:federated-user/{federated_user(migration.migration_id)}"
    rds = f"{arn}:rds:{account.region}:{account.account_id}"
    usual_role = f"{arn}:iam::{account.account_id}:role/{made_role_name(migration.migration_id)}"
    found = {
        "partition": account.partition,
        "region": account.region,
        "account_id": account.account_id,
        "migration_id": migration.migration_id,
        "cluster": migration.cluster,
        # RDS takes 63 characters; role restore cuts the cluster's name for its instances.
        "instance": migration.cluster[:59].rstrip("-"),
        "role_arn": migration.role_arn,
        "made_role_arn": migration.role_arn if migration.policy_arn else "",
        # Where a role was there already, an earlier run may have made one all the same.
        "looked_for_role_arn": migration.role_arn if migration.policy_arn else usual_role,
        "policy_arn": migration.policy_arn,
        "upload_role_arn": migration.upload_role_arn,
        "monitoring_role_arn": migration.monitoring_role_arn,
        "domain_role_arn": migration.domain_role_arn,
        "federated_user_arn": "" if migration.upload_role_arn else session,
        "s3": bucket,
        # The upload has the role's rights where a role is assumed, and the caller's own where none is.
        "backup": "" if migration.upload_role_arn else f"{bucket}/{migration.migration_id}/backup",
        "rds": rds,
    }
    return {**{name: (text,) if text else () for name, text in found.items()}, "key_arn": migration.key_arns}
