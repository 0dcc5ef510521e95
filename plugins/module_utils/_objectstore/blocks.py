# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""How large the blocks of a streamed object are, and how many of them the memory holds; pure."""

from .errors import ObjectStoreError
from .plan import MAX_PARTS, MIB, part_size_for

# Bytes of an upload's part.
_BLOCK_BYTES = 16 * MIB

DEFAULT_MEMORY_MIB = 160
"""The largest number of senders, and a block that is being filled."""
LEAST_MEMORY_MIB = 32
"""A block that is sent, and one that is being filled."""


def block_bytes_for(object_size: int) -> int:
    """Bytes of a block of an object that may have ``object_size`` bytes, of which S3 takes 10,000."""
    return part_size_for(object_size, _BLOCK_BYTES)


def senders_for(object_size: int, wanted: int, memory: int) -> int:
    """How many blocks are sent at the same time: as many as are wanted, fewer where the memory has no room for them.

    A block is in memory until S3 has it, because a stream cannot be read again.

    :param object_size: bytes of every object but the last.
    :param memory: bytes for all blocks together.
    :raises ObjectStoreError: ``objectstore.block_too_large``: there is no room for one that is sent and one that is
        filled.
    """
    block = min(block_bytes_for(object_size), object_size)
    if 2 * block > memory:
        raise ObjectStoreError(
            "Parts of {0} bytes are too large to be streamed with {1} MiB of memory for blocks: S3 takes 10,000 blocks "
            "an object, each would have {2} MiB, and one is filled while another is sent.".format(
                object_size, memory // MIB, block // MIB
            ),
            error_id="objectstore.block_too_large",
            remedy="Give a part_size of {0}GiB at most, let block_memory_mib be {1}, or stage the backup on a "
            "disk.".format(memory // (2 * MIB) * MAX_PARTS // 1024, -(-2 * block // MIB)),
        )
    return min(wanted, memory // block - 1)
