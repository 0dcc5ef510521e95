# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups found in generated trees: any depth, any names, any order of the parts."""

from __future__ import annotations

import io
import os
import shutil
import socket
import struct
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.adopt import adopt
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.discover import discover
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.strays import SECRET_FILES
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
    replica = b"CHANGE MASTER TO MASTER_LOG_FILE='binlog.000003', MASTER_LOG_POS=1058 FOR CHANNEL 'eu';\n"
    stream = pack(
        {
            "shop/orders.ibd": data or b"x",
            **own_files(0, 0, 77),
            "xtrabackup_slave_info": replica,
            "xtrabackup_binlog_info": b"binlog.000009\t4\n",
        }
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
        assert link.info.slave_info == (("eu", "binlog.000003", 1058, ""),)
        assert link.server_uuid.startswith("0d586fde")
        assert (link.files, link.bytes) == (len(parts), len(stream))


@given(st.binary(max_size=300))
def test_nonsense_is_no_stream(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "backup.xbstream").write_bytes(data)
        with pytest.raises(DbferryError, match=r"chain\.incomplete"):
            discover(directory, SILENT, GO_ON)


@pytest.mark.parametrize("kind", ["link", "link to a directory", "socket", "fifo"])
@pytest.mark.parametrize("place", [".", "full", "full/shop"])
def test_what_s3_cannot_hold_is_refused_before_anything_is_sent(tmp_path: Path, kind: str, place: str) -> None:
    write_tree(tmp_path / "full", own_files(0, 0, 5))
    path = tmp_path / place / "latest"
    if kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            # The path of a socket is bounded, and a test's directory may be deep.
            here = os.open(path.parent, os.O_PATH)
            made.bind(f"/proc/self/fd/{here}/latest")
            os.close(here)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / "full" if "directory" in kind else tmp_path / "full" / "ibdata1")
    with pytest.raises(DbferryError, match=rf"chain\.special_file.*{path} is a") as caught:
        discover(str(tmp_path), SILENT, GO_ON)
    assert "Move it away" in caught.value.remedy


def test_the_directory_itself_may_be_a_link(tmp_path: Path) -> None:
    write_tree(tmp_path / "2026", own_files(0, 0, 5))
    (tmp_path / "latest").symlink_to("2026")
    assert len(discover(str(tmp_path / "latest"), SILENT, GO_ON).links) == 1


@pytest.mark.parametrize("name", [".my.cnf", ".MYLOGIN.CNF", "client-key.pem", "backup.key", "id_ed25519", "keyring"])
@pytest.mark.parametrize("place", [".", "full", "scripts"])
def test_files_of_logins_and_keys_are_refused(tmp_path: Path, name: str, place: str) -> None:
    write_tree(tmp_path / "full", own_files(0, 0, 5))
    (tmp_path / "scripts").mkdir()
    (tmp_path / place / name).write_text("secret")
    with pytest.raises(DbferryError, match=rf"chain\.secret_file.*/{name} ") as caught:
        discover(str(tmp_path), SILENT, GO_ON)
    assert "*.pem" in caught.value.remedy


def test_the_names_that_are_refused_are_told() -> None:
    readme = Path(__file__).parents[5] / "roles" / "backup" / "README.md"
    told = readme.read_text(encoding="utf-8")
    assert [pattern for pattern in SECRET_FILES if f"`{pattern}`" not in told] == []


def test_tables_with_the_names_of_keys_are_none(tmp_path: Path) -> None:
    names = ("api_key.ibd", "keyring.ibd", "pem.frm", "id_rsa.MYD", "key@002epem.ibd")
    write_tree(tmp_path, {**own_files(0, 0, 5), **{f"keyring/{name}": b"rows" for name in names}})
    assert len(discover(str(tmp_path), SILENT, GO_ON).links) == 1


def test_what_belongs_to_no_backup_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path / "full", own_files(0, 0, 5))
    assert adopt(str(tmp_path), SILENT, GO_ON).warning == ""
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "logs").mkdir()
    for number in range(30):
        (tmp_path / "logs" / f"{number:02d}.log").write_text("completed OK!")
    found = adopt(str(tmp_path), SILENT, GO_ON)
    assert found.others.files == 31
    assert found.other_names == ["run.sh", *(f"logs/{number:02d}.log" for number in range(19))]
    assert "31 files" in found.warning
    assert "are sent to S3" in found.warning
    assert found.warning.endswith("run.sh, " + ", ".join(found.other_names[1:]) + ", 11 more.")
    assert "stay behind" in adopt(str(tmp_path), SILENT, GO_ON, most_files=30).warning


