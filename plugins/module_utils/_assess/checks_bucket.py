# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the bucket. Pure."""

from __future__ import annotations

import shlex
from typing import Optional

from .._counted import counted
from .._progress.line import format_bytes
from . import links
from .bucket_facts import BucketFacts
from .facts import Facts
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Seen, need, objects_of

# A rule works at the midnight after its days are over; a migration that waits for its cut-over takes weeks.
_SOON_DAYS = 1
_LONG_DAYS = 30
_DUAL_LAYER = "aws:kms:dsse"
_PHYSICAL_ONLY = (PHYSICAL,)


def _bucket(facts: Facts) -> BucketFacts:
    return need(facts.bucket, "bucket")


def readable_bucket(facts: Facts, fact: str) -> BucketFacts:
    """The bucket, if it could be looked at and the fact is known.

    :raises NotKnownError: it could not, or is not.
    """
    bucket = _bucket(facts)
    if not bucket.there:
        raise NotKnownError(f"There is no bucket {bucket.name} yet.")
    if not bucket.readable:
        raise NotKnownError(f"The caller may not look at bucket {bucket.name} (right s3:ListBucket).")
    if getattr(bucket, fact) is None:
        raise NotKnownError(bucket.unknown.get(fact, "No migration id is given."))
    return bucket


def _missing(facts: Facts) -> Optional[Seen]:
    bucket = _bucket(facts)
    if bucket.there:
        return None
    if facts.wanted.bucket_create:
        return Seen(f"There is no bucket {bucket.name}; role bucket will make it.", severity=NOTE)
    return Seen(f"There is no bucket {bucket.name}.")


def _not_readable(facts: Facts) -> Optional[Seen]:
    bucket = _bucket(facts)
    if not bucket.there or bucket.readable:
        return None
    return Seen(f"S3 answers 403 when the caller looks at bucket {bucket.name}.")


def _other_region(facts: Facts) -> Optional[Seen]:
    bucket = _bucket(facts)
    if not bucket.there:
        raise NotKnownError(f"There is no bucket {bucket.name} yet.")
    if not (bucket.region and facts.wanted.region):
        raise NotKnownError("S3 did not say where the bucket lies, or no Region is given.")
    if bucket.region == facts.wanted.region:
        return None
    return Seen(f"Bucket {bucket.name} is in {bucket.region}, and the cluster shall be in {facts.wanted.region}.")


def _archived(facts: Facts) -> Optional[Seen]:
    rules = [rule for rule in readable_bucket(facts, "rules").rules or () if rule.archive_days is not None]
    days = min((rule.archive_days for rule in rules if rule.archive_days is not None), default=None)
    if days is None or days > _LONG_DAYS:
        return None
    return Seen(
        f"A rule moves what lies under {facts.wanted.migration_id}/backup/ to an archive {_after(days)}.",
        objects_of(f"{rule.rule_id} ({_after(rule.archive_days or 0)})" for rule in rules),
        severity=BLOCKER if days <= _SOON_DAYS else "",
    )


def _expired(facts: Facts) -> Optional[Seen]:
    rules = [rule for rule in readable_bucket(facts, "rules").rules or () if rule.expire_days is not None]
    days = min((rule.expire_days for rule in rules if rule.expire_days is not None), default=None)
    if days is None or days > _LONG_DAYS:
        return None
    return Seen(
        f"A rule deletes what lies under {facts.wanted.migration_id}/backup/ {_after(days)}.",
        objects_of(f"{rule.rule_id} ({_after(rule.expire_days or 0)})" for rule in rules),
        severity=BLOCKER if days <= _SOON_DAYS else "",
    )


def _after(days: int) -> str:
    return f"after {days} {'day' if days == 1 else 'days'}"


def _prefix_taken(facts: Facts) -> Optional[Seen]:
    bucket = readable_bucket(facts, "backup")
    backup = need(bucket.backup, "backup's prefix")
    record = need(readable_bucket(facts, "record").record, "record's prefix")
    if not backup.objects:
        return None
    many = f"{'More than ' if backup.more else ''}{counted(backup.objects, 'object')}"
    lie = "lies" if backup.objects == 1 and not backup.more else "lie"
    where = f"s3://{bucket.name}/{facts.wanted.migration_id}/backup/"
    seen = f"{many} ({format_bytes(backup.bytes)}) {lie} under {where}"
    if record.objects:
        return Seen(f"{seen}, and the migration has a record.", severity=NOTE)
    return Seen(f"{seen}, and no record says whose they are.", statement=f"aws s3 ls --recursive {shlex.quote(where)}")


def _versioning(facts: Facts) -> Optional[Seen]:
    bucket = readable_bucket(facts, "versioning")
    return Seen(f"The versioning of bucket {bucket.name} is enabled.") if bucket.versioning == "Enabled" else None


