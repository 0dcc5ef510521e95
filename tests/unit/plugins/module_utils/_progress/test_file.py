# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The progress file that a long module replaces."""

import json
import os

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.file import ProgressFile
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.line import parse_snapshot


def test_it_holds_the_newest_phase_and_is_removed_at_the_end(tmp_path):
    path = tmp_path / "progress"
    progress = ProgressFile(str(path))
    progress.update("copying", done=1, total=10, unit="bytes", detail="ibdata1")
    progress.update("locking")
    assert parse_snapshot(json.loads(path.read_text())).phase == "locking"
    progress.close()
    assert os.listdir(tmp_path) == []


def test_the_same_phase_is_not_written_for_every_block(tmp_path):
    path = tmp_path / "progress"
    progress = ProgressFile(str(path))
    for done in range(1000):
        progress.update("copying", done=done)
    assert json.loads(path.read_text())["done"] == 0


def test_nothing_is_written_without_a_path(tmp_path):
    progress = ProgressFile(None)
    progress.update("copying")
    progress.close()
    assert os.listdir(tmp_path) == []


def test_a_link_that_someone_laid_out_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path = tmp_path / "progress"
    os.symlink(victim, f"{path}.new")
    progress = ProgressFile(str(path))
    progress.update("copying")
    progress.update("locking")
    assert victim.read_text() == "precious"
    assert not path.exists()


def test_a_directory_that_is_not_there_costs_nothing(tmp_path):
    progress = ProgressFile(str(tmp_path / "missing" / "progress"))
    progress.update("copying")
    progress.close()
    assert os.listdir(tmp_path) == []
