# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a tree from a real file system."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.errors import ObjectStoreError
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.plan import (
    MIB,
    PlannedObject,
    plan_objects,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._objectstore.tree import read_blocks, scan_tree


def plan_of(root: Path) -> dict[str, PlannedObject]:
    return {each.path: each for each in plan_objects(scan_tree(str(root)), "p/", 8 * MIB)}


def test_regular_files_of_all_depths_and_names_are_found(tmp_path: Path) -> None:
    names = ["ibdata1", "db1/t 1.ibd", "db1/new\nline", "dé/a/b/c", "db1/@0024.frm", "-rf", "empty", "tab\t%2F&+"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if name == "empty" else name.encode())
    (tmp_path / "db2").mkdir()
    found = plan_of(tmp_path)
    assert sorted(found) == sorted(names)
    assert found["empty"].size == 0
    assert found["db1/new\nline"].size == len("db1/new\nline")


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"1")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")).write_bytes(b"1")
    with pytest.raises(ObjectStoreError, match=r"caf\\xe9") as caught:
        list(scan_tree(str(tmp_path)))
    assert caught.value.error_id == "objectstore.name_undecodable"


@pytest.mark.parametrize("kind", ["symbolic link", "socket", "FIFO"])
def test_what_is_no_regular_file_is_refused(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good").write_bytes(b"1")
    if kind == "symbolic link":
        Path("odd").symlink_to("good")
    elif kind == "FIFO":
        os.mkfifo("odd")
    else:
        # bound by its relative name: a socket's path may have 107 bytes, pytest's directories are longer
        listener = socket.socket(socket.AF_UNIX)
        request.addfinalizer(listener.close)
        listener.bind("odd")
    with pytest.raises(ObjectStoreError, match=f"'odd' is a {kind}") as caught:
        list(scan_tree(str(tmp_path)))
    assert caught.value.error_id == "objectstore.special_file"


def test_a_source_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    for root in (tmp_path / "file", tmp_path / "nowhere"):
        with pytest.raises(ObjectStoreError) as caught:
            list(scan_tree(str(root)))
        assert caught.value.error_id == "objectstore.source"


def test_any_range_is_read(tmp_path: Path) -> None:
    data = os.urandom(70_000)
    (tmp_path / "f").write_bytes(data)
    planned = plan_of(tmp_path)["f"]
    buffer = memoryview(bytearray(30_000))
    assert b"".join(read_blocks(str(tmp_path), planned, 40_000, 30_000, buffer)) == data[40_000:]
    # several blocks that stay side by side, and a buffer that is filled again and again
    for size, at_once in ((30_000, 7_000), (10_000, 0), (10_000, 3_000)):
        blocks = read_blocks(str(tmp_path), planned, 7, 29_000, buffer[:size], at_once)
        assert b"".join(map(bytes, blocks)) == data[7:29_007]
    list(read_blocks(str(tmp_path), planned, 7, 29_000, buffer, 7_000))
    assert buffer[:29_000] == data[7:29_007]


def read_all(root: Path, planned: PlannedObject) -> bytes:
    return b"".join(read_blocks(str(root), planned, 0, planned.size, memoryview(bytearray(100))))


def _append(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"x")


def _overwrite(path: Path) -> None:
    path.write_bytes(b"y" * 100)
    os.utime(path, ns=(1, 1))


def _replace(path: Path) -> None:
    state = path.stat()
    fresh = path.with_name("fresh")
    fresh.write_bytes(b"z" * 100)
    os.utime(fresh, ns=(state.st_atime_ns, state.st_mtime_ns))
    fresh.rename(path)


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("change", [_append, lambda path: os.truncate(path, 50), _overwrite, _replace, Path.unlink])
def test_a_file_that_changed_since_the_scan_is_noticed(tmp_path: Path, change: object) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100)
    planned = plan_of(tmp_path)["f"]
    read_all(tmp_path, planned)
    change(tmp_path / "f")  # type: ignore[operator]
    with pytest.raises(ObjectStoreError, match="'f' changed") as caught:
        read_all(tmp_path, planned)
    assert caught.value.error_id == "objectstore.file_changed"


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100)
    planned = plan_of(tmp_path)["f"]
    _link(tmp_path / "f")
    with pytest.raises(ObjectStoreError, match="'f' cannot be read") as caught:
        read_all(tmp_path, planned)
    assert caught.value.error_id == "objectstore.source"
