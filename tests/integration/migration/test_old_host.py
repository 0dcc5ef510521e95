# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database host with Python 3.6, which ansible-core 2.16 is the last to reach: backup and upload run on it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def old_host(old_python, tmp_path: Path) -> Path:
    """An inventory to lay over the lab's: the source's interpreter is the old one."""
    overlay = tmp_path / "old-host.ini"
    overlay.write_text(f"[mysql_sources]\nsource ansible_python_interpreter='{old_python}' upload_python=''\n")
    return overlay


def test_backup_and_upload(playbook, lab, old_host, tmp_path):
    work = tmp_path / "work"
    variables = {"migration_id": "old-host", "migration_work_dir": str(work)}
    first = playbook("backup", "-i", str(old_host), "--limit", "source", **variables).succeeded()
    assert first.recap("source")["changed"] > 0
    venv = next(work.rglob("bin/python"))
    version = subprocess.check_output([venv, "-c", "import sys; print(sys.version_info[:2])"], text=True)
    assert version == "(3, 6)\n"
    backup, upload = lab.document("old-host", "backup"), lab.document("old-host", "upload")
    assert (upload["objects"], upload["bytes"]) == (backup["files"], backup["bytes"])
    assert sum(lab.objects("old-host/backup/").values()) == backup["bytes"]
    again = playbook("backup", "-i", str(old_host), "--limit", "source", **variables).succeeded()
    assert again.recap("source")["changed"] == 0
