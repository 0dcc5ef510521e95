# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Why a restore may have failed: Aurora's words and what is known of the backup, as ranked causes with remedies.

Pure. Aurora's reasons often name a symptom far from the cause; so a cause is ranked by the words that go with it and by
the facts that speak for it. Rules are those of the Aurora user guide's "Migrating data from an external MySQL database
to an Amazon Aurora MySQL DB cluster by using an Amazon S3 bucket".
"""

from __future__ import annotations

import re
from typing import Any, Callable, NamedTuple

from .engine_versions import EngineVersionError, check_pair, parse_engine_version

# Aurora reads at most this many files, all increments together.
MAX_FILES = 1_000_000
_PAGE_SIZE = 16384

# What the parts of a score weigh: Aurora's words, a fact that makes the cause certain, a fact that makes it likely.
_WORDS = 50
_CERTAIN = 60
_LIKELY = 20
_HINT = 10
MAX_CAUSES = 5


class RestoreFacts(NamedTuple):
    """What is known of a restore; ``None`` and empty mean that it is not."""

    bucket: str = ""
    prefix: str = ""
    role_arn: str = ""
    source_version: str = ""
    engine_version: str = ""
    source_flavour: str = ""
    formats: tuple[str, ...] = ()
    objects: int | None = None
    page_size: int | None = None
    encrypted: bool | None = None
    kms_key_id: str = ""
    role_may_decrypt: bool | None = None
    """Whether the role was given the right to decrypt with that key."""


class Cause(NamedTuple):
    """A likely cause: a stable id, what it is, and what to do about it."""

    cause_id: str
    text: str
    remedy: str
    score: int

    def as_result(self) -> dict[str, Any]:
        """The cause as a member of a module's result."""
        return {"id": self.cause_id, "cause": self.text, "remedy": self.remedy}


class _Rule(NamedTuple):
    cause_id: str
    words: str
    facts: Callable[[RestoreFacts], int]
    text: str
    remedy: str


def likely_causes(reason: str, facts: RestoreFacts) -> list[Cause]:
    """The causes that Aurora's reason and the facts speak for, likeliest first, at most ``MAX_CAUSES``.

    :param reason: Aurora's own words; "" where it gave none.
    """
    found = []
    for rule in _RULES:
        score = rule.facts(facts)
        if reason and re.search(rule.words, reason, re.IGNORECASE):
            score += _WORDS
        if score > _HINT:
            found.append(
                Cause(
                    rule.cause_id,
                    rule.text.format(**facts._asdict()),
                    rule.remedy.format(**facts._asdict()),
                    score,
                )
            )
    found.sort(key=lambda cause: -cause.score)
    return found[:MAX_CAUSES]


def causes_text(causes: list[Cause]) -> str:
    """The causes as one numbered line for a message."""
    return " ".join(f"({number}) {cause.text} {cause.remedy}" for number, cause in enumerate(causes, 1))


def _nothing(_facts: RestoreFacts) -> int:
    return 0


def _mixed_formats(facts: RestoreFacts) -> int:
    return _CERTAIN if len(set(facts.formats)) > 1 else 0


def _whole_bucket(facts: RestoreFacts) -> int:
    return _LIKELY if facts.bucket and not facts.prefix else 0


def _empty_prefix(facts: RestoreFacts) -> int:
    return _CERTAIN if facts.objects == 0 else 0


def _too_many_files(facts: RestoreFacts) -> int:
    return _CERTAIN if facts.objects is not None and facts.objects > MAX_FILES else 0


def _page_size(facts: RestoreFacts) -> int:
    return _CERTAIN if facts.page_size not in (None, _PAGE_SIZE) else 0


def _encrypted(facts: RestoreFacts) -> int:
    return _CERTAIN if facts.encrypted else 0


def _not_mysql(facts: RestoreFacts) -> int:
    return _CERTAIN if facts.source_flavour not in ("", "mysql") else 0


def _kms_key(facts: RestoreFacts) -> int:
    if not facts.kms_key_id or facts.role_may_decrypt:
        return 0
    return _HINT if facts.role_may_decrypt is None else _LIKELY


def _version_pair(facts: RestoreFacts) -> int:
    try:
        check = check_pair(facts.source_version, parse_engine_version(facts.engine_version))
    except EngineVersionError:
        return 0
    if check.refusals:
        return _CERTAIN
    return _LIKELY if any("newer than" in warning for warning in check.warnings) else 0