class Tidying(ProgressFile):
    """Something that removes a file or a directory once the looking has begun."""

    def __init__(self, gone: list[Path]) -> None:
        super().__init__(None)
        self._gone = gone

    def update(self, *_args: object, **_kwargs: object) -> None:
        while self._gone:
            path = self._gone.pop()
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_what_vanishes_meanwhile_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path / "full", own_files(0, 0, 5))
    rotated = tmp_path / "z-logs"
    (rotated / "old").mkdir(parents=True)
    (rotated / "old" / "x.log").write_text("x")
    assert discover(str(tmp_path), Tidying([rotated]), GO_ON).others.files == 0
    # A file that goes between the listing of its directory and the look at it.
    log = tmp_path / "run.log"
    log.write_text("x")
    listed = os.walk

    def walk(*args, **kwargs):
        for each in listed(*args, **kwargs):
            log.unlink(missing_ok=True)
            yield each

    monkeypatch.setattr(os, "walk", walk)
    assert discover(str(tmp_path), SILENT, GO_ON).others.files == 0


NOBODY = 65534


@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_a_directory_that_cannot_be_read_is_not_left_out(mode: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        root.chmod(0o755)
        for number, name in enumerate(["full", "inc1", "inc2"]):
            write_tree(root / name, own_files(number, 10 * number, 10 * number + 10))
        if os.geteuid() == 0:
            for path in [*root.rglob("*")]:
                os.chown(path, NOBODY, -1)
        (root / "inc2").chmod(mode)
        before = os.geteuid()
        try:
            if before == 0:
                os.seteuid(NOBODY)
            with pytest.raises(DbferryError, match=rf"chain\.unreadable.*{root}/inc2.*may hold a backup") as caught:
                discover(str(root), SILENT, GO_ON)
        finally:
            os.seteuid(before)
            (root / "inc2").chmod(0o755)
    assert "become" in caught.value.remedy


PACKED = [
    ("xtrabackup_info.qp", "compressed"),
    ("xtrabackup_info.lz4", "compressed"),
    ("xtrabackup_info.zst", "compressed"),
    ("xtrabackup_info.xbcrypt", "encrypted"),
    ("xtrabackup_info.zst.xbcrypt", "encrypted"),
]


@pytest.mark.parametrize(("packed", "kind"), PACKED)
@pytest.mark.parametrize("form", ["directory", "xbstream", "tar"])
def test_a_backup_that_the_tool_has_packed_is_told_by_what_it_is(
    tmp_path: Path, packed: str, kind: str, form: str
) -> None:
    files = own_files(0, 0, 5)
    files[packed] = files.pop("xtrabackup_info")
    if form == "directory":
        write_tree(tmp_path / "full", files)
    else:
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / f"backup.{form}").write_bytes({"xbstream": xbstream, "tar": tar}[form](files))
    with pytest.raises(DbferryError, match=rf"{tmp_path}/full .*{packed}") as caught:
        discover(str(tmp_path), SILENT, GO_ON)
    assert caught.value.error_id == f"chain.{kind}"
    assert caught.value.details == {"backups": ["full"]}


def test_a_compressed_backup_with_its_plain_facts_beside_can_be_tried(tmp_path: Path) -> None:
    files = own_files(0, 0, 5)
    files["xtrabackup_info"] = files["xtrabackup_info"].replace(b"compressed = N", b"compressed = compressed")
    write_tree(tmp_path, {**files, "xtrabackup_info.zst": b"packed"})
    with pytest.raises(DbferryError, match=r"chain\.compressed"):
        adopt(str(tmp_path), SILENT, GO_ON)
    assert len(adopt(str(tmp_path), SILENT, GO_ON, allow_compress=True).backup["chain"]) == 1


@pytest.mark.parametrize("name", ["ibdata1", "ibdata1.qp", "backup-my.cnf.zst.xbcrypt"])
def test_half_a_backup_is_told_though_it_is_packed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(DbferryError, match=r"chain\.incomplete"):
        discover(str(tmp_path), SILENT, GO_ON)


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
