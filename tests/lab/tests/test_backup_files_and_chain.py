# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the files under a prefix are told apart, put in order, and made a chain."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from lab.aws.backup_chain import ChainError, Checkpoints, order, parse_checkpoints, refuse_unsupported
from lab.aws.backup_files import BackupFiles, BackupFilesError, BackupFormat, follows, in_natural_order
from lab.aws.backup_files import classify as classify_files


def classify(keys: Iterable[str]) -> BackupFiles:
    """The plan for keys that are far from any limit."""
    return classify_files(keys, 1000)


def test_parts_come_in_the_order_of_their_numbers() -> None:
    # GNU split counts 89, then 9000: both numbers and letters keep that order.
    wanted = [f"b.xbstream{number:02}" for number in range(90)] + [
        f"b.xbstream{number}" for number in range(9000, 9020)
    ]
    shuffled = random.Random(7).sample(wanted, len(wanted))
    assert in_natural_order(shuffled) == wanted == sorted(wanted)
    assert list(classify(shuffled).streams[0].parts) == wanted
    narrow = [f"b.tar{number}" for number in range(1, 12)]
    assert list(classify(random.Random(7).sample(narrow, len(narrow))).streams[0].parts) == narrow


@pytest.mark.parametrize(
    ("previous", "number", "expected"),
    [
        ("00", "01", True),
        ("9", "10", True),
        ("89", "90", True),
        ("89", "9000", True),
        ("9899", "990000", True),
        ("998999", "99900000", True),
        ("00", "02", False),
        ("01", "01", False),
        ("88", "9000", False),
        ("89", "9001", False),
        ("9", "9000", False),
    ],
)
def test_a_part_follows_another_by_one_or_as_split_widens_its_numbers(
    previous: str, number: str, expected: bool
) -> None:
    assert follows(number, previous) is expected


@pytest.mark.parametrize("parts", [["02", "03"], ["00", "02"], ["", "01"], ["00", "0"], ["5"]])
def test_a_part_that_is_missing_is_noticed(parts: list[str]) -> None:
    with pytest.raises(BackupFilesError, match="A part of the backup is missing before"):
        classify(f"p/b.tar{part}" for part in parts)


def test_names_of_different_kinds_compare() -> None:
    assert in_natural_order(["a/x", "a/1", "1", "a", "a/02", "a/2"]) == ["1", "a", "a/1", "a/02", "a/2", "a/x"]


@pytest.mark.parametrize(
    ("keys", "format_", "streams"),
    [
        (["p/ibdata1", "p/shop/order.ibd", "p/"], BackupFormat.TREE, []),
        (["p/a.xbstream00", "p/a.xbstream01", "p/b/b.xbstream"], BackupFormat.XBSTREAM, ["p/a", "p/b/b"]),
        (["p/1/a.tar0", "p/2/a.tar0", "p/2/a.tar1"], BackupFormat.TAR, ["p/1/a", "p/2/a"]),
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


def test_two_streams_do_not_lie_in_one_directory() -> None:
    with pytest.raises(BackupFilesError, match="'p' holds the parts of more than one stream: a, b"):
        classify(["p/a.xbstream00", "p/b.xbstream00"])


@pytest.mark.parametrize(
    ("name", "word"), [("p/t.ibd.qp", "compressed"), ("p/t.ibd.zst", "compressed"), ("p/t.ibd.xbcrypt", "encrypted")]
)
def test_what_the_tool_has_compressed_or_encrypted_is_refused(name: str, word: str) -> None:
    with pytest.raises(BackupFilesError, match=word):
        classify(["p/xtrabackup_checkpoints", name])


def test_there_is_a_limit_of_files() -> None:
    keys = [f"p/{number}" for number in range(5)]
    assert len(classify_files(keys, 5).keys) == 5
    with pytest.raises(BackupFilesError, match="The limit is 4 files"):
        classify_files(keys, 4)


@pytest.mark.parametrize("keys", [[], ["p/", "p/folder/"]])
def test_an_empty_prefix_is_no_backup(keys: list[str]) -> None:
    with pytest.raises(BackupFilesError, match="No backup files"):
        classify(keys)


def backup(name: str, from_lsn: int, to_lsn: int, kind: str = "") -> Checkpoints:
    """One backup; full when it starts at 0."""
    return Checkpoints(name, kind or ("incremental" if from_lsn else "full-backuped"), from_lsn, to_lsn, to_lsn)


def test_increments_are_ordered_by_lsn_and_not_by_name() -> None:
    chain = [backup("z", 0, 100), backup("b", 100, 250), backup("a", 250, 300)]
    assert order(random.Random(3).sample(chain, len(chain))) == chain


def test_increments_without_a_checkpoint_between_them_are_ordered_by_their_logs() -> None:
    chain = [
        Checkpoints("z", "full-backuped", 0, 100, 120),
        Checkpoints("y", "incremental", 100, 100, 150),
        Checkpoints("x", "incremental", 100, 100, 180),
        Checkpoints("w", "incremental", 100, 250, 260),
    ]
    for seed in range(10):
        assert order(random.Random(seed).sample(chain, len(chain))) == chain


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
    assert parse_checkpoints(text, "here") == Checkpoints("here", "full-backuped", 0, 159689, 159705)
    with pytest.raises(ChainError, match="damaged"):
        parse_checkpoints(text.replace("to_lsn", "t_lsn"), "here")
    with pytest.raises(ChainError, match="damaged"):
        parse_checkpoints(text.replace("159689", "many"), "here")


@pytest.mark.parametrize("line", ["partial = Y", "encrypted = Y", "compressed = Y", "compressed = compressed"])
def test_what_the_tool_says_of_itself_is_read(line: str) -> None:
    info = "tool_name = xtrabackup\npartial = N\ncompressed = N\nencrypted = N\n"
    refuse_unsupported(info, "here")
    with pytest.raises(ChainError, match=f"here is {line.split()[0]}"):
        refuse_unsupported(info + line + "\n", "here")
