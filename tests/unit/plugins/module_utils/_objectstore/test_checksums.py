# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksums: known values, and combining."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.checksums import (
    Algorithm,
    choose_algorithm,
    combine,
    encode,
    known_algorithms,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.errors import ObjectStoreError


def bitwise(name: str, bits: int, polynomial: int) -> Algorithm:
    """An algorithm by its textbook definition, so that combining is tested where awscrt is not installed."""
    mask = (1 << bits) - 1

    def update(data: bytes, crc: int = 0) -> int:
        crc ^= mask
        for byte in bytes(data):
            crc ^= byte
            for _bit in range(8):
                crc = (crc >> 1) ^ (polynomial if crc & 1 else 0)
        return crc ^ mask

    return Algorithm(name, bits, polynomial, update)


TEXTBOOK = {
    "CRC32": bitwise("CRC32", 32, 0xEDB88320),
    "CRC32C": bitwise("CRC32C", 32, 0x82F63B78),
    "CRC64NVME": bitwise("CRC64NVME", 64, 0x9A6C9329AC4BC9B5),
}
# The catalogue's check values: the CRC of the nine digits.
CHECK_VALUES = {"CRC32": 0xCBF43926, "CRC32C": 0xE3069283, "CRC64NVME": 0xAE8B14860A799888}


@pytest.mark.parametrize("name", sorted(TEXTBOOK))
def test_the_textbook_form_has_the_catalogues_check_value(name: str) -> None:
    assert TEXTBOOK[name].update(b"123456789", 0) == CHECK_VALUES[name]


@pytest.mark.parametrize("name", sorted(known_algorithms()))
def test_an_algorithm_of_this_interpreter_has_the_catalogues_check_value(name: str) -> None:
    algorithm = known_algorithms()[name]
    assert algorithm.update(b"123456789", 0) == CHECK_VALUES[name]
    assert algorithm.update(memoryview(bytearray(b"6789")), algorithm.update(b"12345", 0)) == CHECK_VALUES[name]
    assert (algorithm.name, algorithm.bits, algorithm.polynomial) == TEXTBOOK[name][:3]


@given(st.sampled_from(sorted(TEXTBOOK)), st.binary(max_size=40), st.binary(max_size=40))
def test_the_crc_of_the_whole_is_combined_from_those_of_its_parts(name: str, first: bytes, second: bytes) -> None:
    algorithm = TEXTBOOK[name]
    combined = combine(algorithm, algorithm.update(first, 0), algorithm.update(second, 0), len(second))
    assert combined == algorithm.update(first + second, 0)


@given(st.lists(st.binary(max_size=3000), max_size=6))
def test_any_number_of_parts_combine_with_the_preferred_algorithm(parts: list[bytes]) -> None:
    algorithm = choose_algorithm()
    crc = 0
    for part in parts:
        crc = combine(algorithm, crc, algorithm.update(part, 0), len(part))
    assert crc == algorithm.update(b"".join(parts), 0)


def test_crc32_is_always_known_and_never_preferred_to_a_better_one() -> None:
    names = list(known_algorithms())
    assert names[-1] == "CRC32"
    assert choose_algorithm().name == names[0]


def test_a_checksum_is_written_as_s3_writes_it() -> None:
    assert base64.b64decode(encode(TEXTBOOK["CRC32"], 0x01020304)) == b"\x01\x02\x03\x04"
    assert base64.b64decode(encode(TEXTBOOK["CRC64NVME"], 1)) == b"\0\0\0\0\0\0\0\1"


def test_an_algorithm_is_chosen_by_name_or_refused() -> None:
    assert choose_algorithm("CRC32").name == "CRC32"
    with pytest.raises(ObjectStoreError, match="awscrt") as caught:
        choose_algorithm("CRC16")
    assert caught.value.error_id == "objectstore.checksum_algorithm"