# Of causes that score alike, the first is the likelier. One format speaks for neither of the first two: a name does not
# always say what the object holds.
_RULES = (
    _Rule(
        "mixed_formats",
        r"does not look like a tar archive|not (?:in )?(?:gzip|tar|xbstream) format|mixed format",
        _mixed_formats,
        "Objects of different formats stand under s3://{bucket}/{prefix}; Aurora reads one format a prefix.",
        "Keep one backup of one format under the prefix, and manifests and logs elsewhere.",
    ),
    _Rule(
        "wrong_extension",
        r"does not look like a tar archive|not (?:in )?(?:gzip|tar|xbstream) format|was not found in the backup",
        _nothing,
        "An object's name does not end in what it holds: Aurora chooses the reader by the extension.",
        "A plain tree keeps XtraBackup's names; parts are named *.xbstream00000, *.tar00000 or *.tar.gz00000, with the "
        "digits right after the extension.",
    ),
    _Rule(
        "foreign_objects",
        r"unexpected file|unknown file|does not look like a tar archive|more than one (?:full )?backup",
        _whole_bucket,
        "Aurora read more than the backup: it reads every key that begins with '{prefix}' in bucket {bucket}.",
        "Give the backup a prefix of its own that ends in '/'.",
    ),
    _Rule(
        "empty_prefix",
        r"no (?:files|objects|backup|keys)|not find (?:any )?(?:files|objects|backup|a backup)|is empty|no such key",
        _empty_prefix,
        "Nothing that Aurora takes for a backup stands under s3://{bucket}/{prefix}.",
        "Compare s3_bucket_name and s3_prefix with where the upload went, and run the upload again.",
    ),
    _Rule(
        "role_trust",
        r"S3[_ ]SNAPSHOT[_ ]INGESTION|assume|role ARN",
        _nothing,
        "RDS may not assume role {role_arn}: its trust policy does not let it, or the ARN names no role.",
        "Let the trust policy allow sts:AssumeRole to rds.amazonaws.com, with conditions (aws:SourceAccount, "
        "aws:SourceArn) that fit this account and cluster; check the ARN.",
    ),
    _Rule(
        "role",
        r"access ?denied|forbidden|\b403\b|not authorized|cannot be downloaded|S3[_ ]SNAPSHOT[_ ]INGESTION"
        r"|credentials|permission",
        _nothing,
        "Role {role_arn} lacks a right on s3://{bucket}/{prefix}.",
        "The role needs s3:ListBucket and s3:GetBucketLocation on the bucket and s3:GetObject on what begins with the "
        "prefix, and no bucket policy may deny it.",
    ),
    _Rule(
        "kms_key",
        r"\bkms\b|decrypt|access ?denied|cannot be downloaded",
        _kms_key,
        "RDS may not decrypt the objects.",
        "Where the objects are encrypted with a KMS key of yours, give role {role_arn} kms:Decrypt on that key, in the "
        "role's policy and in the key's policy.",
    ),
    _Rule(
        "missing_part",
        r"unexpected (?:end|EOF)|truncated|premature|corrupt|checksum|end of (?:file|stream)|bad magic"
        r"|missing (?:part|file)|part of the backup is missing|cannot find file|no such file"
        r"|xbstream (?:failed|.*wrong chunk)|mbstream failed",
        _nothing,
        "A file or a part of the backup is missing, cut short or out of order.",
        "Run the upload again, which verifies every object, or take a new backup.",
    ),
    _Rule(
        "chain",
        r"xtrabackup_checkpoints|from_lsn|to_lsn|incremental|\blsn\b|log sequence",
        _nothing,
        "The chain of full and incremental backups has a gap, a fork or no full backup.",
        "Every increment's from_lsn must be its parent's to_lsn, and exactly one backup be full (from_lsn 0); none "
        "may be prepared.",
    ),
    _Rule(
        "version_pair",
        r"version|upgrade|downgrade|data dictionary|incompatible(?! resources)",
        _version_pair,
        "Engine version {engine_version} does not take a backup of MySQL {source_version}.",
        "Choose an engine version whose community version is not older than the source's, in the same series.",
    ),
    _Rule(
        "encrypted_source",
        r"encrypt|keyring|master key",
        _encrypted,
        "The source has encrypted tablespaces or the backup is encrypted; Aurora cannot read either.",
        "Decrypt the tables on the source (ALTER TABLE ... ENCRYPTION='N') and take a new backup without --encrypt.",
    ),
    _Rule(
        "page_size",
        r"page[ _]size",
        _page_size,
        "The source's innodb_page_size is not 16384.",
        "Move this server by a logical copy.",
    ),
    _Rule(
        "too_many_files",
        r"too many files|number of files|1,?000,?000",
        _too_many_files,
        "The backup has more than 1,000,000 files.",
        "Take the backup as a stream (xbstream) instead of a directory.",
    ),
    _Rule(
        "not_mysql",
        # Not the names of the backup tools.
        r"mariadb(?!-?backup)|percona(?! xtrabackup)|aria_log",
        _not_mysql,
        "The source is not MySQL but another server of its family; Aurora reads physical backups of MySQL only.",
        "Move this server by a logical copy.",
    ),
    _Rule(
        "wrong_region",
        r"region|PermanentRedirect|bucket cannot be found|no such bucket|NoSuchBucket",
        _nothing,
        "Bucket {bucket} does not exist or is not in the cluster's Region.",
        "Keep the backup in a bucket of the cluster's own Region.",
    ),
    _Rule(
        "incompatible_resources",
        r"incompatible resources",
        _nothing,
        "Something that the cluster is to use does not fit it: the subnet group, the security groups, the parameter "
        "group, the option group or the key.",
        "Correct the option that Aurora's words name.",
    ),
    _Rule(
        "resource_limits",
        r"insufficient resource limits|quota",
        _nothing,
        "The account has reached a limit of RDS in this Region.",
        "Ask for a higher quota (Service Quotas, Amazon RDS), or delete clusters that are no longer needed.",
    ),
    _Rule(
        "prepare",
        r"prepar(?:e|ing)\b|apply-log|redo|recovery|innodb",
        _nothing,
        "Aurora could not bring the data files to a consistent state: the backup did not end well, was prepared "
        "before, lacks redo log, or a file of it is cut short.",
        "Run the upload again, which verifies every object; check that the backup ended in 'completed OK!', prepare a "
        "copy of it with XtraBackup, and take a new one.",
    ),
)
