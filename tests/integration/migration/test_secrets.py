# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for secrets finds them as they would leak: quoted."""

from __future__ import annotations

import html
import json
import shlex
import time
from pathlib import Path

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._backup.option_file import quote

from ..backup.conftest import BACKUP_PASSWORD
from .secrets import ProcessWatch, in_files, in_text

# As the lab makes them.
PASSWORD = "qQ3_x-81kd0Zr7vW5tYb#'x"


def in_an_option_file(password: str) -> str:
    return quote("password", password)


def in_sql(password: str) -> str:
    return password.replace("\\", "\\\\").replace("'", "''")


@pytest.mark.parametrize("password", [PASSWORD, BACKUP_PASSWORD])
@pytest.mark.parametrize("written", [str, shlex.quote, html.escape, json.dumps, in_an_option_file, in_sql])
def test_a_planted_secret_is_found_however_it_is_quoted(password, written, tmp_path):
    (tmp_path / "log").write_text(f"password={written(password)}\n")
    assert in_files([password], tmp_path) == in_files([password], tmp_path / "log") == [str(tmp_path / "log")]
    assert in_text([password], (tmp_path / "log").read_text()) == [password]
    assert in_files(["another-word-8713"], tmp_path) == []


def test_a_secret_in_a_file_that_passes_is_seen(tmp_path):
    leak = Path(f"/tmp/.dbferry-progress-{tmp_path.name}")
    leak.write_text(json.dumps(PASSWORD))
    try:
        with ProcessWatch([PASSWORD]) as watch:
            deadline = time.monotonic() + 30
            while not watch.seen and time.monotonic() < deadline:
                time.sleep(0.05)
    finally:
        leak.unlink()
    assert watch.seen == {f"file {leak}"}
