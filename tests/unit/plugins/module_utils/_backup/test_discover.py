# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups found in generated trees: any depth, any names, any order of the parts."""

from __future__ import annotations

import io
import struct
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.adopt import adopt
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.discover import discover
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import Stop

SILENT = ProgressFile(None)
GO_ON = Stop()

NAME = st.one_of(
    st.sampled_from(["2026-01-02_03-04-05", "base", "inc", "Sicherung von Jürgen", "week 1", "日曜日", "a.b-c"]),
    st.text(st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12),
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 100)
# Side by side: the last folder tells them apart.
PLACE = st.lists(NAME, max_size=3)


def own_files(number: int, from_lsn: int, to_lsn: int) -> dict[str, bytes]:
    """The tool's own files, as XtraBackup 8.0 writes them."""
    kind = "incremental" if from_lsn else "full-backuped"
    checkpoints = (
        f"backup_type = {kind}\nfrom_lsn = {from_lsn}\nto_lsn = {to_lsn}\nlast_lsn = {to_lsn}\nflushed_lsn = 1\n"
    )
    info = (
        f"uuid = uuid-{number}\nname = \ntool_name = xtrabackup\ntool_command = --backup --password=... --user=b\n"
        "tool_version = 8.0.35-33\nserver_version = 8.0.36\nstart_time = 2026-01-02 03:04:05\n"
        "end_time = 2026-01-02 03:05:05\nbinlog_pos = filename 'binlog.000007', position '157'\n"
        f"innodb_from_lsn = {from_lsn}\ninnodb_to_lsn = {to_lsn}\npartial = N\n"
        f"incremental = {'Y' if from_lsn else 'N'}\n"
        "format = file\ncompressed = N\nencrypted = N\n"
    )
    config = "[mysqld]\nserver_uuid=0d586fde-7c73-11e8-a890-525400486aa0\n"
    return {
        "xtrabackup_checkpoints": checkpoints.encode(),
        "xtrabackup_info": info.encode(),
        "backup-my.cnf": config.encode(),
    }


def write_tree(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in {**files, "ibdata1": b"data", "shop/orders.ibd": b"rows"}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def xbstream(files: dict[str, bytes]) -> bytes:
    """The format as Percona describes it, with every file in chunks of ten bytes, which alternate between the files."""
    rounds = max(len(content) for content in files.values()) // 10 + 1
    stream = b""
    for number in range(rounds):
        for name, content in files.items():
            piece, path = content[number * 10 : number * 10 + 10], name.encode()
            if piece:
                stream += b"XBSTCK01\0P" + struct.pack("<I", len(path)) + path
                stream += struct.pack("<QQI", len(piece), number * 10, 0) + piece
    for name in files:
        stream += b"XBSTCK01\0E" + struct.pack("<I", len(name.encode())) + name.encode()
    return stream


def tar(files: dict[str, bytes]) -> bytes:
    """Members with blocks of zeros between them, as XtraBackup 2.x streams them."""
    stream = b""
    for name, content in files.items():
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        stream += buffer.getvalue()
    return stream


@settings(deadline=None, max_examples=40)
@given(st.lists(PLACE, min_size=1, max_size=4), st.randoms())
def test_a_chain_at_any_depth(places: list[list[str]], chance) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        names = ["/".join([*place, f"backup {number}"]) for number, place in enumerate(places)]
        order = list(range(len(names)))
        chance.shuffle(order)
        for number in order:
            write_tree(root / names[number], own_files(number, 10 * number, 10 * number + 10))
        found = adopt(str(root), SILENT, GO_ON)
        assert [entry["name"] for entry in found.backup["chain"]] == names
        assert all(entry["files"] == 5 for entry in found.backup["chain"])
        assert found.others.files == 0
        assert found.backup["files"] == len([path for path in root.rglob("*") if path.is_file()])


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from([("xbstream", xbstream), ("tar", tar)]),
    st.integers(min_value=32, max_value=400),
    st.binary(max_size=1500),
    PLACE,
)
@example(("xbstream", xbstream), 1, b"x", [])
def test_a_stream_cut_anywhere(kind, part_size: int, data: bytes, place: list[str]) -> None:
    extension, pack = kind
    stream = pack(
        {"shop/orders.ibd": data or b"x", **own_files(0, 0, 77), "xtrabackup_binlog_info": b"binlog.000009\t4\n"}
    )
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory, *place, "full")
        folder.mkdir(parents=True)
        parts = [stream[start : start + part_size] for start in range(0, len(stream), part_size)]
        for number, part in enumerate(parts):
            (folder / f"backup.{extension}{number:05d}").write_bytes(part)
        [link] = discover(directory, SILENT, GO_ON).links
        assert link.form == extension
        assert link.name == "/".join([*place, "full"])
        assert (link.checkpoints.from_lsn, link.checkpoints.to_lsn) == (0, 77)
        assert link.info.binlog == ("binlog.000009", 4, "")
        assert link.server_uuid.startswith("0d586fde")
        assert (link.files, link.bytes) == (len(parts), len(stream))


@given(st.binary(max_size=300))
def test_nonsense_is_no_stream(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "backup.xbstream").write_bytes(data)
        with pytest.raises(DbferryError, match=r"chain\.incomplete"):
            discover(directory, SILENT, GO_ON)


@pytest.mark.parametrize(
    "names",
    [
        ["backup.xbstream"],
        ["backup.xbstream00", "backup.xbstream01"],
        ["backup.xbstream1", "backup.xbstream2"],
        [*(f"backup.xbstream{number:02d}" for number in range(90)), "backup.xbstream9000", "backup.xbstream9001"],
    ],
    ids=["whole", "digits", "from one", "gnu split past 89"],
)
def test_part_names_that_aurora_reads_in_order(tmp_path: Path, names: list[str]) -> None:
    stream = xbstream(own_files(0, 0, 5))
    size = len(stream) // len(names) + 1
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(stream[number * size : (number + 1) * size])
    [link] = discover(str(tmp_path), SILENT, GO_ON).links
    assert link.files == len(names)


@pytest.mark.parametrize(
    ("names", "error_id"),
    [
        (["backup.xbstream00", "backup.xbstream02"], "chain.part_missing"),
        (["backup.xbstream02"], "chain.part_missing"),
        (["backup.xbstream", "backup.xbstream00"], "chain.part_missing"),
        ([f"backup.xbstream{number}" for number in range(11)], "chain.part_order"),
        (["backup.xbstream00", "other.xbstream00"], "chain.several_streams"),
        (["backup.xbstream00", "backup.tar00"], "chain.several_streams"),
        (["backup.xbstream00", "xtrabackup.log"], "chain.mixed_formats"),
    ],
)
def test_part_names_that_it_would_read_wrongly(tmp_path: Path, names: list[str], error_id: str) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(DbferryError, match=error_id.replace(".", r"\.")):
        discover(str(tmp_path), SILENT, GO_ON)
