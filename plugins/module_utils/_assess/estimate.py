# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""How large the backup gets, what S3 is asked for, how long it is under way and what that costs. Pure.

Sources: "Uploading and copying objects using multipart upload" and "Multipart upload limits" (S3 user guide): an object
above the part size takes one request to begin, one for each part and one to complete.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from .prices import CURRENCY

MIB = 1024 * 1024
GIB = 1024 * MIB

# A network of 1 Gbit/s with its overhead; one stream of a backup carries twice that on a fast disk (Percona measured
# 239 MB/s at 1 TB), so that the network is what most wait for.
ASSUMED_RATE = 110_000_000
GIVEN, MEASURED, ASSUMED = "given", "measured", "assumed"
_KEYS_A_LIST = 1000


class Size(NamedTuple):
    """What a backup is like before it is taken."""

    bytes: int
    files: int
    origin: str
    """Where the figure comes from, for people."""
    largest: int = 0
    """Bytes of the largest file."""


class Rate(NamedTuple):
    """Bytes a second between the source host and S3."""

    bytes_per_second: int
    origin: str
    """``given``, ``measured`` or ``assumed``."""


def estimate(
    size: Size, rate: Rate, prices: Mapping[str, float], part_size: int, stream_part: int, days_kept: int
) -> dict[str, Any]:
    """The member ``estimate`` of an assessment.

    :param size: bytes and files of the backup.
    :param rate: how fast it travels.
    :param prices: as ``prices.price_table`` returns it.
    :param part_size: bytes of a part of a multipart upload.
    :param stream_part: bytes of the objects that a stream is cut into; 0 for a tree of files.
    :param days_kept: how long the backup stays in S3.
    """
    if stream_part:
        objects = max(math.ceil(size.bytes / stream_part), 1)
        parts = math.ceil(size.bytes / min(part_size, stream_part))
        puts = parts + 2 * objects
    else:
        objects = max(size.files, 1)
        parts = math.ceil(size.bytes / part_size)
        # Small files take one request each; large ones one for each part and two around them. How the bytes are spread
        # over the files is not known, so that this is the most it can be.
        puts = objects + parts + 2 * min(objects, parts)
    lists = math.ceil(objects / _KEYS_A_LIST)
    gets = objects + lists
    requests_cost = (puts + lists) / 1000 * prices["put_per_1000"] + gets / 1000 * prices["get_per_1000"]
    month = size.bytes / GIB * prices["storage_gib_month"]
    total = requests_cost + month * days_kept / 30 + size.bytes / GIB * prices["transfer_in_gib"]
    return {
        "backup_bytes": size.bytes,
        "backup_origin": size.origin,
        "objects": objects,
        "requests": puts + lists + gets,
        "rate_bytes_per_second": rate.bytes_per_second,
        "rate_origin": rate.origin,
        "transfer_seconds": round(size.bytes / rate.bytes_per_second, 1),
        "cost": {
            "currency": CURRENCY,
            "requests": round(requests_cost, 4),
            "storage_month": round(month, 4),
            "days_kept": days_kept,
            "total": round(total, 4),
            "prices": dict(prices),
        },
    }
