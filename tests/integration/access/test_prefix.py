# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``s3_prefix`` and ``s3_prefix_info``: what lies under a prefix, past the thousand that S3 lists at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.servers import MotoServer, moto_server

BUCKET = "versioned"
PREFIX = "shop/backup/"
KEYS = 1205
# Each of these has a second version, and each of the last ones a delete marker.
TWICE, HIDDEN = 40, 7


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoServer]:
    with moto_server() as server:
        yield server


@pytest.fixture
def bucket(moto: MotoServer) -> Iterator[Any]:
    """A client of a bucket with versions, unfinished uploads and neighbours."""
    s3 = moto.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    keys = [f"{PREFIX}{number:05d}" for number in range(KEYS)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=BUCKET, Key=key, Body=b"12"), [*keys, *keys[:TWICE]]))
        list(pool.map(lambda key: s3.delete_object(Bucket=BUCKET, Key=key), keys[-HIDDEN:]))
    for key in (PREFIX + "large", "shop/backup2/large"):
        s3.create_multipart_upload(Bucket=BUCKET, Key=key)
    s3.put_object(Bucket=BUCKET, Key="shop/backup2/neighbour", Body=b"n")
    return s3


def left(s3: Any) -> set[str]:
    return {each["Key"] for each in s3.list_object_versions(Bucket=BUCKET)["Versions"]}


def test_all_under_a_prefix_goes_and_nothing_beside_it(
    bucket: Any, moto: MotoServer, run_module: Callable[..., dict[str, Any]]
) -> None:
    options = {**moto.aws_options(), "bucket": BUCKET, "prefix": PREFIX}
    found = run_module("s3_prefix_info", **options)
    assert (found["readable"], found["bucket_region"], found["region"]) == (True, "eu-west-1", "eu-west-1")
    assert found["keys"] == [f"{PREFIX}{number:05d}" for number in range(5)]
    assert "objects" not in found
    assert "default_key" not in found
    weighed = run_module("s3_prefix_info", weigh=True, read_default_key=True, **options)
    assert (weighed["objects"], weighed["bytes"]) == (KEYS - HIDDEN, 2 * (KEYS - HIDDEN))
    assert (weighed["formats"], weighed["default_key"]) == (["directory"], "")

    expected = {
        "objects": KEYS - HIDDEN,
        "bytes": 2 * (KEYS - HIDDEN),
        "versions": KEYS + TWICE + HIDDEN,
        "uploads": 1,
    }
    # What would be left besides is foreseen without listing what goes.
    state = {**moto.aws_options(), "bucket": BUCKET, "look_inside": True}
    for but_for, empty in (
        ([], False),
        ([PREFIX], False),
        ([PREFIX, "shop/backup2/"], True),
        (["shop/"], True),
        (["other/", "shop/backup2/"], False),
    ):
        (seen,) = run_module("s3_bucket_state_info", but_for=but_for, **state)["buckets"]
        assert seen["empty"] is empty, but_for

    planned = run_module("s3_prefix", state="absent", **options, _ansible_check_mode=True)
    told = (
        f"s3://{BUCKET}/{PREFIX}: {KEYS - HIDDEN:,} objects, {KEYS + TWICE + HIDDEN:,} versions, 1 unfinished upload\n"
    )
    assert planned["diff"] == {"before": told, "after": ""}
    assert {name: planned[name] for name in expected} == expected
    assert planned["changed"] is True
    assert len(left(bucket)) > 1

    done = run_module("s3_prefix", state="absent", **options)
    assert {name: done[name] for name in expected} == expected
    assert done["diff"] == planned["diff"]
    assert left(bucket) == {"shop/backup2/neighbour"}
    assert [each["Key"] for each in bucket.list_multipart_uploads(Bucket=BUCKET)["Uploads"]] == ["shop/backup2/large"]

    again = run_module("s3_prefix", state="absent", **options)
    assert (again["changed"], again["versions"]) == (False, 0)
    assert again["diff"] == {"before": "", "after": ""}
    assert run_module("s3_prefix_info", **options)["keys"] == []


def test_a_bucket_that_nobody_has_is_not_readable(moto: MotoServer, run_module: Callable[..., dict[str, Any]]) -> None:
    found = run_module("s3_prefix_info", **moto.aws_options(), bucket="nobody-has-it", prefix=PREFIX)
    assert (found["readable"], found["bucket_region"], found["keys"]) == (False, "", [])


def test_a_bucket_elsewhere_is_told_with_its_region(
    moto: MotoServer, run_module: Callable[..., dict[str, Any]]
) -> None:
    far = {"LocationConstraint": "ap-southeast-2"}
    moto.client("s3", "ap-southeast-2").create_bucket(Bucket="far", CreateBucketConfiguration=far)
    found = run_module("s3_prefix_info", **moto.aws_options(), bucket="far", prefix=PREFIX)
    assert (found["bucket_region"], found["region"]) == ("ap-southeast-2", "eu-west-1")
