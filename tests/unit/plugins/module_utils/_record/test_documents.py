# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents of the migration record."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._record import documents

WHEN = "2026-01-31T23:04:05Z"
IAM = {"role_arn": "arn:aws:iam::123456789012:role/r", "role_name": "r", "managed": True}
UPLOAD = {
    "backup_id": "b",
    "bucket": "bucket",
    "prefix": "shop/backup/",
    "objects": "12",
    "bytes": 3,
    "checksum_algorithm": "CRC32",
    "fingerprint": "f",
    "sent_bytes": "12",
    "sent_seconds": "1.25",
    "elapsed_seconds": "1.5",
    "progress": [],
}


def test_a_document_survives_its_way_through_s3():
    document = documents.make_document("iam", IAM, WHEN)
    assert documents.decode("iam", documents.encode(document)) == document
    assert document["schema_version"] == 2 and document["written_at"] == WHEN


def test_numbers_that_a_template_made_strings_become_numbers_again():
    document = documents.make_document("upload", UPLOAD, WHEN)
    assert document["objects"] == 12 and document["bytes"] == 3
    assert document["elapsed_seconds"] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"role_arn": None}, "role_arn"),
        ({"managed": "yes"}, "managed"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change, word):
    with pytest.raises(documents.RecordError, match=word):
        documents.make_document("iam", {**IAM, **change}, WHEN)


def test_a_missing_member_is_named():
    with pytest.raises(documents.RecordError, match="role_name"):
        documents.make_document("iam", {"role_arn": "a", "managed": False}, WHEN)


def test_a_truth_value_is_no_count():
    with pytest.raises(documents.RecordError, match="objects"):
        documents.make_document("upload", {**UPLOAD, "objects": True}, WHEN)


@pytest.mark.parametrize("name", ["password", "master_password", "auth_string", "SecretKey", "password_hash"])
def test_a_secret_is_refused_however_deep(name):
    members = {"accounts": {"skipped": [{name: "x"}]}, "routines": {}, "time_zone": {}, "elapsed_seconds": 1}
    with pytest.raises(documents.RecordError) as caught:
        documents.make_document("objects", members, WHEN)
    assert caught.value.error_id == "record.secret"


def test_the_name_of_a_secret_is_none():
    members = {"accounts": {"master_user_secret_arn": "arn:x"}, "routines": {}, "time_zone": {}, "elapsed_seconds": 1}
    document = documents.make_document("objects", members, WHEN)
    assert document["accounts"] == {"master_user_secret_arn": "arn:x"}


def test_the_time_of_writing_is_no_difference():
    old = documents.make_document("iam", IAM, WHEN)
    assert documents.same_content(old, documents.make_document("iam", IAM, "2027-01-01T00:00:00Z"))
    assert not documents.same_content(old, documents.make_document("iam", {**IAM, "managed": False}, WHEN))
    assert not documents.same_content(None, old)


@pytest.mark.parametrize(
    ("body", "error_id"),
    [
        (b"<html>", "record.unreadable"),
        (b"\xff\xfe", "record.unreadable"),
        (b"[]", "record.unreadable"),
        (json.dumps({"station": "backup"}).encode(), "record.unreadable"),
        (json.dumps({"station": "iam", "schema_version": 3}).encode(), "record.schema_version"),
    ],
)
def test_what_is_not_the_document_is_told_apart(body, error_id):
    with pytest.raises(documents.RecordError) as caught:
        documents.decode("iam", body)
    assert caught.value.error_id == error_id


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", fullmatch=True))
def test_a_key_lies_beside_the_backup_and_never_inside(migration_id):
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", migration_id):
        assert documents.document_key(migration_id, "backup") == f"{migration_id}/record/backup.json"
    else:
        with pytest.raises(documents.RecordError):
            documents.document_key(migration_id, "backup")


@pytest.mark.parametrize("migration_id", ["", "a/b", "../x", ".hidden", "a b", "x" * 129, "a\n"])
def test_an_id_that_would_leave_its_place_is_refused(migration_id):
    with pytest.raises(documents.RecordError):
        documents.document_key(migration_id, "backup")


def test_the_sizes_of_an_assessment_move_without_being_a_change():
    old = {"station": "assessment", "written_at": WHEN, "findings": [], "estimate": {"backup_bytes": 1}, "source": {}}
    larger = {**old, "estimate": {"backup_bytes": 2}, "written_at": "2027-01-01T00:00:00Z"}
    assert not documents.same_content(old, larger)
    assert not documents.counts_as_change(old, larger)
    assert documents.counts_as_change(old, {**larger, "findings": [{"id": "source.events"}]})
    assert documents.counts_as_change(None, larger)


def test_what_another_station_wrote_is_a_change_whatever_it_is():
    old = documents.make_document("iam", IAM, WHEN)
    assert documents.counts_as_change(old, {**old, "managed": not old["managed"]})
