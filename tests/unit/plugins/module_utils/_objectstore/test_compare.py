# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a plan with a listing, and the manifest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.compare import (
    StoredObject,
    VerifiedObject,
    check_stored,
    compare,
    refuse_strangers,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.errors import ObjectStoreError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.manifest import (
    ManifestEntry,
    fingerprint,
    manifest_lines,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.plan import FileStamp, PlannedObject

SIZES = st.dictionaries(st.text(max_size=3), st.integers(0, 3), max_size=12)


def planned(path: str, size: int) -> PlannedObject:
    return PlannedObject(path, FileStamp(1, 2, size, 3), 8)


def stored(path: str, size: int, storage_class: str = "STANDARD", etag: str = '"e"') -> StoredObject:
    return StoredObject(path, size, etag, storage_class)


@given(SIZES, SIZES)
def test_each_path_has_one_place(tree: dict[str, int], bucket: dict[str, int]) -> None:
    found = compare([planned(*each) for each in tree.items()], [stored(*each) for each in bucket.items()])
    assert {each.path for each in found.missing} == tree.keys() - bucket.keys()
    both = tree.keys() & bucket.keys()
    assert {each.path for each in found.same_size} == {path for path in both if tree[path] == bucket[path]}
    assert {each.path for each in found.different} == {path for path in both if tree[path] != bucket[path]}
    strangers = bucket.keys() - tree.keys()
    assert found.strangers == len(strangers)
    assert set(found.named_strangers) <= strangers
    assert len(found.named_strangers) == min(10, len(strangers))


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_an_object_that_aurora_cannot_read_at_once_is_replaced(storage_class: str) -> None:
    found = compare([planned("a", 1)], [stored("a", 1, storage_class)])
    assert [each.path for each in found.different] == ["a"]


def test_strangers_are_named_up_to_a_bound_and_counted() -> None:
    found = compare([planned("a", 1)], [stored(f"x{number}\n", 1) for number in range(5000)])
    with pytest.raises(ObjectStoreError, match=r"5,000 objects .*'x0\\n', .* and 4990 more") as caught:
        refuse_strangers(found, "s3://b/p/")
    assert caught.value.error_id == "objectstore.strangers"
    assert len(str(caught.value.as_result())) < 2000
    refuse_strangers(compare([planned("a", 1)], [stored("a", 1)]), "s3://b/p/")


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        ([stored("a", 1)], "'b' is not there"),
        ([stored("a", 1), stored("b", 3)], "'b' has 3 bytes instead of 2"),
        ([stored("a", 1), stored("b", 2), stored("c", 0)], "'c' is not in the tree"),
        ([stored("a", 1), stored("b", 2, etag='"other"')], "'b' was written by someone else"),
    ],
)
def test_the_last_listing_has_to_be_what_was_verified(listing: list[StoredObject], words: str) -> None:
    plan = [planned("a", 1), planned("b", 2)]
    verified = {each.path: VerifiedObject("c", '"e"') for each in plan}
    check_stored(plan, verified, [stored("a", 1), stored("b", 2)], "s3://b/p/")
    with pytest.raises(ObjectStoreError, match=words) as caught:
        check_stored(plan, verified, listing, "s3://b/p/")
    assert caught.value.error_id == "objectstore.verification_failed"


ENTRIES = st.lists(
    st.builds(ManifestEntry, st.text(max_size=4), st.integers(0, 9), st.sampled_from(["AA==", "BB=="])),
    unique_by=lambda entry: entry.path,
    max_size=6,
)


@given(ENTRIES, ENTRIES, st.randoms())
def test_the_fingerprint_is_of_the_set_of_objects(first: list, second: list, random: object) -> None:
    shuffled = list(first)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fingerprint(shuffled) == fingerprint(first)
    assert (fingerprint(first) == fingerprint(second)) == (set(first) == set(second))


def test_a_manifest_has_one_line_an_object_whatever_its_name() -> None:
    lines = list(manifest_lines([ManifestEntry('b\n"é', 2, "BB=="), ManifestEntry("a", 0, "AA==")]))
    assert lines == ['["a", 0, "AA=="]', '["b\\n\\"\\u00e9", 2, "BB=="]']
