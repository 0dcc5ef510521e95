# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which gzip is taken, and that it works on all cores; programs of the test's own stand where the host's would be."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Callable

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup import compressor
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._errors import DbferryError

WORKS = f"#!{sys.executable}\nimport gzip, sys\nsys.stdout.buffer.write(gzip.compress(sys.stdin.buffer.read()))\n"
# As an igzip before 2.26, which knows no -T.
OLD = "#!/bin/sh\necho 'invalid option' >&2; exit 1\n"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A host that has programs of these names and contents, and no other igzip or pigz."""

    def have(**programs: str) -> None:
        for name, script in programs.items():
            (tmp_path / name).write_text(script)
            (tmp_path / name).chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(compressor, "DIRECTORIES", ())
    return have


@pytest.mark.parametrize(
    ("programs", "name", "threads"),
    [
        ({"igzip": WORKS, "pigz": WORKS}, "igzip", "-T"),
        ({"igzip": OLD, "pigz": WORKS}, "pigz", "-p"),
        ({"pigz": WORKS}, "pigz", "-p"),
    ],
    ids=["both", "old-igzip", "pigz-alone"],
)
def test_the_faster_one_that_works_gets_all_cores(
    host: Callable[..., None], tmp_path: Path, programs: dict[str, str], name: str, threads: str
) -> None:
    host(**programs)
    cores = str(len(os.sched_getaffinity(0)))
    assert compressor.gzip_command() == [str(tmp_path / name), "-1", threads, cores, "-c"]


def test_without_one_that_works_the_packages_are_named(host: Callable[..., None]) -> None:
    host(igzip=OLD)
    assert compressor.find_gzip() is None
    with pytest.raises(DbferryError, match=r"host\.gzip_missing.*isal.*pigz"):
        compressor.gzip_command()
