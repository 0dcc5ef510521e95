# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as most will have it: built, installed by ansible-galaxy, and run with no configuration beside it."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from .playbook import PlaybookRunner

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tarball(generation, tmp_path) -> Path:
    galaxy = [str(generation.bin / "ansible-galaxy"), "collection", "build"]
    subprocess.run([*galaxy, str(CHECKOUT), "--output-path", str(tmp_path)], check=True, env=generation.environment())
    (path,) = tmp_path.glob("dbferry-aurora_mysql-*.tar.gz")
    return path


def test_the_tarball_holds_what_is_needed_and_no_more(tarball):
    with tarfile.open(tarball) as archive:
        top = {name.split("/")[0] for name in archive.getnames()}
    assert {"plugins", "roles", "playbooks", "meta", "docs", "README.md", "LICENSE", "MANIFEST.json"} <= top
    assert not {name for name in top if name in ("build", "ansible_collections") or name.startswith(".git")}


def test_the_installed_tarball_takes_a_backup(tarball, generation, lab, tmp_path):
    path = tmp_path / "collections"
    nothing = tmp_path / "ansible.cfg"
    nothing.touch()
    environment = {
        **generation.environment(),
        "ANSIBLE_CONFIG": str(nothing),
        "ANSIBLE_COLLECTIONS_PATH": str(path),
        "HOME": str(tmp_path / "home"),
    }
    install = [str(generation.bin / "ansible-galaxy"), "collection", "install", "--no-deps", "-p", str(path)]
    subprocess.run([*install, str(tarball)], check=True, env=environment, cwd=tmp_path)
    (path / "ansible_collections" / "amazon").symlink_to(generation.collections / "ansible_collections" / "amazon")
    runner = PlaybookRunner(environment, generation.playbook, lab.inventory, tmp_path / "home")
    options = {"migration_id": "from-a-tarball", "migration_work_dir": str(tmp_path / "work")}
    runner("backup", "--limit", "source", **options).succeeded()
    assert len(lab.objects("from-a-tarball/backup/")) == lab.document("from-a-tarball", "upload")["objects"]
