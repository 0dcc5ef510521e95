# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the blocks of a streamed object are, how many are in memory, and what is kept of each."""

from __future__ import annotations

import re
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.block_notes import BlockNotes
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.blocks import (
    DEFAULT_MEMORY_MIB,
    block_bytes_for,
    senders_for,
)

MIB = 1024**2


@given(st.integers(min_value=5 * MIB, max_value=5 * 10**12))
@example(156 * 1024 * MIB)
@example(157 * 1024 * MIB)
@example(5 * 10**12)
def test_ten_thousand_blocks_are_enough_and_none_is_larger_than_it_has_to_be(object_size: int) -> None:
    block = block_bytes_for(object_size)
    assert block >= 16 * MIB
    assert -(-object_size // block) <= 10_000
    assert block == 16 * MIB or (block - MIB) * 10_000 < object_size


@given(
    st.integers(min_value=5 * MIB, max_value=5 * 10**12),
    st.integers(min_value=1, max_value=8),
    st.integers(min_value=32, max_value=4096),
)
@example(156 * 1024 * MIB, 8, 160)
@example(781 * 1024 * MIB, 8, 160)
@example(80 * MIB * 10_000, 1, 160)
@example(80 * MIB * 10_000 + 1, 1, 160)
@example(1024**4, 1, 210)
@example(1024**4, 1, 209)
@example(5 * 10**12, 8, 954)
@example(5 * 10**12, 8, 953)
def test_the_blocks_that_are_sent_and_the_one_that_is_filled_fit_into_memory(
    object_size: int, wanted: int, memory_mib: int
) -> None:
    memory = memory_mib * MIB
    block = min(block_bytes_for(object_size), object_size)
    if 2 * block > memory:
        with pytest.raises(DbferryError, match=r"objectstore\.block_too_large") as caught:
            senders_for(object_size, wanted, memory)
        # what the remedy says is true
        smaller, more = re.findall(
            r"part_size of (\d+)GiB at most, let block_memory_mib be (\d+),", caught.value.remedy
        )[0]
        assert senders_for(int(smaller) * 1024 * MIB, 1, memory) == 1
        assert senders_for(object_size, 1, int(more) * MIB) == 1
        with pytest.raises(DbferryError):
            senders_for(object_size, 1, (int(more) - 1) * MIB)
        return
    senders = senders_for(object_size, wanted, memory)
    assert 1 <= senders <= wanted
    assert (senders + 1) * block <= memory
    assert senders == wanted or (senders + 2) * block > memory


def test_every_part_size_of_ordinary_size_has_all_the_senders_that_are_wanted() -> None:
    memory = DEFAULT_MEMORY_MIB * MIB
    assert {senders_for(size, 8, memory) for size in (5 * MIB, 500_000_000, 156 * 1024 * MIB)} == {8}


TAG = st.one_of(
    st.text("0123456789abcdef", min_size=32, max_size=32).map('"{}"'.format),
    st.sampled_from(["", "plain", '"' + "A" * 32 + '"', '"' + "a" * 32 + '-2"', "a" * 32]),
)


@given(st.lists(st.tuples(TAG, st.integers(0, 2**64 - 1)), max_size=20), st.randoms())
def test_what_is_noted_of_blocks_comes_back_in_order_whatever_arrives_first(
    blocks: list[tuple[str, int]], chance
) -> None:
    notes = BlockNotes()
    numbers = [notes.begin() for _block in blocks]
    assert numbers == list(range(1, len(blocks) + 1))
    chance.shuffle(numbers)
    for number in numbers:
        notes.end(number, *blocks[number - 1])
    assert list(notes) == blocks
    assert len(notes) == len(blocks)


def test_little_is_kept_of_many_blocks() -> None:
    count = 200_000
    tracemalloc.start()
    try:
        notes = BlockNotes()
        for number in range(1, count + 1):
            notes.end(notes.begin(), f'"{number:032x}"', number)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    # 24 bytes each, and what arrays keep in reserve.
    assert kept < 32 * count
