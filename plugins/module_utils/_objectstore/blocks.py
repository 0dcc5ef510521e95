# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""How large the blocks of a streamed object are, and how many of them the memory holds; pure."""

from .errors import ObjectStoreError
from .plan import MIB, part_size_for

# Bytes of an upload's part.
_BLOCK_BYTES = 16 * MIB
# Memory for data: the blocks that are sent, and one that is being filled.
BLOCK_MEMORY = 160 * MIB
_LARGEST_BLOCK = BLOCK_MEMORY // 2


def block_bytes_for(object_size: int) -> int:
    """Bytes of a block of an object that may have ``object_size`` bytes, of which S3 takes 10,000."""
    return part_size_for(object_size, _BLOCK_BYTES)


def senders_for(object_size: int, wanted: int) -> int:
    """How many blocks are sent at the same time: as many as are wanted, fewer where the memory has no room for them.

    :param object_size: bytes of every object but the last.
    :raises ObjectStoreError: ``objectstore.block_too_large``: there is no room for one that is sent and one that is
        filled.
    """
    block = min(block_bytes_for(object_size), object_size)
    if block > _LARGEST_BLOCK:
        raise ObjectStoreError(
            "Parts of {0} bytes are too large to be streamed: S3 takes 10,000 blocks an object, each would have {1} "
            "MiB, and {2} MiB of memory have no room for two.".format(object_size, block // MIB, BLOCK_MEMORY // MIB),
            error_id="objectstore.block_too_large",
            remedy="Give a part_size of 781GiB at most, or stage the backup on a disk.",
        )
    return min(wanted, BLOCK_MEMORY // block - 1)