def _object_lock(facts: Facts) -> Optional[Seen]:
    bucket = readable_bucket(facts, "object_lock")
    if not bucket.object_lock:
        return None
    if bucket.object_lock == "enabled":
        return Seen(f"Object lock is enabled for bucket {bucket.name}, without a default retention.", severity=NOTE)
    return Seen(f"Bucket {bucket.name} locks every object: {bucket.object_lock}.")


def _requester_pays(facts: Facts) -> Optional[Seen]:
    bucket = readable_bucket(facts, "requester_pays")
    return Seen(f"Whoever reads from bucket {bucket.name} pays for it.") if bucket.requester_pays else None


def _dual_layer(facts: Facts) -> Optional[Seen]:
    bucket = readable_bucket(facts, "encryption")
    # What the upload asks for leads over the bucket's default.
    if facts.wanted.upload_sse or bucket.encryption != _DUAL_LAYER:
        return None
    return Seen(f"Bucket {bucket.name} encrypts what is written to it with {_DUAL_LAYER}.")


_NEEDS = ("bucket",)
CHECKS: tuple[Check, ...] = (
    Check(
        id="bucket.missing",
        severity=BLOCKER,
        title="There is no such bucket",
        why="The backup goes through the bucket, and the migration's record lies in it.",
        remedy="Make the bucket in the cluster's Region, let role bucket make it, or correct migration_bucket.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_missing,
    ),
    Check(
        id="bucket.not_readable",
        severity=BLOCKER,
        title="The caller may not look at the bucket",
        why="A bucket's name is unique in the world: this one is another account's, or the caller lacks s3:ListBucket.",
        remedy="Give the caller s3:ListBucket on the bucket, or take a bucket of the own account.",
        link=links.S3_ERRORS,
        needs=_NEEDS,
        find=_not_readable,
    ),
    Check(
        id="bucket.other_region",
        severity=BLOCKER,
        title="The bucket is in another Region than the cluster",
        why="RestoreDBClusterFromS3 reads from a bucket in the cluster's own Region only.",
        remedy="Take a bucket in the cluster's Region.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_other_region,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="bucket.archive_lifecycle",
        severity=WARNING,
        title="A lifecycle rule archives the backup",
        why="Aurora cannot read objects of the archive classes. A restore that begins afterwards fails.",
        remedy="Restore before, or limit the rule to other prefixes until the migration is over.",
        link=links.S3_LIFECYCLE,
        needs=_NEEDS,
        find=_archived,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="bucket.expiry_lifecycle",
        severity=WARNING,
        title="A lifecycle rule deletes the backup",
        why="A restore that begins or still reads after that day fails, and the backup has to be taken anew.",
        remedy="Restore before, or limit the rule to other prefixes until the migration is over.",
        link=links.S3_LIFECYCLE,
        needs=_NEEDS,
        find=_expired,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="bucket.prefix_taken",
        severity=WARNING,
        title="Objects lie where the backup is to go",
        why="Aurora takes all that lies under the prefix for the backup, and fails at what is not.",
        remedy="Delete the objects if nobody needs them, or take another migration_id.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_prefix_taken,
        ways=_PHYSICAL_ONLY,
    ),
    Check(
        id="bucket.versioning",
        severity=NOTE,
        title="The bucket keeps versions",
        why="A deleted backup stays and costs until its versions are deleted, too.",
        remedy="Let role cleanup delete the versions, or set a rule for noncurrent versions.",
        link=links.S3_VERSIONING,
        needs=_NEEDS,
        find=_versioning,
    ),
    Check(
        id="bucket.object_lock",
        severity=WARNING,
        title="The bucket locks its objects",
        why="Nobody can delete a locked version before its time, so the backup stays and costs, whatever cleanup does.",
        remedy="Take a bucket without a default retention, or reckon with the backup staying there.",
        link=links.S3_OBJECT_LOCK,
        needs=_NEEDS,
        find=_object_lock,
    ),
    Check(
        id="bucket.requester_pays",
        severity=WARNING,
        title="Who reads from the bucket pays",
        why="S3 refuses another account's requests that do not say so, and neither the upload nor RDS does.",
        remedy="Switch it off, or make sure that bucket, caller and role are of one account.",
        link=links.S3_REQUESTER_PAYS,
        needs=_NEEDS,
        find=_requester_pays,
    ),
    Check(
        id="bucket.dual_layer_encryption",
        severity=NOTE,
        title="Nobody says that Aurora reads what is encrypted twice",
        why="AWS' guide to the restore knows encryption by S3's own keys (SSE-S3) and by KMS keys (SSE-KMS), and says "
        "nothing of dual-layer encryption (DSSE-KMS).",
        remedy="Choose upload_sse: aws:kms, with the key in upload_kms_key_id, or AES256, which lead over the bucket's "
        "default; or try it with a small backup first.",
        link=links.PHYSICAL_MIGRATION,
        needs=_NEEDS,
        find=_dual_layer,
        ways=_PHYSICAL_ONLY,
    ),
)
