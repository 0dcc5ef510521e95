# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the blocks of a streamed object are."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.stream import block_bytes_for

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
