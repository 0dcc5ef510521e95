# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the files under a prefix are told apart, put in order, and made a chain."""

from __future__ import annotations

import random

import pytest
from lab.aws.backup_chain import ChainError, Checkpoints, order, parse_checkpoints
from lab.aws.backup_files import BackupFilesError, BackupFormat, classify, in_natural_order


def test_parts_come_in_the_order_of_their_numbers() -> None:
    # GNU split counts 89, then 9000: both numbers and letters keep that order.
    wanted = ["b.xbstream00", "b.xbstream9", "b.xbstream10", "b.xbstream89", "b.xbstream9000", "b.xbstream9001"]
    shuffled = random.Random(7).sample(wanted, len(wanted))
    assert in_natural_order(shuffled) == wanted
    assert list(classify(shuffled).streams[0].parts) == wanted


def test_names_of_different_kinds_compare() -> None:
    assert in_natural_order(["a/x", "a/1", "1", "a", "a/02", "a/2"]) == ["1", "a", "a/1", "a/02", "a/2", "a/x"]


@pytest.mark.parametrize(
    ("keys", "format_", "streams"),
    [
        (["p/ibdata1", "p/shop/order.ibd", "p/"], BackupFormat.TREE, []),
        (["p/a.xbstream00", "p/a.xbstream01", "p/b.xbstream"], BackupFormat.XBSTREAM, ["p/a", "p/b"]),
        (["p/a.tar"], BackupFormat.TAR, ["p/a"]),
        (["p/a.tar.gz00", "p/a.tar.gz01"], BackupFormat.TAR_GZ, ["p/a"]),
        (["p/full.gz"], BackupFormat.TAR_GZ, ["p/full"]),
    ],
)
def test_the_extension_chooses_the_reader(keys: list[str], format_: BackupFormat, streams: list[str]) -> None:
    files = classify(keys)
    assert (files.format, [stream.name for stream in files.streams]) == (format_, streams)


def test_a_mix_of_formats_fails_in_the_words_of_the_service() -> None:
    with pytest.raises(BackupFilesError, match="does not look like a tar archive"):
        classify(["p/a.tar00", "p/manifest.json"])


@pytest.mark.parametrize("keys", [[], ["p/", "p/folder/"]])
def test_an_empty_prefix_is_no_backup(keys: list[str]) -> None:
    with pytest.raises(BackupFilesError, match="No backup files"):
        classify(keys)


def backup(name: str, from_lsn: int, to_lsn: int, kind: str = "") -> Checkpoints:
    """One backup; full when it starts at 0."""
    return Checkpoints(name, kind or ("incremental" if from_lsn else "full-backuped"), from_lsn, to_lsn)


def test_increments_are_ordered_by_lsn_and_not_by_name() -> None:
    chain = [backup("z", 0, 100), backup("c", 100, 100), backup("b", 100, 250), backup("a", 250, 300)]
    del chain[1]
    assert order(random.Random(3).sample(chain, len(chain))) == chain


@pytest.mark.parametrize(
    ("backups", "reason"),
    [
        ([], "was not found"),
        ([backup("a", 100, 200)], "0 full backups"),
        ([backup("a", 0, 100), backup("b", 0, 200)], "2 full backups"),
        ([backup("a", 0, 100), backup("b", 101, 200)], "No incremental backup starts at LSN 100"),
        ([backup("a", 0, 100), backup("b", 100, 200), backup("c", 100, 300)], "2 incremental backups start"),
        ([backup("a", 0, 100, "full-prepared")], "full-prepared"),
    ],
)
def test_what_is_not_one_chain_is_refused(backups: list[Checkpoints], reason: str) -> None:
    with pytest.raises(ChainError, match=reason):
        order(backups)


def test_checkpoints_are_read_as_the_tool_writes_them() -> None:
    text = "backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 159689\nlast_lsn = 159705\nrecover_binlog_info = 0\n"
    assert parse_checkpoints(text, "here") == Checkpoints("here", "full-backuped", 0, 159689)
    with pytest.raises(ChainError, match="damaged"):
        parse_checkpoints(text.replace("to_lsn", "t_lsn"), "here")
    with pytest.raises(ChainError, match="damaged"):
        parse_checkpoints(text.replace("159689", "many"), "here")
