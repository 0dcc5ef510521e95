# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytecode of zip files is kept and found by what the source says; nothing but a process's time depends on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

SETUP = Path(__file__).resolve().parents[1] / "setup"
# Tells what an import out of the zip file compiled, what came of it, and the file that a traceback would name.
IMPORT = """
import json, sys
import zip_bytecode
compiled = []
sys.addaudithook(lambda event, args: compiled.append(str(args[1])) if event == "compile" else None)
sys.path.insert(0, sys.argv[1])
import cargo
print(json.dumps([any("cargo" in name for name in compiled), cargo.answer(), cargo.answer.__code__.co_filename]))
"""


def imported(archive: Path, **variables: str) -> list[Any]:
    """Import ``cargo`` out of *archive* in a process of its own: whether it was compiled, its answer, its file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    output = subprocess.check_output(
        [sys.executable, "-c", IMPORT, str(archive)],
        env={**environment, "PYTHONPATH": str(SETUP), **variables},
        text=True,
    )
    return json.loads(output)


def packed(archive: Path, answer: int) -> Path:
    archive.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("cargo.py", f"def answer():\n    return {answer}\n")
    return archive


def test_the_same_source_in_another_zip_file_is_not_compiled_again(tmp_path: Path) -> None:
    first, second = (packed(tmp_path / name / "payload.zip", 42) for name in "ab")
    prefix = str(tmp_path / "pycache")
    assert imported(first, PYTHONPYCACHEPREFIX=prefix) == [True, 42, str(first / "cargo.py")]
    assert imported(second, PYTHONPYCACHEPREFIX=prefix) == [False, 42, str(second / "cargo.py")]


def test_another_source_of_the_same_name_is_compiled(tmp_path: Path) -> None:
    prefix = str(tmp_path / "pycache")
    archive = packed(tmp_path / "payload.zip", 1)
    imported(archive, PYTHONPYCACHEPREFIX=prefix)
    packed(archive, 2)
    assert imported(archive, PYTHONPYCACHEPREFIX=prefix)[:2] == [True, 2]


@pytest.mark.parametrize("content", [b"", b"nonsense", None], ids=["empty", "nonsense", "half"])
def test_a_damaged_file_is_written_anew(tmp_path: Path, content: bytes | None) -> None:
    prefix = tmp_path / "pycache"
    archive = packed(tmp_path / "payload.zip", 42)
    imported(archive, PYTHONPYCACHEPREFIX=str(prefix))
    (kept,) = (path for path in prefix.rglob("zip/*/*") if path.is_file())
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert imported(archive, PYTHONPYCACHEPREFIX=str(prefix))[:2] == [True, 42]
    assert kept.read_bytes() == whole
    assert imported(archive, PYTHONPYCACHEPREFIX=str(prefix))[:2] == [False, 42]


@pytest.mark.parametrize("refused", [{}, {"PYTHONDONTWRITEBYTECODE": "1"}], ids=["no prefix", "none wanted"])
def test_nothing_is_kept_where_it_was_not_asked_for(tmp_path: Path, refused: dict[str, str]) -> None:
    archive = packed(tmp_path / "payload.zip", 42)
    if refused:
        refused["PYTHONPYCACHEPREFIX"] = str(tmp_path / "pycache")
    for _again in range(2):
        assert imported(archive, **refused)[:2] == [True, 42]
    assert list(tmp_path.rglob("*")) == [archive]


def test_where_it_cannot_be_kept_it_is_compiled_each_time(tmp_path: Path) -> None:
    archive = packed(tmp_path / "payload.zip", 42)
    (tmp_path / "pycache").write_text("no folder")
    for _again in range(2):
        assert imported(archive, PYTHONPYCACHEPREFIX=str(tmp_path / "pycache"))[:2] == [True, 42]
