# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The formats in which a backup travels, the names of a stream's parts, and their size."""

import re
from typing import Dict, NamedTuple, Optional, Tuple

from .._errors import DbferryError

DIRECTORY = "directory"

# Aurora chooses its reader by the extension (AWS: "Migrating data from MySQL by using an Amazon S3 bucket").
EXTENSIONS: Dict[str, str] = {"xbstream": ".xbstream", "tar": ".tar", "tar_gz": ".tar.gz"}

FORMATS: Tuple[str, ...] = (DIRECTORY, *EXTENSIONS)

_STEM = "backup"
_DIGITS = 5
MOST_PARTS = 10**_DIGITS

DEFAULT_PART_SIZE = "500MB"

# S3 takes no smaller part of a multipart upload but the last, and Aurora's page names 5 TB as the largest object.
SMALLEST_PART = 5 * 1024**2
LARGEST_PART = 5 * 1000**4

_SIZE = re.compile(r"(\d+)\s*([kmgt]?)(i?)(b?)", re.IGNORECASE)
_POWERS = ("", "k", "m", "g", "t")

_PART = re.compile(r"(.+?)(\.xbstream|\.tar\.gz|\.tar|\.gz)(\d*)", re.DOTALL)
_FORMAT_OF_EXTENSION = {".gz": "tar_gz", **{extension: name for name, extension in EXTENSIONS.items()}}


class Part(NamedTuple):
    """What a part's name says."""

    stem: str
    """All before the digits, extension included."""
    format: str
    digits: str
    """As they stand there; "" for a stream that was not split."""


def part_name(form: str, number: int) -> str:
    """The name of a part, such as ``backup.xbstream00000``.

    The digits follow the extension without a dot, as ``split -d`` writes them in AWS' examples. Their fixed width
    makes natural and alphabetical order the same.

    :param form: a stream format, one of ``EXTENSIONS``.
    :param number: from 0.
    :raises DbferryError: ``parts.too_many``.
    """
    if number >= MOST_PARTS:
        raise DbferryError(
            "The backup has more than {0} parts.".format(MOST_PARTS),
            "parts.too_many",
            "Give a larger part_size; parts may have up to 5 TB.",
        )
    return "{0}{1}{2:0{3}d}".format(_STEM, EXTENSIONS[form], number, _DIGITS)


def parse_part(name: str) -> Optional[Part]:
    """What a file name says of a part of a stream, whoever named it; ``None`` for any other file."""
    match = _PART.fullmatch(name)
    if match is None:
        return None
    return Part(match.group(1) + match.group(2), _FORMAT_OF_EXTENSION[match.group(2)], match.group(3))


def format_of(key: str) -> str:
    """The format that Aurora takes an object for by its key, one of ``FORMATS``."""
    part = parse_part(key.rpartition("/")[2])
    return DIRECTORY if part is None else part.format


def part_number(name: str) -> Optional[int]:
    """The number in a part's name, 0 where it has no digits; ``None`` for a name that is no part's."""
    part = parse_part(name)
    return None if part is None else int(part.digits or 0)


def parse_part_size(text: str) -> int:
    """Bytes of a size as ``split --bytes`` reads it: ``500MB`` is 500,000,000, ``500MiB`` and ``500M`` 524,288,000.

    :raises DbferryError: ``parts.size``, no size, or one that S3 or Aurora does not take.
    """
    match = _SIZE.fullmatch(text.strip())
    remedy = "Give a number of bytes, or one with MB, GB, TB or MiB, GiB, TiB: from 5MiB to 5TB."
    if match is None:
        raise DbferryError("{0!r} is not a size.".format(text), "parts.size", remedy)
    number, prefix, binary, byte = match.groups()
    base = 1000 if byte and prefix and not binary else 1024
    factor: int = base ** _POWERS.index(prefix.lower())
    size = int(number) * factor
    if not SMALLEST_PART <= size <= LARGEST_PART:
        raise DbferryError("A part cannot have {0} bytes.".format(size), "parts.size", remedy)
    return size
