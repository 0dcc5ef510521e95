# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Causes are ranked by Aurora's words and by what is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.causes import (
    MAX_CAUSES,
    RestoreFacts,
    causes_text,
    likely_causes,
)

FACTS = RestoreFacts(
    bucket="bucket",
    prefix="orders/backup/",
    role_arn="arn:aws:iam::123456789012:role/r",
    source_version="8.0.36",
    engine_version="8.0.mysql_aurora.3.10.0",
    source_flavour="mysql",
    formats=("directory",),
    objects=100,
    page_size=16384,
    encrypted=False,
)


def first(reason, **known):
    found = likely_causes(reason, FACTS._replace(**known))
    return found[0].cause_id if found else None


@pytest.mark.parametrize(
    ("reason", "known", "cause"),
    [
        ("This does not look like a tar archive", {"formats": ("tar", "xbstream")}, "mixed_formats"),
        ("Files from the specified Amazon S3 bucket cannot be downloaded.", {}, "role"),
        (
            "IAM role ARN value is invalid or does not include the required permissions for: S3_SNAPSHOT_INGESTION",
            {},
            "role_trust",
        ),
        ("This is due to the S3 snapshot ingestion IAM role not being configured correctly", {}, "role_trust"),
        ("Files from the specified Amazon S3 bucket cannot be downloaded.", {"kms_key_id": "k"}, "kms_key"),
        (
            "Files from the specified Amazon S3 bucket cannot be downloaded.",
            {"kms_key_id": "k", "role_may_decrypt": False},
            "kms_key",
        ),
        (
            "Files from the specified Amazon S3 bucket cannot be downloaded.",
            {"kms_key_id": "k", "role_may_decrypt": True},
            "role",
        ),
        ("Files from the specified Amazon S3 bucket cannot be downloaded.", {"role_may_decrypt": False}, "role"),
        ("Internal error", {"kms_key_id": "k", "role_may_decrypt": False}, "kms_key"),
        ("Internal error", {"kms_key_id": "k", "role_may_decrypt": True}, None),
        ("Internal error", {"kms_key_id": "k"}, None),
        ("This does not look like a tar archive", {"formats": ("xbstream",)}, "mixed_formats"),
        ("xtrabackup_checkpoints was not found in the backup", {"formats": ("xbstream",)}, "wrong_extension"),
        ("This does not look like a tar archive", {"formats": ()}, "mixed_formats"),
        ("Preparing the backup failed: mariadb-backup: srv_start() returned 11", {}, "prepare"),
        ("Preparing the backup failed: Percona XtraBackup says no", {}, "prepare"),
        ("A part of the backup is missing before x.xbstream00002.", {}, "missing_part"),
        (
            "The DB cluster can't be created because of insufficient resource limits. Storage quota exceeded.",
            {},
            "resource_limits",
        ),
        (
            "You can't create the DB cluster because of incompatible resources. The subnet group has one zone.",
            {},
            "incompatible_resources",
        ),
        ("An error occurred (AccessDenied) when calling GetObject", {}, "role"),
        ("KMS.DisabledException: key is disabled", {"kms_key_id": "k"}, "kms_key"),
        ("unexpected end of file", {}, "missing_part"),
        ("xtrabackup_checkpoints: from_lsn does not match", {}, "chain"),
        ("Source engine version 8.0.45 is not compatible", {"source_version": "8.0.45"}, "version_pair"),
        ("The specified S3 bucket cannot be found.", {}, "wrong_region"),
        ("No backup was found", {"objects": 0}, "empty_prefix"),
        ("Something about page size", {"page_size": 4096}, "page_size"),
        ("Internal error", {"encrypted": True}, "encrypted_source"),
        ("Internal error", {"objects": 1_000_001}, "too_many_files"),
        ("Internal error", {"source_flavour": "mariadb"}, "not_mysql"),
        ("", {"formats": ("tar", "directory")}, "mixed_formats"),
        ("Internal error", {}, None),
        ("", {}, None),
    ],
)
def test_the_likeliest_cause(reason, known, cause):
    assert first(reason, **known) == cause


def test_words_and_facts_together_outrank_words():
    reason = "page size differs, or the version"
    assert first(reason, page_size=4096) == "page_size"
    assert first(reason, source_version="8.0.45") == "version_pair"


@pytest.mark.parametrize("formats", [(), ("xbstream",), ("directory",), ("tar", "xbstream")])
def test_words_that_mean_a_mix_mean_it_whatever_the_upload_was(formats):
    found = likely_causes("xbstream: This does not look like a tar archive", FACTS._replace(formats=formats))
    assert [cause.cause_id for cause in found][:2] == ["mixed_formats", "wrong_extension"]


def test_texts_name_what_is_concerned():
    text = causes_text(likely_causes("access denied", FACTS))
    assert "s3://bucket/orders/backup/" in text
    assert FACTS.role_arn in text


def test_braces_in_names_do_no_harm():
    found = likely_causes("access denied", FACTS._replace(prefix="{objects}{0}/"))
    assert "{objects}{0}/" in found[0].text


@given(st.text(), st.integers(0, 2_000_000), st.sampled_from([4096, 16384, None]), st.booleans())
def test_any_reason_gives_a_bounded_ranked_list(reason, objects, page_size, encrypted):
    found = likely_causes(reason, FACTS._replace(objects=objects, page_size=page_size, encrypted=encrypted))
    assert len(found) <= MAX_CAUSES
    assert [cause.score for cause in found] == sorted((cause.score for cause in found), reverse=True)
    assert all(cause.text and cause.remedy for cause in found)
