# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and sizes of parts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.parts import (
    EXTENSIONS,
    MOST_PARTS,
    format_of,
    parse_part,
    parse_part_size,
    part_name,
    part_number,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError

FORMATS = st.sampled_from(sorted(EXTENSIONS))
NUMBERS = st.integers(min_value=0, max_value=MOST_PARTS - 1)


def natural(name: str) -> list[tuple[int, str]]:
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.split(r"(\d+)", name)]


def test_the_form_of_aws_examples() -> None:
    assert part_name("xbstream", 0) == "backup.xbstream00000"
    assert part_name("tar", 12) == "backup.tar00012"
    assert part_name("tar_gz", 99999) == "backup.tar.gz99999"


@given(FORMATS, NUMBERS)
def test_a_name_gives_its_number_and_format_back(form: str, number: int) -> None:
    name = part_name(form, number)
    part = parse_part(name)
    assert part is not None
    assert part.format == form
    assert part_number(name) == number


@given(FORMATS, st.lists(NUMBERS, unique=True))
def test_natural_and_alphabetical_order_are_the_order_of_the_numbers(form: str, numbers: list[int]) -> None:
    in_order = [part_name(form, number) for number in sorted(numbers)]
    names = [part_name(form, number) for number in numbers]
    assert sorted(names) == in_order
    assert sorted(names, key=natural) == in_order


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("shop/backup/full/backup.xbstream00000", "xbstream"),
        ("shop/backup/full/backup.tar", "tar"),
        ("shop/backup/full/backup.tar.gz07", "tar_gz"),
        ("shop/backup/full/backup.gz", "tar_gz"),
        ("shop/backup/full/ibdata1", "directory"),
        ("shop.tar/backup/full/orders/lines.ibd", "directory"),
        ("xtrabackup_info", "directory"),
    ],
)
def test_the_end_of_a_name_tells_the_format_that_aurora_takes_the_file_for(key: str, form: str) -> None:
    assert format_of(key) == form


def test_more_parts_than_the_digits_can_count() -> None:
    with pytest.raises(DbferryError, match=r"parts\.too_many.*part_size"):
        part_name("xbstream", MOST_PARTS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("backup.xbstream", ("backup.xbstream", "xbstream", "")),
        ("backup.xbstream00", ("backup.xbstream", "xbstream", "00")),
        ("shop-2026-01-02.tar.gz9000", ("shop-2026-01-02.tar.gz", "tar_gz", "9000")),
        ("dump.gz07", ("dump.gz", "tar_gz", "07")),
        ("a.tar1", ("a.tar", "tar", "1")),
        ("orders.ibd", None),
        ("backup.tar.gz.00", None),
        (".tar00", None),
        ("xbstream00", None),
        ("backup.tarball", None),
    ],
)
def test_names_that_others_gave(name: str, expected: tuple[str, str, str] | None) -> None:
    assert parse_part(name) == expected


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500MB", 500_000_000),
        ("500 mb", 500_000_000),
        ("500MiB", 524_288_000),
        ("500M", 524_288_000),
        ("5242880", 5_242_880),
        ("5242880b", 5_242_880),
        ("5MiB", 5_242_880),
        ("1g", 1024**3),
        ("5TB", 5 * 10**12),
    ],
)
def test_sizes_as_split_reads_them(text: str, size: int) -> None:
    assert parse_part_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-5MB", "5MB", "5TiB", "1.5GB", "5 242 880", "6TB", "0x500000"])
def test_sizes_that_are_none_or_that_s3_does_not_take(text: str) -> None:
    with pytest.raises(DbferryError, match=r"parts\.size.*5MiB to 5TB"):
        parse_part_size(text)
