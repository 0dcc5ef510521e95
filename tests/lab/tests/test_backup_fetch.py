# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How streams are fed to the unpacker: as they come, and no further than it wants them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.aws.backup_fetch import fetch
from lab.aws.backup_files import BackupFilesError, classify

BLOCK = 1 << 16
BLOCKS_A_PART = 50
FILES = classify([f"p/b.xbstream{number:02}" for number in range(20)], 1000)


class Bucket:
    """Parts that exist only while they are read."""

    def __init__(self) -> None:
        self.read_blocks = 0

    def read(self, _key: str) -> Iterator[bytes]:
        """The blocks of one part."""
        for _block in range(BLOCKS_A_PART):
            self.read_blocks += 1
            yield bytes(BLOCK)


def test_all_parts_reach_the_unpacker_in_one_stream(tmp_path: Path) -> None:
    bucket = Bucket()
    fetch(FILES, "p/", bucket.read, tmp_path / "root", ["sh", "-c", "wc -c > {directory}/size"])
    assert int((tmp_path / "root/size").read_text()) == BLOCK * BLOCKS_A_PART * 20
    assert bucket.read_blocks == BLOCKS_A_PART * 20


def test_nothing_is_read_that_the_unpacker_does_not_take(tmp_path: Path) -> None:
    bucket = Bucket()
    give_up = ["sh", "-c", f"head -c {5 * BLOCK} >/dev/null; echo the stream is damaged; exit 3"]
    with pytest.raises(BackupFilesError, match="sh failed with status 3: the stream is damaged"):
        fetch(FILES, "p/", bucket.read, tmp_path / "root", give_up)
    # What head took (it reads more than it wants), what lies in the pipe, and the block that did not go in.
    assert bucket.read_blocks <= 5 + 3


def test_a_bucket_that_breaks_off_ends_the_unpacker(tmp_path: Path) -> None:
    def broken(_key: str) -> Iterator[bytes]:
        yield bytes(BLOCK)
        raise OSError("the connection is gone")

    with pytest.raises(OSError, match="the connection is gone"):
        fetch(FILES, "p/", broken, tmp_path / "root", ["cat"])


def test_a_stream_is_unpacked_where_its_parts_lie(tmp_path: Path) -> None:
    files = classify(["p/full/b.xbstream0", "p/inc/2026-11-17/b.xbstream0"], 1000)
    keep = ["sh", "-c", "cat > {directory}/unpacked"]
    fetch(files, "p/", lambda key: iter([key.encode()]), tmp_path / "root", keep)
    assert (tmp_path / "root/full/unpacked").read_text() == "p/full/b.xbstream0"
    assert (tmp_path / "root/inc/2026-11-17/unpacked").read_text() == "p/inc/2026-11-17/b.xbstream0"


def test_no_key_leaves_the_directory(tmp_path: Path) -> None:
    with pytest.raises(BackupFilesError, match="leaves the backup's directory"):
        fetch(classify(["p/../../x"], 1000), "p/", lambda _key: iter([b"x"]), tmp_path / "root", ["true"])
