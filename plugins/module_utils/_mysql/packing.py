# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Bytes as one opaque string that a task hands to another: base64 of a zlib stream. Pure."""

from __future__ import annotations

import base64
import zlib

# What is said of ten thousand accounts takes some 20 MB; a zip bomb is none of ours.
_LIMIT = 1 << 30


def pack(data: bytes) -> str:
    """The string that ``unpack`` understands, in ASCII."""
    return base64.b64encode(zlib.compress(data)).decode("ascii")


def unpack(text: str) -> bytes:
    """What ``pack`` was given.

    :raises ValueError: the string is damaged, cut off, or holds more than 1 GiB.
    """
    inflate = zlib.decompressobj()
    try:
        data = inflate.decompress(base64.b64decode(text.encode("ascii"), validate=True), _LIMIT)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not inflate.eof:
        raise ValueError("it is cut off, or larger than 1 GiB")
    return data
