# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of whom the bucket lets in: its policy and what makes it public. Pure."""

from __future__ import annotations

import fnmatch
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from .._counted import counted
from . import links
from .checks_bucket import readable_bucket
from .facts import Facts
from .model import BLOCKER, PHYSICAL, WARNING, Check, Seen, objects_of

_PHYSICAL_ONLY = (PHYSICAL,)
_USED = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")


def _policy_denies(facts: Facts) -> Optional[Seen]:
    bucket = readable_bucket(facts, "statements")
    denying = [each for each in bucket.statements or () if _denies(each, bucket.name, facts.wanted.migration_id)]
    if not denying:
        return None
    shut = any(_everybody(each) and not each.get("Condition") for each in denying)
    return Seen(
        f"What a migration does there is denied by {counted(len(denying), 'statement')} of the policy of bucket "
        f"{bucket.name}.",
        objects_of(_described(each) for each in denying),
        f"aws s3api get-bucket-policy --bucket {shlex.quote(bucket.name)} --query Policy --output text",
        severity=BLOCKER if shut else "",
    )


def _denies(statement: Mapping[str, Any], bucket: str, migration_id: str) -> bool:
    """Whether a statement may deny reading or writing the migration's objects to somebody who uses TLS."""
    if statement.get("Effect") != "Deny":
        return False
    keys = list(_condition_keys(statement))
    # All requests go by TLS, and by a version that AWS still answers.
    if keys and set(keys) <= {"aws:securetransport", "s3:tlsversion"}:
        return False
    patterns = [pattern.lower() for pattern in _listed(statement.get("Action"))]
    # NotAction and NotResource are about everything else, so they are taken to be about these.
    acts = not patterns or any(fnmatch.fnmatchcase(action.lower(), each) for each in patterns for action in _USED)
    arns = (bucket, f"{bucket}/{migration_id}/backup/x", f"{bucket}/{migration_id}/record/x")
    names = [each.rpartition(":::")[2] for each in _listed(statement.get("Resource"))]
    return acts and (not names or any(fnmatch.fnmatchcase(arn, name) for name in names for arn in arns))


def _condition_keys(statement: Mapping[str, Any]) -> Iterator[str]:
    for entries in (statement.get("Condition") or {}).values():
        yield from (key.lower() for key in entries)


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []


def _everybody(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, Mapping) and "*" in _listed(principal.get("AWS")))


def _described(statement: Mapping[str, Any]) -> str:
    keys = ", ".join(dict.fromkeys(_condition_keys(statement)))
    actions = ", ".join(_listed(statement.get("Action"))) or "all but some actions"
    who = "everybody" if _everybody(statement) else "some principals"
    name = statement.get("Sid") or "a statement without Sid"
    return f"{name}: {actions} to {who}{f' by {keys}' if keys else ''}"


def _public(facts: Facts) -> Optional[Seen]:
    bucket = readable_bucket(facts, "statements")
    readable_bucket(facts, "everybody")
    blocks = readable_bucket(facts, "blocks").blocks or {}
    how = []
    allowing = [each for each in bucket.statements or () if each.get("Effect") == "Allow" and not each.get("Condition")]
    if any(_everybody(each) for each in allowing) and not blocks.get("RestrictPublicBuckets"):
        how.append("its policy")
    if bucket.everybody and not blocks.get("IgnorePublicAcls"):
        how.append("its access control list")
    if not how:
        return None
    return Seen(
        f"Bucket {bucket.name} is open to everybody by {' and '.join(how)}.",
        statement=f"aws s3api put-public-access-block --bucket {shlex.quote(bucket.name)} "
        "--public-access-block-configuration "
        "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
    )


_NEEDS = ("bucket",)

CHECKS: tuple[Check, ...] = (
    Check(
        id="bucket.policy_denies",
        severity=WARNING,
        title="The bucket's policy denies reading or writing",
        why="A Deny leads over every Allow, and a simulation of the caller's and the role's rights does not see it. "
        "One by network (aws:SourceVpce, aws:SourceIp) shuts RDS out, which reads from its own network; one by headers "
        "(s3:x-amz-server-side-encryption) refuses an upload that does not send them.",
        remedy="Read the statements, and except the caller and the role of RDS under the migration's prefix.",
        link=links.S3_POLICY,
        needs=_NEEDS,
        find=_policy_denies,
    ),
    Check(
        id="bucket.public",
        severity=WARNING,
        title="The bucket is open to everybody",
        why="The backup is the whole of the data, with the password hashes of all accounts.",
        remedy="Block public access to the bucket before anything is sent.",
        link=links.S3_PUBLIC_ACCESS,
        needs=_NEEDS,
        find=_public,
    ),
)
