# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The checksums that S3 keeps for whole objects, computed part by part and combined.

S3 keeps a full-object checksum for the CRC family only ("Checking object integrity in Amazon S3", S3 User Guide): a
part's CRC travels with the part, and the object's, combined from them, with the request that completes the upload.
"""

import base64
import functools
import zlib
from typing import Any, Callable, Dict, NamedTuple

from .errors import ObjectStoreError

try:
    from awscrt import checksums as _awscrt
except ImportError:
    _awscrt = None


class Algorithm(NamedTuple):
    """A CRC in its reflected form.

    :ivar name: S3's name of it.
    :ivar bits: its width.
    :ivar polynomial: the reflected polynomial.
    :ivar update: ``update(data, crc)`` continues ``crc`` (0 at the start) over ``data``.
    """

    name: str
    bits: int
    polynomial: int
    update: Callable[[Any, int], int]

    @property
    def header(self) -> str:
        """The name of the header, or of the trailer, that carries it."""
        return "x-amz-checksum-{0}".format(self.name.lower())


def known_algorithms() -> Dict[str, Algorithm]:
    """The algorithms that this interpreter can compute, the preferred one first.

    CRC64NVME and CRC32C need the package ``awscrt``; CRC32 comes with Python.
    """
    known: Dict[str, Algorithm] = {}
    for name, bits, polynomial in (("CRC64NVME", 64, 0x9A6C9329AC4BC9B5), ("CRC32C", 32, 0x82F63B78)):
        update = getattr(_awscrt, name.lower(), None)
        if update is not None:
            known[name] = Algorithm(name, bits, polynomial, update)
    known["CRC32"] = Algorithm("CRC32", 32, 0xEDB88320, zlib.crc32)
    return known


def choose_algorithm(name: str = "auto") -> Algorithm:
    """The named algorithm, or for ``auto`` the preferred one of those that this interpreter can compute.

    :raises ObjectStoreError: ``objectstore.checksum_algorithm``: this interpreter cannot compute it.
    """
    known = known_algorithms()
    if name == "auto":
        return next(iter(known.values()))
    if name not in known:
        raise ObjectStoreError(
            "This Python cannot compute {0}.".format(name),
            error_id="objectstore.checksum_algorithm",
            remedy="Install the package awscrt for it (pip install 'boto3[crt]'), or let checksum_algorithm be auto.",
        )
    return known[name]


def combine(algorithm: Algorithm, first: int, second: int, second_length: int) -> int:
    """The CRC of two pieces of data, one after the other, from the CRC of each.

    :param second_length: bytes of the second piece.
    """
    return (
        _multiply(
            algorithm.bits, algorithm.polynomial, _shift(algorithm.bits, algorithm.polynomial, second_length), first
        )
        ^ second
    )


def encode(algorithm: Algorithm, crc: int) -> str:
    """A CRC as S3's headers carry it: big-endian bytes in Base64."""
    return base64.b64encode(crc.to_bytes(algorithm.bits // 8, "big")).decode("ascii")


@functools.lru_cache(maxsize=128)
def _shift(bits: int, polynomial: int, length: int) -> int:
    """x to the power of 8 * length, modulo the polynomial: what appending ``length`` zero bytes multiplies by."""
    power = 1 << (bits - 1)
    square = 1 << (bits - 2)
    exponent = 8 * length
    while exponent:
        if exponent & 1:
            power = _multiply(bits, polynomial, square, power)
        square = _multiply(bits, polynomial, square, square)
        exponent >>= 1
    return power


def _multiply(bits: int, polynomial: int, left: int, right: int) -> int:
    """The product of two reflected polynomials over GF(2), modulo ``polynomial``; the top bit stands for 1."""
    product = 0
    mask = 1 << (bits - 1)
    while mask:
        if left & mask:
            product ^= right
        mask >>= 1
        right = (right >> 1) ^ (polynomial if right & 1 else 0)
    return product
