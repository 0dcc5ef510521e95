# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan from a tree to objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.errors import ObjectStoreError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.plan import (
    MAX_OBJECT_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    MIB,
    MIN_PART_BYTES,
    FileStamp,
    PlannedObject,
    TreeFile,
    normalise_prefix,
    part_range,
    part_size_for,
    plan_objects,
    split_manifest_key,
)

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def file_of(path: str, size: int) -> TreeFile:
    return TreeFile(path, FileStamp(1, 2, size, 3))


@given(st.dictionaries(PATHS, st.integers(0, 10**12), min_size=1, max_size=20))
def test_every_file_becomes_the_object_with_its_path_and_size(sizes: dict[str, int]) -> None:
    plan = plan_objects((file_of(*each) for each in sizes.items()), "m/backup/", 8 * MIB)
    assert {planned.path: planned.size for planned in plan} == sizes
    assert [planned.path for planned in plan] == sorted(sizes)


@given(st.integers(0, MAX_OBJECT_BYTES), st.integers(MIN_PART_BYTES, MAX_PART_BYTES))
def test_parts_cover_the_object_within_the_limits_of_s3(size: int, wanted: int) -> None:
    part_size = part_size_for(size, wanted)
    assert wanted <= part_size <= MAX_PART_BYTES
    planned = PlannedObject("f", FileStamp(1, 2, size, 3), part_size)
    parts = [part_range(planned, number) for number in range(1, planned.parts + 1)]
    assert 1 <= len(parts) <= MAX_PARTS
    assert sum(length for _offset, length in parts) == size
    assert all(length == part_size for _offset, length in parts[:-1])
    assert [offset for offset, _length in parts] == [part_size * index for index in range(len(parts))]


def test_the_usual_part_size_stays_up_to_ten_thousand_parts() -> None:
    assert part_size_for(10_000 * 8 * MIB, 8 * MIB) == 8 * MIB
    assert part_size_for(10_000 * 8 * MIB + 1, 8 * MIB) == 9 * MIB


def test_an_object_past_five_terabytes_is_refused() -> None:
    with pytest.raises(ObjectStoreError, match=r"'db/t\.ibd'.*5 TB") as caught:
        plan_objects([file_of("db/t.ibd", MAX_OBJECT_BYTES + 1)], "p/", 8 * MIB)
    assert caught.value.error_id == "objectstore.object_too_large"


@pytest.mark.parametrize("part_size", [MIN_PART_BYTES - 1, MAX_PART_BYTES + 1])
def test_a_part_size_outside_the_limits_is_refused(part_size: int) -> None:
    with pytest.raises(ObjectStoreError) as caught:
        plan_objects([file_of("a", 1)], "p/", part_size)
    assert caught.value.error_id == "objectstore.part_size"


def test_a_million_files_are_planned_and_one_more_is_refused() -> None:
    stamp = FileStamp(1, 2, 0, 3)
    assert len(plan_objects((TreeFile(str(n), stamp) for n in range(10**6)), "p/", 8 * MIB)) == 10**6
    with pytest.raises(ObjectStoreError, match="1000000") as caught:
        plan_objects((TreeFile(str(n), stamp) for n in range(10**6 + 1)), "p/", 8 * MIB)
    assert caught.value.error_id == "objectstore.too_many_files"
    assert "split into parts" in caught.value.remedy


def test_a_key_has_at_most_1024_bytes_of_utf8() -> None:
    plan_objects([file_of("é" * 511, 1)], "p/", 8 * MIB)
    with pytest.raises(ObjectStoreError) as caught:
        plan_objects([file_of("é" * 511 + "x", 1)], "p/", 8 * MIB)
    assert caught.value.error_id == "objectstore.key_too_long"


def test_a_tree_without_a_file_is_refused() -> None:
    with pytest.raises(ObjectStoreError) as caught:
        plan_objects([], "p/", 8 * MIB)
    assert caught.value.error_id == "objectstore.empty_tree"


@pytest.mark.parametrize(
    ("given_prefix", "prefix"), [("a", "a/"), ("a/b/", "a/b/"), ("a/b///", "a/b/"), ("ü b", "ü b/")]
)
def test_a_prefix_ends_in_one_slash(given_prefix: str, prefix: str) -> None:
    assert normalise_prefix(given_prefix) == prefix


@pytest.mark.parametrize("prefix", ["", "/", "//", "/a", "a//b", "a/../b", "./a", "."])
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(ObjectStoreError) as caught:
        normalise_prefix(prefix)
    assert caught.value.error_id == "objectstore.prefix"


@pytest.mark.parametrize(
    ("key", "parts"), [(None, ("", "")), ("", ("", "")), ("m/record/x.gz", ("m/record/", "x.gz")), ("x", ("", "x"))]
)
def test_a_manifest_stands_beside_the_prefix(key: str | None, parts: tuple[str, str]) -> None:
    assert split_manifest_key(key, "m/backup/") == parts


@pytest.mark.parametrize("key", ["m/backup/x", "m/record/", "/x"])
def test_a_manifest_below_the_prefix_or_without_a_name_is_refused(key: str) -> None:
    with pytest.raises(ObjectStoreError) as caught:
        split_manifest_key(key, "m/backup/")
    assert caught.value.error_id == "objectstore.manifest_key"
